// Shape rules: each sample has its declared type, prints and reads back, and is exact in N; each
// constraint is broken by its own statement; and no types or attributes, however wild, bring a rule
// or a lowering down.
#include "ops/samples.h"

#include "kernel/tensor.h"

static char *print(const NcModule *module) {
  NcText text = nc_text_create(module->arena);
  nc_module_print(&text, module, NULL);
  return text.data;
}

static void check_round_trip(NcArena *arena, const char *sample) {
  NcGraph *graph = read_sample(arena, sample);
  char *once = print(graph->module);
  NcSourceMap *sources = nc_source_create(arena);
  NcDiags *diags = nc_diags_create(arena, sources);
  int file = nc_source_add(sources, "once", once, strlen(once), false);
  NcModule *module = nc_module_read(arena, sources, file, diags, nc_op_by_name);
  if (!module)
    fail_sample(sample, "does not read back: %s", diags->items.items[0]->message);
  assert_string_equal(print(module), once);
}

static NcInfer infer_at(NcArena *arena, const NcNode *node, int64_t batch, NcType *operands,
                        NcAttr *attrs) {
  for (int i = 0; i < node->operand_count; i++)
    operands[i] = nc_type_at(&node->operands[i]->type, batch);
  for (int i = 0; i < nc_op_attr_count(node->op); i++) {
    attrs[i] = node->attrs[i];
    if (node->op->attrs[i].kind == NC_ATTR_TYPE)
      attrs[i].type = nc_type_at(&attrs[i].type, batch);
  }
  return (NcInfer){.arena = arena,
                   .op = node->op,
                   .operand_count = node->operand_count,
                   .operands = operands,
                   .attrs = attrs};
}

// The type for a batch of b samples is the type in N with b for N. (Rules that want a leading N
// left alone, as slice's, may refuse a number there.)
static void check_exact(NcArena *arena, const char *sample) {
  const NcNode *node = read_sample(arena, sample)->results.items[0].node;
  for (int64_t batch = 1; batch <= 5; batch += 2) {
    NcType operands[8];
    NcAttr attrs[NC_MAX_ATTRS];
    NcInfer infer = infer_at(arena, node, batch, operands, attrs);
    NcType want = nc_type_at(&node->type, batch);
    if (nc_infer_run(&infer) && !nc_type_equal(&infer.result, &want))
      fail_sample(sample, "for a batch of %d it is %s", (int)batch,
                  nc_type_format(arena, &infer.result));
  }
}

static void samples_infer(void **state) {
  const NcOp *op = *state;
  for (const NcSample *sample = op->samples; sample->text; sample++) {
    NcArena *arena = nc_arena_create();
    check_round_trip(arena, sample->text);
    check_exact(arena, sample->text);
    nc_arena_destroy(arena);
  }
}

typedef struct Broken {
  const NcOp *op;
  const NcConstraint *constraint;
} Broken;

static void constraint_is_broken(void **state) {
  const Broken *broken = *state;
  const char *text = broken->constraint->broken_by, *error = NULL;
  if (!text)
    fail_sample(broken->constraint->id, "no statement breaks it");
  NcArena *arena = nc_arena_create();
  NcInfer infer = {0};
  if (nc_read_sample(nc_module_create(arena), nc_op_by_name, text, &error, &infer))
    fail_sample(text, "is accepted");
  if (!infer.broken)
    fail_sample(text, "is not understood: %s", error);
  if (infer.op != broken->op || infer.broken != broken->constraint)
    fail_sample(text, "breaks %s: %s", infer.broken->id, error);
  assert_true(infer.message && infer.message[0]);
  for (int i = 0; i < 2; i++)
    assert_in_range(infer.culprits[i] + 1, 0, infer.operand_count);
  nc_arena_destroy(arena);
}

static int run_for_constraints(void) {
  int count = 0;
  for (int i = 0; nc_ops[i]; i++)
    for (const NcConstraint *c = nc_ops[i]->constraints; c && c->id; c++)
      count++;
  struct CMUnitTest *tests = calloc((size_t)count + 1, sizeof *tests);
  Broken *broken = calloc((size_t)count + 1, sizeof *broken);
  for (int i = 0, n = 0; nc_ops[i]; i++)
    for (const NcConstraint *c = nc_ops[i]->constraints; c && c->id; c++, n++) {
      broken[n] = (Broken){nc_ops[i], c};
      tests[n] = (struct CMUnitTest){c->id, constraint_is_broken, NULL, NULL, &broken[n]};
    }
  int failed = _cmocka_run_group_tests("constraints", tests, (size_t)count, NULL, NULL);
  free(tests);
  free(broken);
  return failed;
}

static int64_t wild_int(uint64_t *random) {
  static const int64_t wild[] = {
      INT64_MIN, INT64_MAX, INT32_MIN, INT32_MAX, (int64_t)INT32_MAX + 1, -1, 0, 1, 2,
      3,         7,         16,        1 << 20,   ((int64_t)1 << 47) - 1};
  uint64_t choice = next_random(random);
  return wild[choice % (sizeof wild / sizeof *wild)];
}

