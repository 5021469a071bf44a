// Runs predictions and finds what they mean.
#include "driver/prediction.h"

#include "driver/select.h"
#include "driver/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double nc_output_number(const NcOutputRows *output, int64_t n, int64_t element) {
  return nc_value_at(output->shape.dtype, output->data, n * output->elements + element);
}

// ---- the run

static void open_outputs(NcPrediction *p, const NcrtEntry *entry) {
  p->output_count = entry->result_count;
  p->outputs = NC_NEW_ARRAY(p->arena, NcOutputRows, entry->result_count + 1);
  for (int i = 0; i < entry->result_count; i++) {
    NcOutputRows *output = &p->outputs[i];
    *output = (NcOutputRows){.name = entry->results[i].name,
                             .shape = nc_sample_shape(&entry->results[i].shape)};
    output->elements = ncrt_shape_elements(&output->shape, 1);
    output->row_bytes = ncrt_shape_bytes(&output->shape, 1);
    output->data = nc_arena_alloc(p->arena, (size_t)(output->row_bytes * p->count));
  }
}

// An output without N is the same for all samples of a batch.
static void keep_results(NcPrediction *p, const NcrtSession *session, int entry, int64_t first,
                         int64_t count) {
  for (int i = 0; i < p->output_count; i++) {
    NcOutputRows *output = &p->outputs[i];
    NcrtShape shape;
    const char *data = ncrt_session_result(session, entry, output->name, &shape);
    for (int64_t n = 0; n < count; n++)
      memcpy(output->data + (first + n) * output->row_bytes,
             data + (shape.batched ? n * output->row_bytes : 0), (size_t)output->row_bytes);
  }
}

static bool run_batches(NcPrediction *p, NcrtSession *session, int entry, NcrtFeed *feed,
                        NcrtStatus *status) {
  int64_t done = 0;
  while (ncrt_feed_next(feed) > 0) {
    if (!ncrt_session_run(session, entry, feed->count, feed->inputs, status))
      return false;
    keep_results(p, session, entry, done, feed->count);
    done += feed->count;
  }
  return true;
}

static int run(NcPrediction *p, NcExperiment *e, int64_t batch) {
  NcrtStatus status = {0};
  NcrtFeed feed;
  int entry = ncrt_session_entry(e->session, "predict");
  if (!ncrt_dataset_pick(&p->data, p->samples->data, p->rows, p->count, &status))
    return nc_fail_status(&status);
  open_outputs(p, &e->compiled->program.entries[entry]);
  if (!ncrt_feed_open(&feed, e->session, entry, &p->data, batch, false, false, &status))
    return nc_fail_status(&status);
  bool done = run_batches(p, e->session, entry, &feed, &status);
  ncrt_feed_close(&feed);
  nc_timings_mark(&e->unit->timings, "predict");
  return done ? NC_EXIT_OK : nc_experiment_fail(e, &status);
}

// ---- classes

static bool has_classes(const NcOutputRows *output) {
  return output->shape.rank == 1 && output->shape.dims[0] >= 2 && output->shape.dtype >= NCRT_F32;
}

static bool are_shares(const NcPrediction *p, const NcOutputRows *output) {
  for (int64_t n = 0; n < p->count; n++) {
    double sum = 0;
    for (int64_t i = 0; i < output->elements; i++) {
      double share = nc_output_number(output, n, i);
      if (share < -1e-6)
        return false;
      sum += share;
    }
    if (!(fabs(sum - 1) < 1e-3))
      return false;
  }
  return true;
}

static int find_answer(const NcPrediction *p) {
  for (int i = 0; i < p->output_count; i++)
    if (has_classes(&p->outputs[i]) && are_shares(p, &p->outputs[i]))
      return i;
  for (int i = 0; i < p->output_count; i++)
    if (has_classes(&p->outputs[i]) && nc_label_find(&p->labels, p->outputs[i].elements) >= 0)
      return i;
  return -1;
}

static void set_shares(NcPrediction *p) {
  const NcOutputRows *output = &p->outputs[p->answer];
  p->classes = (int)output->elements;
  p->softmax = !are_shares(p, output);
  p->shares = NC_NEW_ARRAY(p->arena, double, p->count * p->classes + 1);
  for (int64_t n = 0; n < p->count; n++) {
    double *shares = p->shares + n * p->classes, largest = -INFINITY, sum = 0;
    for (int i = 0; i < p->classes; i++) {
      shares[i] = nc_output_number(output, n, i);
      largest = fmax(largest, shares[i]);
    }
    for (int i = 0; p->softmax && i < p->classes; i++)
      sum += shares[i] = exp(shares[i] - largest);
    for (int i = 0; p->softmax && i < p->classes; i++)
      shares[i] /= sum;
  }
}

// ---- what the command line names

