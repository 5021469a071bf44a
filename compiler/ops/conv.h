// The geometry that conv, conv_input_grad and conv_kernel_grad share. The three are the derivatives
// of one trilinear form: the sum over samples n, output positions h, taps r, groups g, inputs c and
// outputs o of
//   x[n, stride*h + dilation*r - low, g*C/G + c] * kernel[r, c, g*O/G + o] * dy[n, h, g*O/G + o]
// where x is 0 outside. Each operator is given two of the tensors and gives the factor of the
// third.
#ifndef NC_OPS_CONV_H
#define NC_OPS_CONV_H

#include "ir/graph.h"
#include "kernel/tensor.h"

#define NC_CONV_MAX_SPATIAL 3

// The order of the attributes of all three; NC_CONV_TYPE is not conv's.
enum { NC_CONV_STRIDE, NC_CONV_PADDING, NC_CONV_DILATION, NC_CONV_GROUPS, NC_CONV_TYPE };

#define NC_CONV_ATTRS                                                                              \
  {"stride", NC_ATTR_INTS, "step of the window, by spatial dimension"},                            \
      {"padding", NC_ATTR_INTS, "zeros before and after, by spatial dimension"},                   \
      {"dilation", NC_ATTR_INTS, "distance of the kernel's taps, by spatial dimension"},           \
      {"groups", NC_ATTR_INT, "channels are split into so many independent parts"}

typedef struct NcConv {
  NcDtype dtype;
  NcDim batch;
  int spatial;
  int64_t in[NC_CONV_MAX_SPATIAL], out[NC_CONV_MAX_SPATIAL], kernel[NC_CONV_MAX_SPATIAL];
  int64_t stride[NC_CONV_MAX_SPATIAL], dilation[NC_CONV_MAX_SPATIAL];
  int64_t low[NC_CONV_MAX_SPATIAL], high[NC_CONV_MAX_SPATIAL]; // padding
  int64_t groups;
  int64_t inputs, outputs; // channels of one group
} NcConv;

// Checks constraints c1 to c9, which the three operators number alike, of types and attributes that
// may be anything. x_operand and kernel_operand say which operand has the type, -1 where the
// attribute `type` does.
bool nc_conv_check(NcInfer *infer, const NcType *x, int x_operand, const NcType *kernel,
                   int kernel_operand, NcConv *conv);
// Checks constraint c10 of the two gradients: operand `operand` has the type of the convolution's
// result.
bool nc_conv_check_result(NcInfer *infer, const NcConv *conv, int operand);
// The geometry of types and attributes that were checked.
NcConv nc_conv_geometry(const NcType *x, const NcType *kernel, const NcAttr *attrs);
// The type of the convolution's result, [batch, out…, groups*outputs].
NcType nc_conv_result(const NcConv *conv);

// Where tap `tap` of output position `out` (axes) reads along spatial dimension d of x: stride*out
// + dilation*tap - low.
NcAffine nc_conv_input_index(const NcConv *conv, int d, int out, int tap);
// Loads an element of x; padded with zeros only if some tap lies outside.
NcExpr *nc_conv_load_input(NcTeBuilder *builder, const NcConv *conv, NcTe *x,
                           const NcAffine *index);
// channel + group*size, where group < 0 is the only group.
NcAffine nc_conv_channel(int group, int64_t size, int channel);

// The tensor of the trilinear form that an operator computes.
typedef enum NcConvRole { NC_CONV_INPUT, NC_CONV_KERNEL, NC_CONV_OUTPUT } NcConvRole;

// The reference of all three: visits every term and adds the product of the two given factors to
// the third, in double. The tensors are in the order of NcConvRole, `result` among them.
void nc_conv_eval(const NcConv *conv, const NcTensor *const tensors[3], NcConvRole result,
                  NcTensor *sum);

// One of ONNX's two convolutions of (x, kernel) or (dy, kernel), which gives netc's `type`.
NcOnnxValue *nc_conv_onnx(NcOnnxBuilder *builder, const char *op_type, NcType type,
                          NcOnnxValue *const *operands, const NcConv *conv);

#endif
