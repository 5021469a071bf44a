// A model as one file of C.
#include "emit/c.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

// ---- values of variables

static void emit_element(NcText *out, NcDtype dtype, const void *values, int64_t i) {
  switch (dtype) {
  case NC_F32:
    nc_c_float(out, (double)((const float *)values)[i], true);
    break;
  case NC_F64:
    nc_c_float(out, ((const double *)values)[i], false);
    break;
  case NC_I64:
    nc_c_integer(out, ((const int64_t *)values)[i], dtype);
    break;
  case NC_I32:
    nc_c_integer(out, ((const int32_t *)values)[i], dtype);
    break;
  default:
    nc_text_printf(out, "%d", ((const uint8_t *)values)[i]);
  }
}

static void emit_values(NcText *out, const NcModel *m) {
  for (int i = 0; i < m->variable_count; i++) {
    const NcModelVariable *v = &m->variables[i];
    NcDtype dtype = v->variable->type.dtype;
    if (!v->used || !v->value || v->zero)
      continue;
    nc_text_printf(out, "\nstatic const %s %s_%s[%" PRId64 "] NETC_ALIGNED(%" PRId64 ") = {",
                   nc_c_element(dtype), m->name, v->name, v->elements, m->alignment);
    for (int64_t e = 0; e < v->elements; e++) {
      nc_text_append(out, e % 8 ? " " : "\n    ");
      emit_element(out, dtype, v->value, e);
      nc_text_append(out, ",");
    }
    nc_text_append(out, "\n};\n");
  }
}

static void emit_reset(NcText *out, const NcModel *m) {
  if (!m->embeds || !m->has_state)
    return;
  nc_text_printf(out, "\nvoid %s_reset(%s_state *state) {\n", m->name, m->name);
  nc_text_printf(out,
                 "  state->seed = INT64_C(%" PRId64 ");\n  state->step = INT64_C(%" PRId64
                 ");\n  state->epoch = INT64_C(%" PRId64 ");\n",
                 m->seed, m->step, m->epoch);
  for (int i = 0; i < m->variable_count; i++) {
    const NcModelVariable *v = &m->variables[i];
    if (!v->used || v->constant)
      continue;
    if (v->zero)
      nc_text_printf(out, "  memset(state->%s, 0, sizeof state->%s);\n", v->name, v->name);
    else
      nc_text_printf(out, "  memcpy(state->%s, %s_%s, sizeof state->%s);\n", v->name, m->name,
                     v->name, v->name);
  }
  nc_text_append(out, "}\n");
}

// The totals of metrics begin at 0, and with what the program says.
static void emit_zeros(NcText *out, const NcModel *m) {
  for (int i = 0; i < m->variable_count; i++) {
    const NcModelVariable *v = &m->variables[i];
    if (v->used && !v->constant && v->variable->kind == NC_VAR_METRIC)
      nc_text_printf(out, "  memset(state->%s, 0, sizeof state->%s);\n", v->name, v->name);
  }
}

static void emit_metrics_reset(NcText *out, const NcModel *m) {
  if (!m->zeros_metrics)
    return;
  nc_text_printf(out, "\nint %s_reset_metrics(%s_state *state, void *arena) {\n  (void)arena;\n",
                 m->name, m->name);
  emit_zeros(out, m);
  nc_text_printf(out, "  return %s_OK;\n}\n", m->upper);
}

// ---- functions

// Where a value is out of its range. What its type cannot hold is not asked for.
static bool emit_range(NcText *out, const NcModelValue *v) {
  NcDtype dtype = v->type.dtype;
  int64_t least = dtype == NC_U8    ? 0
                  : dtype == NC_I32 ? INT32_MIN
                                    : INT64_MIN,
          most = dtype == NC_U8    ? UINT8_MAX
                 : dtype == NC_I32 ? INT32_MAX
                                   : INT64_MAX;
  bool low = v->low > least, high = v->high <= most;
  if (low)
    nc_text_printf(out, "%s[i] < INT64_C(%" PRId64 ")", v->name, v->low);
  if (high)
    nc_text_printf(out, "%s%s[i] >= INT64_C(%" PRId64 ")", low ? " || " : "", v->name, v->high);
  return low || high;
}

