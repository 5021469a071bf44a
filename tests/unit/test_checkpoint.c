// Checkpoints: what is written comes back, the bytes are fixed, and files that are wrong are
// refused.
#include "checkpoint.h"
#include "line_program.h"
#include "temporary.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>

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

static void assert_message(const char *part) {
  if (strstr(status.message, part) == NULL)
    fail_msg("'%s' does not contain '%s'", status.message, part);
}

// A file of a header and `data_size` bytes that count from 0.
static size_t make_file(uint8_t *bytes, const char *header, size_t data_size) {
  size_t length = strlen(header);
  memset(bytes, 0, 8);
  bytes[0] = (uint8_t)length, bytes[1] = (uint8_t)(length >> 8);
  memcpy(bytes + 8, header, length);
  for (size_t i = 0; i < data_size; i++)
    bytes[8 + length + i] = (uint8_t)i;
  return 8 + length + data_size;
}

static void expect_bad_bytes(const uint8_t *bytes, size_t size, const char *part) {
  NcrtSafetensors file;
  status = (NcrtStatus){0};
  assert_false(ncrt_safetensors_read_bytes("bad", bytes, size, &file, &status));
  assert_int_equal(status.code, NCRT_BAD_INPUT);
  assert_message("bad: offset ");
  assert_message(part);
}

static void expect_bad(const char *header, size_t data_size, const char *part) {
  uint8_t bytes[4000];
  expect_bad_bytes(bytes, make_file(bytes, header, data_size), part);
}

static void reads(void **state) {
  (void)state;
  uint8_t bytes[1000];
  size_t size = make_file(bytes,
                          "{\"b\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[3,11]},"
                          "\"__metadata__\":{\"format\":\"pt\",\"k\":\"\\u00e9\"},"
                          "\"a\":{\"shape\":[3],\"dtype\":\"U8\",\"data_offsets\":[0,3]},"
                          "\"none\":{\"shape\":[0,5],\"dtype\":\"F64\",\"data_offsets\":[3,3]},"
                          "\"scalar\":{\"shape\":[],\"dtype\":\"I64\",\"data_offsets\":[11,19]}}  ",
                          19);
  NcrtSafetensors file;
  assert_true(ncrt_safetensors_read(temporary_write(&temporary, "f", bytes, size), &file, &status));
  assert_int_equal(file.tensor_count, 4);
  assert_string_equal(file.tensors[0].name, "a");
  assert_string_equal(file.tensors[1].name, "none");
  assert_string_equal(file.tensors[2].name, "b");
  const NcrtTensor *b = ncrt_safetensors_find(&file, "b");
  assert_int_equal(b->shape.dtype, NCRT_F32);
  assert_int_equal(b->shape.rank, 2);
  assert_int_equal(b->shape.dims[0], 2);
  assert_int_equal(*(const uint8_t *)b->data, 3);
  assert_null(ncrt_safetensors_find(&file, "c"));
  assert_string_equal(ncrt_safetensors_text(&file, "k"), "é");
  assert_null(ncrt_safetensors_text(&file, "b"));
  ncrt_safetensors_free(&file);
  // The smallest file there is.
  assert_true(ncrt_safetensors_read_bytes("f", bytes, make_file(bytes, "{}", 0), &file, &status));
  assert_int_equal(file.tensor_count, 0);
  ncrt_safetensors_free(&file);
}

static void refuses_frames(void **state) {
  (void)state;
  uint8_t bytes[100];
  size_t size = make_file(bytes, "{}", 0);
  for (size_t cut = 0; cut < size; cut++)
    expect_bad_bytes(bytes, cut, "truncated");
  memset(bytes, 0xff, 8);
  expect_bad_bytes(
      bytes, size,
      "offset 0: not a safetensors file: its header would have 18446744073709551615 bytes");
  expect_bad("", 0, "offset 8: not a safetensors file");
  expect_bad("[]", 0, "must begin with '{'");
  expect_bad(" {}", 0, "must begin with '{'");
  expect_bad("{", 0, "offset 9: the header is not valid JSON");
  expect_bad("{} x", 0, "not valid JSON");
  expect_bad("{\"a\":{\"b\":[[1]]}}", 0, "offset 19: the header nests deeper than 3");
  expect_bad("{\"\xff\":1}", 0, "not valid JSON");
  expect_bad("{}", 1, "offset 10: 1 bytes follow the last tensor's data");
}

