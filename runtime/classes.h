// Names of the classes that inputs count, kept in checkpoints: a JSON object that has for each such
// input its name and a list of the classes' names by number, {"species":["setosa","virginica"]}.
#ifndef NCRT_CLASSES_H
#define NCRT_CLASSES_H

#include "dataset.h"

// Writes those of a data set; *text is the caller's to free, NULL where no input has any.
bool ncrt_classes_write(const NcrtDataset *dataset, char **text, NcrtStatus *status);
// The names of an input's classes; none if the text, which may be NULL, has none for it.
bool ncrt_classes_read(const char *text, const char *input, NcrtNames *names, NcrtStatus *status);
// Checks that where both have names for an input they are the same.
bool ncrt_classes_check(const NcrtDataset *dataset, const char *text, NcrtStatus *status);

#endif
