// netc data: what data sets hold, and what training sees of them.
#include "driver/experiment.h"
#include "driver/help.h"
#include "driver/panel_print.h"
#include "driver/pixels.h"
#include "driver/plot_file.h"
#include "driver/select.h"
#include "driver/sources.h"
#include "driver/values.h"
#include "order.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 80, MOST_CLASSES = 30, MOST_VALUES = 8, PRINTED = 4, DRAWN = 25 };

// What the values of an input are like.
typedef struct Summary {
  NcSummary all;
  int64_t low, count; // integers from low on are counted; count 0: they are not
  int64_t *counts;
} Summary;

typedef struct Showing {
  NcExperiment e;
  const NcOptions *options;
  json_t *all; // of --json; else NULL
  NcPlotFile plot;
  // Of the data set at work:
  const NcDataset *declared;
  const NcrtDataset *data;
  Summary *summaries; // by binding
  int64_t batch;
  bool trains, shuffled;
} Showing;

static const NcrtInput *input_of(const Showing *s, int binding) {
  return &s->e.inputs.inputs[s->data->bound[binding].input];
}

static const NcBinding *binding_of(const Showing *s, int binding) {
  for (int i = 0; i < s->declared->bindings.count; i++)
    if (s->declared->bindings.items[i].input == s->data->bound[binding].input)
      return &s->declared->bindings.items[i];
  return NULL;
}

static const NcTexts *classes_of(const Showing *s, int binding) {
  return &binding_of(s, binding)->classes;
}

static int64_t sample_elements(const Showing *s, int binding) {
  return ncrt_shape_elements(&input_of(s, binding)->shape, 1);
}

static double value(const Showing *s, int binding, int64_t row, int64_t element) {
  const NcrtBound *bound = &s->data->bound[binding];
  return nc_value_at(bound->array.header.dtype, bound->array.data,
                     row * sample_elements(s, binding) + element);
}

// ---- summaries

// Values that are classes are counted: one integer a sample, of a known range.
static void find_range(const Showing *s, int binding, Summary *summary) {
  const NcrtInput *input = input_of(s, binding);
  const NcTexts *classes = classes_of(s, binding);
  bool integer = input->shape.dtype != NCRT_F32 && input->shape.dtype != NCRT_F64;
  if (!integer || sample_elements(s, binding) != 1)
    return;
  if (input->has_range) {
    summary->low = input->low;
    summary->count = input->high - input->low;
  } else {
    summary->count = input->shape.dtype == NCRT_BOOL ? 2 : classes->count;
  }
  if (summary->count > 100000)
    summary->count = 0;
}

static void add_value(Summary *summary, double v) {
  nc_summary_add(&summary->all, v);
  int64_t place = isfinite(v) ? (int64_t)v - summary->low : -1;
  if (summary->count > 0 && place >= 0 && place < summary->count)
    summary->counts[place]++;
}

static void summarise(const Showing *s, int binding, Summary *summary) {
  int64_t elements = sample_elements(s, binding);
  *summary = (Summary){0};
  find_range(s, binding, summary);
  summary->counts = NC_NEW_ARRAY(s->e.unit->arena, int64_t, summary->count + 1);
  for (int64_t n = 0; n < s->data->rows; n++)
    for (int64_t i = 0; i < elements; i++)
      add_value(summary, value(s, binding, ncrt_dataset_row(s->data, n), i));
}

// ---- in words

static const char *class_name(const Showing *s, int binding, int64_t place) {
  const NcTexts *classes = classes_of(s, binding);
  const Summary *summary = &s->summaries[binding];
  int64_t number = place + summary->low;
  char plain[80];
  if (number >= 0 && number < classes->count) {
    ncrt_printable(plain, sizeof plain, classes->items[number]);
    return nc_arena_strdup(s->e.unit->arena, plain);
  }
  return nc_arena_printf(s->e.unit->arena, "%" PRId64, number);
}