static int choose_output(NcPrediction *p, const char *name) {
  const char **names = NC_NEW_ARRAY(p->arena, const char *, p->output_count + 1);
  for (int i = 0; i < p->output_count; i++) {
    names[i] = p->outputs[i].name;
    if (strcmp(names[i], name) == 0) {
      p->outputs[0] = p->outputs[i];
      p->output_count = 1;
      return NC_EXIT_OK;
    }
  }
  nc_select_unknown("output", name, names, p->output_count);
  return NC_EXIT_INPUT;
}

static int choose_label(NcPrediction *p, const char *name) {
  const char **names = NC_NEW_ARRAY(p->arena, const char *, p->program->inputs.count + 1);
  for (int i = 0; i < p->program->inputs.count; i++) {
    const NcInput *in = &p->program->inputs.items[i];
    names[i] = in->name;
    if (strcmp(in->name, name) != 0)
      continue;
    if (in->type.rank == 1 && nc_dtype_is_integer(in->type.dtype)) {
      p->label = i;
      return NC_EXIT_OK;
    }
    fprintf(stderr, "netc: --label: input %s holds no class numbers, which are integers of [N]\n",
            name);
    return NC_EXIT_INPUT;
  }
  nc_select_unknown("input", name, names, p->program->inputs.count);
  return NC_EXIT_INPUT;
}

static int find_meaning(NcPrediction *p, const NcOptions *options) {
  int code = options->output ? choose_output(p, options->output) : NC_EXIT_OK;
  p->answer = p->label = -1;
  if (code == NC_EXIT_OK && options->label)
    code = choose_label(p, options->label);
  if (code != NC_EXIT_OK)
    return code;
  p->answer = find_answer(p);
  if (p->answer < 0 && options->label && p->output_count == 1 && has_classes(&p->outputs[0]))
    p->answer = 0;
  if (p->answer < 0)
    return NC_EXIT_OK;
  set_shares(p);
  if (p->label < 0)
    p->label = nc_label_find(&p->labels, p->classes);
  if (p->label >= 0)
    p->names = nc_label_names(&p->labels, p->label);
  if (p->names.count != p->classes)
    p->names.count = 0;
  if (p->label >= 0 && !ncrt_dataset_find(&p->data, p->label))
    p->label = -1;
  return NC_EXIT_OK;
}

int nc_prediction_run(NcPrediction *p, NcExperiment *e, const NcSamples *samples,
                      const NcOptions *options, const NcrtSafetensors *file, const int64_t *rows,
                      int64_t count, int64_t batch) {
  p->arena = e->unit->arena;
  p->program = e->unit->program;
  p->samples = samples;
  p->rows = rows;
  p->count = count;
  p->labels = (NcLabels){p->arena, p->program, p->inputs, p->input_count,
                         ncrt_safetensors_text(file, "netc.classes")};
  int code = run(p, e, batch);
  return code == NC_EXIT_OK ? find_meaning(p, options) : code;
}

void nc_prediction_close(NcPrediction *p) { ncrt_dataset_close(&p->data); }

// ---- questions

double nc_predicted_share(const NcPrediction *p, int64_t n, int64_t class) {
  return class >= 0 && class < p->classes ? p->shares[n * p->classes + class] : 0;
}

int nc_predicted_class(const NcPrediction *p, int64_t n) {
  int best = 0;
  for (int i = 1; i < p->classes; i++)
    if (nc_predicted_share(p, n, i) > nc_predicted_share(p, n, best))
      best = i;
  return best;
}

int64_t nc_true_class(const NcPrediction *p, int64_t n) {
  const NcrtBound *bound = p->label >= 0 ? ncrt_dataset_find(&p->data, p->label) : NULL;
  if (!bound)
    return -1;
  return (int64_t)nc_value_at(bound->array.header.dtype, bound->array.data,
                              ncrt_dataset_row(&p->data, n));
}

bool nc_is_wrong(const NcPrediction *p, int64_t n) {
  int64_t truth = nc_true_class(p, n);
  return truth >= 0 && truth != nc_predicted_class(p, n);
}

void nc_rank_classes(const NcPrediction *p, int64_t n, int *ranked) {
  for (int i = 0; i < p->classes; i++) {
    int at = i;
    double share = nc_predicted_share(p, n, i);
    for (; at > 0 && nc_predicted_share(p, n, ranked[at - 1]) < share; at--)
      ranked[at] = ranked[at - 1];
    ranked[at] = i;
  }
}

const char *nc_prediction_name(const NcPrediction *p, int64_t class) {
  if (class < 0 || class >= p->names.count)
    return nc_arena_printf(p->arena, "%lld", (long long)class);
  NcText name = nc_text_create(p->arena);
  nc_text_printable(&name, p->names.items[class]);
  return name.data;
}

const char *nc_sample_name(const NcPrediction *p, int64_t n) {
  if (p->samples->dataset)
    return nc_arena_printf(p->arena, "%lld", (long long)p->rows[n]);
  return p->samples->info.items[p->rows[n]].name;
}
