// Sessions and training, on a program written by hand.
#include "line_program.h"
#include "netc_rt.h"
#include "temporary.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static NcrtStatus status;

static void assert_message(const char *part) {
  if (strstr(status.message, part) == NULL)
    fail_msg("'%s' does not contain '%s'", status.message, part);
}

static float weight(const NcrtSession *session) {
  return *(const float *)ncrt_session_data(session, ncrt_session_variable(session, "line.w"));
}

static NcrtArray column(const float *values, int64_t rows) {
  NcrtArray array = {.name = strdup("values"), .owned = malloc((size_t)rows * sizeof *values)};
  array.header = (NcrtArrayHeader){NCRT_F32, 1, {rows}, 8, rows * 4};
  array.data = memcpy(array.owned, values, (size_t)rows * sizeof *values);
  return array;
}

// Rows of y = 3 x.
static void open_data(NcrtDataset *dataset, int64_t rows) {
  float x[32], y[32];
  for (int64_t i = 0; i < rows; i++)
    x[i] = (float)(i % 5) - 2, y[i] = 3 * x[i];
  ncrt_dataset_open(dataset, &line_program);
  assert_true(ncrt_dataset_bind(dataset, 0, column(x, rows), &status));
  assert_true(ncrt_dataset_bind(dataset, 1, column(y, rows), &status));
}

static NcrtSession *open_session(int64_t max_batch, int64_t seed) {
  NcrtSession *session;
  assert_true(ncrt_session_open(&line_program, max_batch, seed, &session, &status));
  assert_true(ncrt_session_initialize(session, NULL, &status));
  return session;
}

static void runs(void **state) {
  (void)state;
  NcrtSession *session = open_session(4, 2);
  float x[] = {1, 2, 3, 4}, y[] = {2, 4, 6, 9};
  const void *inputs[] = {x, y};
  int evaluate = ncrt_session_entry(session, "evaluate");
  double loss;
  assert_int_equal(ncrt_session_entry(session, "predict"), -1);
  assert_int_equal(ncrt_session_variable(session, "nothing"), -1);
  assert_null(ncrt_session_result(session, evaluate, "loss", NULL));
  assert_true(ncrt_session_run(session, evaluate, 4, inputs, &status));
  assert_true(ncrt_session_scalar(session, evaluate, "loss", &loss));
  assert_true(loss == 0.25);
  NcrtShape shape;
  const float *prediction = ncrt_session_result(session, evaluate, "prediction", &shape);
  assert_true(prediction[0] == 2 && prediction[3] == 8 && shape.batched);
  assert_null(ncrt_session_result(session, evaluate, "accuracy", NULL));
  // The halo was prepared once, so a second run, of another batch, gives the same.
  assert_true(ncrt_session_run(session, evaluate, 3, inputs, &status));
  prediction = ncrt_session_result(session, evaluate, "prediction", NULL);
  assert_true(prediction[0] == 2 && prediction[2] == 6);
  assert_true(ncrt_session_scalar(session, evaluate, "loss", &loss) && loss == 0);
  ncrt_session_close(session);
}

static void aligns(void **state) {
  (void)state;
  NcrtSession *session = open_session(4, 2);
  float x[4] = {0};
  const void *inputs[] = {x, x};
  for (int i = 0; i < line_program.variable_count; i++)
    assert_int_equal((uintptr_t)ncrt_session_data(session, i) % 64, 0);
  int evaluate = ncrt_session_entry(session, "evaluate");
  assert_true(ncrt_session_run(session, evaluate, 1, inputs, &status));
  assert_int_equal((uintptr_t)ncrt_session_result(session, evaluate, "loss", NULL) % 64, 0);
  ncrt_session_close(session);
}

static void refuses_batches(void **state) {
  (void)state;
  NcrtSession *session;
  assert_false(ncrt_session_open(&line_program, 0, 1, &session, &status));
  assert_null(session);
  session = open_session(4, 2);
  const void *inputs[] = {NULL, NULL};
  assert_false(ncrt_session_run(session, 1, 5, inputs, &status));
  assert_message("train_step: the batch is 5; 1 to 4 are possible");
  assert_false(ncrt_session_run(session, 1, 0, inputs, &status));
  ncrt_session_close(session);
  session = open_session(INT64_MAX / 2, 2);
  assert_false(ncrt_session_run(session, 1, 1, inputs, &status));
  assert_message("needs more memory than any machine has");
  ncrt_session_close(session);
}

