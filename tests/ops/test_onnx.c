// The operators in ONNX: each sample as a model, also behind a convolution, where values have their
// channels first, and with operands that repeat a vector. The nodes of the first, and of the second
// where the operator is not elementwise, are those of tests/fixtures/onnx/samples.txt; that all
// compute the same in ONNX Runtime is checked by tests/fixtures/check_onnx.py.
//
//   ops_onnx --print          prints samples.txt
//   ops_onnx --write FOLDER   writes models, inputs, and what the references give, for the script
#include "ops/samples.h"

#include "emit/onnx.h"
#include "emit/onnx.pb-c.h"
#include "npy.h"
#include "ops/build.h"

#include <inttypes.h>
#include <stdio.h>

typedef enum Variant { PLAIN, BEHIND_CONV, REPEATED, VARIANTS } Variant;
static const char *const suffixes[] = {"", ".conv", ".repeated"};

static bool fits(const NcType *type, Variant variant) {
  const NcDim *last = &type->dims[type->rank - 1];
  if (variant == BEHIND_CONV)
    return type->dtype == NC_F32 && type->rank >= 3 && type->rank <= 5;
  return variant == REPEATED && type->rank >= 2 && nc_dim_is_constant(*last);
}

// An operand of the type as a convolution's result, or repeated.
static NcNode *operand(NcGraph *graph, const NcNode *input, Variant variant) {
  NcType type = input->type;
  int64_t last = type.rank - 1, ones[] = {1, 1, 1}, zeros[6] = {0};
  const char *kernel_name = nc_arena_printf(graph->arena, "%s_kernel", input->name);
  if (variant == REPEATED)
    return nc_broadcast(
        graph, nc_graph_input(graph, input->name, nc_type(type.dtype, 1, &type.dims[last])), &last,
        type.rank, type.dims);
  int spatial = type.rank - 2;
  NcType kernel = {.dtype = type.dtype, .rank = type.rank};
  for (int d = 0; d < spatial; d++)
    kernel.dims[d] = nc_dim(1);
  kernel.dims[spatial] = kernel.dims[spatial + 1] = type.dims[last];
  NcAttr form[] = {nc_attr_ints(ones, spatial), nc_attr_ints(zeros, 2 * spatial),
                   nc_attr_ints(ones, spatial), nc_attr_int(1)};
  NcNode *x = nc_graph_input(graph, input->name, type);
  return nc_conv(graph, x, nc_graph_input(graph, kernel_name, kernel), form);
}

// The sample in that variant; NULL if no operand fits it.
static NcGraph *sample_graph(NcArena *arena, const NcSample *sample, Variant variant) {
  NcGraph *from = read_sample(arena, sample->text);
  if (variant == PLAIN)
    return from;
  NcGraph *graph = nc_module_add_graph(nc_module_create(arena), "sample");
  NcNode **map = NC_NEW_ARRAY(arena, NcNode *, from->next_id);
  NcNode *result = from->results.items[0].node;
  bool any = false;
  NcDim n = nc_dim_batch();
  nc_graph_input(graph, "samples", nc_type(NC_U8, 1, &n)); // gives N
  for (int i = 0; i < from->inputs.count; i++) {
    const NcNode *input = from->inputs.items[i];
    bool fit = fits(&input->type, variant);
    any |= fit;
    map[input->id] =
        fit ? operand(graph, input, variant) : nc_graph_input(graph, input->name, input->type);
  }
  nc_graph_inline(graph, from, &result, 1, map);
  nc_graph_add_result(graph, "result", NC_RESULT_OUTPUT, map[result->id]);
  return any ? graph : NULL;
}

static bool export(NcArena *arena, const NcGraph *graph, NcOnnxModel *model) {
  const char *outputs[] = {"result"};
  NcOnnxRequest request = {
      .graph = graph, .outputs = outputs, .name = "sample", .step = 3, .epoch = 1};
  return nc_onnx_write(arena, &request, model);
}

// ---- as text

static void print_type(NcText *text, const Onnx__ValueInfoProto *info) {
  const Onnx__TypeProto__Tensor *tensor = info->type->tensor_type;
  nc_text_printf(text, " : %d[", tensor->elem_type);
  for (size_t d = 0; d < tensor->shape->n_dim; d++) {
    const Onnx__TensorShapeProto__Dimension *dim = tensor->shape->dim[d];
    if (dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM)
      nc_text_printf(text, "%s%s", d ? ", " : "", dim->dim_param);
    else
      nc_text_printf(text, "%s%" PRId64, d ? ", " : "", dim->dim_value);
  }
  nc_text_append(text, "]");
}

