// The idx reader: what it reads, and what it says of files that are wrong.
#include "idx.h"
#include "temporary.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <zlib.h>

#include <cmocka.h>

static NcrtStatus status;
static Temporary temporary;

static int set_up(void **state) {
  (void)state;
  temporary_open(&temporary);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  temporary_close(&temporary);
  return 0;
}

static const uint8_t u8_2x3[] = {0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 11, 12, 20, 21, 255};

static size_t compress_to(const void *bytes, size_t size, uint8_t *out, size_t room) {
  z_stream stream = {.next_in = (Bytef *)(uintptr_t)bytes,
                     .avail_in = (uInt)size,
                     .next_out = out,
                     .avail_out = (uInt)room};
  assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
  size_t used = room - stream.avail_out;
  deflateEnd(&stream);
  return used;
}

static void assert_message(const char *part) {
  if (strstr(status.message, part) == NULL)
    fail_msg("'%s' does not contain '%s'", status.message, part);
}

static void expect_bad(const void *bytes, size_t size, const char *part) {
  NcrtArray array;
  const char *path = temporary_write(&temporary, "bad", bytes, size);
  status = (NcrtStatus){0};
  assert_false(ncrt_idx_read(path, &array, &status));
  assert_int_equal(status.code, NCRT_BAD_INPUT);
  assert_message(path);
  assert_message(part);
}

static void expect_2x3(const char *path, bool mapped) {
  NcrtArray array;
  NcrtArrayHeader header;
  assert_true(ncrt_idx_header(path, &header, &status));
  assert_true(ncrt_idx_read(path, &array, &status));
  assert_memory_equal(&header, &array.header, sizeof header);
  assert_int_equal(header.dtype, NCRT_U8);
  assert_int_equal(header.rank, 2);
  assert_int_equal(header.dims[0], 2);
  assert_int_equal(header.dims[1], 3);
  assert_int_equal(header.data_offset, 12);
  assert_int_equal(header.data_bytes, 6);
  assert_memory_equal(array.data, u8_2x3 + 12, 6);
  assert_true(mapped == (array.owned == NULL));
  ncrt_array_free(&array);
}

static void reads_bytes(void **state) {
  (void)state;
  expect_2x3(temporary_write(&temporary, "a", u8_2x3, sizeof u8_2x3), true);
}

static void reads_compressed(void **state) {
  (void)state;
  uint8_t gz[200];
  size_t size = compress_to(u8_2x3, sizeof u8_2x3, gz, sizeof gz);
  expect_2x3(temporary_write(&temporary, "a.gz", gz, size), false);
}

// RFC 1952: a file is a series of members, whose contents follow each other; one may be empty.
static void reads_members(void **state) {
  (void)state;
  uint8_t gz[300];
  size_t size = compress_to(u8_2x3, 7, gz, sizeof gz);
  size += compress_to("", 0, gz + size, sizeof gz - size);
  size += compress_to(u8_2x3 + 7, sizeof u8_2x3 - 7, gz + size, sizeof gz - size);
  expect_2x3(temporary_write(&temporary, "a.gz", gz, size), false);
}

static void reads_numbers(void **state) {
  (void)state;
  const uint8_t i32[] = {0, 0, 12, 1, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xfe, 0, 1, 0, 0};
  const uint8_t f32[] = {0, 0, 13, 1, 0, 0, 0, 1, 0x3f, 0xc0, 0, 0};
  const uint8_t f64[] = {0, 0, 14, 1, 0, 0, 0, 1, 0xc0, 0x04, 0, 0, 0, 0, 0, 0};
  NcrtArray array;
  assert_true(ncrt_idx_read_bytes("i32", i32, sizeof i32, &array, &status));
  assert_int_equal(((const int32_t *)array.data)[0], -2);
  assert_int_equal(((const int32_t *)array.data)[1], 65536);
  ncrt_array_free(&array);
  assert_true(ncrt_idx_read_bytes("f32", f32, sizeof f32, &array, &status));
  assert_true(*(const float *)array.data == 1.5f);
  ncrt_array_free(&array);
  assert_true(ncrt_idx_read_bytes("f64", f64, sizeof f64, &array, &status));
  assert_true(*(const double *)array.data == -2.5);
  ncrt_array_free(&array);
  uint8_t gz[200];
  size_t size = compress_to(f64, sizeof f64, gz, sizeof gz);
  assert_true(ncrt_idx_read_bytes("f64", gz, size, &array, &status));
  assert_true(*(const double *)array.data == -2.5);
  ncrt_array_free(&array);
}

