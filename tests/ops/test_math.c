// exp, log, tanh, erf, sin, cos, pow and floor as generated code, against the C library in a wider
// format: within the errors that docs/internals.md states, with the same special values, the same
// in every number of lanes, and in portable mode on every target.
//
// `ops_math FUNCTION DTYPE [TARGET [portable]]` measures more: f32 functions of one argument at all
// floats, the others at 200 times as many points.
#include "ops/compiled.h"
#include "ops/samples.h"

#include "emit/target.h"
#include "table.h"

#include <float.h>
#include <stdio.h>

enum { MANY = 4096, FEW = 31 }; // of FEW, 16, 8, 4 and 2 lanes and one at a time

typedef struct Function {
  const char *name;
  int operands;
  long double (*wide)(long double), (*wide2)(long double, long double);
  double (*f64)(double), (*f64_2)(double, double);
} Function;

static const Function functions[] = {
    {"exp", 1, expl, NULL, exp, NULL},    {"log", 1, logl, NULL, log, NULL},
    {"tanh", 1, tanhl, NULL, tanh, NULL}, {"erf", 1, erfl, NULL, erf, NULL},
    {"sin", 1, sinl, NULL, sin, NULL},    {"cos", 1, cosl, NULL, cos, NULL},
    {"pow", 2, NULL, powl, NULL, pow},    {"floor", 1, floorl, NULL, floor, NULL},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static const char *const targets[] = {"native", "x86-64-v3", "x86-64"};

// One function compiled for a dtype: as a map of MANY elements, and of FEW.
typedef struct Made {
  const Function *function;
  NcDtype dtype;
  NcArena *arena;
  NcJit *jit;
  NcEmitEntry entries[2];
  char *memory[2];
} Made;

static Made compile(const Function *function, NcDtype dtype, const char *cpu, bool portable) {
  static const int sizes[] = {MANY, FEW};
  Made code = {.function = function, .dtype = dtype, .arena = nc_arena_create()};
  NcTarget target;
  const char *message = NULL, *d = nc_dtype_name(dtype);
  assert_true(nc_target_select(code.arena, NULL, cpu, &target, &message));
  if (portable)
    nc_target_make_portable(&target);
  if (!target.runs_here)
    return code;
  for (int i = 0; i < 2; i++) {
    const char *one = nc_arena_printf(code.arena, "%s[%d]", d, sizes[i]);
    const char *two = nc_arena_printf(code.arena, "%s, %s", one, one);
    const char *text = nc_arena_printf(code.arena, "%s %s : %s", function->name,
                                       function->operands == 2 ? two : one, one);
    NcGraph *graph = read_sample(code.arena, text);
    NcPlan *plan = nc_plan_graph(code.arena, graph, &target);
    code.entries[i] = (NcEmitEntry){i ? "few" : "many", plan};
    code.memory[i] = aligned_alloc(64, ((size_t)plan->arena_fixed + 127) / 64 * 64);
  }
  code.jit = nc_jit_compile(code.arena, code.entries, 2, &target, &message);
  if (!code.jit)
    fail_sample(function->name, "%s", message);
  return code;
}

static void discard(Made *code) {
  nc_jit_destroy(code->jit);
  free(code->memory[0]);
  free(code->memory[1]);
  nc_arena_destroy(code->arena);
}

static void *run(const Made *code, int which, void *a, void *b) {
  void *buffers[] = {a, b};
  NcrtFrame frame = {.table = ncrt_table(),
                     .arena = code->memory[which],
                     .buffers = buffers,
                     .batch = 1,
                     .max_batch = 1,
                     .fault_node = -1};
  const NcEmitEntry *entry = &code->entries[which];
  run_plan(nc_jit_functions(code->jit), entry->name, entry->plan, &frame);
  return code->memory[which] + entry->plan->results[0].fixed;
}

// Numbers as long doubles, whatever their dtype.
static long double get(NcDtype dtype, const void *from, int i) {
  return dtype == NC_F32 ? (long double)((const float *)from)[i]
                         : (long double)((const double *)from)[i];
}

static void put(NcDtype dtype, void *to, int i, double value) {
  if (dtype == NC_F32)
    ((float *)to)[i] = (float)value;
  else
    ((double *)to)[i] = value;
}

static void put_bits(NcDtype dtype, void *to, int i, uint64_t bits) {
  size_t size = nc_dtype_size(dtype);
  memcpy((char *)to + (size_t)i * size, &bits, size); // little endian
}

// The errors that docs/internals.md promises, in units in the last place.
static double promised(const char *name, NcDtype dtype) {
  FILE *file = fopen(NETC_SOURCE_DIR "/docs/internals.md", "r");
  assert_non_null(file);
  char line[512], wanted[32];
  double bounds[2] = {-1, -1};
  snprintf(wanted, sizeof wanted, "| `%s` |", name);
  while (bounds[0] < 0 && fgets(line, sizeof line, file))
    if (strncmp(line, wanted, strlen(wanted)) == 0)
      sscanf(line + strlen(wanted), "%lf | %lf", &bounds[0], &bounds[1]);
  fclose(file);
  if (bounds[0] < 0 || bounds[1] < 0)
    fail_sample(name, "docs/internals.md states no error");
  return bounds[dtype == NC_F64];
}

static long double reference(const Made *code, const void *a, const void *b, int i) {
  const Function *f = code->function;
  // double is wide enough for f32, and its functions are faster; glibc's powl takes a huge exponent
  // of -inf for an odd one.
  if (code->dtype == NC_F32 || isinf(get(code->dtype, a, i)))
    return f->operands == 1 ? (long double)f->f64((double)get(code->dtype, a, i))
                            : (long double)f->f64_2((double)get(code->dtype, a, i),
                                                    (double)get(code->dtype, b, i));
  return f->operands == 1 ? f->wide(get(code->dtype, a, i))
                          : f->wide2(get(code->dtype, a, i), get(code->dtype, b, i));
}

// In units in the last place of what was wanted; huge where one is NaN or of another sign.
static double error_of(NcDtype dtype, long double got, long double want) {
  int digits = dtype == NC_F32 ? FLT_MANT_DIG : DBL_MANT_DIG;
  int least = dtype == NC_F32 ? FLT_MIN_EXP : DBL_MIN_EXP;
  int most = dtype == NC_F32 ? FLT_MAX_EXP : DBL_MAX_EXP;
  if (isnan(got) || isnan(want))
    return isnan(got) && isnan(want) ? 0 : HUGE_VAL;
  if (!!signbit(got) != !!signbit(want))
    return HUGE_VAL;
  if (got == want)
    return 0;
  long double limit = ldexpl(1, most);
  if (isinf(got))
    got = copysignl(limit, got);
  if (fabsl(want) > limit)
    want = copysignl(limit, want);
  int exponent;
  frexpl(want, &exponent);
  if (exponent < least)
    exponent = least;
  if (exponent > most)
    exponent = most;
  return (double)ldexpl(fabsl(got - want), digits - exponent);
}

typedef struct Worst {
  double error;
  long double a, b, got, want;
} Worst;

// Whether the result is the nearest number, which most are, told faster than by error_of.
static bool is_nearest(NcDtype dtype, long double got, long double want) {
  long double nearest = dtype == NC_F32 ? (long double)(float)want : (long double)(double)want;
  return got == nearest && got != 0;
}

// Runs MANY elements and looks at each.
static void measure(const Made *code, void *a, void *b, Worst *worst) {
  const void *results = run(code, 0, a, b);
  for (int i = 0; i < MANY; i++) {
    long double got = get(code->dtype, results, i), want = reference(code, a, b, i);
    if (is_nearest(code->dtype, got, want))
      continue;
    double error = error_of(code->dtype, got, want);
    if (error > worst->error)
      *worst = (Worst){error, get(code->dtype, a, i), b ? get(code->dtype, b, i) : 0, got, want};
  }
}

static void check_worst(const Made *code, const char *cpu, const Worst *worst) {
  double bound = promised(code->function->name, code->dtype);
  if (!(worst->error <= bound))
    fail_sample(code->function->name, "%s, %s: of %.17Lg, %.17Lg is %.20Lg, not %.20Lg: %.3f ulp",
                cpu, nc_dtype_name(code->dtype), worst->a, worst->b, worst->got, worst->want,
                worst->error);
}

// A number for an operand: any bits, or of a usual size, or near one.
static double draw_number(NcDtype dtype, uint64_t *random) {
  uint64_t bits = next_random(random), kind = next_random(random) % 8;
  double sign = bits & 1 ? -1 : 1, u = next_uniform(random);
  if (kind == 0 && dtype == NC_F64) {
    double any;
    memcpy(&any, &bits, sizeof any);
    return any;
  }
  if (kind <= 1) {
    float any;
    memcpy(&any, &bits, sizeof any);
    return (double)any;
  }
  if (kind == 2)
    return sign * exp2(-40 * u);
  if (kind == 3)
    return 1 + sign * exp2(-50 * u);
  if (kind == 4)
    return sign * exp2(12 * u);
  if (kind == 5)
    return floor(sign * 40 * u) * 1.5707963267948966;
  return sign * u * (kind == 6 ? 1 : 8);
}

// An exponent with which x's power is of some size, half of the time.
static double draw_exponent(NcDtype dtype, double x, uint64_t *random) {
  double y = draw_number(dtype, random);
  if (next_random(random) & 1)
    return y;
  double most = dtype == NC_F32 ? 110 : 760;
  y = most * (2 * next_uniform(random) - 1) / log(fabs(x));
  return next_random(random) & 1 ? y : round(y);
}

static void measure_drawn(const Made *code, int rounds, Worst *worst) {
  double a[MANY], b[MANY];
  uint64_t random = 41;
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < MANY; i++) {
      double x = draw_number(code->dtype, &random);
      put(code->dtype, a, i, x);
      put(code->dtype, b, i, draw_exponent(code->dtype, x, &random));
    }
    measure(code, a, code->function->operands == 2 ? b : NULL, worst);
  }
}

