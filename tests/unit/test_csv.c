// The csv reader: numbers, names, quotes, and what it says of files that are wrong.
#include "csv.h"
#include "expect_bad.h"

#include <stdio.h>

static NcrtArray array;

static NcrtReading one(const char *const *column, NcrtDtype dtype) {
  return (NcrtReading){.reader = "csv",
                       .dtype = dtype,
                       .columns = {1, column},
                       .one_column = true,
                       .separator = ','};
}

static bool read_text(const NcrtReading *reading, const char *text) {
  return ncrt_csv_read_bytes(reading, "t.csv", (const uint8_t *)text, strlen(text), &array,
                             &status);
}

static const char *const a[] = {"a"};
static const char *const b[] = {"b"};

static void expect_bytes(const char *text, const char *const *column, const uint8_t *values,
                         int count) {
  NcrtReading reading = one(column, NCRT_U8);
  if (!read_text(&reading, text))
    fail_msg("%s: %s", text, status.message);
  assert_int_equal(array.header.rank, 1);
  assert_int_equal(array.header.dims[0], count);
  assert_int_equal(array.header.data_bytes, count);
  assert_memory_equal(array.data, values, (size_t)count);
  ncrt_array_free(&array);
}

static void reads_lines(void **state) {
  (void)state;
  const uint8_t values[] = {1, 20, 255};
  expect_bytes("a\n1\n20\n255\n", a, values, 3);
  expect_bytes("a\r\n1\r\n20\r\n255", a, values, 3);
  expect_bytes("\xef\xbb\xbf"
               "a\n\n1\n\n\n20\n255\n\n",
               a, values, 3);
  expect_bytes(" a , b\n 1 ,x\n20\t,y\n +255,z\n", a, values, 3);
  expect_bytes("\"a\",\"b\"\n\"1\",\"x,y\"\n\"20\" ,\"\"\"\"\n255,\"two\nlines\"\n", a, values, 3);
  expect_bytes("b,a\nx,1\nx,20\nx,255\n", a, values, 3);
}

static void reads_numbers(void **state) {
  (void)state;
  const char *const columns[] = {"y", "x"};
  NcrtReading reading = {.reader = "csv", .columns = {2, columns}, .separator = ';'};
  reading.dtype = NCRT_F32;
  assert_true(read_text(&reading, "x;n;y\n1.5;t;-2e3\n.5;t;7.\n"));
  const float floats[] = {-2000, 1.5f, 7, 0.5f};
  assert_int_equal(array.header.rank, 2);
  assert_int_equal(array.header.dims[0], 2);
  assert_int_equal(array.header.dims[1], 2);
  assert_memory_equal(array.data, floats, sizeof floats);
  ncrt_array_free(&array);
  reading.dtype = NCRT_I64;
  assert_true(read_text(&reading, "x;y\n-9223372036854775808;9223372036854775807\n"));
  const int64_t integers[] = {INT64_MAX, INT64_MIN};
  assert_memory_equal(array.data, integers, sizeof integers);
  ncrt_array_free(&array);
  // Rounded once: by way of a double it would be 16777216.
  reading.dtype = NCRT_F32;
  assert_true(read_text(&reading, "x;y\n16777217.0000000001;1e-50\n"));
  assert_true(((const float *)array.data)[1] == 16777218);
  assert_true(((const float *)array.data)[0] == 0);
  ncrt_array_free(&array);
}

// Classes are numbered in the order of their names' bytes, wherever they stand.
static void reads_names(void **state) {
  (void)state;
  const char *const sorted[] = {"Zebra", "ant", "bee", "\xc3\xa4rger"};
  const int32_t numbers[] = {2, 1, 3, 0, 2, 1};
  NcrtReading reading = one(a, NCRT_I32);
  assert_true(read_text(&reading, "a\nbee\nant\n\xc3\xa4rger\nZebra\n\"bee\"\n ant \n"));
  assert_int_equal(array.classes.count, 4);
  for (int i = 0; i < 4; i++)
    assert_string_equal(array.classes.items[i], sorted[i]);
  assert_memory_equal(array.data, numbers, sizeof numbers);
  ncrt_array_free(&array);
}

static void reads_listed_names(void **state) {
  (void)state;
  const char *const listed[] = {"no", "yes", "7"};
  const uint8_t numbers[] = {1, 0, 2};
  NcrtReading reading = one(a, NCRT_U8);
  reading.classes = (NcrtStrings){3, listed};
  assert_true(read_text(&reading, "a\nyes\nno\n7\n"));
  assert_memory_equal(array.data, numbers, sizeof numbers);
  ncrt_array_free(&array);
  assert_bad(read_text(&reading, "a\nyes\nmaybe\n"),
             "line 3, column 'a': 'maybe' is none of the classes listed: no, yes, 7");
  reading.dtype = NCRT_BOOL;
  assert_bad(read_text(&reading, "a\nyes\n"), "3 classes, which bool cannot number");
  reading.dtype = NCRT_F32;
  assert_bad(read_text(&reading, "a\nyes\n"), "3 classes, which f32 cannot number");
}

static void expect_bad(NcrtDtype dtype, const char *text, const char *part) {
  NcrtReading reading = one(a, dtype);
  assert_bad(read_text(&reading, text), part);
  assert_null(array.owned);
}

