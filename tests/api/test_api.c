// The library as a program that embeds it uses it: netc.h alone.
#include "netc.h"

#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/temporary.h"

// y = w x + b; the state of momentum; a metric.
static const char line[] = "input x: f32[N, 2]\n"
                           "input y: f32[N]\n"
                           "const rate = 0.1\n"
                           "param w: f32[2] = normal(0, 1)\n"
                           "param b: f32[] = 0.5\n"
                           "hidden = dropout(x, 0.5)\n"
                           "guess = sum(hidden * w, axis = 1) + b\n"
                           "output prediction = guess\n"
                           "loss = mean((guess - y) * (guess - y))\n"
                           "metric near = mean(abs(guess - y))\n"
                           "train { minimize = loss optimizer = sgd(lr = rate, momentum = 0.9) }\n";

// Pictures of tests/data in a dense network.
static const char dense[] =
    "input image: u8[N, 28, 28]\n"
    "input label: u8[N] in 0..10\n"
    "param w1: f32[784, 16] = xavier\n"
    "param b1: f32[16] = zeros\n"
    "param w2: f32[16, 10] = xavier\n"
    "hidden = relu(flatten(f32(image) / 255) @ w1 + b1)\n"
    "logits = hidden @ w2\n"
    "output probabilities = softmax(logits)\n"
    "loss = mean(softmax_cross_entropy(logits, one_hot(label, 10)))\n"
    "metric accuracy = mean(argmax(logits) == label)\n"
    "dataset some { image = idx(\"train-images-idx3-ubyte\") label = "
    "idx(\"train-labels-idx1-ubyte\") }\n"
    "train { minimize = loss optimizer = adam(lr = 1e-2) data = some batch = 100 epochs = 1 }\n";

// As many samples as dense has.
static const char other_samples[] = "input label: u8[N]\n"
                                    "param w: f32[] = zeros\n"
                                    "loss = mean((f32(label) - w)^2)\n"
                                    "dataset labels { label = idx(\"train-labels-idx1-ubyte\") }\n"
                                    "train { minimize = loss optimizer = sgd data = labels }\n";

static NetcStatus status;

static NetcProgram *open_text(const char *text) {
  NetcProgram *program = NULL;
  NetcOptions options = {.data = NETC_TEST_DATA};
  if (!netc_open_text("test.net", text, &options, &program, &status))
    fail_msg("%s", status.message);
  return program;
}

static NetcSession *open_session(NetcProgram *program, int64_t seed) {
  NetcSession *session = NULL;
  NetcSessionOptions options = {.seed = seed, .threads = 1};
  if (!netc_session_open(program, &options, &session, &status))
    fail_msg("%s", status.message);
  return session;
}

static void run(NetcSession *session, const NetcRun *what, NetcTensor *results) {
  if (!netc_run(session, what, results, &status))
    fail_msg("%s", status.message);
}

// says(CALL, TEXT): it fails, and says that.
#define says(call, text)                                                                           \
  do {                                                                                             \
    memset(&status, 0, sizeof status);                                                             \
    assert_false(call);                                                                            \
    if (status.code != NETC_BAD_INPUT || strstr(status.message, text) == NULL)                     \
      fail_msg("%d: '%s', not '%s'", status.code, status.message, text);                           \
  } while (0)

static NetcTensor floats(int rank, int64_t d0, int64_t d1, const float *data) {
  return (NetcTensor){.dtype = NETC_F32, .rank = rank, .dims = {d0, d1}, .data = data};
}

static const float xs[] = {1, 2, 3, 4, 5, 6, 7, 8}, ys[] = {1, 2, 3, 4};

// Feeds of `count` samples, 4 at most.
static NetcRun line_run(NetcMode mode, int64_t count, NetcFeed feeds[2], const char *const *fetch,
                        int fetch_count) {
  feeds[0] = (NetcFeed){"x", floats(2, count, 2, xs)};
  feeds[1] = (NetcFeed){"y", floats(1, count, 0, ys)};
  return (NetcRun){mode, fetch, fetch_count, feeds, 2, NULL};
}

static float number(const NetcTensor *tensor) { return *(const float *)tensor->data; }

static float variable(const NetcSession *session, const char *path, int index) {
  NetcTensor value;
  assert_true(netc_get(session, path, &value, &status));
  return ((const float *)value.data)[index];
}

