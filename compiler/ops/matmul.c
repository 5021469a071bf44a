// matmul: the product of matrices, or of batches of them.
#include "ir/onnx.h"
#include "kernel/tensor.h"
#include "ops/build.h"
#include "ops/reference.h"

enum { ATTR_TA, ATTR_TB };

// What a product reads: a is [batch…, m, k] and b [batch…, k, p] once their flags have transposed
// them.
typedef struct Form {
  bool ta, tb;
  int leading; // batch dimensions of a and the result
  bool shared; // b has none: one matrix for the whole batch
  NcDim m, k, p;
} Form;

static Form form_of(const NcType *a, const NcType *b, const NcAttr *attrs) {
  Form form = {.ta = attrs[ATTR_TA].i != 0, .tb = attrs[ATTR_TB].i != 0, .leading = a->rank - 2};
  form.shared = b->rank == 2 && a->rank > 2;
  form.m = a->dims[a->rank - (form.ta ? 1 : 2)];
  form.k = a->dims[a->rank - (form.ta ? 2 : 1)];
  form.p = b->dims[b->rank - (form.tb ? 2 : 1)];
  return form;
}

static bool check_operands(NcInfer *infer, const NcType *a, const NcType *b) {
  if (a->dtype != b->dtype || !nc_dtype_is_float(a->dtype)) {
    const char *want = nc_dtype_is_float(a->dtype) ? nc_dtype_name(a->dtype) : "f32";
    infer->help = nc_arena_printf(infer->arena, "cast to %s", want);
    return nc_infer_fail(infer, "matmul_c1", 0, 1,
                         "operands must have one floating dtype, not %s and %s",
                         nc_dtype_name(a->dtype), nc_dtype_name(b->dtype));
  }
  if (a->rank < 2 || b->rank < 2)
    return nc_infer_fail(infer, "matmul_c2", a->rank < 2 ? 0 : -1, b->rank < 2 ? 1 : -1,
                         "operands must be matrices or batches of them, not of rank %d and %d",
                         a->rank, b->rank);
  for (int i = ATTR_TA; i <= ATTR_TB; i++)
    if (infer->attrs[i].i != 0 && infer->attrs[i].i != 1)
      return nc_infer_fail(infer, "matmul_c3", -1, -1, "%s must be 0 or 1, not %lld",
                           infer->op->attrs[i].name, (long long)infer->attrs[i].i);
  return true;
}

// b as it would fit, if a dimension of it is to blame.
static const char *declare_b(NcInfer *infer, const NcType *b, const Form *form) {
  NcType better = *b;
  better.dims[b->rank - (form->tb ? 1 : 2)] = form->k;
  if (nc_type_check(infer->arena, &better))
    return NULL;
  return nc_arena_printf(infer->arena, "declare the right operand as %s",
                         nc_type_format(infer->arena, &better));
}

static bool check_inner(NcInfer *infer, const NcType *b, const Form *form) {
  NcDim inner = b->dims[b->rank - (form->tb ? 1 : 2)];
  if (nc_dim_equal(form->k, inner))
    return true;
  infer->help = declare_b(infer, b, form);
  return nc_infer_fail(infer, "matmul_c4", 0, 1, "inner dimensions differ: %s and %s",
                       nc_dim_format(infer->arena, form->k), nc_dim_format(infer->arena, inner));
}

static bool check_batch(NcInfer *infer, const NcType *a, const NcType *b) {
  bool same = a->rank == b->rank;
  for (int i = 0; same && i < a->rank - 2; i++)
    same = nc_dim_equal(a->dims[i], b->dims[i]);
  if (same || b->rank == 2)
    return true;
  return nc_infer_fail(
      infer, "matmul_c5", 0, 1,
      "batch dimensions differ: those before the last two must be equal, or absent on the right");
}

