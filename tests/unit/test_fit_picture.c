// Pictures are converted to size and channels as the header says.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <png.h>
#include <stdio.h>
#include <string.h>

#include "driver/fit_picture.h"
#include "temporary.h"

static Temporary temporary;

static void write_picture(int width, int height, uint32_t format, const uint8_t *pixels) {
  png_image image = {.version = PNG_IMAGE_VERSION,
                     .width = (uint32_t)width,
                     .height = (uint32_t)height,
                     .format = format};
  assert_true(
      png_image_write_to_file(&image, temporary_path(&temporary, "p.png"), 0, pixels, 0, NULL));
}

// Converts the picture; the steps are those given.
static void fit(NcImageShape shape, float *values, const char *steps) {
  NcArena *arena = nc_arena_create();
  NcText text = nc_text_create(arena);
  NcrtPicture picture;
  NcrtStatus status = {0};
  nc_text_append(&text, "");
  assert_true(nc_fit_picture(temporary.path, shape, values, &picture, &text, &status));
  assert_string_equal(text.data, steps);
  nc_arena_destroy(arena);
}

static void check_near(const float *values, const float *expected, int count) {
  for (int i = 0; i < count; i++)
    if (values[i] < expected[i] - 1e-3f || values[i] > expected[i] + 1e-3f)
      fail_msg("value %d is %g, not %g", i, (double)values[i], (double)expected[i]);
}

static void keeps_what_fits(void **state) {
  (void)state;
  const uint8_t gray[] = {0, 50, 100, 255};
  float values[12];
  write_picture(2, 2, PNG_FORMAT_GRAY, gray);
  fit((NcImageShape){2, 2, 1}, values, "");
  check_near(values, (const float[]){0, 50, 100, 255}, 4);
  const uint8_t rgb[] = {1, 2, 3, 4, 5, 6};
  write_picture(2, 1, PNG_FORMAT_RGB, rgb);
  fit((NcImageShape){1, 2, 3}, values, "");
  check_near(values, (const float[]){1, 2, 3, 4, 5, 6}, 6);
}

static void converts_channels(void **state) {
  (void)state;
  const uint8_t rgb[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30};
  float values[16];
  write_picture(4, 1, PNG_FORMAT_RGB, rgb);
  fit((NcImageShape){1, 4, 1}, values, ", made gray");
  check_near(values, (const float[]){76.245f, 149.685f, 29.07f, 18.15f}, 4);
  fit((NcImageShape){1, 4, 4}, values, "");
  check_near(values + 12, (const float[]){10, 20, 30, 255}, 4);
  const uint8_t gray[] = {7, 9};
  write_picture(2, 1, PNG_FORMAT_GRAY, gray);
  fit((NcImageShape){1, 2, 3}, values, ", gray in all three colours");
  check_near(values, (const float[]){7, 7, 7, 9, 9, 9}, 6);
}

static void lays_transparency_over_white(void **state) {
  (void)state;
  const uint8_t rgba[] = {0, 0, 0, 0, 0, 0, 0, 255, 200, 100, 0, 51};
  float values[9];
  write_picture(3, 1, PNG_FORMAT_RGBA, rgba);
  fit((NcImageShape){1, 3, 3}, values, ", laid over white");
  check_near(values, (const float[]){255, 255, 255, 0, 0, 0, 244, 224, 204}, 9);
}

static void shrinks_by_areas(void **state) {
  (void)state;
  const uint8_t gray[] = {0, 30, 60, 90, 120, 150, 180, 210, 240};
  float values[4];
  write_picture(3, 3, PNG_FORMAT_GRAY, gray);
  fit((NcImageShape){1, 1, 1}, values, ", resized to 1x1");
  check_near(values, (const float[]){120}, 1);
  // Each of 2x2 takes 1.5x1.5: a whole pixel, two halves, a quarter.
  fit((NcImageShape){2, 2, 1}, values, ", resized to 2x2");
  check_near(values, (const float[]){40, 80, 160, 200}, 4);
}

