// Kernels as functions of C.
#include "emit/c_kernel.h"

#include <inttypes.h>
#include <string.h>

static void begin_line(NcCKernel *k) {
  if (k->line)
    nc_text_append(k->out, k->line);
  nc_text_printf(k->out, "%*s", 2 * k->depth, "");
}

static void emit_block(NcCKernel *k, const NcKBlock *block);

// Whether a block names something, and so needs a scope of its own.
static bool declares(const NcCKernel *k, const NcKBlock *block) {
  for (int i = 0; i < block->count; i++) {
    const NcKStmt *s = block->items[i];
    if (s->kind == NC_K_LET || s->kind == NC_K_BIND ||
        (s->kind == NC_K_FOR && (s->unroll ? declares(k, &s->body) : k->continued[s->var])))
      return true;
  }
  return false;
}

static void emit_unrolled(NcCKernel *k, const NcKStmt *s) {
  bool scope = declares(k, &s->body);
  k->known[s->var] = true;
  for (int64_t i = s->low.constant; i + s->step <= s->high.constant; i += s->step) {
    k->values[s->var] = i;
    if (scope) {
      begin_line(k);
      nc_text_append(k->out, "{\n");
      k->depth++;
    }
    emit_block(k, &s->body);
    if (scope) {
      k->depth--;
      begin_line(k);
      nc_text_append(k->out, "}\n");
    }
  }
}

static void emit_for(NcCKernel *k, const NcKStmt *s) {
  if (s->unroll) {
    emit_unrolled(k, s);
    return;
  }
  int var = s->var - NC_K_FIRST_LOOP;
  bool outside = k->continued[s->var];
  begin_line(k);
  nc_text_printf(k->out, outside ? "ptrdiff_t i%d = " : "for (ptrdiff_t i%d = ", var);
  if (s->continues >= 0)
    nc_text_printf(k->out, "i%d", s->continues - NC_K_FIRST_LOOP);
  else
    nc_c_index(k, &s->low);
  if (outside) {
    nc_text_append(k->out, ";\n");
    begin_line(k);
    nc_text_append(k->out, "for (");
  }
  if (s->step == 1)
    nc_text_printf(k->out, "; i%d < ", var);
  else
    nc_text_printf(k->out, "; i%d + %" PRId64 " <= ", var, s->step);
  nc_c_index(k, &s->high);
  if (s->step == 1)
    nc_text_printf(k->out, "; i%d++) {\n", var);
  else
    nc_text_printf(k->out, "; i%d += %" PRId64 ") {\n", var, s->step);
  k->depth++;
  emit_block(k, &s->body);
  k->depth--;
  begin_line(k);
  nc_text_append(k->out, "}\n");
}

static void emit_each(NcCKernel *k, const NcKStmt *s) {
  int var = s->var - NC_K_FIRST_LOOP;
  begin_line(k);
  nc_text_printf(k->out, "for (uint64_t m%d = (uint64_t)", var);
  nc_c_expr(k, s->value);
  bool covers = s->step > 1;
  if (covers)
    nc_text_printf(k->out, "; m%d;) {\n", var);
  else
    nc_text_printf(k->out, "; m%d; m%d &= m%d - 1) {\n", var, var, var);
  k->depth++;
  begin_line(k);
  if (covers) {
    nc_text_printf(k->out, "const ptrdiff_t i%d = netc_lowest_bit_to(m%d, %" PRId64 ");\n", var,
                   var, s->high.constant);
    begin_line(k);
    nc_text_printf(k->out, "m%d &= ~((uint64_t)0x%" PRIx64 " << i%d);\n", var,
                   ((int64_t)1 << s->step) - 1, var);
  } else {
    nc_text_printf(k->out, "const ptrdiff_t i%d = netc_lowest_bit(m%d);\n", var, var);
  }
  emit_block(k, &s->body);
  k->depth--;
  begin_line(k);
  nc_text_append(k->out, "}\n");
}