static void refuses_tensors(void **state) {
  (void)state;
  expect_bad("{\"a\":1}", 0, "offset 10: a: a tensor has dtype");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1,
             "a tensor has dtype, shape and data_offsets");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":1}}", 1,
             "and nothing else");
  expect_bad("{\"a\":{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
             "dtype must be a string");
  expect_bad("{\"a\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[0,2]}}", 2,
             "its dtype cannot be read");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":1,\"data_offsets\":[0,1]}}", 1,
             "shape must be an array");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}", 1,
             "not a whole number");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}", 1,
             "not a whole number");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1,
             "8 dimensions");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,1]}}",
             1, "valid JSON");
  expect_bad("{\"a\":{\"dtype\":\"F64\",\"shape\":[2305843009213693952],\"data_offsets\":[0,0]}}",
             0, "span");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
             0, "span");
  expect_bad("{\"a\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[0,5]}}", 5,
             "span as many bytes");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", 1,
             "two whole numbers");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,\"1\"]}}", 1,
             "two whole numbers");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 1,
             "lie outside the file");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[-1,0]}}", 1,
             "lie outside the file");
  expect_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}", 1,
             "lie outside the file");
}

static void refuses_layouts(void **state) {
  (void)state;
#define U8(NAME, BEGIN, END, SIZE)                                                                 \
  "\"" NAME "\":{\"dtype\":\"U8\",\"shape\":[" SIZE "],\"data_offsets\":[" BEGIN "," END "]}"
  expect_bad("{" U8("a", "1", "2", "1") "}", 2, "offset 10: a: there is a hole before its data");
  expect_bad("{" U8("a", "0", "2", "2") "," U8("b", "1", "3", "2") "}", 3, "b: its data overlap");
  expect_bad("{" U8("a", "0", "2", "2") "," U8("b", "0", "2", "2") "}", 2, "b: its data overlap");
  expect_bad("{" U8("a", "0", "3", "3") "," U8("b", "1", "1", "0") "}", 3, "overlap");
  expect_bad("{" U8("a", "0", "1", "1") "," U8("a", "1", "2", "1") "}", 2, "duplicate");
  expect_bad("{" U8("a", "0", "1", "1") "}", 2, "1 bytes follow the last tensor's data");
  expect_bad("{\"__metadata__\":[]}", 0, "__metadata__: must be an object");
  expect_bad("{\"__metadata__\":{\"a\":1}}", 0, "a: metadata must be a string");
  expect_bad("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "duplicate");
  // Names are shown without what a terminal would obey.
  expect_bad("{\"\\u001b[2J\":1}", 0, "?[2J: a tensor has");
}

static NcrtSession *open_session(void) {
  NcrtSession *session;
  assert_true(ncrt_session_open(&line_program, 8, 5, &session, &status));
  assert_true(ncrt_session_initialize(session, NULL, &status));
  return session;
}

static const NcrtCheckpointInfo some_info = {.step = 12,
                                             .epoch = 3,
                                             .position = 4,
                                             .samples = 60,
                                             .seed = -5,
                                             .source = "loss = 1 # \"é\"\n",
                                             .source_name = "line.net",
                                             .data = "x: x.idx"};

static void writes_fixed_bytes(void **state) {
  (void)state;
  const char header[] =
      "{\"__metadata__\":{\"netc.data\":\"x: x.idx\",\"netc.epoch\":\"3\",\"netc.position\":\"4\","
      "\"netc.samples\":\"60\",\"netc.seed\":\"-5\",\"netc.source\":\"loss = 1 # \\\"é\\\"\\n\","
      "\"netc.source_name\":\"line.net\",\"netc.step\":\"12\",\"netc.version\":\"1\"},"
      "\"metric.count\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},"
      "\"metric.total\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[8,16]},"
      "\"metric.worst\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[16,24]},"
      "\"line.w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[24,28]},"
      "\"sgd.m.line.w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[28,32]}}";
  NcrtSession *session = open_session();
  const char *path = temporary_path(&temporary, "model.safetensors");
  assert_true(ncrt_checkpoint_save(path, session, &some_info, &status));
  NcrtFile file;
  assert_true(ncrt_file_map(path, &file, &status));
  size_t length = sizeof header - 1, padded = (length + 7) / 8 * 8;
  assert_int_equal(file.size, 8 + padded + 32);
  assert_int_equal(file.bytes[0] | file.bytes[1] << 8, padded);
  assert_memory_equal(file.bytes + 8, header, length);
  for (size_t i = length; i < padded; i++)
    assert_int_equal(file.bytes[8 + i], ' ');
  assert_memory_equal(file.bytes + 8 + padded + 24, ncrt_session_data(session, LINE_W), 4);
  ncrt_file_unmap(&file);
  assert_int_equal(temporary_count(&temporary), 1);
  ncrt_session_close(session);
}

static void comes_back(void **state) {
  (void)state;
  NcrtSession *session = open_session();
  *(float *)ncrt_session_data(session, LINE_W) = 1.5f;
  *(float *)ncrt_session_data(session, LINE_MOMENT) = 2.5f;
  *(int64_t *)ncrt_session_data(session, LINE_COUNT) = 17;
  const char *path = temporary_path(&temporary, "model.safetensors");
  assert_true(ncrt_checkpoint_save(path, session, &some_info, &status));
  ncrt_session_close(session);

  NcrtSafetensors file;
  NcrtCheckpointInfo info;
  session = open_session();
  assert_true(ncrt_safetensors_read(path, &file, &status));
  assert_true(ncrt_checkpoint_info(&file, &info, &status));
  assert_true(info.step == 12 && info.epoch == 3 && info.position == 4 && info.samples == 60 &&
              info.seed == -5);
  assert_string_equal(info.source, some_info.source);
  assert_string_equal(info.source_name, "line.net");
  assert_string_equal(info.data, "x: x.idx");
  assert_true(ncrt_checkpoint_load(&file, session, NCRT_LOAD_ALL, &status));
  assert_true(*(float *)ncrt_session_data(session, LINE_W) == 1.5f);
  assert_true(*(float *)ncrt_session_data(session, LINE_MOMENT) == 2.5f);
  assert_int_equal(*(int64_t *)ncrt_session_data(session, LINE_COUNT), 17);
  ncrt_safetensors_free(&file);
  ncrt_session_close(session);
}

static void load(const char *header, NcrtLoad what, const char *part) {
  uint8_t bytes[1000];
  size_t size = make_file(bytes, header, 8);
  NcrtSafetensors file;
  NcrtSession *session = open_session();
  assert_true(ncrt_safetensors_read_bytes("file", bytes, size, &file, &status));
  if (part == NULL) {
    assert_true(ncrt_checkpoint_load(&file, session, what, &status));
    assert_memory_equal(ncrt_session_data(session, LINE_W), "\0\1\2\3", 4);
  } else {
    assert_false(ncrt_checkpoint_load(&file, session, what, &status));
    assert_int_equal(status.code, NCRT_BAD_INPUT);
    assert_message(part);
    assert_true(*(float *)ncrt_session_data(session, LINE_W) == 5);
  }
  ncrt_safetensors_free(&file);
  ncrt_session_close(session);
}

static void loads_what_fits(void **state) {
  (void)state;
  load("{\"line.w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
       "\"more\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
       NCRT_LOAD_PARAMS, NULL);
  load("{\"line.w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", NCRT_LOAD_PARAMS,
       "file: line.w is f32[2], but the program's is f32[1]");
  load("{\"line.w\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[0,4]},"
       "\"more\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
       NCRT_LOAD_PARAMS, "file: line.w is i32[1], but");
  load("{\"sgd.m.line.w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
       "\"more\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
       NCRT_LOAD_PARAMS, "file: holds no tensor line.w");
  load("{\"line.w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
       "\"sgd.m.line.w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[4,8]}}",
       NCRT_LOAD_PARAMS, "file: sgd.m.line.w is f32[]");
  load("{\"line.w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
       "\"more\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
       NCRT_LOAD_ALL, "file: holds no tensor sgd.m.line.w");
}

static void read_info(const char *metadata, const char *part) {
  uint8_t bytes[1000];
  char header[900];
  snprintf(header, sizeof header, "{\"__metadata__\":{%s}}", metadata);
  NcrtSafetensors file;
  NcrtCheckpointInfo info;
  assert_true(
      ncrt_safetensors_read_bytes("file", bytes, make_file(bytes, header, 0), &file, &status));
  assert_false(ncrt_checkpoint_info(&file, &info, &status));
  assert_message(part);
  ncrt_safetensors_free(&file);
}

static void refuses_infos(void **state) {
  (void)state;
  read_info(
      "\"format\":\"pt\"",
      "the metadata have no netc.version, so it is no checkpoint of netc; netc train --init takes");
  read_info("\"netc.version\":\"2\"", "version 2; this netc reads up to 1, use a newer one");
  read_info("\"netc.version\":\"0\"", "netc.version in the metadata is not");
  read_info("\"netc.version\":\"1\"", "no netc.epoch");
  read_info("\"netc.version\":\"1\",\"netc.epoch\":\"\"", "netc.epoch in the metadata is not");
  read_info("\"netc.version\":\"1\",\"netc.epoch\":\" 1\"", "netc.epoch in the metadata is not");
  read_info("\"netc.version\":\"1\",\"netc.epoch\":\"-1\"", "netc.epoch in the metadata is not");
  read_info("\"netc.version\":\"1\",\"netc.epoch\":\"1x\"", "netc.epoch in the metadata is not");
  read_info("\"netc.version\":\"1\",\"netc.epoch\":\"99999999999999999999\"",
            "netc.epoch in the metadata is not");
#define NUMBERS                                                                                    \
  "\"netc.version\":\"1\",\"netc.epoch\":\"1\",\"netc.position\":\"1\",\"netc.samples\":\"1\","    \
  "\"netc.seed\":\"1\",\"netc.step\":\"1\""
  read_info(NUMBERS, "no netc.source,");
  read_info(NUMBERS ",\"netc.source\":\"\"", "no netc.source_name,");
  read_info(NUMBERS ",\"netc.batch\":\"0\"", "netc.batch in the metadata is not");
#define BEST NUMBERS ",\"netc.monitor\":\"-loss\",\"netc.best_epoch\":\"1\""
  read_info(BEST ",\"netc.best\":\"\"", "netc.best in the metadata is not a number");
  read_info(BEST ",\"netc.best\":\"nan\"", "netc.best in the metadata is not a number");
  read_info(BEST ",\"netc.best\":\"1 \"", "netc.best in the metadata is not a number");
  read_info(BEST ",\"netc.best\":\"-0.5\"", "no netc.source,");
  read_info("\"netc.version\":\"1\",\"netc.epoch\":\"9223372036854775807\"",
            "netc.epoch in the metadata is not");
  read_info(NUMBERS ",\"netc.source\":\"\",\"netc.source_name\":\"../a\"",
            "is not the name of a file");
  read_info(NUMBERS ",\"netc.source\":\"\",\"netc.source_name\":\"\\u001b\"",
            "is not the name of a file");
}

// What a process left that was killed as it wrote is taken over, whatever is in it.
static void takes_over_what_was_left(void **state) {
  (void)state;
  static const char text[] = "whole";
  const NcrtPart part = {text, sizeof text};
  char path[400], left[40], long_rest[1000] = "";
  snprintf(path, sizeof path, "%s", temporary_path(&temporary, "file"));
  snprintf(left, sizeof left, "file%s", NCRT_FILE_UNFINISHED);
  temporary_write(&temporary, left, long_rest, sizeof long_rest);
  assert_true(ncrt_file_replace(path, &part, 1, &status));
  assert_int_equal(temporary_count(&temporary), 1);
  NcrtFile file;
  assert_true(ncrt_file_map(path, &file, &status));
  assert_int_equal(file.size, sizeof text);
  assert_memory_equal(file.bytes, text, sizeof text);
  ncrt_file_unmap(&file);
  // A link there is not followed.
  assert_int_equal(symlink("file", temporary_path(&temporary, left)), 0);
  assert_false(ncrt_file_replace(path, &part, 1, &status));
  assert_message("file: cannot create it: Too many levels of symbolic links");
}

// Each of several threads writes its own letter, many times, to the same path.
static void *write_letters(void *letter) {
  char path[400];
  static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&mutex);
  snprintf(path, sizeof path, "%s", temporary_path(&temporary, "shared"));
  pthread_mutex_unlock(&mutex);
  char text[5000];
  memset(text, *(const char *)letter, sizeof text);
  const NcrtPart part = {text, sizeof text};
  NcrtStatus own = {0};
  for (int i = 0; i < 50; i++)
    if (!ncrt_file_replace(path, &part, 1, &own))
      return letter;
  return NULL;
}

