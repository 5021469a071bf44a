// `dataset a, b = split(whole, 0.8)`, `dataset few = take(whole, 100)`: the parts of a data set.
#include "sema/sema.h"

#include <math.h>
#include <string.h>

static int64_t size_of(const NcPartSize *size, int64_t samples) {
  return size->share > 0 ? (int64_t)floor(size->share * (double)samples + 0.5) : size->samples;
}

void nc_partition_part(const NcPartition *split, int part, int64_t samples, int64_t *first,
                       int64_t *end) {
  *first = 0;
  *end = samples;
  for (int i = 0; i <= part && i < split->sizes.count; i++) {
    if (i > 0)
      *first = *end;
    int64_t size = size_of(&split->sizes.items[i], samples);
    *end = size < samples - *first ? *first + size : samples;
  }
  if (part == split->sizes.count && part > 0) {
    *first = *end;
    *end = samples;
  }
}

// ---- reading

static bool is_split(const NcPartition *split) { return strcmp(split->view, "split") == 0; }

static bool fail(NcSema *s, const NcPartition *split, NcSpan span, const char *what) {
  NcDiag *diag = nc_sema_error(s, "E0509", span, "%s", what);
  if (is_split(split))
    nc_diag_help(s->diags, diag, "write dataset a, b = split(whole, 0.8, seed = 1)");
  else
    nc_diag_help(s->diags, diag, "write dataset a = %s(whole, 1000)", split->view);
  return false;
}

static const char *whole_name(const NcSema *s, const NcSymbol *part) {
  const NcPartition *split = s->program->datasets.items[part->number].split;
  return split ? s->program->datasets.items[split->whole].name : "which is bound to files";
}

static bool read_whole(NcSema *s, const NcExprAst *expr, NcPartition *split) {
  const NcValue *value = nc_sema_eval(s, expr);
  if (nc_value_is_error(value))
    return false;
  if (value->kind != NC_VALUE_DATASET)
    return fail(s, split, expr->span,
                nc_arena_printf(s->arena, "%s begins with the name of a data set", split->view));
  split->whole = value->symbol->number;
  if (value->symbol->decl->kind == NC_DECL_DATASET)
    return true;
  NcDiag *diag = nc_sema_error(s, "E0509", expr->span, "%s is a part of a data set itself",
                               value->symbol->name);
  nc_sema_note(s, diag, value->symbol->span, "%s is declared here", value->symbol->name);
  if (is_split(split))
    nc_diag_help(s->diags, diag,
                 "split the whole into more parts: a, b, c = split(whole, 0.6, 0.2)");
  else
    nc_diag_help(s->diags, diag, "take from the whole, %s", whole_name(s, value->symbol));
  return false;
}

static bool read_size(NcSema *s, const NcExprAst *expr, NcPartition *split) {
  const NcValue *value = nc_sema_eval(s, expr);
  NcPartSize size = {0};
  if (nc_value_is_error(value))
    return false;
  if (value->kind == NC_VALUE_FLOAT)
    size.share = value->number;
  else if (nc_value_is_constant_int(value))
    size.samples = value->dim.c;
  if (!(size.share > 0 && size.share < 1) && size.samples < 1)
    return fail(s, split, expr->span,
                "the size of a part is a share between 0.0 and 1.0, or a number of samples");
  nc_vec_push(s->arena, split->sizes, size);
  return true;
}

static bool read_setting(NcSema *s, const NcArgAst *arg, NcPartition *split) {
  if (strcmp(arg->name, "seed") == 0)
    return nc_sema_eval_int(s, arg->value, "seed", &split->seed);
  if (strcmp(arg->name, "shuffle") != 0)
    return fail(s, split, arg->name_span,
                nc_arena_printf(s->arena, "%s has the settings seed and shuffle", split->view));
  const NcValue *value = nc_sema_eval(s, arg->value);
  split->shuffle = value->truth;
  return value->kind == NC_VALUE_BOOL || nc_value_is_error(value) ||
         fail(s, split, arg->value->span, "shuffle is true or false");
}

