// Diagnostics as they are printed, to the letter.
#include "base/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

typedef struct Fixture {
  NcArena *arena;
  NcSourceMap *sources;
  NcDiags *diags;
} Fixture;

static Fixture begin(const char *text) {
  Fixture f = {.arena = nc_arena_create()};
  f.sources = nc_source_create(f.arena);
  nc_source_add(f.sources, "mnist.net", text, strlen(text), false);
  f.diags = nc_diags_create(f.arena, f.sources);
  return f;
}

// The span of the first `needle` in the first file.
static NcSpan at(const Fixture *f, const char *needle) {
  const char *text = f->sources->files.items[0].text;
  const char *found = strstr(text, needle);
  assert_non_null(found);
  return (NcSpan){0, (int32_t)(found - text), (int32_t)(found - text) + (int32_t)strlen(needle)};
}

static void finish(Fixture *f, const char *expected) {
  NcText out = nc_text_create(f->arena);
  nc_diags_print(f->diags, &out, false);
  if (strcmp(out.data, expected) != 0)
    printf("%s", out.data);
  assert_string_equal(out.data, expected);
  nc_arena_destroy(f->arena);
}

static void shows_labels_on_one_line(void **state) {
  (void)state;
  Fixture f = begin("flat = reshape(p2)\n\n  d1 = relu(flat @ weights.d1 + biases.d1)\n");
  NcSpan left = {0, at(&f, "flat @").begin, at(&f, "flat @").end - 2};
  NcDiag *diag =
      nc_diag_error(f.diags, "E0203", left, "@: inner dimensions differ: %d and %d", 1568, 3136);
  nc_diag_label(f.diags, diag, left, "f32[N, 1568]");
  nc_diag_label(f.diags, diag, at(&f, "weights.d1"), "f32[%d, 128]", 3136);
  nc_diag_note(f.diags, diag, at(&f, "reshape(p2)"), "1568 = 7*7*32, from %s", "reshape(p2)");
  nc_diag_note(f.diags, diag, NC_NOWHERE, "a remark without a place");
  nc_diag_help(f.diags, diag, "declare weights.d1 as f32[7*7*32, 128]");
  finish(&f, "error[E0203]: @: inner dimensions differ: 1568 and 3136\n"
             " --> mnist.net:3:13\n"
             "  |\n"
             "3 |   d1 = relu(flat @ weights.d1 + biases.d1)\n"
             "  |             ^^^^   ^^^^^^^^^^ f32[3136, 128]\n"
             "  |             f32[N, 1568]\n"
             "note: 1568 = 7*7*32, from reshape(p2)\n"
             " --> mnist.net:1:8\n"
             "note: a remark without a place\n"
             "help: declare weights.d1 as f32[7*7*32, 128]\n");
}

static void a_fix_is_shown_as_help(void **state) {
  (void)state;
  Fixture f = begin("y = rellu(x)\n");
  NcDiag *diag = nc_diag_error(f.diags, "E0101", at(&f, "rellu"), "unknown name rellu");
  char replacement[] = "relu";
  nc_diag_fix(f.diags, diag, at(&f, "rellu"), replacement, "did you mean %s?", "relu");
  replacement[0] = 0; // it was copied
  assert_string_equal(diag->helps.items[0].replacement, "relu");
  assert_int_equal(diag->helps.items[0].span.begin, 4);
  nc_diag_help(f.diags, diag, "or another");
  assert_int_equal(diag->helps.items[1].span.file, NC_NOWHERE.file);
  finish(&f, "error[E0101]: unknown name rellu\n"
             " --> mnist.net:1:5\n"
             "  |\n"
             "1 | y = rellu(x)\n"
             "  |     ^^^^^\n"
             "help: did you mean relu?\n"
             "help: or another\n");
}

