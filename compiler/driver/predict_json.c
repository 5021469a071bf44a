// Prints predictions as JSON.
#include "driver/predict_show.h"

#include "driver/values.h"

#include <jansson.h>
#include <math.h>

// JSON has no number for what is not finite.
static json_t *number(double value) { return isfinite(value) ? json_real(value) : json_null(); }

static void add_classes(json_t *object, const NcPrediction *p, int64_t n) {
  int predicted = nc_predicted_class(p, n);
  int64_t truth = nc_true_class(p, n);
  json_t *shares = json_array();
  json_object_set_new(object, "class", json_integer(predicted));
  json_object_set_new(object, "name", json_string(nc_prediction_name(p, predicted)));
  json_object_set_new(object, "probability", number(nc_predicted_share(p, n, predicted)));
  if (truth >= 0) {
    json_object_set_new(object, "true_class", json_integer(truth));
    json_object_set_new(object, "true_name", json_string(nc_prediction_name(p, truth)));
    json_object_set_new(object, "right", json_boolean(truth == predicted));
  }
  for (int i = 0; i < p->classes; i++)
    json_array_append_new(shares, number(nc_predicted_share(p, n, i)));
  json_object_set_new(object, "probabilities", shares);
}

static json_t *sample(const NcPrediction *p, int64_t n) {
  json_t *object = json_object(), *outputs = json_array();
  const char *note = NULL;
  if (p->samples->dataset) {
    json_object_set_new(object, "dataset", json_string(p->samples->dataset));
    json_object_set_new(object, "index", json_integer(p->rows[n]));
  } else {
    json_object_set_new(object, "file", json_string(nc_sample_name(p, n)));
    note = p->samples->info.items[p->rows[n]].note;
  }
  if (note)
    json_object_set_new(object, "note", json_string(note));
  if (p->answer >= 0)
    add_classes(object, p, n);
  for (int i = 0; i < p->output_count; i++) {
    if (i == p->answer && !p->softmax)
      continue; // its values stand there already
    const NcOutputRows *output = &p->outputs[i];
    json_array_append_new(outputs, nc_values_json(output->name, &output->shape, 1,
                                                  output->data + n * output->row_bytes));
  }
  json_object_set_new(object, "outputs", outputs);
  return object;
}

bool nc_predict_json(const NcShown *shown, FILE *out) {
  for (int64_t i = 0; i < shown->count; i++) {
    json_t *object = sample(shown->p, shown->items[i]);
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(9));
    json_decref(object);
    if (!text)
      return false;
    fprintf(out, "%s\n", text);
    free(text);
  }
  return true;
}
