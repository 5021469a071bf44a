// The passes over the graph IR: gradients of whole networks against finite differences, metrics
// against the same reduction over all samples at once, and simplification against the value before
// it.
#include "ops/samples.h"

#include "interpret/interpret.h"
#include "ir/verify.h"
#include "ops/autodiff.h"
#include "ops/build.h"
#include "passes/cse.h"
#include "passes/fold.h"
#include "passes/pipeline.h"

static int make_arena(void **state) {
  *state = nc_arena_create();
  return 0;
}

static int drop_arena(void **state) {
  nc_arena_destroy(*state);
  return 0;
}

static NcModule *read_module(NcArena *arena, const char *text) {
  NcSourceMap *sources = nc_source_create(arena);
  int file = nc_source_add(sources, "test.ir", text, strlen(text), false);
  NcDiags *diags = nc_diags_create(arena, sources);
  NcModule *module = nc_module_read(arena, sources, file, diags, nc_op_by_name);
  NcText out = nc_text_create(arena);
  nc_diags_print(diags, &out, false);
  if (!module)
    fail_msg("%s", out.data);
  return module;
}

static void assert_verifies(NcArena *arena, const NcModule *module) {
  NcText text = nc_text_create(arena);
  if (nc_module_verify(module, &text))
    return;
  nc_module_print(&text, module, NULL);
  fail_msg("%s", text.data);
}

static NcDiags *make_diags(NcArena *arena) {
  return nc_diags_create(arena, nc_source_create(arena));
}

static void run_pass(NcArena *arena, NcModule *module, const char *name) {
  NcDiags *diags = make_diags(arena);
  const NcPass *pass = nc_pass_by_name(name);
  assert_non_null(pass);
  if (!nc_pass_run(pass, module, diags))
    fail_msg("%s: %s", name, diags->items.items[0]->message);
  assert_verifies(arena, module);
}

static NcTensor **random_inputs(NcArena *arena, const NcGraph *graph, int64_t batch) {
  NcSample sample = {.low = -1, .high = 1};
  NcTensor **inputs = draw_inputs(arena, graph, &sample, batch, 11);
  for (int i = 0; i < graph->inputs.count; i++) // integers are labels
    for (int64_t j = 0; j < inputs[i]->count && nc_dtype_is_integer(inputs[i]->type.dtype); j++)
      nc_tensor_set_int(inputs[i], j, j % 3);
  return inputs;
}

// The values of some nodes, whatever the graph's own results.
static NcTensor **values_of(NcArena *arena, NcGraph *graph, NcNode *const *nodes, int count,
                            NcTensor *const *inputs, int64_t batch) {
  NcGraph view = *graph;
  view.results.items = NULL;
  view.results.count = view.results.capacity = 0;
  for (int i = 0; i < count; i++)
    nc_graph_add_result(&view, "value", NC_RESULT_OUTPUT, nodes[i]);
  NcTensor **results = NC_NEW_ARRAY(arena, NcTensor *, count);
  NcInterpret run = {.inputs = (const NcTensor *const *)inputs, .batch = batch, .step = 1};
  const char *error = "?";
  if (!nc_interpret(arena, &view, &run, results, &error))
    fail_msg("%s", error);
  return results;
}

// The value of a scalar node.
static double value_at(NcGraph *graph, NcNode *node, NcTensor *const *inputs, int64_t batch) {
  NcArena *arena = nc_arena_create();
  double value = nc_tensor_get(values_of(arena, graph, &node, 1, inputs, batch)[0], 0);
  nc_arena_destroy(arena);
  return value;
}

// Compares each element of the gradient, which is a node of the graph, with central differences.
static void check_gradient(NcArena *arena, NcGraph *graph, NcNode *of, int wrt, NcNode *gradient,
                           NcTensor *const *inputs, int64_t batch) {
  const double h = 1e-5;
  const NcTensor *dx = values_of(arena, graph, &gradient, 1, inputs, batch)[0];
  NcTensor *x = inputs[wrt];
  assert_true(nc_type_equal(&dx->type, &x->type));
  for (int64_t i = 0; i < x->count; i++) {
    double at = nc_tensor_get(x, i);
    nc_tensor_set(x, i, at + h);
    double above = value_at(graph, of, inputs, batch);
    nc_tensor_set(x, i, at - h);
    double below = value_at(graph, of, inputs, batch);
    nc_tensor_set(x, i, at);
    double expected = (above - below) / (2 * h), got = nc_tensor_get(dx, i);
    if (fabs(expected - got) > 1e-7 + 1e-6 * fabs(expected))
      fail_msg("%s[%d]: gradient %.9g, difference %.9g", graph->inputs.items[wrt]->name, (int)i,
               got, expected);
  }
}

