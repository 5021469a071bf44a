// The train block: its settings by name.
#include "sema/sema.h"

#include <limits.h>
#include <string.h>

static const char *const settings[] = {"minimize", "optimizer", "data",    "validate",
                                       "batch",    "epochs",    "shuffle", "drop_last",
                                       "monitor",  "patience",  "clip",    "freeze"};
enum {
  MINIMIZE,
  OPTIMIZER,
  DATA,
  VALIDATE,
  BATCH,
  EPOCHS,
  SHUFFLE,
  DROP_LAST,
  MONITOR,
  PATIENCE,
  CLIP,
  FREEZE,
  COUNT
};

static void unknown_setting(NcSema *s, const NcFieldAst *field, const NcFieldAst **fields) {
  NcDiag *diag =
      nc_sema_error(s, "E0406", field->name_span, "train has no setting %s", field->name);
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; i < COUNT; i++)
    nc_suggest(field->name, settings[i], &best, &distance);
  for (int i = 0; i < COUNT; i++)
    if (best == settings[i] && !fields[i])
      fields[i] = field; // what is meant: it is not missing then
  if (best)
    nc_sema_fix_name(s, diag, field->name_span, best);
  else
    nc_diag_help(s->diags, diag,
                 "the settings are minimize, optimizer, data, validate, batch, epochs, shuffle, "
                 "drop_last, monitor, patience, clip and freeze");
}

void nc_sema_set_twice(NcSema *s, const NcFieldAst *first, const NcFieldAst *again) {
  NcDiag *diag = nc_sema_error(s, "E0108", again->name_span, "%s is set twice", again->name);
  nc_sema_note(s, diag, first->name_span, "first set here");
}

static void read_settings(NcSema *s, const NcDeclAst *decl, const NcFieldAst **fields) {
  for (int i = 0; i < decl->fields.count; i++) {
    const NcFieldAst *field = &decl->fields.items[i];
    int number = 0;
    while (number < COUNT && strcmp(field->name, settings[number]) != 0)
      number++;
    if (number == COUNT) {
      unknown_setting(s, field, fields);
    } else if (fields[number]) {
      nc_sema_set_twice(s, fields[number], field);
    } else {
      fields[number] = field;
    }
  }
}

static void unknown_dataset(NcSema *s, const NcExprAst *expr) {
  NcDiag *diag = nc_sema_error(s, "E0407", expr->span, "no data set is called %s",
                               nc_sema_quote(s, expr->span));
  NcGuess guess = nc_sema_guess(s, expr->kind == NC_AST_NAME ? expr->text : "");
  for (int i = 0; i < s->program->datasets.count; i++) {
    const NcDataset *dataset = &s->program->datasets.items[i];
    nc_sema_consider(&guess, dataset->name, dataset->name, dataset->span);
  }
  nc_sema_suggest(&guess, diag);
}

static int dataset_number(NcSema *s, const NcFieldAst *field) {
  const NcExprAst *expr = field ? field->value : NULL;
  if (!expr || expr->kind == NC_AST_ERROR)
    return -1;
  const NcSymbol *symbol =
      expr->kind == NC_AST_NAME ? nc_map_get(&s->globals->names, expr->text) : NULL;
  if (symbol && symbol->kind == NC_SYMBOL_DATASET)
    return symbol->number;
  if (!s->syntax_errors)
    unknown_dataset(s, expr);
  return -1;
}

static void read_count(NcSema *s, const NcFieldAst *field, int64_t *count) {
  int64_t value;
  if (!field || !field->value || !nc_sema_eval_int(s, field->value, field->name, &value))
    return;
  if (value >= 1 && value <= INT32_MAX)
    *count = value;
  else
    nc_sema_error(s, "E0414", field->value->span, "%s must be from 1 to %d, but is %lld",
                  field->name, INT32_MAX, (long long)value);
}

static void read_truth(NcSema *s, const NcFieldAst *field, bool *truth) {
  if (!field || !field->value)
    return;
  const NcValue *value = nc_sema_eval(s, field->value);
  if (value->kind == NC_VALUE_BOOL)
    *truth = value->truth;
  else if (!nc_value_is_error(value))
    nc_sema_error(s, "E0210", field->value->span, "%s is true or false, but this is %s",
                  field->name, nc_value_describe(s->arena, value));
}

// ---- what is monitored: a metric, or -loss

static const char *loss_name(const NcSema *s, const NcFieldAst *minimize) {
  const NcExprAst *expr = minimize ? minimize->value : NULL;
  if (expr && expr->kind == NC_AST_NAME)
    return expr->text;
  for (int i = 0; i < s->file->decls.count; i++) {
    const NcDeclAst *decl = s->file->decls.items[i];
    bool result = decl->kind == NC_DECL_METRIC || decl->kind == NC_DECL_OUTPUT;
    if (result && strcmp(decl->field.name, "loss") == 0)
      return "minimize"; // another has the name
  }
  return "loss";
}

static bool is_metric(const NcSema *s, const char *name) {
  for (int i = 0; i < s->file->decls.count; i++) {
    const NcDeclAst *decl = s->file->decls.items[i];
    if (decl->kind == NC_DECL_METRIC && strcmp(decl->field.name, name) == 0)
      return true;
  }
  return false;
}

