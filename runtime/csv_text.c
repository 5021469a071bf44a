// The lexer of csv files.
#include "csv_text.h"

#include "gzip.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>

static bool fail_text(const NcrtCsvText *text, const uint8_t *at, int64_t line,
                      NcrtStatus *status) {
  size_t offset = (size_t)(at - text->begin);
  if (*at == 0)
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: line %lld: offset %zu: a byte 0, which text does not have; save the file "
                     "as UTF-8",
                     text->name, (long long)line, offset);
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: line %lld: offset %zu: byte 0x%02x is not UTF-8; save the file as UTF-8",
                   text->name, (long long)line, offset, *at);
}

static bool check_text(const NcrtCsvText *text, NcrtStatus *status) {
  int64_t line = 1;
  for (const uint8_t *at = text->begin; at < text->end;) {
    size_t length = *at == 0 ? 0 : ncrt_utf8_character(at, text->end);
    if (length == 0)
      return fail_text(text, at, line, status);
    line += *at == '\n';
    at += length;
  }
  return true;
}

bool ncrt_csv_open(NcrtCsvText *text, const char *name, const uint8_t *bytes, size_t size,
                   char separator, NcrtStatus *status) {
  static const uint8_t nothing[1] = {0};
  const uint8_t *begin = size > 0 ? bytes : nothing;
  *text = (NcrtCsvText){.name = name, .begin = begin, .end = begin + size, .separator = separator};
  ncrt_csv_rewind(text);
  if (ncrt_gzip_detect(bytes, size))
    return ncrt_fail(status, NCRT_BAD_INPUT,
                     "%s: is compressed by gzip; csv files are read uncompressed: use gunzip",
                     name);
  return check_text(text, status);
}

void ncrt_csv_close(NcrtCsvText *text) {
  free(text->buffer);
  text->buffer = NULL;
}

void ncrt_csv_rewind(NcrtCsvText *text) {
  bool mark = text->end - text->begin >= 3 && memcmp(text->begin, "\xef\xbb\xbf", 3) == 0;
  text->at = text->begin + (mark ? 3 : 0);
  text->line = 1;
}

// Passes over the end of a line, if there is one.
static bool end_of_line(NcrtCsvText *text) {
  size_t left = (size_t)(text->end - text->at);
  size_t length = left >= 1 && text->at[0] == '\n'                          ? 1
                  : left >= 2 && text->at[0] == '\r' && text->at[1] == '\n' ? 2
                                                                            : 0;
  text->at += length;
  text->line += length > 0;
  return length > 0;
}

bool ncrt_csv_more(NcrtCsvText *text) {
  while (end_of_line(text)) {
  }
  return text->at < text->end;
}

static bool is_blank(const NcrtCsvText *text, uint8_t c) {
  return (c == ' ' || c == '\t') && c != (uint8_t)text->separator;
}

// After a field stands a separator, the end of the line, or that of the file.
static bool end_field(NcrtCsvText *text, NcrtCsvField *field, NcrtStatus *status) {
  if (text->at < text->end && *text->at == (uint8_t)text->separator) {
    text->at++;
    return true;
  }
  field->last = true;
  if (text->at == text->end || end_of_line(text))
    return true;
  return ncrt_fail(status, NCRT_BAD_INPUT,
                   "%s: line %lld: %s; a field with quotes or line ends in it is written "
                   "\"…\", its quotes doubled",
                   text->name, (long long)text->line,
                   *text->at == '\r' ? "a carriage return without a line feed"
                   : field->quoted   ? "more text follows the quote that ends a field"
                                     : "a quote inside of a field");
}

static bool plain_field(NcrtCsvText *text, NcrtCsvField *field, NcrtStatus *status) {
  const uint8_t *begin = text->at;
  while (text->at < text->end && *text->at != (uint8_t)text->separator && *text->at != '\n' &&
         *text->at != '\r' && *text->at != '"')
    text->at++;
  const uint8_t *end = text->at;
  while (end > begin && is_blank(text, end[-1]))
    end--;
  field->text = (const char *)begin;
  field->length = (size_t)(end - begin);
  return end_field(text, field, status);
}

// The quoted text without the doubling of its quotes.
static bool unquote(NcrtCsvText *text, NcrtCsvField *field, const uint8_t *begin,
                    const uint8_t *end, NcrtStatus *status) {
  size_t size = (size_t)(end - begin);
  if (size > text->room) {
    uint8_t *grown = realloc(text->buffer, size);
    if (grown == NULL)
      return ncrt_fail_memory(status, size, text->name);
    text->buffer = grown;
    text->room = size;
  }
  size_t length = 0;
  for (const uint8_t *at = begin; at < end; at++) {
    text->buffer[length++] = *at;
    at += *at == '"';
  }
  field->text = (const char *)text->buffer;
  field->length = length;
  return true;
}

static bool quoted_field(NcrtCsvText *text, NcrtCsvField *field, NcrtStatus *status) {
  const uint8_t *begin = ++text->at;
  bool doubled = false;
  field->quoted = true;
  for (;; text->at++) {
    const uint8_t *quote = memchr(text->at, '"', (size_t)(text->end - text->at));
    if (quote == NULL)
      return ncrt_fail(status, NCRT_BAD_INPUT, "%s: line %lld: a quote that is never closed",
                       text->name, (long long)field->line);
    for (; text->at < quote; text->at++)
      text->line += *text->at == '\n';
    text->at++;
    if (text->at == text->end || *text->at != '"')
      break;
    doubled = true;
  }
  const uint8_t *end = text->at - 1;
  field->text = (const char *)begin;
  field->length = (size_t)(end - begin);
  if (doubled && !unquote(text, field, begin, end, status))
    return false;
  while (text->at < text->end && is_blank(text, *text->at))
    text->at++;
  return end_field(text, field, status);
}

bool ncrt_csv_field(NcrtCsvText *text, NcrtCsvField *field, NcrtStatus *status) {
  while (text->at < text->end && is_blank(text, *text->at))
    text->at++;
  *field = (NcrtCsvField){.line = text->line};
  return text->at < text->end && *text->at == '"' ? quoted_field(text, field, status)
                                                  : plain_field(text, field, status);
}