static void a_program_tells_what_it_has(void **state) {
  (void)state;
  NetcProgram *program = open_text(line);
  const char *name;
  NetcTensor type;
  NetcKind kind;
  assert_true(netc_input(program, 0, &name, &type));
  assert_string_equal(name, "x");
  assert_int_equal(type.rank, 2);
  assert_int_equal(type.dims[0], -1);
  assert_int_equal(type.dims[1], 2);
  assert_false(netc_input(program, 2, &name, &type));
  assert_true(netc_variable(program, 0, &name, &kind, &type));
  assert_string_equal(name, "w");
  assert_int_equal(kind, NETC_PARAM);
  assert_false(netc_variable(program, -1, &name, &kind, &type));
  assert_false(netc_variable(program, 1000, &name, &kind, &type));
  assert_null(netc_dataset(program, 0));
  assert_string_equal(netc_warnings(program), "");
  netc_close(program);
  program = open_text(dense);
  assert_string_equal(netc_dataset(program, 0), "some");
  netc_close(program);
}

static void a_session_feeds_any_batch_and_fetches_any_node(void **state) {
  (void)state;
  NetcProgram *program = open_text(line);
  NetcSession *session = open_session(program, 1);
  const char *const fetch[] = {"guess", "grad(loss, b)", "w * 2"};
  NetcTensor results[3];
  NetcFeed feeds[2];
  for (int64_t count = 1; count <= 4; count++) {
    NetcRun what = line_run(NETC_EVALUATE, count, feeds, fetch, 3);
    run(session, &what, results);
    assert_int_equal(results[0].rank, 1);
    assert_int_equal(results[0].dims[0], count);
    float w0 = variable(session, "w", 0), w1 = variable(session, "w", 1), slope = 0;
    for (int64_t i = 0; i < count; i++) {
      float guess = ((const float *)results[0].data)[i];
      assert_true(fabsf(guess - (xs[2 * i] * w0 + xs[2 * i + 1] * w1 + 0.5f)) < 1e-4f);
      slope += 2 * (guess - ys[i]) / (float)count;
    }
    assert_true(fabsf(number(&results[1]) - slope) < 1e-3f * fabsf(slope) + 1e-4f);
    assert_true(((const float *)results[2].data)[1] == 2 * w1);
  }
  // What needs no label is not fed one, and what needs no input nothing.
  NetcRun what = {NETC_EVALUATE, fetch, 1, feeds, 1, NULL};
  run(session, &what, results);
  const char *const alone[] = {"b + 1"};
  what = (NetcRun){NETC_EVALUATE, alone, 1, NULL, 0, NULL};
  run(session, &what, results);
  assert_true(number(results) == 1.5f);
  netc_session_close(session);
  netc_close(program);
}

// A page that ends where the bytes do, and none behind it.
static void *before_a_gap(const void *bytes, size_t size, char **pages) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  *pages = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_true(*pages != MAP_FAILED && size <= page);
  void *at = memcpy(*pages + page - size, bytes, size);
  assert_int_equal(mprotect(*pages, page, PROT_READ), 0);
  assert_int_equal(mprotect(*pages + page, page, PROT_NONE), 0);
  return at;
}

// Aligned values are read where they are: they, and nothing behind them; others give the same.
static void values_of_any_alignment_give_the_same(void **state) {
  (void)state;
  NetcProgram *program = open_text("input x: f32[N, 11, 3]\n"
                                   "input label: u8[N]\n"
                                   "param k: f32[3, 3, 7] = xavier\n"
                                   "param w: f32[77, 5] = xavier\n"
                                   "c = relu(conv(x, k))\n"
                                   "output y = flatten(c) @ w\n"
                                   "loss = mean((sum(y, axis = 1) - f32(label))^2)\n"
                                   "train { minimize = loss optimizer = sgd }\n");
  enum { COUNT = 16, X = COUNT * 33 };
  static const char *const fetch[] = {"y", "x", "grad(loss, k)"};
  _Alignas(64) float x[X + 1];
  _Alignas(64) uint8_t label[64];
  for (int i = 0; i < X; i++)
    x[i] = (float)(i % 13 - 6) / 7;
  for (int i = 0; i < 64; i++)
    label[i] = (uint8_t)(i % 5);
  char *pages[2];
  const float *exact = before_a_gap(x, X * sizeof *x, &pages[0]);
  const uint8_t *labels = before_a_gap(label, 64, &pages[1]);
  assert_int_equal((uintptr_t)exact % 64, 0);
  NetcTensor results[2][3];
  NetcSession *sessions[2];
  memmove(x + 1, x, X * sizeof *x);
  memmove(label + 3, label, COUNT);
  for (int i = 0; i < 2; i++) {
    sessions[i] = open_session(program, 5);
    NetcFeed feeds[] = {{"x", {NETC_F32, 3, {COUNT, 11, 3}, i ? x + 1 : exact}},
                        {"label", {NETC_U8, 1, {COUNT}, i ? label + 3 : labels}}};
    NetcRun what = {.fetch = fetch, .fetch_count = 3, .feeds = feeds, .feed_count = 2};
    run(sessions[i], &what, results[i]);
  }
  assert_true(results[0][1].data != exact);
  for (int i = 0; i < 3; i++)
    assert_memory_equal(results[0][i].data, results[1][i].data,
                        (size_t)netc_elements(&results[0][i]) * sizeof(float));
  for (int i = 0; i < 2; i++) {
    netc_session_close(sessions[i]);
    munmap(pages[i], 2 * (size_t)sysconf(_SC_PAGESIZE));
  }
  netc_close(program);
}

