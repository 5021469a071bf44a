// Reads a folder of PNG pictures that lie in a folder for each class. `images` gives the pixels,
// u8[N, height, width, channels], `labels` the number of each picture's class: in the order that
// the reading lists the classes, else in that of the folders' names by bytes.
//
// The pictures come folder by folder and in each by name, by bytes. All have one size and one mode.
// Names that begin with a dot are passed over, as are files beside the class folders that are no
// pictures.
#ifndef NCRT_IMAGES_H
#define NCRT_IMAGES_H

#include "read.h"

bool ncrt_images_read(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
                      NcrtStatus *status);
bool ncrt_labels_read(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
                      NcrtStatus *status);

#endif