// Which samples a view gives if it does not say so: split deals them, the others keep their order.
static bool read_view(const NcExprAst *call, NcPartition *split) {
  static const char *const views[] = {"split", "take", "skip"};
  bool is_call = call->kind == NC_AST_CALL && call->callee->kind == NC_AST_NAME;
  if (!is_call || call->args.count == 0 || call->args.items[0].name)
    return false;
  for (size_t i = 0; i < sizeof views / sizeof *views; i++)
    if (strcmp(call->callee->text, views[i]) == 0) {
      split->view = views[i];
      split->shuffle = is_split(split);
      return true;
    }
  return false;
}

static bool read_split(NcSema *s, const NcExprAst *call, NcPartition *split) {
  if (!read_view(call, split))
    return call->kind != NC_AST_ERROR &&
           fail(s, split, call->span, "this is no split of a data set, nor take or skip");
  if (!read_whole(s, call->args.items[0].value, split))
    return false;
  for (int i = 1; i < call->args.count; i++) {
    const NcArgAst *arg = &call->args.items[i];
    if (arg->name ? !read_setting(s, arg, split) : !read_size(s, arg->value, split))
      return false;
  }
  return true;
}

// ---- checking

static bool check_count(NcSema *s, const NcDeclAst *decl, const NcPartition *split) {
  bool one = decl->targets.count == 1 && split->sizes.count == 1;
  if (is_split(split) ? decl->targets.count == split->sizes.count + 1 : one)
    return true;
  if (!is_split(split))
    return fail(s, split, decl->value->span,
                nc_arena_printf(s->arena, "%s gives one data set of one size", split->view));
  return fail(s, split, decl->value->span,
              nc_arena_printf(s->arena,
                              "of %d parts all but the last are given a size; here stand %d",
                              decl->targets.count, split->sizes.count));
}

static bool check_shares(NcSema *s, const NcDeclAst *decl, const NcPartition *split) {
  double total = 0;
  for (int i = 0; i < split->sizes.count; i++)
    total += split->sizes.items[i].share;
  return total < 1 ||
         fail(s, split, decl->value->span, "the shares take all, and the last part gets nothing");
}

static void set_parts(NcSema *s, const NcDeclAst *decl, const NcPartition *split) {
  for (int i = 0; i < decl->targets.count; i++) {
    const NcSymbol *symbol = nc_map_get(&s->globals->names, decl->targets.items[i].name);
    if (!symbol || symbol->decl != decl)
      continue; // the name is another one's, which was reported
    s->program->datasets.items[symbol->number].split = split;
    s->program->datasets.items[symbol->number].part = strcmp(split->view, "skip") == 0 ? 1 : i;
  }
}

static void read_decl(NcSema *s, const NcDeclAst *decl) {
  NcPartition *split = NC_NEW(s->arena, NcPartition);
  split->seed = 1;
  split->view = "split";
  if (decl->value && read_split(s, decl->value, split) && check_count(s, decl, split) &&
      check_shares(s, decl, split))
    set_parts(s, decl, split);
}

void nc_sema_splits(NcSema *s) {
  nc_sema_enter(s, NULL, NC_NOWHERE, s->globals);
  for (int i = 0; i < s->file->decls.count; i++)
    if (s->file->decls.items[i]->kind == NC_DECL_SPLIT)
      read_decl(s, s->file->decls.items[i]);
  nc_sema_leave(s);
}

static void fill_part(NcSema *s, NcDataset *part) {
  const NcDataset *whole = &s->program->datasets.items[part->split->whole];
  int64_t first, end;
  nc_partition_part(part->split, part->part, whole->samples, &first, &end);
  part->bindings.items = whole->bindings.items;
  part->bindings.count = whole->bindings.count;
  part->samples = end - first;
  if (whole->samples > 0 && part->samples == 0)
    fail(s, part->split, part->span,
         nc_arena_printf(s->arena, "%s gets none of the %lld samples of %s", part->name,
                         (long long)whole->samples, whole->name));
}

void nc_sema_fill_parts(NcSema *s) {
  for (int i = 0; i < s->program->datasets.count; i++)
    if (s->program->datasets.items[i].split)
      fill_part(s, &s->program->datasets.items[i]);
}