static void training_mode_is_another_one(void **state) {
  (void)state;
  NetcProgram *program = open_text(line);
  NetcSession *session = open_session(program, 3);
  const char *const fetch[] = {"hidden"};
  NetcTensor result;
  NetcFeed feeds[2];
  NetcRun what = line_run(NETC_EVALUATE, 4, feeds, fetch, 1);
  run(session, &what, &result);
  assert_memory_equal(result.data, xs, sizeof xs);
  what.mode = NETC_TRAINING;
  run(session, &what, &result);
  int dropped = 0;
  for (int i = 0; i < 8; i++) {
    float value = ((const float *)result.data)[i];
    assert_true(value == 0 || value == 2 * xs[i]);
    dropped += value == 0;
  }
  assert_in_range(dropped, 1, 7);
  assert_int_equal(netc_steps(session), 0);
  netc_session_close(session);
  netc_close(program);
}

// A step changes what it should, once, and gives the values from before.
static void a_step_gives_the_values_before_it(void **state) {
  (void)state;
  NetcProgram *program = open_text(line);
  NetcSession *session = open_session(program, 1);
  const char *const fetch[] = {"loss", "b", "grad(loss, b)", "sgd.velocity(b)"};
  NetcTensor results[4];
  NetcFeed feeds[2];
  NetcRun step = line_run(NETC_STEP, 4, feeds, fetch, 3);
  run(session, &step, results);
  float slope = number(&results[2]);
  assert_true(number(&results[1]) == 0.5f);
  assert_true(fabsf(variable(session, "b", 0) - (0.5f - 0.1f * slope)) < 1e-4f);
  assert_int_equal(netc_steps(session), 1);
  // The same step with nothing fetched is other code on the same variables.
  NetcSession *other = open_session(program, 1);
  step.fetch_count = 0;
  run(other, &step, NULL);
  assert_true(variable(other, "b", 0) == variable(session, "b", 0));
  assert_true(variable(other, "w", 1) == variable(session, "w", 1));
  run(other, &step, NULL);
  assert_int_equal(netc_steps(other), 2);
  assert_true(variable(other, "b", 0) != variable(session, "b", 0));
  netc_session_close(other);
  netc_session_close(session);
  netc_close(program);
}

static void metrics_are_read_before_and_after(void **state) {
  (void)state;
  NetcProgram *program = open_text(line);
  NetcSession *session = open_session(program, 1);
  const char *const fetch[] = {"abs(guess - y)"};
  NetcTensor result;
  NetcFeed feeds[2];
  double before, after;
  assert_true(netc_metric(session, "near", false, &before, &status));
  assert_true(isnan(before) && !signbit(before));
  NetcRun count = line_run(NETC_COUNT, 3, feeds, fetch, 1);
  run(session, &count, &result);
  const float *near = result.data;
  double sum = (double)near[0] + (double)near[1] + (double)near[2];
  assert_true(netc_metric(session, "near", false, &before, &status));
  assert_true(fabs(before - sum / 3) < 1e-5 * sum);
  count = line_run(NETC_COUNT, 1, feeds, NULL, 0);
  run(session, &count, NULL);
  assert_true(netc_metric(session, "near", false, &after, &status));
  assert_true(fabs(after - (sum + (double)near[0]) / 4) < 1e-5 * sum);
  // Params and metrics begin anew apart from each other.
  assert_true(netc_initialize(session, &status));
  assert_true(netc_metric(session, "near", false, &before, &status));
  assert_true(before == after);
  float b = 7;
  NetcTensor seven = floats(0, 0, 0, &b);
  assert_true(netc_set(session, "b", &seven, &status));
  assert_true(netc_reset_metrics(session, &status));
  assert_true(netc_metric(session, "near", false, &before, &status));
  assert_true(isnan(before) && !signbit(before));
  assert_true(variable(session, "b", 0) == 7);
  assert_true(netc_initialize(session, &status));
  assert_true(variable(session, "b", 0) == 0.5f);
  netc_session_close(session);
  netc_close(program);
}

