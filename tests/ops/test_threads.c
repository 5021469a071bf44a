// Networks in sessions of one and of several threads: pieces, steps and chunks that workers share
// change no byte of results and variables, whatever the batch.
#include "ops/machine.h"
#include "ops/sessions.h"
#include "ops/sources.h"

static void **draw_inputs_of(const NcrtProgram *program, NcArena *arena) {
  void **inputs = NC_NEW_ARRAY(arena, void *, program->input_count + 1);
  uint64_t random = 9;
  for (int i = 0; i < program->input_count; i++) {
    const NcrtInput *in = &program->inputs[i];
    size_t bytes = (size_t)ncrt_shape_bytes(&in->shape, LARGEST);
    inputs[i] = nc_arena_alloc(arena, bytes);
    for (size_t k = 0; k < bytes; k++)
      ((uint8_t *)inputs[i])[k] =
          (uint8_t)(next_random(&random) % (uint64_t)(in->has_range ? in->high : 256));
  }
  return inputs;
}

static void check_threads(NcArena *arena, const NcProgram *program, const NcTarget *target) {
  NcCompiled *compiled = compile(arena, program, target);
  void **inputs = draw_inputs_of(&compiled->program, arena);
  NcText alone = run_session(&compiled->program, 1, inputs, arena);
  static const int counts[] = {2, 3, 7, 20};
  for (int i = 0; i < 4; i++) {
    NcText shared = run_session(&compiled->program, counts[i], inputs, arena);
    assert_int_equal(shared.length, alone.length);
    assert_memory_equal(shared.data, alone.data, alone.length);
  }
  nc_compiled_destroy(compiled);
}

static void threads_change_no_byte(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcTarget target = native_target(arena);
  check_threads(arena, program_of(arena, "mnist.net", read_source(arena, MNIST_NET)), &target);
  nc_arena_destroy(arena);
}

// What BLAS computes may hang on how many columns it is asked for at once.
static void threads_change_no_byte_of_products(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcTarget target = native_target(arena);
  target.blas = 1;
  target.cuts = 0;
  const NcProgram *program = program_of(arena, "product.net",
                                        "input x: u8[N, 512]\n"
                                        "param w: f32[512, 1200] = xavier\n"
                                        "output y = (f32(x) / 255) @ w\n"
                                        "loss = mean(y^2)\n"
                                        "train { minimize = loss optimizer = sgd }\n");
  NcPlan *plan = nc_plan_graph(arena, nc_module_graph(program->module, "predict"), &target);
  const NcCall *product = &plan->phases.items[0].calls.items[1];
  assert_true(plan->phases.items[0].chunked && !product->kernel);
  assert_false(plan->phases.items[0].divisible);
  assert_true(product->pieces > 1);
  check_threads(arena, program, &target);
  nc_arena_destroy(arena);
}

// Of the prediction of one image every convolution can be shared.
static void one_image_is_shared(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcProgram *program = program_of(arena, "mnist.net", read_source(arena, MNIST_NET));
  NcTarget target;
  const char *message = NULL;
  assert_true(nc_target_select(arena, NULL, "x86-64-v4", &target, &message));
  NcPlan *plan = nc_plan_graph(arena, nc_module_graph(program->module, "predict"), &target);
  int shared = 0;
  for (int i = 0; i < plan->phases.count; i++)
    for (int k = 0; k < plan->phases.items[i].calls.count; k++)
      shared += plan->phases.items[i].chunked && plan->phases.items[i].calls.items[k].pieces > 1;
  assert_true(shared >= 3); // all but the first, which is small
  nc_arena_destroy(arena);
}

// The predictions of a session, and those of another that has never run with its variables.
static void check_predictions(const NcrtProgram *program, NcrtSession *session, void *const *inputs,
                              NcArena *arena) {
  NcrtSession *other;
  NcrtStatus status = {0};
  NcText own = nc_text_create(arena), fresh = nc_text_create(arena);
  int number = run_alone(session, "predict", 3, inputs); // before variables are asked for
  if (!ncrt_session_share(program, LARGEST, session, &other, &status))
    fail_msg("%s", status.message);
  run_entry(other, "predict", 3, inputs, &fresh);
  ncrt_session_close(other);
  note_state(session, number, 3, &own);
  run_alone(session, "predict", 3, inputs); // which keeps
  assert_int_equal(own.length, fresh.length);
  assert_memory_equal(own.data, fresh.data, own.length);
}

// What a prediction packs of the weights stays for the next one, until they change: by a step, or
// by hand.
static void predictions_follow_the_weights(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcTarget target = native_target(arena);
  NcProgram *program = program_of(arena, "mnist.net", read_source(arena, MNIST_NET));
  NcPlan *plan = nc_plan_graph(arena, nc_module_graph(program->module, "predict"), &target);
  assert_int_equal(plan->kept, 3);
  plan = nc_plan_graph(arena, nc_module_graph(program->module, "train_step"), &target);
  assert_int_equal(plan->kept, 0);
  NcCompiled *compiled = compile(arena, program, &target);
  NcrtSession *session;
  NcrtStatus status = {0};
  void **inputs = draw_inputs_of(&compiled->program, arena);
  if (!ncrt_session_open(&compiled->program, LARGEST, 5, &session, &status) ||
      !ncrt_session_initialize(session, NULL, &status))
    fail_msg("%s", status.message);
  check_predictions(&compiled->program, session, inputs, arena);
  ncrt_session_set_step(session, 1);
  run_alone(session, "train_step", 16, inputs);
  check_predictions(&compiled->program, session, inputs, arena);
  float *weights = ncrt_session_data(session, ncrt_session_variable(session, "weights.d1"));
  weights[0] += 1;
  check_predictions(&compiled->program, session, inputs, arena);
  ncrt_session_close(session);
  nc_compiled_destroy(compiled);
  nc_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_change_no_byte),
      cmocka_unit_test(threads_change_no_byte_of_products),
      cmocka_unit_test(one_image_is_shared),
      cmocka_unit_test(predictions_follow_the_weights),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
