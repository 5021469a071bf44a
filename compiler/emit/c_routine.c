// Routines as functions of C.
#include "emit/c.h"

#include <assert.h>
#include <inttypes.h>

static void emit_value(NcText *out, const NcRValue *v);

static void emit_infix(NcText *out, const NcRValue *v, const char *sign) {
  nc_text_append(out, "(");
  emit_value(out, v->a);
  nc_text_printf(out, " %s ", sign);
  emit_value(out, v->b);
  nc_text_append(out, ")");
}

static void emit_call(NcText *out, const NcRValue *v, const char *name) {
  nc_text_printf(out, "%s(", name);
  emit_value(out, v->a);
  nc_text_append(out, ", ");
  emit_value(out, v->b);
  nc_text_append(out, ")");
}

static const char *field_name(NcRField field) {
  static const char *const names[NC_R_FIELD_COUNT] = {
      [NC_R_BATCH] = "batch", [NC_R_MAX_BATCH] = "max_batch",
      [NC_R_SLOT] = "slot",   [NC_R_N0] = "n0",
      [NC_R_N1] = "n1",       [NC_R_CHUNK_N0] = "chunk_n0"};
  return names[field];
}

static void emit_value(NcText *out, const NcRValue *v) {
  static const char *const signs[] = {
      [NC_R_ADD] = "+", [NC_R_SUB] = "-", [NC_R_MUL] = "*", [NC_R_DIV] = "/"};
  switch (v->kind) {
  case NC_R_CONST:
    nc_text_printf(out, v->constant < 0 ? "(%" PRId64 ")" : "%" PRId64, v->constant);
    break;
  case NC_R_ARG:
    nc_text_printf(out, "a%d", v->number);
    break;
  case NC_R_VAR:
    nc_text_printf(out, "i%d", v->number);
    break;
  case NC_R_FIELD:
    nc_text_printf(out, "(ptrdiff_t)frame->%s", field_name((NcRField)v->number));
    break;
  case NC_R_MIN:
    emit_call(out, v, "netc_least");
    break;
  case NC_R_MAX:
    emit_call(out, v, "netc_most");
    break;
  default:
    emit_infix(out, v, signs[v->kind]);
  }
}

// Sample 0 of what a worker keeps need not lie in its memory, so no pointer may be made of it.
static void emit_pointer(NcText *out, const NcRPointer *p, const char *type) {
  nc_text_printf(out, "(%s *)(", type);
  if (p->base == NC_R_BUFFER)
    nc_text_printf(out, "(char *)frame->buffers[%d]", p->number);
  else
    nc_text_append(out, p->base == NC_R_ARENA ? "frame->arena" : "(uintptr_t)frame->local");
  if (p->bytes->kind != NC_R_CONST || p->bytes->constant != 0) {
    nc_text_append(out, " + ");
    nc_text_append(out, p->base == NC_R_LOCAL ? "(uintptr_t)" : "");
    emit_value(out, p->bytes);
  }
  nc_text_append(out, ")");
}

static void emit_kernel(NcCFile *file, NcText *out, const NcRStmt *s) {
  const NcKernel *kernel = s->call->kernel;
  const NcCSignature *signature = nc_c_kernel(file, s->call);
  const NcRValue *bounds[] = {s->n0, s->n1, s->s0, s->s1};
  const char *comma = "";
  nc_text_printf(out, "%s(", signature->name);
  if (signature->frame) {
    nc_text_append(out, "frame");
    comma = ", ";
  }
  for (int i = 0; i < 4; i++) {
    if (!signature->bounds[i])
      continue;
    nc_text_append(out, comma);
    emit_value(out, bounds[i]);
    comma = ", ";
  }
  for (int i = 0; i < s->call->place_count; i++) {
    if (!signature->buffers[i])
      continue;
    const NcKBuffer *b = &kernel->buffers.items[i];
    nc_text_append(out, comma);
    emit_pointer(out, &s->pointers[i],
                 b->written ? nc_c_element(b->dtype)
                            : nc_arena_printf(file->arena, "const %s", nc_c_element(b->dtype)));
    comma = ", ";
  }
  for (int i = 0; i < kernel->given.count; i++) {
    if (!signature->given[i])
      continue;
    nc_text_printf(out, "%s%" PRId64, comma, kernel->given.items[i]);
    comma = ", ";
  }
  nc_text_append(out, ");\n");
}

