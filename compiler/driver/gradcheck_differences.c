// Gradients against differences: the value in f64 by the operators' references, at points a little
// apart.
#include "driver/gradcheck.h"

#include "driver/random_input.h"
#include "interpret/interpret.h"
#include "ops/ops.h"

#include <math.h>
#include <string.h>

// Names that no input of a program has.
#define POINT " point"
#define HELD " held"

// From the longest, which has the least noise, to the shortest, which is the least likely to reach
// a kink.
static const double steps[] = {1e-4, 1e-5, 1e-6, 1e-7};
enum { STEPS = sizeof steps / sizeof *steps };

typedef struct Check {
  NcGradcheck *g;
  NcArena *arena;
  const char **error;
  NcTensor **inputs, **variables; // in f64
  NcTensor **results;             // of the whole graph at the point
  NcGradcheckRow *row;
  const NcTensor *gradient;
  NcTensor *point;      // what is moved
  const NcGraph *value; // of the point
  const NcTensor **fed; // its inputs
  double scale;         // what differences are relative to, at least
} Check;

// A slope by differences of one step.
typedef struct Slope {
  double left, right, central;
} Slope;

static NcTensor *to_doubles(NcArena *arena, const NcTensor *from) {
  NcType type = from->type;
  if (type.dtype == NC_F32)
    type.dtype = NC_F64;
  NcTensor *to = nc_tensor_create(arena, &type);
  for (int64_t i = 0; i < to->count; i++)
    if (nc_dtype_is_float(type.dtype))
      nc_tensor_set(to, i, nc_tensor_get(from, i));
    else
      nc_tensor_set_int(to, i, nc_tensor_get_int(from, i));
  return to;
}

static bool interpret(Check *c, NcArena *arena, const NcGraph *graph, const NcTensor *const *inputs,
                      NcTensor **results) {
  const NcGradcheck *g = c->g;
  NcInterpret run = {.inputs = inputs,
                     .variables = c->variables,
                     .batch = g->feeding.count,
                     .seed = g->seed,
                     .step = g->step,
                     .epoch = g->epoch};
  return nc_interpret(arena, graph, &run, results, c->error);
}

// ---- the value as a function of the point

static const NcTensor *fed_input(const Check *c, const char *name) {
  const NcGraph *doubles = c->g->doubles;
  for (int i = 0; i < doubles->inputs.count; i++)
    if (strcmp(doubles->inputs.items[i]->name, name) == 0)
      return c->inputs[i];
  return c->point;
}

// Which nodes depend on one, by id.
static bool *dependents(NcArena *arena, const NcGraph *graph, const NcNode *of) {
  bool *depends = NC_NEW_ARRAY(arena, bool, graph->next_id);
  depends[of->id] = true;
  for (int i = 0; i < graph->nodes.count; i++) {
    const NcNode *node = graph->nodes.items[i];
    for (int k = 0; k < node->operand_count; k++)
      depends[node->id] |= depends[node->operands[k]->id];
  }
  return depends;
}

static NcNode *of_node(const Check *c) { return c->g->doubles->results.items[0].node; }

