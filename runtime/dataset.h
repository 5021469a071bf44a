// A data set: arrays bound to a program's inputs, row n of each being sample n.
#ifndef NCRT_DATASET_H
#define NCRT_DATASET_H

#include "abi.h"
#include "read.h"

typedef struct NcrtBound {
  int input; // number of the program's input
  NcrtArray array;
  int64_t row_bytes;
} NcrtBound;

typedef struct NcrtDataset {
  const NcrtProgram *program;
  int count;
  NcrtBound *bound;
  int64_t rows;    // 0 before the first array is bound
  int64_t *picked; // of a part: the arrays' row that is row n; else NULL
  bool is_part;    // the arrays belong to another data set
} NcrtDataset;

void ncrt_dataset_open(NcrtDataset *dataset, const NcrtProgram *program);
void ncrt_dataset_close(NcrtDataset *dataset);

// Reads a file and binds it to an input, in place of what was bound to it. The element type must be
// the input's; the first dimension is that of the samples; the others may be grouped in another
// way, as under a `reshape`, but must be as many elements as a sample of the input has. All arrays
// must have the same number of rows.
bool ncrt_dataset_bind_file(NcrtDataset *dataset, int input, const NcrtReading *reading,
                            const char *path, NcrtStatus *status);
// The same for an array in memory, which the data set owns from now on, also if this fails.
bool ncrt_dataset_bind(NcrtDataset *dataset, int input, NcrtArray array, NcrtStatus *status);

// The same for `rows` samples of the input's type and shape, dense and row-major. A copy is made if
// `copy` is true; else the memory stays the caller's and must outlive the data set and its parts.
bool ncrt_dataset_bind_memory(NcrtDataset *dataset, int input, int64_t rows, const void *data,
                              bool copy, NcrtStatus *status);
// The number of a program's input by name, or -1.
int ncrt_dataset_input(const NcrtDataset *dataset, const char *name);

// Gives rows first … end-1 of another data set as one of its own, which must be closed before the
// other: of its order, or if `shuffle` is true of the order that `seed` gives for epoch -1
// (iterator.h). Fails if there are no such rows.
bool ncrt_dataset_part(NcrtDataset *part, const NcrtDataset *whole, int64_t first, int64_t end,
                       bool shuffle, int64_t seed, NcrtStatus *status);
// The first n rows of another data set in its order, or all of them if it has no more.
bool ncrt_dataset_take(NcrtDataset *part, const NcrtDataset *whole, int64_t n, NcrtStatus *status);
// The rows after the first n. Fails if there are none.
bool ncrt_dataset_skip(NcrtDataset *part, const NcrtDataset *whole, int64_t n, NcrtStatus *status);
// The row of the arrays, and so of the files, that is row n.
int64_t ncrt_dataset_row(const NcrtDataset *dataset, int64_t n);

// Checks every value of inputs that declare a range. The
// error names file, sample, offset and value.
bool ncrt_dataset_check_ranges(const NcrtDataset *dataset, NcrtStatus *status);
// The same for one input and array.
bool ncrt_array_check_range(const NcrtInput *input, const NcrtArray *array, NcrtStatus *status);

// Eight hexadecimal digits and a NUL that tell data sets apart, by what is bound to which inputs
// and in which order: CRC-32s.
#define NCRT_DIGEST_SIZE 9
void ncrt_dataset_digest(const NcrtDataset *dataset, char digest[NCRT_DIGEST_SIZE]);

// The array bound to an input, or NULL.
const NcrtBound *ncrt_dataset_find(const NcrtDataset *dataset, int input);

#endif
