// The guide to adding an operator shows a whole file in pieces: they must be that file.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static FILE *open_source(const char *name) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", NETC_SOURCE_DIR, name);
  FILE *file = fopen(path, "r");
  if (!file)
    fail_msg("cannot read %s", path);
  return file;
}

// The lines of a file, of all blocks of C in it if `blocks`.
static char *read_lines(NcArena *arena, const char *name, bool blocks) {
  NcText text = nc_text_create(arena);
  FILE *file = open_source(name);
  bool inside = !blocks;
  char line[1024];
  while (fgets(line, sizeof line, file)) {
    if (blocks && strncmp(line, "```", 3) == 0)
      inside = strcmp(line, "```c\n") == 0;
    else if (inside)
      nc_text_append(&text, line);
  }
  fclose(file);
  return text.data;
}

static void the_pieces_are_the_file(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  assert_string_equal(read_lines(arena, "docs/add-an-operator.md", true),
                      read_lines(arena, "compiler/ops/tanh.c", false));
  nc_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_pieces_are_the_file)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
