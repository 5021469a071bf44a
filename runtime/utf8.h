// UTF-8 (Unicode, table 3-7).
#ifndef NCRT_UTF8_H
#define NCRT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes of the character that begins at `at`, which lies before `end`; 0 if it is none.
size_t ncrt_utf8_character(const uint8_t *at, const uint8_t *end);
bool ncrt_utf8_check(const char *text);

#endif
