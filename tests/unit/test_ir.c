// The graph IR: types, tensors, graphs, the text form and the verifier.
#include "ops/samples.h"

#include "ir/verify.h"
#include "ops/build.h"

static int make_arena(void **state) {
  *state = nc_arena_create();
  return 0;
}

static int drop_arena(void **state) {
  nc_arena_destroy(*state);
  return 0;
}

static NcModule *read_text(NcArena *arena, const char *text, NcDiags **diags) {
  NcSourceMap *sources = nc_source_create(arena);
  int file = nc_source_add(sources, "test.ir", text, strlen(text), false);
  *diags = nc_diags_create(arena, sources);
  return nc_module_read(arena, sources, file, *diags, nc_op_by_name);
}

static NcModule *read_good(NcArena *arena, const char *text) {
  NcDiags *diags;
  NcModule *module = read_text(arena, text, &diags);
  NcText out = nc_text_create(arena);
  nc_diags_print(diags, &out, false);
  if (!module)
    print_error("%s\n", out.data);
  assert_non_null(module);
  return module;
}

static const char *print(NcArena *arena, const NcModule *module) {
  NcText text = nc_text_create(arena);
  nc_module_print(&text, module, NULL);
  return text.data;
}

static void assert_verifies(NcArena *arena, const NcModule *module) {
  NcText problems = nc_text_create(arena);
  if (!nc_module_verify(module, &problems))
    fail_msg("%s", problems.data);
}

static void test_dimensions(void **state) {
  NcArena *arena = *state;
  assert_string_equal(nc_dim_format(arena, nc_dim(7)), "7");
  assert_string_equal(nc_dim_format(arena, nc_dim_batch()), "N");
  assert_string_equal(nc_dim_format(arena, (NcDim){2, 0}), "2*N");
  assert_string_equal(nc_dim_format(arena, (NcDim){1, 1}), "N + 1");
  assert_string_equal(nc_dim_format(arena, (NcDim){1, -1}), "N - 1");
  NcDim product;
  assert_true(nc_dim_multiply((NcDim){1, 2}, nc_dim(3), &product));
  assert_true(nc_dim_equal(product, (NcDim){3, 6}));
  assert_false(nc_dim_multiply(nc_dim_batch(), nc_dim_batch(), &product));
  assert_false(nc_dim_multiply(nc_dim(INT64_MAX), nc_dim(2), &product));
  assert_int_equal(nc_dim_value((NcDim){3, 6}, 5), 21);
}

static void test_type_check(void **state) {
  NcArena *arena = *state;
  NcType type = nc_type(NC_F32, 3, (NcDim[]){nc_dim_batch(), nc_dim(7), nc_dim(3)});
  assert_null(nc_type_check(arena, &type));
  assert_string_equal(nc_type_format(arena, &type), "f32[N, 7, 3]");
  assert_true(nc_dim_equal(nc_type_elements(&type), (NcDim){21, 0}));
  NcType at = nc_type_at(&type, 4);
  assert_string_equal(nc_type_format(arena, &at), "f32[4, 7, 3]");
  type.dims[1] = nc_dim(0);
  assert_non_null(nc_type_check(arena, &type));
  type.dims[1] = nc_dim_batch();
  assert_non_null(nc_type_check(arena, &type));
  type.dims[1] = nc_dim((int64_t)1 << 50);
  assert_non_null(nc_type_check(arena, &type));
  type.rank = NC_MAX_RANK + 1;
  assert_non_null(nc_type_check(arena, &type));
  NcType scalar = nc_type_scalar(NC_BOOL);
  assert_string_equal(nc_type_format(arena, &scalar), "bool[]");
}

