// The geometry that the window operators share: windows slide over
// the spatial dimensions of x[N', spatial…, C], and the elements of a window are numbered in
// row-major order.
#ifndef NC_OPS_WINDOW_H
#define NC_OPS_WINDOW_H

#include "ir/graph.h"
#include "kernel/tensor.h"

#define NC_WINDOW_MAX_SPATIAL 3

// The order of their attributes; those whose result windows slide over have its type after them.
enum { NC_WINDOW_SIZE, NC_WINDOW_STRIDE, NC_WINDOW_PADDING, NC_WINDOW_TYPE };

#define NC_WINDOW_ATTRS                                                                            \
  {"window", NC_ATTR_INTS, "size of the window, by spatial dimension"},                            \
      {"stride", NC_ATTR_INTS, "step of the window, by spatial dimension"},                        \
      {"padding", NC_ATTR_INTS, "room before and after, by spatial dimension; nothing is there"}

// Samples of those that give the pooled tensor. No two elements of a window are nearer than GAP.
#define NC_WINDOW_SAMPLES(NAME, GAP)                                                               \
  {.text = NAME " f32[N, 4, 1] {window = [3], stride = [3], padding = [0, 0]} : f32[N, 1, 1]",     \
   .min_gap = GAP},                                                                                \
      {.text = NAME " f32[N, 3, 2] {window = [7], stride = [1], padding = [3, 3]} : f32[N, 3, 2]", \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[N, 5, 4, 3] {window = [1, 2], stride = [2, 2], padding = [0, 0, 0, 0]} " \
                    ": f32[N, 3, 2, 3]",                                                           \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[N, 4, 3, 2] {window = [4, 3], stride = [4, 1], padding = [0, 0, 0, 0]} " \
                    ": f32[N, 1, 1, 2]",                                                           \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[N, 7, 3] {window = [2], stride = [2], padding = [0, 1]} : f32[N, 4, 3]", \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[1, 9, 1] {window = [3], stride = [2], padding = [0, 0]} : f32[1, 4, 1]", \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[N, 28, 28, 1] {window = [2, 2], stride = [2, 2], padding = [0, 0, 0, "   \
                    "0]} : f32[N, 14, 14, 1]",                                                     \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[N, 7, 7, 16] {window = [2, 2], stride = [2, 2], padding = [0, 1, 0, "    \
                    "1]} : f32[N, 4, 4, 16]",                                                      \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[N, 7, 7, 3] {window = [3, 3], stride = [2, 2], padding = [1, 1, 1, 1]} " \
                    ": f32[N, 4, 4, 3]",                                                           \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[N, 7, 5, 17] {window = [2, 2], stride = [2, 2], padding = [0, 0, 0, "    \
                    "0]} : f32[N, 3, 2, 17]",                                                      \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[N, 11, 8, 2] {window = [2, 2], stride = [3, 3], padding = [0, 0, 0, "    \
                    "0]} : f32[N, 4, 3, 2]",                                                       \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[2, 6, 6, 2] {window = [3, 2], stride = [1, 2], padding = [0, 0, 0, 0]} " \
                    ": f32[2, 4, 3, 2]",                                                           \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[N, 5, 4, 2] {window = [2, 4], stride = [1, 1], padding = [1, 1, 2, 2]} " \
                    ": f32[N, 6, 5, 2]",                                                           \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[N, 4, 5, 6, 2] {window = [2, 2, 2], stride = [2, 2, 2], padding = [0, "  \
                    "0, 1, 0, 0, 0]} : f32[N, 2, 3, 3, 2]",                                        \
       .min_gap = GAP},                                                                            \
      {.text = NAME " f32[N, 6, 6, 2] {window = [2, 2], stride = [2, 2], padding = [0, 0, 0, 0]} " \
                    ": f32[N, 3, 3, 2]"},                                                          \
      {.text = NAME " f64[N, 7, 7, 3] {window = [3, 3], stride = [2, 2], padding = [1, 1, 1, 1]} " \
                    ": f64[N, 4, 4, 3]",                                                           \
       .min_gap = GAP},                                                                            \
      {.text = NAME " u8[N, 7, 7, 16] {window = [2, 2], stride = [2, 2], padding = [0, 1, 0, 1]} " \
                    ": u8[N, 4, 4, 16]"},                                                          \
      {.text = NAME " i32[N, 7, 7, 3] {window = [3, 3], stride = [2, 2], padding = [1, 1, 1, 1]} " \
                    ": i32[N, 4, 4, 3]",                                                           \
       .low = -5,                                                                                  \
       .high = 5},                                                                                 \
      {.text = NAME " i64[N, 5, 4, 2] {window = [2, 4], stride = [1, 1], padding = [1, 1, 2, 2]} " \
                    ": i64[N, 6, 5, 2]",                                                           \
       .low = -5,                                                                                  \
       .high = 5}

