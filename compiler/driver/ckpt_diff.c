// netc ckpt diff.
#include "driver/ckpt.h"
#include "driver/options.h"
#include "netc_rt.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

// How the values of two tensors of one type differ.
typedef struct Distance {
  int64_t values, different;
  double largest, rms;
  bool finite; // whether the differences are
} Distance;

static Distance measure(const NcrtTensor *a, const NcrtTensor *b) {
  Distance d = {.values = ncrt_shape_elements(&a->shape, 1), .finite = true};
  int64_t size = ncrt_dtype_size(a->shape.dtype);
  const char *x = a->data, *y = b->data;
  double squares = 0;
  for (int64_t i = 0; i < d.values; i++) {
    if (memcmp(x + i * size, y + i * size, (size_t)size) == 0)
      continue;
    double by = fabs(nc_ckpt_element(a, i) - nc_ckpt_element(b, i));
    d.different++;
    d.finite &= isfinite(by);
    d.largest = by > d.largest ? by : d.largest;
    squares += by * by;
  }
  d.rms = d.values > 0 ? sqrt(squares / (double)d.values) : 0;
  return d;
}

static bool same_type(const NcrtTensor *a, const NcrtTensor *b) {
  return a->shape.dtype == b->shape.dtype && a->shape.rank == b->shape.rank &&
         memcmp(a->shape.dims, b->shape.dims, (size_t)a->shape.rank * sizeof *a->shape.dims) == 0;
}

// What is told: as text at once, or gathered as JSON.
typedef struct Report {
  json_t *tensors, *metadata; // NULL: text
  int differences;
} Report;

static void tell_kind(Report *r, const char *name, const char *kind, const char *text) {
  char shown[300];
  r->differences++;
  if (r->tensors)
    json_array_append_new(r->tensors, json_pack("{s:s, s:s}", "name", name, "difference", kind));
  else
    printf("%s: %s\n", ncrt_printable(shown, sizeof shown, name), text);
}

static void tell_values(Report *r, const NcrtTensor *a, const Distance *d) {
  char shown[300], type[200];
  r->differences++;
  if (r->tensors) {
    json_array_append_new(r->tensors,
                          json_pack("{s:s, s:s, s:I, s:I, s:o, s:o}", "name", a->name, "difference",
                                    "values", "values", (json_int_t)d->values, "different",
                                    (json_int_t)d->different, "largest",
                                    d->finite ? json_real(d->largest) : json_null(), "rms",
                                    d->finite ? json_real(d->rms) : json_null()));
    return;
  }
  printf("%s: %s: %" PRId64 " of %" PRId64 " values differ",
         ncrt_printable(shown, sizeof shown, a->name),
         ncrt_shape_print(type, sizeof type, &a->shape), d->different, d->values);
  if (d->finite)
    printf(", by up to %.4g, rms %.4g\n", d->largest, d->rms);
  else
    printf("; some are not finite\n");
}

static void compare_tensors(Report *r, const NcrtTensor *a, const NcrtTensor *b) {
  if (!same_type(a, b)) {
    char text[500], first[200], second[200];
    snprintf(text, sizeof text, "%s and %s", ncrt_shape_print(first, sizeof first, &a->shape),
             ncrt_shape_print(second, sizeof second, &b->shape));
    tell_kind(r, a->name, "type", text);
    return;
  }
  Distance d = measure(a, b);
  if (d.different > 0)
    tell_values(r, a, &d);
}

static bool is_short(const char *text) { return strlen(text) <= 40 && !strchr(text, '\n'); }

static void compare_text(Report *r, const char *key, const char *a, const char *b) {
  char shown[300], first[50], second[50];
  if (a && b && strcmp(a, b) == 0)
    return;
  r->differences++;
  if (r->metadata) {
    json_array_append_new(r->metadata, json_pack("{s:s, s:s?, s:s?}", "key", key, "a", a, "b", b));
    return;
  }
  printf("%s: ", ncrt_printable(shown, sizeof shown, key));
  if (!a || !b)
    printf("only in the %s\n", a ? "first" : "second");
  else if (is_short(a) && is_short(b))
    printf("%s and %s\n", ncrt_printable(first, sizeof first, a),
           ncrt_printable(second, sizeof second, b));
  else
    printf("the texts differ\n");
}

static void compare(Report *r, const NcrtSafetensors *a, const NcrtSafetensors *b) {
  for (int i = 0; i < a->text_count; i++)
    compare_text(r, a->texts[i].key, a->texts[i].value, ncrt_safetensors_text(b, a->texts[i].key));
  for (int i = 0; i < b->text_count; i++)
    if (!ncrt_safetensors_text(a, b->texts[i].key))
      compare_text(r, b->texts[i].key, NULL, b->texts[i].value);
  for (int i = 0; i < a->tensor_count; i++) {
    const NcrtTensor *other = ncrt_safetensors_find(b, a->tensors[i].name);
    if (other)
      compare_tensors(r, &a->tensors[i], other);
    else
      tell_kind(r, a->tensors[i].name, "only in a", "only in the first");
  }
  for (int i = 0; i < b->tensor_count; i++)
    if (!ncrt_safetensors_find(a, b->tensors[i].name))
      tell_kind(r, b->tensors[i].name, "only in b", "only in the second");
}

int nc_ckpt_diff(const NcrtSafetensors *a, const NcrtSafetensors *b, bool json) {
  Report r = {0};
  if (json)
    r = (Report){.tensors = json_array(), .metadata = json_array()};
  compare(&r, a, b);
  if (json) {
    json_t *whole = json_pack("{s:b, s:o, s:o}", "equal", r.differences == 0, "metadata",
                              r.metadata, "tensors", r.tensors);
    json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    printf("\n");
    json_decref(whole);
  }
  return r.differences == 0 ? NC_EXIT_OK : NC_EXIT_INPUT;
}
