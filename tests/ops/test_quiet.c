// What a network makes of zeros, taken in place of what is computed, changes no byte: of networks
// of all kinds and images that are zero in places, with batches of all sizes, and threads.
#include "ops/machine.h"
#include "ops/sessions.h"
#include "ops/sources.h"

// A sample of bytes: nothing, everything, or a box that is not zero.
static void draw_sample(uint8_t *data, const NcType *type, int least, int number,
                        uint64_t *random) {
  int64_t rows = type->dims[1].c, columns = type->rank > 3 ? type->dims[2].c : 1,
          each = nc_type_elements(type).n / rows / columns;
  int64_t top = (int64_t)(next_random(random) % (uint64_t)rows),
          left = (int64_t)(next_random(random) % (uint64_t)columns),
          height = 1 + (int64_t)(next_random(random) % (uint64_t)(rows - top)),
          width = 1 + (int64_t)(next_random(random) % (uint64_t)(columns - left));
  for (int64_t i = 0; i < rows * columns * each; i++) {
    int64_t row = i / (columns * each), column = i / each % columns;
    bool in_box = row >= top && row < top + height && column >= left && column < left + width;
    bool some = number % 5 == 0 ? false : number % 5 == 1 || in_box;
    data[i] = (uint8_t)least;
    if (some && !least)
      data[i] = (uint8_t)(next_random(random) % 4);
  }
}

static void **draw_images(const NcProgram *program, NcArena *arena) {
  void **inputs = NC_NEW_ARRAY(arena, void *, program->inputs.count + 1);
  uint64_t random = 5;
  for (int i = 0; i < program->inputs.count; i++) {
    const NcType *type = &program->inputs.items[i].type;
    int64_t size = nc_type_elements(type).n;
    uint8_t *data = inputs[i] = nc_arena_alloc(arena, (size_t)(size * LARGEST));
    for (int n = 0; n < LARGEST && type->rank < 3; n++)
      data[n] = (uint8_t)(n % 10); // a label
    for (int n = 0; n < LARGEST && type->rank >= 3; n++)
      draw_sample(data + n * size, type, (int)program->inputs.items[i].low, n, &random);
  }
  return inputs;
}

// How many sums have a network of nothing beside them.
static int count_still(NcArena *arena, const NcProgram *program, const NcTarget *target) {
  NcPlan *plan = nc_plan_graph(arena, nc_module_graph(program->module, "predict"), target);
  int count = 0;
  for (int i = 0; i < plan->phases.count; i++)
    for (int k = 0; k < plan->phases.items[i].calls.count; k++)
      count += plan->phases.items[i].calls.items[k].single &&
               plan->phases.items[i].calls.items[k].te->reduce == NC_REDUCE_SUM;
  return count;
}

static void check_count(NcArena *arena, const NcProgram *program, const NcTarget *target,
                        int expected) {
  int still = count_still(arena, program, target);
  if (still != expected)
    fail_msg("%d values are still, not %d", still, expected);
}

static void check_bytes(NcArena *arena, const NcProgram *program, NcTarget target) {
  void **inputs = draw_images(program, arena);
  NcCompiled *compiled = compile(arena, program, &target);
  NcText seen[2] = {run_session(&compiled->program, 1, inputs, arena),
                    run_session(&compiled->program, 3, inputs, arena)};
  nc_compiled_destroy(compiled);
  target.quiet = false;
  compiled = compile(arena, program, &target);
  NcText whole = run_session(&compiled->program, 1, inputs, arena);
  nc_compiled_destroy(compiled);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(seen[i].length, whole.length);
    assert_memory_equal(seen[i].data, whole.data, whole.length);
  }
}

// The network for processors with vectors of several lengths, in every mode.
static void check_network(const char *body, int expected) {
  static const struct {
    const char *cpu;
    bool portable, fast;
  } ways[] = {{"native", false, false},
              {"native", false, true},
              {"native", true, false},
              {"x86-64", true, false},
              {"x86-64-v3", false, false}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    NcArena *arena = nc_arena_create();
    NcTarget target;
    const char *message = NULL;
    if (nc_target_select(arena, NULL, ways[i].cpu, &target, &message) && target.runs_here) {
      target.portable = ways[i].portable;
      target.fast = ways[i].fast;
      const char *source = nc_arena_printf(
          arena, "%s\ntrain { minimize = loss optimizer = sgd(lr = 0.01) }\n", body);
      const NcProgram *program = program_of(arena, "network.net", source);
      if (!ways[i].fast) // in which some are done by other ways
        check_count(arena, program, &target, expected);
      check_bytes(arena, program, target);
    }
    nc_arena_destroy(arena);
  }
}

