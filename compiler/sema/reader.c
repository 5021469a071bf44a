// Readers: what a call such as `csv("iris.csv", column = "species")` asks of a file.
#include "sema/sema.h"

#include <limits.h>
#include <string.h>

enum { PARAM_COUNT = 5 };

static const struct {
  const char *name, *usage;
  const char *params[PARAM_COUNT + 1];
} readers[] = {
    {"csv",
     "csv(\"FILE\", column = \"NAME\"), or columns = [\"NAME\", ...]",
     {"file", "column?", "columns?", "classes?", "separator?"}},
    {"idx", "idx(\"FILE\")", {"file", "classes?"}},
    {"images", "images(\"FOLDER\")", {"file"}},
    {"labels", "labels(\"FOLDER\")", {"file", "classes?"}},
    {"npy", "npy(\"FILE\")", {"file", "classes?"}},
    {"npz", "npz(\"FILE\", \"ARRAY\")", {"file", "array", "classes?"}},
};
enum { READER_COUNT = sizeof readers / sizeof *readers };

static int find_reader(const char *name) {
  for (int i = 0; i < READER_COUNT; i++)
    if (strcmp(readers[i].name, name) == 0)
      return i;
  return -1;
}

bool nc_sema_is_reader(const char *name) { return find_reader(name) >= 0; }

void nc_sema_suggest_reader(NcSema *s, NcDiag *diag, const NcExprAst *callee) {
  const char *name = callee->kind == NC_AST_NAME ? callee->text : NULL, *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; name && i < READER_COUNT; i++)
    nc_suggest(name, readers[i].name, &best, &distance);
  if (name)
    nc_suggest(name, "reshape", &best, &distance);
  if (best)
    nc_sema_fix_name(s, diag, callee->span, best);
  else
    nc_diag_help(s->diags, diag, "write idx(\"FILE\"), or reshape(idx(\"FILE\"), [N, ...])");
}

// A call's arguments while they are read.
typedef struct Reader {
  NcSema *s;
  int number;
  NcArg args[PARAM_COUNT];
  const NcInput *input;
  NcReading *reading;
} Reader;

static const NcArg *argument(const Reader *r, const char *name) {
  for (int i = 0; i < PARAM_COUNT && readers[r->number].params[i]; i++) {
    size_t length = strlen(name);
    if (strncmp(readers[r->number].params[i], name, length) == 0 &&
        strchr("?", readers[r->number].params[i][length]))
      return r->args[i].value ? &r->args[i] : NULL;
  }
  return NULL;
}

static bool fail(Reader *r, NcSpan span, const char *what) {
  nc_sema_error(r->s, "E0410", span, "%s %s: %s", readers[r->number].name, what,
                readers[r->number].usage);
  return false;
}

static bool read_texts(Reader *r, const NcArg *arg, const char *what, NcTexts *texts) {
  if (arg->value->kind != NC_VALUE_LIST || arg->value->items.count == 0)
    return fail(r, arg->span, what);
  for (int i = 0; i < arg->value->items.count; i++) {
    const NcValue *item = arg->value->items.items[i];
    if (item->kind != NC_VALUE_STRING)
      return fail(r, arg->span, what);
    nc_vec_push(r->s->arena, *texts, item->text);
  }
  return true;
}

static bool check_distinct(Reader *r, const NcArg *arg, const NcTexts *texts) {
  NcMap seen = nc_map_create(r->s->arena);
  for (int i = 0; i < texts->count; i++) {
    if (nc_map_get(&seen, texts->items[i])) {
      nc_sema_error(r->s, "E0410", arg->span, "\"%s\" stands twice in the list", texts->items[i]);
      return false;
    }
    nc_map_set(&seen, texts->items[i], r);
  }
  return true;
}

static bool read_file(Reader *r) {
  const NcArg *file = argument(r, "file");
  if (file->value->kind != NC_VALUE_STRING)
    return fail(r, file->span, "takes the name of a file");
  r->reading->file = file->value->text;
  r->reading->file_span = file->span;
  return true;
}