// The stop_gradients between the point and the value, the first of them in *first; their values are
// inputs if they are held.
static void build_value(Check *c, NcNode *wrt, bool held, const NcNode **first) {
  NcGraph *doubles = c->g->doubles;
  NcGraph *graph = nc_module_add_graph(doubles->module, "value");
  NcNode **map = NC_NEW_ARRAY(c->arena, NcNode *, doubles->next_id), *of = of_node(c);
  const bool *depends = dependents(c->arena, doubles, wrt);
  NC_VEC(NcNode *) stops = {0};
  *first = NULL;
  map[wrt->id] = nc_graph_input(graph, POINT, wrt->type);
  for (int i = 0; i < doubles->nodes.count; i++) {
    NcNode *node = doubles->nodes.items[i];
    if (node->op != &nc_op_stop_gradient || !depends[node->id] ||
        !dependents(c->arena, doubles, node)[of->id])
      continue;
    *first = *first ? *first : node;
    if (held && !map[node->id]) {
      map[node->id] = nc_graph_input(graph, HELD, node->type);
      nc_vec_push(c->arena, stops, node);
    }
  }
  nc_graph_inline(graph, doubles, &of, 1, map);
  nc_graph_add_result(graph, "value", NC_RESULT_OUTPUT, map[of->id]);
  c->value = graph;
  c->fed = NC_NEW_ARRAY(c->arena, const NcTensor *, graph->inputs.count);
  for (int i = 0, stop = 0; i < graph->inputs.count; i++) {
    const char *name = graph->inputs.items[i]->name;
    if (strcmp(name, HELD) != 0)
      c->fed[i] = fed_input(c, name);
    else
      for (int k = 0; k < doubles->results.count; k++)
        if (doubles->results.items[k].node == stops.items[stop]) {
          c->fed[i] = c->results[k];
          stop++;
          break;
        }
  }
}

// NaN where it is undefined.
static double value_at(Check *c, int64_t element, double place) {
  NcArena *arena = nc_arena_create();
  NcTensor *result;
  double before = nc_tensor_get(c->point, element), value = (double)NAN;
  nc_tensor_set(c->point, element, place);
  if (interpret(c, arena, c->value, c->fed, &result))
    value = nc_tensor_get(result, 0);
  nc_tensor_set(c->point, element, before);
  nc_arena_destroy(arena);
  return value;
}

// ---- elements

static Slope slope_at(Check *c, int64_t element, double step) {
  double place = nc_tensor_get(c->point, element), by = step * fmax(1, fabs(place));
  double up = value_at(c, element, place + by), down = value_at(c, element, place - by);
  double here = c->g->value;
  return (Slope){(here - down) / by, (up - here) / by, (up - down) / (2 * by)};
}

static double relative(const Check *c, double gradient, double slope) {
  return gradient == slope
             ? 0
             : fabs(gradient - slope) / fmax(c->scale, fmax(fabs(gradient), fabs(slope)));
}

// The slopes on both sides stay apart however short the step, and the gradient lies between them.
static bool is_kink(const Check *c, const Slope *slopes, double gradient) {
  double tolerance = c->g->tolerance;
  for (int i = 1; i < 3; i++)
    if (!(relative(c, slopes[i].left, slopes[i].right) > 10 * tolerance))
      return false;
  double slack = tolerance * fmax(c->scale, fabs(gradient));
  return gradient >= fmin(slopes[2].left, slopes[2].right) - slack &&
         gradient <= fmax(slopes[2].left, slopes[2].right) + slack;
}

// The difference of the step that agrees best; further ones are tried until one agrees.
static double compare(Check *c, int64_t element, double *slope, bool *kink) {
  double gradient = nc_tensor_get(c->gradient, element), best = INFINITY;
  Slope slopes[STEPS];
  *kink = false;
  for (int i = 0; i < STEPS; i++) {
    slopes[i] = slope_at(c, element, steps[i]);
    double difference = relative(c, gradient, slopes[i].central);
    if (difference < best || i == 0) {
      best = isnan(difference) ? INFINITY : difference;
      *slope = slopes[i].central;
    }
    if (best <= c->g->tolerance)
      return best;
  }
  *kink = is_kink(c, slopes, gradient);
  return best;
}

static void check_element(Check *c, int64_t element) {
  NcGradcheckRow *row = c->row;
  double slope = 0;
  bool kink;
  double difference = compare(c, element, &slope, &kink);
  row->checked++;
  row->kinks += kink;
  row->wrong += !kink && difference > c->g->tolerance;
  if (kink || (row->worst >= difference && row->worst_at >= 0))
    return;
  row->worst = difference;
  row->worst_at = element;
  row->worst_slope = slope;
  row->worst_gradient = nc_tensor_get(c->gradient, element);
}

// ---- gradients

static double largest_of(const NcTensor *tensor) {
  double largest = 0;
  for (int64_t i = 0; i < tensor->count; i++)
    largest = fmax(largest, fabs(nc_tensor_get(tensor, i)));
  return largest;
}

