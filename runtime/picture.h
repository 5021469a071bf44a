// Decodes PNG pictures (ISO/IEC 15948) to bytes: rows from the top, pixels from the left, 1 channel
// (gray), 2 (gray and alpha), 3 (RGB, palettes too) or 4 (RGB and alpha). Less than 8 bits a sample
// are widened; gamma, colour profiles and a palette's transparency are not looked at.
#ifndef NCRT_PICTURE_H
#define NCRT_PICTURE_H

#include "status.h"

#include <stdint.h>

// The widest and highest picture.
#define NCRT_PICTURE_MAX 32768

typedef struct NcrtPicture {
  int64_t height, width, channels;
} NcrtPicture;

// "28x28, RGB"; returns the buffer. 60 bytes hold any.
const char *ncrt_picture_print(char *buffer, size_t size, const NcrtPicture *picture);

// Reads the header. Fails on 16 bits a sample and on more pixels than the bytes can hold.
bool ncrt_picture_header(const char *name, const uint8_t *bytes, size_t size, NcrtPicture *picture,
                         NcrtStatus *status);
// Decodes a picture, which must be as `picture` says, to height * width * channels bytes.
bool ncrt_picture_read(const char *name, const uint8_t *bytes, size_t size,
                       const NcrtPicture *picture, uint8_t *to, NcrtStatus *status);

#endif
