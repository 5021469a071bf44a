// The program that an emitted model can come with: it trains and predicts on idx files, and writes
// checkpoints as netc does.
#include "emit/c.h"
#include "emit/c_texts.h"

#include <inttypes.h>
#include <string.h>

static const NcModelFunction *find(const NcModel *m, const char *graph) {
  for (int i = 0; i < m->functions.count; i++)
    if (strcmp(m->functions.items[i]->graph, graph) == 0)
      return m->functions.items[i];
  return NULL;
}

// The type's number in idx files; 0 if it has none.
static int idx_code(NcDtype dtype) {
  static const int codes[] = {
      [NC_U8] = 8, [NC_I32] = 12, [NC_F32] = 13, [NC_F64] = 14, [NC_I64] = 0};
  return codes[dtype];
}

// A file of the runtime, without what it includes.
static void append_source(NcText *out, const char *name) {
  for (const char *line = nc_c_text(name); *line;) {
    size_t length = strcspn(line, "\n") + 1;
    if (strncmp(line, "#include", 8) != 0)
      nc_text_append_n(out, line, length);
    line += length;
  }
}

static void emit_inputs(NcText *out, const NcModelFunction *f, const char *name) {
  nc_text_printf(out, "\nstatic const netc_input netc_%s_inputs[] = {\n", name);
  for (int i = 0; i < f->inputs.count; i++) {
    const NcModelValue *v = &f->inputs.items[i];
    nc_text_printf(out, "    {\"%s\", %d, %d, %" PRId64 "},\n", v->path, idx_code(v->type.dtype),
                   (int)nc_dtype_size(v->type.dtype), nc_type_elements(&v->type).n);
  }
  nc_text_append(out, "};\n");
}

static void emit_batch_args(NcText *out, const NcModelFunction *f) {
  for (int i = 0; i < f->inputs.count; i++)
    nc_text_printf(out, ", (const %s *)batch[%d]", nc_c_element(f->inputs.items[i].type.dtype), i);
}

static void emit_nulls(NcText *out, const NcModelFunction *f) {
  for (int i = 0; i < f->results.count; i++)
    nc_text_append(out, ", NULL");
}

// ---- training

// As strings of a length that every compiler takes.
static void emit_strings(NcText *out, const char *text) {
  int column = 0;
  for (const unsigned char *c = (const unsigned char *)text; *c; c++, column++) {
    if (column % 90 == 0)
      nc_text_append(out, column == 0 ? "    \"" : column % 1800 ? "\"\n    \"" : "\",\n    \"");
    if (*c == '"' || *c == '\\')
      nc_text_printf(out, "\\%c", *c);
    else if (*c < 32 || *c > 126 || *c == '?')
      nc_text_printf(out, "\\%03o", *c);
    else
      nc_text_printf(out, "%c", *c);
  }
  nc_text_append(out, "\",\n");
}

static void emit_tensors(NcText *out, const NcModel *m, const NcCMain *main) {
  nc_text_printf(out, "\n/* A checkpoint's header: for NULL stand batch, digest, epoch, position, "
                      "samples, seed, step. */\nstatic const char *const netc_header[] = {\n");
  for (int i = 0; i < NC_C_HEADER_PARTS; i++) {
    nc_text_append(out, i ? "    NULL,\n" : "");
    emit_strings(out, main->header[i]);
  }
  nc_text_append(out,
                 "};\n\nstatic const struct {\n  const void *constant;\n  size_t offset, bytes;\n"
                 "} netc_tensors[] = {\n");
  for (int i = 0; i < m->variable_count; i++) {
    const NcModelVariable *v = main->tensors[i];
    if (v->constant)
      nc_text_printf(out, "    {%s_%s, 0, %" PRId64 "},\n", m->name, v->name, v->bytes);
    else
      nc_text_printf(out, "    {NULL, %" PRId64 ", %" PRId64 "}, /* %s */\n", v->offset, v->bytes,
                     v->name);
  }
  nc_text_append(out, "};\n");
}