typedef struct NcWindow {
  int spatial;
  int64_t in[NC_WINDOW_MAX_SPATIAL], out[NC_WINDOW_MAX_SPATIAL], size[NC_WINDOW_MAX_SPATIAL];
  int64_t stride[NC_WINDOW_MAX_SPATIAL], low[NC_WINDOW_MAX_SPATIAL], high[NC_WINDOW_MAX_SPATIAL];
} NcWindow;

// Checks constraints c1 to c6, which the operators number alike, of attributes that may be anything
// and `x`, operand 0 or the type of the result, and gives the type of the pooled tensor.
bool nc_window_check(NcInfer *infer, const NcType *x, NcType *pooled);
// Checks constraint c7: the operand has the type `type`, which is that of `what`.
bool nc_window_check_operand(NcInfer *infer, int operand, const NcType *type, const char *what);
// The geometry of a type and attributes that were checked.
NcWindow nc_window_geometry(const NcType *x, const NcAttr *attrs);

// Whether windows reach into the padding along spatial dimension d.
bool nc_window_outside(const NcWindow *window, int d);
// Adds a reduction over the window's elements to `te`, whose axes are n, pooled positions and
// channel, and sets the index at which each reads x.
void nc_window_reduce(NcTe *te, const NcWindow *window, NcAffine *x);
// Loads an element of x, padded with `fill` only if windows reach outside.
NcExpr *nc_window_load(NcTeBuilder *builder, const NcWindow *window, NcTe *x, const NcAffine *index,
                       double fill);
// A temporary tensor of the pooled shape: the number, in its window, of each window's first
// maximum. It is a u8 where that is enough.
NcTe *nc_window_first_max(NcTeBuilder *builder, const NcWindow *window, NcTe *x,
                          const NcType *pooled);
// A tensor of the type that windows slide over, to each element of which the elements of `pooled`
// are added in whose window it lies; of each window only to its element of the number that `number`
// has, unless that is NULL.
NcTe *nc_lower_window_spread(NcTeBuilder *builder, const NcType *type, const NcWindow *window,
                             NcTe *pooled, NcTe *number);
// `value` where `number` is that of the window's element at given axes, the first of which is
// `axis`, else 0.
NcExpr *nc_window_selected(NcTeBuilder *builder, const NcWindow *window, NcExpr *number, int axis,
                           NcExpr *value);
// The fill that no element of the dtype is below.
double nc_window_lowest(NcDtype dtype);

// The reference: for every element of the pooled tensor, in order, the offset in x of the first
// maximum of its window.
int64_t *nc_window_eval(NcArena *arena, const NcTensor *x, const NcTensor *pooled,
                        const NcAttr *attrs);
// Calls `visit` for every element of x and every window that it lies in, both by their offsets:
// window by window in the order of the pooled tensor, in each row by row.
typedef void (*NcWindowVisit)(void *context, int64_t element, int64_t window);
void nc_window_each(const NcTensor *x, const NcTensor *pooled, const NcAttr *attrs,
                    NcWindowVisit visit, void *context);

// A pooling of ONNX's of `x`, which has its channels first.
NcOnnxValue *nc_window_onnx(NcOnnxBuilder *builder, const NcNode *node, const char *op_type,
                            NcOnnxValue *x);

#endif
