// Takes tokens, names, numbers and types from the text form of graphs.
#include "ir/cursor.h"

#include <string.h>

NcIrCursor nc_ir_cursor(NcArena *arena, const NcSourceMap *sources, int file, NcDiags *diags) {
  const NcSourceFile *source = &sources->files.items[file];
  NcIrCursor in = {.arena = arena, .diags = diags};
  in.lexer = (NcIrLexer){source->text, (int32_t)source->length, 0, file};
  nc_ir_advance(&in);
  return in;
}

void nc_ir_advance(NcIrCursor *in) { in->token = nc_ir_next(&in->lexer, false); }

void nc_ir_syntax_error(NcIrCursor *in, const char *expected) {
  if (in->failed)
    return;
  in->failed = true;
  const NcIrToken *t = &in->token;
  if (t->kind == NC_IR_END)
    nc_diag_error(in->diags, "E0601", t->span, "expected %s, but the text ends", expected);
  else if (t->kind == NC_IR_BAD)
    nc_diag_error(in->diags, "E0601", t->span, "expected %s, not this character", expected);
  else
    nc_diag_error(in->diags, "E0601", t->span, "expected %s, not `%.*s`", expected,
                  t->length > 40 ? 40 : t->length, t->text);
}

bool nc_ir_is_punct(const NcIrCursor *in, char c) {
  return !in->failed && in->token.kind == NC_IR_PUNCT && in->token.text[0] == c;
}

bool nc_ir_is_word(const NcIrCursor *in, const char *word) {
  return !in->failed && in->token.kind == NC_IR_NAME && strlen(word) == (size_t)in->token.length &&
         memcmp(word, in->token.text, (size_t)in->token.length) == 0;
}

bool nc_ir_take_punct(NcIrCursor *in, char c) {
  if (!nc_ir_is_punct(in, c))
    return false;
  nc_ir_advance(in);
  return true;
}

bool nc_ir_take_word(NcIrCursor *in, const char *word) {
  if (!nc_ir_is_word(in, word))
    return false;
  nc_ir_advance(in);
  return true;
}

bool nc_ir_expect(NcIrCursor *in, char c) {
  if (nc_ir_take_punct(in, c))
    return true;
  char expected[] = {'`', c, '`', '\0'};
  nc_ir_syntax_error(in, expected);
  return false;
}

char *nc_ir_take_text(NcIrCursor *in) {
  char *text = nc_arena_strndup(in->arena, in->token.text, (size_t)in->token.length);
  nc_ir_advance(in);
  return text;
}

char *nc_ir_take_name(NcIrCursor *in, const char *what) {
  if (!in->failed && in->token.kind == NC_IR_NAME)
    return nc_ir_take_text(in);
  nc_ir_syntax_error(in, what);
  return "";
}

// A name that may have ordinals, as convnet[0].p2.
char *nc_ir_take_path(NcIrCursor *in, const char *what, NcSpan *span) {
  *span = in->token.span;
  if (in->failed || in->token.kind != NC_IR_NAME)
    return nc_ir_take_name(in, what);
  in->lexer.position = in->token.span.begin;
  in->token = nc_ir_next(&in->lexer, true);
  *span = in->token.span;
  return nc_ir_take_text(in);
}

static void number_error(NcIrCursor *in) {
  nc_diag_error(in->diags, "E0602", in->token.span, "the number is too large");
  in->failed = true;
}

int64_t nc_ir_take_int(NcIrCursor *in, const char *what) {
  bool negative = nc_ir_take_punct(in, '-');
  if (in->failed || in->token.kind != NC_IR_INT) {
    nc_ir_syntax_error(in, what);
    return 0;
  }
  int64_t value = 0; // the negated number, since the least integer has no positive twin
  bool fits = true;
  for (int i = 0; fits && i < in->token.length; i++)
    fits = !__builtin_mul_overflow(value, 10, &value) &&
           !__builtin_sub_overflow(value, in->token.text[i] - '0', &value);
  if (!fits || (!negative && value == INT64_MIN)) {
    number_error(in);
    return 0;
  }
  nc_ir_advance(in);
  return negative ? value : -value;
}

static NcDim take_dim(NcIrCursor *in) {
  NcDim dim = {0, 0};
  if (nc_ir_take_word(in, "N")) {
    dim.n = 1;
  } else {
    int64_t value = nc_ir_take_int(in, "a dimension");
    if (!nc_ir_take_punct(in, '*'))
      return nc_dim(value);
    dim.n = value;
    if (!nc_ir_take_word(in, "N"))
      nc_ir_syntax_error(in, "`N`");
  }
  if (nc_ir_take_punct(in, '+'))
    dim.c = nc_ir_take_int(in, "a number");
  return dim;
}

static NcDtype take_dtype(NcIrCursor *in) {
  NcDtype dtype = NC_F32;
  NcSpan span = in->token.span;
  const char *name = nc_ir_take_name(in, "a type");
  if (!in->failed && !nc_dtype_parse(name, &dtype)) {
    nc_diag_error(in->diags, "E0603", span, "there is no dtype `%s`", name);
    in->failed = true;
  }
  return dtype;
}

// False if the type is not valid, which was reported.
bool nc_ir_take_type(NcIrCursor *in, NcType *type) {
  NcSpan span = in->token.span;
  *type = nc_type_scalar(take_dtype(in));
  nc_ir_expect(in, '[');
  while (!in->failed && !nc_ir_is_punct(in, ']')) {
    if (type->rank > 0)
      nc_ir_expect(in, ',');
    if (type->rank == NC_MAX_RANK) {
      nc_diag_error(in->diags, "E0607", in->token.span, "a tensor has at most %d dimensions",
                    NC_MAX_RANK);
      in->failed = true;
      return false;
    }
    type->dims[type->rank++] = take_dim(in);
  }
  span = nc_span_join(span, in->token.span);
  nc_ir_expect(in, ']');
  const char *problem = in->failed ? NULL : nc_type_check(in->arena, type);
  if (problem)
    nc_diag_error(in->diags, "E0607", span, "%s", problem);
  return !in->failed && !problem;
}
