// Splits the text of a csv file into lines and fields.
#ifndef NCRT_CSV_TEXT_H
#define NCRT_CSV_TEXT_H

#include "status.h"

#include <stdint.h>

typedef struct NcrtCsvText {
  const char *name; // of the file, for messages
  const uint8_t *begin, *at, *end;
  char separator;
  int64_t line;    // that `at` is in, from 1
  uint8_t *buffer; // the last field, if it had quotes in it
  size_t room;
} NcrtCsvText;

// A field's text, without its quotes; valid up to the next one. It has no final 0.
typedef struct NcrtCsvField {
  const char *text;
  size_t length;
  bool quoted, last; // last of its line
  int64_t line;      // where it begins
} NcrtCsvField;

// Checks that the bytes are text: UTF-8 without NUL.
bool ncrt_csv_open(NcrtCsvText *text, const char *name, const uint8_t *bytes, size_t size,
                   char separator, NcrtStatus *status);
void ncrt_csv_close(NcrtCsvText *text);
// Back to the first line.
void ncrt_csv_rewind(NcrtCsvText *text);
// Passes over empty lines; whether a line follows.
bool ncrt_csv_more(NcrtCsvText *text);
// The next field of the line.
bool ncrt_csv_field(NcrtCsvText *text, NcrtCsvField *field, NcrtStatus *status);

#endif
