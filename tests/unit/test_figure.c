// Figures are laid out: axes have round numbers, texts fit, marks lie inside.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "pictures/axes.h"
#include "pictures/figure.h"

static NcArena *arena;
static const NcPainter *painter;

static int open_painter(void **state) {
  (void)state;
  const char *message = NULL;
  arena = nc_arena_create();
  painter = nc_painter(arena, &message);
  if (!painter)
    print_error("%s\n", message);
  return painter ? 0 : -1;
}

static int close_arena(void **state) {
  (void)state;
  nc_arena_destroy(arena);
  return 0;
}

static void check_axis(double low, double high, bool whole, double step) {
  NcAxis axis = nc_axis(low, high, 5, whole);
  assert_true(axis.low <= low && axis.high >= high && axis.low < axis.high);
  if (fabs(axis.step - step) > 1e-9 * step)
    fail_msg("%g to %g: the step is %g, not %g", low, high, axis.step, step);
}

static void axes_have_round_steps(void **state) {
  (void)state;
  check_axis(0, 1, false, 0.2);
  check_axis(0, 10, false, 2);
  check_axis(0.93, 0.98, false, 0.01);
  check_axis(1, 3, true, 1); // no half epochs
  check_axis(1, 1000, true, 200);
  check_axis(1, 1, true, 1);
  check_axis(0.5, 0.5, false, 0.02);
  check_axis(0, 0, false, 5e-31);
  check_axis(-1e6, 3e6, false, 1e6);
  char number[40];
  NcAxis axis = nc_axis(0, 1, 5, false);
  assert_string_equal(nc_axis_number(&axis, 0.4, number), "0.4");
  assert_string_equal(nc_axis_number(&axis, -1e-17, number), "0.0");
  axis = nc_axis(0, 3e6, 5, false);
  assert_string_equal(nc_axis_number(&axis, 2e6, number), "2e+06");
  assert_string_equal(nc_axis_number(&axis, 0, number), "0");
}

// Every mark's box is inside the drawing.
static void check_inside(const NcPicture *d) {
  assert_true(d->width > 0 && d->height > 0 && d->marks.count > 0);
  for (int i = 0; i < d->marks.count; i++) {
    const NcMark *mark = &d->marks.items[i];
    const NcRect *box = &mark->box;
    if (mark->kind != NC_MARK_LINE)
      assert_true(box->x >= 0 && box->y >= 0 && box->x + box->width <= d->width &&
                  box->y + box->height <= d->height);
    for (int k = 0; k < mark->count; k++) {
      const NcSpot *at = &mark->points[k];
      assert_true(at->x >= 0 && at->y >= 0 && at->x <= d->width && at->y <= d->height);
    }
  }
}

static const char *text_at(const NcPicture *d, int number) {
  for (int i = 0; i < d->marks.count; i++)
    if (d->marks.items[i].kind == NC_MARK_TEXT && number-- == 0)
      return d->marks.items[i].text;
  return NULL;
}

static void long_texts_are_cut(void **state) {
  (void)state;
  NcPicture *d = nc_picture_create(arena, painter, "");
  NcFont font = {8, false, NC_INK};
  double whole = nc_text_width(d, "äöü and much more", font);
  nc_draw_text(d, 0, 0, whole + 0.1, "äöü and much more", font, NC_LEFT);
  assert_true(nc_draw_text(d, 0, 0, whole / 2, "äöü and much more", font, NC_LEFT) <= whole / 2);
  nc_draw_text(d, 0, 0, 1, "äöü", font, NC_LEFT); // at least the sign that it was cut
  nc_draw_text(d, 0, 0, 100, "a\nb\x1b[31m\xff", font, NC_LEFT);
  assert_string_equal(text_at(d, 0), "äöü and much more");
  assert_non_null(strstr(text_at(d, 1), "…"));
  assert_string_equal(text_at(d, 2), "…");
  assert_string_equal(text_at(d, 3), "a?b?[31m?");
}

static void panels_of_any_content(void **state) {
  (void)state;
  const uint8_t pixels[60] = {0};
  const NcPixels images[] = {
      {10, 6, 1, pixels}, {4, 5, 3, pixels}, {1, 60, 1, pixels}, {60, 1, 1, pixels}};
  const NcBar bars[] = {
      {"a class with a name that is much too long for any picture", 0.5, NC_BLUE, true},
      {"", NAN, NC_BLUE, false},
      {"<&\">", 1.5, NC_VERMILION, false},
      {"less than nothing", -0.5, NC_BLUE, false}};
  const NcPanel panels[] = {
      {.title = "", .images = images, .image_count = 1},
      {.title = "wrong, and with a title that is longer than the panel can be wide, by far",
       .wrong = true,
       .images = images,
       .image_count = 4},
      {.title = "bars", .bars = bars, .bar_count = 4},
      {.title = "both",
       .wrong = true,
       .images = images,
       .image_count = 2,
       .bars = bars,
       .bar_count = 2},
      {.title = "nothing"},
  };
  for (int count = 1; count <= 5; count++) {
    NcPicture *d = nc_figure_panels(arena, painter, "five", panels, count);
    check_inside(d);
    for (int svg = 0; svg < 2; svg++) {
      NcText bytes = nc_text_create(arena);
      const char *message = NULL;
      assert_true(painter->paint(d, svg, &bytes, &message));
      assert_memory_equal(bytes.data, svg ? "<?xml" : "\x89PNG", svg ? 5 : 4);
    }
  }
}

