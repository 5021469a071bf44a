// Pictures against files that Pillow wrote (tests/fixtures/make_data.py), folders of them, and what
// is said of those that are wrong.
#include "expect_bad.h"
#include "images.h"
#include "picture.h"
#include "temporary.h"

#include <sys/stat.h>

#define FOLDER NETC_SOURCE_DIR "/tests/fixtures/data/"
enum { HEIGHT = 5, WIDTH = 11 };

static Temporary temporary;
static NcrtArray array;

static int set_up(void **state) {
  (void)state;
  temporary_open(&temporary);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  char command[100];
  snprintf(command, sizeof command, "rm -rf %s", temporary.folder);
  return system(command);
}

static bool read_picture(const char *path, NcrtPicture *picture, uint8_t *pixels) {
  NcrtFile file;
  assert_true(ncrt_file_map(path, &file, &status));
  bool done = ncrt_picture_header(path, file.bytes, file.size, picture, &status) &&
              ncrt_picture_read(path, file.bytes, file.size, picture, pixels, &status);
  ncrt_file_unmap(&file);
  return done;
}

static uint8_t pixel(int i) { return (uint8_t)(i * 83 % 256); }

static void expect_picture(const char *name, int channels) {
  uint8_t pixels[HEIGHT * WIDTH * 4];
  NcrtPicture picture;
  char path[300];
  snprintf(path, sizeof path, FOLDER "%s.png", name);
  if (!read_picture(path, &picture, pixels))
    fail_msg("%s", status.message);
  assert_int_equal(picture.height, HEIGHT);
  assert_int_equal(picture.width, WIDTH);
  assert_int_equal(picture.channels, channels);
  bool palette = strcmp(name, "palette") == 0, bits = strcmp(name, "bits") == 0;
  for (int i = 0; i < HEIGHT * WIDTH * channels; i++) {
    int p = pixel(i / 3), c = i % 3;
    int want = palette ? (c == 0   ? p
                          : c == 1 ? 255 - p
                                   : p / 2)
               : bits  ? 255 * (pixel(i) % 2)
                       : pixel(i);
    assert_int_equal(pixels[i], want);
  }
}

static void reads_modes(void **state) {
  (void)state;
  expect_picture("L", 1);
  expect_picture("LA", 2);
  expect_picture("RGB", 3);
  expect_picture("RGBA", 4);
  expect_picture("bits", 1);
  expect_picture("palette", 3);
  expect_picture("interlaced", 1);
}

static void refuses_pictures(void **state) {
  (void)state;
  uint8_t pixels[HEIGHT * WIDTH * 4], bytes[1000];
  NcrtPicture picture;
  assert_bad(read_picture(FOLDER "deep.png", &picture, pixels), "offset 24: 16 bits a sample");
  assert_bad(read_picture(FOLDER "u1.npy", &picture, pixels), "not a PNG file");
  FILE *file = fopen(FOLDER "L.png", "rb");
  size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  for (size_t cut = 0; cut < size; cut++)
    assert_bad(ncrt_picture_header("t", bytes, cut, &picture, &status) &&
                   ncrt_picture_read("t", bytes, cut, &picture, pixels, &status),
               cut == 0   ? "is empty"
               : cut < 33 ? "truncated: the PNG"
                          : "corrupt (");
  bytes[50] ^= 1;
  assert_bad(ncrt_picture_read("t", bytes, size, &picture, pixels, &status), "corrupt (");
  bytes[17] = 1;
  assert_bad(ncrt_picture_header("t", bytes, size, &picture, &status),
             "1 to 32768 in each direction");
  bytes[25] = 5;
  assert_bad(ncrt_picture_header("t", bytes, size, &picture, &status), "color type 5");
}

// A small file that promises much must not take the memory.
static void refuses_bombs(void **state) {
  (void)state;
  uint8_t bytes[33] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x80\0\0\0\x80\0\1";
  NcrtPicture picture;
  assert_bad(ncrt_picture_header("t", bytes, 33, &picture, &status),
             "promises 1073741824 pixels, more than 33 bytes can hold");
}

// ---- folders

static void copy(const char *name, const char *to) {
  char folder[400], bytes[1000];
  snprintf(folder, sizeof folder, "%s/%s", temporary.folder, to);
  *strrchr(folder, '/') = 0;
  mkdir(folder, 0700);
  FILE *file = fopen(name, "rb");
  size_t size = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  temporary_write(&temporary, to, bytes, size);
}

