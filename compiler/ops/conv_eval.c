// The naive reference of conv and its two gradients.
#include "ops/conv.h"
#include "ops/reference.h"

// The offsets of the three tensors' elements whose channels are 0.
typedef struct Place {
  int64_t offset[3];
} Place;

typedef struct Form {
  const NcConv *conv;
  double *data[3];
  NcConvRole result;
} Form;

static void add_channels(const Form *form, const Place *place) {
  const NcConv *conv = form->conv;
  double *x = form->data[NC_CONV_INPUT] + place->offset[NC_CONV_INPUT];
  double *kernel = form->data[NC_CONV_KERNEL] + place->offset[NC_CONV_KERNEL];
  double *y = form->data[NC_CONV_OUTPUT] + place->offset[NC_CONV_OUTPUT];
  for (int64_t g = 0; g < conv->groups; g++)
    for (int64_t c = 0; c < conv->inputs; c++)
      for (int64_t o = g * conv->outputs; o < (g + 1) * conv->outputs; o++) {
        double *px = &x[g * conv->inputs + c], *pk = &kernel[c * conv->groups * conv->outputs + o],
               *py = &y[o];
        if (form->result == NC_CONV_INPUT)
          *px += *pk * *py;
        else if (form->result == NC_CONV_KERNEL)
          *pk += *px * *py;
        else
          *py += *px * *pk;
      }
}

// Visits output positions and taps of spatial dimension d and the ones after it.
static void visit(const Form *form, int d, Place place) {
  const NcConv *conv = form->conv;
  if (d == conv->spatial || d == NC_CONV_MAX_SPATIAL) {
    place.offset[NC_CONV_INPUT] *= conv->groups * conv->inputs;
    place.offset[NC_CONV_KERNEL] *= conv->inputs * conv->groups * conv->outputs;
    place.offset[NC_CONV_OUTPUT] *= conv->groups * conv->outputs;
    add_channels(form, &place);
    return;
  }
  for (int64_t h = 0; h < conv->out[d]; h++)
    for (int64_t r = 0; r < conv->kernel[d]; r++) {
      int64_t i = h * conv->stride[d] + r * conv->dilation[d] - conv->low[d];
      if (i < 0 || i >= conv->in[d])
        continue;
      Place inner = {{place.offset[NC_CONV_INPUT] * conv->in[d] + i,
                      place.offset[NC_CONV_KERNEL] * conv->kernel[d] + r,
                      place.offset[NC_CONV_OUTPUT] * conv->out[d] + h}};
      visit(form, d + 1, inner);
    }
}

void nc_conv_eval(const NcConv *conv, const NcTensor *const tensors[3], NcConvRole result,
                  NcTensor *sum) {
  NcArena *scratch = nc_arena_create();
  Form form = {.conv = conv, .result = result};
  for (int i = 0; i < 3; i++)
    form.data[i] = i == (int)result ? NC_NEW_ARRAY(scratch, double, sum->count)
                                    : nc_reference_read(scratch, tensors[i]);
  int64_t batch = nc_dim_value(conv->batch, 0);
  for (int64_t n = 0; n < batch; n++)
    visit(&form, 0, (Place){{n, 0, n}});
  nc_reference_write(sum, form.data[result]);
  nc_arena_destroy(scratch);
}
