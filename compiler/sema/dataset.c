// Data sets: which file feeds which input, under which view, and whether it fits.
#include "sema/sema.h"

#include <limits.h>
#include <string.h>

// What stands right of `=`: a reader under views.
typedef struct View {
  const char *reader, *file;
  NcSpan file_span;
  bool found;   // the file was there: samples and dtype are known
  bool missing; // it was looked for and is not there
  bool shaped;  // the shape is known
  NcType type;  // as far as known
  int64_t samples;
  NcSpan shape_span;    // of what gave the shape
  const NcValue *shape; // the list, if reshape gave it
} View;

static bool view(NcSema *s, const NcExprAst *expr, View *result, int depth);

static void not_a_reader(NcSema *s, const NcExprAst *callee) {
  static const char *const known[] = {"idx", "reshape"};
  NcDiag *diag =
      nc_sema_error(s, "E0410", callee->span, "%s reads no data", nc_sema_quote(s, callee->span));
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; callee->kind == NC_AST_NAME && i < 2; i++)
    nc_suggest(callee->text, known[i], &best, &distance);
  if (best)
    nc_sema_fix_name(s, diag, callee->span, best);
  else
    nc_diag_help(s->diags, diag, "write idx(\"FILE\"), or reshape(idx(\"FILE\"), [N, ...])");
}

static void ask_facts(NcSema *s, View *result) {
  const NcSemaOptions *options = s->options;
  const char *message = "it cannot be used";
  if (!options || !options->facts)
    return;
  NcFactsStatus status = options->facts(options->facts_context, s->arena, result->reader,
                                        result->file, &result->type, &result->samples, &message);
  result->missing = status == NC_FACTS_MISSING;
  result->found = result->shaped = status == NC_FACTS_OK;
  if (status == NC_FACTS_BAD)
    nc_sema_error(s, "E0501", result->file_span, "%s", message);
  if (status == NC_FACTS_OK && result->samples < 1)
    nc_sema_error(s, "E0501", result->file_span, "%s holds no samples", result->file);
}

static bool read_file(NcSema *s, const NcExprAst *call, View *result) {
  const NcArgAst *arg = call->args.count == 1 ? &call->args.items[0] : NULL;
  if (!arg || arg->name || arg->value->kind != NC_AST_STRING) {
    if (!arg || arg->value->kind != NC_AST_ERROR)
      nc_sema_error(s, "E0410", arg ? arg->value->span : call->span,
                    "idx takes the name of a file: idx(\"FILE\")");
    return false;
  }
  result->reader = call->callee->text;
  result->file = arg->value->text;
  result->file_span = result->shape_span = arg->value->span;
  ask_facts(s, result);
  return true;
}

static bool read_dims(NcSema *s, const NcExprAst *expr, const NcValue *list, NcType *type) {
  if (list->kind != NC_VALUE_LIST || list->items.count > NC_MAX_RANK) {
    if (!nc_value_is_error(list))
      nc_sema_error(s, "E0410", expr->span,
                    "reshape needs a list of up to %d dimensions, but this is %s", NC_MAX_RANK,
                    nc_value_describe(s->arena, list));
    return false;
  }
  type->rank = list->items.count;
  for (int i = 0; i < type->rank; i++)
    if (!nc_sema_dim_value(s, expr->span, list->items.items[i], &type->dims[i]))
      return false;
  if (!nc_sema_check_type(s, expr->span, type))
    return false;
  if (type->rank > 0 && nc_dim_equal(type->dims[0], nc_dim_batch()))
    return true;
  NcDiag *diag =
      nc_sema_error(s, "E0411", expr->span, "a data set's shape begins with N, the batch");
  nc_diag_help(s->diags, diag, "write [N, ...]");
  return false;
}

static NcDim sample_size(const NcType *type) {
  NcType sample = {.dtype = type->dtype, .rank = type->rank > 0 ? type->rank - 1 : 0};
  for (int i = 0; i < sample.rank; i++)
    sample.dims[i] = type->dims[i + 1];
  return nc_type_elements(&sample);
}

static bool reshape_view(NcSema *s, const NcArgAst *shape, View *result) {
  NcType type = result->type;
  const NcValue *list = nc_sema_eval(s, shape->value);
  if (!read_dims(s, shape->value, list, &type))
    return false;
  NcDim given = sample_size(&result->type), wanted = sample_size(&type);
  if (result->shaped && !nc_dim_equal(given, wanted)) {
    NcDiag *diag =
        nc_sema_error(s, "E0411", shape->value->span, "a sample of %s has %s values, but %s has %s",
                      result->file, nc_dim_format(s->arena, given),
                      nc_sema_quote(s, shape->value->span), nc_dim_format(s->arena, wanted));
    nc_sema_label(s, diag, result->file_span, "%s", nc_type_format(s->arena, &result->type));
    return false;
  }
  result->type = type;
  result->shaped = true;
  result->shape = list;
  result->shape_span = shape->value->span;
  return true;
}

