// const: a tensor with one value in every element.
#include "ir/onnx.h"
#include "ir/spell.h"
#include "ops/elementwise.h"
#include "ops/structure.h"

enum { VALUE, TYPE };

static bool infer(NcInfer *infer) {
  infer->result = infer->attrs[TYPE].type;
  return nc_check_value(infer, "const_c1", infer->result.dtype, infer->attrs[VALUE].f);
}

static NcTe *lower(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands) {
  (void)operands;
  double value = node->attrs[VALUE].f;
  return nc_lower_body(builder, node, nc_x_const(builder, node->type.dtype, value));
}

static bool eval(NcEval *e) {
  for (int64_t i = 0; i < e->result->count; i++)
    nc_tensor_set(e->result, i, e->attrs[VALUE].f);
  return true;
}

static NcOnnxValue *onnx(NcOnnxBuilder *b, const NcNode *node, NcOnnxValue *const *operands) {
  (void)operands;
  return nc_onnx_view(b, nc_onnx_scalar(b, node->type.dtype, node->attrs[VALUE].f), node->type);
}

static void spell(NcText *text, const NcNode *node, const char *const *operands) {
  (void)operands;
  NcDtype dtype = node->type.dtype;
  nc_text_append(text, node->type.rank ? "broadcast(" : "");
  nc_text_printf(text, "%s(", nc_dtype_name(dtype));
  nc_spell_number(text, node->attrs[VALUE].f, dtype);
  nc_text_append(text, ")");
  if (node->type.rank == 0)
    return;
  nc_text_append(text, ", ");
  nc_spell_shape(text, &node->type);
  nc_text_append(text, ")");
}

static const NcAttrDecl attrs[] = {
    {"value", NC_ATTR_FLOAT, "the value of every element"},
    {"type", NC_ATTR_TYPE, "the result's type"},
    {0},
};

static const NcConstraint constraints[] = {
    {"const_c1", "E0306", "`value` is exact in an integer dtype, and 0 or 1 in bool",
     "const {value = 0.5} : i32[3]"},
    {0},
};

static const NcSample samples[] = {
    {.text = "const {value = 0.1} : f32[]"},
    {.text = "const {value = -1.5} : f32[N, 17]"},
    {.text = "const {value = 3.0} : f64[1]"},
    {.text = "const {value = inf} : f32[3]"},
    {.text = "const {value = nan} : f32[3]"},
    {.text = "const {value = -7.0} : i32[16]"},
    {.text = "const {value = 4294967296.0} : i64[N]"},
    {.text = "const {value = 255.0} : u8[15]"},
    {.text = "const {value = 1.0} : bool[N, 2]"},
    {0},
};

const NcOp nc_op_const = {
    .name = "const",
    .doc = "A tensor of any type with one value in every element, rounded to the dtype.",
    .constraints = constraints,
    .attrs = attrs,
    .infer = infer,
    .lower = lower,
    .eval = eval,
    .onnx = {"Constant", .build = onnx},
    .net = {.write = spell},
    .samples = samples,
};
