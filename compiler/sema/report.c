// Diagnostics of sema: in the user's file, with the calls that led there, once a place.
#include "sema/sema.h"

#include <string.h>

#define STACK_NOTES 6

static bool seen(NcSema *s, const char *code, NcSpan span) {
  const char *key = nc_arena_printf(s->arena, "%s:%d:%d:%d", code, span.file, span.begin, span.end);
  if (span.file < 0 || !nc_map_get(&s->reported, key)) {
    nc_map_set(&s->reported, key, s);
    return false;
  }
  return true;
}

// The frame whose code holds the user's place that leads to `span`.
static NcFrame *user_frame(NcSema *s, NcSpan *span, NcFrame **library) {
  NcFrame *frame = s->frame;
  *library = NULL;
  while (frame && nc_sema_is_builtin(s, *span)) {
    *library = frame;
    *span = frame->call;
    frame = frame->caller;
  }
  return frame;
}

static void label_arguments(NcSema *s, NcDiag *diag, const NcFrame *library) {
  for (int i = 0; library->args && i < library->args->count; i++)
    if (library->args->items[i].value->kind == NC_VALUE_TENSOR)
      nc_sema_label_value(s, diag, library->args->items[i].span, library->args->items[i].value);
}

// The stack stands last among the notes, so it waits until the diagnostic is complete.
void nc_sema_flush(NcSema *s) {
  NcDiag *diag = s->pending;
  s->pending = NULL;
  int notes = 0;
  for (NcFrame *frame = diag ? s->pending_frame : NULL; frame; frame = frame->caller) {
    if (!frame->fn || frame->call.file < 0 || nc_sema_is_builtin(s, frame->call))
      continue;
    if (++notes > STACK_NOTES)
      return;
    nc_diag_note(s->diags, diag, frame->call, "in %s, called here", frame->fn->name);
  }
}

static NcDiag *report(NcSema *s, NcSeverity severity, const char *code, NcSpan span,
                      const char *message) {
  if (s->muted)
    return NC_NEW(s->arena, NcDiag);
  nc_sema_flush(s);
  NcFrame *library, *frame = user_frame(s, &span, &library);
  if (seen(s, code, span))
    return NC_NEW(s->arena, NcDiag);
  NcDiag *diag = severity == NC_ERROR ? nc_diag_error(s->diags, code, span, "%s", message)
                                      : nc_diag_warning(s->diags, code, span, "%s", message);
  s->pending = diag;
  while (frame && frame->fn && nc_sema_is_builtin(s, frame->fn->span))
    frame = frame->caller; // the place is an argument: no call of the library leads there
  s->pending_frame = frame;
  if (library)
    label_arguments(s, diag, library);
  return diag;
}

#define FORMATTED(result)                                                                          \
  va_list args;                                                                                    \
  va_start(args, format);                                                                          \
  const char *result = nc_arena_vprintf(s->arena, format, args);                                   \
  va_end(args)

NcDiag *nc_sema_error(NcSema *s, const char *code, NcSpan span, const char *format, ...) {
  FORMATTED(message);
  return report(s, NC_ERROR, code, span, message);
}

NcValue *nc_sema_fail(NcSema *s, const char *code, NcSpan span, const char *format, ...) {
  FORMATTED(message);
  report(s, NC_ERROR, code, span, message);
  return nc_value_error(s->arena);
}

NcDiag *nc_sema_warn(NcSema *s, const char *code, NcSpan span, const char *format, ...) {
  FORMATTED(message);
  return report(s, NC_WARNING, code, span, message);
}

void nc_sema_label(NcSema *s, NcDiag *diag, NcSpan span, const char *format, ...) {
  FORMATTED(text);
  if (span.file >= 0 && !nc_sema_is_builtin(s, span))
    nc_diag_label(s->diags, diag, span, "%s", text);
}

void nc_sema_note(NcSema *s, NcDiag *diag, NcSpan span, const char *format, ...) {
  FORMATTED(text);
  if (!nc_sema_is_builtin(s, span))
    nc_diag_note(s->diags, diag, span, "%s", text);
}

void nc_sema_label_value(NcSema *s, NcDiag *diag, NcSpan span, const NcValue *value) {
  nc_sema_label(s, diag, span, "%s", nc_value_describe(s->arena, value));
}

