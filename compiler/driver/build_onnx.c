// netc build --emit=onnx: the network as an ONNX model.
#include "driver/build.h"

#include "emit/onnx.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct Export {
  const NcBuild *build;
  NcExperiment e;
  const NcGraph *graph;
  NC_VEC(NcOnnxText) texts;
} Export;

// ---- the model

static void add_text(Export *x, const char *key, const char *value) {
  NcOnnxText text = {key, value};
  nc_vec_push(x->build->unit->arena, x->texts, text);
}

static void add_texts(Export *x) {
  const NcUnit *unit = x->build->unit;
  add_text(x, "netc.source", unit->name);
  if (!unit->from_checkpoint)
    return;
  add_text(x, "netc.step", nc_arena_printf(unit->arena, "%" PRId64, unit->info.step));
  add_text(x, "netc.epoch", nc_arena_printf(unit->arena, "%" PRId64, unit->info.epoch));
  if (unit->info.classes)
    add_text(x, "netc.classes", unit->info.classes);
}

// Where the network cannot be said in ONNX the line of the source tells.
static int refuse(const Export *x, const NcOnnxModel *model) {
  NcUnit *unit = x->build->unit;
  const NcOrigin *origin = model->node ? model->node->origin : NULL;
  NcDiag *diag =
      nc_diag_error(unit->diags, "E0701", origin ? origin->span : NC_NOWHERE, "%s", model->message);
  if (model->node) {
    NcText text = nc_text_create(unit->arena);
    nc_node_print(&text, model->node);
    nc_diag_note(unit->diags, diag, NC_NOWHERE, "needed for %s", text.data);
  }
  if (model->help)
    nc_diag_help(unit->diags, diag, "%s", model->help);
  nc_unit_report(unit);
  return NC_EXIT_INPUT;
}

static int write_model(Export *x, bool embed) {
  const NcUnit *unit = x->build->unit;
  NcOnnxModel model;
  NcOnnxRequest request = {.graph = x->graph,
                           .outputs = nc_build_names(x->build, x->graph),
                           .sources = unit->sources,
                           .name =
                               nc_arena_strndup(unit->arena, unit->name, strcspn(unit->name, ".")),
                           .values = embed ? nc_build_value : NULL,
                           .context = &x->e,
                           .step = unit->from_checkpoint ? unit->info.step : 0,
                           .epoch = unit->from_checkpoint ? unit->info.epoch : 0,
                           .texts = x->texts.items,
                           .text_count = x->texts.count};
  NcrtStatus status = {0};
  if (!nc_onnx_write(unit->arena, &request, &model))
    return refuse(x, &model);
  NcrtPart part = {model.bytes, model.size};
  if (!ncrt_file_replace(x->build->out, &part, 1, &status))
    return nc_fail_status(&status);
  printf("wrote %s: %d nodes, opset %d\n", x->build->out, model.nodes, NC_ONNX_OPSET);
  if (embed && !unit->from_checkpoint)
    printf("its params have their first values; a checkpoint has those of a training\n");
  return NC_EXIT_OK;
}

static int prepare(Export *x, bool embed) {
  NcUnit *unit = x->build->unit;
  NcOnnxModel model = {0};
  if (!embed)
    return nc_unit_passes(unit, NULL, NULL) ? NC_EXIT_OK : NC_EXIT_INPUT;
  return nc_onnx_fits(unit->arena, x->graph, &model)
             ? nc_build_values(x->build, &x->e, NCRT_LOAD_PARAMS)
             : refuse(x, &model);
}

int nc_build_onnx(const NcBuild *build) {
  bool embed = !build->options->weights || strcmp(build->options->weights, "embed") == 0;
  Export x = {.build = build};
  if (!(x.graph = nc_build_graph(build)))
    return NC_EXIT_INPUT;
  nc_experiment_open(&x.e, build->unit);
  add_texts(&x);
  int code = prepare(&x, embed);
  if (code == NC_EXIT_OK)
    code = write_model(&x, embed);
  nc_experiment_close(&x.e);
  return code;
}
