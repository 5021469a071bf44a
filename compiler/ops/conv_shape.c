// The shape rule that conv and its two gradients share.
#include "ops/conv.h"

#include <stdarg.h>

// Entries of attributes stay below this, so that no arithmetic on checked geometry overflows.
#define MAX_ENTRY INT32_MAX

// Breaks constraint `number` of whichever of the three operators is checked.
static bool fail(NcInfer *infer, int number, int a, int b, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

static bool fail(NcInfer *infer, int number, int a, int b, const char *format, ...) {
  va_list args;
  va_start(args, format);
  const char *message = nc_arena_vprintf(infer->arena, format, args);
  va_end(args);
  return nc_infer_fail(infer, nc_arena_printf(infer->arena, "%s_c%d", infer->op->name, number), a,
                       b, "%s", message);
}

static bool check_types(NcInfer *infer, const NcType *x, int x_operand, const NcType *kernel,
                        int kernel_operand) {
  if (x->dtype != kernel->dtype || !nc_dtype_is_float(x->dtype)) {
    const char *want = nc_dtype_is_float(x->dtype) ? nc_dtype_name(x->dtype) : "f32";
    infer->help = nc_arena_printf(infer->arena, "cast to %s", want);
    return fail(infer, 1, x_operand, kernel_operand,
                "input and kernel must have one floating dtype, not %s and %s",
                nc_dtype_name(x->dtype), nc_dtype_name(kernel->dtype));
  }
  if (x->rank < 3 || x->rank > 2 + NC_CONV_MAX_SPATIAL)
    return fail(infer, 2, x_operand, -1,
                "the input must have a batch, 1 to 3 spatial dimensions and channels, not rank %d",
                x->rank);
  if (kernel->rank != x->rank)
    return fail(infer, 3, x_operand, kernel_operand,
                "a kernel for an input of rank %d must have rank %d (spatial dimensions, input "
                "channels, output "
                "channels), not %d",
                x->rank, x->rank, kernel->rank);
  if (nc_type_has_batch(kernel))
    return fail(infer, 3, kernel_operand, -1, "the kernel's shape must not depend on N");
  return true;
}

// A list with `count` entries from `least` on.
static bool check_list(NcInfer *infer, int number, const char *name, const NcAttr *attr, int count,
                       int64_t least) {
  if (attr->count != count)
    return fail(infer, number, -1, -1, "%s must have %d %s, not %d", name, count,
                count == 1 ? "entry" : "entries", attr->count);
  for (int i = 0; i < count; i++)
    if (attr->ints[i] < least || attr->ints[i] > MAX_ENTRY)
      return fail(infer, number, -1, -1, "%s must be at least %d and below 2^31, not %lld", name,
                  (int)least, (long long)attr->ints[i]);
  return true;
}

static bool check_attrs(NcInfer *infer, int spatial) {
  const NcAttr *attrs = infer->attrs;
  return check_list(infer, 4, "stride", &attrs[NC_CONV_STRIDE], spatial, 1) &&
         check_list(infer, 5, "padding", &attrs[NC_CONV_PADDING], 2 * spatial, 0) &&
         check_list(infer, 6, "dilation", &attrs[NC_CONV_DILATION], spatial, 1);
}

static const char *declare_kernel(NcInfer *infer, const NcType *kernel, int64_t inputs) {
  NcType better = *kernel;
  better.dims[kernel->rank - 2] = nc_dim(inputs);
  return nc_arena_printf(infer->arena, "declare the kernel as %s",
                         nc_type_format(infer->arena, &better));
}

static bool check_channels(NcInfer *infer, const NcType *x, int x_operand, const NcType *kernel,
                           int kernel_operand) {
  int64_t groups = infer->attrs[NC_CONV_GROUPS].i;
  int64_t channels = x->dims[x->rank - 1].c, outputs = kernel->dims[kernel->rank - 1].c;
  int64_t inputs = kernel->dims[kernel->rank - 2].c;
  if (groups < 1 || channels % groups != 0 || outputs % groups != 0)
    return fail(
        infer, 7, x_operand, kernel_operand,
        "groups = %lld must divide the channels of the input, %lld, and of the result, %lld",
        (long long)groups, (long long)channels, (long long)outputs);
  if (inputs == channels / groups)
    return true;
  infer->help = declare_kernel(infer, kernel, channels / groups);
  if (groups == 1)
    return fail(infer, 8, x_operand, kernel_operand,
                "channels differ: the input has %lld, the kernel is for %lld", (long long)channels,
                (long long)inputs);
  return fail(infer, 8, x_operand, kernel_operand,
              "channels differ: the input has %lld in each of %lld groups, the kernel is for %lld",
              (long long)(channels / groups), (long long)groups, (long long)inputs);
}

// How many windows fit, 0 if none does. No arithmetic overflows, whatever the kernel's size.
static int64_t output_size(const NcConv *conv, int d) {
  int64_t padded = conv->in[d] + conv->low[d] + conv->high[d], spread;
  if (__builtin_mul_overflow(conv->kernel[d] - 1, conv->dilation[d], &spread) || spread >= padded)
    return 0;
  return (padded - 1 - spread) / conv->stride[d] + 1;
}

// Images with the channels before height and width, as other programs keep them. A gradient's
// images are no operand.
static void help_channels(NcInfer *infer, int operand) {
  if (operand < 0)
    return;
  NcType x = infer->operands[operand];
  if (x.rank != 4 || x.dims[1].c > 4 || !nc_dim_equal(x.dims[2], x.dims[3]))
    return;
  NcDim channels = x.dims[1];
  x.dims[1] = x.dims[2];
  x.dims[3] = channels;
  infer->help =
      nc_arena_printf(infer->arena, "channels come last: %s", nc_type_format(infer->arena, &x));
}

static bool check_extent(NcInfer *infer, const NcConv *conv, int d, int x_operand,
                         int kernel_operand) {
  if (conv->out[d] > 0)
    return true;
  help_channels(infer, x_operand);
  const char *dilated =
      conv->dilation[d] == 1
          ? ""
          : nc_arena_printf(infer->arena, " with dilation %lld", (long long)conv->dilation[d]);
  return fail(infer, 9, x_operand, kernel_operand,
              "the kernel's size %lld%s exceeds the padded input's, %lld, in spatial dimension %d",
              (long long)conv->kernel[d], dilated,
              (long long)(conv->in[d] + conv->low[d] + conv->high[d]), d);
}

bool nc_conv_check(NcInfer *infer, const NcType *x, int x_operand, const NcType *kernel,
                   int kernel_operand, NcConv *conv) {
  if (!check_types(infer, x, x_operand, kernel, kernel_operand) ||
      !check_attrs(infer, x->rank - 2) ||
      !check_channels(infer, x, x_operand, kernel, kernel_operand))
    return false;
  *conv = nc_conv_geometry(x, kernel, infer->attrs);
  for (int d = 0; d < conv->spatial; d++)
    if (!check_extent(infer, conv, d, x_operand, kernel_operand))
      return false;
  return true;
}

bool nc_conv_check_result(NcInfer *infer, const NcConv *conv, int operand) {
  NcType result = nc_conv_result(conv);
  if (nc_type_equal(&result, &infer->operands[operand]))
    return true;
  return fail(infer, 10, operand, -1, "the convolution's result is %s, its gradient cannot be %s",
              nc_type_format(infer->arena, &result),
              nc_type_format(infer->arena, &infer->operands[operand]));
}

NcConv nc_conv_geometry(const NcType *x, const NcType *kernel, const NcAttr *attrs) {
  NcConv conv = {.dtype = x->dtype, .batch = x->dims[0], .spatial = x->rank - 2};
  for (int d = 0; d < conv.spatial; d++) {
    conv.in[d] = x->dims[1 + d].c;
    conv.kernel[d] = kernel->dims[d].c;
    conv.stride[d] = attrs[NC_CONV_STRIDE].ints[d];
    conv.dilation[d] = attrs[NC_CONV_DILATION].ints[d];
    conv.low[d] = attrs[NC_CONV_PADDING].ints[2 * d];
    conv.high[d] = attrs[NC_CONV_PADDING].ints[2 * d + 1];
    conv.out[d] = output_size(&conv, d);
  }
  conv.groups = attrs[NC_CONV_GROUPS].i;
  conv.inputs = x->dims[x->rank - 1].c / conv.groups;
  conv.outputs = kernel->dims[kernel->rank - 1].c / conv.groups;
  return conv;
}

NcType nc_conv_result(const NcConv *conv) {
  NcType type = {.dtype = conv->dtype, .rank = conv->spatial + 2};
  type.dims[0] = conv->batch;
  for (int d = 0; d < conv->spatial; d++)
    type.dims[1 + d] = nc_dim(conv->out[d]);
  type.dims[1 + conv->spatial] = nc_dim(conv->groups * conv->outputs);
  return type;
}