static void emit_store(NcCKernel *k, const NcKStmt *s) {
  NcDtype dtype = s->value->dtype;
  int lanes = s->value->lanes, some = s->active ? s->active : lanes;
  bool dense = s->lane_stride == 1 && dtype != NC_BOOL;
  const char *op = !dense ? "spread" : s->active ? "store_some" : "store";
  k->signature->buffers[s->buffer] = true;
  if (lanes > 1)
    nc_text_printf(k->out, "%s(&", nc_c_function(k->file, op, dtype, lanes));
  nc_text_printf(k->out, "b%d[", s->buffer);
  nc_c_index(k, &s->index);
  nc_text_append(k->out, lanes == 1 ? "] = " : "], ");
  if (lanes > 1 && !dense)
    nc_text_printf(k->out, "%" PRId64 ", ", s->lane_stride);
  nc_c_expr(k, s->value);
  if (lanes > 1 && (!dense || s->active))
    nc_text_printf(k->out, ", %d", some);
  nc_text_append(k->out, lanes == 1 ? ";\n" : ");\n");
}

// Behind `before`, what a value is put into: parentheses, or the macro that takes lane i of it.
static void open_lane(NcCKernel *k, const NcKExpr *x, const char *before) {
  nc_text_append(k->out, before);
  if (x->lanes > 1)
    nc_text_printf(k->out, "NETC_AT(%s, ", nc_c_type(k->file, x->dtype, x->lanes));
  else
    nc_text_append(k->out, "(");
}

// The fault of the first lane whose condition is false.
static void emit_fault(NcCKernel *k, const NcKStmt *s) {
  int lanes = s->value->lanes;
  k->signature->frame = k->signature->given[s->local] = true;
  nc_text_printf(k->out, "netc_fault(frame, g%d, ", s->local);
  if (s->step) {
    nc_text_append(k->out, "(");
    nc_c_index(k, &s->index);
    if (lanes > 1 && s->lane_stride)
      nc_text_printf(k->out, " + i * %" PRId64, s->lane_stride);
    nc_text_printf(k->out, ") / %" PRId64, s->step);
  } else {
    nc_text_append(k->out, "-1");
  }
  open_lane(k, s->value, ", (int64_t)");
  nc_c_expr(k, s->value);
  nc_text_append(k->out, lanes > 1 ? ", i));\n" : "));\n");
}

static void emit_check(NcCKernel *k, const NcKStmt *s) {
  int lanes = s->value->lanes;
  if (lanes > 1) {
    nc_text_printf(k->out, "for (int i = 0; i < %d; i++)\n", s->active ? s->active : lanes);
    k->depth++;
    begin_line(k);
  }
  open_lane(k, s->condition, "if (!");
  nc_c_expr(k, s->condition);
  nc_text_append(k->out, lanes > 1 ? ", i))\n" : "))\n");
  k->depth++;
  begin_line(k);
  emit_fault(k, s);
  k->depth -= lanes > 1 ? 2 : 1;
}

static void emit_stmt(NcCKernel *k, const NcKStmt *s) {
  if (s->kind == NC_K_FOR) {
    emit_for(k, s);
    return;
  }
  if (s->kind == NC_K_EACH) {
    emit_each(k, s);
    return;
  }
  if (s->kind == NC_K_LET && !k->used[s->local])
    return;
  begin_line(k);
  switch (s->kind) {
  case NC_K_CHECK:
    emit_check(k, s);
    return;
  case NC_K_STORE:
    emit_store(k, s);
    return;
  case NC_K_BIND:
    nc_text_printf(k->out, "const ptrdiff_t i%d = (ptrdiff_t)", s->var - NC_K_FIRST_LOOP);
    break;
  case NC_K_SET:
    nc_c_local(k, s->local, &s->index);
    nc_text_append(k->out, " = ");
    break;
  default:
    nc_text_printf(k->out, "const %s t%d = ", nc_c_type(k->file, s->value->dtype, s->value->lanes),
                   s->local);
  }
  nc_c_expr(k, s->value);
  nc_text_append(k->out, ";\n");
}

