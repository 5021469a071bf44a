// The functions of generated code's table: products against sums written out; multiply-adds where
// rounding twice would show.
#include "table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { M = 5, N = 7, K = 3, LEAD = 9 };

// Small integers, so that every order of summation gives the same.
static double value(int64_t i) { return (double)(i * 7 % 11) - 5; }

static int64_t place(int32_t transposed, int64_t row, int64_t column) {
  return transposed ? column * LEAD + row : row * LEAD + column;
}

static double expected(int32_t ta, int32_t tb, int64_t i, int64_t j) {
  double sum = 0;
  for (int64_t k = 0; k < K; k++)
    sum += value(place(ta, i, k)) * value(place(tb, k, j));
  return sum;
}

static void multiplies(void **state) {
  (void)state;
  float a[LEAD * LEAD], c[M * LEAD];
  double a64[LEAD * LEAD], c64[M * LEAD];
  for (int64_t i = 0; i < LEAD * LEAD; i++)
    a64[i] = value(i), a[i] = (float)a64[i];
  for (int32_t flags = 0; flags < 4; flags++) {
    int32_t ta = flags & 1, tb = flags >> 1;
    for (int i = 0; i < M * LEAD; i++)
      c[i] = 77, c64[i] = 77; // what was there does not count
    ncrt_table()->sgemm(ta, tb, M, N, K, a, LEAD, a, LEAD, c, LEAD);
    ncrt_table()->dgemm(ta, tb, M, N, K, a64, LEAD, a64, LEAD, c64, LEAD);
    for (int64_t i = 0; i < M; i++)
      for (int64_t j = 0; j < LEAD; j++) {
        double want = j < N ? expected(ta, tb, i, j) : 77;
        assert_true((double)c[i * LEAD + j] == want);
        assert_true(c64[i * LEAD + j] == want);
      }
  }
}

static void rounds_once(void **state) {
  (void)state;
  float a = 1 + 0x1p-12f;
  double b = 1 + 0x1p-30;
  assert_true(ncrt_table()->fmaf(a, a, -1 - 0x1p-11f) == 0x1p-24f);
  assert_true(ncrt_table()->fma(b, b, -1 - 0x1p-29) == 0x1p-60);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(multiplies), cmocka_unit_test(rounds_once)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