// One of each run of elements, as long as another.
static void check_elements(Check *c, uint64_t *random) {
  int64_t count = c->row->elements, samples = c->g->samples < count ? c->g->samples : count;
  for (int64_t i = 0; i < samples; i++) {
    int64_t first = (int64_t)((double)count * (double)i / (double)samples);
    int64_t end = (int64_t)((double)count * (double)(i + 1) / (double)samples);
    check_element(c, first + (int64_t)(nc_random_uniform(random) * (double)(end - first)));
  }
}

// Whether the worst element's gradient is that of the value with all stop_gradients held.
static void explain(Check *c, NcNode *wrt) {
  const NcNode *first;
  double slope;
  bool kink;
  build_value(c, wrt, true, &first);
  if (first && (compare(c, c->row->worst_at, &slope, &kink) <= c->g->tolerance || kink))
    c->row->stopped = first;
}

static void check_gradient(Check *c, int k, NcNode *wrt, const NcTensor *at) {
  NcGradcheckRow *row = &c->g->rows[k];
  uint64_t random = c->g->seed * 1000003 + (uint64_t)k;
  const NcNode *first;
  c->row = row;
  c->gradient = c->results[1 + k];
  c->point = to_doubles(c->arena, at);
  *row = (NcGradcheckRow){.name = c->g->derivative.names[k],
                          .span = c->g->derivative.spans[k],
                          .type = c->point->type,
                          .elements = c->point->count,
                          .largest = largest_of(c->gradient),
                          .worst_at = -1};
  c->scale = fmax(1e-3 * row->largest, 1e-6 * fmax(fabs(c->g->value), 1e-3));
  build_value(c, wrt, false, &first);
  check_elements(c, &random);
  if (row->wrong > 0)
    explain(c, wrt);
}

// Results of the graph beside value and gradients: wrt, and what stop_gradient stops.
static void add_results(Check *c, NcNode *const *wrt) {
  NcGraph *doubles = c->g->doubles;
  for (int i = 0; i < c->g->derivative.count; i++)
    nc_graph_add_result(doubles, "wrt", NC_RESULT_OUTPUT, wrt[i]);
  for (int i = 0; i < doubles->nodes.count; i++)
    if (doubles->nodes.items[i]->op == &nc_op_stop_gradient)
      nc_graph_add_result(doubles, "stopped", NC_RESULT_OUTPUT, doubles->nodes.items[i]);
}

static NcTensor **all_doubles(NcArena *arena, NcTensor *const *tensors, int count) {
  NcTensor **result = NC_NEW_ARRAY(arena, NcTensor *, count + 1);
  for (int i = 0; i < count; i++)
    result[i] = to_doubles(arena, tensors[i]);
  return result;
}

bool nc_gradcheck_differences(NcGradcheck *g, const char **error) {
  int count = g->derivative.count;
  Check c = {.g = g, .arena = g->arena, .error = error};
  NcNode **wrt = NC_NEW_ARRAY(g->arena, NcNode *, count);
  for (int k = 0; k < count; k++)
    wrt[k] = g->doubles->results.items[1 + count + k].node;
  g->doubles->results.count = 1 + count;
  add_results(&c, wrt);
  c.inputs = all_doubles(g->arena, g->inputs, g->doubles->inputs.count);
  c.variables = all_doubles(g->arena, g->variables, g->doubles->module->variables.count);
  c.results = NC_NEW_ARRAY(g->arena, NcTensor *, g->doubles->results.count);
  if (!interpret(&c, g->arena, g->doubles, (const NcTensor *const *)c.inputs, c.results))
    return false;
  g->value = nc_tensor_get(c.results[0], 0);
  if (!isfinite(g->value)) {
    *error = isnan(g->value) ? "it is not a number at this point" : "it is infinite at this point";
    return false;
  }
  for (int k = 0; k < count; k++)
    check_gradient(&c, k, wrt[k], c.results[1 + count + k]);
  return true;
}
