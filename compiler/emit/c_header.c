// The header of an emitted model: what it is from outside, documented.
#include "emit/c.h"

#include <inttypes.h>
#include <string.h>

static const char *const codes[][2] = {
    [NC_MODEL_OK] = {"OK", "done"},
    [NC_MODEL_BAD_BATCH] = {"BAD_BATCH", "n is not 1 to %s_MAX_BATCH; nothing was done"},
    [NC_MODEL_BAD_INPUT] = {"BAD_INPUT", "an input's value is outside its range; nothing was done"},
    [NC_MODEL_UNDEFINED] = {"UNDEFINED",
                            "an index out of range, or a division by zero: see struct %s_problem"},
    [NC_MODEL_NOT_FINITE] = {"NOT_FINITE", "the loss is not finite; the state is as it was"},
};

static void emit_codes(NcText *out, const NcModel *m) {
  nc_text_append(out, "/* What functions give. */\nenum {\n");
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
    nc_text_printf(out, "  %s_%s = %d, /* ", m->upper, codes[i][0], (int)i);
    nc_text_printf(out, codes[i][1], i == NC_MODEL_UNDEFINED ? m->name : m->upper);
    nc_text_append(out, " */\n");
  }
  nc_text_append(out, "};\n\n");
}

static void emit_type(NcText *out, const NcType *type) { nc_type_print(out, type); }

static void emit_state(NcText *out, const NcModel *m) {
  nc_text_printf(out,
                 "/* All that changes. %s%s is written as it lies here, by the code for this "
                 "machine. */\n",
                 m->upper, "_STATE_SIZE bytes of it");
  nc_text_printf(out, "typedef struct %s_state {\n", m->name);
  nc_text_printf(out,
                 "  %s_ALIGNED int64_t seed; /* of the random numbers */\n"
                 "  int64_t step;  /* training steps that were done */\n"
                 "  int64_t epoch; /* from 0: for what depends on it; the caller counts it */\n",
                 m->upper);
  for (int i = 0; i < m->variable_count; i++) {
    const NcModelVariable *v = &m->variables[i];
    if (!v->used || v->constant)
      continue;
    nc_text_printf(out, "  %s_ALIGNED %s %s[%" PRId64 "]; /* ", m->upper,
                   nc_c_element(v->variable->type.dtype), v->name, v->elements);
    emit_type(out, &v->variable->type);
    nc_text_append(out, " */\n");
  }
  nc_text_printf(out, "} %s_state;\n\n", m->name);
}

