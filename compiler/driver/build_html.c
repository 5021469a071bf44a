// netc build --emit=html: the network as a page that a browser runs.
//
// The page (compiler/emit/page.html, page.css, page.js) is the same for all networks. Into it go
// two texts: the module, and a description of its functions, inputs and outputs in JSON.
#include "driver/build.h"

#include "driver/compile.h"
#include "driver/experiment.h"
#include "driver/label.h"
#include "driver/link.h"
#include "driver/pixels.h"
#include "driver/values.h"
#include "emit/c_texts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Browsers refuse longer texts, and no one waits for them.
#define MOST_BYTES (INT64_C(256) << 20)

typedef struct Page {
  const NcBuild *build;
  const NcModel *model;
  const NcModelFunction *function;
  NcLabels labels;
} Page;

// ---- the description

static json_t *texts_json(const NcTexts *texts) {
  json_t *list = json_array();
  for (int i = 0; i < texts->count; i++)
    json_array_append_new(list, json_string(texts->items[i]));
  return list;
}

static json_t *image_json(const NcImageShape *image) {
  return json_pack("[i, i, i]", image->height, image->width, image->channels);
}

// What inputs and outputs have in common.
static json_t *value_json(const Page *page, const NcModelValue *value, const NcrtShape *sample) {
  json_t *object = json_object(), *dims = json_array();
  NcText type = nc_text_create(page->build->unit->arena);
  nc_type_print(&type, &value->type);
  for (int d = 0; d < sample->rank; d++)
    json_array_append_new(dims, json_integer(sample->dims[d]));
  json_object_set_new(object, "name", json_string(value->path));
  json_object_set_new(object, "type", json_string(type.data));
  json_object_set_new(object, "dtype", json_string(nc_dtype_name(value->type.dtype)));
  json_object_set_new(object, "dims", dims);
  return object;
}

// The columns of a table that feed an input, if the source names as many as a sample has numbers.
static const NcTexts *columns_of(const NcProgram *program, int input, int64_t elements) {
  for (int i = 0; i < program->datasets.count; i++)
    for (int k = 0; k < program->datasets.items[i].bindings.count; k++) {
      const NcBinding *binding = &program->datasets.items[i].bindings.items[k];
      if (binding->input == input && binding->reading.columns.count == elements)
        return &binding->reading.columns;
    }
  return NULL;
}

static json_t *input_json(const Page *page, int i) {
  const NcModelValue *value = &page->function->inputs.items[i];
  const NcProgram *program = page->build->unit->program;
  NcrtShape shape = nc_runtime_shape(&value->type), sample = nc_sample_shape(&shape);
  NcImageShape image;
  json_t *object = value_json(page, value, &sample);
  int input = page->labels.needed[i];
  NcTexts names = nc_label_names(&page->labels, input);
  const NcTexts *columns = columns_of(program, input, ncrt_shape_elements(&sample, 1));
  if (nc_input_image(&shape, &image))
    json_object_set_new(object, "image", image_json(&image));
  if (value->has_range)
    json_object_set_new(object, "range",
                        json_pack("[I, I]", (json_int_t)value->low, (json_int_t)value->high));
  if (columns)
    json_object_set_new(object, "columns", texts_json(columns));
  if (names.count > 0)
    json_object_set_new(object, "names", texts_json(&names));
  return object;
}

static json_t *output_json(const Page *page, int i) {
  const NcModelValue *value = &page->function->results.items[i];
  NcrtShape shape = nc_runtime_shape(&value->type), sample = nc_sample_shape(&shape);
  NcImageShape image;
  json_t *object = value_json(page, value, &sample);
  if (nc_output_image(&sample, &image))
    json_object_set_new(object, "image", image_json(&image));
  if (!shape.batched || sample.rank != 1)
    return object;
  int label = nc_label_find(&page->labels, sample.dims[0]);
  json_object_set_new(object, "counted", json_boolean(label >= 0));
  NcTexts names = label >= 0 ? nc_label_names(&page->labels, label) : (NcTexts){0};
  if (names.count == sample.dims[0])
    json_object_set_new(object, "names", texts_json(&names));
  return object;
}

