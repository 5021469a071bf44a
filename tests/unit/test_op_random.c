// Operators take what users write: random operands and attributes, most of them wrong, are refused
// with a constraint or give a valid type, a gradient that fits, a value and a tensor expression.
#include "ir/graph.h"
#include "ir/read.h"
#include "kernel/tensor.h"
#include "ops/ops.h"

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#define TRIALS 2000
#define BATCH 3
#define LARGEST_VALUE 2000 // elements of tensors that are evaluated

static uint64_t next(uint64_t *random) {
  *random ^= *random << 13;
  *random ^= *random >> 7;
  *random ^= *random << 17;
  return *random;
}

static int64_t pick(uint64_t *random, int64_t count) {
  return (int64_t)((next(random) >> 8) % (uint64_t)count);
}

// Mostly small, at times at the edges of what fits.
static int64_t any_int(uint64_t *random) {
  static const int64_t edges[] = {-1,
                                  -2,
                                  INT64_MIN,
                                  INT64_MAX,
                                  INT32_MAX,
                                  (int64_t)1 << 32,
                                  (int64_t)1 << 48,
                                  (int64_t)1 << 62};
  if (pick(random, 12) == 0)
    return edges[pick(random, sizeof edges / sizeof *edges)];
  return pick(random, 4);
}

static NcType any_type(NcArena *arena, uint64_t *random) {
  for (;;) {
    NcType type = nc_type_scalar((NcDtype)pick(random, NC_DTYPE_COUNT));
    if (pick(random, 2))
      type.dtype = NC_F32;
    type.rank = (int)pick(random, 5);
    for (int d = 0; d < type.rank; d++) {
      type.dims[d] = nc_dim(pick(random, 40) == 0 ? any_int(random) : 1 + pick(random, 4));
      if (d == 0 && pick(random, 3) == 0)
        type.dims[d] = (NcDim){1 + (pick(random, 10) == 0), pick(random, 20) == 0};
    }
    if (!nc_type_check(arena, &type))
      return type;
  }
}

static NcAttr any_attr(NcArena *arena, NcAttrKind kind, const NcType *operand, uint64_t *random) {
  static const double numbers[] = {0, 1, -1, 0.5, 300, 1e30, -1e300};
  NcAttr attr = {0};
  if (kind == NC_ATTR_INT)
    attr.i = any_int(random);
  if (kind == NC_ATTR_FLOAT)
    attr.f = numbers[pick(random, sizeof numbers / sizeof *numbers)];
  if (kind == NC_ATTR_TYPE)
    attr.type = operand && pick(random, 3) == 0 ? *operand : any_type(arena, random);
  if (kind == NC_ATTR_INTS) {
    int rank = operand ? operand->rank : 2;
    int counts[] = {rank, rank, rank > 2 ? rank - 2 : 1, rank > 2 ? 2 * (rank - 2) : 2,
                    (int)pick(random, NC_MAX_ATTR_INTS + 1)};
    attr.count = counts[pick(random, 5)];
    for (int i = 0; i < attr.count; i++)
      attr.ints[i] = pick(random, 4) ? i % 3 : any_int(random);
    if (pick(random, 3) == 0)
      for (int i = 0; i < attr.count; i++)
        attr.ints[i] = 1;
  }
  return attr;
}

// What an operator is called with.
typedef struct Call {
  NcType operands[3];
  NcAttr attrs[NC_MAX_ATTRS];
} Call;

static Call random_call(NcArena *arena, const NcOp *op, uint64_t *random) {
  Call call = {0};
  for (int i = 0; i < op->operand_count; i++)
    call.operands[i] = i > 0 && pick(random, 3) ? call.operands[i - 1] : any_type(arena, random);
  const NcType *first = op->operand_count ? &call.operands[0] : NULL;
  for (int i = 0; i < nc_op_attr_count(op); i++)
    call.attrs[i] = any_attr(arena, op->attrs[i].kind, first, random);
  return call;
}

// One of the operator's samples.
static Call sample_call(NcArena *arena, const NcOp *op, uint64_t *random) {
  int count = 0;
  while (op->samples[count].text)
    count++;
  const char *text = op->samples[pick(random, count)].text, *error;
  NcInfer infer;
  NcGraph *graph = nc_read_sample(nc_module_create(arena), nc_op_by_name, text, &error, &infer);
  const NcNode *node = graph->results.items[0].node;
  Call call = {0};
  for (int i = 0; i < op->operand_count; i++)
    call.operands[i] = node->operands[i]->type;
  for (int i = 0; i < nc_op_attr_count(op); i++)
    call.attrs[i] = node->attrs[i];
  return call;
}

static void change_type(NcArena *arena, NcType *type, uint64_t *random) {
  NcType changed = *type;
  if (changed.rank > 0)
    changed.dims[pick(random, changed.rank)].c = any_int(random);
  if (!nc_type_check(arena, &changed))
    *type = changed;
}

