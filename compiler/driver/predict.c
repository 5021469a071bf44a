// netc predict: what a checkpoint's network says about files or samples of a data set.
#include "driver/panel_print.h"
#include "driver/plot_file.h"
#include "driver/predict_show.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const entries[] = {"predict", NULL};

enum { DEFAULT_FIRST = 25, DEFAULT_BATCH = 128 };

// ---- which samples

static bool check_index(const NcSamples *samples, int64_t index) {
  if (index < samples->data->rows)
    return true;
  fprintf(stderr, "netc: there is no sample %lld: %s %s %lld, numbered from 0 to %lld\n",
          (long long)index, samples->dataset ? samples->dataset : "the files",
          samples->dataset ? "has" : "hold", (long long)samples->data->rows,
          (long long)samples->data->rows - 1);
  return false;
}

// The rows that --index and --first name; NULL after a message.
static int64_t *choose_rows(NcArena *arena, const NcSamples *samples, const NcOptions *options,
                            int64_t *count) {
  bool all = options->wrong || options->hardest > 0 || !samples->dataset;
  int64_t rows = samples->data->rows, first = options->first;
  if (first < 0)
    first = all ? rows : DEFAULT_FIRST;
  *count = options->index.count > 0 ? options->index.count : first < rows ? first : rows;
  int64_t *chosen = NC_NEW_ARRAY(arena, int64_t, *count + 1);
  for (int64_t i = 0; i < *count; i++) {
    chosen[i] = options->index.count > 0 ? options->index.items[i] : i;
    if (!check_index(samples, chosen[i]))
      return NULL;
  }
  return chosen;
}

typedef struct Hard {
  int64_t n;
  double share; // of the true class
} Hard;

static int by_share(const void *a, const void *b) {
  const Hard *x = a, *y = b;
  if (x->share != y->share)
    return x->share < y->share ? -1 : 1;
  return x->n < y->n ? -1 : x->n > y->n;
}

static int64_t *choose_shown(const NcPrediction *p, const NcOptions *options, int64_t *count) {
  Hard *items = NC_NEW_ARRAY(p->arena, Hard, p->count + 1);
  int64_t *shown = NC_NEW_ARRAY(p->arena, int64_t, p->count + 1);
  *count = 0;
  for (int64_t n = 0; n < p->count; n++)
    if (!options->wrong || nc_is_wrong(p, n))
      items[(*count)++] = (Hard){n, nc_predicted_share(p, n, nc_true_class(p, n))};
  if (options->hardest > 0) {
    qsort(items, (size_t)*count, sizeof *items, by_share);
    *count = *count < options->hardest ? *count : options->hardest;
  }
  for (int64_t i = 0; i < *count; i++)
    shown[i] = items[i].n;
  return shown;
}

static bool check_labels(const NcPrediction *p, const NcOptions *options) {
  if ((!options->wrong && options->hardest < 0) || p->label >= 0)
    return true;
  fprintf(stderr, "netc: %s needs true classes, ", options->wrong ? "--wrong" : "--hardest");
  if (p->answer < 0)
    fprintf(stderr, "but no output gives probabilities of classes; name one with --output\n");
  else if (p->samples->dataset)
    fprintf(stderr, "which no input of %s seems to hold; name it with --label\n",
            p->samples->dataset);
  else
    fprintf(stderr, "which files of samples alone do not have; give --dataset\n");
  return false;
}

// ---- what is shown

static int plot(const NcShown *shown, const NcPlotFile *file) {
  const NcPrediction *p = shown->p;
  bool single = shown->count == 1, images = nc_predict_has_images(p);
  if (shown->count == 0 || shown->count > NC_FIGURE_MOST_PANELS) {
    fprintf(stderr, "netc: a picture shows 1 to %d samples, not %lld%s\n", NC_FIGURE_MOST_PANELS,
            (long long)shown->count, shown->count > 0 ? "; choose with --first or --hardest" : "");
    return NC_EXIT_INPUT;
  }
  if (!images && p->answer < 0) {
    fprintf(stderr, "netc: there is nothing to draw: no input or output is an image, and no output "
                    "gives probabilities of classes\n");
    return NC_EXIT_INPUT;
  }
  const NcPanel *panels = nc_predict_panels(shown, single || !images);
  const char *title =
      single ? panels->title
             : nc_arena_printf(p->arena, "Predictions of %lld samples", (long long)shown->count);
  return nc_plot_file_write(
      file, nc_figure_panels(p->arena, file->painter, title, panels, (int)shown->count));
}

static void show_panels(const NcShown *shown, bool color) {
  const NcPrediction *p = shown->p;
  const NcPanel *panels = nc_predict_panels(shown, true);
  for (int64_t i = 0; i < shown->count; i++)
    if (panels[i].image_count > 0 || panels[i].bar_count > 0) {
      nc_panel_print(p->arena, &panels[i], stdout, color);
      printf("\n");
    }
}

