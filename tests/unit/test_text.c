// Growing strings, and floats that read back to the same bits.
#include "base/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void appends_and_formats(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcText text = nc_text_create(arena);
  assert_null(text.data);
  nc_text_append(&text, "");
  assert_string_equal(text.data, "");
  nc_text_append(&text, "graph ");
  nc_text_append_n(&text, "evaluate(...)", 8);
  nc_text_printf(&text, "(%d)", 7);
  assert_string_equal(text.data, "graph evaluate(7)");
  assert_int_equal(text.length, 17);
  nc_arena_destroy(arena);
}

static void grows_past_every_buffer(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcText text = nc_text_create(arena);
  for (int i = 0; i < 1000; i++)
    nc_text_printf(&text, "%0*d", i % 400 + 1, 0);
  size_t expected = 0;
  for (int i = 0; i < 1000; i++)
    expected += (size_t)(i % 400) + 1;
  assert_int_equal(text.length, expected);
  assert_int_equal(strlen(text.data), expected);
  assert_int_equal(strspn(text.data, "0"), expected);
  nc_arena_destroy(arena);
}

static void check_float(double value, int is_f32, const char *expected) {
  NcArena *arena = nc_arena_create();
  NcText text = nc_text_create(arena);
  nc_text_float(&text, value, is_f32);
  assert_string_equal(text.data, expected);
  nc_arena_destroy(arena);
}

static void writes_floats_shortly(void **state) {
  (void)state;
  check_float(0, 1, "0.0");
  check_float(-0.0, 1, "-0.0");
  check_float(1, 1, "1.0");
  check_float(255, 1, "255.0");
  check_float(100, 1, "100.0");
  check_float(1000000, 0, "1000000.0");
  check_float(1e7, 0, "1e+07");
  check_float(0.1f, 1, "0.1");
  check_float(0.1f, 0, "0.10000000149011612");
  check_float(0.1, 0, "0.1");
  check_float(1e-4, 0, "0.0001");
  check_float(1e-8, 0, "1e-08");
  check_float(-2.5, 1, "-2.5");
  check_float(16777216, 1, "16777216.0");
  check_float(3.4028234663852886e38, 1, "3.4028235e+38");
  check_float(1e-45, 1, "1e-45");
  check_float(5e-324, 0, "5e-324");
  check_float(1.7976931348623157e308, 0, "1.7976931348623157e+308");
  check_float(INFINITY, 1, "inf");
  check_float(-INFINITY, 0, "-inf");
  check_float(NAN, 0, "nan");
  check_float(-NAN, 1, "nan");
}

static void floats_read_back_to_the_same_bits(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  uint64_t bits = 88172645463325252u;
  for (int i = 0; i < 20000; i++) {
    bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17; // xorshift64
    double f64;
    float f32;
    uint32_t low = (uint32_t)bits;
    memcpy(&f64, &bits, sizeof f64);
    memcpy(&f32, &low, sizeof f32);
    NcText text = nc_text_create(arena);
    if (!isnan(f64)) {
      nc_text_float(&text, f64, 0);
      double read = strtod(text.data, NULL);
      assert_memory_equal(&read, &f64, sizeof f64);
    }
    text = nc_text_create(arena);
    if (!isnan(f32)) {
      nc_text_float(&text, (double)f32, 1);
      float read = strtof(text.data, NULL);
      assert_memory_equal(&read, &f32, sizeof f32);
      assert_non_null(strpbrk(text.data, ".en"));
    }
  }
  nc_arena_destroy(arena);
}

static void cuts_to_columns(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  assert_int_equal(nc_text_columns("aä漢e\xcc\x81"), 5);
  assert_string_equal(nc_text_cut(arena, "aäb", 3, "~"), "aäb");
  assert_string_equal(nc_text_cut(arena, "aäbc", 3, "…"), "aä…");
  assert_string_equal(nc_text_cut(arena, "漢漢漢", 5, "~"), "漢漢~");
  assert_string_equal(nc_text_cut(arena, "漢漢漢", 4, "~"), "漢~"); // two columns each
  assert_string_equal(nc_text_cut(arena, "äöü", 1, "~"), "~");
  assert_string_equal(nc_text_cut_front(arena, "aäb", 3, "~"), "aäb");
  assert_string_equal(nc_text_cut_front(arena, "abäc", 3, "…"), "…äc");
  assert_string_equal(nc_text_cut_front(arena, "漢漢漢", 4, "~"), "~漢");
  assert_string_equal(nc_text_cut_front(arena, "äöü", 1, "~"), "~");
  NcText text = nc_text_create(arena);
  nc_text_printable(&text, "");
  assert_string_equal(text.data, "");
  nc_text_printable(&text, "ä\n\x1b[1m\xff\xe2\x80\xae.");
  assert_string_equal(text.data, "ä??[1m??.");
  nc_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(appends_and_formats),   cmocka_unit_test(grows_past_every_buffer),
      cmocka_unit_test(writes_floats_shortly), cmocka_unit_test(floats_read_back_to_the_same_bits),
      cmocka_unit_test(cuts_to_columns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
