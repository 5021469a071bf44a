// String maps, and the name that was meant.
#include "base/map.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void an_empty_map_has_nothing(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcMap map = nc_map_create(arena);
  assert_null(nc_map_get(&map, "x"));
  assert_int_equal(map.count, 0);
  nc_arena_destroy(arena);
}

static void keeps_many_in_the_order_of_insertion(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcMap map = nc_map_create(arena);
  for (intptr_t i = 0; i < 2000; i++)
    nc_map_set(&map, nc_arena_printf(arena, "name%d", (int)(i * 7919 % 2000)), (void *)(i + 1));
  assert_int_equal(map.count, 2000);
  for (intptr_t i = 0; i < 2000; i++) {
    const char *key = nc_arena_printf(arena, "name%d", (int)(i * 7919 % 2000));
    assert_string_equal(map.entries[i].key, key);
    assert_ptr_equal(nc_map_get(&map, key), (void *)(i + 1));
  }
  assert_null(nc_map_get(&map, "name2000"));
  nc_arena_destroy(arena);
}

static void setting_again_replaces(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NcMap map = nc_map_create(arena);
  int one, two;
  nc_map_set(&map, "a", &one);
  nc_map_set(&map, "", &one);
  nc_map_set(&map, "a", &two);
  assert_int_equal(map.count, 2);
  assert_ptr_equal(nc_map_get(&map, "a"), &two);
  assert_ptr_equal(nc_map_get(&map, ""), &one);
  nc_arena_destroy(arena);
}

// The suggestion for `name` among names of the standard library and of a user's file.
static const char *suggest(const char *name) {
  static const char *const candidates[] = {"relu",     "softmax", "softmax_cross_entropy",
                                           "mean",     "max",     "min",
                                           "weights",  "c1",      "c2",
                                           "accuracy", "argmax",  "one_hot",
                                           "x",        "N",       "sum",
                                           "sqrt",     "batch",   "epochs",
                                           "validate", "data",    "label"};
  const char *best = NULL;
  int distance = INT_MAX;
  for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
    nc_suggest(name, candidates[i], &best, &distance);
  return best;
}

static void suggests_what_was_meant(void **state) {
  (void)state;
  assert_string_equal(suggest("rleu"), "relu");           // letters swapped
  assert_string_equal(suggest("Relu"), "relu");           // another case
  assert_string_equal(suggest("RELU"), "relu");           // all in another case
  assert_string_equal(suggest("softmaxx"), "softmax");    // one too many
  assert_string_equal(suggest("acuracy"), "accuracy");    // one missing
  assert_string_equal(suggest("weigths"), "weights");     //
  assert_string_equal(suggest("one_hit"), "one_hot");     // one wrong
  assert_string_equal(suggest("onehot"), "one_hot");      //
  assert_string_equal(suggest("validation"), "validate"); // a third of ten letters
  assert_string_equal(suggest("n"), "N");
  assert_string_equal(suggest("softmax_crossentropy"), "softmax_cross_entropy");
}

static void suggests_nothing_far_off(void **state) {
  (void)state;
  assert_null(suggest("convolution"));
  assert_null(suggest("y"));
  assert_null(suggest("q7"));
  assert_null(suggest(""));
  assert_null(suggest("lstm"));
}

static void does_not_suggest_the_name_itself(void **state) {
  (void)state;
  const char *best = NULL;
  int distance = INT_MAX;
  nc_suggest("relu", "relu", &best, &distance);
  assert_null(best);
}

static void the_nearest_and_of_equals_the_first_wins(void **state) {
  (void)state;
  const char *best = NULL;
  int distance = INT_MAX;
  nc_suggest("weight", "weighty", &best, &distance);
  nc_suggest("weight", "weights", &best, &distance);
  assert_string_equal(best, "weighty");
  nc_suggest("weight", "Weight", &best, &distance);
  assert_string_equal(best, "Weight");
}

static void long_names_are_passed_over(void **state) {
  (void)state;
  char name[2000];
  memset(name, 'a', sizeof name - 1);
  name[sizeof name - 1] = '\0';
  const char *best = NULL;
  int distance = INT_MAX;
  nc_suggest(name, "a", &best, &distance);
  nc_suggest("a", name, &best, &distance);
  assert_null(best);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_empty_map_has_nothing),
      cmocka_unit_test(keeps_many_in_the_order_of_insertion),
      cmocka_unit_test(setting_again_replaces),
      cmocka_unit_test(suggests_what_was_meant),
      cmocka_unit_test(suggests_nothing_far_off),
      cmocka_unit_test(does_not_suggest_the_name_itself),
      cmocka_unit_test(the_nearest_and_of_equals_the_first_wins),
      cmocka_unit_test(long_names_are_passed_over),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