// The floats of each number a multiple of `step`.
static void measure_floats(const Made *code, uint64_t step, Worst *worst) {
  float a[MANY];
  for (uint64_t first = 0; first < 1ull << 32; first += MANY * step) {
    for (int i = 0; i < MANY; i++)
      put_bits(NC_F32, a, i, (first + (uint64_t)i * step) & UINT32_MAX);
    measure(code, a, NULL, worst);
  }
}

// Runs `check` for each function, dtype and target.
static void for_all(bool portable, void (*check)(const Made *, const char *)) {
  for (int t = 0; t < 3; t++)
    for (int f = 0; f < FUNCTIONS; f++)
      for (int d = NC_F32; d <= NC_F64; d++) {
        Made code = compile(&functions[f], (NcDtype)d, targets[t], portable);
        if (code.jit)
          check(&code, targets[t]);
        discard(&code);
      }
}

static void check_errors(const Made *code, const char *cpu) {
  Worst worst = {0};
  measure_drawn(code, 8, &worst);
  if (code->dtype == NC_F32 && code->function->operands == 1)
    measure_floats(code, 65521, &worst);
  check_worst(code, cpu, &worst);
}

static void errors_are_as_promised(void **state) {
  (void)state;
  for_all(false, check_errors);
}

static void portable_errors_are_as_promised(void **state) {
  (void)state;
  for_all(true, check_errors);
}