static const Onnx__ValueInfoProto *info_of(const Onnx__GraphProto *graph, const char *name) {
  for (size_t i = 0; i < graph->n_value_info; i++)
    if (strcmp(graph->value_info[i]->name, name) == 0)
      return graph->value_info[i];
  for (size_t i = 0; i < graph->n_output; i++)
    if (strcmp(graph->output[i]->name, name) == 0)
      return graph->output[i];
  return NULL;
}

static void print_node(NcText *text, const Onnx__GraphProto *graph, const Onnx__NodeProto *node) {
  nc_text_printf(text, "  %s = %s(", node->output[0], node->op_type);
  for (size_t i = 0; i < node->n_input; i++)
    nc_text_printf(text, "%s%s", i ? ", " : "", node->input[i]);
  nc_text_append(text, ")");
  for (size_t i = 0; i < node->n_attribute; i++) {
    const Onnx__AttributeProto *a = node->attribute[i];
    nc_text_printf(text, " %s=", a->name);
    if (a->has_i)
      nc_text_printf(text, "%" PRId64, a->i);
    for (size_t k = 0; k < a->n_ints; k++)
      nc_text_printf(text, "%s%" PRId64, k ? "," : "", a->ints[k]);
  }
  const Onnx__ValueInfoProto *info = info_of(graph, node->output[0]);
  assert_non_null(info);
  print_type(text, info);
  nc_text_append(text, "\n");
}

static Onnx__ModelProto *unpack(const NcOnnxModel *model) {
  Onnx__ModelProto *proto = onnx__model_proto__unpack(NULL, model->size, model->bytes);
  assert_non_null(proto);
  return proto;
}

static void print_sample(NcText *text, const NcSample *sample, Variant variant) {
  NcArena *arena = nc_arena_create();
  NcGraph *graph = sample_graph(arena, sample, variant);
  NcOnnxModel model;
  if (graph)
    nc_text_printf(text, "%s%s%s\n", suffixes[variant], variant == PLAIN ? "" : " ", sample->text);
  if (graph && export(arena, graph, &model)) {
    Onnx__ModelProto *proto = unpack(&model);
    for (size_t i = 0; i < proto->graph->n_node; i++)
      print_node(text, proto->graph, proto->graph->node[i]);
    onnx__model_proto__free_unpacked(proto, NULL);
  } else if (graph) {
    nc_text_printf(text, "  none: %s; %s\n", model.message, model.help);
  }
  nc_arena_destroy(arena);
}

static char *print_samples(NcArena *arena) {
  NcText text = nc_text_create(arena);
  for (int i = 0; nc_ops[i]; i++)
    for (const NcSample *sample = nc_ops[i]->samples; sample->text; sample++) {
      print_sample(&text, sample, PLAIN);
      if (!(nc_ops[i]->facts & NC_FACT_ELEMENTWISE))
        print_sample(&text, sample, BEHIND_CONV);
    }
  return text.data;
}

// ---- tests

static void nodes_are_those_of_the_file(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  char *want = nc_arena_alloc(arena, 1 << 20), *got = print_samples(arena);
  FILE *file = fopen(NETC_SOURCE_DIR "/tests/fixtures/onnx/samples.txt", "rb");
  assert_non_null(file);
  assert_true(fread(want, 1, (1 << 20) - 1, file) > 0);
  fclose(file);
  char *next_want = want, *next_got = got;
  for (int line = 1; next_want && next_got; line++) {
    const char *a = strsep(&next_want, "\n"), *b = strsep(&next_got, "\n");
    if (strcmp(a, b) != 0)
      fail_sample("samples.txt", "line %d is\n  %s\nand should be\n  %s", line, a, b);
  }
  assert_true(next_want == next_got);
  nc_arena_destroy(arena);
}

static bool is_known(const Onnx__GraphProto *graph, const char *name, size_t nodes) {
  bool known = *name == 0;
  for (size_t i = 0; i < graph->n_input; i++)
    known |= strcmp(graph->input[i]->name, name) == 0;
  for (size_t i = 0; i < graph->n_initializer; i++)
    known |= strcmp(graph->initializer[i]->name, name) == 0;
  for (size_t i = 0; i < nodes; i++)
    known |= strcmp(graph->node[i]->output[0], name) == 0;
  return known;
}

