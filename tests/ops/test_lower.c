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
  double *bounds;
  NcTensor *got = te_evaluate(arena, node, inputs, batch, &bounds);
  compare(sample->text, value_of(&want, node), got, bounds);
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