static void writers_take_turns(void **state) {
  (void)state;
  pthread_t threads[4];
  static char letters[] = "abcd";
  for (int i = 0; i < 4; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, write_letters, &letters[i]), 0);
  for (int i = 0; i < 4; i++) {
    void *failed;
    pthread_join(threads[i], &failed);
    assert_null(failed);
  }
  assert_int_equal(temporary_count(&temporary), 1);
  NcrtFile file;
  assert_true(ncrt_file_map(temporary_path(&temporary, "shared"), &file, &status));
  assert_int_equal(file.size, 5000);
  for (size_t i = 0; i < file.size; i++)
    assert_int_equal(file.bytes[i], file.bytes[0]);
  ncrt_file_unmap(&file);
}

// A device or a pipe would become a file.
static void replaces_files_alone(void **state) {
  (void)state;
  const NcrtPart part = {"x", 1};
  char path[400];
  snprintf(path, sizeof path, "%s", temporary_path(&temporary, "pipe"));
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_false(ncrt_file_replace(path, &part, 1, &status));
  assert_message("is not a regular file, so it cannot be replaced");
  assert_int_equal(status.code, NCRT_BAD_INPUT);
  assert_int_equal(temporary_count(&temporary), 1);
}

static void keeps_the_old_file(void **state) {
  (void)state;
  NcrtSession *session = open_session();
  NcrtCheckpointInfo info = some_info;
  char path[400];
  snprintf(path, sizeof path, "%s", temporary_path(&temporary, "model.safetensors"));
  assert_true(ncrt_checkpoint_save(path, session, &info, &status));
  // What cannot be written leaves the file as it was, and nothing beside it.
  info.source = "\xff";
  assert_false(ncrt_checkpoint_save(path, session, &info, &status));
  assert_message("netc.source cannot be written to a checkpoint: it is not UTF-8");
  NcrtSafetensors file;
  assert_true(ncrt_safetensors_read(path, &file, &status));
  assert_string_equal(ncrt_safetensors_text(&file, "netc.source"), some_info.source);
  ncrt_safetensors_free(&file);
  assert_int_equal(temporary_count(&temporary), 1);
  info.source = NULL;
  assert_false(
      ncrt_checkpoint_save(temporary_path(&temporary, "no/model"), session, &info, &status));
  assert_message("cannot create it in the folder ");
  mkdir(temporary_path(&temporary, "folder"), 0700);
  assert_false(ncrt_checkpoint_save(temporary.path, session, &info, &status));
  assert_message("is a folder; name a file in it");
  assert_int_equal(temporary_count(&temporary), 2);
  ncrt_session_close(session);
}