static void marks_a_span_around_others(void **state) {
  (void)state;
  Fixture f = begin("y = aa + bb + cc\n");
  NcDiag *diag = nc_diag_error(f.diags, "E0201", at(&f, "aa + bb + cc"), "sizes");
  nc_diag_label(f.diags, diag, at(&f, "aa"), "one");
  nc_diag_label(f.diags, diag, at(&f, "bb"), "two");
  nc_diag_label(f.diags, diag, at(&f, "cc"), "three");
  finish(&f, "error[E0201]: sizes\n"
             " --> mnist.net:1:5\n"
             "  |\n"
             "1 | y = aa + bb + cc\n"
             "  |     ^^~~~^^~~~^^ three\n"
             "  |     |    two\n"
             "  |     one\n");
}

static void a_text_stands_below_when_another_mark_reaches_further(void **state) {
  (void)state;
  Fixture f = begin("y = f(x, 2)\n");
  NcDiag *diag = nc_diag_error(f.diags, "E0201", at(&f, "f(x, 2)"), "no");
  nc_diag_label(f.diags, diag, at(&f, "x"), "f32[N]");
  nc_diag_label(f.diags, diag, diag->span, "gives i64[N]");
  finish(&f, "error[E0201]: no\n"
             " --> mnist.net:1:5\n"
             "  |\n"
             "1 | y = f(x, 2)\n"
             "  |     ~~^~~~~\n"
             "  |     | f32[N]\n"
             "  |     gives i64[N]\n");
}

static void equal_labels_are_shown_once(void **state) {
  (void)state;
  Fixture f = begin("y = x @ x\n");
  NcDiag *diag = nc_diag_error(f.diags, "E0203", at(&f, "x @ x"), "no");
  nc_diag_label(f.diags, diag, at(&f, "x"), "f32[N]");
  nc_diag_label(f.diags, diag, at(&f, "x"), "f32[N]");
  nc_diag_label(f.diags, diag, at(&f, "x"), "N is the batch");
  finish(&f, "error[E0203]: no\n"
             " --> mnist.net:1:5\n"
             "  |\n"
             "1 | y = x @ x\n"
             "  |     ^~~~~\n"
             "  |     N is the batch\n"
             "  |     f32[N]\n");
}

static void shows_several_lines_and_the_gaps_between(void **state) {
  (void)state;
  Fixture f = begin("a\nb\nc\nd\ne\nf\ng\nh\ni\nj = x\n");
  NcDiag *diag = nc_diag_error(f.diags, "E0100", at(&f, "j"), "no");
  nc_diag_label(f.diags, diag, at(&f, "x"), "here");
  nc_diag_label(f.diags, diag, at(&f, "h"), "one line between");
  nc_diag_label(f.diags, diag, at(&f, "b"), "more lines between");
  nc_diag_label(f.diags, diag, at(&f, "a"), "none between");
  finish(&f, "error[E0100]: no\n"
             "  --> mnist.net:10:1\n"
             "   |\n"
             " 1 | a\n"
             "   | ^ none between\n"
             " 2 | b\n"
             "   | ^ more lines between\n"
             "...\n"
             " 8 | h\n"
             "   | ^ one line between\n"
             " 9 | i\n"
             "10 | j = x\n"
             "   | ^   ^ here\n");
}

static void marks_both_ends_of_a_long_span(void **state) {
  (void)state;
  Fixture f = begin("fn f(\n    a: f32,\n    b: f32,\n  ) = a  \n\nx = 1\n");
  NcDiag *diag =
      nc_diag_error(f.diags, "E0100", at(&f, "f(\n    a: f32,\n    b: f32,\n  )"), "parameters");
  nc_diag_label(f.diags, diag, diag->span, "these");
  finish(&f, "error[E0100]: parameters\n"
             " --> mnist.net:1:4\n"
             "  |\n"
             "1 | fn f(\n"
             "  |    ^^\n"
             "...\n"
             "4 |   ) = a\n"
             "  |   ^ these\n");
}