static bool read_columns(Reader *r) {
  const NcArg *one = argument(r, "column"), *several = argument(r, "columns");
  NcReading *reading = r->reading;
  if (strcmp(reading->reader, "csv") != 0)
    return true;
  if (!one == !several)
    return fail(r, one ? one->span : reading->file_span, "is told which column, or which columns");
  reading->one_column = one != NULL;
  const NcArg *arg = one ? one : several;
  if (several && !read_texts(r, several, "takes a list of names of columns", &reading->columns))
    return false;
  if (one && one->value->kind != NC_VALUE_STRING)
    return fail(r, one->span, "takes the name of a column");
  if (one)
    nc_vec_push(r->s->arena, reading->columns, one->value->text);
  reading->name_span = arg->span;
  return true;
}

static bool read_array(Reader *r) {
  const NcArg *arg = argument(r, "array");
  if (!arg)
    return true;
  if (arg->value->kind != NC_VALUE_STRING)
    return fail(r, arg->span, "takes the name of an array");
  r->reading->array = arg->value->text;
  r->reading->name_span = arg->span;
  return true;
}

static bool read_separator(Reader *r) {
  const NcArg *arg = argument(r, "separator");
  r->reading->separator = ',';
  if (!arg)
    return true;
  if (arg->value->kind != NC_VALUE_STRING || strlen(arg->value->text) != 1 ||
      strchr("\"\n\r", arg->value->text[0]) || (unsigned char)arg->value->text[0] >= 0x80)
    return fail(r, arg->span, "takes a separator of one ASCII character, such as \";\"");
  r->reading->separator = arg->value->text[0];
  return true;
}

static bool read_classes(Reader *r) {
  const NcArg *arg = argument(r, "classes");
  NcReading *reading = r->reading;
  reading->classes_span = arg ? arg->span : reading->file_span;
  if (!arg)
    return true;
  if (!read_texts(r, arg, "takes a list of names of classes", &reading->classes) ||
      !check_distinct(r, arg, &reading->classes))
    return false;
  if (reading->columns.count > 0 && !reading->one_column)
    return fail(r, arg->span, "has classes in one column only");
  if (nc_dtype_is_integer(reading->dtype))
    return true;
  NcDiag *diag = nc_sema_error(r->s, "E0410", arg->span, "classes are counted, but %s is %s",
                               r->input->name, nc_type_format(r->s->arena, &r->input->type));
  nc_sema_note(r->s, diag, r->input->span, "%s is declared here", r->input->name);
  return false;
}

static bool arrange(Reader *r, const NcExprAst *call) {
  NcArg *given = NC_NEW_ARRAY(r->s->arena, NcArg, call->args.count + 1);
  for (int i = 0; i < call->args.count; i++) {
    const NcArgAst *arg = &call->args.items[i];
    given[i] = (NcArg){arg->name, arg->name_span, arg->value->span, nc_sema_eval(r->s, arg->value)};
    if (nc_value_is_error(given[i].value))
      return false;
  }
  int count = 0;
  while (readers[r->number].params[count])
    count++;
  NcArgs args = {call->args.count, given};
  return nc_sema_arrange(r->s, readers[r->number].name, &args, readers[r->number].params, count,
                         call->span, r->args);
}

bool nc_sema_reading(NcSema *s, const NcExprAst *call, const NcInput *input, NcReading *reading) {
  Reader r = {
      .s = s, .number = find_reader(call->callee->text), .input = input, .reading = reading};
  *reading = (NcReading){.reader = readers[r.number].name, .dtype = input->type.dtype};
  reading->text = nc_sema_one_line(s, call->span);
  return arrange(&r, call) && read_file(&r) && read_columns(&r) && read_array(&r) &&
         read_separator(&r) && read_classes(&r);
}