static const double special[] = {
    0,
    1,
    0.5,
    2,
    3,
    4,
    1.5,
    2.5,
    0x1p23,
    0x1p24,
    0x1p31,
    0x1p52,
    0x1p53,
    0x1p53 + 2,
    0x1p63,
    0x1p64,
    0x1p127,
    0x1p-126,
    0x1p-149,
    0x1p-140,
    1e300,
    1e-300,
    5e-324,
    88.72284,
    88.72283,
    -87.336,
    709.782,
    709.783,
    745.133,
    745.134,
    103.972,
    103.98,
    9.01,
    19.1,
    3.9,
    5.9,
    0.99999994,
    1.0000001,
    1e-10,
    16777217,
    0x1.fffffep127,
    0x1.fffffffffffffp1023,
    6381956970095103.0 * 0x1p797,
    16367173.0 * 0x1p72,
};
enum { SPECIALS = 2 * (sizeof special / sizeof *special) + 3 };

static double special_at(int i) {
  static const double ends[] = {(double)INFINITY, -(double)INFINITY, (double)NAN};
  int half = SPECIALS / 2 - 1;
  return i < half ? special[i] : i < 2 * half ? -special[i - half] : ends[i - 2 * half];
}

static void check_specials(const Made *code, const char *cpu) {
  double a[MANY], b[MANY];
  Worst worst = {0};
  for (int first = 0; first < SPECIALS * SPECIALS; first += MANY) {
    for (int i = 0; i < MANY; i++) {
      put(code->dtype, a, i, special_at((first + i) / SPECIALS % SPECIALS));
      put(code->dtype, b, i, special_at((first + i) % SPECIALS));
    }
    measure(code, a, code->function->operands == 2 ? b : NULL, &worst);
  }
  check_worst(code, cpu, &worst);
}

static void special_values_are_those_of_c(void **state) {
  (void)state;
  for_all(false, check_specials);
}