static void seeds_and_sessions_are_independent(void **state) {
  (void)state;
  NetcProgram *program = open_text(line);
  NetcSession *a = open_session(program, 1), *b = open_session(program, 2),
              *c = open_session(program, 1);
  assert_true(variable(a, "w", 0) == variable(c, "w", 0));
  assert_true(variable(a, "w", 0) != variable(b, "w", 0));
  float ones[2] = {1, 1};
  NetcTensor value = floats(1, 2, 0, ones);
  float kept = variable(c, "w", 0);
  assert_true(netc_set(a, "w", &value, &status));
  assert_true(variable(a, "w", 1) == 1 && variable(c, "w", 0) == kept);
  netc_session_close(b);
  netc_session_close(a);
  netc_session_close(c);
  netc_close(program);
}

static void settings_are_kept_for_what_is_fetched(void **state) {
  (void)state;
  const char *const set[] = {"rate=0"};
  NetcOptions options = {.set = set, .set_count = 1};
  NetcProgram *program;
  assert_true(netc_open_text("test.net", line, &options, &program, &status));
  NetcSession *session = open_session(program, 1);
  const char *const fetch[] = {"loss"};
  NetcTensor result;
  NetcFeed feeds[2];
  NetcRun step = line_run(NETC_STEP, 4, feeds, fetch, 1);
  run(session, &step, &result);
  assert_true(variable(session, "b", 0) == 0.5f);
  netc_session_close(session);
  netc_close(program);
}

static void a_wrong_loss_changes_nothing(void **state) {
  (void)state;
  NetcProgram *program = open_text(line);
  NetcSession *session = open_session(program, 1);
  float infinite = INFINITY;
  NetcTensor value = floats(0, 0, 0, &infinite);
  assert_true(netc_set(session, "b", &value, &status));
  float w = variable(session, "w", 0);
  NetcFeed feeds[2];
  NetcRun step = line_run(NETC_STEP, 4, feeds, NULL, 0);
  says(netc_run(session, &step, NULL, &status),
       "step 1: the loss is infinite; nothing was changed");
  assert_int_equal(netc_steps(session), 0);
  assert_true(variable(session, "w", 0) == w);
  netc_session_close(session);
  netc_close(program);
}

// ---- data sets and checkpoints

static NetcIterator *iterate(NetcSession *session, NetcIteratorOptions options) {
  NetcIterator *it = NULL;
  if (!netc_iterator_open(session, NULL, &options, &it, &status))
    fail_msg("%s", status.message);
  return it;
}

static void an_iterator_feeds_without_feeding(void **state) {
  (void)state;
  NetcProgram *program = open_text(dense);
  NetcSession *session = open_session(program, 1);
  NetcIterator *it = iterate(session, (NetcIteratorOptions){.batch = 768, .repeat = true});
  assert_int_equal(netc_samples(it), 2000);
  const char *const fetch[] = {"image", "label"};
  NetcTensor results[2];
  NetcRun look = {NETC_EVALUATE, fetch, 2, NULL, 0, it};
  says(netc_run(session, &look, results, &status), "netc_next");
  assert_int_equal(netc_next(it), 768);
  run(session, &look, results);
  assert_int_equal(results[0].dims[0], 768);
  assert_int_equal(results[0].dtype, NETC_U8);
  uint8_t first[10];
  memcpy(first, results[1].data, sizeof first);
  assert_int_equal(netc_next(it), 768);
  assert_int_equal(netc_next(it), 464);
  run(session, &look, results);
  assert_int_equal(results[1].dims[0], 464);
  assert_int_equal(netc_next(it), 0);
  assert_int_equal(netc_next(it), 768);
  run(session, &look, results);
  assert_memory_equal(results[1].data, first, sizeof first);
  netc_iterator_close(it);
  it = iterate(session, (NetcIteratorOptions){.batch = 768, .shuffle = true, .drop_last = true});
  assert_int_equal(netc_next(it), 768);
  look.data = it;
  run(session, &look, results);
  assert_memory_not_equal(results[1].data, first, sizeof first);
  assert_int_equal(netc_next(it), 768);
  assert_int_equal(netc_next(it), 0);
  assert_int_equal(netc_next(it), 0);
  // One input fed, the other of the iterator.
  it = iterate(session, (NetcIteratorOptions){.batch = 10});
  netc_next(it);
  NetcFeed feed = {"label", {.dtype = NETC_U8, .rank = 1, .dims = {10}, .data = first}};
  look = (NetcRun){NETC_EVALUATE, fetch, 2, &feed, 1, it};
  run(session, &look, results);
  feed.value.dims[0] = 9;
  says(netc_run(session, &look, results, &status), "must have the same");
  NetcSession *other = open_session(program, 1);
  look.feed_count = 0;
  says(netc_run(other, &look, results, &status), "the iterator is another session's");
  netc_session_close(other);
  netc_session_close(session);
  netc_close(program);
}