// Convolution with padding, max pool, dense layer, softmax cross entropy: the ways of mnist.net on
// 5x5 pictures.
static const char network[] =
    "graph net(x: f64[N, 5, 5, 2], k: f64[3, 3, 2, 3], b: f64[3], w: f64[27, 3], label: u8[N]) {\n"
    "  %10 = conv %x, %k {stride = [1, 1], padding = [1, 1, 1, 1], dilation = [1, 1], groups = 1}"
    " : f64[N, 5, 5, 3]\n"
    "  %11 = broadcast %b {axes = [3]} : f64[N, 5, 5, 3]\n"
    "  %12 = add %10, %11 : f64[N, 5, 5, 3]\n"
    "  %13 = tanh %12 : f64[N, 5, 5, 3]\n"
    "  %14 = window_max %13 {window = [2, 2], stride = [2, 2], padding = [0, 1, 0, 1]}"
    " : f64[N, 3, 3, 3]\n"
    "  %15 = reshape %14 : f64[N, 27]\n"
    "  %16 = matmul %15, %w {ta = 0, tb = 0} : f64[N, 3]\n"
    "  %17 = reduce_max %16 {axes = [1]} : f64[N]\n"
    "  %18 = broadcast %17 {axes = [0]} : f64[N, 3]\n"
    "  %19 = sub %16, %18 : f64[N, 3]\n"
    "  %20 = exp %19 : f64[N, 3]\n"
    "  %21 = sum %20 {axes = [1]} : f64[N]\n"
    "  %22 = log %21 : f64[N]\n"
    "  %23 = iota {axis = 1} : i64[N, 3]\n"
    "  %24 = cast %label : i64[N]\n"
    "  %25 = broadcast %24 {axes = [0]} : i64[N, 3]\n"
    "  %26 = eq %23, %25 : bool[N, 3]\n"
    "  %27 = cast %26 : f64[N, 3]\n"
    "  %28 = mul %27, %19 : f64[N, 3]\n"
    "  %29 = sum %28 {axes = [1]} : f64[N]\n"
    "  %30 = sub %22, %29 : f64[N]\n"
    "  %31 = sum %30 {axes = [0]} : f64[]\n"
    "  %32 = batch : i64[]\n"
    "  %33 = cast %32 : f64[]\n"
    "  %34 = div %31, %33 : f64[]\n"
    "  result loss loss = %34\n"
    "}\n";

static void test_network_gradient(void **state) {
  NcArena *arena = *state;
  NcModule *module = read_module(arena, network);
  NcGraph *graph = module->graphs.items[0];
  NcNode *gradients[4], *loss = graph->results.items[0].node;
  nc_autodiff(graph, loss, graph->inputs.items, 4, gradients);
  assert_verifies(arena, module);
  for (int64_t batch = 1; batch <= 3; batch += 2) {
    NcTensor **inputs = random_inputs(arena, graph, batch);
    for (int wrt = 0; wrt < 4; wrt++)
      check_gradient(arena, graph, loss, wrt, gradients[wrt], inputs, batch);
  }
}

// The sum of squares of the first gradients is itself differentiated.
static void test_network_second_order(void **state) {
  NcArena *arena = *state;
  NcModule *module = read_module(arena, network);
  NcGraph *graph = module->graphs.items[0];
  NcNode *first[4], *second[4], *norm = NULL;
  nc_autodiff(graph, graph->results.items[0].node, graph->inputs.items, 4, first);
  for (int i = 0; i < 4; i++) {
    NcNode *square = nc_sum_all(graph, nc_mul(graph, first[i], first[i]));
    norm = norm ? nc_add(graph, norm, square) : square;
  }
  nc_autodiff(graph, norm, graph->inputs.items, 4, second);
  assert_verifies(arena, module);
  NcTensor **inputs = random_inputs(arena, graph, 2);
  for (int wrt = 0; wrt < 4; wrt++)
    check_gradient(arena, graph, norm, wrt, second[wrt], inputs, 2);
}

