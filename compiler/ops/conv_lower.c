// The accesses that the tensor expressions of conv and its two gradients share.
#include "ops/conv.h"

NcAffine nc_conv_input_index(const NcConv *conv, int d, int out, int tap) {
  NcAffine window = nc_affine_scale(nc_affine_axis(out), conv->stride[d]);
  NcAffine offset = nc_affine_scale(nc_affine_axis(tap), conv->dilation[d]);
  return nc_affine_offset(nc_affine_add(window, offset), -conv->low[d]);
}

NcAffine nc_conv_channel(int group, int64_t size, int channel) {
  NcAffine index = nc_affine_axis(channel);
  return group < 0 ? index : nc_affine_add(nc_affine_scale(nc_affine_axis(group), size), index);
}

// Padding after the input that the last window does not reach needs no halo.
static bool reaches_outside(const NcConv *conv, int d) {
  int64_t last = (conv->out[d] - 1) * conv->stride[d] + (conv->kernel[d] - 1) * conv->dilation[d] -
                 conv->low[d];
  return conv->low[d] > 0 || last >= conv->in[d];
}

NcExpr *nc_conv_load_input(NcTeBuilder *builder, const NcConv *conv, NcTe *x,
                           const NcAffine *index) {
  for (int d = 0; d < conv->spatial; d++)
    if (reaches_outside(conv, d))
      return nc_x_load_padded(builder, x, index, 0);
  return nc_x_load(builder, x, index);
}