static void an_iterator_goes_through_arrays(void **state) {
  (void)state;
  NetcProgram *program = open_text(line);
  NetcSession *session = open_session(program, 1);
  float x[6] = {1, 2, 3, 4, 5, 6}, y[3] = {10, 20, 30};
  NetcFeed arrays[] = {{"x", floats(2, 3, 2, x)}, {"y", floats(1, 3, 0, y)}};
  NetcIteratorOptions options = {.batch = 2, .repeat = true, .epochs = 2};
  NetcIterator *it;
  assert_true(netc_iterator_open_arrays(session, arrays, 2, &options, &it, &status));
  memset(x, 0, sizeof x); // they were copied
  const char *const fetch[] = {"y + x[.., 0]"};
  NetcTensor result;
  NetcRun look = {NETC_EVALUATE, fetch, 1, NULL, 0, it};
  for (int round = 0; round < 2; round++) {
    for (int epoch = 0; epoch < 2; epoch++) {
      assert_int_equal(netc_next(it), 2);
      run(session, &look, &result);
      assert_true(number(&result) == 11 && ((const float *)result.data)[1] == 23);
      assert_int_equal(netc_next(it), 1);
      run(session, &look, &result);
      assert_int_equal(result.dims[0], 1);
      assert_true(number(&result) == 35);
      assert_int_equal(netc_next(it), 0);
    }
    assert_int_equal(netc_next(it), 0); // it has ended
    netc_restart(it);
    says(netc_run(session, &look, &result, &status), "netc_next");
  }
  arrays[1].value.dims[0] = 2;
  says(netc_iterator_open_arrays(session, arrays, 2, &options, &it, &status), "y");
  assert_null(it);
  says(netc_iterator_open_arrays(session, arrays, 0, &options, &it, &status), "0 samples");
  arrays[0].input = "z";
  says(netc_iterator_open_arrays(session, arrays, 1, NULL, &it, &status), "no input z");
  options.batch = -1;
  arrays[0].input = "x";
  says(netc_iterator_open_arrays(session, arrays, 1, &options, &it, &status), "batch of -1");
  netc_session_close(session);
  netc_close(program);
}

// An epoch in the order in which `netc train` goes.
static void train_epoch(NetcSession *session, NetcIterator *it) {
  NetcRun step = {NETC_STEP, NULL, 0, NULL, 0, it};
  while (netc_next(it) > 0)
    run(session, &step, NULL);
}

static char *read_all(const char *path, size_t *size) {
  FILE *in = fopen(path, "rb");
  assert_non_null(in);
  char *bytes = malloc(1 << 20);
  *size = fread(bytes, 1, 1 << 20, in);
  fclose(in);
  return bytes;
}

static void assert_same_files(const char *a, const char *b) {
  size_t a_size, b_size;
  char *a_bytes = read_all(a, &a_size), *b_bytes = read_all(b, &b_size);
  assert_int_equal(a_size, b_size);
  assert_memory_equal(a_bytes, b_bytes, a_size);
  free(a_bytes);
  free(b_bytes);
}

// What was saved in the middle of a training leads to the same end.
static void a_restored_session_goes_on(void **state) {
  (void)state;
  Temporary files;
  temporary_open(&files);
  char half[500], whole[500], again[500];
  strcpy(half, temporary_path(&files, "half"));
  strcpy(whole, temporary_path(&files, "whole"));
  strcpy(again, temporary_path(&files, "again"));
  NetcIteratorOptions options = {.shuffle = true, .repeat = true};
  NetcProgram *program = open_text(dense);
  NetcSession *session = open_session(program, 3);
  NetcIterator *it = iterate(session, options);
  NetcRun step = {NETC_STEP, NULL, 0, NULL, 0, it};
  for (int i = 0; i < 7; i++) {
    netc_next(it);
    run(session, &step, NULL);
  }
  assert_true(netc_save(session, half, it, &status));
  train_epoch(session, it);
  assert_true(netc_save(session, whole, it, &status));
  netc_session_close(session);

  session = open_session(program, 4);
  it = iterate(session, options);
  assert_true(netc_restore(session, half, it, &status));
  assert_int_equal(netc_steps(session), 7);
  train_epoch(session, it);
  assert_true(netc_save(session, again, it, &status));
  assert_same_files(whole, again);
  netc_session_close(session);
  netc_close(program);

  // The checkpoint is a program, whose sessions have its values.
  NetcOptions data = {.data = NETC_TEST_DATA};
  assert_true(netc_open(half, &data, &program, &status));
  assert_true(netc_session_open(program, NULL, &session, &status));
  assert_int_equal(netc_steps(session), 7);
  assert_true(netc_save(session, again, NULL, &status));
  it = iterate(session, options);
  assert_true(netc_restore(session, half, it, &status));
  train_epoch(session, it);
  assert_true(netc_save(session, again, it, &status));
  assert_same_files(whole, again);
  netc_session_close(session);
  netc_close(program);
  temporary_close(&files);
}