static void white_space_at_the_end_is_not_marked(void **state) {
  (void)state;
  Fixture f = begin("a = b   \n\n\nc = d\n");
  nc_diag_error(f.diags, "E0100", at(&f, "b   \n\n\n"), "trailing");
  finish(&f, "error[E0100]: trailing\n"
             " --> mnist.net:1:5\n"
             "  |\n"
             "1 | a = b\n"
             "  |     ^\n");
}

static void the_end_of_the_file_is_after_its_last_text(void **state) {
  (void)state;
  Fixture f = begin("train {\n  batch = 1 \n\n");
  nc_diag_error(f.diags, "E0002", (NcSpan){0, 22, 22}, "unexpected end of file");
  finish(&f, "error[E0002]: unexpected end of file\n"
             " --> mnist.net:2:12\n"
             "  |\n"
             "2 |   batch = 1\n"
             "  |            ^\n");
}

static void an_empty_file_has_a_place(void **state) {
  (void)state;
  Fixture f = begin("");
  nc_diag_error(f.diags, "E0400", (NcSpan){0, 0, 0}, "no loss");
  finish(&f, "error[E0400]: no loss\n"
             " --> mnist.net:1:1\n"
             "  |\n"
             "1 |\n"
             "  | ^\n");
}

static void spans_are_held_to_the_file(void **state) {
  (void)state;
  Fixture f = begin("abc");
  nc_diag_error(f.diags, "E0100", (NcSpan){0, 1, 1000}, "long");
  nc_diag_error(f.diags, "E0100", (NcSpan){0, 900, 1000}, "outside");
  nc_diag_error(f.diags, "E0100", (NcSpan){0, -3, -2}, "before");
  nc_diag_error(f.diags, "E0100", (NcSpan){7, 0, 1}, "no such file");
  finish(&f, "error[E0100]: before\n --> mnist.net:1:1\n  |\n1 | abc\n  | ^\n\n"
             "error[E0100]: long\n --> mnist.net:1:2\n  |\n1 | abc\n  |  ^^\n\n"
             "error[E0100]: outside\n --> mnist.net:1:4\n  |\n1 | abc\n  |    ^\n\n"
             "error[E0100]: no such file\n");
}

static void tabs_and_wide_characters_are_counted(void **state) {
  (void)state;
  Fixture f = begin("\ta\t= \"日本é\" + bad\r\n");
  NcDiag *diag = nc_diag_error(f.diags, "E0101", at(&f, "bad"), "unknown name");
  nc_diag_label(f.diags, diag, at(&f, "日本é"), "text");
  finish(&f, "error[E0101]: unknown name\n"
             " --> mnist.net:1:14\n"
             "  |\n"
             "1 |     a   = \"日本é\" + bad\n"
             "  |            ^^^^^    ^^^\n"
             "  |            text\n");
}

static void no_input_drives_the_terminal(void **state) {
  (void)state;
  Fixture f = begin("a = \x1b[31m\xff\xe2\x80\xae + b\n");
  NcDiag *diag = nc_diag_error(f.diags, "E0001", at(&f, "b"), "bad \x1b]0;x\x07 name \xc3");
  nc_diag_label(f.diags, diag, diag->span, "\x1b[2J");
  nc_diag_note(f.diags, diag, NC_NOWHERE, "\x9b");
  nc_diag_help(f.diags, diag, "two\nlines");
  finish(&f, "error[E0001]: bad ?]0;x? name ?\n"
             " --> mnist.net:1:15\n"
             "  |\n"
             "1 | a = ?[31m?? + b\n"
             "  |               ^ ?[2J\n"
             "note: ?\n"
             "help: two\n"
             "  lines\n");
}

// The line that begins with `start` in what is printed.
static char *printed_line(Fixture *f, const char *start) {
  NcText out = nc_text_create(f->arena);
  nc_diags_print(f->diags, &out, false);
  char *line = strstr(out.data, start);
  assert_non_null(line);
  line[strcspn(line, "\n")] = '\0';
  return line;
}