static void test_tensor_conversions(void **state) {
  NcType type = nc_type(NC_U8, 1, (NcDim[]){nc_dim(4)});
  NcTensor *u8 = nc_tensor_create(*state, &type);
  nc_tensor_set(u8, 0, 300);
  nc_tensor_set(u8, 1, -1);
  nc_tensor_set(u8, 2, (double)NAN);
  nc_tensor_set_int(u8, 3, 257);
  assert_int_equal(nc_tensor_get_int(u8, 0), 255);
  assert_int_equal(nc_tensor_get_int(u8, 1), 0);
  assert_int_equal(nc_tensor_get_int(u8, 2), 0);
  assert_int_equal(nc_tensor_get_int(u8, 3), 1);
  type.dtype = NC_I64;
  NcTensor *i64 = nc_tensor_create(*state, &type);
  nc_tensor_set(i64, 0, 1e300);
  nc_tensor_set(i64, 1, -1e300);
  assert_true(nc_tensor_get_int(i64, 0) == INT64_MAX);
  assert_true(nc_tensor_get_int(i64, 1) == INT64_MIN);
  type.dtype = NC_F32;
  NcTensor *f32 = nc_tensor_create(*state, &type);
  nc_tensor_set(f32, 0, 0.1);
  assert_true(nc_tensor_get(f32, 0) == (double)0.1f);
}

static void test_tensor_offsets(void **state) {
  NcType type = nc_type(NC_F32, 3, (NcDim[]){nc_dim(2), nc_dim(3), nc_dim(5)});
  NcTensor *tensor = nc_tensor_create(*state, &type);
  assert_int_equal(tensor->count, 30);
  for (int64_t i = 0; i < 30; i++) {
    int64_t index[3];
    nc_tensor_index(tensor, i, index);
    assert_int_equal(nc_tensor_offset(tensor, index), i);
  }
  assert_int_equal(nc_tensor_offset(tensor, (int64_t[]){1, 2, 4}), 29);
}

static const char module_text[] =
    "module {\n"
    "  param weights.c1: f32[3, 3, 1, 16]\n"
    "  state adam.m.weights.c1: f32[3, 3, 1, 16]\n"
    "  metric evaluate.loss.total0: f64[]\n"
    "}\n"
    "graph evaluate(image: u8[N, 28, 28, 1], label: u8[N]) {\n"
    "  %2 = cast %image : f32[N, 28, 28, 1]\n"
    "  %3 = const {value = 255.0} : f32[N, 28, 28, 1]\n"
    "  %7 = div %2, %3 : f32[N, 28, 28, 1]\n"
    "  %8 = conv %7, @weights.c1 {stride = [1, 1], padding = [1, 1, 1, 1], dilation = [1, 1], "
    "groups = 1} : f32[N, 28, 28, 16]\n"
    "  %9 = sum %8 {axes = [0, 1, 2, 3]} : f32[]\n"
    "  result loss loss = %9\n"
    "  result output same = %image\n"
    "  update weights.c1 = @weights.c1\n"
    "}\n"
    "graph update weights.c1(grad: f32[3, 3, 1, 16]) {\n"
    "  update adam.m.weights.c1 = %grad\n"
    "}\n"
    "graph empty() {\n"
    "}\n";

static void test_module_round_trip(void **state) {
  NcArena *arena = *state;
  NcModule *module = read_good(arena, module_text);
  assert_verifies(arena, module);
  assert_string_equal(print(arena, module), module_text);
  NcGraph *graph = nc_module_graph(module, "evaluate");
  assert_int_equal(graph->next_id, 10);
  assert_int_equal(nc_module_variable(module, "weights.c1")->kind, NC_VAR_PARAM);
}

static void test_blanks_do_not_matter(void **state) {
  NcArena *arena = *state;
  NcModule *module = read_good(arena, "# a comment\r\ngraph g(x:f32[2*N+1]){%4=neg %x:f32[2*N + 1]"
                                      "result output y[3].z=%4}# end");
  assert_string_equal(print(arena, module), "module {\n}\n"
                                            "graph g(x: f32[2*N + 1]) {\n"
                                            "  %4 = neg %x : f32[2*N + 1]\n"
                                            "  result output y[3].z = %4\n"
                                            "}\n");
}