// Simplifying the graph with its gradients changes no bit of any result.
static void test_simplify_keeps_values(void **state) {
  NcArena *arena = *state;
  NcModule *module = read_module(arena, network);
  NcGraph *graph = module->graphs.items[0];
  NcNode *gradients[4];
  nc_autodiff(graph, graph->results.items[0].node, graph->inputs.items, 4, gradients);
  for (int i = 0; i < 4; i++)
    nc_graph_add_result(graph, nc_arena_printf(arena, "g%d", i), NC_RESULT_OUTPUT, gradients[i]);
  NcTensor **inputs = random_inputs(arena, graph, 2);
  NcTensor *before[5], *after[5];
  NcInterpret run = {.inputs = (const NcTensor *const *)inputs, .batch = 2, .step = 1};
  const char *error;
  assert_true(nc_interpret(arena, graph, &run, before, &error));
  int count = graph->nodes.count;
  run_pass(arena, module, "simplify");
  assert_true(graph->nodes.count < count);
  assert_true(nc_interpret(arena, graph, &run, after, &error));
  for (int i = 0; i < 5; i++)
    assert_memory_equal(before[i]->data, after[i]->data,
                        (size_t)before[i]->count * nc_dtype_size(NC_F64));
}

static void test_no_flow_gives_zeros(void **state) {
  NcArena *arena = *state;
  NcModule *module = read_module(arena, "graph g(x: f32[], y: f32[3], z: f32[]) {\n"
                                        "  %3 = stop_gradient %z : f32[]\n"
                                        "  %4 = mul %x, %3 : f32[]\n"
                                        "  result loss l = %4\n"
                                        "}\n");
  NcGraph *graph = module->graphs.items[0];
  NcNode *gradients[3];
  nc_autodiff(graph, graph->results.items[0].node, graph->inputs.items, 3, gradients);
  assert_verifies(arena, module);
  for (int i = 1; i < 3; i++) {
    assert_ptr_equal(gradients[i]->op, &nc_op_const);
    assert_true(nc_node_attr(gradients[i], "value")->f == 0);
    assert_true(nc_type_equal(&gradients[i]->type, &graph->inputs.items[i]->type));
  }
  assert_string_equal(gradients[0]->origin->path, "grad(x)");
}

// Of the loss with respect to itself, and to a node in the middle of the graph.
static void test_gradient_of_inner_nodes(void **state) {
  NcArena *arena = *state;
  NcModule *module = read_module(arena, "graph g(x: f64[2]) {\n"
                                        "  %1 = mul %x, %x : f64[2]\n"
                                        "  %2 = sum %1 {axes = [0]} : f64[]\n"
                                        "  result loss l = %2\n"
                                        "}\n");
  NcGraph *graph = module->graphs.items[0];
  NcNode *wrt[] = {graph->nodes.items[2], graph->nodes.items[1]}, *gradients[2];
  nc_autodiff(graph, wrt[0], wrt, 2, gradients);
  NcTensor **inputs = random_inputs(arena, graph, 1);
  NcTensor **values = values_of(arena, graph, gradients, 2, inputs, 1);
  assert_true(nc_tensor_get(values[0], 0) == 1);
  assert_true(nc_tensor_get(values[1], 1) == 1);
}

static const char training[] = "module {\n"
                               "  param w: f64[2]\n"
                               "  param unused: f64[3]\n"
                               "  state m.w: f64[2]\n"
                               "}\n"
                               "graph train_step(x: f64[N, 2], y: f64[N]) {\n"
                               "  %3 = broadcast @w {axes = [1]} : f64[N, 2]\n"
                               "  %4 = mul %x, %3 : f64[N, 2]\n"
                               "  %5 = sum %4 {axes = [1]} : f64[N]\n"
                               "  %6 = sub %5, %y : f64[N]\n"
                               "  %7 = mul %6, %6 : f64[N]\n"
                               "  %8 = sum %7 {axes = [0]} : f64[]\n"
                               "  %9 = reduce_max %7 {axes = [0]} : f64[]\n"
                               "  %10 = batch : i64[]\n"
                               "  %11 = cast %10 : f64[]\n"
                               "  %12 = div %8, %11 : f64[]\n"
                               "  %13 = sqrt %12 : f64[]\n"
                               "  %14 = reduce_min %7 {axes = [0]} : f64[]\n"
                               "  result loss loss = %12\n"
                               "  result metric rms = %13\n"
                               "  result metric worst = %9\n"
                               "  result metric best = %14\n"
                               "}\n"
                               "graph update w(grad: f64[2]) {\n"
                               "  %1 = const {value = 0.5} : f64[2]\n"
                               "  %2 = mul %1, @m.w : f64[2]\n"
                               "  %3 = add %2, %grad : f64[2]\n"
                               "  %4 = sub @w, %3 : f64[2]\n"
                               "  update m.w = %3\n"
                               "  update w = %4\n"
                               "}\n"
                               "graph update unused(grad: f64[3]) {\n"
                               "  %1 = sub @unused, %grad : f64[3]\n"
                               "  update unused = %1\n"
                               "}\n";

