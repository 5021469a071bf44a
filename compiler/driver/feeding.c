// Which samples a graph is run on: see feeding.h.
#include "driver/feeding.h"

#include "driver/select.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int find_input(const NcProgram *program, const char *name, size_t length) {
  for (int i = 0; i < program->inputs.count; i++)
    if (strlen(program->inputs.items[i].name) == length &&
        strncmp(program->inputs.items[i].name, name, length) == 0)
      return i;
  return -1;
}

static bool feed_one(NcFeeding *f, const char *feed) {
  const NcProgram *program = f->e->unit->program;
  const char *path = strchr(feed, '=') + 1;
  int input = find_input(program, feed, (size_t)(path - 1 - feed));
  if (input < 0) {
    fprintf(stderr, "netc: the program has no input %.*s; it has", (int)(path - 1 - feed), feed);
    for (int i = 0; i < program->inputs.count; i++)
      fprintf(stderr, "%s %s", i ? "," : "", program->inputs.items[i].name);
    fprintf(stderr, "\n");
    return false;
  }
  NcrtStatus status = {0};
  NcrtReading reading = {.reader = nc_ends_in(path, ".npy") ? "npy" : "idx"};
  return ncrt_dataset_bind_file(&f->fed, input, &reading, path, &status) ||
         nc_fail_status(&status) == NC_EXIT_OK;
}

static int default_dataset(const NcProgram *program) {
  return program->train.validate >= 0 ? program->train.validate
         : program->train.data >= 0   ? program->train.data
                                      : program->datasets.count - 1;
}

// Chooses the samples of a data set.
static int choose_samples(NcFeeding *f, int64_t batch) {
  const NcOptions *o = f->options;
  int64_t rows = f->data->rows, index = o->index.count > 0 ? o->index.items[0] : -1;
  if (o->index.count > 1) {
    fprintf(stderr, "netc: one --index at a time\n");
    return NC_EXIT_USAGE;
  }
  if (index >= rows) {
    fprintf(stderr,
            "netc: there is no sample %" PRId64 "; they are numbered from 0 to %" PRId64 "\n",
            index, rows - 1);
    return NC_EXIT_INPUT;
  }
  f->first = index >= 0 ? index : 0;
  f->count = index >= 0 ? 1 : o->first > 0 ? o->first : batch > 0 ? batch : 1;
  f->count = f->count < rows - f->first ? f->count : rows - f->first;
  return NC_EXIT_OK;
}

const NcNode *nc_feeding_missing(const NcFeeding *f) {
  const NcProgram *program = f->e->unit->program;
  for (int i = 0; i < f->graph->inputs.count; i++) {
    const NcNode *input = f->graph->inputs.items[i];
    if (!f->data ||
        !ncrt_dataset_find(f->data, find_input(program, input->name, strlen(input->name))))
      return input;
  }
  return NULL;
}

int nc_feeding_open(NcFeeding *f, NcExperiment *e, const NcOptions *options, const NcGraph *graph,
                    int64_t batch, bool optional) {
  const NcProgram *program = e->unit->program;
  *f = (NcFeeding){.e = e, .options = options, .graph = graph, .count = 1};
  ncrt_dataset_open(&f->fed, &e->inputs);
  for (int i = 0; i < options->feed.count; i++)
    if (!feed_one(f, options->feed.items[i]))
      return NC_EXIT_INPUT;
  if (graph->inputs.count == 0)
    return NC_EXIT_OK;
  f->data = &f->fed;
  if (options->feed.count > 0) {
    f->count = f->fed.rows;
    return NC_EXIT_OK;
  }
  int number =
      options->dataset ? nc_select_dataset(program, options->dataset) : default_dataset(program);
  if (number < 0)
    return options->dataset ? NC_EXIT_INPUT : NC_EXIT_OK;
  if (optional && !options->dataset && program->datasets.items[number].samples == 0)
    return NC_EXIT_OK;
  f->dataset = program->datasets.items[number].name;
  f->data = nc_experiment_data(e, number);
  return f->data ? choose_samples(f, batch) : NC_EXIT_INPUT;
}

void nc_feeding_close(NcFeeding *f) { ncrt_dataset_close(&f->fed); }

bool nc_feeding_begin(NcFeeding *f, const NcrtSession *session, int entry, NcrtFeed *feed,
                      NcrtStatus *status) {
  if (!ncrt_dataset_part(&f->part, f->data, f->first, f->first + f->count, false, 0, status))
    return false;
  if (ncrt_feed_open(feed, session, entry, &f->part, f->count, false, false, status)) {
    ncrt_feed_next(feed);
    return true;
  }
  ncrt_dataset_close(&f->part);
  return false;
}

void nc_feeding_end(NcFeeding *f, NcrtFeed *feed) {
  ncrt_feed_close(feed);
  ncrt_dataset_close(&f->part);
}
