// Data sets: which file feeds which input, under which view, and whether it fits.
#include "sema/sema.h"

#include <limits.h>
#include <string.h>

// What stands right of `=`: a reader under views.
typedef struct View {
  const NcInput *input; // that it feeds
  NcReading reading;
  NcFacts facts;
  bool found;           // the file was there: samples and dtype are known
  bool shaped;          // the shape is known
  NcType type;          // as far as known
  NcSpan shape_span;    // of what gave the shape
  const NcValue *shape; // the list, if reshape gave it
} View;

static bool view(NcSema *s, const NcExprAst *expr, View *result, int depth);

static void not_a_reader(NcSema *s, const NcExprAst *callee) {
  NcDiag *diag =
      nc_sema_error(s, "E0410", callee->span, "%s reads no data", nc_sema_quote(s, callee->span));
  nc_sema_suggest_reader(s, diag, callee);
}

// ---- what the file holds

static const char *list_texts(NcSema *s, const NcTexts *texts) {
  NcText list = nc_text_create(s->arena);
  nc_text_append(&list, "");
  for (int i = 0; i < texts->count && list.length < 300; i++)
    nc_text_printf(&list, "%s%s", i ? ", " : "", texts->items[i]);
  if (list.length >= 300)
    nc_text_append(&list, ", ...");
  return list.data;
}

static void no_name(NcSema *s, const View *data) {
  const NcReading *reading = &data->reading;
  const NcFacts *facts = &data->facts;
  NcDiag *diag = nc_sema_error(s, "E0505", reading->name_span, "%s has no %s %s", reading->file,
                               reading->array ? "array" : "column", facts->no_name);
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; i < facts->names.count; i++)
    nc_suggest(facts->no_name, facts->names.items[i], &best, &distance);
  if (best && (reading->array || reading->one_column))
    nc_sema_fix(s, diag, reading->name_span, nc_arena_printf(s->arena, "\"%s\"", best),
                "did you mean %s?", best);
  else if (best)
    nc_diag_help(s->diags, diag, "did you mean %s?", best);
  else
    nc_diag_help(s->diags, diag, "there are: %s", list_texts(s, &facts->names));
}

static bool check_classes(NcSema *s, const View *data) {
  const NcInput *input = data->input;
  const NcTexts *classes = &data->facts.classes;
  if (classes->count == 0 || !input->has_range || classes->count <= input->high)
    return true;
  NcDiag *diag = nc_sema_error(s, "E0507", data->reading.classes_span,
                               "there are %d classes (%s), but %s lies in %lld..%lld",
                               classes->count, list_texts(s, classes), input->name,
                               (long long)input->low, (long long)input->high);
  nc_sema_note(s, diag, input->span, "%s is declared here", input->name);
  return false;
}

static void check_range(NcSema *s, const View *data) {
  if (!data->facts.outside)
    return;
  NcDiag *diag = nc_sema_error(s, "E0506", data->reading.file_span, "%s", data->facts.outside);
  nc_sema_note(s, diag, data->input->span, "%s is declared here", data->input->name);
}

static void use_facts(NcSema *s, View *result) {
  const NcReading *reading = &result->reading;
  NcFacts *facts = &result->facts;
  result->found = result->shaped = facts->status == NC_FACTS_OK;
  if (facts->status == NC_FACTS_BAD)
    nc_sema_error(s, "E0501", reading->file_span, "%s", facts->message);
  if (facts->status == NC_FACTS_NO_NAME)
    no_name(s, result);
  if (facts->status != NC_FACTS_OK)
    return;
  result->type = facts->type;
  if (facts->samples < 1)
    nc_sema_error(s, "E0501", reading->file_span, "%s holds no samples", reading->file);
  if (check_classes(s, result))
    check_range(s, result);
}

// Names that the source gives to the numbers of a file bound them, if nothing else does.
static NcInput bounded(const View *data) {
  NcInput input = *data->input;
  if (!input.has_range && data->reading.classes.count > 0) {
    input.has_range = true;
    input.high = data->reading.classes.count;
  }
  return input;
}

static bool read_file(NcSema *s, const NcExprAst *call, View *result) {
  const NcSemaOptions *options = s->options;
  if (!nc_sema_reading(s, call, result->input, &result->reading))
    return false;
  result->shape_span = result->reading.file_span;
  result->facts = (NcFacts){.status = NC_FACTS_MISSING, .classes = result->reading.classes};
  NcInput input = bounded(result);
  if (options && options->facts) {
    options->facts(options->facts_context, s->arena, &result->reading, &input, &result->facts);
    use_facts(s, result);
  }
  return true;
}