static void make_type_wild(NcArena *arena, NcType *type, uint64_t *random) {
  NcType wild = *type;
  switch (next_random(random) % 4) {
  case 0:
    wild.dtype = (NcDtype)(next_random(random) % NC_DTYPE_COUNT);
    break;
  case 1:
    wild.rank = (int)(next_random(random) % (NC_MAX_RANK + 1));
    for (int d = type->rank; d < wild.rank; d++)
      wild.dims[d] = nc_dim(1 + (int64_t)(next_random(random) % 3));
    break;
  case 2:
    if (wild.rank > 0)
      wild.dims[next_random(random) % (uint64_t)wild.rank] = nc_dim(wild_int(random));
    break;
  default:
    if (wild.rank > 0)
      wild.dims[0] = (NcDim){wild_int(random), wild_int(random)};
    break;
  }
  if (!nc_type_check(arena, &wild))
    *type = wild;
}

static void make_attr_wild(NcArena *arena, NcAttrKind kind, NcAttr *attr, uint64_t *random) {
  static const double floats[] = {0,           -1, 1e300, (double)INFINITY, -(double)INFINITY,
                                  (double)NAN, 0.5};
  if (kind == NC_ATTR_INT) {
    attr->i = wild_int(random);
  } else if (kind == NC_ATTR_FLOAT) {
    attr->f = floats[next_random(random) % (sizeof floats / sizeof *floats)];
  } else if (kind == NC_ATTR_TYPE) {
    make_type_wild(arena, &attr->type, random);
  } else if (next_random(random) % 3 == 0) {
    attr->count = (int)(next_random(random) % (NC_MAX_ATTR_INTS + 1));
  } else {
    attr->ints[next_random(random) % NC_MAX_ATTR_INTS] = wild_int(random);
    if (attr->count > 0)
      attr->ints[next_random(random) % (uint64_t)attr->count] = wild_int(random);
  }
}

// A call of the rule as the sample has it, with one to three things changed.
static NcNode *wild_node(NcArena *arena, const NcNode *node, uint64_t *random) {
  NcGraph *graph = nc_module_add_graph(nc_module_create(arena), "wild");
  NcNode *operands[8];
  NcAttr attrs[NC_MAX_ATTRS];
  int attr_count = nc_op_attr_count(node->op), parts = node->operand_count + attr_count;
  NcType types[8];
  for (int i = 0; i < node->operand_count; i++)
    types[i] = node->operands[i]->type;
  for (int i = 0; i < attr_count; i++)
    attrs[i] = node->attrs[i];
  for (uint64_t changes = 1 + next_random(random) % 3; changes > 0 && parts > 0; changes--) {
    int part = (int)(next_random(random) % (uint64_t)parts);
    if (part < node->operand_count)
      make_type_wild(arena, &types[part], random);
    else
      make_attr_wild(arena, node->op->attrs[part - node->operand_count].kind,
                     &attrs[part - node->operand_count], random);
  }
  for (int i = 0; i < node->operand_count; i++)
    operands[i] = nc_graph_input(graph, nc_arena_printf(arena, "x%d", i), types[i]);
  NcInfer infer;
  NcNode *wild = nc_graph_try_add(graph, node->op, operands, node->operand_count, attrs, &infer);
  if (!wild && (!infer.broken || !infer.message))
    fail_sample(node->op->name, "fails without saying why");
  return wild;
}

static void lower(NcArena *arena, const NcNode *node) {
  NcTeBuilder builder = {.arena = arena, .node = node};
  NcTe *operands[8];
  for (int i = 0; i < node->operand_count; i++)
    operands[i] = nc_te_leaf(&builder, node->operands[i]->type);
  NcTe *result = node->op->lower(&builder, node, operands);
  assert_non_null(result);
  assert_true(nc_type_equal(&result->type, &node->type));
}

static void survives_anything(void **state) {
  const NcOp *op = *state;
  uint64_t random = 1;
  for (const NcSample *sample = op->samples; sample->text; sample++)
    for (int i = 0; i < 300; i++) {
      NcArena *arena = nc_arena_create();
      NcNode *wild =
          wild_node(arena, read_sample(arena, sample->text)->results.items[0].node, &random);
      const char *wrong = wild ? nc_type_check(arena, &wild->type) : NULL;
      if (wrong)
        fail_sample(sample->text, "a change of it gives the type %s: %s",
                    nc_type_format(arena, &wild->type), wrong);
      if (wild)
        lower(arena, wild);
      nc_arena_destroy(arena);
    }
}

int main(void) {
  int failed = run_for_operators("samples infer", samples_infer);
  failed += run_for_constraints();
  return failed + run_for_operators("rules survive anything", survives_anything);
}