static void no_figure(NcSema *s, const NcExprAst *expr) {
  const NcTrain *train = &s->program->train;
  NcDiag *diag = nc_sema_error(s, "E0429", expr->span, "%s is neither the loss nor a metric",
                               nc_sema_quote(s, expr->span));
  NcGuess guess = nc_sema_guess(s, expr->kind == NC_AST_NAME ? expr->text : "");
  nc_sema_consider(&guess, train->loss_name, train->loss_name, NC_NOWHERE);
  for (int i = 0; i < s->file->decls.count; i++) {
    const NcDeclAst *decl = s->file->decls.items[i];
    if (decl->kind == NC_DECL_METRIC)
      nc_sema_consider(&guess, decl->field.name, decl->field.name, NC_NOWHERE);
  }
  nc_sema_suggest(&guess, diag);
  nc_diag_help(s->diags, diag,
               "monitor = accuracy keeps the epoch where that metric is highest, monitor = -%s "
               "the one where the loss is lowest",
               train->loss_name);
}

static void read_monitor(NcSema *s, const NcFieldAst *field) {
  NcTrain *train = &s->program->train;
  const NcExprAst *expr = field ? field->value : NULL;
  if (!expr || expr->kind == NC_AST_ERROR || s->syntax_errors)
    return;
  bool falls = expr->kind == NC_AST_UNARY && expr->op == NC_OP_NEG;
  const NcExprAst *name = falls ? expr->args.items[0].value : expr;
  bool is_loss = name->kind == NC_AST_NAME && strcmp(name->text, train->loss_name) == 0;
  if (!is_loss && (name->kind != NC_AST_NAME || !is_metric(s, name->text))) {
    no_figure(s, name);
  } else if (is_loss && !falls) {
    NcDiag *diag = nc_sema_error(s, "E0429", expr->span, "a loss is the better the lower it is");
    nc_sema_fix_wrap(s, diag, expr->span, "-", "", "write monitor = -%s", name->text);
  } else {
    train->monitor = name->text;
    train->monitor_falls = falls;
  }
}

static void check_patience(NcSema *s, const NcFieldAst *patience, const NcFieldAst *monitor) {
  if (!patience || monitor)
    return;
  NcDiag *diag = nc_sema_error(s, "E0429", patience->name_span,
                               "patience waits for a figure to get better, but none is monitored");
  nc_diag_help(s->diags, diag, "add monitor = -%s, or monitor = NAME of a metric",
               s->program->train.loss_name);
}

static const NcDeclAst *find_train(NcSema *s) {
  const NcDeclAst *found = NULL;
  for (int i = 0; i < s->file->decls.count; i++) {
    const NcDeclAst *decl = s->file->decls.items[i];
    if (decl->kind != NC_DECL_TRAIN)
      continue;
    if (found) {
      NcDiag *diag = nc_sema_error(s, "E0420", decl->span, "a file has one train block");
      nc_sema_note(s, diag, found->span, "the first stands here");
    } else {
      found = decl;
    }
  }
  return found;
}

static void missing(NcSema *s, const NcDeclAst *decl, const char *code, const char *name,
                    const char *help) {
  if (s->syntax_errors)
    return;
  NcSpan word = {decl->span.file, decl->span.begin, decl->span.begin + 5};
  NcDiag *diag = nc_sema_error(s, code, word, "train does not say %s", name);
  nc_diag_help(s->diags, diag, "%s", help);
}

// What only matters while there is data to go through.
static void warn_without_data(NcSema *s, const NcFieldAst *const *fields) {
  static const int idle[] = {VALIDATE, EPOCHS, MONITOR, PATIENCE};
  for (size_t i = 0; !fields[DATA] && i < sizeof idle / sizeof *idle; i++)
    if (fields[idle[i]])
      nc_sema_warn(s, "W0109", fields[idle[i]]->name_span, "%s has no effect without data",
                   settings[idle[i]]);
}

NcTrainAst nc_sema_train(NcSema *s) {
  const NcFieldAst *fields[COUNT] = {NULL};
  NcTrain *train = &s->program->train;
  *train = (NcTrain){.data = -1, .validate = -1, .batch = 128, .epochs = 1, .span = NC_NOWHERE};
  train->shuffle = true;
  const NcDeclAst *decl = find_train(s);
  if (!decl)
    return (NcTrainAst){0};
  train->present = true;
  train->span = decl->span;
  read_settings(s, decl, fields);
  nc_sema_enter(s, NULL, NC_NOWHERE, s->globals);
  train->data = dataset_number(s, fields[DATA]);
  train->validate = dataset_number(s, fields[VALIDATE]);
  read_count(s, fields[BATCH], &train->batch);
  read_count(s, fields[EPOCHS], &train->epochs);
  read_truth(s, fields[SHUFFLE], &train->shuffle);
  read_truth(s, fields[DROP_LAST], &train->drop_last);
  read_count(s, fields[PATIENCE], &train->patience);
  train->loss_name = loss_name(s, fields[MINIMIZE]);
  read_monitor(s, fields[MONITOR]);
  check_patience(s, fields[PATIENCE], fields[MONITOR]);
  nc_sema_leave(s);
  if (!fields[MINIMIZE])
    missing(s, decl, "E0401", "what to minimize", "write minimize = loss");
  if (!fields[OPTIMIZER])
    missing(s, decl, "E0404", "which optimizer to use", "write optimizer = adam(lr = 1e-3)");
  if (!fields[DATA] && s->options && s->options->require_data)
    missing(s, decl, "E0407", "which data to use",
            "write data = NAME, with a dataset NAME { ... }");
  else
    warn_without_data(s, fields);
  return (NcTrainAst){decl, fields[MINIMIZE], fields[OPTIMIZER], fields[CLIP], fields[FREEZE]};
}