static void emit_block(NcCKernel *k, const NcKBlock *block) {
  for (int i = 0; i < block->count; i++)
    emit_stmt(k, block->items[i]);
}

// What has to be known of a body before it is written: found by going through it until nothing is
// new, as what one value needs is used in turn.
static bool note(bool *flag) {
  bool news = !*flag;
  *flag = true;
  return news;
}

static bool look_at_index(NcCKernel *k, int local, const NcKIndex *index) {
  return nc_c_known(k, index).count > 0 && note(&k->arrays[local]);
}

static bool look_at_expr(NcCKernel *k, const NcKExpr *x) {
  bool news = x->kind == NC_K_LOCAL ? look_at_index(k, x->local, &x->index)
                                    : x->kind == NC_K_TEMP && note(&k->used[x->local]);
  for (int i = 0; i < 3 && x->args[i]; i++)
    news = look_at_expr(k, x->args[i]) || news;
  return (x->kind == NC_X_LOAD && x->loaded && look_at_expr(k, x->loaded)) || news;
}

static bool look_at(NcCKernel *k, const NcKBlock *block);

static bool look_at_loop(NcCKernel *k, const NcKStmt *s) {
  bool news = s->unroll && note(&k->known[s->var]);
  if (s->continues >= 0)
    news = note(&k->continued[s->continues]) || news;
  return look_at(k, &s->body) || news;
}

static bool look_at(NcCKernel *k, const NcKBlock *block) {
  bool news = false;
  for (int i = 0; i < block->count; i++) {
    const NcKStmt *s = block->items[i];
    if (s->kind == NC_K_FOR) {
      news = look_at_loop(k, s) || news;
      continue;
    }
    if (s->kind == NC_K_EACH)
      news = look_at(k, &s->body) || news;
    if (s->kind == NC_K_LET && !k->used[s->local])
      continue;
    if (s->kind == NC_K_SET)
      news = look_at_index(k, s->local, &s->index) || news;
    if (s->condition)
      news = look_at_expr(k, s->condition) || news;
    news = look_at_expr(k, s->value) || news;
  }
  return news;
}

static void emit_locals(NcCKernel *k) {
  for (int i = 0; i < k->kernel->locals.count; i++) {
    const NcKLocal *l = &k->kernel->locals.items[i];
    nc_text_printf(k->out, "  %s ", nc_c_type(k->file, l->dtype, l->lanes));
    for (int e = 0; e < l->count && !k->arrays[i]; e++)
      nc_text_printf(k->out, "%sv%d_%d", e ? ", " : "", i, e);
    if (k->arrays[i])
      nc_text_printf(k->out, "v%d[%d]", i, l->count);
    nc_text_append(k->out, ";\n");
  }
}

static void emit_signature(NcCFile *file, const NcKernel *kernel, const NcCSignature *s) {
  static const char *const bounds[] = {"n0", "n1", "s0", "s1"};
  NcText *out = &file->code;
  const char *comma = "";
  nc_text_printf(out, "NETC_KERNEL void %s(", s->name);
  if (s->frame) {
    nc_text_append(out, "netc_frame *frame");
    comma = ", ";
  }
  for (int i = 0; i < 4; i++)
    if (s->bounds[i]) {
      nc_text_printf(out, "%sptrdiff_t %s", comma, bounds[i]);
      comma = ", ";
    }
  for (int i = 0; i < kernel->buffers.count; i++)
    if (s->buffers[i]) {
      const NcKBuffer *b = &kernel->buffers.items[i];
      nc_text_printf(out, "%s%s%s *restrict b%d", comma, b->written ? "" : "const ",
                     nc_c_element(b->dtype), i);
      comma = ", ";
    }
  for (int i = 0; i < kernel->given.count; i++)
    if (s->given[i]) {
      nc_text_printf(out, "%sint64_t g%d", comma, i);
      comma = ", ";
    }
  nc_text_append(out, *comma ? ") {\n" : "void) {\n");
}

