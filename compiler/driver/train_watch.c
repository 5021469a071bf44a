// Shows a training and writes its log.
#include "driver/train_watch.h"

#include <limits.h>
#include <string.h>

const NcResult *nc_find_figure(const NcModule *module, const char *option, const char *name) {
  const NcGraph *step = nc_module_graph(module, "train_step");
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; i < step->results.count; i++) {
    const NcResult *result = &step->results.items[i];
    if (strcmp(result->name, name) == 0)
      return result;
    if (result->kind != NC_RESULT_OUTPUT)
      nc_suggest(name, result->name, &best, &distance);
  }
  fprintf(stderr, "netc train: %s: '%s' is neither the loss nor a metric", option, name);
  if (best)
    fprintf(stderr, "; did you mean '%s'?", best);
  const char *before = best ? " There are: " : "; there are: ";
  for (int i = 0; i < step->results.count; i++)
    if (step->results.items[i].kind != NC_RESULT_OUTPUT) {
      fprintf(stderr, "%s%s", before, step->results.items[i].name);
      before = ", ";
    }
  fputc('\n', stderr);
  return NULL;
}

// The metrics that the file names leave train_step for its running totals; the batch's own stay as
// results of another name.
static const char *keep(NcUnit *unit, const NcResult *figure) {
  if (figure->kind == NC_RESULT_LOSS)
    return figure->name;
  NcGraph *step = nc_module_graph(unit->program->module, "train_step");
  char *name = nc_arena_printf(unit->arena, "batch.%s", figure->name);
  for (int i = 0; i < step->results.count; i++)
    if (strcmp(step->results.items[i].name, name) == 0)
      return name;
  nc_graph_add_result(step, name, NC_RESULT_OUTPUT, figure->node);
  return name;
}

bool nc_shown_read(NcShown *shown, NcUnit *unit, const char *list) {
  shown->count = 0;
  if (!list)
    return true;
  char *rest = nc_arena_strdup(unit->arena, list), *name;
  while ((name = strsep(&rest, ",")) != NULL) {
    const NcResult *figure = nc_find_figure(unit->program->module, "--show", name);
    if (!figure)
      return false;
    if (shown->count == NC_MAX_SHOWN) {
      fprintf(stderr, "netc train: --show takes at most %d names\n", NC_MAX_SHOWN);
      return false;
    }
    const char *kept = figure->name; // the list of results may move
    shown->items[shown->count].result = keep(unit, figure);
    shown->items[shown->count++].name = kept;
  }
  return true;
}

static void print_batch(NcTrainWatch *w, const NcrtPass *pass) {
  NcrtMetrics values = {0};
  for (int i = 0; i < w->shown->count; i++) {
    NcrtMetric *value = &values.items[values.count];
    value->name = w->shown->items[i].name;
    if (ncrt_session_scalar(pass->session, pass->entry, w->shown->items[i].result, &value->value))
      values.count++;
  }
  FILE *out = w->progress.out;
  ncrt_progress_clear(&w->progress);
  fprintf(out, "epoch %lld/%lld  step %lld  ", (long long)pass->epoch + 1, (long long)pass->epochs,
          (long long)ncrt_session_step(pass->session));
  ncrt_metrics_print(out, &values, "  ");
  fputc('\n', out);
  fflush(out);
}

static void on_begin(void *context, const NcrtPass *pass) {
  NcTrainWatch *w = context;
  w->drawn.begin(w->drawn.context, pass);
}

static void on_step(void *context, const NcrtPass *pass) {
  NcTrainWatch *w = context;
  if (!w->stepped)
    nc_timings_mark(w->timings, "first step");
  w->stepped = true;
  if (pass->training && w->shown->count > 0)
    print_batch(w, pass);
  w->drawn.step(w->drawn.context, pass);
}

static void on_epoch(void *context, const NcrtEpoch *epoch) {
  NcTrainWatch *w = context;
  w->drawn.epoch(w->drawn.context, epoch);
  double seconds = w->progress.epoch_seconds;
  json_t *line = json_pack("{s:I, s:I, s:I, s:I, s:f, s:o}", "epoch", (json_int_t)epoch->epoch + 1,
                           "epochs", (json_int_t)epoch->epochs, "step", (json_int_t)epoch->step,
                           "samples", (json_int_t)epoch->samples, "seconds", seconds, "training",
                           nc_metrics_json(&epoch->training));
  if (epoch->validated)
    json_object_set_new(line, "validation", nc_metrics_json(&epoch->validation));
  json_object_set_new(line, "best", json_boolean(epoch->best));
  nc_train_log_add(w->log, "epoch", line);
}

NcrtWatcher nc_train_watch(NcTrainWatch *watch, NcUnit *unit, const NcOptions *options,
                           const NcShown *shown, NcTrainLog *log) {
  *watch = (NcTrainWatch){.timings = &unit->timings, .log = log, .shown = shown};
  ncrt_progress_open(&watch->progress, stdout);
  watch->progress.colour = nc_options_color(options, stdout);
  watch->drawn = ncrt_progress_watcher(&watch->progress);
  return (NcrtWatcher){watch, on_begin, on_step, on_epoch};
}
