// Reads tables of text (RFC 4180): a line that names the columns, then a line a sample; fields are
// separated by commas (or another character) and may stand in quotes, in which "" is a quote and
// separators and ends of lines are text. Lines end in LF or CR LF; empty lines are passed over; a
// byte order mark too, and blanks around fields without quotes. The text is UTF-8 without NUL.
//
// A column holds numbers, which become the elements, or names of classes, which become class
// numbers: in the order that the reading lists them, else in that of their bytes. Which of the two
// is decided by the column's first value. Several columns hold numbers.
#ifndef NCRT_CSV_H
#define NCRT_CSV_H

#include "read.h"

// The most classes that a column can have.
#define NCRT_CSV_MAX_CLASSES 65536

bool ncrt_csv_read(const NcrtReading *reading, const char *path, bool data, NcrtArray *array,
                   NcrtStatus *status);
bool ncrt_csv_names(const NcrtReading *reading, const char *path, NcrtNames *names,
                    NcrtStatus *status);
// The same from memory; `name` is what messages call it.
bool ncrt_csv_read_bytes(const NcrtReading *reading, const char *name, const uint8_t *bytes,
                         size_t size, NcrtArray *array, NcrtStatus *status);
bool ncrt_csv_names_bytes(const NcrtReading *reading, const char *name, const uint8_t *bytes,
                          size_t size, NcrtNames *names, NcrtStatus *status);

#endif