static void emit_begin(NcText *out, const NcModel *m) {
  nc_text_append(out, "\nstatic void begin(netc_state *state, void *arena) {\n");
  if (m->embeds)
    nc_text_printf(out, "  (void)arena;\n  %s_reset(state);\n", m->name);
  else
    nc_text_printf(out, "  state->seed = %" PRId64 ";\n  %s_initialize(state, arena);\n", m->seed,
                   m->name);
  nc_text_append(out, "}\n\nstatic void reset_metrics(netc_state *state, void *arena) {\n");
  nc_text_printf(out,
                 m->has_metrics ? "  %s_reset_metrics(state, arena);\n}\n"
                                : "  (void)state;\n  (void)arena;\n}\n",
                 m->name);
}

static void emit_print(NcText *out, const NcModel *m) {
  const NcModelFunction *f = find(m, "train_metrics");
  nc_text_append(out, "\nstatic void print_metrics(const netc_state *state, void *arena) {\n");
  if (!f) {
    nc_text_append(out, "  (void)state;\n  (void)arena;\n}\n");
    return;
  }
  for (int i = 0; i < f->results.count; i++)
    nc_text_printf(out, "  %s %s[%" PRId64 "];\n", nc_c_element(f->results.items[i].type.dtype),
                   f->results.items[i].name, nc_type_elements(&f->results.items[i].type).c);
  nc_text_printf(out, "  if (%s(%sarena", f->name, f->takes_state ? "state, " : "");
  for (int i = 0; i < f->results.count; i++)
    nc_text_printf(out, ", %s", f->results.items[i].name);
  nc_text_append(out, "))\n    return;\n");
  for (int i = 0; i < f->results.count; i++)
    if (f->results.items[i].type.rank == 0)
      nc_text_printf(out, "  printf(\"  %s %%.4f\", (double)%s[0]);\n", f->results.items[i].path,
                     f->results.items[i].name);
  nc_text_append(out, "}\n");
}

static void emit_training(NcText *out, const NcModel *m, const NcCMain *main) {
  const NcModelFunction *f = find(m, "train_step");
  nc_text_printf(out, "\ntypedef %s_state netc_state;\n", m->name);
  emit_inputs(out, f, "train");
  emit_tensors(out, m, main);
  emit_begin(out, m);
  emit_print(out, m);
  nc_text_append(out, "\nstatic int train_step(netc_state *state, void *arena, int n, "
                      "unsigned char **batch) {\n");
  nc_text_printf(out, "  return %s(state, arena%s", f->name, f->has_batch ? ", n" : "");
  emit_batch_args(out, f);
  emit_nulls(out, f);
  nc_text_append(out, ");\n}\n\n");
  nc_text_append(out, "static void ncrt_philox(const uint32_t counter[4], const uint32_t key[2], "
                      "uint32_t words[4]);\n"
                      "static void ncrt_order(int64_t seed, int64_t epoch, int64_t rows, "
                      "int64_t *order);\n\n");
  append_source(out, "philox.c");
  nc_text_append(out, "\n");
  append_source(out, "order.c");
  nc_text_printf(out,
                 "\n#define NETC_TRAIN_INPUTS %d\n#define NETC_SHUFFLE %d\n#define NETC_DROP_LAST "
                 "%d\n",
                 f->inputs.count, main->shuffle, main->drop_last);
  nc_text_append(out, nc_c_text("c_main_train.inc"));
}

// ---- prediction