static void refuses_headers(void **state) {
  (void)state;
  expect_bad("", 0, "is empty");
  expect_bad("\0\0\10", 3, "offset 3: truncated");
  expect_bad("PNG\1....", 8, "offset 0: not an idx file");
  expect_bad("\0\0\11\1\0\0\0\1a", 9, "(i8)");
  expect_bad("\0\0\13\1\0\0\0\1ab", 10, "(i16)");
  expect_bad("\0\0\7\1\0\0\0\1a", 9, "offset 2: elements of type 0x07");
  expect_bad("\0\0\10\0a", 5, "offset 3: 0 dimensions");
  expect_bad("\0\0\10\11aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 45, "offset 3: 9 dimensions");
  expect_bad("\0\0\10\2\0\0\0\1\0\0", 10, "offset 10: truncated");
  expect_bad("\0\0\10\2\0\0\0\1\0\0\0\0", 12, "offset 8: dimension 2 is 0");
}

static void refuses_absurd_dimensions(void **state) {
  (void)state;
  uint8_t header[36] = {0, 0, 14, 8};
  memset(header + 4, 0xff, 32);
  expect_bad(header, sizeof header, "offset 4: the product of the 8 dimensions");
  header[3] = 2; // 2^64 * 8 bytes
  expect_bad(header, 12, "offset 4: the product of the 2 dimensions");
  header[2] = 8, header[3] = 1;
  expect_bad(header, 8, "offset 8: truncated: the header promises u8[4294967295]");
}

static void refuses_sizes(void **state) {
  (void)state;
  expect_bad(u8_2x3, sizeof u8_2x3 - 1, "offset 17: truncated: the header promises u8[2, 3]");
  uint8_t longer[sizeof u8_2x3 + 1] = {0};
  memcpy(longer, u8_2x3, sizeof u8_2x3);
  expect_bad(longer, sizeof longer, "offset 18: more bytes follow");
}

static void refuses_bad_gzip(void **state) {
  (void)state;
  uint8_t gz[300], changed[300];
  size_t size = compress_to(u8_2x3, sizeof u8_2x3, gz, sizeof gz);
  // Every shorter file is wrong; from two bytes on it is seen to be gzip.
  for (size_t cut = 2; cut < size; cut++)
    expect_bad(gz, cut, "truncated");
  memcpy(changed, gz, size);
  changed[size - 4] ^= 1;
  expect_bad(changed, size, "corrupt: incorrect length check");
  memcpy(changed, gz, size);
  changed[size - 8] ^= 1;
  expect_bad(changed, size, "corrupt: incorrect data check");
  memcpy(changed, gz, size);
  memcpy(changed + size, "rubbish", 7);
  expect_bad(changed, size + 7, "follow the end of the gzip data");
  memcpy(changed + size, gz, size);
  expect_bad(changed, 2 * size, "more bytes follow");
  size = compress_to(u8_2x3, sizeof u8_2x3 - 2, gz, sizeof gz);
  expect_bad(gz, size, "offset 16: truncated: the header promises u8[2, 3]");
  size = compress_to(u8_2x3, 9, gz, sizeof gz);
  expect_bad(gz, size, "offset 9: truncated: an idx header");
  size = compress_to("", 0, gz, sizeof gz);
  expect_bad(gz, size, "is empty");
}

// A small file that promises much must not take the memory.
static void refuses_bombs(void **state) {
  (void)state;
  const uint8_t header[] = {0, 0, 8, 2, 0, 1, 0, 0, 0, 1, 0, 0, 1};
  uint8_t gz[200];
  size_t size = compress_to(header, sizeof header, gz, sizeof gz);
  expect_bad(gz, size, "promises 4294967296 bytes of data, more than");
}

static void refuses_places(void **state) {
  (void)state;
  NcrtArray array;
  assert_false(ncrt_idx_read(temporary.folder, &array, &status));
  assert_message("is a folder");
  assert_false(ncrt_idx_read(temporary_path(&temporary, "none"), &array, &status));
  assert_int_equal(status.code, NCRT_BAD_INPUT);
  assert_message("cannot open it: No such file");
  const char *pipe = temporary_path(&temporary, "pipe");
  assert_int_equal(mkfifo(pipe, 0600), 0);
  assert_false(ncrt_idx_read(pipe, &array, &status));
  assert_message("not a regular file");
  const char *secret = temporary_write(&temporary, "secret", u8_2x3, sizeof u8_2x3);
  chmod(secret, 0);
  if (geteuid() != 0) {
    assert_false(ncrt_idx_read(secret, &array, &status));
    assert_message("Permission denied");
  }
}

static void finds_files(void **state) {
  (void)state;
  char *path, first[100];
  snprintf(first, sizeof first, "%s/first", temporary.folder);
  mkdir(first, 0700);
  const char *folders[] = {first, temporary.folder};
  temporary_write(&temporary, "both", "", 0);
  temporary_write(&temporary, "both.gz", "", 0);
  temporary_write(&temporary, "packed.gz", "", 0);
  assert_true(ncrt_file_find("data file", "both", folders, 2, &path, &status));
  assert_string_equal(path, temporary_path(&temporary, "both"));
  free(path);
  assert_true(ncrt_file_find("data file", "packed", folders, 2, &path, &status));
  assert_string_equal(path, temporary_path(&temporary, "packed.gz"));
  free(path);
  assert_true(ncrt_file_find("data file", temporary_path(&temporary, "packed"), folders, 1, &path,
                             &status));
  assert_string_equal(path, temporary_path(&temporary, "packed.gz"));
  free(path);
  assert_false(ncrt_file_find("data file", "other", folders, 2, &path, &status));
  assert_null(path);
  assert_message("other: data file not found");
  assert_message(first);
  assert_message("--data DIR");
  assert_false(ncrt_file_find("data file", "", folders, 2, &path, &status));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads_bytes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reads_compressed, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reads_members, set_up, tear_down),
      cmocka_unit_test_setup_teardown(reads_numbers, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_headers, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_absurd_dimensions, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_sizes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_bad_gzip, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_bombs, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_places, set_up, tear_down),
      cmocka_unit_test_setup_teardown(finds_files, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