static void print_histogram(const Showing *s, int binding) {
  const Summary *summary = &s->summaries[binding];
  int64_t shown = summary->count < MOST_CLASSES ? summary->count : MOST_CLASSES, most = 1;
  int widest = 0;
  for (int64_t i = 0; i < summary->count; i++)
    most = summary->counts[i] > most ? summary->counts[i] : most;
  for (int64_t i = 0; i < shown; i++) {
    int width = nc_text_columns(class_name(s, binding, i));
    widest = width > widest ? width : widest;
  }
  widest = widest < 30 ? widest : 30;
  int room = COLUMNS - 4 - widest - 12;
  for (int64_t i = 0; i < shown; i++) {
    const char *name = class_name(s, binding, i);
    int bar = (int)((double)summary->counts[i] * room / (double)most + 0.5);
    printf("    %s%*s %10" PRId64 " %.*s\n", name,
           widest > nc_text_columns(name) ? widest - nc_text_columns(name) : 0, "",
           summary->counts[i], bar,
           "################################################################################");
  }
  if (shown < summary->count)
    printf("    and %" PRId64 " more\n", summary->count - shown);
}

static void print_input(const Showing *s, int binding) {
  const Summary *summary = &s->summaries[binding];
  const NcInput *input = &s->e.unit->program->inputs.items[s->data->bound[binding].input];
  printf("  %s: %s", input->name, nc_type_format(s->e.unit->arena, &input->type));
  if (input->has_range)
    printf(" in %" PRId64 "..%" PRId64, input->low, input->high);
  printf("\n    ");
  nc_help_wrap(stdout, binding_of(s, binding)->reading.text, 4, 6);
  printf("    from %s\n    %.6g to %.6g, mean %.6g", s->data->bound[binding].array.name,
         summary->all.least, summary->all.most, summary->all.mean);
  int64_t odd = summary->all.values - summary->all.finite;
  if (odd > 0)
    printf("; %" PRId64 " values are not finite", odd);
  printf("\n");
  if (summary->count > 0)
    print_histogram(s, binding);
}

static int64_t batch_count(const Showing *s, int64_t *rest) {
  int64_t whole = s->data->rows / s->batch;
  *rest = s->data->rows % s->batch;
  bool drops = s->trains && s->e.unit->program->train.drop_last && whole > 0;
  return whole + (*rest > 0 && !drops);
}

static void print_batches(const Showing *s) {
  int64_t rest, count = batch_count(s, &rest);
  printf("%s: %" PRId64 " samples, %" PRId64 " batch%s of %" PRId64, s->declared->name,
         s->data->rows, count, count == 1 ? "" : "es", s->batch);
  if (rest > 0)
    printf(count > s->data->rows / s->batch ? ", the last of %" PRId64
                                            : ", a rest of %" PRId64 " left out",
           rest);
  if (s->declared->split)
    printf("; %s of %s", s->declared->split->view,
           s->e.unit->program->datasets.items[s->declared->split->whole].name);
  printf("\n");
}

// ---- the first batches

static int64_t seed_of(const Showing *s) { return s->options->seed < 0 ? 1 : s->options->seed; }

// The rows that begin the first batches.
static int64_t *first_rows(const Showing *s, int *count) {
  int64_t rest, batches = batch_count(s, &rest), wanted = s->options->first;
  if (wanted <= 0)
    wanted = s->options->plot ? DRAWN : PRINTED;
  int64_t *order = NC_NEW_ARRAY(s->e.unit->arena, int64_t, s->data->rows);
  for (int64_t i = 0; i < s->data->rows; i++)
    order[i] = i;
  if (s->shuffled)
    ncrt_order(seed_of(s), 0, s->data->rows, order);
  *count = (int)(wanted < batches ? wanted : batches);
  int64_t *rows = NC_NEW_ARRAY(s->e.unit->arena, int64_t, *count + 1);
  for (int i = 0; i < *count; i++)
    rows[i] = ncrt_dataset_row(s->data, order[i * s->batch]);
  return rows;
}

// The first input that is an image, if one is worth looking at.
static int picture_binding(const Showing *s, NcImageShape *shape) {
  for (int i = 0; i < s->data->count; i++)
    if (nc_input_image(&input_of(s, i)->shape, shape) && shape->height >= 4 && shape->width >= 4)
      return i;
  return -1;
}

static int class_binding(const Showing *s) {
  for (int i = 0; i < s->data->count; i++)
    if (s->summaries[i].count > 0)
      return i;
  return -1;
}

// The name of a sample's class, or NULL.
static const char *label_of(const Showing *s, int64_t row) {
  int label = class_binding(s);
  if (label < 0)
    return NULL;
  return class_name(s, label, (int64_t)value(s, label, row, 0) - s->summaries[label].low);
}

static const char *caption_of(const Showing *s, int batch, int64_t row) {
  const char *label = label_of(s, row);
  return nc_arena_printf(s->e.unit->arena, "batch %d, #%" PRId64 "%s%s", batch, row,
                         label ? ": " : "", label ? label : "");
}