typedef struct Run {
  NcModule *module;
  NcTensor **variables;
  NcTensor *results[8];
} Run;

static void step(NcArena *arena, Run *run, const char *name, NcTensor *const *inputs,
                 int64_t batch) {
  const NcGraph *graph = nc_module_graph(run->module, name);
  NcInterpret interpret = {.inputs = (const NcTensor *const *)inputs,
                           .variables = run->variables,
                           .batch = batch,
                           .step = 1};
  const char *error = "?";
  if (!nc_interpret(arena, graph, &interpret, run->results, &error))
    fail_msg("%s: %s", name, error);
}

static NcTensor *vector(NcArena *arena, int count, int columns, const double *values) {
  NcType type = nc_type(NC_F64, columns ? 2 : 1, (NcDim[]){nc_dim(count), nc_dim(columns)});
  NcTensor *tensor = nc_tensor_create(arena, &type);
  for (int64_t i = 0; i < tensor->count; i++)
    nc_tensor_set(tensor, i, values[i]);
  return tensor;
}

static void test_train_step_updates(void **state) {
  NcArena *arena = *state;
  Run run = {.module = read_module(arena, training)};
  run_pass(arena, run.module, "train_step");
  assert_int_equal(run.module->graphs.count, 1);
  assert_int_equal(run.module->graphs.items[0]->updates.count, 3);
  run.variables = nc_interpret_variables(arena, run.module);
  // loss = mean (x.w - y)^2, w = 0: its gradient is mean -2 y x
  NcTensor *inputs[] = {vector(arena, 2, 2, (double[]){1, 2, 3, 4}),
                        vector(arena, 2, 0, (double[]){1, 2})};
  step(arena, &run, "train_step", inputs, 2);
  assert_true(nc_tensor_get(run.results[0], 0) == 2.5);
  assert_true(nc_tensor_get(run.variables[0], 0) == 7 && nc_tensor_get(run.variables[0], 1) == 10);
  assert_true(nc_tensor_get(run.variables[2], 0) == -7);
  assert_true(nc_tensor_get(run.variables[1], 0) == 0);
}

// Metrics over batches of 2, 1 and 3 samples are those of the 6 samples.
static void test_metrics_stream(void **state) {
  NcArena *arena = *state;
  Run run = {.module = read_module(arena, training)};
  nc_module_graph(run.module, "train_step")->name = "evaluate";
  run_pass(arena, run.module, "metrics");
  run_pass(arena, run.module, "simplify");
  const NcGraph *final = nc_module_graph(run.module, "metrics");
  assert_int_equal(final->results.count, 4);
  assert_int_equal(nc_module_graph(run.module, "evaluate")->results.count, 1);
  run.variables = nc_interpret_variables(arena, run.module);
  const double x[12] = {0}, y[6] = {3, 1, -4, 1, -5, 2};
  const int sizes[] = {2, 1, 3};
  for (int i = 0, at = 0; i < 3; at += sizes[i++]) {
    NcTensor *inputs[] = {vector(arena, sizes[i], 2, x), vector(arena, sizes[i], 0, y + at)};
    step(arena, &run, "evaluate", inputs, sizes[i]);
  }
  step(arena, &run, "metrics", NULL, 1);
  assert_true(nc_tensor_get(run.results[0], 0) == 56.0 / 6);
  assert_true(nc_tensor_get(run.results[1], 0) == sqrt(56.0 / 6));
  assert_true(nc_tensor_get(run.results[2], 0) == 25);
  assert_true(nc_tensor_get(run.results[3], 0) == 1);
}