static void the_tutorial(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcTarget target = native_target(arena);
  const NcProgram *program = program_of(arena, "mnist.net", read_source(arena, MNIST_NET));
  check_count(arena, program, &target, 3);
  check_bytes(arena, program, target);
  nc_arena_destroy(arena);
}

static void kinds_of_convolutions(void **state) {
  (void)state;
  check_network("input x: u8[N, 20, 22, 3]\n"
                "param a: f32[5, 3, 3, 12] = xavier\n"
                "param b: f32[3, 3, 12, 7] = xavier\n"
                "y = relu(conv(f32(x) / 4 - 0.5, a, stride = 2) + 0.1)\n"
                "output z = conv(y, b, padding = valid)\n"
                "loss = mean(z * z)\n",
                2);
  check_network("input x: u8[N, 24, 24, 1]\n"
                "param a: f32[3, 3, 1, 16] = xavier\n"
                "param b: f32[3, 3, 16, 24] = xavier\n"
                "y = tanh(conv(f32(x), a, dilation = 2))\n"
                "output z = avgpool(conv(y, b), 3)\n"
                "loss = mean(exp(z))\n",
                2);
}

static void wide_images(void **state) {
  (void)state;
  check_network("input x: u8[N, 6, 135, 2]\n"
                "param a: f32[1, 3, 2, 16] = xavier\n"
                "output z = sigmoid(conv(f32(x), a))\n"
                "loss = mean(z)\n",
                1);
  check_network("input x: u8[N, 5, 64, 1]\n"
                "param a: f32[1, 5, 1, 33] = xavier\n"
                "output z = conv(f32(x), a) + 1\n"
                "loss = mean(z * z)\n",
                1);
}

static void branches(void **state) {
  (void)state;
  check_network("input x: u8[N, 18, 18, 4]\n"
                "param a: f32[3, 3, 4, 8] = xavier\n"
                "param b: f32[1, 3, 8, 8] = xavier\n"
                "param c: f32[3, 1, 8, 8] = xavier\n"
                "p = relu(conv(f32(x), a) - 0.2)\n"
                "q = relu(p + conv(p, b))\n"
                "output z = conv(q + 2 * p, c)\n"
                "loss = mean(z * z)\n",
                3);
}

static void other_shapes(void **state) {
  (void)state;
  check_network("input x: u8[N, 16, 16]\n"
                "param a: f64[3, 3, 1, 8] = xavier\n"
                "output z = maxpool(conv(f64(reshape(x, [N, 16, 16, 1])), a), 2)\n"
                "loss = mean(z * z)\n",
                1);
  check_network("input x: u8[N, 12, 12, 9]\n"
                "param a: f32[1, 1, 9, 8] = xavier\n"
                "output z = conv(f32(x), a) + 0.5\n"
                "loss = mean(z * z)\n",
                1);
}

// What hangs on the place, on chance or on the whole image is known or left alone.
static void others_are_left_alone(void **state) {
  (void)state;
  check_network("input x: u8[N, 12, 12, 2]\n"
                "param a: f32[3, 3, 2, 16] = xavier\n"
                "param b: f32[3, 3, 16, 4] = xavier\n"
                "y = conv(dropout(f32(x) + 1, 0.5), a)\n"
                "output z = conv(y, b)\n"
                "loss = mean(z * z)\n",
                2);
  check_network("input x: u8[N, 12, 12, 2]\n"
                "param a: f32[3, 3, 2, 16] = xavier\n"
                "output z = conv(reverse(f32(x), axis = 1), a)\n"
                "loss = mean(z * z)\n",
                0);
  // Zeros would be divided by, which the range rules out.
  check_network("input x: u8[N, 12, 12, 2] in 1..4\n"
                "param a: f32[3, 3, 2, 16] = xavier\n"
                "output z = conv(f32(100 / x), a)\n"
                "loss = mean(z * z)\n",
                0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_tutorial), cmocka_unit_test(kinds_of_convolutions),
      cmocka_unit_test(wide_images),  cmocka_unit_test(branches),
      cmocka_unit_test(other_shapes), cmocka_unit_test(others_are_left_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