static void test_sample_round_trip(void **state) {
  const NcOp *op = *state;
  for (const NcSample *sample = op->samples; sample && sample->text; sample++) {
    NcArena *arena = nc_arena_create();
    NcGraph *graph = read_sample(arena, sample->text);
    assert_verifies(arena, graph->module);
    const char *text = print(arena, graph->module);
    NcModule *again = read_good(arena, text);
    assert_verifies(arena, again);
    assert_string_equal(print(arena, again), text);
    nc_arena_destroy(arena);
  }
}

typedef struct Wrong {
  const char *code;
  int line, column;
  const char *text;
} Wrong;

#define GRAPH(body) "graph g(x: f32[N, 3], y: f32[3]) {\n" body "\n}"

static const Wrong wrong_texts[] = {
    {"E0601", 1, 1, "grahp g() {}"},
    {"E0601", 1, 9, "graph g("},
    {"E0601", 2, 10, GRAPH("%2 = neg ; : f32[3]")},
    {"E0601", 2, 1, GRAPH("\x01")},
    {"E0601", 2, 8, GRAPH("result resutl = %x")},
    {"E0601", 2, 17, GRAPH("%2 = add %x, %x f32[N, 3]")},
    {"E0602", 2, 1, GRAPH("%2147483648 = neg %x : f32[N, 3]")},
    {"E0602", 1, 16, "graph g(x: f32[99999999999999999999]) {}"},
    {"E0603", 2, 6, GRAPH("%2 = nge %x : f32[N, 3]")},
    {"E0603", 2, 6, GRAPH("%2 = input : f32[N, 3]")},
    {"E0603", 2, 10, GRAPH("%2 = neg %3 : f32[N, 3]")},
    {"E0603", 2, 10, GRAPH("%2 = neg @w : f32[N, 3]")},
    {"E0603", 1, 12, "graph g(x: f16[3]) {}"},
    {"E0604", 1, 19, "graph g(x: f32[], x: f32[]) {}"},
    {"E0604", 2, 49,
     GRAPH("%2 = neg %x : f32[N, 3] %3 = neg %x : f32[N, 3] %2 = neg %x : f32[N, 3]")},
    {"E0604", 1, 20, "graph g() {} graph g() {}"},
    {"E0605", 2, 6, GRAPH("%2 = neg %x, %x : f32[N, 3]")},
    {"E0606", 2, 6, GRAPH("%2 = sum %x : f32[]")},
    {"E0606", 2, 14, GRAPH("%2 = sum %x {axis = [0]} : f32[]")},
    {"E0606", 2, 14, GRAPH("%2 = sum %x {axes = 0} : f32[]")},
    {"E0606", 2, 29, GRAPH("%2 = sum %x {axes = [0, 1], axes = [0, 1]} : f32[]")},
    {"E0607", 1, 12, "graph g(x: f32[3, N]) {}"},
    {"E0607", 1, 12, "graph g(x: f32[0]) {}"},
    {"E0607", 1, 12, "graph g(x: f32[16777216, 16777216, 16777216]) {}"},
    {"E0607", 1, 32, "graph g(x: f32[1,1,1,1,1,1,1,1,1]) {}"},
    {"E0607", 1, 16, "module { param w: f32[N] }"},
    {"E0608", 2, 6, GRAPH("%2 = neg %x : f32[N, 4]")},
    {"E0609", 1, 55, "module { param w: f32[3] } graph g(x: f32[]) { update w = %x }"},
};

static void test_wrong_texts(void **state) {
  NcArena *arena = *state;
  int failed = 0;
  for (size_t i = 0; i < sizeof wrong_texts / sizeof *wrong_texts; i++) {
    const Wrong *wrong = &wrong_texts[i];
    NcDiags *diags;
    assert_null(read_text(arena, wrong->text, &diags));
    const NcDiag *diag = diags->items.items[0];
    int line, column;
    nc_source_position(diags->sources, 0, diag->span.begin, &line, &column);
    if (strcmp(diag->code, wrong->code) == 0 && line == wrong->line && column == wrong->column)
      continue;
    print_error("%s\n  gives %s at %d:%d: %s\n", wrong->text, diag->code, line, column,
                diag->message);
    failed++;
  }
  assert_int_equal(failed, 0);
}