// ---- threads

typedef struct Trainer {
  NetcProgram *program;
  bool ok;
  float losses[10];
} Trainer;

static void *train(void *context) {
  Trainer *trainer = context;
  NetcStatus own = {0};
  NetcSession *session = NULL;
  NetcIterator *it = NULL;
  NetcSessionOptions options = {.seed = 1, .threads = 2};
  NetcIteratorOptions batches = {.batch = 200, .shuffle = true};
  const char *const fetch[] = {"loss"};
  NetcTensor loss;
  double accuracy;
  bool ok = netc_session_open(trainer->program, &options, &session, &own) &&
            netc_iterator_open(session, "some", &batches, &it, &own);
  NetcRun step = {NETC_STEP, fetch, 1, NULL, 0, it};
  for (int i = 0; ok && i < 10; i++) {
    ok = netc_next(it) > 0 && netc_run(session, &step, &loss, &own);
    if (ok)
      trainer->losses[i] = number(&loss);
  }
  NetcRun count = {NETC_COUNT, NULL, 0, NULL, 0, it};
  trainer->ok = ok && netc_run(session, &count, NULL, &own) &&
                netc_metric(session, "accuracy", false, &accuracy, &own);
  netc_session_close(session);
  return NULL;
}

static void two_threads_train_one_program(void **state) {
  (void)state;
  NetcProgram *program = open_text(dense);
  Trainer trainers[2] = {{.program = program}, {.program = program}};
  pthread_t threads[2];
  for (int i = 0; i < 2; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, train, &trainers[i]), 0);
  for (int i = 0; i < 2; i++)
    pthread_join(threads[i], NULL);
  assert_true(trainers[0].ok && trainers[1].ok);
  assert_memory_equal(trainers[0].losses, trainers[1].losses, sizeof trainers[0].losses);
  assert_true(trainers[0].losses[9] < trainers[0].losses[0]);
  netc_close(program);
}

static void *open_and_close(void *context) {
  NetcStatus own = {0};
  NetcProgram *program = NULL;
  bool *ok = context;
  *ok = netc_open_text("test.net", line, NULL, &program, &own);
  netc_close(program);
  return NULL;
}

static void two_threads_compile(void **state) {
  (void)state;
  bool ok[2] = {false, false};
  pthread_t threads[2];
  for (int i = 0; i < 2; i++)
    assert_int_equal(pthread_create(&threads[i], NULL, open_and_close, &ok[i]), 0);
  for (int i = 0; i < 2; i++)
    pthread_join(threads[i], NULL);
  assert_true(ok[0] && ok[1]);
}

// ---- errors

static void wrong_programs(void **state) {
  (void)state;
  NetcProgram *program;
  says(netc_open("/nowhere/a.net", NULL, &program, &status),
       "cannot read /nowhere/a.net: No such file or directory");
  assert_null(program);
  says(netc_open("/", NULL, &program, &status), "cannot read /: Is a directory");
  says(netc_open_text("a.net", "input x: f32[N\n", NULL, &program, &status), "--> a.net:1:");
  says(netc_open_text("a.net", "param w: f32[2] = zeros\noutput y = v\n", NULL, &program, &status),
       "2 | output y = v");
  says(netc_open_text("a.net", "import \"b.net\"\n", NULL, &program, &status), "cannot import");
  const char *const set[] = {"rates=1"}, *const odd[] = {"rate"};
  NetcOptions options = {.set = set, .set_count = 1};
  says(netc_open_text("a.net", line, &options, &program, &status), "did you mean rate?");
  options.set = odd;
  says(netc_open_text("a.net", line, &options, &program, &status), "is not NAME=VALUE");
  options = (NetcOptions){.cpu = "z80"};
  says(netc_open_text("a.net", line, &options, &program, &status), "unknown processor 'z80'");
  options = (NetcOptions){.math = "native"};
  says(netc_open_text("a.net", line, &options, &program, &status),
       "math is \"default\", \"portable\" or \"fast\", not \"native\"");
  options.math = "default";
  assert_true(netc_open_text("a.net", line, &options, &program, &status));
  netc_close(program);
  // More than a status holds.
  char *many = malloc(200000), *at = many;
  for (int i = 0; i < 1000; i++)
    at += sprintf(at, "output y%d = %0*d + unknown%d\n", i, 100, 0, i);
  says(netc_open_text("a.net", many, NULL, &program, &status), "unknown0");
  assert_true(strlen(status.message) < NETC_MESSAGE_SIZE);
  free(many);
  Temporary files;
  temporary_open(&files);
  says(netc_open(temporary_write(&files, "zero", "input\0x", 7), NULL, &program, &status),
       "zero byte");
  says(netc_open(temporary_write(&files, "bad.safetensors", "\2\0\0\0\0\0\0\0{}more", 14), NULL,
                 &program, &status),
       "bad.safetensors");
  temporary_close(&files);
}

