// The table of generated code's calls: matrix products through OpenBLAS, fused multiply-adds, and
// the clock of code that is timed.
#include "table.h"

#include <cblas.h>
#include <math.h>
#include <time.h>

static CBLAS_TRANSPOSE transposed(int32_t flag) { return flag ? CblasTrans : CblasNoTrans; }

static void sgemm(int32_t ta, int32_t tb, int64_t m, int64_t n, int64_t k, const float *a,
                  int64_t lda, const float *b, int64_t ldb, float *c, int64_t ldc) {
  cblas_sgemm(CblasRowMajor, transposed(ta), transposed(tb), (int)m, (int)n, (int)k, 1.0f, a,
              (int)lda, b, (int)ldb, 0.0f, c, (int)ldc);
}

static void dgemm(int32_t ta, int32_t tb, int64_t m, int64_t n, int64_t k, const double *a,
                  int64_t lda, const double *b, int64_t ldb, double *c, int64_t ldc) {
  cblas_dgemm(CblasRowMajor, transposed(ta), transposed(tb), (int)m, (int)n, (int)k, 1.0, a,
              (int)lda, b, (int)ldb, 0.0, c, (int)ldc);
}

int64_t ncrt_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void lap(NcrtFrame *frame, int64_t number) {
  NcrtLaps *laps = frame->laps;
  if (laps == NULL)
    return;
  int64_t now = ncrt_nanoseconds();
  laps->laps[number].ns += now - laps->last;
  laps->laps[number].times++;
  laps->last = now;
}

static const NcrtTable table = {
    .sgemm = sgemm, .dgemm = dgemm, .fmaf = fmaf, .fma = fma, .lap = lap};

const NcrtTable *ncrt_table(void) {
  openblas_set_num_threads(1);
  return &table;
}