// What depends on a wrong statement is not reported again.
static void test_errors_do_not_cascade(void **state) {
  NcDiags *diags;
  assert_null(read_text(*state,
                        GRAPH("%2 = nge %x : f32[N, 3] %3 = exp %2 : f32[N, 3]\n"
                              "result output a = %3 result output b = %4"),
                        &diags));
  assert_int_equal(diags->error_count, 2);
  assert_string_equal(diags->items.items[1]->message, "%4 is not defined before this place");
}

static void test_broken_constraint_is_reported(void **state) {
  NcDiags *diags;
  assert_null(read_text(*state, GRAPH("%2 = add %x, %y : f32[N, 3]"), &diags));
  const NcDiag *diag = diags->items.items[0];
  assert_string_equal(diag->code, nc_op_add.constraints[0].code);
  assert_int_equal(diag->labels.count, 2);
  assert_string_equal(diag->labels.items[1].text, "f32[3]");
}

static void test_sample_errors(void **state) {
  NcModule *module = nc_module_create(*state);
  const char *error = NULL;
  NcInfer infer;
  assert_null(nc_read_sample(module, nc_op_by_name, "add f32[3], f32[4] : f32[3]", &error, &infer));
  assert_string_equal(infer.broken->id, "add_c1");
  assert_null(nc_read_sample(module, nc_op_by_name, "add f32[3] : f32[3]", &error, &infer));
  assert_null(infer.broken);
  assert_string_equal(error, "add takes 2 operands, not 1");
  assert_null(nc_read_sample(module, nc_op_by_name, "neg f32[3] : f32[3] x", &error, &infer));
  assert_int_equal(module->graphs.count, 0);
}

static NcGraph *small_graph(NcArena *arena) {
  return read_good(arena, "module { param w: f32[3] }\n"
                          "graph g(x: f32[3]) {\n"
                          "  %1 = neg %x : f32[3]\n"
                          "  %2 = add %1, @w : f32[3]\n"
                          "  %3 = exp %2 : f32[3]\n"
                          "  %4 = mul %2, %2 : f32[3]\n"
                          "  result output y = %4\n"
                          "  update w = %2\n"
                          "}\n")
      ->graphs.items[0];
}

static NcNode *node_of(const NcGraph *graph, int id) {
  for (int i = 0; i < graph->nodes.count; i++)
    if (graph->nodes.items[i]->id == id)
      return graph->nodes.items[i];
  return NULL;
}

static void assert_broken(NcArena *arena, const NcGraph *graph, const char *expected) {
  NcText problems = nc_text_create(arena);
  assert_false(nc_module_verify(graph->module, &problems));
  if (!strstr(problems.data, expected))
    fail_msg("%s lacks %s", problems.data, expected);
}

static void test_verify_finds_order(void **state) {
  NcGraph *graph = small_graph(*state);
  node_of(graph, 1)->operands[0] = node_of(graph, 4);
  assert_broken(*state, graph, "%1: operand 0 of neg does not stand before it");
}

static void test_verify_finds_types(void **state) {
  NcGraph *graph = small_graph(*state);
  node_of(graph, 3)->type.dims[0] = nc_dim(4);
  assert_broken(*state, graph, "%3: exp gives f32[3], not f32[4]");
  graph = small_graph(*state);
  graph->updates.items[0].variable->type.dtype = NC_F64;
  assert_broken(*state, graph, "the update of w is f32[3], not f64[3]");
}