static void test_metrics_share_totals(void **state) {
  NcArena *arena = *state;
  NcModule *module = read_module(arena, training);
  run_pass(arena, module, "metrics");
  int totals = 0;
  for (int i = 0; i < module->variables.count; i++)
    totals += module->variables.items[i]->kind == NC_VAR_METRIC;
  // the sum and N (loss and rms), the maximum, the minimum, and the samples seen (for both of them)
  assert_int_equal(totals, 5);
  assert_non_null(nc_module_variable(module, "train_step.loss.total0"));
  assert_null(nc_module_variable(module, "train_step.rms.total0"));
}

static void assert_refused(NcArena *arena, const char *pass, const char *code, const char *text) {
  NcDiags *diags = make_diags(arena);
  assert_false(nc_pass_run(nc_pass_by_name(pass), read_module(arena, text), diags));
  assert_true(diags->error_count > 0);
  assert_string_equal(diags->items.items[0]->code, code);
}

static void test_metrics_refused(void **state) {
  assert_refused(*state, "metrics", "E0612",
                 "graph evaluate(x: f32[N]) {\n"
                 "  %1 = argmax %x {axis = 0} : i64[]\n  result metric m = %1\n}\n");
  assert_refused(
      *state, "metrics", "E0613",
      "graph evaluate(x: f32[N]) {\n  %1 = neg %x : f32[N]\n  result metric m = %1\n}\n");
  assert_refused(*state, "metrics", "E0614",
                 "graph evaluate(x: f32[]) {\n  %1 = neg %x : f32[]\n  result metric m = %1\n}\n");
}

static void test_train_step_refused(void **state) {
  assert_refused(*state, "train_step", "E0611", "graph train_step(x: f32[]) {\n}\n");
  assert_refused(*state, "train_step", "E0611",
                 "graph train_step(x: f32[N]) {\n  result loss l = %x\n}\n");
  assert_refused(*state, "train_step", "E0611",
                 "module {\n  param w: f32[]\n}\n"
                 "graph train_step() {\n  result loss l = @w\n}\n"
                 "graph update w(grad: f32[], more: f32[]) {\n  update w = %more\n}\n");
  assert_refused(*state, "train_step", "E0611",
                 "module {\n  param w: f32[]\n}\n"
                 "graph train_step() {\n  result loss l = @w\n  update w = @w\n}\n"
                 "graph update w(grad: f32[]) {\n  update w = %grad\n}\n");
}

// One rule: the body's %9, from x, y (f32[N, 4]) and i, j (i32[4]), becomes the expected text.
typedef struct Rule {
  const char *body, *expected;
} Rule;

