// Images and bars in a terminal's characters.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/panel_print.h"

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
  // A pixel of a small image is two characters wide.
  assert_string_equal(print(&panel, false, "80", "C.UTF-8", ""), "t\n  @@\n@@\n++++\n");
  assert_string_equal(print(&panel, true, "80", "C", "truecolor"), "t\n  @@\n@@\n++++\n");
  panel.wrong = true;
  assert_string_equal(print(&panel, false, "80", "C.UTF-8", ""), "✗ t\n  @@\n@@\n++++\n");
  assert_string_equal(print(&panel, false, "80", "C", ""), "x t\n  @@\n@@\n++++\n");
}

// Of larger ones a character is two pixels, one above the other; colours count as they seem bright.
static void large_images_by_brightness(void **state) {
  (void)state;
  uint8_t pixels[3 * 20 * 3] = {0};
  memset(pixels + 60, 255, 60);
  for (int i = 0; i < 20; i++)
    pixels[120 + 3 * i + 1] = 255;
  const NcPixels large = {20, 3, 3, pixels};
  NcPanel panel = {.images = &large, .image_count = 1};
  assert_string_equal(print(&panel, false, "80", "C.UTF-8", ""),
                      "++++++++++++++++++++\n--------------------\n");
}

static void images_in_colours(void **state) {
  (void)state;
  const uint8_t rgb[] = {1, 2, 3, 255, 128, 0};
  const NcPixels two = {1, 2, 3, rgb};
  NcPanel panel = {.title = "t", .images = &two, .image_count = 1};
  assert_string_equal(print(&panel, true, "80", "C.UTF-8", "truecolor"),
                      "\033[1mt\033[0m\n\033[38;2;1;2;3m\033[48;2;1;2;3m▀▀\033[0m\n"
                      "\033[38;2;255;128;0m\033[48;2;255;128;0m▀▀\033[0m\n");
  assert_string_equal(print(&panel, true, "80", "C.UTF-8", ""),
                      "\033[1mt\033[0m\n\033[38;5;16m\033[48;5;16m▀▀\033[0m\n"
                      "\033[38;5;214m\033[48;5;214m▀▀\033[0m\n");
  // Of a large image the lower half is another pixel. A colour is set where it changes.
  uint8_t rows[2 * 17] = {[0] = 9, [17] = 5};
  const NcPixels large = {17, 2, 1, rows};
  panel.images = &large;
  assert_string_equal(print(&panel, true, "80", "C.UTF-8", "24bit"),
                      "\033[1mt\033[0m\n\033[38;2;9;9;9m\033[48;2;5;5;5m▀\033[38;2;0;0;0m"
                      "\033[48;2;0;0;0m▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀\033[0m\n");
}

static void bars_beside_images(void **state) {
  (void)state;
  const NcBar bars[] = {{"ash", 0.5, NC_BLUE, false}, {"oak (true)", 0.25, NC_BLUE, true}};
  const NcPanel panel = {
      .title = "t", .images = &small, .image_count = 1, .bars = bars, .bar_count = 2};
  assert_string_equal(print(&panel, false, "80", "C", ""),
                      "t\n"
                      "  @@  ash        ##########            50.0 %\n"
                      "@@    oak (true) #####                 25.0 %\n"
                      "++++\n");
  assert_non_null(strstr(print(&panel, true, "80", "C.UTF-8", ""), "\033[34m█████\033[0m "));
}

// Each image has its caption above it; the title may be missing.
static void captions_above_images(void **state) {
  (void)state;
  const NcPixels images[] = {small, small};
  const char *const captions[] = {"much too long", "b"};
  NcPanel panel = {.images = images, .captions = captions, .image_count = 2};
  assert_string_equal(print(&panel, false, "80", "C", ""),
                      "much too long  b\n  @@             @@\n@@             @@\n"
                      "++++           ++++\n");
  assert_string_equal(print(&panel, false, "20", "C", ""),
                      "much to~  b\n  @@        @@\n@@        @@\n++++      ++++\n");
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
      cmocka_unit_test(images_by_brightness),  cmocka_unit_test(large_images_by_brightness),
      cmocka_unit_test(images_in_colours),     cmocka_unit_test(bars_beside_images),
      cmocka_unit_test(captions_above_images), cmocka_unit_test(nothing_is_wider_than_the_terminal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
