// Texts that emitted files are made of, as they are in compiler/emit/*.inc and page*.
#ifndef NC_EMIT_C_TEXTS_H
#define NC_EMIT_C_TEXTS_H

typedef struct NcCText {
  const char *name, *text;
} NcCText;

extern const NcCText nc_c_texts[];
extern const int nc_c_texts_count;

// By the file's name; it must be there.
const char *nc_c_text(const char *name);

#endif