static void test_verify_finds_names(void **state) {
  NcGraph *graph = small_graph(*state);
  node_of(graph, 3)->id = 2;
  assert_broken(*state, graph, "%2 stands for two nodes");
  graph = small_graph(*state);
  nc_module_add_graph(graph->module, "g");
  assert_broken(*state, graph, "two graphs g");
  graph = small_graph(*state);
  nc_graph_add_update(graph, graph->updates.items[0].variable, node_of(graph, 1));
  assert_broken(*state, graph, "w is updated twice");
  graph = small_graph(*state);
  nc_graph_add_result(graph, "y", NC_RESULT_OUTPUT, node_of(graph, 1));
  assert_broken(*state, graph, "two results y");
}

static void test_prune(void **state) {
  NcGraph *graph = small_graph(*state);
  NcNode *late = nc_exp(graph, node_of(graph, 1));
  node_of(graph, 2)->operands[0] = late; // now stands after its use
  nc_graph_prune(graph);
  assert_verifies(*state, graph->module);
  assert_null(node_of(graph, 3));
  assert_non_null(node_of(graph, late->id));
  graph->results.count = graph->updates.count = 0;
  nc_graph_prune(graph);
  assert_int_equal(graph->nodes.count, 1); // the input stays
}

static void test_inline(void **state) {
  NcArena *arena = *state;
  NcGraph *from = small_graph(arena);
  NcGraph *to = nc_module_add_graph(from->module, "to");
  NcNode *image = nc_const(to, 2, node_of(from, 1)->type);
  NcNode **map = NC_NEW_ARRAY(arena, NcNode *, from->next_id);
  map[node_of(from, 1)->id] = image;
  NcNode *root = node_of(from, 4);
  nc_graph_inline(to, from, &root, 1, map);
  nc_graph_add_result(to, "y", NC_RESULT_OUTPUT, map[root->id]);
  assert_verifies(arena, from->module);
  assert_int_equal(to->inputs.count, 0); // x is behind the image
  assert_int_equal(to->nodes.count, 4);
  assert_ptr_equal(map[root->id]->operands[0]->operands[0], image);
}

static void test_float_attrs_have_one_form(void **state) {
  NcGraph *graph = nc_module_add_graph(nc_module_create(*state), "g");
  NcNode *third = nc_const(graph, 1.0 / 3, nc_type_scalar(NC_F32));
  assert_true(nc_node_attr(third, "value")->f == (double)(float)(1.0 / 3));
  nc_graph_add_result(graph, "y", NC_RESULT_OUTPUT, third);
  NcNode *odd[] = {nc_const(graph, (double)INFINITY, nc_type_scalar(NC_F32)),
                   nc_const(graph, -(double)INFINITY, nc_type_scalar(NC_F64)),
                   nc_const(graph, (double)NAN, nc_type_scalar(NC_F32)),
                   nc_const(graph, -0.0, nc_type_scalar(NC_F32))};
  for (int i = 0; i < 4; i++)
    nc_graph_add_result(graph, nc_arena_printf(*state, "r%d", i), NC_RESULT_OUTPUT, odd[i]);
  const char *text = print(*state, graph->module);
  assert_string_equal(print(*state, read_good(*state, text)), text);
  assert_non_null(strstr(text, "value = -0.0"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, drop_arena)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_dimensions),
      TEST(test_type_check),
      TEST(test_tensor_conversions),
      TEST(test_tensor_offsets),
      TEST(test_module_round_trip),
      TEST(test_blanks_do_not_matter),
      TEST(test_wrong_texts),
      TEST(test_errors_do_not_cascade),
      TEST(test_broken_constraint_is_reported),
      TEST(test_sample_errors),
      TEST(test_verify_finds_order),
      TEST(test_verify_finds_types),
      TEST(test_verify_finds_names),
      TEST(test_prune),
      TEST(test_inline),
      TEST(test_float_attrs_have_one_form),
  };
  int failed = cmocka_run_group_tests_name("ir", tests, NULL, NULL);
  return failed + run_for_operators("ir round trip", test_sample_round_trip);
}