static bool same_bits(NcDtype dtype, const void *a, int i, const void *b, int j) {
  size_t size = nc_dtype_size(dtype);
  return same_element(dtype, (const char *)a + (size_t)i * size,
                      (const char *)b + (size_t)j * size);
}

// Each number at every place of the short map, beside others.
static void check_lanes(const Made *code, const char *cpu) {
  double a[MANY], b[MANY], some_a[FEW], some_b[FEW];
  uint64_t random = 43;
  size_t size = nc_dtype_size(code->dtype);
  for (int i = 0; i < MANY; i++) {
    double x = draw_number(code->dtype, &random);
    put(code->dtype, a, i, x);
    put(code->dtype, b, i, draw_exponent(code->dtype, x, &random));
  }
  const void *want = run(code, 0, a, b);
  for (int first = 0; first < 200; first++) {
    memcpy(some_a, (char *)a + (size_t)first * size, FEW * size);
    memcpy(some_b, (char *)b + (size_t)first * size, FEW * size);
    const void *got = run(code, 1, some_a, some_b);
    for (int i = 0; i < FEW; i++)
      if (!same_bits(code->dtype, want, first + i, got, i))
        fail_sample(code->function->name, "%s, %s: of %.17Lg at place %d is %.17Lg, not %.17Lg",
                    cpu, nc_dtype_name(code->dtype), get(code->dtype, some_a, i), i,
                    get(code->dtype, got, i), get(code->dtype, want, first + i));
  }
}

static void every_lane_gives_the_same(void **state) {
  (void)state;
  for_all(false, check_lanes);
}

// Compares two targets' results of MANY drawn numbers.
static void compare_targets(const Made *one, const Made *other, const char *cpu) {
  double a[MANY], b[MANY];
  uint64_t random = 47;
  for (int i = 0; i < MANY; i++) {
    double x = i < SPECIALS * 30 ? special_at(i % SPECIALS) : draw_number(one->dtype, &random);
    put(one->dtype, a, i, x);
    put(one->dtype, b, i,
        i < SPECIALS * 30 ? special_at(i / SPECIALS) : draw_exponent(one->dtype, x, &random));
  }
  const void *want = run(one, 0, a, b), *got = run(other, 0, a, b);
  for (int i = 0; i < MANY; i++)
    if (!same_bits(one->dtype, want, i, got, i))
      fail_sample(one->function->name, "%s: of %.17Lg, %.17Lg is %.17Lg, not %.17Lg", cpu,
                  get(one->dtype, a, i), get(one->dtype, b, i), get(one->dtype, got, i),
                  get(one->dtype, want, i));
}

static void portable_bits_are_the_same_on_all_targets(void **state) {
  (void)state;
  for (int f = 0; f < FUNCTIONS; f++)
    for (int d = NC_F32; d <= NC_F64; d++) {
      Made native = compile(&functions[f], (NcDtype)d, targets[0], true);
      for (int t = 1; t < 3; t++) {
        Made other = compile(&functions[f], (NcDtype)d, targets[t], true);
        if (other.jit)
          compare_targets(&native, &other, targets[t]);
        discard(&other);
      }
      discard(&native);
    }
}

static int measure_one(int argc, char **argv) {
  const Function *function = NULL;
  for (int f = 0; f < FUNCTIONS; f++)
    if (strcmp(functions[f].name, argv[1]) == 0)
      function = &functions[f];
  if (!function)
    return 2;
  NcDtype dtype = strcmp(argv[2], "f64") == 0 ? NC_F64 : NC_F32;
  Made code = compile(function, dtype, argc > 3 ? argv[3] : "native", argc > 4);
  Worst worst = {0};
  if (dtype == NC_F32 && function->operands == 1)
    measure_floats(&code, 1, &worst);
  else
    measure_drawn(&code, 1600, &worst);
  printf("%s %s: %.4f ulp, of %.17Lg, %.17Lg: %.20Lg, not %.20Lg\n", function->name, argv[2],
         worst.error, worst.a, worst.b, worst.got, worst.want);
  discard(&code);
  return 0;
}

int main(int argc, char **argv) {
  if (argc > 2)
    return measure_one(argc, argv);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(errors_are_as_promised),
      cmocka_unit_test(portable_errors_are_as_promised),
      cmocka_unit_test(special_values_are_those_of_c),
      cmocka_unit_test(every_lane_gives_the_same),
      cmocka_unit_test(portable_bits_are_the_same_on_all_targets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
