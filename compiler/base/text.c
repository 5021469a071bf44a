// Strings that grow, and floats written so that reading gives the same bits.
#include "base/text.h"

#include "base/utf8.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

NcText nc_text_create(NcArena *arena) { return (NcText){.arena = arena}; }

void nc_text_append_n(NcText *text, const char *string, size_t length) {
  if (text->capacity < text->length + length + 1) {
    size_t capacity = 2 * text->capacity > 64 ? 2 * text->capacity : 64;
    while (capacity < text->length + length + 1)
      capacity *= 2;
    char *data = nc_arena_alloc(text->arena, capacity);
    if (text->length)
      memcpy(data, text->data, text->length);
    text->data = data;
    text->capacity = capacity;
  }
  if (length)
    memcpy(text->data + text->length, string, length);
  text->length += length;
  text->data[text->length] = '\0';
}

void nc_text_append(NcText *text, const char *string) {
  nc_text_append_n(text, string, strlen(string));
}

void nc_text_printf(NcText *text, const char *format, ...) {
  char buffer[256];
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int length = vsnprintf(buffer, sizeof buffer, format, args);
  if (length >= 0 && (size_t)length < sizeof buffer)
    nc_text_append_n(text, buffer, (size_t)length);
  else
    nc_text_append(text, nc_arena_vprintf(text->arena, format, again));
  va_end(again);
  va_end(args);
}

void nc_text_printable(NcText *text, const char *string) {
  nc_text_append(text, "");
  for (size_t left = strlen(string); left;) {
    uint32_t character;
    size_t bytes = (size_t)nc_utf8_decode(string, left, &character);
    if (nc_utf8_printable(character))
      nc_text_append_n(text, string, bytes);
    else
      nc_text_append(text, "?");
    string += bytes;
    left -= bytes;
  }
}

int nc_text_columns(const char *string) {
  int columns = 0;
  for (size_t left = strlen(string); left;) {
    uint32_t character;
    size_t bytes = (size_t)nc_utf8_decode(string, left, &character);
    columns += nc_utf8_width(character);
    string += bytes;
    left -= bytes;
  }
  return columns;
}

const char *nc_text_cut(NcArena *arena, const char *string, int columns, const char *mark) {
  if (nc_text_columns(string) <= columns)
    return string;
  char *kept = nc_arena_strdup(arena, string);
  while (*kept && nc_text_columns(kept) >= columns)
    kept[nc_utf8_before(kept, strlen(kept))] = 0;
  return nc_arena_printf(arena, "%s%s", kept, mark);
}

const char *nc_text_cut_front(NcArena *arena, const char *string, int columns, const char *mark) {
  if (nc_text_columns(string) <= columns)
    return string;
  uint32_t character;
  while (*string && nc_text_columns(string) >= columns)
    string += nc_utf8_decode(string, strlen(string), &character);
  return nc_arena_printf(arena, "%s%s", mark, string);
}

static bool reads_back(const char *digits, double value, int is_f32) {
  return is_f32 ? strtof(digits, NULL) == (float)value : strtod(digits, NULL) == value;
}

void nc_text_float(NcText *text, double value, int is_f32) {
  if (isnan(value) || isinf(value)) {
    nc_text_append(text, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
    return;
  }
  // What fewer digits would do for, these write with zeros at the end; but for subnormal numbers.
  bool normal = value == 0 || fabs(value) >= (is_f32 ? FLT_MIN : DBL_MIN);
  char digits[64];
  int precision = !normal ? 1 : is_f32 ? FLT_DIG : DBL_DIG, most = is_f32 ? 9 : 17;
  do
    snprintf(digits, sizeof digits, "%.*e", precision - 1, value);
  while (!reads_back(digits, value, is_f32) && precision++ < most);
  for (const char *last = strchr(digits, 'e') - 1; precision > 1 && *last == '0'; last--)
    precision--;
  // %g alone would write 100.0 as 1e+02: numbers of up to seven digits before the dot get them all.
  int exponent = atoi(strchr(digits, 'e') + 1);
  if (exponent >= precision && exponent < 7)
    precision = exponent + 1;
  snprintf(digits, sizeof digits, "%.*g", precision, value);
  nc_text_append(text, digits);
  if (!strpbrk(digits, ".e"))
    nc_text_append(text, ".0");
}

// Where the ending must stand, or NULL if nothing would be before it.
static const char *tail_of(const char *name, const char *ending) {
  size_t length = strlen(name), tail = strlen(ending);
  return length > tail ? name + length - tail : NULL;
}

bool nc_ends_in(const char *name, const char *ending) {
  const char *tail = tail_of(name, ending);
  return tail && strcmp(tail, ending) == 0;
}

bool nc_ends_in_any_case(const char *name, const char *ending) {
  const char *tail = tail_of(name, ending);
  return tail && strcasecmp(tail, ending) == 0;
}
