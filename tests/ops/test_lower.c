// Lowering: the tensor expression of each sample, run naively, gives what the operator's reference
// gives, within the rounding error that a sum of its terms may have.
#include "ops/expressions.h"
#include "ops/samples.h"

// Sums of terms that are not finite are free: 0 * inf in the padding is a NaN or is skipped.
static bool same(const NcTensor *a, const NcTensor *b, int64_t i, double bound) {
  if (!nc_dtype_is_float(a->type.dtype))
    return nc_tensor_get_int(a, i) == nc_tensor_get_int(b, i);
  double x = nc_tensor_get(a, i), y = nc_tensor_get(b, i);
  return !isfinite(bound) || x == y || (isnan(x) && isnan(y)) || fabs(x - y) <= bound;
}

static void compare(const char *text, const NcTensor *want, const NcTensor *got,
                    const double *bounds) {
  assert_int_equal(want->count, got->count);
  for (int64_t i = 0; i < want->count; i++)
    if (!same(want, got, i, bounds ? bounds[i] : 0))
      fail_sample(text, "element %d is %.9g by the reference, %.9g by the expression", (int)i,
                  nc_tensor_get(want, i), nc_tensor_get(got, i));
}

// Puts NaN, infinities, zeros and equal numbers into floats, which draws avoid.
static void make_special(NcTensor *tensor, uint64_t *random) {
  static const double special[] = {0, -0.0, (double)NAN, (double)INFINITY, -(double)INFINITY, 1, 1};
  if (nc_dtype_is_float(tensor->type.dtype))
    for (int64_t i = 0; i < tensor->count; i++)
      if (next_random(random) % 4 == 0)
        nc_tensor_set(tensor, i, special[next_random(random) % (sizeof special / sizeof *special)]);
}

static void check(NcArena *arena, const NcSample *sample, int64_t batch, bool special) {
  NcGraph *graph = read_sample(arena, sample->text);
  const NcNode *node = graph->results.items[0].node;
  NcTensor **inputs = draw_inputs(arena, graph, sample, batch, 11);
  uint64_t random = 5;
  for (int i = 0; i < graph->inputs.count && special; i++)
    make_special(inputs[i], &random);
  Values want = evaluate(arena, graph, inputs, batch);
  if (want.error)
    return; // undefined, as a division by zero is
  NcTeBuilder builder = {.arena = arena, .node = node};
  NcTe *operands[8];
  for (int i = 0; i < node->operand_count; i++)
    operands[i] = nc_te_leaf(&builder, node->operands[i]->type);
  NcTe *result = node->op->lower(&builder, node, operands);
  TeRun run = {.arena = arena,
               .batch = batch,
               .step = 3,
               .epoch = 1,
               .seed = 7,
               .values = NC_NEW_ARRAY(arena, NcTensor *, builder.next_id)};
  for (int i = 0; i < node->operand_count; i++)
    run.values[operands[i]->id] = inputs[i];
  double *bounds = NULL;
  te_run(&run, &builder, &bounds);
  compare(sample->text, value_of(&want, node), run.values[result->id], bounds);
}

static void expression_is_reference(void **state) {
  const NcOp *op = *state;
  for (const NcSample *sample = op->samples; sample->text; sample++)
    for (int64_t batch = 1; batch <= 3; batch += 2)
      for (int special = 0; special < 2; special++) {
        NcArena *arena = nc_arena_create();
        check(arena, sample, batch, special);
        nc_arena_destroy(arena);
      }
}

int main(void) { return run_for_operators("expression is reference", expression_is_reference); }
