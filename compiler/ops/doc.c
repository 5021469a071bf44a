// The operators' documentation as Markdown, made from their structs.
#include "ops/ops.h"

#include "ir/graph.h"
#include "ir/read.h"

#include <string.h>

static const char *const kinds[] = {
    [NC_ATTR_INT] = "integer",
    [NC_ATTR_INTS] = "list of integers",
    [NC_ATTR_FLOAT] = "number",
    [NC_ATTR_TYPE] = "type, written after the colon",
};

static const struct {
  unsigned fact;
  const char *text;
} facts[] = {
    {NC_FACT_ELEMENTWISE, "element i of the result depends on elements i of the operands"},
    {NC_FACT_COMMUTATIVE, "the operands may change places"},
    {NC_FACT_IMPURE, "two nodes are never the same value"},
    {NC_FACT_SUMS_BATCH, "over N, the results of parts of a batch combine by addition"},
    {NC_FACT_MAX_BATCH, "over N, the results of parts of a batch combine by maximum"},
    {NC_FACT_MIN_BATCH, "over N, the results of parts of a batch combine by minimum"},
};

// The first sample that has N, as the most telling; else the first.
static const char *example_of(const NcOp *op) {
  for (const NcSample *sample = op->samples; sample->text; sample++)
    if (strstr(sample->text, "[N, "))
      return sample->text;
  return op->samples->text;
}

static void print_attrs(NcText *text, const NcOp *op) {
  for (const NcAttrDecl *attr = op->attrs; attr && attr->name; attr++)
    nc_text_printf(text, "- `%s` (%s): %s\n", attr->name, kinds[attr->kind], attr->doc);
  if (op->attrs)
    nc_text_append(text, "\n");
}

static void print_constraints(NcText *text, const NcOp *op) {
  if (!op->constraints->id)
    return;
  nc_text_append(text, "Constraints:\n\n");
  for (const NcConstraint *c = op->constraints; c->id; c++)
    nc_text_printf(text, "- `%s` (%s): %s\n", c->id, c->code, c->text);
  nc_text_append(text, "\n");
}

// The nodes that the operator's gradient makes of the example: its operands are %x0, %x1, …, and dy
// the gradient of its result.
static void print_gradient(NcText *text, const NcOp *op) {
  if (!op->grad) {
    nc_text_append(text, "It has no gradient.\n");
    return;
  }
  const char *error;
  NcInfer infer;
  NcModule *module = nc_module_create(text->arena);
  NcGraph *graph = nc_read_sample(module, nc_op_by_name, example_of(op), &error, &infer);
  NcNode *node = graph->results.items[0].node, *dx[NC_MAX_OPERANDS] = {NULL};
  bool wanted[NC_MAX_OPERANDS];
  for (int i = 0; i < node->operand_count; i++)
    wanted[i] = nc_dtype_is_float(node->operands[i]->type.dtype);
  graph->name = "gradient";
  graph->results.count = 0;
  op->grad(graph, node, nc_graph_input(graph, "dy", node->type), wanted, dx);
  for (int i = 0; i < node->operand_count; i++)
    if (dx[i])
      nc_graph_add_result(graph, nc_arena_printf(text->arena, "dx%d", i), NC_RESULT_OUTPUT, dx[i]);
  if (graph->results.count == 0) {
    nc_text_append(text, "No gradient passes.\n");
    return;
  }
  nc_graph_prune(graph);
  nc_text_append(text, "Gradient, of the example:\n\n```\n");
  nc_graph_print(text, graph, NULL);
  nc_text_append(text, "```\n");
}

static void print_facts(NcText *text, const NcOp *op) {
  if (op->facts)
    nc_text_append(text, "\nFacts: ");
  const char *separator = "";
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
    if (!(op->facts & facts[i].fact))
      continue;
    nc_text_printf(text, "%s%s", separator, facts[i].text);
    separator = "; ";
  }
  nc_text_append(text, op->facts ? ".\n" : "");
  if (op->onnx.op_type)
    nc_text_printf(text, "\nONNX: `%s`.\n", op->onnx.op_type);
}

static void print_op(NcText *text, const NcOp *op) {
  nc_text_printf(text, "\n## `%s`\n\n%s\n\n", op->name, op->doc);
  print_attrs(text, op);
  nc_text_printf(text, "```\n%s\n```\n\n", example_of(op));
  print_constraints(text, op);
  print_gradient(text, op);
  print_facts(text, op);
}

void nc_ops_print_doc(NcText *text) {
  nc_text_append(
      text,
      "# Operators\n\n"
      "The primitives of the graph IR, whose text form [ir.md](ir.md) describes. This page is\n"
      "made from the operators' own structs, `compiler/ops/NAME.c`, by\n"
      "`unit_operator_guide --print`. An example is a statement with the operands' types in\n"
      "place of their names; N is the batch. Its gradient is a graph of `x0`, `x1`, …, the\n"
      "operands, and `dy`, the gradient of the result; an operand without a `dx` has none.\n");
  for (int i = 0; nc_ops[i]; i++)
    print_op(text, nc_ops[i]);
}