static bool infer(NcInfer *infer) {
  const NcType *a = &infer->operands[0], *b = &infer->operands[1];
  if (!check_operands(infer, a, b))
    return false;
  Form form = form_of(a, b, infer->attrs);
  if (!check_inner(infer, b, &form) || !check_batch(infer, a, b))
    return false;
  infer->result = *a;
  infer->result.dims[form.leading] = form.m;
  infer->result.dims[form.leading + 1] = form.p;
  if (nc_dim_is_constant(form.p))
    return true;
  return nc_infer_fail(infer, "matmul_c6", -1, 1,
                       "the right operand's columns, %s, depend on the batch",
                       nc_dim_format(infer->arena, form.p));
}

// Swaps the last two dimensions.
static NcNode *swap(NcGraph *graph, NcNode *a) {
  int64_t perm[NC_MAX_RANK];
  for (int i = 0; i < a->type.rank; i++)
    perm[i] = i;
  perm[a->type.rank - 2] = a->type.rank - 1;
  perm[a->type.rank - 1] = a->type.rank - 2;
  return nc_transpose(graph, a, perm);
}

static NcNode *grad_a(NcGraph *graph, const Form *form, NcNode *b, NcNode *dy) {
  if (!form->ta)
    return nc_matmul(graph, dy, b, false, !form->tb);
  if (!form->shared)
    return nc_matmul(graph, b, dy, form->tb, true);
  return swap(graph, nc_matmul(graph, dy, b, false,
                               !form->tb)); // only the right operand may lack the batch
}

// [batch…, m, k] as [batch…*m, k].
static NcNode *flatten(NcGraph *graph, NcNode *a) {
  NcDim dims[2] = {nc_dim(1), a->type.dims[a->type.rank - 1]};
  for (int i = 0; i < a->type.rank - 1; i++)
    nc_dim_multiply(dims[0], a->type.dims[i], &dims[0]);
  return nc_reshape(graph, a, 2, dims);
}

// Where b is shared, the sum over the batch is one product of flattened operands.
static NcNode *grad_b(NcGraph *graph, const Form *form, NcNode *a, NcNode *dy) {
  bool ta = form->ta;
  if (form->shared) {
    a = flatten(graph, ta ? swap(graph, a) : a);
    dy = flatten(graph, dy);
    ta = false;
  }
  return form->tb ? nc_matmul(graph, dy, a, true, ta) : nc_matmul(graph, a, dy, !ta, false);
}

static void grad(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx) {
  NcNode *a = node->operands[0], *b = node->operands[1];
  Form form = form_of(&a->type, &b->type, node->attrs);
  if (wanted[0])
    dx[0] = grad_a(graph, &form, b, dy);
  if (wanted[1])
    dx[1] = grad_b(graph, &form, a, dy);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  Form form = form_of(&operands[0]->type, &operands[1]->type, node->attrs);
  NcTe *y = nc_te_compute(builder, node->type);
  NcAffine a[NC_MAX_RANK], b[NC_MAX_RANK];
  int batch = form.leading, m = batch, p = batch + 1, k = nc_te_reduce(y, form.k);
  for (int i = 0; i < batch; i++)
    a[i] = b[i] = nc_affine_axis(i);
  a[batch] = nc_affine_axis(form.ta ? k : m);
  a[batch + 1] = nc_affine_axis(form.ta ? m : k);
  int b_batch = form.shared ? 0 : batch;
  b[b_batch] = nc_affine_axis(form.tb ? p : k);
  b[b_batch + 1] = nc_affine_axis(form.tb ? k : p);
  y->reduce = NC_REDUCE_SUM;
  y->body = nc_x_binary(builder, NC_X_MUL, nc_x_load(builder, operands[0], a),
                        nc_x_load(builder, operands[1], b));
  return y;
}

// One product of matrices, whose rows and columns are spaced by the strides.
static void multiply(const Form *form, const double *a, const double *b, double *y) {
  for (int64_t i = 0; i < form->m.c; i++)
    for (int64_t j = 0; j < form->p.c; j++)
      for (int64_t k = 0; k < form->k.c; k++)
        y[i * form->p.c + j] += a[form->ta ? k * form->m.c + i : i * form->k.c + k] *
                                b[form->tb ? j * form->k.c + k : k * form->p.c + j];
}

