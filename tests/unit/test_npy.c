// The npy and npz readers against files that NumPy wrote (tests/fixtures/make_data.py), and what
// they say of files that are wrong.
#include "dtype.h"
#include "expect_bad.h"
#include "npy.h"
#include "npz.h"

#include <stdio.h>
#include <stdlib.h>

#define FOLDER NETC_SOURCE_DIR "/tests/fixtures/data/"
enum { COUNT = 30 };

static NcrtArray array;

static double element(int i) {
  switch (array.header.dtype) {
  case NCRT_I32:
    return ((const int32_t *)array.data)[i];
  case NCRT_I64:
    return (double)((const int64_t *)array.data)[i];
  case NCRT_F32:
    return ((const float *)array.data)[i];
  case NCRT_F64:
    return ((const double *)array.data)[i];
  default:
    return ((const uint8_t *)array.data)[i];
  }
}

// What make_data.py says of element i of an array of this kind of dtype.
static double expected(char kind, int i) {
  int value = i * 37 % 101;
  return kind == 'b'   ? value % 2
         : kind == 'u' ? value
         : kind == 'i' ? value - 50
                       : (value - 50) / 4.0;
}

static void check_array(NcrtDtype dtype, char kind) {
  assert_int_equal(array.header.dtype, dtype);
  assert_int_equal(array.header.rank, 3);
  assert_int_equal(array.header.dims[0], 5);
  assert_int_equal(array.header.dims[1], 3);
  assert_int_equal(array.header.dims[2], 2);
  assert_int_equal(array.header.data_bytes, COUNT * ncrt_dtype_size(dtype));
  for (int i = 0; i < COUNT; i++)
    assert_true(element(i) == expected(kind, i));
  ncrt_array_free(&array);
}

static void expect_npy(const char *name, NcrtDtype dtype, char kind) {
  char path[300];
  NcrtReading reading = {.reader = "npy"};
  snprintf(path, sizeof path, FOLDER "%s.npy", name);
  if (!ncrt_npy_read(&reading, path, true, &array, &status))
    fail_msg("%s", status.message);
  NcrtArrayHeader header = array.header;
  check_array(dtype, kind);
  assert_true(ncrt_npy_read(&reading, path, false, &array, &status));
  assert_null(array.data);
  assert_memory_equal(&array.header, &header, sizeof header);
  ncrt_array_free(&array);
}

static void reads_types(void **state) {
  (void)state;
  expect_npy("b1", NCRT_BOOL, 'b');
  expect_npy("u1", NCRT_U8, 'u');
  expect_npy("i1", NCRT_I32, 'i');
  expect_npy("little_i2", NCRT_I32, 'i');
  expect_npy("little_u2", NCRT_I32, 'u');
  expect_npy("little_i4", NCRT_I32, 'i');
  expect_npy("little_u4", NCRT_I64, 'u');
  expect_npy("little_i8", NCRT_I64, 'i');
  expect_npy("little_f2", NCRT_F32, 'f');
  expect_npy("little_f4", NCRT_F32, 'f');
  expect_npy("little_f8", NCRT_F64, 'f');
  expect_npy("big_i2", NCRT_I32, 'i');
  expect_npy("big_f4", NCRT_F32, 'f');
  expect_npy("big_f8", NCRT_F64, 'f');
}

static void reads_layouts(void **state) {
  (void)state;
  expect_npy("fortran", NCRT_F32, 'f');
  expect_npy("version1", NCRT_F32, 'f');
  expect_npy("version2", NCRT_F32, 'f');
  expect_npy("version3", NCRT_F32, 'f');
}

static void expect_npz(const char *file, const char *name, NcrtDtype dtype, char kind) {
  char path[300];
  NcrtReading reading = {.reader = "npz", .array = name};
  snprintf(path, sizeof path, FOLDER "%s.npz", file);
  if (!ncrt_npz_read(&reading, path, true, &array, &status))
    fail_msg("%s", status.message);
  check_array(dtype, kind);
}

static void reads_archives(void **state) {
  (void)state;
  for (int i = 0; i < 2; i++) {
    const char *file = i ? "stored" : "deflated";
    expect_npz(file, "measured", NCRT_F32, 'f');
    expect_npz(file, "kind", NCRT_U8, 'u');
    expect_npz(file, "turned", NCRT_I32, 'i');
  }
  NcrtNames names;
  assert_true(ncrt_npz_names(NULL, FOLDER "stored.npz", &names, &status));
  assert_int_equal(names.count, 3);
  assert_true(ncrt_names_find(&names, "kind") >= 0);
  ncrt_names_free(&names);
}