static void tells_faults(void **state) {
  (void)state;
  NcrtSession *session = open_session(4, 2);
  float x[] = {1, 99}, y[] = {2, 4};
  const void *inputs[] = {x, y};
  assert_null(ncrt_session_fault(session));
  assert_false(ncrt_session_run(session, 1, 2, inputs, &status));
  assert_int_equal(status.code, NCRT_BAD_INPUT);
  assert_message("train_step: the value 99 is not defined in node %7, for sample 1");
  assert_int_equal(ncrt_session_fault(session)->node, 7);
  assert_true(weight(session) == 2);
  ncrt_session_close(session);
}

static void resets_metrics(void **state) {
  (void)state;
  NcrtSession *session = open_session(4, 2);
  double *worst = ncrt_session_data(session, LINE_WORST),
         *total = ncrt_session_data(session, LINE_TOTAL);
  assert_true(isinf(*worst) && *worst < 0);
  *worst = 1, *total = 5;
  assert_true(ncrt_session_reset_metrics(session, &status));
  assert_true(isinf(*worst) && *total == 0);
  ncrt_session_close(session);
}

// What a watcher saw.
typedef struct Seen {
  int begins, validations, steps, epochs;
  int64_t done;
  NcrtEpoch last;
} Seen;

static void see_begin(void *context, const NcrtPass *pass) {
  Seen *seen = context;
  seen->begins += pass->training;
  seen->validations += !pass->training;
}
static void see_step(void *context, const NcrtPass *pass) {
  ((Seen *)context)->steps++;
  ((Seen *)context)->done = pass->done;
}
static void see_epoch(void *context, const NcrtEpoch *epoch) {
  Seen *seen = context;
  assert_int_equal(epoch->epoch, seen->epochs);
  seen->epochs++;
  seen->last = *epoch;
}

static void trains(void **state) {
  (void)state;
  Seen seen = {0};
  NcrtDataset train, test;
  open_data(&train, 20);
  open_data(&test, 7);
  NcrtSession *session = open_session(8, 1);
  NcrtTraining training = {.data = &train,
                           .validate = &test,
                           .batch = 8,
                           .epochs = 10,
                           .watcher = {&seen, see_begin, see_step, see_epoch}};
  NcrtOutcome outcome;
  assert_true(ncrt_train(session, &training, &outcome, &status));
  NcrtEpoch last = outcome.last;
  assert_int_equal(outcome.end, NCRT_END_DONE);
  assert_int_equal(outcome.samples, 200);
  assert_true(fabsf(weight(session) - 3) < 1e-3f);
  assert_int_equal(ncrt_session_step(session), 30);
  assert_int_equal(seen.begins, 10);
  assert_int_equal(seen.validations, 10);
  assert_int_equal(seen.steps, 10 * (3 + 1));
  assert_int_equal(seen.epochs, 10);
  assert_memory_equal(&last.epoch, &seen.last.epoch, sizeof last.epoch);
  assert_int_equal(last.training.count, 2);
  assert_string_equal(last.validation.items[0].name, "loss");
  assert_true(last.validation.items[0].value < 1e-5 && last.validation.items[1].value < 1e-5);
  // The metrics weigh samples equally, whatever the batches.
  NcrtMetrics whole, parts;
  *(float *)ncrt_session_data(session, LINE_W) = 1;
  assert_true(ncrt_evaluate(session, &test, 8, NULL, &whole, &status));
  assert_true(ncrt_evaluate(session, &test, 3, NULL, &parts, &status));
  double expected = 4 * (10 + 5) / 7.0; // of (1 - 3)^2 x^2, x = -2 … 2, -2, -1
  assert_true(fabs(whole.items[0].value - expected) < 1e-9 &&
              fabs(parts.items[0].value - expected) < 1e-9);
  assert_true(parts.items[1].value == 16);
  ncrt_session_close(session);
  ncrt_dataset_close(&train);
  ncrt_dataset_close(&test);
}