static bool eval(NcEval *e) {
  Form form = form_of(&e->operands[0]->type, &e->operands[1]->type, e->attrs);
  NcArena *scratch = nc_arena_create();
  double *a = nc_reference_read(scratch, e->operands[0]),
         *b = nc_reference_read(scratch, e->operands[1]);
  double *y = NC_NEW_ARRAY(scratch, double, e->result->count);
  int64_t products = 1;
  for (int i = 0; i < form.leading; i++)
    products *= e->result->type.dims[i].c;
  for (int64_t n = 0; n < products; n++)
    multiply(&form, a + n * form.m.c * form.k.c, b + (form.shared ? 0 : n * form.k.c * form.p.c),
             y + n * form.m.c * form.p.c);
  nc_reference_write(e->result, y);
  nc_arena_destroy(scratch);
  return true;
}

// Gemm has the flags, and adds a bias, of plain matrices.
static NcOnnxValue *gemm(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *inputs) {
  NcOnnxValue *value = nc_onnx_add(b, "Gemm", inputs, 2, node->type);
  if (node->attrs[ATTR_TA].i)
    nc_onnx_set(b, value, "transA", 1);
  if (node->attrs[ATTR_TB].i)
    nc_onnx_set(b, value, "transB", 1);
  value->takes_bias = true;
  return value;
}

static NcOnnxValue *swapped(NcOnnxBuilder *b, NcOnnxValue *x) {
  int64_t perm[NC_MAX_RANK];
  int rank = x->type.rank;
  for (int d = 0; d < rank; d++)
    perm[d] = d < rank - 2 ? d : 2 * rank - 3 - d;
  return nc_onnx_transpose(b, x, perm);
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  NcOnnxValue *inputs[2];
  for (int i = 0; i < 2; i++) {
    inputs[i] = nc_onnx_plain(b, operands[i]);
    if (!inputs[i])
      return NULL;
  }
  if (node->type.rank == 2)
    return gemm(b, node, inputs);
  for (int i = 0; i < 2; i++)
    if (node->attrs[ATTR_TA + i].i)
      inputs[i] = swapped(b, inputs[i]);
  return nc_onnx_add(b, "MatMul", inputs, 2, node->type);
}

static const NcConstraint constraints[] = {
    {"matmul_c1", "E0380", "operands have the same floating dtype",
     "matmul i32[N, 3], i32[3, 5] {ta = 0, tb = 0} : i32[N, 5]"},
    {"matmul_c2", "E0381", "operands have rank 2 or more",
     "matmul f32[3], f32[3, 5] {ta = 0, tb = 0} : f32[5]"},
    {"matmul_c3", "E0382", "ta and tb are 0 or 1",
     "matmul f32[N, 3], f32[3, 5] {ta = 0, tb = 2} : f32[N, 5]"},
    {"matmul_c4", "E0203", "the inner dimensions are equal",
     "matmul f32[N, 3], f32[4, 5] {ta = 0, tb = 0} : f32[N, 5]"},
    {"matmul_c5", "E0383", "the batch dimensions are equal, or the second operand has none",
     "matmul f32[2, 4, 3], f32[3, 3, 5] {ta = 0, tb = 0} : f32[2, 4, 5]"},
    {"matmul_c6", "E0384", "the result's columns do not depend on N",
     "matmul f32[4, 3], f32[N, 3] {ta = 0, tb = 1} : f32[4, 3]"},
    {0}};

static void spell(NcText *text, const NcNode *node, const char *const *operands) {
  bool ta = node->attrs[0].i, tb = node->attrs[1].i;
  if (ta || tb)
    nc_text_printf(text, "matmul(%s, %s%s%s)", operands[0], operands[1],
                   ta ? ", transpose_x = true" : "", tb ? ", transpose_y = true" : "");
  else
    nc_text_printf(text, "%s @ %s", operands[0], operands[1]);
}

