// Checks that a checkpoint belongs to a training, and restores it.
#include "driver/resume.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int nc_resume_open(NcResume *resume, const NcOptions *options) {
  *resume = (NcResume){.path = options->resume};
  NcrtStatus status = {0};
  if (!resume->path)
    return NC_EXIT_OK;
  bool done = ncrt_safetensors_read(resume->path, &resume->file, &status) &&
              ncrt_checkpoint_info(&resume->file, &resume->info, &status);
  if (done && options->seed >= 0 && options->seed != resume->info.seed)
    done = ncrt_fail(&status, NCRT_BAD_INPUT,
                     "%s was trained with seed %" PRId64 ", not %" PRId64
                     "; leave --seed out to go on with it",
                     resume->path, resume->info.seed, options->seed);
  return done ? NC_EXIT_OK : nc_fail_status(&status);
}

void nc_resume_close(NcResume *resume) {
  if (resume->file.name)
    ncrt_safetensors_free(&resume->file);
}

// ---- the program

static bool is_part_of_program(const char *key) {
  return strncmp(key, NCRT_KEY_IMPORT, strlen(NCRT_KEY_IMPORT)) == 0 ||
         strncmp(key, NCRT_KEY_SET, strlen(NCRT_KEY_SET)) == 0;
}

static bool same_texts(const NcResume *resume, const NcUnit *unit) {
  const NcrtCheckpointInfo *info = &resume->info;
  if (strcmp(info->source, unit->sources->files.items[unit->file].text) != 0)
    return false;
  int count = 0;
  for (int i = 0; i < info->text_count; i++)
    count += is_part_of_program(info->texts[i].key);
  for (int i = 0; i < unit->more.count; i++) {
    const char *text = ncrt_safetensors_text(&resume->file, unit->more.items[i].key);
    if (!text || strcmp(text, unit->more.items[i].value) != 0)
      return false;
  }
  return count == unit->more.count;
}

// A graph that differs, of those that training runs; or NULL. Where first values come from does not
// matter any more.
static const char *different_graph(NcUnit *unit, const NcModule *a, const NcModule *b) {
  for (int i = 0; i < a->graphs.count; i++) {
    const NcGraph *graph = a->graphs.items[i], *other = nc_module_graph(b, graph->name);
    if (strcmp(graph->name, "initialize") == 0 || strcmp(graph->name, "predict") == 0)
      continue;
    if (!other)
      return graph->name;
    NcText mine = nc_text_create(unit->arena), theirs = nc_text_create(unit->arena);
    nc_graph_print(&mine, graph, NULL);
    nc_graph_print(&theirs, other, NULL);
    if (strcmp(mine.data, theirs.data) != 0)
      return graph->name;
  }
  return NULL;
}

static const char *difference(NcUnit *unit, const NcProgram *a, const NcProgram *b) {
  if (a->train.shuffle != b->train.shuffle)
    return "shuffle";
  if (a->train.drop_last != b->train.drop_last)
    return "drop_last";
  if (a->train.batch != b->train.batch)
    return "batch";
  const char *graph = different_graph(unit, a->module, b->module);
  if (!graph)
    graph = different_graph(unit, b->module, a->module);
  if (!graph)
    return NULL;
  bool forward = strcmp(graph, "evaluate") == 0 || strcmp(graph, "train_step") == 0;
  return forward ? "network, loss or metrics" : strcmp(graph, "clip") == 0 ? "clip" : "optimizer";
}

static void print_settings(const NcrtCheckpointInfo *info) {
  for (int i = 0; i < info->text_count; i++)
    if (strncmp(info->texts[i].key, NCRT_KEY_SET, strlen(NCRT_KEY_SET)) == 0)
      fprintf(stderr, "      it was trained with --set %s=%s\n",
              info->texts[i].key + strlen(NCRT_KEY_SET), info->texts[i].value);
}

static int other_program(const NcResume *resume, const char *file, const char *what) {
  fprintf(stderr,
          "netc: %s is not the program that %s was trained with: another %s\n"
          "      'netc ckpt source %s' prints that program; --init %s begins a new training with "
          "its params\n",
          file, resume->path, what, resume->path, resume->path);
  print_settings(&resume->info);
  return NC_EXIT_INPUT;
}

int nc_resume_check_program(const NcResume *resume, NcUnit *unit, const NcOptions *options) {
  if (!resume->path || same_texts(resume, unit))
    return NC_EXIT_OK;
  NcOptions bare = *options;
  bare.set.count = 0;
  NcUnit other;
  nc_unit_open_checkpoint(&other, &bare, &resume->info);
  other.messages = NULL;
  int code = NC_EXIT_OK;
  if (!nc_unit_check(&other, false)) {
    fprintf(stderr, "netc: the source in %s has errors; was it changed?\n", resume->path);
    code = NC_EXIT_INPUT;
  } else {
    const char *what = difference(unit, unit->program, other.program);
    if (what)
      code = other_program(resume, options->file, what);
  }
  nc_unit_close(&other);
  return code;
}

// ---- the training

int nc_resume_check_training(const NcResume *resume, const NcrtTraining *training) {
  const NcrtCheckpointInfo *info = &resume->info;
  NcrtStatus status = {0};
  if (!resume->path)
    return NC_EXIT_OK;
  char digest[NCRT_DIGEST_SIZE];
  ncrt_dataset_digest(training->data, digest);
  if (training->data->rows != info->samples)
    ncrt_fail(&status, NCRT_BAD_INPUT,
              "%s was trained on %" PRId64 " samples, but there are %" PRId64
              ": the training set is another one",
              resume->path, info->samples, training->data->rows);
  else if (info->digest && strcmp(info->digest, digest) != 0)
    ncrt_fail(&status, NCRT_BAD_INPUT,
              "%s was trained on other samples than these %" PRId64 ", which have the digest %s, "
              "not %.20s",
              resume->path, training->data->rows, digest, info->digest);
  else if (info->batch && info->batch != training->batch)
    ncrt_fail(&status, NCRT_BAD_INPUT,
              "%s was trained in batches of %" PRId64 ", not %" PRId64
              "; leave --batch out to go on with them",
              resume->path, info->batch, training->batch);
  return status.code == NCRT_OK ? NC_EXIT_OK : nc_fail_status(&status);
}

int nc_resume_load(const NcResume *resume, NcExperiment *e, NcrtTraining *training) {
  const NcrtCheckpointInfo *info = &resume->info;
  NcrtStatus status = {0};
  if (!ncrt_checkpoint_load(&resume->file, e->session, NCRT_LOAD_ALL, &status))
    return nc_fail_status(&status);
  ncrt_session_set_step(e->session, info->step);
  training->start = (NcrtCursor){info->epoch, info->position};
  training->best = info->best;
  // Another figure is watched from now on.
  const NcrtMonitor *monitor = &training->monitor;
  const char *name = info->monitor && *info->monitor == '-' ? info->monitor + 1 : info->monitor;
  if (!name || !monitor->name || strcmp(name, monitor->name) != 0 ||
      monitor->falls != (name != info->monitor))
    training->best = (NcrtBest){monitor->falls ? INFINITY : -INFINITY, info->epoch};
  return NC_EXIT_OK;
}