static const char *summary(const NcModelFunction *f) {
  static const char *const texts[][2] = {
      {"initialize",
       "Gives all variables their first values, as the state's seed has them, and sets "
       "step and epoch to 0."},
      {"initialize_metrics", "Begins the totals of the metrics anew."},
      {"train_step",
       "One step of training: forward, backward, update; adds to the totals of the metrics."},
      {"train_metrics",
       "The loss and the metrics of the training steps since the totals were begun."},
      {"evaluate", "Adds samples to the totals of the metrics, without training."},
      {"metrics", "The loss and the metrics of what was evaluated since the totals were begun."},
      {"predict", "The outputs for n samples."},
      {"fetch", "Values that were asked for, of n samples, as evaluation has them."},
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (strcmp(texts[i][0], f->graph) == 0)
      return texts[i][1];
  return "";
}

static void emit_value_comment(NcText *out, const NcModelValue *v, bool result) {
  nc_text_printf(out, "   %s: %s", v->name, strcmp(v->name, v->path) ? v->path : "");
  nc_text_append(out, strcmp(v->name, v->path) ? ", " : "");
  emit_type(out, &v->type);
  if (v->has_range)
    nc_text_printf(out, ", values in %" PRId64 " to %" PRId64, v->low, v->high - 1);
  nc_text_append(out, result ? ", written; or NULL" : "");
  nc_text_append(out, "\n");
}

void nc_c_prototype(NcText *out, const NcModel *m, const NcModelFunction *f) {
  const char *comma = ", ";
  nc_text_printf(out, "int %s(", f->name);
  if (f->takes_state)
    nc_text_printf(out, "%s%s_state *state, ", f->writes ? "" : "const ", m->name);
  nc_text_append(out, "void *arena");
  if (f->has_batch)
    nc_text_append(out, ", int n");
  for (int i = 0; i < f->inputs.count; i++)
    nc_text_printf(out, "%sconst %s *%s", comma, nc_c_element(f->inputs.items[i].type.dtype),
                   f->inputs.items[i].name);
  for (int i = 0; i < f->results.count; i++)
    nc_text_printf(out, "%s%s *%s", comma, nc_c_element(f->results.items[i].type.dtype),
                   f->results.items[i].name);
  nc_text_append(out, ")");
}

static void emit_function(NcText *out, const NcModel *m, const NcModelFunction *f) {
  nc_text_printf(out, "/* %s\n", summary(f));
  for (int i = 0; i < f->inputs.count; i++)
    emit_value_comment(out, &f->inputs.items[i], false);
  for (int i = 0; i < f->results.count; i++)
    emit_value_comment(out, &f->results.items[i], true);
  nc_text_append(out, "*/\n");
  nc_c_prototype(out, m, f);
  nc_text_append(out, ";\n\n");
}

static void emit_sizes(NcText *out, const NcModel *m) {
  const char *u = m->upper;
  nc_text_printf(out, "#define %s_MAX_BATCH %" PRId64 " /* samples that a call takes at most */\n",
                 u, m->batch);
  if (m->has_state)
    nc_text_printf(out, "#define %s_STATE_SIZE %" PRId64 " /* bytes: sizeof(%s_state) */\n", u,
                   m->state_bytes, m->name);
  nc_text_printf(out,
                 "#define %s_ARENA_SIZE %" PRId64 " /* bytes of memory to work in */\n"
                 "#define %s_ALIGNMENT %" PRId64 " /* of both, in bytes */\n\n",
                 u, m->arena_bytes, u, m->alignment);
  nc_text_printf(out,
                 "#ifdef __cplusplus\n#define %s_ALIGNED alignas(%" PRId64 ")\n"
                 "extern \"C\" {\n#else\n#define %s_ALIGNED _Alignas(%" PRId64 ")\n#endif\n\n",
                 u, m->alignment, u, m->alignment);
}

char *nc_c_header(NcArena *arena, const NcModel *m, const char *implementation) {
  NcText out = nc_text_create(arena);
  const char *u = m->upper;
  nc_text_printf(&out, "/* %s, compiled from %s for %s. The code is in %s.\n\n", m->name, m->source,
                 m->target, implementation);
  nc_text_printf(
      &out,
      "   The caller gives all memory: nothing is allocated, and nothing else is kept. An arena\n"
      "   must be %s_ALIGNMENT-aligned and zero before it is first used, and is then left to "
      "these\n"
      "   functions; it may serve several states, one call at a time. Different arenas may be "
      "used\n"
      "   at once. Tensors are row-major, N is the number n of samples. */\n",
      u);
  nc_text_printf(&out, "#ifndef %s_H\n#define %s_H\n\n#include <stdint.h>\n\n", u, u);
  emit_sizes(&out, m);
  emit_codes(&out, m);
  nc_text_printf(&out,
                 "/* At the start of the arena, after %s_UNDEFINED. */\n"
                 "typedef struct %s_problem {\n"
                 "  int64_t reserved;\n"
                 "  int64_t line;   /* of %s */\n"
                 "  int64_t sample; /* of the batch, from 0; or -1 */\n"
                 "  int64_t value;  /* the index, or the divisor */\n"
                 "} %s_problem;\n\n",
                 u, m->name, m->source, m->name);
  if (m->has_state) {
    emit_state(&out, m);
    if (m->embeds)
      nc_text_printf(&out,
                     "/* Gives the state the values that %s was compiled with. */\n"
                     "void %s_reset(%s_state *state);\n\n",
                     m->name, m->name, m->name);
  }
  if (m->zeros_metrics)
    nc_text_printf(&out,
                   "/* Begins the totals of the metrics anew. */\n"
                   "int %s_reset_metrics(%s_state *state, void *arena);\n\n",
                   m->name, m->name);
  for (int i = 0; i < m->functions.count; i++)
    emit_function(&out, m, m->functions.items[i]);
  nc_text_append(&out, "#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
  return out.data;
}