static void stops_before_an_update(void **state) {
  (void)state;
  float x[] = {1, 1, 1, INFINITY}, y[] = {3, 3, 3, 3};
  NcrtDataset data;
  ncrt_dataset_open(&data, &line_program);
  assert_true(ncrt_dataset_bind(&data, 0, column(x, 4), &status));
  assert_true(ncrt_dataset_bind(&data, 1, column(y, 4), &status));
  NcrtSession *session = open_session(1, 3);
  NcrtTraining training = {.data = &data, .batch = 1, .epochs = 2, .in_order = true};
  assert_false(ncrt_train(session, &training, NULL, &status));
  assert_int_equal(status.code, NCRT_BAD_INPUT);
  assert_message("epoch 1, step 4: the loss is infinite; training stopped before the update; try");
  assert_true(weight(session) == 3);
  assert_int_equal(ncrt_session_step(session), 3);
  ncrt_session_close(session);
  ncrt_dataset_close(&data);
}

static void names_the_row_of_a_fault(void **state) {
  (void)state;
  float x[] = {1, 1, 1, 99, 1};
  NcrtDataset data;
  ncrt_dataset_open(&data, &line_program);
  assert_true(ncrt_dataset_bind(&data, 0, column(x, 5), &status));
  NcrtSession *session = open_session(2, 3);
  NcrtTraining training = {.data = &data, .batch = 2, .epochs = 2};
  assert_false(ncrt_train(session, &training, NULL, &status));
  assert_message("the data set feeds no input y");
  assert_true(ncrt_dataset_bind(&data, 1, column(x, 5), &status));
  assert_false(ncrt_train(session, &training, NULL, &status));
  assert_message("in sample 3 of the data set");
  ncrt_session_close(session);
  ncrt_dataset_close(&data);
}

// A feed begins anew with the session: the same batches, or those of the session's new seed.
static void feeds_restart(void **state) {
  (void)state;
  float x[] = {1, 2, 3, 4, 5, 6, 7}, first[7], again[7];
  NcrtDataset data;
  NcrtFeed feed;
  ncrt_dataset_open(&data, &line_program);
  assert_true(ncrt_dataset_bind_memory(&data, 0, 7, x, false, &status));
  assert_true(ncrt_dataset_bind_memory(&data, 1, 7, x, false, &status));
  NcrtSession *session = open_session(7, 3);
  int entry = ncrt_session_entry(session, "train_step");
  assert_true(ncrt_feed_open(&feed, session, entry, &data, 7, true, true, &status));
  assert_int_equal(ncrt_feed_next(&feed), 7);
  memcpy(first, feed.inputs[0], sizeof first);
  assert_int_equal(ncrt_feed_next(&feed), 0);
  assert_int_equal(ncrt_feed_next(&feed), 7);
  assert_memory_not_equal(first, feed.inputs[0], sizeof first);
  ncrt_feed_restart(&feed, session);
  assert_int_equal(ncrt_feed_next(&feed), 7);
  assert_memory_equal(first, feed.inputs[0], sizeof first);
  ncrt_session_set_seed(session, 4);
  ncrt_feed_restart(&feed, session);
  assert_int_equal(ncrt_feed_next(&feed), 7);
  memcpy(again, feed.inputs[0], sizeof again);
  assert_memory_not_equal(first, again, sizeof first);
  ncrt_feed_close(&feed);
  ncrt_session_close(session);
  ncrt_dataset_close(&data);
}

static char *contents(const char *path, size_t *size) {
  NcrtFile file;
  assert_true(ncrt_file_map(path, &file, &status));
  char *bytes = malloc(file.size);
  memcpy(bytes, file.bytes, file.size);
  *size = file.size;
  ncrt_file_unmap(&file);
  return bytes;
}

// A session that stands where a checkpoint does, and a training that begins there.
static NcrtSession *load(const char *path, NcrtTraining *training) {
  NcrtSession *session;
  NcrtSafetensors file;
  NcrtCheckpointInfo info;
  assert_true(ncrt_session_open(&line_program, 8, 1, &session, &status));
  assert_true(ncrt_safetensors_read(path, &file, &status));
  assert_true(ncrt_checkpoint_info(&file, &info, &status));
  assert_true(ncrt_checkpoint_load(&file, session, NCRT_LOAD_ALL, &status));
  assert_int_equal(info.batch, 8);
  assert_string_equal(info.monitor, "-loss");
  ncrt_session_set_step(session, info.step);
  training->start = (NcrtCursor){info.epoch, info.position};
  training->best = info.best;
  ncrt_safetensors_free(&file);
  return session;
}

