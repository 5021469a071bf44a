// The operators' documents: the guide shows a whole file in pieces, which must be that file; the
// generated page has every operator, attribute and constraint.
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

static void the_page_has_every_constraint(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcText page = nc_text_create(arena);
  nc_ops_print_doc(&page);
  for (int i = 0; nc_ops[i]; i++) {
    const NcOp *op = nc_ops[i];
    const char *section = strstr(page.data, nc_arena_printf(arena, "\n## `%s`\n", op->name));
    assert_non_null(section);
    for (const NcConstraint *c = op->constraints; c->id; c++)
      assert_non_null(strstr(section, nc_arena_printf(arena, "- `%s` (%s)", c->id, c->code)));
    for (const NcAttrDecl *attr = op->attrs; attr && attr->name; attr++)
      assert_non_null(strstr(section, nc_arena_printf(arena, "- `%s` (", attr->name)));
  }
  nc_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_pieces_are_the_file),
                                     cmocka_unit_test(the_page_has_every_constraint)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