// Every value is made once, before it is used, and has a type.
static void check_model(const NcSample *sample, const NcOnnxModel *model) {
  Onnx__ModelProto *proto = unpack(model);
  const Onnx__GraphProto *graph = proto->graph;
  for (size_t i = 0; i < graph->n_node; i++) {
    const Onnx__NodeProto *node = graph->node[i];
    for (size_t k = 0; k < node->n_input; k++)
      if (!is_known(graph, node->input[k], i))
        fail_sample(sample->text, "%s is used before it is there", node->input[k]);
    if (is_known(graph, node->output[0], i))
      fail_sample(sample->text, "%s is there twice", node->output[0]);
    if (!info_of(graph, node->output[0]))
      fail_sample(sample->text, "%s has no type", node->output[0]);
  }
  assert_true(is_known(graph, "result", graph->n_node));
  onnx__model_proto__free_unpacked(proto, NULL);
}

static void models_are_whole(void **state) {
  const NcOp *op = *state;
  for (const NcSample *sample = op->samples; sample->text; sample++)
    for (Variant variant = PLAIN; variant < VARIANTS; variant++) {
      NcArena *arena = nc_arena_create();
      NcGraph *graph = sample_graph(arena, sample, variant);
      NcOnnxModel model, again;
      if (graph && export(arena, graph, &model)) {
        check_model(sample, &model);
        assert_true(export(arena, graph, &again));
        assert_int_equal(model.size, again.size);
        assert_memory_equal(model.bytes, again.bytes, model.size);
      } else if (graph && (!model.message || !model.help)) {
        fail_sample(sample->text, "no reason is given");
      }
      nc_arena_destroy(arena);
    }
}

// ---- for the script

static void write_tensor(const char *path, const NcTensor *tensor) {
  NcrtStatus status = {0};
  NcrtShape shape = {.dtype = (NcrtDtype)tensor->type.dtype, .rank = tensor->type.rank};
  for (int d = 0; d < shape.rank; d++)
    shape.dims[d] = tensor->type.dims[d].c;
  if (!ncrt_npy_write(path, &shape, 1, tensor->data, &status))
    fail_sample(path, "%s", status.message);
}

static void write_sample(const char *folder, const NcSample *sample, Variant variant, int number) {
  NcArena *arena = nc_arena_create();
  NcGraph *graph = sample_graph(arena, sample, variant);
  NcOnnxModel model;
  if (graph && export(arena, graph, &model)) {
    NcTensor **inputs = draw_inputs(arena, graph, sample, 3, 11);
    Values values = evaluate(arena, graph, inputs, 3);
    const char *base = nc_arena_printf(arena, "%s/%d%s", folder, number, suffixes[variant]);
    FILE *file = fopen(nc_arena_printf(arena, "%s.onnx", base), "wb");
    assert_non_null(file);
    fwrite(model.bytes, 1, model.size, file);
    fclose(file);
    for (int i = 0; i < graph->inputs.count; i++)
      write_tensor(nc_arena_printf(arena, "%s.in.%s.npy", base, graph->inputs.items[i]->name),
                   inputs[i]);
    if (!values.error)
      write_tensor(nc_arena_printf(arena, "%s.out.npy", base), values.results[0]);
    printf("%d%s %s\n", number, suffixes[variant], sample->text);
  }
  nc_arena_destroy(arena);
}

static void write_samples(const char *folder) {
  int number = 0;
  for (int i = 0; nc_ops[i]; i++)
    for (const NcSample *sample = nc_ops[i]->samples; sample->text; sample++, number++)
      for (Variant variant = PLAIN; variant < VARIANTS; variant++)
        write_sample(folder, sample, variant, number);
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--print") == 0) {
    NcArena *arena = nc_arena_create();
    fputs(print_samples(arena), stdout);
    nc_arena_destroy(arena);
    return 0;
  }
  if (argc == 3 && strcmp(argv[1], "--write") == 0) {
    write_samples(argv[2]);
    return 0;
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test(nodes_are_those_of_the_file)};
  return run_for_operators("models are whole", models_are_whole) +
         cmocka_run_group_tests(tests, NULL, NULL);
}
