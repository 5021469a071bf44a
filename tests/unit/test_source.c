// Places in sources, their texts, and how UTF-8 is read and measured.
#include "base/source.h"
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void check_position(const char *text, int32_t offset, int line, int column) {
  NcArena *arena = nc_arena_create();
  NcSourceMap *map = nc_source_create(arena);
  nc_source_add(map, "first.net", "one\ntwo\n", 8, false);
  int file = nc_source_add(map, "second.net", text, strlen(text), true);
  assert_int_equal(file, 1);
  int found_line, found_column;
  nc_source_position(map, file, offset, &found_line, &found_column);
  assert_int_equal(found_line, line);
  assert_int_equal(found_column, column);
  nc_arena_destroy(arena);
}

static void gives_lines_and_columns(void **state) {
  (void)state;
  check_position("", 0, 1, 1);
  check_position("ab\ncd\n", 0, 1, 1);
  check_position("ab\ncd\n", 1, 1, 2);
  check_position("ab\ncd\n", 2, 1, 3); // the line break belongs to its line
  check_position("ab\ncd\n", 3, 2, 1);
  check_position("ab\ncd\n", 6, 3, 1); // after the last line break
  check_position("\n\n\n", 2, 3, 1);
  check_position("ab", 2, 1, 3);
  check_position("ab", 100, 1, 3); // held to the text
  check_position("ab", -5, 1, 1);
}

static void agrees_with_a_scan(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcSourceMap *map = nc_source_create(arena);
  char text[1000];
  for (int i = 0; i < 1000; i++)
    text[i] = i * i % 7 == 1 ? '\n' : 'x';
  int file = nc_source_add(map, "scan.net", text, sizeof text, false);
  for (int offset = 0, line = 1, column = 1; offset < 1000; offset++) {
    int found_line, found_column;
    nc_source_position(map, file, offset, &found_line, &found_column);
    assert_int_equal(found_line, line);
    assert_int_equal(found_column, column);
    line += text[offset] == '\n';
    column = text[offset] == '\n' ? 1 : column + 1;
  }
  nc_arena_destroy(arena);
}

static void nowhere_has_a_place_and_no_text(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcSourceMap *map = nc_source_create(arena);
  int line, column;
  nc_source_position(map, -1, 7, &line, &column);
  assert_int_equal(line, 1);
  nc_source_position(map, 3, 7, &line, &column);
  assert_int_equal(line, 1);
  assert_string_equal(nc_source_text(map, NC_NOWHERE, arena), "");
  nc_arena_destroy(arena);
}

static void gives_the_text_of_a_span(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcSourceMap *map = nc_source_create(arena);
  int file = nc_source_add(map, "a.net", "flat @ weights", 14, false);
  assert_string_equal(nc_source_text(map, (NcSpan){file, 7, 14}, arena), "weights");
  assert_string_equal(nc_source_text(map, (NcSpan){file, 7, 99}, arena), "weights");
  assert_string_equal(nc_source_text(map, (NcSpan){file, 7, 3}, arena), "");
  assert_string_equal(map->files.items[file].text, "flat @ weights");
  nc_arena_destroy(arena);
}

static void check_span(NcSpan span, int file, int begin, int end) {
  assert_int_equal(span.file, file);
  assert_int_equal(span.begin, begin);
  assert_int_equal(span.end, end);
}

static void joins_spans(void **state) {
  (void)state;
  check_span(nc_span_join((NcSpan){0, 3, 5}, (NcSpan){0, 8, 9}), 0, 3, 9);
  check_span(nc_span_join((NcSpan){0, 8, 9}, (NcSpan){0, 3, 20}), 0, 3, 20);
  check_span(nc_span_join(NC_NOWHERE, (NcSpan){1, 8, 9}), 1, 8, 9);
  check_span(nc_span_join((NcSpan){1, 8, 9}, NC_NOWHERE), 1, 8, 9);
  check_span(nc_span_join((NcSpan){1, 8, 9}, (NcSpan){2, 1, 2}), 1, 8, 9);
  assert_int_equal(nc_span_join(NC_NOWHERE, NC_NOWHERE).file, -1);
}

static void check_decoded(const char *text, size_t left, int bytes, uint32_t character) {
  uint32_t found;
  assert_int_equal(nc_utf8_decode(text, left, &found), bytes);
  assert_int_equal(found, character);
}

static void decodes_only_valid_utf8(void **state) {
  (void)state;
  check_decoded("a", 1, 1, 'a');
  check_decoded("\xc3\xa5", 2, 2, 0xe5);
  check_decoded("\xe6\x97\xa5", 3, 3, 0x65e5);
  check_decoded("\xf0\x9f\x98\x80", 4, 4, 0x1f600);
  check_decoded("\xc3", 1, 1, 0xfffd);             // cut off
  check_decoded("\xe6\x97\xa5", 2, 1, 0xfffd);     // cut off
  check_decoded("\xc0\xaf", 2, 1, 0xfffd);         // overlong
  check_decoded("\xe0\x80\xaf", 3, 1, 0xfffd);     // overlong
  check_decoded("\xf0\x80\x80\xaf", 4, 1, 0xfffd); // overlong
  check_decoded("\xed\xa0\x80", 3, 1, 0xfffd);     // a surrogate
  check_decoded("\xf4\x90\x80\x80", 4, 1, 0xfffd); // past the last character
  check_decoded("\xff", 1, 1, 0xfffd);
  check_decoded("\x80", 1, 1, 0xfffd);
  check_decoded("\xe6\x97\x28", 3, 1, 0xfffd);
}

static void measures_characters(void **state) {
  (void)state;
  assert_int_equal(nc_utf8_width('a'), 1);
  assert_int_equal(nc_utf8_width(0xe5), 1);
  assert_int_equal(nc_utf8_width(0x301), 0);
  assert_int_equal(nc_utf8_width(0x65e5), 2);
  assert_int_equal(nc_utf8_width(0x1f600), 2);
  assert_true(nc_utf8_printable('~'));
  assert_true(nc_utf8_printable(0x65e5));
  assert_false(nc_utf8_printable('\t'));
  assert_false(nc_utf8_printable(0x1b));
  assert_false(nc_utf8_printable(0x7f));
  assert_false(nc_utf8_printable(0x9b));   // a terminal's control sequence in one character
  assert_false(nc_utf8_printable(0x202e)); // turns the direction of text
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_lines_and_columns),
      cmocka_unit_test(agrees_with_a_scan),
      cmocka_unit_test(nowhere_has_a_place_and_no_text),
      cmocka_unit_test(gives_the_text_of_a_span),
      cmocka_unit_test(joins_spans),
      cmocka_unit_test(decodes_only_valid_utf8),
      cmocka_unit_test(measures_characters),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
