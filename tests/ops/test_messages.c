// What the shape rules of products, convolutions and windows say, and the fix that they compute.
#include "ops/samples.h"

typedef struct Saying {
  const char *statement, *message, *help; // help may be NULL
} Saying;

#define CONV(types, attrs, result) "conv " types " {" attrs "} : " result
#define FORM "stride = [1], padding = [0, 0], dilation = [1], groups = 1"

static const Saying sayings[] = {
    {"matmul f32[N, 1568], f32[3136, 128] {ta = 0, tb = 0} : f32[N, 128]",
     "inner dimensions differ: 1568 and 3136", "declare the right operand as f32[1568, 128]"},
    {"matmul f32[N, 1568], f32[128, 3136] {ta = 0, tb = 1} : f32[N, 128]",
     "inner dimensions differ: 1568 and 3136", "declare the right operand as f32[128, 1568]"},
    {"matmul f32[N, 4], f32[5, 3] {ta = 1, tb = 0} : f32[4, 3]", "inner dimensions differ: N and 5",
     "declare the right operand as f32[N, 3]"},
    {"matmul f32[N, 4], f32[3, 5] {ta = 1, tb = 1} : f32[4, 3]", "inner dimensions differ: N and 5",
     NULL},
    {"matmul i32[N, 4], i32[4, 3] {ta = 0, tb = 0} : i32[N, 3]",
     "operands must have one floating dtype, not i32 and i32", "cast to f32"},
    {"matmul f64[N, 4], f32[4, 3] {ta = 0, tb = 0} : f64[N, 3]",
     "operands must have one floating dtype, not f64 and f32", "cast to f64"},
    {CONV("f32[N, 9, 3], f32[3, 1, 16]", FORM, "f32[N, 7, 16]"),
     "channels differ: the input has 3, the kernel is for 1",
     "declare the kernel as f32[3, 3, 16]"},
    {CONV("f32[N, 9, 4], f32[3, 4, 16]",
          "stride = [1], padding = [0, 0], dilation = [1], groups = 2", "f32[N, 7, 16]"),
     "channels differ: the input has 2 in each of 2 groups, the kernel is for 4",
     "declare the kernel as f32[3, 2, 16]"},
    {CONV("f32[N, 2, 1], f32[5, 1, 1]",
          "stride = [1], padding = [1, 0], dilation = [1], groups = 1", "f32[N, 1, 1]"),
     "the kernel's size 5 exceeds the padded input's, 3, in spatial dimension 0", NULL},
    {CONV("f32[N, 2, 1], f32[3, 1, 1]",
          "stride = [1], padding = [0, 2], dilation = [2], groups = 1", "f32[N, 1, 1]"),
     "the kernel's size 3 with dilation 2 exceeds the padded input's, 4, in spatial dimension 0",
     NULL},
    {CONV("f32[N, 2, 1], f32[3, 1, 1]",
          "stride = [1, 1], padding = [0, 0], dilation = [1], groups = 1", "f32[N, 1, 1]"),
     "stride must have 1 entry, not 2", NULL},
    {CONV("f32[N, 2, 1], f32[3, 1, 1]", "stride = [1], padding = [0], dilation = [1], groups = 1",
          "f32[N, 1, 1]"),
     "padding must have 2 entries, not 1", NULL},
    {CONV("f32[N, 2, 1], f32[3, 1, 1]",
          "stride = [-2], padding = [0, 0], dilation = [1], groups = 1", "f32[N, 1, 1]"),
     "stride must be at least 1 and below 2^31, not -2", NULL},
    {"conv_kernel_grad f32[N, 9, 3], f32[N, 9, 4] {" FORM "} : f32[3, 3, 4]",
     "the convolution's result is f32[N, 7, 4], its gradient cannot be f32[N, 9, 4]", NULL},
    {"window_max f32[N, 3, 1] {window = [5], stride = [2], padding = [1, 0]} : f32[N, 1, 1]",
     "the window's size 5 exceeds the padded size, 4, of spatial dimension 0", NULL},
    {"window_max f32[N, 3, 1] {window = [2], stride = [2], padding = [0, 2]} : f32[N, 1, 1]",
     "padding must be at least 0 and less than the window's size, 2, not 2", NULL},
    {"window_max f32[N, 3, 1] {window = [2], stride = [2], padding = [0]} : f32[N, 1, 1]",
     "padding must have 2 entries, not 1", NULL},
    {"window_max f32[N, 3, 3, 1] {window = [65536, 65536], stride = [2, 2], padding = [0, 0, 0, "
     "0]} : f32[N, 1, 1, 1]",
     "a window must have fewer than 2^31 elements", NULL},
    {"window_max_pick f32[N, 4, 1], f32[N, 2, 1] {window = [2], stride = [2], padding = [0, 0]} : "
     "f32[N, 2, 1]",
     "the second operand must have the type of the first, f32[N, 4, 1], not f32[N, 2, 1]", NULL},
};

static void rules_say_what_is_wrong(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++) {
    const Saying *saying = &sayings[i];
    NcArena *arena = nc_arena_create();
    const char *error = NULL;
    NcInfer infer = {0};
    if (nc_read_sample(nc_module_create(arena), nc_op_by_name, saying->statement, &error, &infer) ||
        !infer.broken)
      fail_sample(saying->statement, "breaks no constraint: %s", error ? error : "it is accepted");
    assert_string_equal(infer.message, saying->message);
    assert_int_equal(!infer.help, !saying->help);
    if (saying->help && infer.help)
      assert_string_equal(infer.help, saying->help);
    nc_arena_destroy(arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(rules_say_what_is_wrong)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