// ---- views

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
                      result->reading.file, nc_dim_format(s->arena, given),
                      nc_sema_quote(s, shape->value->span), nc_dim_format(s->arena, wanted));
    nc_sema_label(s, diag, result->reading.file_span, "%s",
                  nc_type_format(s->arena, &result->type));
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
  if (callee->kind == NC_AST_NAME && nc_sema_is_reader(callee->text) && !source)
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
    nc_diag_help(s->diags, diag, "write reshape(%s, [%s])", data->reading.text,
                 text.data ? text.data : "");
  }
}

static void check_fit(NcSema *s, const NcInput *input, const View *data) {
  if (data->found && data->type.dtype != input->type.dtype) {
    NcDiag *diag = nc_sema_error(s, "E0411", data->reading.file_span, "%s is %s, but %s holds %s",
                                 input->name, nc_dtype_name(input->type.dtype), data->reading.file,
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
  const char *file = data->reading.file, *other = first->reading.file;
  if (!first->found || !data->found || first->facts.samples == data->facts.samples)
    return;
  NcDiag *diag =
      nc_sema_error(s, "E0412", data->reading.file_span, "%s holds %lld samples, but %s holds %lld",
                    file, (long long)data->facts.samples, other, (long long)first->facts.samples);
  nc_sema_note(s, diag, first->reading.file_span, "%s is read here", other);
}

static int whole_of(const NcSema *s, int number) {
  const NcPartition *split = number >= 0 ? s->program->datasets.items[number].split : NULL;
  return split ? split->whole : number;
}

static bool is_used(const NcSema *s, int number) {
  const NcTrain *train = &s->program->train;
  return whole_of(s, train->data) == number || whole_of(s, train->validate) == number;
}

static void missing_file(NcSema *s, const NcReading *reading) {
  NcDiag *diag =
      nc_sema_error(s, "E0502", reading->file_span, "there is no file %s", reading->file);
  nc_diag_help(s->diags, diag,
               "--data DIR says where data files are; without it they are looked "
               "for beside the .net file");
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
  if (number < 0 || !field->value)
    return;
  View data = {.input = &s->program->inputs.items[number]};
  if (!view(s, field->value, &data, 0))
    return;
  bool required = s->options && s->options->require_data && is_used(s, symbol->number);
  if (required && data.facts.status == NC_FACTS_MISSING)
    missing_file(s, &data.reading);
  if (first->input)
    check_samples(s, first, &data);
  else
    *first = data;
  check_fit(s, data.input, &data);
  NcDataset *dataset = &s->program->datasets.items[symbol->number];
  NcBinding binding = {number, data.reading, data.facts.classes};
  nc_vec_push(s->arena, dataset->bindings, binding);
  dataset->samples = first->facts.samples;
}

// ---- all of them

static bool same_texts(const NcTexts *a, const NcTexts *b) {
  bool same = a->count == b->count;
  for (int i = 0; same && i < a->count; i++)
    same = strcmp(a->items[i], b->items[i]) == 0;
  return same;
}

// One input's classes have the same numbers in all data sets.
static void compare_classes(NcSema *s, const NcBinding *first, const NcBinding *other) {
  if (first->input != other->input || first->classes.count == 0 || other->classes.count == 0 ||
      same_texts(&first->classes, &other->classes))
    return;
  NcDiag *diag =
      nc_sema_error(s, "E0508", other->reading.classes_span,
                    "the classes of %s differ between data sets: here they are %s",
                    s->program->inputs.items[first->input].name, list_texts(s, &other->classes));
  nc_sema_note(s, diag, first->reading.classes_span, "here they are %s",
               list_texts(s, &first->classes));
  nc_diag_help(s->diags, diag, "write classes = [\"NAME\", ...], the same list in both");
}

static void check_all_classes(NcSema *s) {
  NC_VEC(const NcBinding *) seen = {0};
  for (int i = 0; i < s->program->datasets.count; i++) {
    const NcDataset *dataset = &s->program->datasets.items[i];
    for (int k = 0; k < dataset->bindings.count; k++) {
      const NcBinding *binding = &dataset->bindings.items[k], *first = NULL;
      for (int n = 0; n < seen.count && !first; n++)
        first = seen.items[n]->input == binding->input ? seen.items[n] : NULL;
      if (first)
        compare_classes(s, first, binding);
      else if (binding->classes.count > 0)
        nc_vec_push(s->arena, seen, binding);
    }
  }
}

void nc_sema_datasets(NcSema *s) {
  nc_sema_enter(s, NULL, NC_NOWHERE, s->globals);
  for (int i = 0; i < s->order.count; i++) {
    const NcSymbol *symbol = s->order.items[i];
    View first = {0};
    for (int k = 0; symbol->kind == NC_SYMBOL_DATASET && k < symbol->decl->fields.count; k++)
      bind_input(s, symbol, k, &first);
  }
  check_all_classes(s);
  nc_sema_fill_parts(s);
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
  int data = whole_of(s, train->data), validate = whole_of(s, train->validate);
  if (data >= 0)
    check_dataset(s, data, step);
  if (validate >= 0 && validate != data)
    check_dataset(s, validate, step);
}
