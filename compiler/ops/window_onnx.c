// What the poolings share in ONNX.
#include "ir/onnx.h"
#include "ops/window.h"

NcOnnxValue *nc_window_onnx(NcOnnxBuilder *b, const NcNode *node, const char *op_type,
                            NcOnnxValue *x) {
  NcWindow window = nc_window_geometry(&node->operands[0]->type, node->attrs);
  NcType type = nc_type_with_dtype(node->type, x->type.dtype);
  NcOnnxValue *value = nc_onnx_add_first(b, op_type, &x, 1, type);
  nc_onnx_set_list(b, value, "kernel_shape", window.size, window.spatial);
  nc_onnx_set_list(b, value, "strides", window.stride, window.spatial);
  nc_onnx_set_pads(b, value, window.low, window.high, window.spatial);
  return value;
}
