// Reads the text form of graphs by recursive descent. A syntax error ends the reading; after an
// error of meaning it goes on, and what depends on a wrong value is passed over in silence.
#include "ir/read.h"

#include "ir/cursor.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_VALUE_NUMBER (1 << 20)
#define MAX_WRITTEN_ATTRS 16

typedef struct Numbered {
  NcNode *node;
  int number;
} Numbered;

typedef struct Reader {
  NcArena *arena;
  NcDiags *diags;
  NcOpLookup lookup;
  NcModule *module;
  NcIrCursor in;
  int errors_before; // reported to diags by others
  // of the graph at hand
  NcGraph *graph;
  NcMap values; // by "image" or "12"
  NC_VEC(Numbered) numbered;
  NcNode *wrong; // stands for a value whose statement was wrong
  bool sample;   // operands are types
  NcInfer infer; // of the last operator
} Reader;

// An attribute as written: a number or a list of integers.
typedef struct Written {
  const char *name;
  NcSpan span;
  bool is_list, is_int;
  NcAttr value;
} Written;

typedef struct Statement {
  const char *op;
  NcSpan span, op_span;
  NcNode *operands[NC_MAX_OPERANDS]; // NULL is a wrong one
  NcSpan operand_spans[NC_MAX_OPERANDS];
  int operand_count;
  Written attrs[MAX_WRITTEN_ATTRS];
  int attr_count;
  NcType type;
  bool wrong; // something was reported
} Statement;

static bool has_errors(const Reader *r) { return r->diags->error_count > r->errors_before; }

static const NcOrigin *origin_at(Reader *r, NcSpan span) {
  NcOrigin *origin = NC_NEW(r->arena, NcOrigin);
  origin->span = span;
  return origin;
}

static NcVariable *find_variable(Reader *r, const char *name, NcSpan span) {
  NcVariable *variable = nc_module_variable(r->module, name);
  if (variable)
    return variable;
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; i < r->module->variables.count; i++)
    nc_suggest(name, r->module->variables.items[i]->name, &best, &distance);
  NcDiag *diag = nc_diag_error(r->diags, "E0603", span, "there is no variable `%s`", name);
  if (best)
    nc_diag_fix(r->diags, diag, span, nc_arena_printf(r->arena, "@%s", best), "did you mean `%s`?",
                best);
  return NULL;
}

// %12, %image, @weights.c1; NULL for a wrong one (or, silently, one that was defined wrongly).
static NcNode *take_value(Reader *r, NcSpan *span) {
  *span = r->in.token.span;
  NcSpan name_span;
  if (nc_ir_take_punct(&r->in, '@')) {
    const char *name = nc_ir_take_path(&r->in, "a variable's name", &name_span);
    *span = nc_span_join(*span, name_span);
    NcVariable *variable = r->in.failed ? NULL : find_variable(r, name, *span);
    return variable ? nc_graph_variable(r->graph, variable) : NULL;
  }
  if (!nc_ir_take_punct(&r->in, '%')) {
    nc_ir_syntax_error(&r->in, "a value, as %3, %input or @variable");
    return NULL;
  }
  name_span = r->in.token.span;
  if (r->in.token.kind != NC_IR_NAME && r->in.token.kind != NC_IR_INT) {
    nc_ir_syntax_error(&r->in, "a value's number or name");
    return NULL;
  }
  const char *name = r->in.token.kind == NC_IR_INT ? nc_ir_take_text(&r->in)
                                                   : nc_ir_take_path(&r->in, "", &name_span);
  *span = nc_span_join(*span, name_span);
  NcNode *node = nc_map_get(&r->values, name);
  if (!node)
    nc_diag_error(r->diags, "E0603", *span, "%%%s is not defined before this place", name);
  return node == r->wrong ? NULL : node;
}

static NcNode *take_operand(Reader *r, const Statement *statement, NcSpan *span) {
  if (!r->sample)
    return take_value(r, span);
  NcType type;
  *span = r->in.token.span;
  if (!nc_ir_take_type(&r->in, &type))
    return NULL;
  return nc_graph_input(r->graph, nc_arena_printf(r->arena, "x%d", statement->operand_count), type);
}