static void emit_checks(NcText *out, const NcModel *m, const NcModelFunction *f) {
  if (f->has_batch)
    nc_text_printf(out, "  if (n < 1 || n > %s_MAX_BATCH)\n    return %s_BAD_BATCH;\n", m->upper,
                   m->upper);
  for (int i = 0; i < f->inputs.count; i++) {
    const NcModelValue *v = &f->inputs.items[i];
    NcDim count = nc_type_elements(&v->type);
    NcText range = nc_text_create(out->arena);
    if (!v->has_range || !emit_range(&range, v))
      continue;
    nc_text_append(out, "  for (ptrdiff_t i = 0; i < ");
    if (count.n)
      nc_text_printf(out, "%" PRId64 " * (ptrdiff_t)n", count.n);
    else
      nc_text_printf(out, "%" PRId64, count.c);
    nc_text_printf(out, "; i++)\n    if (%s)\n      return %s_BAD_INPUT;\n", range.data, m->upper);
  }
}

// Inputs in the order of the graph, then all the module's variables.
static void emit_buffers(NcText *out, const NcModel *m, const NcModelFunction *f) {
  nc_text_append(out, "  void *const buffers[] = {");
  for (int i = 0; i < f->inputs.count; i++)
    nc_text_printf(out, "%s(void *)%s", i ? ", " : "", f->inputs.items[i].name);
  const char *comma = f->inputs.count ? ", " : "";
  for (int i = 0; i < m->variable_count; i++, comma = ", ") {
    const NcModelVariable *v = &m->variables[i];
    if (v->used && v->constant)
      nc_text_printf(out, "%s(void *)%s_%s", comma, m->name, v->name);
    else if (v->used && f->takes_state)
      nc_text_printf(out, "%s(void *)state->%s", comma, v->name);
    else
      nc_text_printf(out, "%sNULL", comma);
  }
  nc_text_append(out, *comma ? "};\n" : "NULL};\n");
}

static void emit_frame(NcText *out, const NcModel *m, const NcModelFunction *f) {
  nc_text_printf(out,
                 "  netc_frame frame = {.arena = (char *)arena + %d,\n"
                 "                      .local = (char *)arena + %" PRId64 ",\n"
                 "                      .buffers = buffers,\n"
                 "                      .batch = %s,\n"
                 "                      .max_batch = %" PRId64 ",\n",
                 NC_MODEL_HEAD, NC_MODEL_HEAD + f->arena_bytes, f->has_batch ? "n" : "1", m->batch);
  if (f->takes_state)
    nc_text_printf(out,
                   "                      .seed = state->seed,\n"
                   "                      .step = state->step%s,\n"
                   "                      .epoch = state->epoch,\n",
                   f->is_step ? " + 1" : "");
  else
    nc_text_printf(out,
                   "                      .seed = %" PRId64 ",\n"
                   "                      .step = %" PRId64 ",\n"
                   "                      .epoch = %" PRId64 ",\n",
                   m->seed, m->step, m->epoch);
  nc_text_append(out, "                      .fault_node = -1};\n");
}

static void emit_run(NcCFile *file, NcText *out, const NcModel *m, const NcRoutine *routine,
                     const char *indent) {
  nc_text_printf(out, "%sif (%s(&frame))\n%s  return %s_undefined(arena, &frame);\n", indent,
                 nc_c_symbol(file, routine->name), indent, m->name);
}

// What must be in the arena before the function is run in it, after another one was.
static void emit_preparing(NcCFile *file, NcText *out, const NcModel *m, const NcModelFunction *f) {
  nc_text_printf(out, "  if (*(int64_t *)arena != %d) {\n", f->number);
  nc_text_printf(out, "    memset(arena, 0, %s_ARENA_SIZE);\n", m->upper);
  if (f->prepare)
    nc_text_printf(out, "    %s(&frame, 0, %s_MAX_BATCH);\n", nc_c_symbol(file, f->prepare->name),
                   m->upper);
  if (f->prepare_local)
    nc_text_printf(out, "    %s(&frame, 0, %d);\n", nc_c_symbol(file, f->prepare_local->name),
                   NC_CHUNK);
  if (f->kept)
    emit_run(file, out, m, f->kept, "    ");
  nc_text_printf(out, "    *(int64_t *)arena = %d;\n  }\n", f->number);
}

