// A data set: arrays bound to a program's inputs, row n of each being sample n.
#ifndef NCRT_DATASET_H
#define NCRT_DATASET_H

#include "abi.h"
#include "idx.h"

typedef struct NcrtBound {
  int input; // number of the program's input
  NcrtArray array;
  int64_t row_bytes;
} NcrtBound;

typedef struct NcrtDataset {
  const NcrtProgram *program;
  int count;
  NcrtBound *bound;
  int64_t rows; // 0 before the first array is bound
} NcrtDataset;

void ncrt_dataset_open(NcrtDataset *dataset, const NcrtProgram *program);
void ncrt_dataset_close(NcrtDataset *dataset);

// Reads an idx file and binds it to an input, in place of what was bound to it. The element type
// must be the input's; the first dimension is that of the samples; the others may be grouped in
// another way, as under a `reshape`, but must be as many elements as a sample of the input has. All
// arrays must have the same number of rows.
bool ncrt_dataset_bind_idx(NcrtDataset *dataset, int input, const char *path, NcrtStatus *status);
// The same for an array in memory, which the data set owns from now on, also if this fails.
bool ncrt_dataset_bind(NcrtDataset *dataset, int input, NcrtArray array, NcrtStatus *status);

// Checks every value of inputs that declare a range. The error names file, sample, offset and
// value.
bool ncrt_dataset_check_ranges(const NcrtDataset *dataset, NcrtStatus *status);

// The array bound to an input, or NULL.
const NcrtBound *ncrt_dataset_find(const NcrtDataset *dataset, int input);

#endif
