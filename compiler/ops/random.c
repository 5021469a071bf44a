// random: uniform random numbers from a counter.
//
// Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3"
// (2011). A number depends on the seed, the step, the node and its own position in its sample, so
// any part of a batch can be computed alone, in any order.
#include "ops/elementwise.h"

enum { ORDINAL, TYPE };
enum { ROUNDS = 10 };

static const uint32_t multipliers[2] = {0xD2511F53u, 0xCD9E8D57u};
static const uint32_t weyl[2] = {0x9E3779B9u, 0xBB67AE85u}; // added to the key each round

// How many elements a sample has: all, where the type has no N.
static NcDim sample_elements(const NcType *type) {
  NcDim count = nc_dim(1);
  for (int d = nc_type_has_batch(type); d < type->rank; d++)
    nc_dim_multiply(count, type->dims[d], &count);
  return count;
}

static bool infer(NcInfer *infer) {
  const int64_t words = (int64_t)1 << 32;
  int64_t ordinal = infer->attrs[ORDINAL].i;
  infer->result = infer->attrs[TYPE].type;
  if (!nc_dtype_is_float(infer->result.dtype))
    return nc_infer_fail(infer, "random_c1", -1, -1, "gives f32 or f64, not %s",
                         nc_dtype_name(infer->result.dtype));
  if (ordinal < 0 || ordinal >= words)
    return nc_infer_fail(infer, "random_c2", -1, -1, "ordinal %lld does not fit 32 bits",
                         (long long)ordinal);
  if (sample_elements(&infer->result).c > words)
    return nc_infer_fail(infer, "random_c3", -1, -1, "more than 2^32 random numbers a sample");
  return true;
}

static NcExpr *word(NcTeBuilder *builder, uint32_t value) {
  return nc_x_const_int(builder, NC_I32, (int32_t)value);
}

static NcExpr *philox(NcTeBuilder *builder, NcExpr *counter[4], NcExpr *key[2]) {
  for (uint32_t round = 0; round < ROUNDS; round++) {
    NcExpr *low[2], *mixed[2];
    for (int i = 0; i < 2; i++) {
      NcExpr *multiplier = word(builder, multipliers[i]);
      NcExpr *round_key =
          nc_x_binary(builder, NC_X_ADD, key[1 - i], word(builder, round * weyl[1 - i]));
      NcExpr *high = nc_x_binary(builder, NC_X_MULHI, counter[2 * i], multiplier);
      NcExpr *other = counter[3 - 2 * i];
      low[i] = nc_x_binary(builder, NC_X_MUL, counter[2 * i], multiplier);
      mixed[i] =
          nc_x_binary(builder, NC_X_XOR, nc_x_binary(builder, NC_X_XOR, high, other), round_key);
    }
    counter[0] = mixed[1];
    counter[1] = low[1];
    counter[2] = mixed[0];
    counter[3] = low[0];
  }
  return counter[0];
}

// The position of the axes' point within its sample.
static NcAffine element_index(const NcType *type) {
  NcAffine index = nc_affine_constant(0);
  int64_t stride = 1;
  for (int d = type->rank - 1; d >= nc_type_has_batch(type); d--) {
    index = nc_affine_add(index, nc_affine_scale(nc_affine_axis(d), stride));
    stride *= type->dims[d].c;
  }
  return index;
}

static NcExpr *low_word(NcTeBuilder *builder, NcExpr *x) { return nc_x_cast(builder, NC_I32, x); }

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  (void)operands;
  NcExpr *seed = nc_x_frame(builder, NC_FRAME_SEED);
  NcExpr *thirty_two = nc_x_const_int(builder, NC_I64, 32);
  NcExpr *key[2] = {low_word(builder, seed),
                    low_word(builder, nc_x_binary(builder, NC_X_SHR, seed, thirty_two))};
  NcAffine sample = nc_type_has_batch(&node->type) ? nc_affine_axis(0) : nc_affine_constant(0);
  NcExpr *counter[4] = {
      low_word(builder, nc_x_index(builder, element_index(&node->type))),
      low_word(builder, nc_x_index(builder, sample)),
      low_word(builder, nc_x_given(builder, node->attrs[ORDINAL].i)),
      low_word(builder, nc_x_frame(builder, NC_FRAME_STEP)),
  };
  NcExpr *bits = nc_x_binary(builder, NC_X_SHR, philox(builder, counter, key), word(builder, 8));
  NcDtype dtype = node->type.dtype;
  NcExpr *value = nc_x_binary(builder, NC_X_MUL, nc_x_cast(builder, dtype, bits),
                              nc_x_const(builder, dtype, 0x1p-24));
  return nc_lower_body(builder, node, value);
}

// The first word of Philox's output.
static uint32_t reference(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint64_t seed) {
  uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < ROUNDS; round++) {
    uint64_t p0 = (uint64_t)c0 * 0xD2511F53u, p1 = (uint64_t)c2 * 0xCD9E8D57u;
    c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint32_t)p1;
    c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint32_t)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c0;
}

static bool eval(NcEval *e) {
  int64_t size = sample_elements(&e->node->type).c;
  for (int64_t i = 0; i < e->result->count; i++) {
    uint32_t bits = reference((uint32_t)(i % size), (uint32_t)(i / size),
                              (uint32_t)e->attrs[ORDINAL].i, (uint32_t)e->step, e->seed);
    nc_tensor_set(e->result, i, (double)(bits >> 8) * 0x1p-24);
  }
  return true;
}

static const NcAttrDecl attrs[] = {
    {"ordinal", NC_ATTR_INT, "which random node of the program this is"},
    {"type", NC_ATTR_TYPE, "the result's type"},
    {0},
};

static const NcConstraint constraints[] = {
    {"random_c1", "E0303", "the dtype is floating", "random {ordinal = 0} : i32[3]"},
    {"random_c2", "E0307", "`ordinal` is from 0 to 2^32 - 1", "random {ordinal = -1} : f32[3]"},
    {"random_c3", "E0319", "a sample has at most 2^32 elements",
     "random {ordinal = 0} : f32[4294967297]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "random {ordinal = 0} : f32[]"},
    {.text = "random {ordinal = 3} : f32[17]"},
    {.text = "random {ordinal = 1} : f32[N, 5, 3]"},
    {.text = "random {ordinal = 4294967295} : f32[N]"},
    {.text = "random {ordinal = 2} : f64[N, 16]"},
    {.text = "random {ordinal = 2} : f64[3, 15]"},
    {0},
};

const NcOp nc_op_random = {
    .name = "random",
    .doc = "Uniform random multiples of 2^-24 in [0, 1): the upper 24 bits of the first word of "
           "Philox4x32-10. Its key is the seed; its counter is the element's position in its "
           "sample (in the tensor, without N), the sample's index in the batch (0 without N), "
           "`ordinal` and the step. Two random nodes are never merged.",
    .constraints = constraints,
    .attrs = attrs,
    .facts = NC_FACT_IMPURE,
    .infer = infer,
    .lower = lower,
    .eval = eval,
    .net = {"random({type}, dtype = {dtype}, ordinal = {ordinal})"},
    .samples = samples,
};