static void take_operands(Reader *r, Statement *s) {
  while (!r->in.failed && !nc_ir_is_punct(&r->in, '{') && !nc_ir_is_punct(&r->in, ':')) {
    if (s->operand_count == NC_MAX_OPERANDS) {
      nc_ir_syntax_error(&r->in, "no more operands");
      return;
    }
    if (s->operand_count > 0 && !nc_ir_take_punct(&r->in, ',')) {
      nc_ir_syntax_error(&r->in, "`,` or `:`");
      return;
    }
    NcNode *node = take_operand(r, s, &s->operand_spans[s->operand_count]);
    s->wrong |= !node;
    s->operands[s->operand_count++] = node;
  }
}

static void take_list(Reader *r, Written *attr) {
  attr->is_list = true;
  while (!r->in.failed && !nc_ir_is_punct(&r->in, ']')) {
    if (attr->value.count > 0 && !nc_ir_expect(&r->in, ','))
      return;
    if (attr->value.count == NC_MAX_ATTR_INTS) {
      nc_ir_syntax_error(&r->in, "no more numbers");
      return;
    }
    attr->value.ints[attr->value.count++] = nc_ir_take_int(&r->in, "an integer");
  }
  nc_ir_expect(&r->in, ']');
}

static void take_float(Reader *r, Written *attr) {
  bool negative = nc_ir_take_punct(&r->in, '-');
  double value = 0;
  if (nc_ir_take_word(&r->in, "inf"))
    value = (double)INFINITY;
  else if (nc_ir_take_word(&r->in, "nan"))
    value = (double)NAN;
  else if (r->in.token.kind == NC_IR_FLOAT || r->in.token.kind == NC_IR_INT)
    value = strtod(nc_ir_take_text(&r->in), NULL);
  else
    nc_ir_syntax_error(&r->in, "a number or a list");
  attr->value.f = negative ? -value : value;
}

static void take_number(Reader *r, Written *attr) {
  NcIrLexer begin = r->in.lexer;
  NcIrToken token = r->in.token;
  nc_ir_take_punct(&r->in, '-');
  attr->is_int = r->in.token.kind == NC_IR_INT;
  r->in.lexer = begin;
  r->in.token = token;
  if (attr->is_int) {
    attr->value.i = nc_ir_take_int(&r->in, "a number");
    attr->value.f = (double)attr->value.i;
  } else {
    take_float(r, attr);
  }
}

static void take_attrs(Reader *r, Statement *s) {
  if (!nc_ir_take_punct(&r->in, '{'))
    return;
  while (!r->in.failed && !nc_ir_is_punct(&r->in, '}')) {
    if (s->attr_count > 0 && !nc_ir_expect(&r->in, ','))
      return;
    if (s->attr_count == MAX_WRITTEN_ATTRS) {
      nc_ir_syntax_error(&r->in, "no more attributes");
      return;
    }
    Written *attr = &s->attrs[s->attr_count++];
    attr->span = r->in.token.span;
    attr->name = nc_ir_take_name(&r->in, "an attribute's name");
    nc_ir_expect(&r->in, '=');
    if (nc_ir_take_punct(&r->in, '['))
      take_list(r, attr);
    else if (!r->in.failed)
      take_number(r, attr);
  }
  nc_ir_expect(&r->in, '}');
}

static void wrong_attr(Reader *r, Statement *s, NcSpan span, const char *problem,
                       const char *name) {
  nc_diag_error(r->diags, "E0606", span, "%s %s `%s`", s->op, problem, name);
  s->wrong = true;
}

static void match_attr(Reader *r, Statement *s, const NcOp *op, const Written *written,
                       NcAttr *attrs, bool *given) {
  int index = nc_op_attr_index(op, written->name);
  if (index < 0 || op->attrs[index].kind == NC_ATTR_TYPE) {
    wrong_attr(r, s, written->span, "has no attribute", written->name);
    return;
  }
  NcAttrKind kind = op->attrs[index].kind;
  if (given[index])
    wrong_attr(r, s, written->span, "is given twice the attribute", written->name);
  else if (kind == NC_ATTR_INTS && !written->is_list)
    wrong_attr(r, s, written->span, "needs a list of integers as attribute", written->name);
  else if (kind == NC_ATTR_INT && !written->is_int)
    wrong_attr(r, s, written->span, "needs an integer as attribute", written->name);
  else if (kind == NC_ATTR_FLOAT && written->is_list)
    wrong_attr(r, s, written->span, "needs a number as attribute", written->name);
  given[index] = true;
  attrs[index] = written->value;
}