static int64_t count_params(const NcModel *model) {
  int64_t count = 0;
  for (int i = 0; i < model->variable_count; i++)
    if (model->variables[i].used && model->variables[i].variable->kind == NC_VAR_PARAM)
      count += model->variables[i].elements;
  return count;
}

// Input buffers and results follow the state and the arena, as page.js lays them out.
static int64_t memory_bytes(const Page *page) {
  const NcModelFunction *f = page->function;
  int64_t bytes = page->model->arena_bytes + page->model->state_bytes;
  int64_t values = f->inputs.count + f->results.count;
  for (int i = 0; i < f->inputs.count; i++) {
    NcrtShape shape = nc_runtime_shape(&f->inputs.items[i].type);
    bytes += ncrt_shape_bytes(&shape, 1);
  }
  for (int i = 0; i < f->results.count; i++) {
    NcrtShape shape = nc_runtime_shape(&f->results.items[i].type);
    bytes += ncrt_shape_bytes(&shape, 1);
  }
  return bytes + (values + 3) * NC_MODEL_HEAD; // where each begins
}

static json_t *describe(const Page *page) {
  const NcUnit *unit = page->build->unit;
  const NcModel *m = page->model;
  const NcModelFunction *f = page->function;
  json_t *object = json_object(), *inputs = json_array(), *outputs = json_array();
  for (int i = 0; i < f->inputs.count; i++)
    json_array_append_new(inputs, input_json(page, i));
  for (int i = 0; i < f->results.count; i++)
    json_array_append_new(outputs, output_json(page, i));
  json_object_set_new(object, "source", json_string(unit->name));
  json_object_set_new(object, "trained", json_boolean(unit->from_checkpoint));
  json_object_set_new(object, "step", json_integer(m->step));
  json_object_set_new(object, "epoch", json_integer(m->epoch));
  json_object_set_new(object, "params", json_integer(count_params(m)));
  json_object_set_new(object, "function", json_string(f->name));
  json_object_set_new(object, "batched", json_boolean(f->has_batch));
  json_object_set_new(object, "state", json_integer(f->takes_state ? m->state_bytes : 0));
  json_object_set_new(object, "arena", json_integer(m->arena_bytes));
  json_object_set_new(object, "alignment", json_integer(NC_MODEL_HEAD));
  json_object_set_new(object, "inputs", inputs);
  json_object_set_new(object, "outputs", outputs);
  return object;
}

// ---- the page

static void append_base64(NcText *out, const NcrtObject *object) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const uint8_t *bytes = object->bytes;
  for (size_t i = 0; i < object->size; i += 3) {
    size_t left = object->size - i;
    uint32_t bits = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                    (left > 2 ? bytes[i + 2] : 0);
    char group[4];
    for (int k = 0; k < 4; k++)
      group[k] = digits[bits >> (18 - 6 * k) & 63];
    memset(group + 1 + (left < 3 ? left : 3), '=', 3 - (left < 3 ? left : 3));
    nc_text_append_n(out, group, 4);
  }
}

// JSON inside HTML: nothing in it may end the element.
static bool append_description(NcText *out, const Page *page) {
  json_t *description = describe(page);
  char *text = json_dumps(description, JSON_INDENT(1) | JSON_ENSURE_ASCII);
  json_decref(description);
  for (const char *at = text; at && *at; at++)
    if (*at == '<')
      nc_text_append(out, "\\u003c");
    else
      nc_text_append_n(out, at, 1);
  free(text);
  return text != NULL;
}

static void append_escaped(NcText *out, const char *text) {
  for (; *text; text++)
    if (*text == '<' || *text == '&')
      nc_text_append(out, *text == '<' ? "&lt;" : "&amp;");
    else
      nc_text_append_n(out, text, 1);
}

