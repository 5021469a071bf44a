// What the convolutions share in ONNX.
#include "ir/onnx.h"
#include "ops/conv.h"

// [taps…, C/groups, O] as [O, C/groups, taps…].
static NcOnnxValue *kernel_of(NcOnnxBuilder *b, NcOnnxValue *kernel) {
  int rank = kernel->whole.rank;
  int64_t perm[NC_MAX_RANK] = {rank - 1, rank - 2};
  for (int d = 2; d < rank; d++)
    perm[d] = d - 2;
  return nc_onnx_transpose(b, nc_onnx_plain(b, kernel), perm);
}

NcOnnxValue *nc_conv_onnx(NcOnnxBuilder *b, const char *op_type, NcType type,
                          NcOnnxValue *const *operands, const NcConv *conv) {
  NcOnnxValue *inputs[] = {nc_onnx_form(b, operands[0], true, false), kernel_of(b, operands[1])};
  if (!inputs[0] || !inputs[1])
    return NULL;
  NcOnnxValue *value = nc_onnx_add_first(b, op_type, inputs, 2, type);
  nc_onnx_set_list(b, value, "kernel_shape", conv->kernel, conv->spatial);
  nc_onnx_set_list(b, value, "strides", conv->stride, conv->spatial);
  nc_onnx_set_pads(b, value, conv->low, conv->high, conv->spatial);
  nc_onnx_set_list(b, value, "dilations", conv->dilation, conv->spatial);
  nc_onnx_set(b, value, "group", conv->groups);
  value->takes_bias = true;
  return value;
}
