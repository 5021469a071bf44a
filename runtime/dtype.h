// Facts about dtypes and shapes that the runtime's parts share.
#ifndef NCRT_DTYPE_H
#define NCRT_DTYPE_H

#include "abi.h"

#include <stdbool.h>
#include <stddef.h>

int64_t ncrt_dtype_size(NcrtDtype dtype);     // bytes of an element
const char *ncrt_dtype_name(NcrtDtype dtype); // "f32"

// Whether 0 … count-1 are values of the dtype; never of floats.
bool ncrt_dtype_counts(NcrtDtype dtype, int64_t count);

// The product of dims[first … rank-1]; false if it, or a dimension, is negative or does not fit
// 2^62.
bool ncrt_dims_product(const int64_t *dims, int rank, int first, int64_t *product);

// Elements of a shape for a batch; those of one sample for batch 1.
int64_t ncrt_shape_elements(const NcrtShape *shape, int64_t batch);
int64_t ncrt_shape_bytes(const NcrtShape *shape, int64_t batch);

// "f32[N, 28, 28]", cut to the buffer; returns the buffer. 200 bytes hold any.
const char *ncrt_shape_print(char *buffer, size_t size, const NcrtShape *shape);

bool ncrt_shape_equal(const NcrtShape *a, const NcrtShape *b);

#endif
