// What netc train says: the log's first and last lines, the summary, the curves.
#include "driver/diag_json.h"
#include "driver/history.h"
#include "driver/train_run.h"

#include <inttypes.h>
#include <stdio.h>

void nc_train_report_start(NcTrainRun *run) {
  const NcrtTraining *training = &run->training;
  NcArena *arena = run->unit->arena;
  json_t *line = json_pack(
      "{s:s, s:o, s:o, s:I, s:I, s:I, s:I, s:I}", "netc", NETC_VERSION, "file",
      nc_json_string(arena, run->options->file), "checkpoint", nc_json_string(arena, run->out),
      "seed", (json_int_t)ncrt_session_seed(run->e.session), "batch", (json_int_t)training->batch,
      "epochs", (json_int_t)training->epochs, "samples", (json_int_t)training->data->rows, "step",
      (json_int_t)ncrt_session_step(run->e.session));
  if (training->validate)
    json_object_set_new(line, "validation_samples", json_integer(training->validate->rows));
  if (run->resume.path)
    json_object_set_new(line, "from", nc_json_string(arena, run->resume.path));
  nc_train_log_add(&run->log, run->resume.path ? "resume" : "start", line);
}

static const char *const ends[] = {
    [NCRT_END_DONE] = "done", [NCRT_END_PATIENCE] = "patience", [NCRT_END_STOPPED] = "interrupted"};

void nc_train_report_end(NcTrainRun *run, const NcrtOutcome *outcome, double seconds,
                         const char *failure) {
  json_t *line =
      json_pack("{s:s, s:I, s:I, s:f}", "reason", failure ? "failed" : ends[outcome->end], "step",
                (json_int_t)ncrt_session_step(run->e.session), "samples",
                (json_int_t)outcome->samples, "seconds", seconds);
  if (failure)
    json_object_set_new(line, "message", nc_json_string(run->unit->arena, failure));
  if (outcome->best.epoch > 0)
    json_object_set_new(line, "best_epoch", json_integer(outcome->best.epoch));
  nc_train_log_add(&run->log, "end", line);
}

static void print_best(const NcTrainRun *run, const NcrtBest *best) {
  const NcrtMonitor *monitor = &run->training.monitor;
  if (best->epoch == 0 || !monitor->name)
    return;
  NcrtMetrics figure = {1, {{monitor->name, best->value}}};
  printf("best is epoch %" PRId64 ": ", best->epoch);
  ncrt_metrics_print(stdout, &figure, "");
  if (run->training.best_checkpoint)
    printf(", in %s", run->training.best_checkpoint);
  printf("\n");
}

// One line; on a terminal that is too narrow for it two.
static void print_work(const NcTrainRun *run, const NcrtOutcome *outcome, double seconds) {
  const NcrtProgress *terminal = &run->watch.progress;
  const NcrtEpoch *last = &outcome->last;
  const NcrtMetrics *figures = last->validated ? &last->validation : &last->training;
  int columns =
      printf("%" PRId64 " steps in %.1f s, %.0f samples/s", ncrt_session_step(run->e.session),
             seconds, seconds > 0 ? (double)outcome->samples / seconds : 0);
  if (last->epochs > 0) {
    char after[60];
    columns += 1 + snprintf(after, sizeof after, " after epoch %" PRId64 ": ", last->epoch + 1) +
               ncrt_metrics_print(NULL, figures, "  ");
    printf(terminal->terminal && columns > terminal->width ? "\n %s" : ";%s", after);
    ncrt_metrics_print(stdout, figures, "  ");
  }
  printf("\n");
}

// The command that goes on with it.
static void print_resume(const NcTrainRun *run) {
  const NcOptions *options = run->options;
  printf("'netc train %s", options->file);
  if (options->data)
    printf(" --data %s", options->data);
  for (int i = 0; i < options->set.count; i++)
    printf(" --set %s", options->set.items[i]);
  printf(" --resume %s' goes on\n", run->training.checkpoint);
}

void nc_train_summarise(const NcTrainRun *run, const NcrtOutcome *outcome, double seconds) {
  const NcrtTraining *training = &run->training;
  if (outcome->end == NCRT_END_PATIENCE)
    printf("%s was not better for %" PRId64 " epoch%s: training ends\n", training->monitor.name,
           training->patience, training->patience == 1 ? "" : "s");
  else if (outcome->end == NCRT_END_STOPPED)
    printf("interrupted\n");
  if (outcome->samples > 0)
    print_work(run, outcome, seconds);
  else if (outcome->end == NCRT_END_DONE)
    printf("nothing is left to do: %" PRId64 " of %" PRId64 " epochs are done; --epochs says how "
           "many there shall be\n",
           training->start.epoch, training->epochs);
  print_best(run, &outcome->best);
  if (!training->checkpoint)
    printf("no checkpoint was written; --out FILE writes one\n");
  else if (outcome->samples > 0)
    printf("saved %s\n", training->checkpoint);
  if (outcome->end == NCRT_END_STOPPED && training->checkpoint)
    print_resume(run);
}

int nc_train_draw(const NcTrainRun *run) {
  NcHistory history;
  NcrtStatus status = {0};
  NcArena *arena = run->unit->arena;
  if (!nc_history_read(arena, run->log_path, &history, &status))
    return nc_fail_status(&status);
  int code = nc_plot_file_write(
      &run->plot, nc_history_draw(arena, run->plot.painter, run->unit->name, &history));
  if (code == NC_EXIT_OK)
    printf("drawn %s\n", run->plot.path);
  return code;
}