static void wrong_runs(void **state) {
  (void)state;
  NetcProgram *program = open_text(line);
  NetcSession *session = open_session(program, 1);
  NetcFeed feeds[2];
  NetcTensor results[4];
  struct {
    const char *fetch[2];
    int count;
    const char *message;
  } fetches[] = {
      {{"nothing"}, 1, "nothing"},
      {{"los"}, 1, "did you mean loss?"},
      {{"loss, guess"}, 1, "1 expressions are 2 values"},
      {{"loss]\nconst more = [1"}, 1, "this is no list of values"},
      {{"loss)"}, 1, "error["},
      {{""}, 1, "fetch[0] is empty"},
      {{"loss", NULL}, 2, "fetch[1] is empty"},
      {{"grad(guess, w)"}, 1, "error["},
      {{NULL}, 0, "the run does nothing"},
  };
  for (size_t i = 0; i < sizeof fetches / sizeof *fetches; i++) {
    NetcRun what = line_run(NETC_EVALUATE, 4, feeds, fetches[i].fetch, fetches[i].count);
    says(netc_run(session, &what, results, &status), fetches[i].message);
  }
  // Texts that are the same once they are joined.
  const char *const whole[] = {"max(guess, y)"}, *const halves[] = {"max(guess", "y)"};
  NetcRun joined = line_run(NETC_EVALUATE, 4, feeds, whole, 1);
  run(session, &joined, results);
  joined = line_run(NETC_EVALUATE, 4, feeds, halves, 2);
  says(netc_run(session, &joined, results, &status), "2 expressions are 1 value");
  const char *const fetch[] = {"guess"};
  NetcRun what = line_run(NETC_EVALUATE, 4, feeds, fetch, 1);
  what.fetch_count = -1;
  says(netc_run(session, &what, results, &status), "a count is negative");
  what = line_run(NETC_EVALUATE, 4, feeds, fetch, 1);
  what.mode = (NetcMode)9;
  says(netc_run(session, &what, results, &status), "there is no mode 9");
  what = line_run(NETC_EVALUATE, 4, feeds, fetch, 1);
  what.feed_count = 0;
  says(netc_run(session, &what, results, &status), "input x is needed: feed it");
  what = line_run(NETC_EVALUATE, 4, feeds, fetch, 1);
  feeds[0].input = "xx";
  says(netc_run(session, &what, results, &status), "the program has no input xx; did you mean x?");
  feeds[0].input = "y";
  says(netc_run(session, &what, results, &status), "input y is f32[N], but f32[4, 2] is given");
  what = line_run(NETC_EVALUATE, 4, feeds, fetch, 1);
  feeds[0].value.dtype = NETC_F64;
  says(netc_run(session, &what, results, &status), "input x is f32[N, 2], but f64[4, 2] is given");
  feeds[0].value.dtype = (NetcDtype)17;
  says(netc_run(session, &what, results, &status), "a tensor has no dtype 17");
  what = line_run(NETC_EVALUATE, 4, feeds, fetch, 1);
  feeds[0].value.dims[0] = 0;
  says(netc_run(session, &what, results, &status), "0 samples are given");
  feeds[0].value.dims[0] = INT64_MAX;
  says(netc_run(session, &what, results, &status), "more than any machine holds");
  feeds[0].value.dims[0] = 3;
  says(netc_run(session, &what, results, &status), "input y has 4 samples, another one 3");
  feeds[0].value.dims[0] = 4;
  feeds[0].value.data = NULL;
  says(netc_run(session, &what, results, &status), "the data are missing");
  what = line_run(NETC_EVALUATE, 4, feeds, fetch, 1);
  feeds[1] = feeds[0];
  says(netc_run(session, &what, results, &status), "input x is fed twice");
  // After all that it still works.
  what = line_run(NETC_EVALUATE, 4, feeds, fetch, 1);
  run(session, &what, results);
  double value;
  NetcIterator *it;
  says(netc_get(session, "ww", results, &status), "no variable ww; did you mean w?");
  NetcTensor wrong = floats(1, 3, 0, xs);
  says(netc_set(session, "w", &wrong, &status), "variable w is f32[2], but f32[3] is given");
  says(netc_metric(session, "accuracy", false, &value, &status), "no metric accuracy");
  says(netc_metric(session, "neer", false, &value, &status), "no metric neer; did you mean near?");
  says(netc_iterator_open(session, "some", NULL, &it, &status), "no data set some");
  says(netc_iterator_open(session, NULL, NULL, &it, &status), "trains on no data set");
  says(netc_save(session, "/nowhere/a", NULL, &status), "/nowhere");
  says(netc_restore(session, "/nowhere/a", NULL, &status), "/nowhere/a");
  NetcSessionOptions many = {.threads = 1000};
  NetcSession *none;
  says(netc_session_open(program, &many, &none, &status), "1000 threads");
  assert_null(none);
  netc_session_close(session);
  netc_close(program);
}

