// What --of and --wrt mean: see derivative.h.
#include "driver/derivative.h"

#include "ops/autodiff.h"
#include "ops/ops.h"

#include <string.h>

// What the train block minimizes. The file's errors are reported when it is checked.
static const char *minimized(NcUnit *unit) {
  NcDiags *unheard = nc_diags_create(unit->arena, unit->sources);
  const NcFileAst *ast = nc_parse(unit->arena, unit->sources, unit->file, unheard);
  for (int i = 0; i < ast->decls.count; i++) {
    const NcDeclAst *decl = ast->decls.items[i];
    for (int k = 0; decl->kind == NC_DECL_TRAIN && k < decl->fields.count; k++) {
      const NcFieldAst *field = &decl->fields.items[k];
      if (strcmp(field->name, "minimize") == 0 && field->value)
        return nc_source_text(unit->sources, field->value->span, unit->arena);
    }
  }
  return "loss";
}

static bool is_float(NcUnit *unit, const char *option, NcSpan span, const NcNode *node) {
  if (nc_dtype_is_float(node->type.dtype))
    return true;
  nc_diag_error(unit->diags, "E0210", span, "%s: a tensor of floats is needed, but this is %s",
                option, nc_type_format(unit->arena, &node->type));
  return false;
}

static bool is_scalar(NcUnit *unit, NcSpan span, const NcNode *node) {
  if (!is_float(unit, "--of", span, node))
    return false;
  if (node->type.rank == 0)
    return true;
  NcDiag *diag = nc_diag_error(unit->diags, "E0210", span,
                               "--of: what is differentiated must be one number, but is %s",
                               nc_type_format(unit->arena, &node->type));
  nc_diag_help(unit->diags, diag, "write --of 'sum(%s)'",
               nc_source_text(unit->sources, span, unit->arena));
  return false;
}

static void add(NcDerivative *d, NcNode *node, const char *name, NcSpan span, NcSpan *spans) {
  d->wrt[d->count] = node;
  d->names[d->count] = name;
  spans[d->count++] = span;
}

static NcSpan place_of(const NcNode *node, NcSpan written) {
  return node->variable ? node->variable->span : node->origin ? node->origin->span : written;
}

static void add_params(NcDerivative *d, const NcModule *module, NcSpan *spans) {
  for (int i = 0; i < module->variables.count; i++) {
    NcVariable *variable = module->variables.items[i];
    if (variable->kind == NC_VAR_PARAM && nc_dtype_is_float(variable->type.dtype))
      add(d, nc_graph_variable(d->graph, variable), variable->name, variable->span, spans);
  }
}

// Where the text of --of ends in that of the list, `of` ends too.
static bool is_one_value(const NcDerivative *d, NcUnit *unit) {
  const NcExprAst *list = unit->fetched;
  if (list->args.count == 0) {
    nc_diag_error(unit->diags, "E0430", list->span, "--of is empty: say what is differentiated");
    return false;
  }
  const char *text = unit->sources->files.items[list->span.file].text;
  int end = (int)(strchr(text, '[') - text) + 1 + (int)strlen(d->of_text);
  if (list->args.count == 1 || list->args.items[1].value->span.begin > end)
    return true;
  nc_diag_error(unit->diags, "E0430", list->args.items[1].value->span,
                "--of is one value: what is differentiated");
  return false;
}

// Params that nothing flows to are usual; what is asked for by name was meant to have a gradient.
static void differentiate(NcDerivative *d, NcUnit *unit, bool named) {
  NcNode **gradients = NC_NEW_ARRAY(unit->arena, NcNode *, d->count + 1);
  nc_autodiff(d->graph, d->of, d->wrt, d->count, gradients);
  for (int i = 0; i < d->count; i++) {
    nc_graph_add_result(d->graph, d->names[i], NC_RESULT_OUTPUT, gradients[i]);
    bool zero = gradients[i]->op == &nc_op_const && nc_node_attr(gradients[i], "value")->f == 0;
    if (named && zero)
      nc_diag_warning(unit->diags, "W0104", unit->fetched->args.items[1 + i].value->span,
                      "no gradient of %s reaches %s: it is 0 everywhere", d->of_text, d->names[i]);
  }
}

// The results are those of the list, in its order; the first is `of`.
static int find(NcDerivative *d, NcUnit *unit) {
  const NcModule *module = unit->program->module;
  const NcExprAst *list = unit->fetched;
  if (!is_one_value(d, unit)) {
    nc_unit_report(unit);
    return NC_EXIT_INPUT;
  }
  d->graph = nc_module_graph(module, "fetch");
  d->of = d->graph->results.items[0].node;
  int most = list->args.count + module->variables.count;
  d->wrt = NC_NEW_ARRAY(unit->arena, NcNode *, most);
  d->names = NC_NEW_ARRAY(unit->arena, const char *, most);
  NcSpan *spans = NC_NEW_ARRAY(unit->arena, NcSpan, most);
  d->spans = spans;
  bool right = is_scalar(unit, list->args.items[0].value->span, d->of);
  for (int i = 1; right && i < list->args.count; i++) {
    NcSpan span = list->args.items[i].value->span;
    NcNode *node = d->graph->results.items[i].node;
    right = is_float(unit, "--wrt", span, node) && right;
    add(d, node, nc_source_text(unit->sources, span, unit->arena), place_of(node, span), spans);
  }
  if (list->args.count == 1)
    add_params(d, module, spans);
  if (right && d->count == 0)
    nc_diag_error(unit->diags, "E0403", NC_NOWHERE,
                  "the program has no params: say with --wrt what to differentiate by");
  d->graph->results.count = 0;
  nc_graph_add_result(d->graph, "value", NC_RESULT_OUTPUT, d->of);
  if (right)
    differentiate(d, unit, list->args.count > 1);
  nc_unit_report(unit);
  return right && d->count > 0 ? NC_EXIT_OK : NC_EXIT_INPUT;
}

int nc_derivative_open(NcDerivative *d, NcUnit *unit, const NcOptions *options, bool training) {
  *d = (NcDerivative){.of_text = options->of ? options->of : minimized(unit)};
  unit->fetch = nc_arena_printf(unit->arena, "%s%s%s", d->of_text, options->wrt ? ", " : "",
                                options->wrt ? options->wrt : "");
  unit->fetch_shown = options->wrt ? "--of, --wrt" : "--of";
  unit->fetch_training = training;
  if (!nc_unit_check(unit, false))
    return NC_EXIT_INPUT;
  return find(d, unit);
}
