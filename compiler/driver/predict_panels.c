// Makes panels of predictions: images, and bars of classes.
#include "driver/pixels.h"
#include "driver/predict_show.h"

#include <string.h>

enum { FEW_CLASSES = 12, LISTED_CLASSES = 10 };

static const NcrtShape *input_shape(const NcPrediction *p, int input) {
  return &p->samples->data->program->inputs[input].shape;
}

bool nc_predict_has_images(const NcPrediction *p) {
  NcImageShape shape;
  for (int i = 0; i < p->input_count; i++)
    if (nc_input_image(input_shape(p, p->inputs[i]), &shape))
      return true;
  for (int i = 0; i < p->output_count; i++)
    if (nc_output_image(&p->outputs[i].shape, &shape))
      return true;
  return false;
}

static void add_images(const NcPrediction *p, int64_t n, NcPanel *panel) {
  int most = p->input_count + p->output_count, count = 0;
  NcImageShape shape;
  NcPixels *images = NC_NEW_ARRAY(p->arena, NcPixels, most + 1);
  const char **captions = NC_NEW_ARRAY(p->arena, const char *, most + 1);
  for (int i = 0; i < p->input_count; i++) {
    const NcrtBound *bound = ncrt_dataset_find(&p->data, p->inputs[i]);
    if (!nc_input_image(input_shape(p, p->inputs[i]), &shape))
      continue;
    captions[count] = p->program->inputs.items[p->inputs[i]].name;
    images[count++] = nc_pixels_make(
        p->arena, bound->array.header.dtype, bound->array.data,
        ncrt_dataset_row(&p->data, n) * shape.height * shape.width * shape.channels, shape);
  }
  for (int i = 0; i < p->output_count; i++) {
    const NcOutputRows *output = &p->outputs[i];
    if (!nc_output_image(&output->shape, &shape))
      continue;
    captions[count] = output->name;
    images[count++] =
        nc_pixels_make(p->arena, output->shape.dtype, output->data, n * output->elements, shape);
  }
  panel->images = images;
  panel->image_count = count;
  panel->captions = count > 1 ? captions : NULL;
}

// All classes in their order where they are few, else the likeliest.
static void add_bars(const NcPrediction *p, int64_t n, NcPanel *panel) {
  int *ranked = NC_NEW_ARRAY(p->arena, int, p->classes + 1);
  int count = p->classes <= FEW_CLASSES ? p->classes : LISTED_CLASSES;
  NcBar *bars = NC_NEW_ARRAY(p->arena, NcBar, count + 1);
  int64_t truth = nc_true_class(p, n);
  nc_rank_classes(p, n, ranked);
  for (int i = 0; i < count; i++) {
    int class = p->classes <= FEW_CLASSES ? i : ranked[i];
    const char *name = nc_prediction_name(p, class);
    bool wrong = class == ranked[0] && nc_is_wrong(p, n);
    bars[i] = (NcBar){.name = class == truth ? nc_arena_printf(p->arena, "%s (true)", name) : name,
                      .value = nc_predicted_share(p, n, class),
                      .colour = wrong ? NC_VERMILION : NC_BLUE,
                      .strong = class == truth || class == ranked[0]};
  }
  panel->bars = bars;
  panel->bar_count = count;
}

static const char *title_of(const NcPrediction *p, int64_t n, bool named) {
  const char *sample = nc_sample_name(p, n), *slash = strrchr(sample, '/');
  if (slash)
    sample = slash + 1; // the file's name without its folder
  if (p->samples->dataset)
    sample = nc_arena_printf(p->arena, "%s %s", p->samples->dataset, sample);
  if (p->answer < 0)
    return sample;
  const char *class = nc_prediction_name(p, nc_predicted_class(p, n));
  const char *what = nc_is_wrong(p, n) ? nc_arena_printf(p->arena, "%s (true %s)", class,
                                                         nc_prediction_name(p, nc_true_class(p, n)))
                                       : class;
  return named ? nc_arena_printf(p->arena, "%s: %s", sample, what) : what;
}

NcPanel *nc_predict_panels(const NcShown *shown, bool bars) {
  const NcPrediction *p = shown->p;
  NcPanel *panels = NC_NEW_ARRAY(p->arena, NcPanel, shown->count + 1);
  for (int64_t i = 0; i < shown->count; i++) {
    int64_t n = shown->items[i];
    panels[i] =
        (NcPanel){.title = title_of(p, n, bars), .wrong = p->answer >= 0 && nc_is_wrong(p, n)};
    add_images(p, n, &panels[i]);
    if (bars && p->answer >= 0)
      add_bars(p, n, &panels[i]);
  }
  return panels;
}