void nc_sema_fix(NcSema *s, NcDiag *diag, NcSpan span, const char *replacement, const char *format,
                 ...) {
  FORMATTED(text);
  nc_diag_fix(s->diags, diag, nc_sema_is_builtin(s, span) ? NC_NOWHERE : span, replacement, "%s",
              text);
}

void nc_sema_fix_name(NcSema *s, NcDiag *diag, NcSpan span, const char *name) {
  nc_sema_fix(s, diag, span, name, "did you mean %s?", name);
}

void nc_sema_fix_wrap(NcSema *s, NcDiag *diag, NcSpan span, const char *before, const char *after,
                      const char *format, ...) {
  FORMATTED(text);
  const char *wrapped = nc_arena_printf(s->arena, "%s%s%s", before,
                                        nc_source_text(s->sources, span, s->arena), after);
  nc_sema_fix(s, diag, span, wrapped, "%s", text);
}

bool nc_sema_help_division(NcSema *s, NcDiag *diag, const NcValue *value, const char *dtype) {
  bool divided = value->node->op == &nc_op_div && nc_dtype_is_integer(value->node->type.dtype);
  if (divided)
    nc_diag_help(s->diags, diag, "cast before dividing: %s(x) / y; integers divide without a rest",
                 dtype);
  return divided;
}

char *nc_sema_one_line(NcSema *s, NcSpan span) {
  char *text = nc_source_text(s->sources, span, s->arena), *out = text;
  for (const char *in = text; *in; in++) {
    bool space = *in == ' ' || *in == '\n' || *in == '\t' || *in == '\r';
    if (!space)
      *out++ = *in;
    else if (out > text && out[-1] != ' ')
      *out++ = ' ';
  }
  *out = 0;
  return text;
}

const char *nc_sema_quote(NcSema *s, NcSpan span) {
  char *text = nc_sema_one_line(s, span);
  if (strlen(text) > 60)
    memcpy(text + 57, "...", 4);
  return text;
}

static bool is_number_text(const char *text) { return strspn(text, "0123456789") == strlen(text); }

// Whether a note at the place begins with the size.
static bool noted(const NcDiag *diag, NcSpan place, const char *size) {
  for (int i = 0; i < diag->notes.count; i++) {
    const NcDiagPart *note = &diag->notes.items[i];
    if (note->span.file == place.file && note->span.begin == place.begin &&
        strncmp(note->text, size, strlen(size)) == 0)
      return true;
  }
  return false;
}

// The declaration of what an operand names: a param, an input, or what a name is bound to.
void nc_sema_note_declared(NcSema *s, NcDiag *diag, NcSpan span, const NcValue *value) {
  const char *text = nc_sema_quote(s, span);
  if (value->declared) {
    if (!noted(diag, value->declared->name_span, text))
      nc_sema_note(s, diag, value->declared->name_span, "%s is declared here", text);
    return;
  }
  const NcSymbol *symbol = nc_scope_find(s->frame->scope, text);
  if (symbol && symbol->span.file >= 0)
    nc_sema_note(s, diag, symbol->span, "%s is bound here", text);
}

static void note_origin(NcSema *s, NcDiag *diag, const NcDimOrigin *origin, const char *size) {
  bool declared = origin->owner && origin->written.file >= 0;
  NcSpan place = declared ? origin->written : origin->place;
  if (place.file < 0 || noted(diag, place, size))
    return;
  const char *written = origin->written.file >= 0 ? nc_sema_quote(s, origin->written) : "";
  const char *equals = *written && !is_number_text(written) && strcmp(written, size) != 0
                           ? nc_arena_printf(s->arena, " = %s", written)
                           : "";
  if (origin->owner)
    nc_sema_note(s, diag, place, "%s%s, declared by %s", size, equals, origin->owner);
  else
    nc_sema_note(s, diag, place, "%s%s, from %s", size, equals, nc_sema_quote(s, place));
}

#define LONGEST_CHAIN 4

void nc_sema_note_dim(NcSema *s, NcDiag *diag, const NcValue *value, int axis) {
  if (value->kind != NC_VALUE_TENSOR || axis < 0 || axis >= value->node->type.rank)
    return;
  const NcDimOrigin *origin = value->origins[axis];
  const char *size = nc_dim_format(s->arena, value->node->type.dims[axis]);
  for (int i = 0; origin && i < LONGEST_CHAIN; i++) {
    note_origin(s, diag, origin, size);
    size = nc_arena_printf(s->arena, "%lld", (long long)origin->size_before);
    origin = origin->before;
  }
}
