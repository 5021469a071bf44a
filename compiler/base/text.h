// A string that grows, kept in an arena; what printers write to.
#ifndef NC_BASE_TEXT_H
#define NC_BASE_TEXT_H

#include "base/arena.h"

#include <stdbool.h>

typedef struct NcText {
  NcArena *arena;
  char *data; // NUL-terminated once something was written, else NULL
  size_t length, capacity;
} NcText;

NcText nc_text_create(NcArena *arena);
void nc_text_append(NcText *text, const char *string);
void nc_text_append_n(NcText *text, const char *string, size_t length);
void nc_text_printf(NcText *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Writes text of unknown origin as a terminal may see it: what is not UTF-8, control characters,
// and what reorders text become '?'.
void nc_text_printable(NcText *text, const char *string);
// Columns of a terminal that such a text takes.
int nc_text_columns(const char *string);
// As much of such a text as so many columns hold; what is cut ends in `mark`, a column wide.
const char *nc_text_cut(NcArena *arena, const char *string, int columns, const char *mark);
// The same of its end, the mark before it: of paths the end tells more.
const char *nc_text_cut_front(NcArena *arena, const char *string, int columns, const char *mark);
// Whether a name has more before `ending`: "x.npy", ".npy".
bool nc_ends_in(const char *name, const char *ending);
// The same for letters in either case.
bool nc_ends_in_any_case(const char *name, const char *ending);
// Writes a float so that reading gives the same bits: the fewest digits that do, always with a '.'
// or an exponent, or `inf`, `-inf`, `nan`. `is_f32`: shortest for f32, else for f64.
void nc_text_float(NcText *text, double value, int is_f32);

#endif