static const NcAttrDecl attrs[] = {{"ta", NC_ATTR_INT, "1 if the first operand is transposed"},
                                   {"tb", NC_ATTR_INT, "1 if the second operand is transposed"},
                                   {0}};

static const NcSample samples[] = {
    {.text = "matmul f32[N, 3], f32[3, 5] {ta = 0, tb = 0} : f32[N, 5]"},
    {.text = "matmul f32[1, 1], f32[1, 1] {ta = 0, tb = 0} : f32[1, 1]"},
    {.text = "matmul f32[N, 196], f32[196, 16] {ta = 0, tb = 0} : f32[N, 16]"},
    {.text = "matmul f32[N, 16], f32[196, 16] {ta = 0, tb = 1} : f32[N, 196]"},
    {.text = "matmul f32[N, 49], f32[N, 16] {ta = 1, tb = 0} : f32[49, 16]"},
    {.text = "matmul f32[2*N, 7], f32[2*N, 15] {ta = 1, tb = 0} : f32[7, 15]"},
    {.text = "matmul f32[13, 31], f32[31, 17] {ta = 0, tb = 0} : f32[13, 17]"},
    {.text = "matmul f32[31, 13], f32[17, 31] {ta = 1, tb = 1} : f32[13, 17]"},
    {.text = "matmul f64[13, 31], f64[17, 31] {ta = 0, tb = 1} : f64[13, 17]"},
    // large enough for BLAS
    {.text = "matmul f32[N, 131], f32[131, 127] {ta = 0, tb = 0} : f32[N, 127]"},
    {.text = "matmul f32[N, 127], f32[131, 127] {ta = 0, tb = 1} : f32[N, 131]"},
    {.text = "matmul f32[N, 131], f32[N, 127] {ta = 1, tb = 0} : f32[131, 127]"},
    {.text = "matmul f64[80, 97], f64[101, 80] {ta = 1, tb = 1} : f64[97, 101]"},
    {.text = "matmul f32[N, 7, 4], f32[N, 4, 17] {ta = 0, tb = 0} : f32[N, 7, 17]"},
    {.text = "matmul f32[N, 4, 7], f32[N, 15, 4] {ta = 1, tb = 1} : f32[N, 7, 15]"},
    {.text = "matmul f32[N, 2, 3, 4], f32[N, 2, 5, 4] {ta = 0, tb = 1} : f32[N, 2, 3, 5]"},
    {.text = "matmul f32[3, 5, 4], f32[4, 16] {ta = 0, tb = 0} : f32[3, 5, 16]"},
    {.text = "matmul f32[N, 5, 4], f32[4, 16] {ta = 0, tb = 0} : f32[N, 5, 16]"},
    {.text = "matmul f32[N, 5, 4], f32[3, 4] {ta = 0, tb = 1} : f32[N, 5, 3]"},
    {.text = "matmul f32[N, 2, 4, 5], f32[4, 3] {ta = 1, tb = 0} : f32[N, 2, 5, 3]"},
    {.text = "matmul f32[N, 4, 5], f32[3, 4] {ta = 1, tb = 1} : f32[N, 5, 3]"},
    {0}};

const NcOp nc_op_matmul = {
    .name = "matmul",
    .doc = "Product of matrices.\n\n"
           "`a[batch…, M, K]` and `b[batch…, K, P]` give `[batch…, M, P]`; with `ta` (`tb`) the "
           "last two dimensions of a (b) are swapped first. b may also be a single matrix, which "
           "every matrix of a is multiplied with. N may be the rows M, the inner dimension K (it "
           "is summed away) or the leading batch dimension.",
    .constraints = constraints,
    .attrs = attrs,
    .operand_count = 2,
    .facts = NC_FACT_SUMS_BATCH,
    .infer = infer,
    .grad = grad,
    .lower = lower,
    .eval = eval,
    .onnx = {"MatMul", .build = onnx},
    .net = {.write = spell},
    .samples = samples,
};
