// Pictures on a terminal, in characters.
#ifndef NC_DRIVER_BLOCKS_H
#define NC_DRIVER_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct NcBlockPicture {
  int64_t height, width, channels; // of 2 or 4 channels the last is not shown
  const double *pixels;            // 0 … 1, row-major
  const char *caption;             // cut to the width that there is
} NcBlockPicture;

// Prints pictures side by side, in as many rows as it takes, none wider than `columns`. In colour a
// character is two pixels, one above the other; else it is one of ten that are ever denser.
void nc_blocks_print(FILE *out, const NcBlockPicture *pictures, int count, int columns,
                     bool colour);

#endif