static void assert_same_bytes(const char *a, const char *b) {
  size_t size, other_size;
  char *bytes = contents(a, &size), *others = contents(b, &other_size);
  assert_int_equal(size, other_size);
  assert_memory_equal(bytes, others, size);
  free(bytes);
  free(others);
}

// Stops a training after some steps, those of validation counted.
typedef struct Stopper {
  int left;
  volatile sig_atomic_t stop;
} Stopper;

static void stop_step(void *context, const NcrtPass *pass) {
  (void)pass;
  Stopper *stopper = context;
  stopper->stop |= --stopper->left == 0;
}

// Stopped after any number of steps, saved, loaded and gone on with gives the bytes of a whole
// training.
static void resumes(void **state) {
  (void)state;
  Temporary temporary;
  temporary_open(&temporary);
  char paths[4][200];
  static const char *const names[] = {"whole", "best", "parts", "best of parts"};
  for (int i = 0; i < 4; i++)
    snprintf(paths[i], sizeof paths[i], "%s/%s", temporary.folder, names[i]);
  NcrtDataset data;
  open_data(&data, 20);
  const NcrtTraining whole = {.data = &data,
                              .validate = &data,
                              .batch = 8,
                              .epochs = 4,
                              .checkpoint = paths[0],
                              .best_checkpoint = paths[1],
                              .monitor = {"loss", true},
                              .source = "# é\n",
                              .source_name = "line.net"};
  NcrtSession *session = open_session(8, 1);
  assert_true(ncrt_train(session, &whole, NULL, &status));
  ncrt_session_close(session);
  for (int steps = 1; steps < 4 * (3 + 3); steps++) {
    Stopper stopper = {.left = steps};
    NcrtOutcome outcome;
    NcrtTraining parts = whole;
    parts.checkpoint = paths[2];
    parts.best_checkpoint = paths[3];
    parts.watcher = (NcrtWatcher){&stopper, NULL, stop_step, NULL};
    parts.stop = &stopper.stop;
    session = open_session(8, 1);
    assert_true(ncrt_train(session, &parts, &outcome, &status));
    assert_int_equal(outcome.end, steps > 3 * 6 + 3 ? NCRT_END_DONE : NCRT_END_STOPPED);
    ncrt_session_close(session);
    parts.stop = NULL;
    session = load(paths[2], &parts);
    assert_true(ncrt_train(session, &parts, &outcome, &status));
    assert_int_equal(outcome.end, NCRT_END_DONE);
    ncrt_session_close(session);
    assert_same_bytes(paths[0], paths[2]);
    assert_same_bytes(paths[1], paths[3]);
  }
  ncrt_dataset_close(&data);
  temporary_close(&temporary);
}

static void see_checkpoint(void *context, const NcrtPass *pass) {
  const char *path = context;
  int64_t step = ncrt_session_step(pass->session);
  NcrtFile file;
  NcrtStatus missing;
  // It is written after the watcher is told: so the one of two steps ago is there.
  assert_int_equal(ncrt_file_map(path, &file, &missing), step > 2);
  if (step > 2)
    ncrt_file_unmap(&file);
}

static void saves_within_epochs(void **state) {
  (void)state;
  Temporary temporary;
  temporary_open(&temporary);
  char path[200];
  snprintf(path, sizeof path, "%s/x", temporary.folder);
  NcrtDataset data;
  open_data(&data, 20);
  NcrtTraining training = {.data = &data,
                           .batch = 1,
                           .epochs = 1,
                           .checkpoint = path,
                           .checkpoint_every = 2,
                           .watcher = {path, NULL, see_checkpoint, NULL}};
  NcrtSession *session = open_session(8, 1);
  assert_true(ncrt_train(session, &training, NULL, &status));
  ncrt_session_close(session);
  ncrt_dataset_close(&data);
  temporary_close(&temporary);
}

