// The shape rule that the window operators share.
#include "ops/window.h"

#include "ops/elementwise.h"

#include <stdarg.h>

// Entries of attributes, and a window's elements, stay at or below this, so that no arithmetic on
// checked geometry overflows.
#define MAX_ENTRY INT32_MAX

// Breaks constraint `number` of whichever of the operators is checked.
static bool fail(NcInfer *infer, int number, int operand, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static bool fail(NcInfer *infer, int number, int operand, const char *format, ...) {
  va_list args;
  va_start(args, format);
  const char *message = nc_arena_vprintf(infer->arena, format, args);
  va_end(args);
  return nc_infer_fail(infer, nc_arena_printf(infer->arena, "%s_c%d", infer->op->name, number),
                       operand, -1, "%s", message);
}

// The operand that windows slide over, or -1 if that is the result.
static int slid_operand(const NcInfer *infer, const NcType *x) {
  return x == &infer->operands[0] ? 0 : -1;
}

static bool check_type(NcInfer *infer, const NcType *x) {
  int operand = slid_operand(infer, x);
  const char *what = operand < 0 ? "result" : "operand";
  if (!nc_dtype_is_numeric(x->dtype))
    return fail(infer, 1, operand, "the %s must be numeric, not %s", what, nc_dtype_name(x->dtype));
  if (x->rank < 3 || x->rank > 2 + NC_WINDOW_MAX_SPATIAL)
    return fail(infer, 2, operand,
                "the %s must have a batch, 1 to 3 spatial dimensions and channels, not rank %d",
                what, x->rank);
  return true;
}

static bool check_count(NcInfer *infer, int number, const char *name, const NcAttr *attr,
                        int count) {
  return attr->count == count || fail(infer, number, -1, "%s must have %d %s, not %d", name, count,
                                      count == 1 ? "entry" : "entries", attr->count);
}

static bool check_sizes(NcInfer *infer, int spatial) {
  const NcAttr *size = &infer->attrs[NC_WINDOW_SIZE], *stride = &infer->attrs[NC_WINDOW_STRIDE];
  if (!check_count(infer, 3, "window", size, spatial) ||
      !check_count(infer, 4, "stride", stride, spatial))
    return false;
  int64_t elements = 1;
  for (int d = 0; d < spatial; d++) {
    if (size->ints[d] < 1 || size->ints[d] > MAX_ENTRY)
      return fail(infer, 3, -1, "window must be at least 1 and below 2^31, not %lld",
                  (long long)size->ints[d]);
    elements *= size->ints[d];
    if (elements > MAX_ENTRY)
      return fail(infer, 3, -1, "a window must have fewer than 2^31 elements");
    if (stride->ints[d] < 1 || stride->ints[d] > MAX_ENTRY)
      return fail(infer, 4, -1, "stride must be at least 1 and below 2^31, not %lld",
                  (long long)stride->ints[d]);
  }
  return true;
}

// Padding smaller than the window: then every window has an element of its own.
static bool check_padding(NcInfer *infer, int spatial) {
  const NcAttr *padding = &infer->attrs[NC_WINDOW_PADDING];
  if (!check_count(infer, 5, "padding", padding, 2 * spatial))
    return false;
  for (int i = 0; i < 2 * spatial; i++) {
    int64_t size = infer->attrs[NC_WINDOW_SIZE].ints[i / 2];
    if (padding->ints[i] < 0 || padding->ints[i] >= size)
      return fail(infer, 5, -1,
                  "padding must be at least 0 and less than the window's size, %lld, not %lld",
                  (long long)size, (long long)padding->ints[i]);
  }
  return true;
}

static bool check_extents(NcInfer *infer, const NcWindow *window, int operand) {
  for (int d = 0; d < window->spatial; d++) {
    int64_t padded = window->in[d] + window->low[d] + window->high[d];
    if (window->size[d] > padded)
      return fail(infer, 6, operand,
                  "the window's size %lld exceeds the padded size, %lld, of spatial dimension %d",
                  (long long)window->size[d], (long long)padded, d);
  }
  return true;
}

bool nc_window_check(NcInfer *infer, const NcType *x, NcType *pooled) {
  if (!check_type(infer, x) || !check_sizes(infer, x->rank - 2) ||
      !check_padding(infer, x->rank - 2))
    return false;
  NcWindow window = nc_window_geometry(x, infer->attrs);
  if (!check_extents(infer, &window, slid_operand(infer, x)))
    return false;
  *pooled = *x;
  for (int d = 0; d < window.spatial; d++)
    pooled->dims[1 + d] = nc_dim(window.out[d]);
  return true;
}

bool nc_window_check_operand(NcInfer *infer, int operand, const NcType *type, const char *what) {
  const NcType *given = &infer->operands[operand];
  return nc_type_equal(type, given) ||
         fail(infer, 7, operand, "%s must have the type of %s, %s, not %s",
              infer->operand_count == 1 ? "the operand" : "the second operand", what,
              nc_type_format(infer->arena, type), nc_type_format(infer->arena, given));
}

NcWindow nc_window_geometry(const NcType *x, const NcAttr *attrs) {
  NcWindow window = {.spatial = x->rank - 2};
  for (int d = 0; d < window.spatial; d++) {
    window.in[d] = x->dims[1 + d].c;
    window.size[d] = attrs[NC_WINDOW_SIZE].ints[d];
    window.stride[d] = attrs[NC_WINDOW_STRIDE].ints[d];
    window.low[d] = attrs[NC_WINDOW_PADDING].ints[2 * d];
    window.high[d] = attrs[NC_WINDOW_PADDING].ints[2 * d + 1];
    window.out[d] =
        (window.in[d] + window.low[d] + window.high[d] - window.size[d]) / window.stride[d] + 1;
  }
  return window;
}