static void refuses_values(void **state) {
  (void)state;
  expect_bad(NCRT_U8, "a\n256\n", "line 2, column 'a': '256' does not fit u8");
  expect_bad(NCRT_U8, "a\n-1\n", "does not fit u8");
  expect_bad(NCRT_BOOL, "a\n2\n", "is no bool");
  expect_bad(NCRT_I32, "a\n2147483648\n", "does not fit i32");
  expect_bad(NCRT_I64, "a\n9223372036854775808\n", "does not fit i64");
  expect_bad(NCRT_I64, "a\n\n3\n1.0\n", "line 4, column 'a': '1.0' is no whole number");
  expect_bad(NCRT_F32, "a\n1e39\n", "too large for f32");
  expect_bad(NCRT_F64, "a\n1e999\n", "too large for f64");
  expect_bad(NCRT_F32, "a\nnan\n", "'nan' is not a number");
  expect_bad(NCRT_F32, "a\n1e\n", "'1e' is not a number");
  expect_bad(NCRT_F32, "a\n0x10\n", "'0x10' is not a number");
  expect_bad(NCRT_F32, "a\n.\n", "'.' is not a number");
  expect_bad(NCRT_F32, "a,b\n1,2\n,3\n", "line 3, column 'a': the field is empty");
  expect_bad(NCRT_F32, "a\nsetosa\n", "'setosa' is not a number");
  expect_bad(NCRT_U8, "a\n1\nsetosa\n", "line 3, column 'a': 'setosa' is not a number");
  expect_bad(NCRT_U8, "a\nsetosa\n1\n", "line 3, column 'a': '1' is a number where names stand");
  expect_bad(NCRT_U8, "a\n1\n\"two\nlines\"\n", "line 3, column 'a': 'two?lines' is not");
}

static void refuses_text(void **state) {
  (void)state;
  expect_bad(NCRT_U8, "", "is empty");
  expect_bad(NCRT_U8, "\n\n", "is empty");
  expect_bad(NCRT_U8, "a\n", "holds no samples");
  expect_bad(NCRT_U8, "b\n1\n", "line 1 names no column 'a'");
  expect_bad(NCRT_U8, "a,b,a\n1,2,3\n", "names two columns 'a'");
  expect_bad(NCRT_U8, "a,b\n1,2\n3\n", "line 3: 1 fields, but line 1 names 2 columns");
  expect_bad(NCRT_U8, "a,b\n1,2,3\n", "line 2: 3 fields, but");
  expect_bad(NCRT_U8, "a\n\"1\n2\n", "line 2: a quote that is never closed");
  expect_bad(NCRT_U8, "a\n1\"\n", "line 2: a quote inside of a field");
  expect_bad(NCRT_U8, "a\n\"1\"2\n", "line 2: more text follows the quote");
  expect_bad(NCRT_U8, "a\n1\r2\n", "line 2: a carriage return without a line feed");
  expect_bad(NCRT_U8, "a\n1\n\xff\n", "line 3: offset 4: byte 0xff is not UTF-8");
  expect_bad(NCRT_U8, "a\n\xed\xa0\x80\n", "line 2: offset 2: byte 0xed is not UTF-8");
  expect_bad(NCRT_U8, "a\n\xf4\x90\x80\x80\n", "not UTF-8");
  expect_bad(NCRT_U8, "a\n\xc3", "not UTF-8");
  expect_bad(NCRT_U8, "\x1f\x8b\x08", "compressed by gzip");
  NcrtReading reading = one(a, NCRT_U8);
  assert_bad(ncrt_csv_read_bytes(&reading, "t.csv", (const uint8_t *)"a\n1\0", 4, &array, &status),
             "line 2: offset 3: a byte 0");
}

static void counts_classes(void **state) {
  (void)state;
  static char text[600000];
  size_t used = (size_t)sprintf(text, "a\n");
  for (int i = 0; i < 256; i++)
    used += (size_t)sprintf(text + used, "x%d\n", i);
  NcrtReading reading = one(a, NCRT_U8);
  assert_true(read_text(&reading, text));
  assert_int_equal(array.classes.count, 256);
  ncrt_array_free(&array);
  strcpy(text + used, "x256\n");
  assert_bad(read_text(&reading, text), "one name more than the input's type can count");
  for (int i = 256; i < NCRT_CSV_MAX_CLASSES; i++)
    used += (size_t)sprintf(text + used, "x%d\n", i);
  reading.dtype = NCRT_I32;
  assert_true(read_text(&reading, text));
  ncrt_array_free(&array);
  strcpy(text + used, "y\n");
  assert_bad(read_text(&reading, text), "65537th name");
}

static void gives_names(void **state) {
  (void)state;
  NcrtNames names;
  NcrtReading reading = one(b, NCRT_U8);
  const char *text = "a, b ,\"c,d\"\n1,2,3\n";
  assert_true(ncrt_csv_names_bytes(&reading, "t.csv", (const uint8_t *)text, strlen(text), &names,
                                   &status));
  assert_int_equal(names.count, 3);
  assert_int_equal(ncrt_names_find(&names, "b"), 1);
  assert_int_equal(ncrt_names_find(&names, "c,d"), 2);
  ncrt_names_free(&names);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_lines),    cmocka_unit_test(reads_numbers),
      cmocka_unit_test(reads_names),    cmocka_unit_test(reads_listed_names),
      cmocka_unit_test(refuses_values), cmocka_unit_test(refuses_text),
      cmocka_unit_test(counts_classes), cmocka_unit_test(gives_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