static void change_attr(NcArena *arena, NcAttrKind kind, NcAttr *attr, uint64_t *random) {
  if (kind == NC_ATTR_TYPE)
    change_type(arena, &attr->type, random);
  else if (kind == NC_ATTR_INTS && attr->count > 0 && pick(random, 8))
    attr->ints[pick(random, attr->count)] = any_int(random);
  else
    *attr = any_attr(arena, kind, NULL, random);
}

static void change(NcArena *arena, const NcOp *op, Call *call, uint64_t *random) {
  int attr_count = nc_op_attr_count(op);
  if (op->operand_count > 0 && (attr_count == 0 || pick(random, 2)))
    change_type(arena, &call->operands[pick(random, op->operand_count)], random);
  else if (attr_count > 0) {
    int i = (int)pick(random, attr_count);
    change_attr(arena, op->attrs[i].kind, &call->attrs[i], random);
  }
}

static NcNode *random_node(NcGraph *graph, const NcOp *op, uint64_t *random) {
  NcArena *arena = graph->arena;
  bool sample = pick(random, 2);
  Call call = sample ? sample_call(arena, op, random) : random_call(arena, op, random);
  for (int64_t changes = sample ? pick(random, 3) : 0; changes > 0; changes--)
    change(arena, op, &call, random);
  NcNode *operands[3];
  for (int i = 0; i < op->operand_count; i++)
    operands[i] = nc_graph_input(graph, nc_arena_printf(arena, "x%d", i), call.operands[i]);
  NcInfer infer;
  NcNode *node = nc_graph_try_add(graph, op, operands, op->operand_count, call.attrs, &infer);
  if (!node) {
    assert_non_null(infer.broken);
    assert_non_null(infer.message);
  }
  return node;
}

static int64_t elements(const NcType *type) { return nc_dim_value(nc_type_elements(type), BATCH); }

static bool is_small(const NcNode *node) {
  for (int i = 0; i < node->operand_count; i++)
    if (elements(&node->operands[i]->type) > LARGEST_VALUE)
      return false;
  return elements(&node->type) <= LARGEST_VALUE;
}

static void evaluate(NcArena *arena, const NcNode *node, uint64_t *random) {
  const NcTensor *operands[3];
  for (int i = 0; i < node->operand_count; i++) {
    NcType type = nc_type_at(&node->operands[i]->type, BATCH);
    NcTensor *operand = nc_tensor_create(arena, &type);
    for (int64_t k = 0; k < operand->count; k++)
      nc_tensor_set_int(operand, k, any_int(random));
    operands[i] = operand;
  }
  NcType type = nc_type_at(&node->type, BATCH);
  NcEval eval = {.node = node,
                 .operands = operands,
                 .attrs = node->attrs,
                 .result = nc_tensor_create(arena, &type),
                 .batch = BATCH,
                 .step = 1,
                 .arena = arena};
  if (!node->op->eval(&eval))
    assert_non_null(eval.error);
}

static void differentiate(NcGraph *graph, NcNode *node) {
  bool wanted[3] = {true, true, true};
  NcNode *dx[3] = {NULL};
  NcNode *dy = nc_graph_input(graph, "dy", node->type);
  node->op->grad(graph, node, dy, wanted, dx);
  for (int i = 0; i < node->operand_count; i++)
    if (dx[i])
      assert_true(nc_type_equal(&dx[i]->type, &node->operands[i]->type));
}

static void lower(NcArena *arena, const NcNode *node) {
  NcTeBuilder builder = {.arena = arena, .node = node};
  NcTe *operands[3];
  for (int i = 0; i < node->operand_count; i++)
    operands[i] = nc_te_leaf(&builder, node->operands[i]->type);
  NcTe *te = node->op->lower(&builder, node, operands);
  assert_true(nc_type_equal(&te->type, &node->type));
}

// Whether the node was accepted.
static bool try_one(const NcOp *op, uint64_t *random) {
  NcArena *arena = nc_arena_create();
  NcGraph *graph = nc_module_add_graph(nc_module_create(arena), "random");
  NcNode *node = random_node(graph, op, random);
  if (node) {
    assert_null(nc_type_check(arena, &node->type));
    lower(arena, node);
    if (op->grad && nc_dtype_is_float(node->type.dtype))
      differentiate(graph, node);
    if (is_small(node))
      evaluate(arena, node, random);
  }
  nc_arena_destroy(arena);
  return node != NULL;
}

static void take_anything(void **state) {
  (void)state;
  for (int i = 0; nc_ops[i]; i++) {
    uint64_t random = 0x9e3779b97f4a7c15u + (uint64_t)i;
    int accepted = 0;
    for (int trial = 0; trial < TRIALS; trial++)
      accepted += try_one(nc_ops[i], &random);
    assert_true(accepted >= TRIALS / 8); // else the trials say little
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(take_anything)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