static void emit_predict_batch(NcText *out, const NcModel *m, const NcModelFunction *f) {
  nc_text_printf(out, "\n%s", f->takes_state ? "static " : "");
  if (f->takes_state)
    nc_text_printf(out, "%s_state netc_predicting;\n\n", m->name);
  nc_text_append(out, "static void netc_begin_predict(void *arena) {\n  (void)arena;\n");
  if (f->takes_state && m->embeds)
    nc_text_printf(out, "  %s_reset(&netc_predicting);\n", m->name);
  else if (f->takes_state)
    nc_text_printf(out,
                   "  netc_predicting.seed = %" PRId64 ";\n  %s_initialize(&netc_predicting, "
                   "arena);\n",
                   m->seed, m->name);
  nc_text_append(out, "}\n\nstatic int predict_batch(void *arena, int n, int64_t first, "
                      "unsigned char **batch) {\n");
  for (int i = 0; i < f->results.count; i++) {
    NcDim count = nc_type_elements(&f->results.items[i].type);
    nc_text_printf(out, "  static %s %s[%" PRId64 "];\n",
                   nc_c_element(f->results.items[i].type.dtype), f->results.items[i].name,
                   count.n ? count.n * m->batch : count.c);
  }
  nc_text_printf(out, "  int code = %s(%sarena%s", f->name,
                 f->takes_state ? "&netc_predicting, " : "", f->has_batch ? ", n" : "");
  emit_batch_args(out, f);
  for (int i = 0; i < f->results.count; i++)
    nc_text_printf(out, ", %s", f->results.items[i].name);
  nc_text_append(out, ");\n  for (int i = 0; i < n && !code; i++) {\n"
                      "    printf(\"%lld\", (long long)first + i);\n");
  for (int i = 0; i < f->results.count; i++) {
    const NcModelValue *v = &f->results.items[i];
    NcDim count = nc_type_elements(&v->type);
    nc_text_printf(out,
                   "    printf(\"  %s\");\n    for (int k = 0; k < %" PRId64 "; k++)\n"
                   "      printf(\" %%.9g\", (double)%s[%s%" PRId64 " + k]);\n",
                   v->path, count.n ? count.n : count.c, v->name,
                   count.n ? "(ptrdiff_t)i * " : "0 * ", count.n ? count.n : 0);
  }
  nc_text_append(out, "    printf(\"\\n\");\n  }\n  return code;\n}\n");
}

static void emit_prediction(NcText *out, const NcModel *m) {
  const NcModelFunction *f = find(m, "predict");
  emit_inputs(out, f, "predict");
  emit_predict_batch(out, m, f);
  nc_text_printf(out, "\n#define NETC_PREDICT_INPUTS %d\n", f->inputs.count);
  nc_text_append(out, nc_c_text("c_main_predict.inc"));
}

// ---- both

static bool can_read(const NcModelFunction *f) {
  if (!f || f->inputs.count == 0)
    return false;
  for (int i = 0; i < f->inputs.count; i++) {
    const NcType *type = &f->inputs.items[i].type;
    if (!idx_code(type->dtype) || nc_type_elements(type).n == 0)
      return false;
  }
  return true;
}

static void emit_usage(NcText *out, const NcModelFunction *f, const char *what, const char *args) {
  if (!f)
    return;
  nc_text_printf(out, "  fprintf(stderr, \"%%s %%s%s\", program, \"%s\");\n", args, what);
  for (int i = 0; i < f->inputs.count; i++)
    nc_text_printf(out, "  fprintf(stderr, \" %s=FILE\");\n", f->inputs.items[i].path);
  nc_text_append(out, "  fprintf(stderr, \"\\n\");\n");
}

bool nc_c_main(NcText *out, const NcModel *m, const NcCMain *main) {
  const NcModelFunction *step = find(m, "train_step"), *predict = find(m, "predict");
  step = can_read(step) ? step : NULL;
  predict = can_read(predict) ? predict : NULL;
  if (!step && !predict)
    return false;
  nc_text_append(out, nc_c_text("c_main.inc"));
  nc_text_printf(out, "\n#define NETC_BATCH %" PRId64 "\n#define NETC_ARENA_SIZE %s_ARENA_SIZE\n",
                 m->batch, m->upper);
  if (step)
    emit_training(out, m, main);
  if (predict)
    emit_prediction(out, m);
  nc_text_append(out, "\nstatic int usage(const char *program) {\n");
  emit_usage(out, step, "train", " EPOCHS OUT.safetensors");
  emit_usage(out, predict, "predict", "");
  nc_text_append(out, "  return 2;\n}\n\nint main(int argc, char **argv) {\n");
  if (step)
    nc_text_append(out, "  if (argc > 1 && strcmp(argv[1], \"train\") == 0)\n"
                        "    return train(argc - 2, argv + 2) ? 0 : 1;\n");
  if (predict)
    nc_text_append(out, "  if (argc > 1 && strcmp(argv[1], \"predict\") == 0)\n"
                        "    return predict(argc - 2, argv + 2) ? 0 : 1;\n");
  nc_text_append(out, "  return usage(argv[0]);\n}\n");
  return true;
}