static NcPixels image_of(const Showing *s, int binding, NcImageShape shape, int64_t row) {
  const NcrtBound *bound = &s->data->bound[binding];
  return nc_pixels_make(s->e.unit->arena, bound->array.header.dtype, bound->array.data,
                        row * sample_elements(s, binding), shape);
}

// As many side by side as there is room for.
static void print_pictures(const Showing *s, int binding, NcImageShape shape, const int64_t *rows,
                           int count) {
  NcArena *arena = s->e.unit->arena;
  bool color = nc_options_color(s->options, stdout);
  NcPixels *images = NC_NEW_ARRAY(arena, NcPixels, count + 1);
  const char **captions = NC_NEW_ARRAY(arena, const char *, count + 1);
  for (int i = 0; i < count; i++) {
    captions[i] = caption_of(s, i + 1, rows[i]);
    images[i] = image_of(s, binding, shape, rows[i]);
  }
  NcrtProgress terminal;
  ncrt_progress_open(&terminal, stdout);
  int columns = terminal.width < COLUMNS ? terminal.width : COLUMNS;
  int fit = columns / NC_PANEL_WIDEST_IMAGE, step = fit > 0 ? fit : 1;
  for (int i = 0; i < count; i += step) {
    NcPanel panel = {.images = images + i,
                     .captions = captions + i,
                     .image_count = count - i < step ? count - i : step};
    nc_panel_print(arena, &panel, stdout, color);
  }
}

static void print_sample(const Showing *s, int batch, int64_t row) {
  printf("  batch %d, #%" PRId64 ":", batch, row);
  for (int i = 0; i < s->data->count; i++) {
    int64_t elements = sample_elements(s, i);
    printf("\n    %s", input_of(s, i)->name);
    if (s->summaries[i].count > 0 && classes_of(s, i)->count > 0) {
      printf(" %s", class_name(s, i, (int64_t)value(s, i, row, 0) - s->summaries[i].low));
      continue;
    }
    for (int64_t k = 0; k < elements && k < MOST_VALUES; k++)
      printf(" %.4g", value(s, i, row, k));
    printf("%s", elements > MOST_VALUES ? " ..." : "");
  }
  printf("\n");
}

static void print_first(const Showing *s) {
  NcImageShape shape;
  int count, picture = picture_binding(s, &shape);
  int64_t *rows = first_rows(s, &count);
  if (s->shuffled)
    printf("  The first sample of each batch, as training sees them with seed %" PRId64 ":\n",
           seed_of(s));
  else
    printf("  The first sample of each batch, in the order of the files:\n");
  if (picture >= 0)
    print_pictures(s, picture, shape, rows, count);
  for (int i = 0; picture < 0 && i < count; i++)
    print_sample(s, i + 1, rows[i]);
}

// ---- as a picture

// One panel for each of the first samples: its image, and its class or else its number as title.
static int draw_first(const Showing *s) {
  NcArena *arena = s->e.unit->arena;
  NcImageShape shape;
  int count, binding = picture_binding(s, &shape);
  if (binding < 0) {
    fprintf(stderr, "netc data: --plot: no input of %s is an image\n", s->declared->name);
    return NC_EXIT_INPUT;
  }
  int64_t *rows = first_rows(s, &count);
  if (count > NC_FIGURE_MOST_PANELS) {
    fprintf(stderr, "netc data: --plot draws at most %d samples, not %d\n", NC_FIGURE_MOST_PANELS,
            count);
    return NC_EXIT_INPUT;
  }
  NcPanel *panels = NC_NEW_ARRAY(arena, NcPanel, count);
  NcPixels *images = NC_NEW_ARRAY(arena, NcPixels, count);
  for (int i = 0; i < count; i++) {
    const char *label = label_of(s, rows[i]);
    images[i] = image_of(s, binding, shape, rows[i]);
    panels[i] = (NcPanel){.images = &images[i],
                          .image_count = 1,
                          .title = label ? label : nc_arena_printf(arena, "#%" PRId64, rows[i])};
  }
  const char *title = nc_arena_printf(arena, "%d samples of %s", count, s->declared->name);
  return nc_plot_file_write(&s->plot,
                            nc_figure_panels(arena, s->plot.painter, title, panels, count));
}

// ---- in JSON

