// The table of generated code's calls: matrix products through OpenBLAS, fused multiply-adds.
#include "table.h"

#include <cblas.h>
#include <math.h>

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

static const NcrtTable table = {.sgemm = sgemm, .dgemm = dgemm, .fmaf = fmaf, .fma = fma};

const NcrtTable *ncrt_table(void) {
  openblas_set_num_threads(1);
  return &table;
}