static const Rule rules[] = {
    {"%1 = const {value = 7.0} : i32[4] %2 = const {value = -2.0} : i32[4]"
     " %9 = div %1, %2 : i32[4]",
     "const {value = -3.0} : i32[4]"},
    {"%1 = const {value = 1.0} : f32[N, 4] %9 = mul %x, %1 : f32[N, 4]", "%x"},
    {"%1 = const {value = 1.0} : f32[N, 4] %9 = mul %1, %x : f32[N, 4]", "%x"},
    {"%1 = const {value = 1.0} : f32[N, 4] %9 = div %x, %1 : f32[N, 4]", "%x"},
    {"%1 = const {value = 0.0} : f32[N, 4] %9 = sub %x, %1 : f32[N, 4]", "%x"},
    {"%1 = const {value = -0.0} : f32[N, 4] %9 = sub %x, %1 : f32[N, 4]", "sub"},
    {"%1 = const {value = 0.0} : f32[N, 4] %9 = add %x, %1 : f32[N, 4]", "add"},
    {"%1 = const {value = -0.0} : f32[N, 4] %9 = add %x, %1 : f32[N, 4]", "%x"},
    {"%1 = const {value = 0.0} : f32[N, 4] %9 = mul %x, %1 : f32[N, 4]", "mul"},
    {"%1 = const {value = 0.0} : i32[4] %9 = add %1, %i : i32[4]", "%i"},
    {"%1 = const {value = 0.0} : i32[4] %9 = mul %i, %1 : i32[4]", "const {value = 0.0} : i32[4]"},
    {"%1 = const {value = 8.0} : f32[N, 4] %9 = div %x, %1 : f32[N, 4]", "const {value = 0.125}"},
    {"%1 = const {value = 3.0} : f32[N, 4] %9 = div %x, %1 : f32[N, 4]", "div"},
    {"%1 = const {value = 1e-39} : f32[N, 4] %9 = div %x, %1 : f32[N, 4]", "div"},
    {"%1 = neg %x : f32[N, 4] %9 = neg %1 : f32[N, 4]", "%x"},
    {"%9 = max %x, %x : f32[N, 4]", "%x"},
    {"%9 = sub %x, %x : f32[N, 4]", "sub"},
    {"%1 = cast %x : f64[N, 4] %9 = cast %1 : f32[N, 4]", "%x"},
    {"%1 = cast %i : f32[4] %9 = cast %1 : i32[4]", "cast %1"},
    {"%1 = cast %i : f64[4] %9 = cast %1 : i32[4]", "%i"},
    {"%1 = cast %i : i64[4] %9 = cast %1 : u8[4]", "cast %1"},
    {"%1 = lt %x, %y : bool[N, 4] %9 = select %1, %x, %x : f32[N, 4]", "%x"},
    {"%1 = const {value = 0.0} : bool[N, 4] %9 = select %1, %x, %y : f32[N, 4]", "%y"},
    {"%9 = stop_gradient %x : f32[N, 4]", "%x"},
    {"%1 = reshape %x : f32[N, 2, 2] %9 = reshape %1 : f32[N, 4]", "%x"},
    {"%1 = reshape %i : i32[2, 2] %9 = reshape %1 : i32[1, 4]", "reshape %i"},
    {"%1 = transpose %x {perm = [0, 1]} : f32[N, 4] %9 = neg %1 : f32[N, 4]", "neg %x"},
    {"%1 = broadcast %i {axes = [1]} : i32[3, 4] %9 = broadcast %1 {axes = [1, 3]}"
     " : i32[2, 3, 5, 4]",
     "broadcast %i {axes = [3]}"},
    {"%1 = reverse %i {axes = [0]} : i32[4] %9 = reverse %1 {axes = [0]} : i32[4]", "%i"},
    {"%1 = const {value = 2.0} : f32[4] %9 = broadcast %1 {axes = [1]} : f32[N, 4]",
     "const {value = 2.0} : f32[N, 4]"},
    {"%1 = const {value = 2.0} : f32[N, 4] %2 = const {value = 0.1} : f32[N, 4]"
     " %9 = mul %1, %2 : f32[N, 4]",
     "const {value = 0.2} : f32[N, 4]"},
    {"%1 = const {value = 2.0} : f32[N, 4] %9 = exp %1 : f32[N, 4]", "exp"},
    {"%1 = const {value = 7.0} : i32[4] %2 = const {value = 0.0} : i32[4]"
     " %9 = div %1, %2 : i32[4]",
     "= div %1, %2"}, // which ends the run, so it must not end the compilation
    {"%1 = const {value = 300.0} : i32[4] %9 = cast %1 : u8[4]", "const {value = 44.0} : u8[4]"},
    {"%1 = const {value = 300.5} : f32[4] %9 = cast %1 : u8[4]", "const {value = 255.0} : u8[4]"},
};

static const char *fold_text(NcArena *arena, const Rule *rule) {
  NcModule *module = read_module(
      arena, nc_arena_printf(arena,
                             "graph g(x: f32[N, 4], y: f32[N, 4], i: i32[4], j: i32[4]) {\n"
                             "  %s\n  result output r = %%9\n}\n",
                             rule->body));
  run_pass(arena, module, "fold");
  NcText text = nc_text_create(arena);
  nc_module_print(&text, module, NULL);
  return strstr(text.data, "{\n  ") + 2;
}

static void test_fold_rules(void **state) {
  int failed = 0;
  for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
    const char *text = fold_text(*state, &rules[i]);
    bool whole = rules[i].expected[0] == '%';
    const char *expected =
        whole ? nc_arena_printf(*state, "  result output r = %s\n}\n", rules[i].expected)
              : rules[i].expected;
    if (whole ? strcmp(text, expected) == 0 : strstr(text, expected) != NULL)
      continue;
    print_error("%s\n  gives\n%s  without %s\n", rules[i].body, text, expected);
    failed++;
  }
  assert_int_equal(failed, 0);
}

