// UTF-8 as a terminal shows it: characters, their widths, and what must not reach it.
#ifndef NC_BASE_UTF8_H
#define NC_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Decodes the character at `text`, of which `left` > 0 bytes may be read; gives its bytes, at least
// 1. A byte that begins no valid character (Unicode 15, table 3-7) gives U+FFFD and 1.
int nc_utf8_decode(const char *text, size_t left, uint32_t *character);
// The length of a text without its last character.
size_t nc_utf8_before(const char *text, size_t length);
// Columns that a terminal gives a character: 0 for combining marks, 2 for wide ones, else 1.
int nc_utf8_width(uint32_t character);
// Whether a character is shown as it is: not control characters, nor those that reorder text.
bool nc_utf8_printable(uint32_t character);

#endif