static void emit_results(NcText *out, const NcModelFunction *f, const char *indent) {
  for (int i = 0; i < f->results.count; i++) {
    const NcModelValue *v = &f->results.items[i];
    NcDim count = nc_type_elements(&v->type);
    nc_text_printf(out, "%sif (%s)\n%s  memcpy(%s, (char *)arena + %" PRId64 ", sizeof *%s * ",
                   indent, v->name, indent, v->name, v->offset, v->name);
    if (count.n)
      nc_text_printf(out, "%" PRId64 " * (size_t)n);\n", count.n);
    else
      nc_text_printf(out, "%" PRId64 ");\n", count.c);
  }
}

// The loss, a step's first result, is looked at before anything is changed.
static void emit_finite(NcText *out, const NcModel *m, const NcModelFunction *f) {
  const NcModelValue *loss = &f->results.items[0];
  nc_text_printf(out, "  if (!isfinite(*(%s *)((char *)arena + %" PRId64 "))) {\n",
                 nc_c_element(loss->type.dtype), loss->offset);
  emit_results(out, f, "    ");
  nc_text_printf(out, "    return %s_NOT_FINITE;\n  }\n", m->upper);
}

static void emit_function(NcCFile *file, const NcModel *m, const NcModelFunction *f) {
  NcText *out = &file->code;
  for (int i = 0; i < f->routines.count; i++)
    nc_c_routine(file, f->routines.items[i]);
  nc_text_append(out, "\n");
  nc_c_prototype(out, m, f);
  nc_text_append(out, " {\n");
  emit_checks(out, m, f);
  if (f->restarts)
    nc_text_append(out, "  state->step = state->epoch = 0;\n");
  if (f->zeros_metrics)
    emit_zeros(out, m);
  emit_buffers(out, m, f);
  emit_frame(out, m, f);
  emit_preparing(file, out, m, f);
  emit_run(file, out, m, f->run, "  ");
  if (f->is_step)
    emit_finite(out, m, f);
  if (f->after)
    emit_run(file, out, m, f->after, "  ");
  if (f->is_step)
    nc_text_append(out, "  state->step++;\n");
  emit_results(out, f, "  ");
  nc_text_printf(out, "  return %s_OK;\n}\n", m->upper);
}

static void emit_undefined(NcText *out, const NcModel *m) {
  nc_text_printf(out,
                 "\nstatic int %s_undefined(void *arena, const netc_frame *frame) {\n"
                 "  %s_problem *problem = (%s_problem *)arena;\n"
                 "  problem->line = frame->fault_node;\n"
                 "  problem->sample = frame->fault_sample;\n"
                 "  problem->value = frame->fault_value;\n"
                 "  return %s_UNDEFINED;\n}\n",
                 m->name, m->name, m->name, m->upper);
}

// Every name that others than the compiler see is taken before kernels get theirs.
static void take_names(NcCFile *file, const NcModel *m) {
  static const char *const functions[] = {"reset", "undefined", "state", "problem",
                                          "reset_metrics"};
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    nc_c_name(file, nc_arena_printf(file->arena, "%s_%s", m->name, functions[i]));
  for (int i = 0; i < m->variable_count; i++)
    if (m->variables[i].used)
      nc_c_name(file, nc_arena_printf(file->arena, "%s_%s", m->name, m->variables[i].name));
  for (int i = 0; i < m->functions.count; i++) {
    const NcModelFunction *f = m->functions.items[i];
    nc_c_name(file, f->name);
    for (int r = 0; r < f->routines.count; r++)
      nc_c_symbol(file, f->routines.items[r]->name);
  }
}

NcText nc_c_model(NcArena *arena, const NcModel *m, const char *header, const NcSourceMap *sources,
                  bool lines) {
  NcCFile file = nc_c_file(arena, m->parts, sources);
  NcText text = nc_text_create(arena);
  file.lines = lines;
  take_names(&file, m);
  nc_text_printf(&text, "/* %s, compiled from %s for %s. %s says what is in it. */\n", m->name,
                 m->source, m->target, header);
  nc_text_printf(&text, "#include \"%s\"\n\n", header);
  emit_undefined(&file.code, m);
  emit_values(&file.code, m);
  emit_reset(&file.code, m);
  emit_metrics_reset(&file.code, m);
  for (int i = 0; i < m->functions.count; i++)
    emit_function(&file, m, m->functions.items[i]);
  nc_c_print(&text, &file);
  return text;
}
