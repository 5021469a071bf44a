// Fuzzes the printing of diagnostics: any text, any spans in it. The first byte gives their number,
// each takes four bytes; the rest is the source. What is printed must be free of control
// characters, and as JSON it must be JSON.
#include "driver/diag_json.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static NcSpan span_at(const uint8_t *bytes) {
  int begin = (int8_t)bytes[0] * 16 + bytes[1];
  return (NcSpan){0, begin, begin + (int8_t)bytes[2] * 8 + bytes[3] % 8};
}

static void check_printed(const NcText *out) {
  for (size_t i = 0; i < out->length; i++) {
    unsigned char c = (unsigned char)out->data[i];
    if ((c < ' ' && c != '\n') || c == 0x7f)
      abort();
  }
}

static void check_json(const NcText *out) {
  for (const char *line = out->data; *line; line = strchr(line, '\n') + 1) {
    json_error_t error;
    json_t *object = json_loadb(line, strcspn(line, "\n"), 0, &error);
    if (!json_is_object(object))
      abort();
    json_decref(object);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  size_t spans = size ? data[0] % 8 : 0;
  if (size < 1 + 4 * spans)
    return 0;
  const uint8_t *text = data + 1 + 4 * spans;
  size_t length = size - 1 - 4 * spans;
  NcArena *arena = nc_arena_create();
  NcSourceMap *sources = nc_source_create(arena);
  nc_source_add(sources, "fuzz.net", (const char *)text, length, false);
  NcDiags *diags = nc_diags_create(arena, sources);
  NcDiag *diag = NULL;
  for (size_t i = 0; i < spans; i++) {
    NcSpan span = span_at(data + 1 + 4 * i);
    if (i % 4 == 0)
      diag = nc_diag_error(diags, "E0001", span, "%.*s", (int)(length % 16), (const char *)text);
    else if (i % 4 == 3)
      nc_diag_note(diags, diag, span, "note");
    else if (i % 4 == 2)
      nc_diag_fix(diags, diag, span, "by this", "replace %.*s", (int)(length % 8),
                  (const char *)text);
    else
      nc_diag_label(diags, diag, span, "label %zu", i);
  }
  NcText out = nc_text_create(arena);
  nc_text_append(&out, "");
  nc_diags_print(diags, &out, false);
  check_printed(&out);
  NcText json = nc_text_create(arena);
  nc_text_append(&json, "");
  if (!nc_diags_print_json(diags, &json))
    abort();
  check_json(&json);
  nc_arena_destroy(arena);
  return 0;
}
