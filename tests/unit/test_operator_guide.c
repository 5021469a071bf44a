// The operators' documents: the guide shows a whole file in pieces, which must be that file; the
// page docs/operators.md is what the operators say, and is written anew by `unit_operator_guide
// --print > docs/operators.md`.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "ops/ops.h"

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

static void the_page_is_current(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcText page = nc_text_create(arena);
  nc_ops_print_doc(&page);
  if (strcmp(read_lines(arena, "docs/operators.md", false), page.data) != 0)
    fail_msg("docs/operators.md is out of date: unit_operator_guide --print > docs/operators.md");
  nc_arena_destroy(arena);
}

static int print_page(void) {
  NcArena *arena = nc_arena_create();
  NcText page = nc_text_create(arena);
  nc_ops_print_doc(&page);
  int written = fputs(page.data, stdout);
  nc_arena_destroy(arena);
  return written < 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--print") == 0)
    return print_page();
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_pieces_are_the_file),
                                     cmocka_unit_test(the_page_is_current)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