// OpenBLAS's interface, whose integers are ints; 101 is row-major, 112 transposed.
static void emit_gemm(NcCFile *file, NcText *out, const NcRGemm *g) {
  bool single = g->dtype == NC_F32;
  const char *type = nc_c_element(g->dtype), *letter = single ? "s" : "d", *end = single ? "f" : "";
  const char *read = nc_arena_printf(file->arena, "const %s", type);
  nc_c_blas(file, g->dtype);
  nc_text_printf(out, "cblas_%sgemm(101, %d, %d, (int)", letter, g->ta ? 112 : 111,
                 g->tb ? 112 : 111);
  emit_value(out, g->m);
  nc_text_append(out, ", (int)");
  emit_value(out, g->n);
  nc_text_append(out, ", (int)");
  emit_value(out, g->k);
  nc_text_printf(out, ", 1.0%s, ", end);
  emit_pointer(out, &g->a, read);
  nc_text_printf(out, ", %" PRId64 ", ", g->lda);
  emit_pointer(out, &g->b, read);
  nc_text_printf(out, ", %" PRId64 ", 0.0%s, ", g->ldb, end);
  emit_pointer(out, &g->c, type);
  nc_text_printf(out, ", %" PRId64 ");\n", g->ldc);
}

static void emit_block(NcCFile *file, NcText *out, const NcRBlock *block, int depth);

static void emit_nested(NcCFile *file, NcText *out, const NcRStmt *s, int depth) {
  nc_text_append(out, s->kind == NC_R_IF ? "if (" : "for (ptrdiff_t ");
  if (s->kind == NC_R_FOR)
    nc_text_printf(out, "i%d = ", s->var);
  emit_value(out, s->low);
  if (s->kind == NC_R_FOR)
    nc_text_printf(out, "; i%d", s->var);
  nc_text_append(out, " < ");
  emit_value(out, s->high);
  if (s->kind == NC_R_FOR)
    nc_text_printf(out, "; i%d++", s->var);
  nc_text_append(out, ") {\n");
  emit_block(file, out, &s->body, depth + 1);
  nc_text_printf(out, "%*s}\n", 2 * depth, "");
}

static void emit_routine_call(NcCFile *file, NcText *out, const NcRStmt *s, int depth) {
  nc_text_printf(out, "if (%s(frame", nc_c_symbol(file, s->routine->name));
  for (int i = 0; i < s->routine->arg_count; i++) {
    nc_text_append(out, ", ");
    emit_value(out, s->args[i]);
  }
  nc_text_printf(out, "))\n%*sreturn 1;\n", 2 * depth + 2, "");
}

static void emit_stmt(NcCFile *file, NcText *out, const NcRStmt *s, int depth) {
  nc_text_printf(out, "%*s", 2 * depth, "");
  switch (s->kind) {
  case NC_R_FOR:
  case NC_R_IF:
    emit_nested(file, out, s, depth);
    break;
  case NC_R_KERNEL:
    emit_kernel(file, out, s);
    break;
  case NC_R_GEMM:
    emit_gemm(file, out, &s->gemm);
    break;
  case NC_R_CALL:
    emit_routine_call(file, out, s, depth);
    break;
  case NC_R_SLOT_IS:
    nc_text_append(out, "frame->slot = ");
    emit_value(out, s->low);
    nc_text_append(out, ";\n");
    break;
  case NC_R_LAP: // programs that are written out have no clock
    assert(false);
    break;
  }
}

static void emit_block(NcCFile *file, NcText *out, const NcRBlock *block, int depth) {
  for (int i = 0; i < block->count; i++)
    emit_stmt(file, out, block->items[i], depth);
}

void nc_c_routine(NcCFile *file, const NcRoutine *routine) {
  NcText body = nc_text_create(file->arena);
  emit_block(file, &body, &routine->body, 1);
  nc_text_printf(&file->code, "\n%sint32_t %s(netc_frame *frame",
                 file->exported && !routine->internal ? "" : "static ",
                 nc_c_symbol(file, routine->name));
  for (int i = 0; i < routine->arg_count; i++)
    nc_text_printf(&file->code, ", ptrdiff_t a%d", i);
  nc_text_append(&file->code, ") {\n");
  for (int i = 0; i < routine->arg_count; i++)
    nc_text_printf(&file->code, "  (void)a%d;\n", i);
  nc_text_append(&file->code, body.data ? body.data : "");
  nc_text_append(&file->code, "  return frame->fault_node >= 0;\n}\n");
}