static json_t *input_json(const Showing *s, int binding) {
  const Summary *summary = &s->summaries[binding];
  const NcrtInput *input = input_of(s, binding);
  const NcBinding *from = binding_of(s, binding);
  json_t *shape = json_array();
  for (int d = 1; d < input->shape.rank; d++)
    json_array_append_new(shape, json_integer(input->shape.dims[d]));
  json_t *object =
      json_pack("{s:s,s:s,s:o,s:s,s:s,s:f,s:f,s:f,s:I}", "name", input->name, "dtype",
                ncrt_dtype_name(input->shape.dtype), "sample", shape, "reader", from->reading.text,
                "file", s->data->bound[binding].array.name, "min", summary->all.least, "max",
                summary->all.most, "mean", summary->all.mean, "not_finite",
                (json_int_t)(summary->all.values - summary->all.finite));
  if (summary->count == 0)
    return object;
  json_t *classes = json_array();
  for (int64_t i = 0; i < summary->count; i++)
    json_array_append_new(
        classes, json_pack("{s:I,s:s,s:I}", "value", (json_int_t)(i + summary->low), "name",
                           class_name(s, binding, i), "count", (json_int_t)summary->counts[i]));
  json_object_set_new(object, "classes", classes);
  return object;
}

static void add_json(const Showing *s) {
  int64_t rest, batches = batch_count(s, &rest);
  int count;
  int64_t *rows = first_rows(s, &count);
  json_t *inputs = json_array(), *first = json_array();
  for (int i = 0; i < s->data->count; i++)
    json_array_append_new(inputs, input_json(s, i));
  for (int i = 0; i < count; i++)
    json_array_append_new(first, json_integer(rows[i]));
  json_array_append_new(s->all,
                        json_pack("{s:s,s:I,s:I,s:I,s:b,s:o,s:o}", "name", s->declared->name,
                                  "samples", (json_int_t)s->data->rows, "batch",
                                  (json_int_t)s->batch, "batches", (json_int_t)batches, "shuffled",
                                  s->shuffled, "first", first, "inputs", inputs));
}

// ---- what is made of the first batch

static const NcNode *find_variable(const NcNode *node, bool *seen) {
  if (node->op == &nc_op_variable)
    return node;
  const NcNode *found = NULL;
  if (seen[node->id])
    return NULL;
  seen[node->id] = true;
  for (int i = 0; i < node->operand_count && !found; i++)
    found = find_variable(node->operands[i], seen);
  return found;
}

static bool check_fetched(const Showing *s) {
  const NcGraph *graph = nc_module_graph(s->e.unit->program->module, "fetch");
  for (int i = 0; i < graph->results.count; i++) {
    bool *seen = NC_NEW_ARRAY(s->e.unit->arena, bool, graph->next_id + 1);
    const NcNode *variable = find_variable(graph->results.items[i].node, seen);
    if (!variable)
      continue;
    fprintf(stderr,
            "netc data: --fetch takes what is made of the inputs alone, but %s depends on %s; "
            "'netc run' fetches any value\n",
            nc_fetched_text(s->e.unit, i), variable->variable->name);
    return false;
  }
  return true;
}

static int show_fetched(Showing *s) {
  static const char *const entries[] = {"fetch", NULL};
  NcrtStatus status = {0};
  int code = nc_experiment_compile(&s->e, s->options, entries, s->batch, seed_of(s));
  if (code != NC_EXIT_OK)
    return code;
  int entry = ncrt_session_entry(s->e.session, "fetch");
  NcrtFeed feed;
  if (!ncrt_feed_open(&feed, s->e.session, entry, s->data, s->batch, s->shuffled, false, &status))
    return nc_fail_status(&status);
  int64_t count = ncrt_feed_next(&feed);
  bool ok = ncrt_session_run(s->e.session, entry, count, feed.inputs, &status);
  ncrt_feed_close(&feed);
  if (!ok)
    return nc_experiment_fail(&s->e, &status);
  json_t *list = s->all ? json_array() : NULL;
  if (!s->all)
    printf("  Made of the first batch:\n");
  for (int i = 0; i < s->e.unit->fetched->args.count; i++) {
    NcrtShape shape;
    const void *data = ncrt_session_result(
        s->e.session, entry, nc_arena_printf(s->e.unit->arena, "fetch[%d]", i), &shape);
    if (list)
      json_array_append_new(list,
                            nc_values_json(nc_fetched_text(s->e.unit, i), &shape, count, data));
    else
      nc_values_print(stdout, nc_fetched_text(s->e.unit, i), &shape, count, data);
  }
  if (list)
    json_object_set_new(json_array_get(s->all, json_array_size(s->all) - 1), "fetched", list);
  return NC_EXIT_OK;
}