static void wrong_values(void **state) {
  (void)state;
  NetcProgram *program = open_text("input i: i32[N]\ninput f: bool[N]\ninput r: u8[N] in 0..3\n"
                                   "param table: f32[3] = zeros\n"
                                   "picked = gather(table, i)\n"
                                   "output y = select(f, picked, 0.0) + f32(r)\n");
  NetcSession *session = open_session(program, 1);
  const char *const picked[] = {"picked"}, *const all[] = {"y"};
  int32_t index[2] = {1, 7};
  uint8_t flags[2] = {1, 2}, range[2] = {2, 3};
  NetcTensor result;
  NetcFeed feeds[] = {{"i", {.dtype = NETC_I32, .rank = 1, .dims = {2}, .data = index}},
                      {"f", {.dtype = NETC_BOOL, .rank = 1, .dims = {2}, .data = flags}},
                      {"r", {.dtype = NETC_U8, .rank = 1, .dims = {2}, .data = range}}};
  NetcRun what = {NETC_EVALUATE, picked, 1, feeds, 1, NULL};
  for (int i = 0; i < 30; i++) // more often than errors are kept
    says(netc_run(session, &what, &result, &status), "5 | picked = gather(table, i)");
  what = (NetcRun){NETC_EVALUATE, all, 1, feeds, 3, NULL};
  says(netc_run(session, &what, &result, &status), "input f: element 1 is 2; a bool is 0 or 1");
  flags[1] = 0;
  says(netc_run(session, &what, &result, &status), "input r");
  range[1] = 0;
  index[1] = 0;
  run(session, &what, &result);
  what.mode = NETC_STEP;
  says(netc_run(session, &what, &result, &status), "no train block");
  netc_session_close(session);
  netc_close(program);
}

static void wrong_checkpoints(void **state) {
  (void)state;
  Temporary files;
  temporary_open(&files);
  char path[500];
  strcpy(path, temporary_path(&files, "line"));
  NetcProgram *program = open_text(line), *other = open_text(dense);
  NetcSession *session = open_session(program, 1), *second = open_session(other, 1);
  assert_true(netc_save(session, path, NULL, &status));
  float w = variable(second, "w1", 5);
  says(netc_restore(second, path, NULL, &status), "holds no tensor w1");
  NetcIterator *it = iterate(second, (NetcIteratorOptions){0});
  says(netc_restore(second, path, it, &status), "was trained on 0 samples");
  netc_iterator_close(it);
  // Another data set of as many samples.
  NetcProgram *swapped = open_text(other_samples);
  NetcSession *third = open_session(swapped, 1);
  it = iterate(third, (NetcIteratorOptions){0});
  netc_next(it);
  assert_true(netc_save(third, path, it, &status));
  netc_session_close(third);
  netc_close(swapped);
  it = iterate(second, (NetcIteratorOptions){0});
  says(netc_restore(second, path, it, &status), "was trained on other samples");
  assert_true(variable(second, "w1", 5) == w);
  says(netc_restore(second, NETC_TEST_DATA "/README.md", NULL, &status), "README.md");
  netc_session_close(second);
  netc_session_close(session);
  netc_close(other);
  netc_close(program);
  temporary_close(&files);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_program_tells_what_it_has),
      cmocka_unit_test(a_session_feeds_any_batch_and_fetches_any_node),
      cmocka_unit_test(values_of_any_alignment_give_the_same),
      cmocka_unit_test(training_mode_is_another_one),
      cmocka_unit_test(a_step_gives_the_values_before_it),
      cmocka_unit_test(metrics_are_read_before_and_after),
      cmocka_unit_test(seeds_and_sessions_are_independent),
      cmocka_unit_test(settings_are_kept_for_what_is_fetched),
      cmocka_unit_test(a_wrong_loss_changes_nothing),
      cmocka_unit_test(an_iterator_feeds_without_feeding),
      cmocka_unit_test(an_iterator_goes_through_arrays),
      cmocka_unit_test(a_restored_session_goes_on),
      cmocka_unit_test(two_threads_train_one_program),
      cmocka_unit_test(two_threads_compile),
      cmocka_unit_test(wrong_programs),
      cmocka_unit_test(wrong_runs),
      cmocka_unit_test(wrong_values),
      cmocka_unit_test(wrong_checkpoints),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
