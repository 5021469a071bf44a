// Diagnostics as JSON.
#include "driver/diag_json.h"

#include "base/snippet.h"

#include <string.h>

json_t *nc_json_string(NcArena *arena, const char *text) {
  NcText clean = nc_text_create(arena);
  nc_text_append(&clean, "");
  for (size_t left = strlen(text); left;) {
    uint32_t character;
    size_t bytes = (size_t)nc_utf8_decode(text, left, &character);
    if (character == 0xfffd)
      nc_text_append(&clean, "\xef\xbf\xbd");
    else
      nc_text_append_n(&clean, text, bytes);
    text += bytes;
    left -= bytes;
  }
  return json_stringn(clean.data, clean.length);
}

static json_t *position(int line, int column, int32_t byte) {
  return json_pack("{s:i, s:i, s:i}", "line", line, "column", column, "byte", byte);
}

// Adds "file", "begin" and "end", which are null without a place. `shown`: the place as the text
// form shows it, else exactly.
static json_t *add_place(const NcDiags *diags, json_t *object, NcSpan span, bool shown) {
  json_t *file = json_null(), *begin = json_null(), *end = json_null();
  if (span.file >= 0 && span.file < diags->sources->files.count) {
    NcSourcePlace place =
        shown ? nc_snippet_place(diags->sources, &span) : nc_source_place(diags->sources, span);
    file = nc_json_string(diags->arena, diags->sources->files.items[span.file].name);
    begin = position(place.line, place.column, span.begin);
    end = position(place.last_line, place.last_column, span.end);
  }
  bool ok = json_object_set_new(object, "file", file) == 0;
  ok &= json_object_set_new(object, "begin", begin) == 0;
  ok &= json_object_set_new(object, "end", end) == 0;
  if (ok)
    return object;
  json_decref(object);
  return NULL;
}

static json_t *part(const NcDiags *diags, const NcDiagPart *part) {
  json_t *object = json_pack("{s:o}", "text", nc_json_string(diags->arena, part->text));
  return add_place(diags, object, part->span, true);
}

static json_t *help(const NcDiags *diags, const NcDiagHelp *help) {
  json_t *edit = json_null();
  if (help->span.file >= 0)
    edit = add_place(
        diags, json_pack("{s:o}", "replacement", nc_json_string(diags->arena, help->replacement)),
        help->span, false);
  return json_pack("{s:o, s:o}", "text", nc_json_string(diags->arena, help->text), "edit", edit);
}

static json_t *object_of(const NcDiags *diags, const NcDiag *diag) {
  json_t *labels = json_array(), *notes = json_array(), *helps = json_array();
  for (int i = 0; i < diag->labels.count; i++)
    json_array_append_new(labels, part(diags, &diag->labels.items[i]));
  for (int i = 0; i < diag->notes.count; i++)
    json_array_append_new(notes, part(diags, &diag->notes.items[i]));
  for (int i = 0; i < diag->helps.count; i++)
    json_array_append_new(helps, help(diags, &diag->helps.items[i]));
  json_t *object = json_pack("{s:s?, s:s, s:o}", "code", diag->code, "severity",
                             diag->severity == NC_ERROR ? "error" : "warning", "message",
                             nc_json_string(diags->arena, diag->message));
  object = add_place(diags, object, diag->span, true);
  json_object_set_new(object, "labels", labels);
  json_object_set_new(object, "notes", notes);
  json_object_set_new(object, "help", helps);
  return object;
}

static int append(const char *text, size_t length, void *out) {
  nc_text_append_n(out, text, length);
  return 0;
}

static bool print(const NcDiags *diags, const NcDiag *diag, NcText *out) {
  json_t *object = object_of(diags, diag);
  bool ok = json_dump_callback(object, append, out, JSON_COMPACT) == 0;
  json_decref(object);
  nc_text_append(out, "\n");
  return ok;
}

// Those that were counted and not kept, as one that has no code and no place.
static bool print_rest(const NcDiags *diags, NcSeverity severity, NcText *out) {
  const char *message = nc_diags_rest(diags, severity);
  NcDiag rest = {.severity = severity, .span = NC_NOWHERE, .message = message};
  return !message || print(diags, &rest, out);
}

bool nc_diags_print_json(const NcDiags *diags, NcText *out) {
  NcDiag **sorted = nc_diags_sorted(diags, out->arena);
  NcText text = nc_text_create(out->arena);
  bool ok = true;
  for (int i = 0; ok && i < diags->items.count; i++)
    ok = print(diags, sorted[i], &text);
  ok = ok && print_rest(diags, NC_ERROR, &text) && print_rest(diags, NC_WARNING, &text);
  if (ok && text.data)
    nc_text_append_n(out, text.data, text.length);
  return ok;
}