// Every half-precision number, against the compiler's own conversion.
static void reads_halves(void **state) {
  (void)state;
#ifdef __FLT16_MAX__
  const char *header = "{'descr': '<f2', 'fortran_order': False, 'shape': (65536,)}";
  size_t length = strlen(header);
  uint8_t *bytes = malloc(10 + length + 131072);
  memcpy(bytes, "\x93NUMPY\1\0", 8);
  bytes[8] = (uint8_t)length, bytes[9] = 0;
  memcpy(bytes + 10, header, length);
  for (int i = 0; i < 65536; i++)
    memcpy(bytes + 10 + length + 2 * i, &(uint16_t){(uint16_t)i}, 2);
  assert_true(ncrt_npy_read_bytes("t", bytes, 10 + length + 131072, &array, &status));
  for (int i = 0; i < 65536; i++) {
    _Float16 value;
    memcpy(&value, &(uint16_t){(uint16_t)i}, 2);
    float got = ((const float *)array.data)[i], want = (float)value;
    assert_true(want != want ? got != got : memcmp(&got, &want, 4) == 0);
  }
  ncrt_array_free(&array);
  free(bytes);
#endif
}

// A header of version 1 before `data` bytes of zeros.
static bool read_header(const char *header, size_t data) {
  static uint8_t bytes[70000];
  size_t length = strlen(header);
  memset(bytes, 0, sizeof bytes);
  memcpy(bytes, "\x93NUMPY\1\0", 8);
  bytes[8] = (uint8_t)length, bytes[9] = (uint8_t)(length >> 8);
  memcpy(bytes + 10, header, length);
  return ncrt_npy_read_bytes("t.npy", bytes, 10 + length + data, &array, &status);
}

#define REST "'fortran_order': False, 'shape': (2,)"

static void refuses_headers(void **state) {
  (void)state;
  assert_bad(read_header("", 4), "does not begin with '{'");
  assert_bad(read_header("{}", 4), "lacks descr");
  assert_bad(read_header("{'descr': '<f4'}", 4), "lacks descr, fortran_order or shape");
  assert_bad(read_header("{'descr': '<f4', 'descr': '<f4'}", 4), "an entry twice");
  assert_bad(read_header("{'descr': '<f4', 'more': 1}", 4),
             "offset 27: the npy header has an entry");
  assert_bad(read_header("{'descr': '<f4', " REST "} x", 8), "more text after");
  assert_bad(read_header("{'descr': '<f4', " REST, 8), "is not ended by '}'");
  assert_bad(read_header("{'descr': '<c8', " REST "}", 8), "elements of type '<c8'");
  assert_bad(read_header("{'descr': '<u8', " REST "}", 8), "elements of type '<u8'");
  assert_bad(read_header("{'descr': '|O', " REST "}", 8), "not as objects");
  assert_bad(read_header("{'descr': '', " REST "}", 8), "elements of type ''");
  assert_bad(read_header("{'descr': [('a', '<f4')], " REST "}", 8), "tells of records");
  assert_bad(read_header("{'descr': '<f4', 'fortran_order': 1, 'shape': (2,)}", 8), "neither True");
  assert_bad(read_header("{'descr': '<f4', 'fortran_order': False, 'shape': ()}", 4), "one number");
  assert_bad(read_header("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0)}", 0),
             "a dimension of 0");
  assert_bad(read_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}", 0),
             "a dimension that is no number");
  assert_bad(read_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}", 0), "no ')'");
  assert_bad(
      read_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1)}", 4),
      "more than 8 dimensions");
  assert_bad(
      read_header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", 4),
      "too large");
  assert_bad(
      read_header("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296,4294967296)}", 4),
      "product of the 2 dimensions");
  assert_bad(read_header("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", 1),
             "truncated");
  assert_bad(read_header("{'descr': '<f4', " REST "}", 7), "truncated: the header promises f32[2]");
  assert_bad(read_header("{'descr': '<f4', " REST "}", 9), "more bytes follow");
  assert_true(read_header("{ 'shape':(2L,), \"descr\":'<f4' ,'fortran_order':True, }  \n", 8));
  ncrt_array_free(&array);
}