static void shares_variables(void **state) {
  (void)state;
  NcrtSession *owner = open_session(1, 2), *other;
  assert_true(ncrt_session_share(&line_program, 4, owner, &other, &status));
  float x[] = {1, 2, 3, 4}, y[] = {3, 6, 9, 12};
  const void *inputs[] = {x, y};
  int step = ncrt_session_entry(other, "train_step");
  ncrt_session_set_step(owner, 6);
  assert_int_equal(ncrt_session_step(other), 6);
  assert_true(ncrt_session_set_threads(owner, 2, &status));
  assert_true(ncrt_session_run(other, step, 4, inputs, &status));
  assert_true(weight(owner) > 2 && weight(owner) == weight(other));
  // Of variables in another order, and not all of them.
  const NcrtVariable some[] = {line_variables[LINE_WORST], line_variables[LINE_W]};
  NcrtProgram program = {.variables = some, .variable_count = 2};
  NcrtSession *part;
  assert_true(ncrt_session_share(&program, 1, other, &part, &status));
  assert_ptr_equal(ncrt_session_data(part, 1), ncrt_session_data(owner, LINE_W));
  ncrt_session_close(part);
  NcrtVariable wrong = line_variables[LINE_W];
  program = (NcrtProgram){.variables = &wrong, .variable_count = 1};
  wrong.name = "line.v";
  assert_false(ncrt_session_share(&program, 1, owner, &part, &status));
  assert_message("no variable line.v");
  wrong = line_variables[LINE_W];
  wrong.shape.dims[0] = 2;
  assert_false(ncrt_session_share(&program, 1, owner, &part, &status));
  assert_message("no variable line.w of the shape");
  ncrt_session_close(other);
  assert_true(weight(owner) > 2);
  ncrt_session_close(owner);
}

// The loss falls in every epoch, so what rises with it is best in the first one.
static void ends_by_patience(void **state) {
  (void)state;
  NcrtDataset data;
  open_data(&data, 20);
  NcrtTraining training = {
      .data = &data, .batch = 8, .epochs = 9, .monitor = {"loss", false}, .patience = 3};
  NcrtOutcome outcome;
  NcrtSession *session = open_session(8, 1);
  assert_true(ncrt_train(session, &training, &outcome, &status));
  assert_int_equal(outcome.end, NCRT_END_PATIENCE);
  assert_int_equal(outcome.best.epoch, 1);
  assert_int_equal(outcome.last.epoch, 3);
  assert_true(!outcome.last.best);
  training.monitor.falls = true;
  assert_true(ncrt_train(session, &training, &outcome, &status));
  assert_int_equal(outcome.end, NCRT_END_DONE);
  assert_true(outcome.last.best && outcome.best.epoch == 9);
  ncrt_session_close(session);
  ncrt_dataset_close(&data);
}

static void digests_data(void **state) {
  (void)state;
  char digests[4][NCRT_DIGEST_SIZE];
  NcrtDataset data, few, swapped;
  open_data(&data, 20);
  ncrt_dataset_digest(&data, digests[0]);
  assert_true(ncrt_dataset_part(&few, &data, 0, 10, false, 0, &status));
  assert_true(ncrt_dataset_part(&swapped, &data, 0, 20, true, 1, &status));
  ncrt_dataset_digest(&few, digests[1]);
  ncrt_dataset_digest(&swapped, digests[2]);
  float *first = data.bound[0].array.owned;
  first[0] += 1;
  ncrt_dataset_digest(&data, digests[3]);
  for (int i = 0; i < 4; i++)
    for (int k = 0; k < i; k++)
      assert_string_not_equal(digests[i], digests[k]);
  ncrt_dataset_close(&few);
  ncrt_dataset_close(&swapped);
  ncrt_dataset_close(&data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(runs),
      cmocka_unit_test(aligns),
      cmocka_unit_test(refuses_batches),
      cmocka_unit_test(tells_faults),
      cmocka_unit_test(resets_metrics),
      cmocka_unit_test(trains),
      cmocka_unit_test(stops_before_an_update),
      cmocka_unit_test(names_the_row_of_a_fault),
      cmocka_unit_test(feeds_restart),
      cmocka_unit_test(resumes),
      cmocka_unit_test(shares_variables),
      cmocka_unit_test(saves_within_epochs),
      cmocka_unit_test(ends_by_patience),
      cmocka_unit_test(digests_data),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