static bool call_view(NcSema *s, const NcExprAst *expr, const NcExprAst *source, View *result,
                      int depth) {
  const NcExprAst *callee = expr->callee;
  int first = source ? 0 : 1;
  if (callee->kind == NC_AST_NAME && strcmp(callee->text, "idx") == 0 && !source)
    return read_file(s, expr, result);
  if (callee->kind != NC_AST_NAME || strcmp(callee->text, "reshape") != 0) {
    not_a_reader(s, callee);
    return false;
  }
  if (expr->args.count != first + 1) {
    nc_sema_error(s, "E0410", expr->span, "reshape takes a reader and a list of dimensions");
    return false;
  }
  return view(s, source ? source : expr->args.items[0].value, result, depth + 1) &&
         reshape_view(s, &expr->args.items[first], result);
}

static bool view(NcSema *s, const NcExprAst *expr, View *result, int depth) {
  if (expr->kind == NC_AST_ERROR)
    return false;
  if (depth > 16) {
    nc_sema_error(s, "E0113", expr->span, "views are nested too deeply");
    return false;
  }
  if (expr->kind == NC_AST_CALL)
    return call_view(s, expr, NULL, result, depth);
  if (expr->kind == NC_AST_BINARY && expr->op == NC_OP_PIPE &&
      expr->args.items[1].value->kind == NC_AST_CALL)
    return call_view(s, expr->args.items[1].value, expr->args.items[0].value, result, depth);
  not_a_reader(s, expr);
  return false;
}

// ---- against the input

static NcSpan dim_span(const View *data, int axis) {
  if (data->shape && axis < data->shape->items.count &&
      data->shape->items.items[axis]->written.file >= 0)
    return data->shape->items.items[axis]->written;
  return data->shape_span;
}

static void wrong_shape(NcSema *s, const NcInput *input, const View *data) {
  const NcType *type = &data->type;
  int axis = 0;
  while (axis < type->rank && axis < input->type.rank &&
         nc_dim_equal(type->dims[axis], input->type.dims[axis]))
    axis++;
  NcSpan span = axis < type->rank ? dim_span(data, axis) : data->shape_span;
  NcType shown = *type;
  if (!data->found)
    shown.dtype = input->type.dtype;
  NcDiag *diag =
      nc_sema_error(s, "E0411", span, "%s is %s, but its data is %s", input->name,
                    nc_type_format(s->arena, &input->type), nc_type_format(s->arena, &shown));
  nc_sema_note(s, diag, input->span, "%s is declared here", input->name);
  if (!data->shape && nc_dim_equal(sample_size(type), sample_size(&input->type))) {
    NcText text = nc_text_create(s->arena);
    for (int i = 0; i < input->type.rank; i++)
      nc_text_printf(&text, "%s%s", i ? ", " : "", nc_dim_format(s->arena, input->type.dims[i]));
    nc_diag_help(s->diags, diag, "write reshape(%s(\"%s\"), [%s])", data->reader, data->file,
                 text.data ? text.data : "");
  }
}

static void check_fit(NcSema *s, const NcInput *input, const View *data) {
  if (data->found && data->type.dtype != input->type.dtype) {
    NcDiag *diag = nc_sema_error(s, "E0411", data->file_span, "%s is %s, but %s holds %s",
                                 input->name, nc_dtype_name(input->type.dtype), data->file,
                                 nc_dtype_name(data->type.dtype));
    nc_sema_note(s, diag, input->span, "%s is declared here", input->name);
    NcType declared = nc_type_with_dtype(input->type, data->type.dtype);
    nc_diag_help(s->diags, diag, "declare %s as %s and cast it where it is used", input->name,
                 nc_type_format(s->arena, &declared));
    return;
  }
  if (data->shaped && !nc_shape_equal(&data->type, &input->type))
    wrong_shape(s, input, data);
}

// ---- the data set

static void unknown_input(NcSema *s, const NcFieldAst *field) {
  if (s->syntax_errors)
    return;
  NcDiag *diag = nc_sema_error(s, "E0408", field->name_span, "no input is called %s", field->name);
  NcGuess guess = nc_sema_guess(s, field->name);
  for (int i = 0; i < s->program->inputs.count; i++) {
    const NcInput *input = &s->program->inputs.items[i];
    nc_sema_consider(&guess, input->name, input->name, input->span);
  }
  nc_sema_suggest(&guess, diag);
}

