// Images and bars in a terminal's characters.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/predict_show.h"

// What is printed of the panel, in a terminal of so many columns.
static char *print(const NcPanel *panel, bool color, const char *columns, const char *locale,
                   const char *kind) {
  static char text[20000];
  FILE *file = tmpfile();
  NcArena *arena = nc_arena_create();
  setenv("COLUMNS", columns, 1);
  setenv("LC_ALL", locale, 1);
  setenv("COLORTERM", kind, 1);
  nc_panel_print(arena, panel, file, color);
  nc_arena_destroy(arena);
  rewind(file);
  text[fread(text, 1, sizeof text - 1, file)] = 0;
  fclose(file);
  return text;
}

static const uint8_t gray[] = {0, 255, 255, 0, 128, 128};
static const NcPixels small = {2, 3, 1, gray};

static void images_by_brightness(void **state) {
  (void)state;
  NcPanel panel = {.title = "t", .images = &small, .image_count = 1};
  // Two rows are one line: 0 and 255 are half bright, 128 and nothing a quarter.
  assert_string_equal(print(&panel, false, "80", "C.UTF-8", ""), "t\n==\n::\n");
  assert_string_equal(print(&panel, true, "80", "C", "truecolor"), "t\n==\n::\n");
  panel.wrong = true;
  assert_string_equal(print(&panel, false, "80", "C.UTF-8", ""), "✗ t\n==\n::\n");
  assert_string_equal(print(&panel, false, "80", "C", ""), "x t\n==\n::\n");
}

static void images_in_colours(void **state) {
  (void)state;
  const uint8_t rgb[] = {1, 2, 3, 255, 128, 0};
  const NcPixels two = {1, 2, 3, rgb};
  NcPanel panel = {.title = "t", .images = &two, .image_count = 1};
  assert_string_equal(print(&panel, true, "80", "C.UTF-8", "truecolor"),
                      "\033[1mt\033[0m\n\033[38;2;1;2;3m\033[48;2;255;128;0m▀\033[0m\n");
  assert_string_equal(print(&panel, true, "80", "C.UTF-8", ""),
                      "\033[1mt\033[0m\n\033[38;5;16m\033[48;5;214m▀\033[0m\n");
  // A colour is set where it changes.
  const uint8_t row[] = {7, 7, 7, 7};
  const NcPixels same = {2, 2, 1, row};
  panel.images = &same;
  assert_string_equal(print(&panel, true, "80", "C.UTF-8", "24bit"),
                      "\033[1mt\033[0m\n\033[38;2;7;7;7m\033[48;2;7;7;7m▀▀\033[0m\n");
}

static void bars_beside_images(void **state) {
  (void)state;
  const NcBar bars[] = {{"ash", 0.5, NC_BLUE, false}, {"oak (true)", 0.25, NC_BLUE, true}};
  const NcPanel panel = {
      .title = "t", .images = &small, .image_count = 1, .bars = bars, .bar_count = 2};
  assert_string_equal(print(&panel, false, "80", "C", ""),
                      "t\n"
                      "==  ash        ##########            50.0 %\n"
                      "::  oak (true) #####                 25.0 %\n");
  assert_non_null(strstr(print(&panel, true, "80", "C.UTF-8", ""), "\033[34m█████\033[0m "));
}

static void nothing_is_wider_than_the_terminal(void **state) {
  (void)state;
  static uint8_t pixels[300 * 200];
  const NcPixels large[] = {{300, 200, 1, pixels}, {200, 300, 1, pixels}};
  NcBar bars[12];
  for (int i = 0; i < 12; i++)
    bars[i] = (NcBar){"a name that is longer than there is room for", 1, NC_BLUE, false};
  const NcPanel panel = {
      .title = "t", .images = large, .image_count = 2, .bars = bars, .bar_count = 12};
  memset(pixels, 255, sizeof pixels);
  char *text = print(&panel, false, "80", "C", "");
  int lines = 0;
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++)
    assert_true(strlen(line) <= 80);
  assert_true(lines > 12);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(images_by_brightness),
      cmocka_unit_test(images_in_colours),
      cmocka_unit_test(bars_beside_images),
      cmocka_unit_test(nothing_is_wider_than_the_terminal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