static void refuses_files(void **state) {
  (void)state;
  const uint8_t huge[12] = {0x93, 'N', 'U', 'M', 'P', 'Y', 2, 0, 0xff, 0xff, 0xff, 0xff};
  const uint8_t newer[12] = {0x93, 'N', 'U', 'M', 'P', 'Y', 4, 0};
  const uint8_t bools[] =
      "\x93NUMPY\1\0\x3a\0{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}   \1\2";
  assert_bad(ncrt_npy_read_bytes("t", NULL, 0, &array, &status), "is empty");
  assert_bad(ncrt_npy_read_bytes("t", huge, 6, &array, &status), "truncated");
  assert_bad(ncrt_npy_read_bytes("t", huge, 12, &array, &status), "a header of 4294967295 bytes");
  assert_bad(ncrt_npy_read_bytes("t", newer, 12, &array, &status), "npy version 4.0");
  assert_bad(ncrt_npy_read_bytes("t", (const uint8_t *)"PK\3\4........", 12, &array, &status),
             "read it with npz(");
  assert_bad(ncrt_npy_read_bytes("t", (const uint8_t *)"\x1f\x8b..........", 12, &array, &status),
             "compressed by gzip");
  assert_bad(ncrt_npy_read_bytes("t", (const uint8_t *)"something else", 14, &array, &status),
             "not an npy file");
  assert_bad(ncrt_npy_read_bytes("t", bools, sizeof bools - 1, &array, &status),
             "element 1 is 2; a bool is 0 or 1");
  NcrtReading reading = {.reader = "npy"};
  assert_bad(ncrt_npy_read(&reading, FOLDER "records.npy", true, &array, &status), "records");
  assert_bad(ncrt_npy_read(&reading, FOLDER "objects.npy", true, &array, &status), "objects");
  assert_bad(ncrt_npy_read(&reading, FOLDER "scalar.npy", true, &array, &status), "one number");
}

static uint8_t *file_bytes(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  uint8_t *bytes = malloc(10000);
  *size = fread(bytes, 1, 10000, file);
  fclose(file);
  return bytes;
}

static bool read_archive(const uint8_t *bytes, size_t size) {
  NcrtReading reading = {.reader = "npz", .array = "measured"};
  status = (NcrtStatus){0};
  bool done = ncrt_npz_read_bytes(&reading, "t.npz", bytes, size, true, &array, &status);
  if (done)
    ncrt_array_free(&array);
  return done;
}

// Every cut and every changed byte either leaves the array as it was or is an error with a message.
static void survives_damage(void **state) {
  (void)state;
  size_t size;
  uint8_t *bytes = file_bytes(FOLDER "deflated.npz", &size);
  assert_true(read_archive(bytes, size));
  for (size_t cut = 0; cut < size; cut++)
    assert_bad(read_archive(bytes, cut), "t.npz");
  int failed = 0;
  for (size_t i = 0; i < size; i++) {
    bytes[i] ^= 0x41;
    bool done = read_archive(bytes, size);
    failed += !done;
    assert_true(done || status.message[0] != 0);
    bytes[i] ^= 0x41;
  }
  assert_true(failed > 100);
  free(bytes);
}

static void refuses_archives(void **state) {
  (void)state;
  size_t size;
  uint8_t *bytes = file_bytes(FOLDER "stored.npz", &size);
  NcrtReading reading = {.reader = "npz", .array = "other"};
  assert_bad(ncrt_npz_read_bytes(&reading, "t.npz", bytes, size, true, &array, &status),
             "t.npz: other: there is no such array");
  assert_bad(read_archive(NULL, 0), "is empty");
  assert_bad(read_archive((const uint8_t *)"something", 9), "not an npz file");
  assert_bad(read_archive(bytes, size - 30), "its list of files");
  for (uint8_t *at = bytes; at + 4 < bytes + size; at++) // an element of the first array
    if (memcmp(at, "),", 2) == 0) {
      at[100] ^= 1;
      break;
    }
  assert_bad(read_archive(bytes, size), "the checksum is wrong");
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_types),     cmocka_unit_test(reads_layouts),
      cmocka_unit_test(reads_archives),  cmocka_unit_test(reads_halves),
      cmocka_unit_test(refuses_headers), cmocka_unit_test(refuses_files),
      cmocka_unit_test(survives_damage), cmocka_unit_test(refuses_archives),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