// Brings the written attributes into the operator's order.
static void match_attrs(Reader *r, Statement *s, const NcOp *op, NcAttr *attrs) {
  bool given[NC_MAX_ATTRS] = {false};
  for (int i = 0; i < s->attr_count; i++)
    match_attr(r, s, op, &s->attrs[i], attrs, given);
  for (int i = 0; i < nc_op_attr_count(op); i++) {
    if (op->attrs[i].kind == NC_ATTR_TYPE)
      attrs[i].type = s->type;
    else if (!given[i])
      wrong_attr(r, s, s->op_span, "needs the attribute", op->attrs[i].name);
  }
}

static const NcOp *find_operator(Reader *r, Statement *s) {
  const NcOp *op = r->lookup(s->op);
  if (!op || !op->infer) {
    nc_diag_error(r->diags, "E0603", s->op_span, "there is no operator `%s`", s->op);
    return NULL;
  }
  if (op->operand_count != s->operand_count) {
    nc_diag_error(r->diags, "E0605", s->op_span, "%s takes %d operand%s, not %d", s->op,
                  op->operand_count, op->operand_count == 1 ? "" : "s", s->operand_count);
    return NULL;
  }
  return op;
}

static void report_broken(Reader *r, const Statement *s) {
  const NcInfer *infer = &r->infer;
  NcDiag *diag = nc_diag_error(r->diags, infer->broken->code, s->op_span, "%s", infer->message);
  for (int i = 0; i < 2; i++) {
    int culprit = infer->culprits[i];
    if (culprit >= 0 && culprit < s->operand_count)
      nc_diag_label(r->diags, diag, s->operand_spans[culprit], "%s",
                    nc_type_format(r->arena, &infer->operands[culprit]));
  }
  if (infer->broken->text)
    nc_diag_note(r->diags, diag, NC_NOWHERE, "%s: %s", infer->broken->id, infer->broken->text);
  if (infer->help)
    nc_diag_help(r->diags, diag, "%s", infer->help);
}

static NcNode *add_statement(Reader *r, Statement *s) {
  const NcOp *op = find_operator(r, s);
  if (!op)
    return NULL;
  NcAttr attrs[NC_MAX_ATTRS] = {0};
  match_attrs(r, s, op, attrs);
  if (s->wrong)
    return NULL;
  r->graph->origin = origin_at(r, s->span);
  NcNode *node = nc_graph_try_add(r->graph, op, s->operands, s->operand_count, attrs, &r->infer);
  r->graph->origin = NULL;
  if (!node) {
    report_broken(r, s);
    return NULL;
  }
  if (!nc_type_equal(&node->type, &s->type)) {
    nc_diag_error(r->diags, "E0608", s->op_span, "%s gives %s, not %s", s->op,
                  nc_type_format(r->arena, &node->type), nc_type_format(r->arena, &s->type));
    return NULL;
  }
  return node;
}

// OP operands {attributes} : type. NULL if it is wrong.
static NcNode *take_statement(Reader *r) {
  Statement *s = NC_NEW(r->arena, Statement);
  s->span = s->op_span = r->in.token.span;
  s->op = nc_ir_take_name(&r->in, "an operator");
  take_operands(r, s);
  take_attrs(r, s);
  nc_ir_expect(&r->in, ':');
  NcSpan end = r->in.token.span;
  s->wrong |= !nc_ir_take_type(&r->in, &s->type);
  s->span = nc_span_join(s->span, end);
  return r->in.failed ? NULL : add_statement(r, s);
}

static void define(Reader *r, const char *name, NcSpan span, NcNode *node) {
  if (nc_map_get(&r->values, name))
    nc_diag_error(r->diags, "E0604", span, "%%%s is defined twice", name);
  else
    nc_map_set(&r->values, name, node ? node : r->wrong);
}

static void take_definition(Reader *r) {
  NcSpan span = r->in.token.span;
  nc_ir_expect(&r->in, '%');
  span = nc_span_join(span, r->in.token.span);
  int64_t number = nc_ir_take_int(&r->in, "a value's number");
  if (!r->in.failed && (number < 0 || number >= MAX_VALUE_NUMBER)) {
    nc_diag_error(r->diags, "E0602", span, "values are numbered from 0 to %d",
                  MAX_VALUE_NUMBER - 1);
    r->in.failed = true;
  }
  nc_ir_expect(&r->in, '=');
  NcNode *node = take_statement(r);
  if (r->in.failed)
    return;
  define(r, nc_arena_printf(r->arena, "%d", (int)number), span, node);
  if (node)
    nc_vec_push(r->arena, r->numbered, ((Numbered){node, (int)number}));
}