static void long_lines_are_cut_to_a_window(void **state) {
  (void)state;
  char text[1201];
  memset(text, 'x', 1200);
  text[1200] = '\0';
  memcpy(text + 600, " bad ", 5);
  Fixture f = begin(text);
  NcDiag *diag = nc_diag_error(f.diags, "E0101", at(&f, "bad"), "unknown");
  nc_diag_label(f.diags, diag, diag->span, "this");
  assert_string_equal(printed_line(&f, " --> "), " --> mnist.net:1:602");
  char *line = printed_line(&f, "1 | ...xxx");
  assert_int_equal(strlen(line), 4 + 120);
  assert_string_equal(line + strlen(line) - 3, "...");
  ptrdiff_t column = strstr(line, "bad") - line;
  char *carets = printed_line(&f, "  |  ");
  assert_int_equal(strchr(carets, '^') - carets, column);
  assert_string_equal(carets + column, "^^^ this");
  nc_arena_destroy(f.arena);
}

static void the_window_stays_at_the_start_when_it_can(void **state) {
  (void)state;
  char text[301];
  memset(text, 'x', 300);
  text[300] = '\0';
  memcpy(text, "bad ", 4);
  Fixture f = begin(text);
  nc_diag_error(f.diags, "E0101", at(&f, "bad"), "unknown");
  char *line = printed_line(&f, "1 | bad xxx");
  assert_int_equal(strlen(line), 4 + 120);
  assert_string_equal(line + strlen(line) - 5, "xx...");
  nc_arena_destroy(f.arena);
}

static void a_mark_wider_than_the_window_is_cut(void **state) {
  (void)state;
  char text[1001];
  memset(text, 'x', 1000);
  text[1000] = '\0';
  Fixture f = begin(text);
  NcDiag *diag = nc_diag_error(f.diags, "E0101", (NcSpan){0, 0, 1000}, "wide");
  nc_diag_label(f.diags, diag, (NcSpan){0, 900, 901}, "far right");
  char *carets = printed_line(&f, "  | ~");
  assert_string_equal(carets + 4 + 118, "~^ far right");
  nc_arena_destroy(f.arena);
}

static void labels_in_other_files_follow(void **state) {
  (void)state;
  Fixture f = begin("y = relu(x)\n");
  const char *library = "fn relu(x) = max(0, x)\n";
  int file = nc_source_add(f.sources, "stdlib/nn.net", library, strlen(library), true);
  NcDiag *diag = nc_diag_error(f.diags, "E0201", at(&f, "relu(x)"), "no");
  nc_diag_label(f.diags, diag, (NcSpan){file, 13, 22}, "in here");
  nc_diag_label(f.diags, diag, NC_NOWHERE, "a label without a place");
  finish(&f, "error[E0201]: no\n"
             " --> mnist.net:1:5\n"
             "  |\n"
             "1 | y = relu(x)\n"
             "  |     ^^^^^^^\n"
             " ::: stdlib/nn.net:1:14\n"
             "  |\n"
             "1 | fn relu(x) = max(0, x)\n"
             "  |              ^^^^^^^^^ in here\n"
             "note: a label without a place\n");
}

static void sorts_by_place(void **state) {
  (void)state;
  Fixture f = begin("a b c\n");
  nc_diag_error(f.diags, "E0400", NC_NOWHERE, "last");
  nc_diag_error(f.diags, "E0101", at(&f, "c"), "third");
  nc_diag_warning(f.diags, "W0101", at(&f, "b"), "second");
  nc_diag_error(f.diags, "E0101", at(&f, "a"), "first");
  finish(&f, "error[E0101]: first\n --> mnist.net:1:1\n  |\n1 | a b c\n  | ^\n\n"
             "warning[W0101]: second\n --> mnist.net:1:3\n  |\n1 | a b c\n  |   ^\n\n"
             "error[E0101]: third\n --> mnist.net:1:5\n  |\n1 | a b c\n  |     ^\n\n"
             "error[E0400]: last\n");
}

