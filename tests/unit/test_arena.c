// Arenas and vectors: zeroed, aligned, distinct memory, and growth.
#include "base/arena.h"
#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void gives_zeroed_aligned_memory(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  for (size_t size = 0; size < 5000; size += 37) {
    unsigned char *bytes = nc_arena_alloc(arena, size);
    assert_non_null(bytes);
    assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
    for (size_t i = 0; i < size; i++)
      assert_int_equal(bytes[i], 0);
    memset(bytes, 0xff, size);
  }
  nc_arena_destroy(arena);
}

static void allocations_do_not_overlap(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  char *all[300];
  for (int i = 0; i < 300; i++) {
    all[i] = nc_arena_alloc(arena, (size_t)(i % 50) * 100);
    memset(all[i], i, (size_t)(i % 50) * 100);
  }
  for (int i = 0; i < 300; i++)
    for (int j = 0; j < i % 50 * 100; j++)
      assert_int_equal(all[i][j], (char)i);
  assert_ptr_not_equal(nc_arena_alloc(arena, 0), nc_arena_alloc(arena, 0));
  nc_arena_destroy(arena);
}

static void gives_large_blocks(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  size_t size = (size_t)8 << 20;
  char *large = nc_arena_alloc(arena, size);
  large[0] = large[size - 1] = 1;
  char *small = nc_arena_alloc(arena, 1);
  assert_true(small < large || small >= large + size);
  nc_arena_destroy(arena);
}

static void copies_and_formats_strings(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  assert_string_equal(nc_arena_strdup(arena, "weights"), "weights");
  assert_string_equal(nc_arena_strndup(arena, "weights.c1", 7), "weights");
  assert_string_equal(nc_arena_strndup(arena, NULL, 0), "");
  assert_string_equal(nc_arena_printf(arena, "%s[%d]", "f32", 10), "f32[10]");
  assert_string_equal(nc_arena_printf(arena, "%s", ""), "");
  assert_int_equal(strlen(nc_arena_printf(arena, "%5000d", 1)), 5000);
  nc_arena_destroy(arena);
}

// What either arena holds outlives the merging, and both blocks with room and full ones are there.
static void merging_moves_what_was_given(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  char *texts[40];
  for (int i = 0; i < 40; i++) {
    NcArena *own = nc_arena_create();
    if (i > 0)
      nc_arena_strdup(arena, "between");
    texts[i] = nc_arena_printf(own, "%*d", i * 1000, i);
    if (i % 3 == 0)
      nc_arena_alloc(own, 100000);
    nc_arena_merge(arena, own);
  }
  nc_arena_merge(arena, nc_arena_create()); // of nothing
  for (int i = 0; i < 40; i++)
    assert_int_equal(atoi(texts[i]), i);
  nc_arena_destroy(arena); // the sanitizers tell what is freed twice or never
}

static void destroying_nothing_is_allowed(void **state) {
  (void)state;
  nc_arena_destroy(NULL);
  nc_arena_destroy(nc_arena_create());
}

static void vectors_keep_what_was_pushed(void **state) {
  (void)state;
  NcArena *arena = nc_arena_create();
  NC_VEC(int) numbers = {0};
  for (int i = 0; i < 1000; i++)
    nc_vec_push(arena, numbers, i * i);
  assert_int_equal(numbers.count, 1000);
  assert_true(numbers.capacity >= 1000);
  for (int i = 0; i < 1000; i++)
    assert_int_equal(numbers.items[i], i * i);
  nc_arena_destroy(arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(gives_zeroed_aligned_memory),
      cmocka_unit_test(allocations_do_not_overlap),
      cmocka_unit_test(gives_large_blocks),
      cmocka_unit_test(copies_and_formats_strings),
      cmocka_unit_test(merging_moves_what_was_given),
      cmocka_unit_test(destroying_nothing_is_allowed),
      cmocka_unit_test(vectors_keep_what_was_pushed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