static NcResultKind take_result_kind(Reader *r) {
  if (nc_ir_take_word(&r->in, "output"))
    return NC_RESULT_OUTPUT;
  if (nc_ir_take_word(&r->in, "loss"))
    return NC_RESULT_LOSS;
  if (!nc_ir_take_word(&r->in, "metric"))
    nc_ir_syntax_error(&r->in, "`output`, `loss` or `metric`");
  return NC_RESULT_METRIC;
}

static void take_result(Reader *r) {
  NcSpan span, value_span;
  NcResultKind kind = take_result_kind(r);
  const char *name = nc_ir_take_path(&r->in, "the result's name", &span);
  nc_ir_expect(&r->in, '=');
  NcNode *node = r->in.failed ? NULL : take_value(r, &value_span);
  for (int i = 0; !r->in.failed && i < r->graph->results.count; i++)
    if (strcmp(r->graph->results.items[i].name, name) == 0)
      nc_diag_error(r->diags, "E0604", span, "there are two results `%s`", name);
  if (node)
    nc_graph_add_result(r->graph, name, kind, node);
}

static void check_update(Reader *r, const NcVariable *variable, const NcNode *node, NcSpan span) {
  for (int i = 0; i < r->graph->updates.count; i++)
    if (r->graph->updates.items[i].variable == variable)
      nc_diag_error(r->diags, "E0604", span, "%s is updated twice", variable->name);
  if (!nc_type_equal(&variable->type, &node->type))
    nc_diag_error(r->diags, "E0609", span, "%s is %s, its new value %s", variable->name,
                  nc_type_format(r->arena, &variable->type), nc_type_format(r->arena, &node->type));
}

static void take_update(Reader *r) {
  NcSpan span, value_span;
  const char *name = nc_ir_take_path(&r->in, "a variable's name", &span);
  nc_ir_expect(&r->in, '=');
  NcNode *node = r->in.failed ? NULL : take_value(r, &value_span);
  NcVariable *variable = r->in.failed ? NULL : find_variable(r, name, span);
  if (!node || !variable)
    return;
  check_update(r, variable, node, span);
  nc_graph_add_update(r->graph, variable, node);
}

static void take_input(Reader *r) {
  NcSpan span;
  NcType type;
  const char *name = nc_ir_take_path(&r->in, "an input's name", &span);
  nc_ir_expect(&r->in, ':');
  bool valid = nc_ir_take_type(&r->in, &type);
  if (r->in.failed)
    return;
  r->graph->origin = origin_at(r, span);
  define(r, name, span, valid ? nc_graph_input(r->graph, name, type) : NULL);
  r->graph->origin = NULL;
}

// Values keep the numbers that they are written with; leaves, which are written by name, get the
// rest.
static void number_nodes(Reader *r) {
  NcGraph *graph = r->graph;
  int limit = graph->nodes.count;
  for (int i = 0; i < r->numbered.count; i++)
    if (r->numbered.items[i].number >= limit)
      limit = r->numbered.items[i].number + 1;
  bool *used = NC_NEW_ARRAY(r->arena, bool, limit);
  for (int i = 0; i < r->numbered.count; i++) {
    r->numbered.items[i].node->id = r->numbered.items[i].number;
    used[r->numbered.items[i].number] = true;
  }
  int next = 0;
  for (int i = 0; i < graph->nodes.count; i++) {
    NcNode *node = graph->nodes.items[i];
    if (node->op->infer)
      continue;
    while (used[next])
      next++;
    node->id = next++;
  }
  graph->next_id = limit;
}

static const char *take_graph_name(Reader *r, NcSpan *span) {
  bool update = nc_ir_is_word(&r->in, "update");
  const char *name = nc_ir_take_path(&r->in, "the graph's name", span);
  if (!update || nc_ir_is_punct(&r->in, '('))
    return name;
  NcSpan rest;
  name = nc_arena_printf(r->arena, "update %s", nc_ir_take_path(&r->in, "`(` or a name", &rest));
  *span = nc_span_join(*span, rest);
  return name;
}

static void take_body(Reader *r) {
  nc_ir_expect(&r->in, '{');
  while (!r->in.failed && !nc_ir_is_punct(&r->in, '}')) {
    if (nc_ir_is_punct(&r->in, '%'))
      take_definition(r);
    else if (nc_ir_take_word(&r->in, "result"))
      take_result(r);
    else if (nc_ir_take_word(&r->in, "update"))
      take_update(r);
    else
      nc_ir_syntax_error(&r->in, "a statement");
  }
  nc_ir_expect(&r->in, '}');
}