// Text of unknown origin within a comment or a string.
static const char *harmless(NcCFile *file, const char *name) {
  NcText text = nc_text_create(file->arena);
  nc_text_printable(&text, name);
  for (char *c = text.data; c && *c; c++)
    if (*c == '*' || *c == '"' || *c == '\\')
      *c = '?';
  return text.data ? text.data : "";
}

// Where a tensor is from: its node, its line, and those of the calls that it was inlined for.
static void emit_comment(NcCFile *file, const NcTe *te) {
  NcText *out = &file->code;
  const NcOrigin *origin = te->node ? te->node->origin : NULL;
  nc_text_printf(out, "\n/* %s", te->node ? te->node->op->name : "");
  if (origin && origin->path)
    nc_text_printf(out, " %s", harmless(file, origin->path));
  if (te->role)
    nc_text_printf(out, ", %s", te->role);
  const char *word = ": ";
  for (; origin; origin = origin->caller) {
    const char *place = nc_source_name_line(file->sources, origin->span, file->arena);
    if (!place)
      continue;
    nc_text_printf(out, "%s%s", word, harmless(file, place));
    word = ", from ";
  }
  nc_text_append(out, " */\n");
}

static const char *line_directive(NcCFile *file, const NcTe *te) {
  const NcOrigin *origin = te->node ? te->node->origin : NULL;
  int line = file->lines && origin ? nc_source_line(file->sources, origin->span) : 0;
  return line ? nc_arena_printf(file->arena, "#line %d \"%s\"\n", line,
                                harmless(file, file->sources->files.items[origin->span.file].name))
              : NULL;
}

static NcCSignature *new_signature(NcCFile *file, const NcKernel *kernel) {
  const NcEmitKernel *from = nc_map_get(&file->parts->by_text, kernel->text);
  NcCSignature *s = NC_NEW(file->arena, NcCSignature);
  s->name = nc_c_name(file, from->symbol);
  s->buffers = NC_NEW_ARRAY(file->arena, bool, kernel->buffers.count + 1);
  s->given = NC_NEW_ARRAY(file->arena, bool, kernel->given.count + 1);
  return s;
}

const NcCSignature *nc_c_kernel(NcCFile *file, const NcCall *call) {
  NcCSignature *s = nc_map_get(&file->kernels, call->kernel->text);
  if (s)
    return s;
  const NcKernel *kernel = call->kernel;
  s = new_signature(file, kernel);
  nc_map_set(&file->kernels, kernel->text, s);
  int vars = kernel->var_count + 1;
  NcText body = nc_text_create(file->arena);
  NcCKernel k = {.file = file,
                 .out = &body,
                 .kernel = kernel,
                 .signature = s,
                 .known = NC_NEW_ARRAY(file->arena, bool, vars),
                 .continued = NC_NEW_ARRAY(file->arena, bool, vars),
                 .values = NC_NEW_ARRAY(file->arena, int64_t, vars),
                 .arrays = NC_NEW_ARRAY(file->arena, bool, kernel->locals.count + 1),
                 .used = NC_NEW_ARRAY(file->arena, bool, kernel->temp_count + 1),
                 .line = line_directive(file, call->te),
                 .depth = 1};
  while (look_at(&k, &kernel->body))
    continue;
  emit_locals(&k);
  emit_block(&k, &kernel->body);
  emit_comment(file, call->te);
  emit_signature(file, kernel, s);
  nc_text_append(&file->code, body.data ? body.data : "");
  nc_text_append(&file->code, "}\n");
  return s;
}