static void curves_with_gaps(void **state) {
  (void)state;
  const double x[] = {1, 2, 3, 4, 5}, y[] = {1, 2, NAN, 4, INFINITY},
               none[] = {NAN, NAN, NAN, NAN, NAN};
  const NcCurve two[] = {{"training", x, y, 5}, {"validation", x, none, 5}};
  const NcChart charts[] = {
      {"loss", "epoch", two, 2}, {"empty", "epoch", two + 1, 1}, {"one point", "epoch", two, 1}};
  NcPicture *d = nc_figure_curves(arena, painter, "three", charts, 3);
  check_inside(d);
  int lines = 0;
  for (int i = 0; i < d->marks.count; i++)
    lines += d->marks.items[i].kind == NC_MARK_LINE && d->marks.items[i].colour == NC_BLUE &&
             d->marks.items[i].points[0].y != d->marks.items[i].points[1].y;
  assert_int_equal(lines, 2); // 1, 2 twice; 4 alone is a dot
}

static void histograms_count_every_value(void **state) {
  (void)state;
  const float values[] = {-1, -1, 0, 0.5f, 1, NAN, INFINITY};
  NcPicture *d = nc_figure_histogram(arena, painter, "h", values, 7);
  check_inside(d);
  double highest = 0, area = 0;
  for (int i = 0; i < d->marks.count; i++)
    if (d->marks.items[i].kind == NC_MARK_FILL) {
      highest = fmax(highest, d->marks.items[i].box.height);
      area += d->marks.items[i].box.height;
    }
  assert_true(fabs(area / highest - 2.5) < 1e-6); // 5 values, 2 in the highest bin
  assert_string_equal(text_at(d, 1), "5 values, mean -0.1, standard deviation 0.8");
  check_inside(nc_figure_histogram(arena, painter, "h", values, 1));
  check_inside(nc_figure_histogram(arena, painter, "h", values + 5, 1));
}

static const NcMark *find_fill(const NcPicture *d, uint32_t colour, double least_width) {
  for (int i = 0; i < d->marks.count; i++) {
    const NcMark *mark = &d->marks.items[i];
    if (mark->kind == NC_MARK_FILL && mark->colour == colour && mark->box.width > least_width)
      return mark;
  }
  return NULL;
}

static void times_are_in_proportion(void **state) {
  (void)state;
  const char *const groups[] = {"forward", "gradient", "update"};
  const NcTimeBar bars[] = {
      {"long", "80 %", 8, 6, 0},
      {"a name that is longer than there is room for, by very far", "", 2, 1, 1},
      {"", "nothing", 0, 0, 1}};
  NcTimes times = {.title = "t",
                   .x_label = "ms",
                   .part = "dark",
                   .groups = groups,
                   .group_count = 3,
                   .bars = bars,
                   .count = 3};
  NcPicture *d = nc_figure_times(arena, painter, &times);
  check_inside(d);
  const NcMark *six = find_fill(d, NC_BLUE, 20), *one = find_fill(d, NC_VERMILION, 20);
  assert_non_null(six);
  assert_non_null(one);
  assert_true(fabs(six->box.width / one->box.width - 6) < 1e-6);
  assert_null(find_fill(d, NC_GREEN, 0)); // nor is a group in the legend that has no bar
  times.count = 0;
  check_inside(nc_figure_times(arena, painter, &times));
}

static void tiles_share_a_scale(void **state) {
  (void)state;
  const float values[] = {-2, 0, 1, 2, NAN, 0, 0, 0};
  NcPicture *d = nc_figure_tiles(arena, painter, "t", values, 2, 2, 2);
  check_inside(d);
  const NcMark *first = &d->marks.items[0];
  assert_int_equal(first->kind, NC_MARK_IMAGE);
  const uint8_t *at = first->pixels.data;
  assert_int_equal(at[0] << 16 | at[1] << 8 | at[2], NC_BLUE);
  assert_int_equal(at[3] << 16 | at[4] << 8 | at[5], 0xffffff);
  assert_int_equal(at[9] << 16 | at[10] << 8 | at[11], NC_VERMILION);
  assert_true(at[8] > at[11] && at[8] < 255); // half way
  const float positive[] = {0, 3};
  d = nc_figure_tiles(arena, painter, "t", positive, 1, 1, 2);
  at = d->marks.items[0].pixels.data;
  assert_int_equal(at[3] << 16 | at[4] << 8 | at[5], NC_BLUE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(axes_have_round_steps),        cmocka_unit_test(long_texts_are_cut),
      cmocka_unit_test(panels_of_any_content),        cmocka_unit_test(curves_with_gaps),
      cmocka_unit_test(histograms_count_every_value), cmocka_unit_test(tiles_share_a_scale),
      cmocka_unit_test(times_are_in_proportion),
  };
  return cmocka_run_group_tests(tests, open_painter, close_arena);
}