// Each operator's samples have the same value after simplification.
static void test_simplify_samples(void **state) {
  const NcOp *op = *state;
  for (const NcSample *sample = op->samples; sample && sample->text; sample++) {
    NcArena *arena = nc_arena_create();
    NcGraph *graph = read_sample(arena, sample->text);
    NcTensor **inputs = draw_inputs(arena, graph, sample, 3, 5);
    NcNode *node = graph->results.items[0].node;
    const NcTensor *before = values_of(arena, graph, &node, 1, inputs, 3)[0];
    run_pass(arena, graph->module, "simplify");
    node = graph->results.items[0].node;
    const NcTensor *after = values_of(arena, graph, &node, 1, inputs, 3)[0];
    assert_memory_equal(before->data, after->data,
                        (size_t)before->count * nc_dtype_size(before->type.dtype));
    nc_arena_destroy(arena);
  }
}

static int count_after_cse(NcArena *arena, const char *body) {
  NcModule *module =
      read_module(arena, nc_arena_printf(arena, "graph g(x: f32[N], y: f32[N]) {\n%s\n}\n", body));
  run_pass(arena, module, "cse");
  return module->graphs.items[0]->nodes.count - 2;
}

static void test_cse(void **state) {
  const char *results = "result output a = %3 result output b = %4";
#define BODY(text) nc_arena_printf(*state, "%s %s", text, results)
  assert_int_equal(
      count_after_cse(*state, BODY("%3 = add %x, %y : f32[N] %4 = add %y, %x : f32[N]")), 1);
  assert_int_equal(
      count_after_cse(*state, BODY("%3 = sub %x, %y : f32[N] %4 = sub %y, %x : f32[N]")), 2);
  assert_int_equal(count_after_cse(*state, BODY("%3 = random {ordinal = 0} : f32[N]"
                                                "%4 = random {ordinal = 0} : f32[N]")),
                   1);
  assert_int_equal(count_after_cse(*state, BODY("%3 = random {ordinal = 0} : f32[N]"
                                                "%4 = random {ordinal = 1} : f32[N]")),
                   2);
  assert_int_equal(count_after_cse(*state, BODY("%3 = const {value = 0.0} : f32[N]"
                                                "%4 = const {value = -0.0} : f32[N]")),
                   2);
  assert_int_equal(count_after_cse(*state, BODY("%1 = neg %x : f32[N] %2 = neg %x : f32[N]"
                                                "%3 = exp %1 : f32[N] %4 = exp %2 : f32[N]")),
                   2);
}

// A long row of nodes: no pass may recurse or take quadratic time.
static void test_long_chain(void **state) {
  NcArena *arena = *state;
  NcModule *module = nc_module_create(arena);
  NcGraph *graph = nc_module_add_graph(module, "g");
  NcNode *x = nc_graph_input(graph, "x", nc_type_scalar(NC_F32)), *node = x, *gradient;
  for (int i = 0; i < 20000; i++)
    node = i % 2 ? nc_mul(graph, node, x) : nc_tanh(graph, node);
  nc_autodiff(graph, node, &x, 1, &gradient);
  nc_graph_add_result(graph, "y", NC_RESULT_OUTPUT, gradient);
  run_pass(arena, module, "simplify");
}

static void note_pass(void *context, const NcPass *pass, const NcModule *module) {
  (void)module;
  nc_text_printf(context, "%s ", pass->name);
}

static void test_pipeline(void **state) {
  NcArena *arena = *state;
  NcModule *module = read_module(arena, training);
  NcText seen = nc_text_create(arena);
  assert_true(nc_passes_run(module, make_diags(arena), note_pass, &seen));
  assert_string_equal(seen.data, "cse train_step metrics sums simplify ");
  assert_verifies(arena, module);
  assert_int_equal(module->graphs.count, 2);
  assert_null(nc_pass_by_name("nonsense"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_arena, drop_arena)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_network_gradient),
      TEST(test_network_second_order),
      TEST(test_simplify_keeps_values),
      TEST(test_no_flow_gives_zeros),
      TEST(test_gradient_of_inner_nodes),
      TEST(test_train_step_updates),
      TEST(test_metrics_stream),
      TEST(test_metrics_share_totals),
      TEST(test_metrics_refused),
      TEST(test_train_step_refused),
      TEST(test_fold_rules),
      TEST(test_cse),
      TEST(test_long_chain),
      TEST(test_pipeline),
  };
  int failed = cmocka_run_group_tests_name("passes", tests, NULL, NULL);
  return failed + run_for_operators("simplified samples", test_simplify_samples);
}