// ---- the command

static int show_dataset(Showing *s, int number) {
  const NcTrain *train = &s->e.unit->program->train;
  s->declared = &s->e.unit->program->datasets.items[number];
  s->data = nc_experiment_data(&s->e, number);
  if (!s->data)
    return NC_EXIT_INPUT;
  s->trains = train->data == number;
  s->shuffled = s->trains && train->shuffle && !s->options->in_order;
  s->batch = s->options->batch > 0 ? s->options->batch : train->batch > 0 ? train->batch : 128;
  s->batch = s->batch < s->data->rows ? s->batch : s->data->rows;
  s->summaries = NC_NEW_ARRAY(s->e.unit->arena, Summary, s->data->count + 1);
  for (int i = 0; i < s->data->count; i++)
    summarise(s, i, &s->summaries[i]);
  int code = s->options->plot ? draw_first(s) : NC_EXIT_OK;
  if (code != NC_EXIT_OK)
    return code;
  if (s->all) {
    add_json(s);
    return NC_EXIT_OK;
  }
  print_batches(s);
  for (int i = 0; i < s->data->count; i++)
    print_input(s, i);
  if (s->options->plot)
    printf("drawn %s\n", s->options->plot);
  else
    print_first(s);
  return NC_EXIT_OK;
}

static int show_all(Showing *s) {
  const NcProgram *program = s->e.unit->program;
  const char *wanted = s->options->dataset;
  int number = wanted ? nc_select_dataset(program, wanted) : -1;
  if (wanted && number < 0)
    return NC_EXIT_INPUT;
  if ((s->options->fetch || s->options->plot) && number < 0)
    number = program->train.data >= 0 ? program->train.data : 0;
  if (s->options->fetch && !check_fetched(s))
    return NC_EXIT_INPUT;
  int code = s->options->plot ? nc_plot_file_open(s->e.unit->arena, s->options->plot, &s->plot)
                              : NC_EXIT_OK;
  for (int i = 0; i < program->datasets.count && code == NC_EXIT_OK; i++)
    if (number < 0 || i == number)
      code = show_dataset(s, i);
  return code == NC_EXIT_OK && s->options->fetch ? show_fetched(s) : code;
}

static int run(const NcOptions *options) {
  NcUnit unit;
  if (options->fetch && options->fetch[strspn(options->fetch, " ")] == 0) {
    fprintf(stderr, "netc data: --fetch names no value, as --fetch 'one_hot(label, 10)' does\n");
    return NC_EXIT_USAGE;
  }
  if (!nc_unit_open(&unit, options))
    return NC_EXIT_INPUT;
  unit.fetch = options->fetch;
  int code = NC_EXIT_INPUT;
  if (!nc_unit_check(&unit, true)) {
  } else if (unit.program->datasets.count == 0) {
    fprintf(stderr,
            "netc data: %s declares no data set: add `dataset NAME { INPUT = idx(\"FILE\") "
            "}`\n",
            options->file);
  } else {
    Showing s = {.options = options, .all = options->json ? json_array() : NULL};
    nc_experiment_open(&s.e, &unit);
    code = show_all(&s);
    if (s.all && code == NC_EXIT_OK) {
      json_dumpf(s.all, stdout, JSON_INDENT(2));
      printf("\n");
    }
    json_decref(s.all);
    nc_experiment_close(&s.e);
  }
  nc_unit_close(&unit);
  return code;
}

const NcCommand nc_command_data = {
    .name = "data",
    .argument = "FILE.net",
    .summary = "Show what the data sets hold, and what training sees of them.",
    .details =
        "Of each data set or of --dataset: its files, samples and batches, and of each "
        "input type, range, mean and how often each class occurs; then the first sample of "
        "the first batches, as pictures where they are images. --plot draws these in a file, "
        "with their classes as titles, and --fetch shows what is made of the inputs of the "
        "first batch, as one_hot(label, 10): both of --dataset or else of the training data.",
    .example = "netc data examples/mnist/mnist.net --data examples/mnist/data\n"
               "  netc data mnist.net --data data --plot digits.svg",
    .options = " --data --set --dataset --batch --first --seed --in-order --fetch --plot --json "
               "--threads ",
    .run = run,
};