static int present(const NcPrediction *p, const NcOptions *options, const NcPlotFile *file) {
  NcShown shown = {.p = p, .top = options->top > 0 ? (int)options->top : 3};
  if (!check_labels(p, options))
    return NC_EXIT_INPUT;
  shown.items = choose_shown(p, options, &shown.count);
  bool color = nc_options_color(options, stdout);
  int code = options->plot ? plot(&shown, file) : NC_EXIT_OK;
  if (code != NC_EXIT_OK)
    return code;
  if (options->json && !nc_predict_json(&shown, stdout)) {
    fprintf(stderr, "netc: out of memory\n");
    return NC_EXIT_MACHINE;
  }
  if (!options->json && (options->images || shown.count == 1))
    show_panels(&shown, color);
  if (!options->json)
    nc_predict_table(&shown, stdout, color);
  if (options->plot && !options->json)
    printf("drawn %s\n", options->plot);
  return NC_EXIT_OK;
}

// ---- the run

static int predict_samples(NcExperiment *e, const NcOptions *options, const NcrtSafetensors *file,
                           const NcSamples *samples, NcPrediction *p, const NcPlotFile *plot_file) {
  int64_t count, batch = options->batch > 0 ? options->batch : DEFAULT_BATCH;
  int64_t *rows = choose_rows(e->unit->arena, samples, options, &count);
  NcrtStatus status = {0};
  if (!rows)
    return NC_EXIT_INPUT;
  batch = batch < count ? batch : count;
  int code = nc_experiment_compile(e, options, entries, batch, 1);
  if (code == NC_EXIT_OK && !ncrt_checkpoint_load(file, e->session, NCRT_LOAD_PARAMS, &status))
    code = nc_fail_status(&status);
  if (code == NC_EXIT_OK)
    code = nc_prediction_run(p, e, samples, options, file, rows, count, batch);
  if (code == NC_EXIT_OK)
    code = present(p, options, plot_file);
  nc_prediction_close(p);
  return code;
}

static int predict_experiment(NcExperiment *e, const NcOptions *options,
                              const NcrtSafetensors *file, const NcGraph *graph) {
  NcPlotFile plot_file = {0};
  NcPrediction p = {0};
  NcSamples samples;
  p.inputs = nc_needed_inputs(e->unit->arena, e->unit->program, graph, &p.input_count);
  int code =
      options->plot ? nc_plot_file_open(e->unit->arena, options->plot, &plot_file) : NC_EXIT_OK;
  if (code != NC_EXIT_OK)
    return code;
  code = nc_samples_open(&samples, e, options, p.inputs, p.input_count, file);
  if (code == NC_EXIT_OK)
    code = predict_samples(e, options, file, &samples, &p, &plot_file);
  nc_samples_close(&samples);
  return code;
}

static int predict_unit(NcUnit *unit, const NcOptions *options, const NcrtSafetensors *file) {
  if (!nc_unit_check(unit, false))
    return NC_EXIT_INPUT;
  const NcGraph *graph = nc_module_graph(unit->program->module, "predict");
  if (!graph || graph->results.count == 0) {
    fprintf(stderr,
            "netc: %s: its source %s has no output to predict: add `output NAME = value` there and "
            "train it again\n",
            options->file, unit->name);
    return NC_EXIT_INPUT;
  }
  NcExperiment e;
  nc_experiment_open(&e, unit);
  int code = predict_experiment(&e, options, file, graph);
  nc_experiment_close(&e);
  return code;
}

// What does not go together.
static bool check_options(const NcOptions *options) {
  const char *wrong = NULL;
  if (options->index.count > 0 && options->first > 0)
    wrong = "--first and --index both say which samples: leave one out";
  else if (options->json && options->images)
    wrong = "--images draws on the terminal what --json prints as numbers: leave one out";
  if (wrong)
    fprintf(stderr, "netc predict: %s\n", wrong);
  return !wrong;
}

static int run(const NcOptions *options) {
  return check_options(options) ? nc_with_checkpoint(options, predict_unit) : NC_EXIT_USAGE;
}

const NcCommand nc_command_predict = {
    .name = "predict",
    .argument = "FILE.safetensors [SAMPLES…]",
    .summary = "Predict: what a checkpoint's network says about files or samples of a data set.",
    .details = "SAMPLES are files: pictures (png), arrays (npy, npz, idx), tables (csv), or a row "
               "of numbers "
               "as 5.1,3.5,1.4,0.2;\nwhere the network has several inputs, each as INPUT=FILE. "
               "Pictures are "
               "converted to the input's size and channels.\nWithout files the samples come from a "
               "data set.",
    .example = "netc predict mnist.safetensors digit.png --plot digit.svg\n"
               "  netc predict mnist.safetensors --data examples/mnist/data --hardest 9",
    .options =
        " --data --set --dataset --index --first --wrong --hardest --top --output --label "
        "--invert --images --json --plot --batch --threads --max-memory --cpu --math --timings ",
    .more = INT_MAX,
    .run = run,
};
