// The collection of diagnostics, without repetitions and not more than a reader can use.
#include "base/diag.h"

#include <stdarg.h>
#include <string.h>

NcDiags *nc_diags_create(NcArena *arena, const NcSourceMap *sources) {
  NcDiags *diags = NC_NEW(arena, NcDiags);
  diags->arena = arena;
  diags->sources = sources;
  return diags;
}

static bool equal_spans(NcSpan a, NcSpan b) {
  return a.file == b.file && (a.file < 0 || (a.begin == b.begin && a.end == b.end));
}

static bool already_reported(const NcDiags *diags, const NcDiag *diag) {
  for (int i = 0; i < diags->items.count; i++) {
    const NcDiag *other = diags->items.items[i];
    if (other->severity == diag->severity && equal_spans(other->span, diag->span) &&
        strcmp(other->code, diag->code) == 0 && strcmp(other->message, diag->message) == 0)
      return true;
  }
  return false;
}

static NcDiag *report(NcDiags *diags, NcSeverity severity, const char *code, NcSpan span,
                      const char *format, va_list args) {
  NcDiag *diag = NC_NEW(diags->arena, NcDiag);
  *diag = (NcDiag){.severity = severity,
                   .code = nc_arena_strdup(diags->arena, code),
                   .span = span,
                   .message = nc_arena_vprintf(diags->arena, format, args)};
  if (already_reported(diags, diag))
    return diag;
  int *count = severity == NC_ERROR ? &diags->error_count : &diags->warning_count;
  if (++*count <= NC_MAX_ERRORS)
    nc_vec_push(diags->arena, diags->items, diag);
  return diag;
}

NcDiag *nc_diag_error(NcDiags *diags, const char *code, NcSpan span, const char *format, ...) {
  va_list args;
  va_start(args, format);
  NcDiag *diag = report(diags, NC_ERROR, code, span, format, args);
  va_end(args);
  return diag;
}

NcDiag *nc_diag_warning(NcDiags *diags, const char *code, NcSpan span, const char *format, ...) {
  va_list args;
  va_start(args, format);
  NcDiag *diag = report(diags, NC_WARNING, code, span, format, args);
  va_end(args);
  return diag;
}

void nc_diag_label(NcDiags *diags, NcDiag *diag, NcSpan span, const char *format, ...) {
  va_list args;
  va_start(args, format);
  NcDiagPart part = {span, nc_arena_vprintf(diags->arena, format, args)};
  va_end(args);
  nc_vec_push(diags->arena, diag->labels, part);
}

void nc_diag_note(NcDiags *diags, NcDiag *diag, NcSpan span, const char *format, ...) {
  va_list args;
  va_start(args, format);
  NcDiagPart part = {span, nc_arena_vprintf(diags->arena, format, args)};
  va_end(args);
  nc_vec_push(diags->arena, diag->notes, part);
}

void nc_diag_help(NcDiags *diags, NcDiag *diag, const char *format, ...) {
  va_list args;
  va_start(args, format);
  NcDiagHelp help = {nc_arena_vprintf(diags->arena, format, args), NC_NOWHERE, NULL};
  va_end(args);
  nc_vec_push(diags->arena, diag->helps, help);
}

void nc_diag_fix(NcDiags *diags, NcDiag *diag, NcSpan span, const char *replacement,
                 const char *format, ...) {
  va_list args;
  va_start(args, format);
  NcDiagHelp help = {nc_arena_vprintf(diags->arena, format, args), span,
                     nc_arena_strdup(diags->arena, replacement)};
  va_end(args);
  nc_vec_push(diags->arena, diag->helps, help);
}
