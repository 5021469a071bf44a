// The frame of emitted C: names, and what every file begins with.
#include "emit/c.h"

#include "emit/c_texts.h"

#include <ctype.h>
#include <string.h>

// Words that no function may be called by: C's, and what the headers that are included define.
static const char *const reserved[] = {
    "auto",     "break",  "case",   "char",     "const",    "continue", "default",  "do",
    "double",   "else",   "enum",   "extern",   "float",    "for",      "goto",     "if",
    "inline",   "int",    "long",   "register", "restrict", "return",   "short",    "signed",
    "sizeof",   "static", "struct", "switch",   "typedef",  "union",    "unsigned", "void",
    "volatile", "while",  "asm",    "bool",     "true",     "false",    "main",     "exp",
    "log",      "sqrt",   "tanh",   "sin",      "cos",      "erf",      "floor",    "pow",
    "fabs",     "fma",    "fmaf",   "sqrtf",    "floorf",   "fabsf",    "memcpy",   "memset",
    "frame",    "bool",   "linux",  "unix",     "signal",   "index",    "round",    "y0",
    "y1",       "j0",     "j1",     "gamma",    "abs",      "div",      "remainder"};

bool nc_c_is_reserved(const char *name) {
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (strcmp(reserved[i], name) == 0)
      return true;
  return false;
}

NcCFile nc_c_file(NcArena *arena, const NcEmitParts *parts, const NcSourceMap *sources) {
  NcCFile file = {.arena = arena,
                  .parts = parts,
                  .sources = sources,
                  .known = nc_map_create(arena),
                  .definitions = nc_text_create(arena),
                  .code = nc_text_create(arena),
                  .kernels = nc_map_create(arena),
                  .names = nc_map_create(arena),
                  .symbols = nc_map_create(arena)};
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    nc_map_set(&file.names, reserved[i], "");
  return file;
}

// Names that the prelude gives begin with a dtype's, or netc.
static bool is_prelude(const char *name) {
  static const char *const starts[] = {"f32", "f64", "i32", "i64", "u8", "bx", "netc_", "NETC_"};
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
    if (strncmp(name, starts[i], strlen(starts[i])) == 0)
      return true;
  return false;
}

char *nc_c_identifier(NcArena *arena, const char *name) {
  char *text =
      nc_arena_printf(arena, "%s%s", isdigit((unsigned char)*name) || !*name ? "n" : "", name);
  for (char *c = text; *c; c++)
    if (!isalnum((unsigned char)*c))
      *c = '_';
  return text;
}

const char *nc_c_name(NcCFile *file, const char *name) {
  char *base = nc_c_identifier(file->arena, name);
  if (is_prelude(base) || base[0] == '_')
    base = nc_arena_printf(file->arena, "k_%s", base);
  char *chosen = base;
  for (int i = 2; nc_map_get(&file->names, chosen); i++)
    chosen = nc_arena_printf(file->arena, "%s_%d", base, i);
  nc_map_set(&file->names, chosen, chosen);
  return chosen;
}

const char *nc_c_symbol(NcCFile *file, const char *name) {
  const char *symbol = nc_map_get(&file->symbols, name);
  if (symbol)
    return symbol;
  char *chosen = (char *)nc_c_name(file, name);
  nc_map_set(&file->symbols, name, chosen);
  return chosen;
}

void nc_c_blas(NcCFile *file, NcDtype dtype) {
  const char *name = dtype == NC_F32 ? "cblas_sgemm" : "cblas_dgemm", *type = nc_c_element(dtype);
  if (nc_map_get(&file->known, name))
    return;
  nc_map_set(&file->known, name, file);
  nc_text_printf(&file->definitions,
                 "void %s(int, int, int, int, int, int, %s, const %s *, int, const %s *, int, %s, "
                 "%s *, int);\n",
                 name, type, type, type, type, type);
}

void nc_c_print(NcText *text, const NcCFile *file) {
  nc_text_append(text, nc_c_text("c_prelude.inc"));
  nc_text_append(text, "\n");
  nc_text_append(text, file->definitions.data ? file->definitions.data : "");
  nc_text_append(text, file->code.data ? file->code.data : "");
}

char *nc_c_entries(NcArena *arena, const NcEmitEntry *entries, int count,
                   const NcSourceMap *sources) {
  const NcEmitParts *parts = nc_emit_parts(arena, entries, count, 1);
  NcCFile file = nc_c_file(arena, parts, sources);
  NcText text = nc_text_create(arena);
  file.exported = true;
  for (int i = 0; i < count; i++) {
    NcRoutines routines = nc_routines(arena, entries[i].name, entries[i].plan);
    for (int r = 0; r < routines.count; r++)
      nc_c_symbol(&file, routines.items[r]->name); // before kernels take the names
    for (int r = 0; r < routines.count; r++)
      nc_c_routine(&file, routines.items[r]);
  }
  nc_c_print(&text, &file);
  return text.data;
}

const char *nc_c_text(const char *name) {
  for (int i = 0; i < nc_c_texts_count; i++)
    if (strcmp(nc_c_texts[i].name, name) == 0)
      return nc_c_texts[i].text;
  return NULL;
}