static const NcFieldAst *bound_before(const NcDeclAst *decl, int count) {
  for (int i = 0; i < count; i++)
    if (strcmp(decl->fields.items[i].name, decl->fields.items[count].name) == 0)
      return &decl->fields.items[i];
  return NULL;
}

static int input_number(NcSema *s, const NcFieldAst *field) {
  const NcSymbol *symbol = nc_map_get(&s->globals->names, field->name);
  if (symbol && symbol->kind == NC_SYMBOL_INPUT)
    return symbol->number; // -1 if its declaration was wrong
  unknown_input(s, field);
  return -1;
}

static void check_samples(NcSema *s, const View *first, const View *data) {
  if (!first->found || !data->found || first->samples == data->samples)
    return;
  NcDiag *diag =
      nc_sema_error(s, "E0412", data->file_span, "%s holds %lld samples, but %s holds %lld",
                    data->file, (long long)data->samples, first->file, (long long)first->samples);
  nc_sema_note(s, diag, first->file_span, "%s is read here", first->file);
}

static bool is_used(const NcSema *s, int number) {
  const NcTrain *train = &s->program->train;
  return train->data == number || train->validate == number;
}

static void bind_input(NcSema *s, const NcSymbol *symbol, int i, View *first) {
  const NcDeclAst *decl = symbol->decl;
  const NcFieldAst *field = &decl->fields.items[i], *before = bound_before(decl, i);
  if (before) {
    NcDiag *diag = nc_sema_error(s, "E0409", field->name_span, "%s is bound twice", field->name);
    nc_sema_note(s, diag, before->name_span, "first bound here");
    return;
  }
  int number = input_number(s, field);
  View data = {0};
  if (!field->value || !view(s, field->value, &data, 0))
    return;
  if (data.missing && is_used(s, symbol->number) && s->options->require_data) {
    NcDiag *diag = nc_sema_error(s, "E0502", data.file_span, "there is no file %s", data.file);
    nc_diag_help(s->diags, diag,
                 "--data DIR says where data files are; without it they are looked "
                 "for beside the .net file");
  }
  if (first->file)
    check_samples(s, first, &data);
  else
    *first = data;
  if (number < 0)
    return;
  check_fit(s, &s->program->inputs.items[number], &data);
  NcBinding binding = {number, data.reader, data.file, data.file_span};
  nc_vec_push(s->arena, s->program->datasets.items[symbol->number].bindings, binding);
}

void nc_sema_datasets(NcSema *s) {
  nc_sema_enter(s, NULL, NC_NOWHERE, s->globals);
  for (int i = 0; i < s->order.count; i++) {
    const NcSymbol *symbol = s->order.items[i];
    View first = {0};
    for (int k = 0; symbol->kind == NC_SYMBOL_DATASET && k < symbol->decl->fields.count; k++)
      bind_input(s, symbol, k, &first);
  }
  nc_sema_leave(s);
}

static bool declares(const NcSema *s, int number, const char *name) {
  for (int i = 0; i < s->order.count; i++) {
    const NcSymbol *symbol = s->order.items[i];
    for (int k = 0; symbol->kind == NC_SYMBOL_DATASET && symbol->number == number &&
                    k < symbol->decl->fields.count;
         k++)
      if (strcmp(symbol->decl->fields.items[k].name, name) == 0)
        return true;
  }
  return false;
}

static void check_dataset(NcSema *s, int number, const NcGraph *step) {
  const NcDataset *dataset = &s->program->datasets.items[number];
  for (int i = 0; i < step->inputs.count; i++) {
    const char *name = step->inputs.items[i]->name;
    if (declares(s, number, name) || s->syntax_errors)
      continue;
    NcDiag *diag = nc_sema_error(s, "E0413", dataset->span, "data set %s does not bind input %s",
                                 dataset->name, name);
    nc_sema_note(s, diag, step->inputs.items[i]->origin->span, "%s is declared here", name);
    nc_diag_help(s->diags, diag, "write %s = idx(\"FILE\")", name);
  }
}

void nc_sema_check_bindings(NcSema *s, const NcGraph *step) {
  const NcTrain *train = &s->program->train;
  if (train->data >= 0)
    check_dataset(s, train->data, step);
  if (train->validate >= 0 && train->validate != train->data)
    check_dataset(s, train->validate, step);
}