static void take_graph(Reader *r) {
  NcSpan span;
  const char *name = take_graph_name(r, &span);
  if (!r->in.failed && nc_module_graph(r->module, name))
    nc_diag_error(r->diags, "E0604", span, "there are two graphs `%s`", name);
  r->graph = nc_module_add_graph(r->module, name);
  r->values = nc_map_create(r->arena);
  r->numbered.count = 0;
  nc_ir_expect(&r->in, '(');
  for (bool first = true; !r->in.failed && !nc_ir_is_punct(&r->in, ')'); first = false) {
    if (first || nc_ir_expect(&r->in, ','))
      take_input(r);
  }
  nc_ir_expect(&r->in, ')');
  take_body(r);
  if (!r->in.failed && !has_errors(r))
    number_nodes(r);
}

static NcVariableKind take_variable_kind(Reader *r) {
  if (nc_ir_take_word(&r->in, "param"))
    return NC_VAR_PARAM;
  if (nc_ir_take_word(&r->in, "state"))
    return NC_VAR_STATE;
  if (nc_ir_take_word(&r->in, "buffer"))
    return NC_VAR_BUFFER;
  if (!nc_ir_take_word(&r->in, "metric"))
    nc_ir_syntax_error(&r->in, "`param`, `buffer`, `state` or `metric`");
  return NC_VAR_METRIC;
}

static void take_variable(Reader *r) {
  NcSpan span;
  NcType type;
  NcVariableKind kind = take_variable_kind(r);
  const char *name = nc_ir_take_path(&r->in, "the variable's name", &span);
  nc_ir_expect(&r->in, ':');
  bool valid = nc_ir_take_type(&r->in, &type);
  if (r->in.failed)
    return;
  if (valid && nc_type_has_batch(&type))
    nc_diag_error(r->diags, "E0607", span, "a variable's type cannot mention N");
  if (nc_module_variable(r->module, name))
    nc_diag_error(r->diags, "E0604", span, "there are two variables `%s`", name);
  nc_module_add_variable(r->module, name, kind, type, span);
}

static void take_module(Reader *r) {
  if (nc_ir_take_word(&r->in, "module")) {
    nc_ir_expect(&r->in, '{');
    while (!r->in.failed && !nc_ir_is_punct(&r->in, '}'))
      take_variable(r);
    nc_ir_expect(&r->in, '}');
    r->in.failed |= has_errors(r); // graphs need the variables
  }
  while (!r->in.failed && r->in.token.kind != NC_IR_END) {
    if (nc_ir_take_word(&r->in, "graph"))
      take_graph(r);
    else
      nc_ir_syntax_error(&r->in, "`graph`");
  }
}

static Reader start(NcModule *module, const NcSourceMap *sources, int file, NcDiags *diags,
                    NcOpLookup lookup) {
  Reader r = {.arena = module->arena, .diags = diags, .lookup = lookup, .module = module};
  r.errors_before = diags->error_count;
  r.in = nc_ir_cursor(r.arena, sources, file, diags);
  r.wrong = NC_NEW(r.arena, NcNode);
  return r;
}

NcModule *nc_module_read(NcArena *arena, const NcSourceMap *sources, int file, NcDiags *diags,
                         NcOpLookup lookup) {
  Reader r = start(nc_module_create(arena), sources, file, diags, lookup);
  take_module(&r);
  return has_errors(&r) ? NULL : r.module;
}

NcGraph *nc_read_sample(NcModule *module, NcOpLookup lookup, const char *text, const char **error,
                        NcInfer *infer) {
  NcSourceMap *sources = nc_source_create(module->arena);
  int file = nc_source_add(sources, "sample", text, strlen(text), true);
  NcDiags *diags = nc_diags_create(module->arena, sources);
  Reader r = start(module, sources, file, diags, lookup);
  r.sample = true;
  r.graph = nc_module_add_graph(module, "sample");
  NcNode *node = take_statement(&r);
  if (!r.in.failed && r.in.token.kind != NC_IR_END)
    nc_ir_syntax_error(&r.in, "the end");
  *infer = r.infer;
  if (diags->error_count > 0) {
    *error = diags->items.items[0]->message;
    nc_module_remove_graph(module, r.graph);
    return NULL;
  }
  nc_graph_add_result(r.graph, "y", NC_RESULT_OUTPUT, node);
  return r.graph;
}