// A disk that is full, played by a limit on the size of files.
static void survives_a_full_disk(void **state) {
  (void)state;
  NcrtSession *session = open_session();
  char path[400];
  snprintf(path, sizeof path, "%s", temporary_path(&temporary, "model.safetensors"));
  assert_true(ncrt_checkpoint_save(path, session, &some_info, &status));
  struct rlimit before, small;
  getrlimit(RLIMIT_FSIZE, &before);
  small = before;
  small.rlim_cur = 300;
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  bool saved = ncrt_checkpoint_save(path, session, &some_info, &status);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  assert_false(saved);
  assert_int_equal(status.code, NCRT_MACHINE_FAILED);
  assert_message("cannot write it: File too large");
  NcrtSafetensors file;
  assert_true(ncrt_safetensors_read(path, &file, &status));
  ncrt_safetensors_free(&file);
  assert_int_equal(temporary_count(&temporary), 1);
  ncrt_session_close(session);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(reads, set_up, tear_down),
      cmocka_unit_test(refuses_frames),
      cmocka_unit_test(refuses_tensors),
      cmocka_unit_test(refuses_layouts),
      cmocka_unit_test_setup_teardown(writes_fixed_bytes, set_up, tear_down),
      cmocka_unit_test_setup_teardown(comes_back, set_up, tear_down),
      cmocka_unit_test(loads_what_fits),
      cmocka_unit_test(refuses_infos),
      cmocka_unit_test_setup_teardown(takes_over_what_was_left, set_up, tear_down),
      cmocka_unit_test_setup_teardown(writers_take_turns, set_up, tear_down),
      cmocka_unit_test_setup_teardown(replaces_files_alone, set_up, tear_down),
      cmocka_unit_test_setup_teardown(keeps_the_old_file, set_up, tear_down),
      cmocka_unit_test_setup_teardown(survives_a_full_disk, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