static void grows_by_interpolation(void **state) {
  (void)state;
  const uint8_t gray[] = {0, 100, 100, 200};
  float values[16];
  write_picture(2, 2, PNG_FORMAT_GRAY, gray);
  fit((NcImageShape){4, 4, 1}, values, ", resized to 4x4");
  check_near(
      values,
      (const float[]){0, 25, 75, 100, 25, 50, 100, 125, 75, 100, 150, 175, 100, 125, 175, 200}, 16);
  const uint8_t one[] = {33};
  write_picture(1, 1, PNG_FORMAT_GRAY, one);
  fit((NcImageShape){2, 2, 1}, values, ", resized to 2x2");
  check_near(values, (const float[]){33, 33, 33, 33}, 4);
}

static void keeps_proportions_on_the_background(void **state) {
  (void)state;
  const uint8_t gray[] = {10, 10, 10, 10, 10, 10, 10, 10};
  float values[16];
  write_picture(4, 2, PNG_FORMAT_GRAY, gray);
  fit((NcImageShape){4, 4, 1}, values, ", filled up to 4x4");
  for (int i = 0; i < 16; i++)
    check_near(&values[i], (const float[]){10}, 1);
  const uint8_t tall[] = {0, 80, 0, 80, 0, 80, 0, 80};
  write_picture(2, 4, PNG_FORMAT_GRAY, tall);
  fit((NcImageShape){2, 2, 1}, values, ", resized to 2x1, filled up to 2x2");
  check_near(values, (const float[]){40, 40, 40, 40}, 4);
}

static void knows_light_borders_and_inverts(void **state) {
  (void)state;
  float values[9] = {255, 255, 255, 255, 0, 255, 255, 255, 0};
  NcImageShape shape = {3, 3, 1};
  assert_true(nc_has_light_border(values, shape));
  nc_invert(values, shape);
  assert_false(nc_has_light_border(values, shape));
  assert_true(values[4] == 255 && values[0] == 0);
  float clear[4] = {255, 255, 255, 40}; // transparency stays
  nc_invert(clear, (NcImageShape){1, 1, 4});
  check_near(clear, (const float[]){0, 0, 0, 40}, 4);
}

static void finds_images_among_inputs(void **state) {
  (void)state;
  NcImageShape image;
  NcrtShape shape = {.dtype = NCRT_U8, .rank = 4, .batched = 1, .dims = {0, 5, 7, 3}};
  assert_true(nc_image_shape(&shape, &image));
  assert_true(image.height == 5 && image.width == 7 && image.channels == 3);
  shape.dims[3] = 5;
  assert_false(nc_image_shape(&shape, &image));
  shape.rank = 3;
  assert_true(nc_image_shape(&shape, &image));
  assert_int_equal(image.channels, 1);
  shape = (NcrtShape){.rank = 2, .batched = 1, .dims = {0, 784}};
  assert_true(nc_image_shape(&shape, &image));
  assert_true(image.height == 28 && image.width == 28 && image.channels == 1);
  shape.dims[1] = 785;
  assert_false(nc_image_shape(&shape, &image));
  shape.dims[1] = 4;
  assert_false(nc_image_shape(&shape, &image));
  shape.rank = 1;
  assert_false(nc_image_shape(&shape, &image));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keeps_what_fits),
      cmocka_unit_test(converts_channels),
      cmocka_unit_test(lays_transparency_over_white),
      cmocka_unit_test(shrinks_by_areas),
      cmocka_unit_test(grows_by_interpolation),
      cmocka_unit_test(keeps_proportions_on_the_background),
      cmocka_unit_test(knows_light_borders_and_inverts),
      cmocka_unit_test(finds_images_among_inputs),
  };
  temporary_open(&temporary);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  temporary_close(&temporary);
  return failed;
}
