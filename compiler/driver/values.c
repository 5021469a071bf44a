// Tensors for a reader's eye.
#include "driver/values.h"

#include "dtype.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { ENDS = 3, SMALL = 64, LONG = 256, COLUMNS = 80 };

typedef struct Printing {
  FILE *out;
  NcrtDtype dtype;
  int rank;
  int64_t dims[NCRT_MAX_RANK], strides[NCRT_MAX_RANK];
  const void *data;
  bool cut;  // long dimensions are shown by their ends
  int width; // of an element
} Printing;

NcrtShape nc_sample_shape(const NcrtShape *shape) {
  NcrtShape sample = *shape;
  if (shape->batched) {
    memmove(sample.dims, sample.dims + 1, sizeof(int64_t) * (NCRT_MAX_RANK - 1));
    sample.rank--;
    sample.batched = 0;
  }
  return sample;
}

double nc_value_at(NcrtDtype dtype, const void *data, int64_t index) {
  const char *at = (const char *)data + index * ncrt_dtype_size(dtype);
  int32_t i32;
  int64_t i64;
  float f32;
  double f64;
  switch (dtype) {
  case NCRT_I32:
    return memcpy(&i32, at, sizeof i32), i32;
  case NCRT_I64:
    return memcpy(&i64, at, sizeof i64), (double)i64;
  case NCRT_F32:
    return memcpy(&f32, at, sizeof f32), f32;
  case NCRT_F64:
    return memcpy(&f64, at, sizeof f64), f64;
  default:
    return *(const uint8_t *)at;
  }
}

static Printing begin(FILE *out, const NcrtShape *shape, int64_t batch, const void *data) {
  Printing p = {.out = out, .dtype = shape->dtype, .rank = shape->rank, .data = data};
  int64_t stride = 1;
  for (int d = shape->rank - 1; d >= 0; d--) {
    p.dims[d] = d == 0 && shape->batched ? batch : shape->dims[d];
    p.strides[d] = stride;
    stride *= p.dims[d];
  }
  p.cut = stride > LONG;
  return p;
}

static int format(char *buffer, size_t size, const Printing *p, int64_t index) {
  double value = nc_value_at(p->dtype, p->data, index);
  if (p->dtype == NCRT_BOOL)
    return snprintf(buffer, size, "%s", value != 0 ? "true" : "false");
  if (p->dtype == NCRT_I64)
    return snprintf(buffer, size, "%" PRId64, ((const int64_t *)p->data)[index]);
  return snprintf(buffer, size, "%.*g", p->dtype == NCRT_F64 ? 10 : 6, value);
}

// The k-th position that is shown of a dimension; -1 stands for those left out, its size is the
// end.
static int64_t shown(const Printing *p, int d, int64_t k) {
  if (!p->cut || p->dims[d] <= 2 * ENDS + 1)
    return k < p->dims[d] ? k : p->dims[d];
  if (k < ENDS)
    return k;
  return k == ENDS ? -1 : p->dims[d] - ENDS + (k - ENDS - 1);
}

static void measure(Printing *p, int d, int64_t index) {
  char buffer[40];
  if (d == p->rank) {
    int width = format(buffer, sizeof buffer, p, index);
    p->width = width > p->width ? width : p->width;
    return;
  }
  for (int64_t k = 0; shown(p, d, k) < p->dims[d]; k++)
    if (shown(p, d, k) >= 0)
      measure(p, d + 1, index + shown(p, d, k) * p->strides[d]);
}

static void print_rows(const Printing *p, int d, int64_t index) {
  if (d == p->rank) {
    char buffer[40];
    format(buffer, sizeof buffer, p, index);
    fprintf(p->out, "%*s", p->width, buffer);
    return;
  }
  bool last = d + 1 == p->rank;
  int column = d + 3;
  fputc('[', p->out);
  for (int64_t k = 0; shown(p, d, k) < p->dims[d]; k++) {
    column += p->width + 1;
    if (k > 0 && (!last || column >= COLUMNS)) {
      fprintf(p->out, "\n%*s", d + 3, "");
      column = d + 4 + p->width;
    } else if (k > 0) {
      fputc(' ', p->out);
    }
    if (shown(p, d, k) < 0)
      fputs("…", p->out);
    else
      print_rows(p, d + 1, index + shown(p, d, k) * p->strides[d]);
  }
  fputc(']', p->out);
}

// Mean and squares in Welford's way.
void nc_summary_add(NcSummary *summary, double value) {
  summary->values++;
  if (!isfinite(value))
    return;
  double before = value - summary->mean;
  summary->least = summary->finite == 0 || value < summary->least ? value : summary->least;
  summary->most = summary->finite == 0 || value > summary->most ? value : summary->most;
  summary->mean += before / (double)++summary->finite;
  summary->squares += before * (value - summary->mean);
}

static void print_summary(FILE *out, const NcrtShape *shape, int64_t count, const void *data) {
  NcSummary s = {0};
  for (int64_t i = 0; i < count; i++)
    nc_summary_add(&s, nc_value_at(shape->dtype, data, i));
  int64_t odd = s.values - s.finite;
  if (s.finite > 0)
    fprintf(out, "  from %.6g to %.6g, mean %.6g", s.least, s.most, s.mean);
  if (odd > 0)
    fprintf(out, "%s %" PRId64 " not finite", odd < count ? "," : " ", odd);
}

void nc_values_print(FILE *out, const char *name, const NcrtShape *shape, int64_t batch,
                     const void *data) {
  char type[200];
  NcrtShape actual = *shape;
  if (actual.batched)
    actual.dims[0] = batch;
  actual.batched = 0;
  fprintf(out, "%s: %s", name, ncrt_shape_print(type, sizeof type, &actual));
  Printing p = begin(out, shape, batch, data);
  measure(&p, 0, 0);
  int64_t count = ncrt_shape_elements(shape, batch);
  if (count > SMALL && shape->dtype != NCRT_BOOL)
    print_summary(out, shape, count, data);
  fputs(shape->rank == 0 ? " = " : "\n  ", out);
  print_rows(&p, 0, 0);
  fputc('\n', out);
}

static json_t *element(const Printing *p, int64_t index) {
  double value = nc_value_at(p->dtype, p->data, index);
  if (isnan(value))
    return json_string("nan");
  if (isinf(value))
    return json_string(value > 0 ? "inf" : "-inf");
  if (p->dtype == NCRT_F32 || p->dtype == NCRT_F64)
    return json_real(value);
  if (p->dtype == NCRT_BOOL)
    return json_boolean(value != 0);
  return json_integer(p->dtype == NCRT_I64 ? ((const int64_t *)p->data)[index] : (int64_t)value);
}

static json_t *nested(const Printing *p, int d, int64_t index) {
  if (d == p->rank)
    return element(p, index);
  json_t *list = json_array();
  for (int64_t k = 0; k < p->dims[d]; k++)
    json_array_append_new(list, nested(p, d + 1, index + k * p->strides[d]));
  return list;
}

json_t *nc_values_json(const char *name, const NcrtShape *shape, int64_t batch, const void *data) {
  Printing p = begin(NULL, shape, batch, data);
  json_t *dims = json_array();
  for (int d = 0; d < p.rank; d++)
    json_array_append_new(dims, json_integer(p.dims[d]));
  return json_pack("{s:s, s:s, s:o, s:o}", "name", name, "dtype", ncrt_dtype_name(shape->dtype),
                   "shape", dims, "values", nested(&p, 0, 0));
}