static void equal_errors_count_once(void **state) {
  (void)state;
  Fixture f = begin("a b\n");
  for (int i = 0; i < 50; i++) {
    NcDiag *diag = nc_diag_error(f.diags, "E0101", at(&f, "a"), "unknown name %s", "a");
    nc_diag_help(f.diags, diag, "help %d", i);
  }
  nc_diag_error(f.diags, "E0101", at(&f, "b"), "unknown name a");
  assert_int_equal(f.diags->error_count, 2);
  finish(&f, "error[E0101]: unknown name a\n --> mnist.net:1:1\n  |\n1 | a b\n  | ^\n"
             "help: help 0\n\n"
             "error[E0101]: unknown name a\n --> mnist.net:1:3\n  |\n1 | a b\n  |   ^\n");
}

static void counts_what_it_does_not_show(void **state) {
  (void)state;
  Fixture f = begin("a\n");
  for (int i = 0; i < 25; i++)
    nc_diag_error(f.diags, "E0101", NC_NOWHERE, "error %d", i);
  for (int i = 0; i < NC_MAX_ERRORS + 1; i++)
    nc_diag_warning(f.diags, "W0101", NC_NOWHERE, "warning %d", i);
  assert_int_equal(f.diags->error_count, 25);
  assert_int_equal(f.diags->items.count, 2 * NC_MAX_ERRORS);
  NcText out = nc_text_create(f.arena);
  nc_diags_print(f.diags, &out, false);
  assert_non_null(strstr(out.data, "error[E0101]: error 19\n"));
  assert_null(strstr(out.data, "error 20"));
  assert_non_null(strstr(out.data, "\nand 5 more errors\nand 1 more warning\n"));
  nc_arena_destroy(f.arena);
}

static void colours_are_closed(void **state) {
  (void)state;
  Fixture f = begin("y = a + b\n");
  NcDiag *diag = nc_diag_error(f.diags, "E0201", at(&f, "a + b"), "no");
  nc_diag_label(f.diags, diag, at(&f, "b"), "f32");
  NcText out = nc_text_create(f.arena);
  nc_diags_print(f.diags, &out, true);
  assert_int_equal(strncmp(out.data, "\033[1;31merror[E0201]\033[0m", 23), 0);
  bool open = false;
  for (const char *p = out.data; (p = strstr(p, "\033[")); p += 2) {
    bool closes = strncmp(p, "\033[0m", 4) == 0;
    assert_int_equal(closes, open);
    open = !closes;
  }
  assert_false(open);
  nc_arena_destroy(f.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shows_labels_on_one_line),
      cmocka_unit_test(a_fix_is_shown_as_help),
      cmocka_unit_test(marks_a_span_around_others),
      cmocka_unit_test(a_text_stands_below_when_another_mark_reaches_further),
      cmocka_unit_test(equal_labels_are_shown_once),
      cmocka_unit_test(shows_several_lines_and_the_gaps_between),
      cmocka_unit_test(marks_both_ends_of_a_long_span),
      cmocka_unit_test(white_space_at_the_end_is_not_marked),
      cmocka_unit_test(the_end_of_the_file_is_after_its_last_text),
      cmocka_unit_test(an_empty_file_has_a_place),
      cmocka_unit_test(spans_are_held_to_the_file),
      cmocka_unit_test(tabs_and_wide_characters_are_counted),
      cmocka_unit_test(no_input_drives_the_terminal),
      cmocka_unit_test(long_lines_are_cut_to_a_window),
      cmocka_unit_test(the_window_stays_at_the_start_when_it_can),
      cmocka_unit_test(a_mark_wider_than_the_window_is_cut),
      cmocka_unit_test(labels_in_other_files_follow),
      cmocka_unit_test(sorts_by_place),
      cmocka_unit_test(equal_errors_count_once),
      cmocka_unit_test(counts_what_it_does_not_show),
      cmocka_unit_test(colours_are_closed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
