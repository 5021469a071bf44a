// Types of tensors: a dtype and a shape, exact in N, the size of the batch.
#ifndef NC_IR_TYPE_H
#define NC_IR_TYPE_H

#include "base/arena.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

#define NC_MAX_RANK 8

typedef enum NcDtype { NC_BOOL, NC_U8, NC_I32, NC_I64, NC_F32, NC_F64 } NcDtype;
#define NC_DTYPE_COUNT 6

// A dimension is n*N + c. In a valid type only the first may have n > 0; all are >= 0, constant
// ones >= 1.
typedef struct NcDim {
  int64_t n, c;
} NcDim;

typedef struct NcType {
  NcDtype dtype;
  int rank;
  NcDim dims[NC_MAX_RANK];
} NcType;

NcDim nc_dim(int64_t constant);
NcDim nc_dim_batch(void); // N
bool nc_dim_equal(NcDim a, NcDim b);
bool nc_dim_is(NcDim a, int64_t constant);
bool nc_dim_is_constant(NcDim a);
// The value for a batch of `batch` samples.
int64_t nc_dim_value(NcDim a, int64_t batch);
// a*b, if at most one of them has N and nothing overflows.
bool nc_dim_multiply(NcDim a, NcDim b, NcDim *product);
// "7", "N", "2*N", "N + 1".
void nc_dim_print(NcText *text, NcDim dim);
char *nc_dim_format(NcArena *arena, NcDim dim);

const char *nc_dtype_name(NcDtype dtype); // "f32"
bool nc_dtype_parse(const char *name, NcDtype *dtype);
size_t nc_dtype_size(NcDtype dtype); // bytes
bool nc_dtype_is_float(NcDtype dtype);
bool nc_dtype_is_integer(NcDtype dtype); // u8, i32, i64

NcType nc_type(NcDtype dtype, int rank, const NcDim *dims);
NcType nc_type_scalar(NcDtype dtype);
NcType nc_type_with_dtype(NcType type, NcDtype dtype);
bool nc_type_equal(const NcType *a, const NcType *b);
bool nc_shape_equal(const NcType *a, const NcType *b);
// Whether N occurs.
bool nc_type_has_batch(const NcType *type);
// How many elements, exact in N. Types that nc_type_check accepts never overflow.
NcDim nc_type_elements(const NcType *type);
// NULL if the type is valid (rank, positive sizes, N only first, fewer than 2^48 elements a
// sample), else what is wrong with it, for a diagnostic.
const char *nc_type_check(NcArena *arena, const NcType *type);
// The type with N replaced by a number.
NcType nc_type_at(const NcType *type, int64_t batch);
// "f32[N, 28, 28, 1]"; a scalar is "f32[]".
void nc_type_print(NcText *text, const NcType *type);
char *nc_type_format(NcArena *arena, const NcType *type);

#endif