static bool read_images(void) {
  NcrtReading reading = {.reader = "images"};
  return ncrt_read(&reading, temporary.folder, true, &array, &status);
}

static void reads_folders(void **state) {
  (void)state;
  copy(FOLDER "L.png", "dog/b.png");
  copy(FOLDER "bits.png", "dog/a.PNG");
  copy(FOLDER "interlaced.png", "cat/z.png");
  temporary_write(&temporary, "README", "", 0);
  temporary_write(&temporary, "dog/.hidden", "", 0);
  assert_true(read_images());
  const int64_t dims[] = {3, HEIGHT, WIDTH, 1};
  assert_int_equal(array.header.rank, 4);
  assert_memory_equal(array.header.dims, dims, sizeof dims);
  const uint8_t *pixels = array.data;
  for (int i = 0; i < HEIGHT * WIDTH; i++) {
    assert_int_equal(pixels[i], pixel(i));
    assert_int_equal(pixels[HEIGHT * WIDTH + i], 255 * (pixel(i) % 2));
    assert_int_equal(pixels[2 * HEIGHT * WIDTH + i], pixel(i));
  }
  ncrt_array_free(&array);
  const char *const listed[] = {"bird", "dog", "cat"};
  NcrtReading reading = {.reader = "labels", .dtype = NCRT_U8};
  assert_true(ncrt_read(&reading, temporary.folder, true, &array, &status));
  assert_memory_equal(array.data, "\0\1\1", 3);
  assert_int_equal(array.classes.count, 2);
  assert_string_equal(array.classes.items[0], "cat");
  ncrt_array_free(&array);
  reading.classes = (NcrtStrings){3, listed};
  assert_true(ncrt_read(&reading, temporary.folder, true, &array, &status));
  assert_memory_equal(array.data, "\2\1\1", 3);
  assert_int_equal(array.classes.count, 3);
  ncrt_array_free(&array);
  reading.classes.count = 2;
  assert_bad(ncrt_read(&reading, temporary.folder, true, &array, &status),
             "cat: the folder's name is none of the classes listed");
  reading = (NcrtReading){.reader = "labels", .dtype = NCRT_F32};
  assert_bad(ncrt_read(&reading, temporary.folder, true, &array, &status), "f32 cannot number");
}

static void refuses_folders(void **state) {
  (void)state;
  assert_bad(read_images(), "holds no folders");
  copy(FOLDER "L.png", "dog/a.png");
  copy(FOLDER "RGB.png", "dog/b.png");
  assert_bad(read_images(), "dog/b.png: is 5x11, RGB, but ");
  copy(FOLDER "L.png", "dog/b.png");
  temporary_write(&temporary, "dog/c.jpg", "", 0);
  assert_bad(read_images(), "dog/c.jpg: is no PNG file");
  unlink(temporary_path(&temporary, "dog/c.jpg"));
  mkdir(temporary_path(&temporary, "dog/d.png"), 0700);
  assert_bad(read_images(), "dog/d.png: is no PNG file");
  rmdir(temporary_path(&temporary, "dog/d.png"));
  temporary_write(&temporary, "dog/d.png", "", 0);
  assert_bad(read_images(), "dog/d.png: is empty");
  unlink(temporary_path(&temporary, "dog/d.png"));
  mkdir(temporary_path(&temporary, "cat"), 0700);
  assert_bad(read_images(), "cat: the folder of a class holds no pictures");
  rmdir(temporary_path(&temporary, "cat"));
  temporary_write(&temporary, "x.png", "", 0);
  assert_bad(read_images(), "x.png: lies beside the folders");
  unlink(temporary_path(&temporary, "x.png"));
  assert_true(read_images());
  ncrt_array_free(&array);
  NcrtReading reading = {.reader = "images"};
  assert_bad(ncrt_read(&reading, FOLDER "L.png", true, &array, &status),
             "cannot be read as a folder");
  assert_bad(ncrt_read(&reading, "/nonexistent", true, &array, &status), "No such file");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_modes),
      cmocka_unit_test(refuses_pictures),
      cmocka_unit_test(refuses_bombs),
      cmocka_unit_test_setup_teardown(reads_folders, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_folders, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