// The text of a file beside page.html.
static void append_text(NcText *out, const char *open) {
  static const char *const files[][2] = {
      {"{{style}}", "page.css"}, {"{{network}}", "page_network.js"}, {"{{script}}", "page.js"}};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    if (strncmp(open, files[i][0], strlen(files[i][0])) == 0)
      nc_text_append(out, nc_c_text(files[i][1]));
}

// The page's text with what stands for {{…}} in it.
static bool append_page(NcText *out, const Page *page, const NcrtObject *module) {
  bool done = true;
  for (const char *at = nc_c_text("page.html"), *open; at;
       at = open ? strstr(open, "}}") + 2 : NULL) {
    open = strstr(at, "{{");
    nc_text_append_n(out, at, open ? (size_t)(open - at) : strlen(at));
    if (!open)
      break;
    if (strncmp(open, "{{name}}", 8) == 0)
      append_escaped(out, page->build->unit->name);
    else if (strncmp(open, "{{model}}", 9) == 0)
      done = append_description(out, page);
    else if (strncmp(open, "{{module}}", 10) == 0)
      append_base64(out, module);
    else
      append_text(out, open);
  }
  return done;
}

static int write_page(const Page *page, const NcrtObject *module) {
  NcText text = nc_text_create(page->build->unit->arena);
  NcrtStatus status = {0};
  if (!append_page(&text, page, module)) {
    ncrt_fail_memory(&status, 1, "a page");
    return nc_fail_status(&status);
  }
  NcrtPart part = {text.data, text.length};
  if (!ncrt_file_replace(page->build->out, &part, 1, &status))
    return nc_fail_status(&status);
  printf("wrote %s: a page of %.1f MB\n", page->build->out, (double)text.length / 1e6);
  if (!page->build->unit->from_checkpoint)
    printf("its params have their first values; a checkpoint has those of a training\n");
  return NC_EXIT_OK;
}

static bool check_size(const Page *page, int64_t bytes) {
  if (bytes <= MOST_BYTES)
    return true;
  fprintf(stderr,
          "netc: %s needs %" PRId64 " MiB of a page's memory; browsers are trusted with %" PRId64
          "\n",
          page->build->unit->name, bytes >> 20, MOST_BYTES >> 20);
  return false;
}

static int make_page(const NcBuild *build, const NcModel *model, const NcrtObject *object) {
  NcArena *arena = build->unit->arena;
  Page page = {build, model, model->functions.items[0], {0}};
  NcrtObject module;
  NcrtStatus status = {0};
  int count;
  const int *needed =
      nc_needed_inputs(arena, build->unit->program, page.function->plan->graph, &count);
  page.labels = (NcLabels){arena, build->unit->program, needed, count,
                           build->unit->from_checkpoint ? build->unit->info.classes : NULL};
  const char *functions[] = {page.function->name, page.function->takes_state ? "model_reset" : NULL,
                             NULL};
  int64_t heap = memory_bytes(&page);
  if (!check_size(&page, heap + (int64_t)object->size))
    return NC_EXIT_INPUT;
  if (!nc_link_wasm(arena, object, functions, heap, &module, &status))
    return nc_fail_status(&status);
  return write_page(&page, &module);
}

// ---- what a page can show

static bool check_inputs(const NcBuild *build, const NcGraph *graph) {
  if (graph->inputs.count > 0)
    return true;
  fprintf(stderr, "netc: %s: what is to be shown depends on no input, so there is nothing to try\n",
          build->unit->name);
  return false;
}

int nc_build_html(const NcBuild *build) {
  const NcGraph *graph = nc_build_graph(build);
  if (!graph || !check_inputs(build, graph))
    return NC_EXIT_INPUT;
  if (build->options->weights && strcmp(build->options->weights, "none") == 0) {
    fprintf(stderr, "netc build: --emit=html takes no --weights=none: a page holds its network\n");
    return NC_EXIT_USAGE;
  }
  return nc_build_wasm(build, make_page);
}
