// A place in the text form of graphs, from which a reader takes one thing after another. After a
// syntax error, which is reported once, `failed` is set and everything that is taken is empty.
#ifndef NC_IR_CURSOR_H
#define NC_IR_CURSOR_H

#include "base/diag.h"
#include "ir/lexer.h"
#include "ir/type.h"

typedef struct NcIrCursor {
  NcArena *arena;
  NcDiags *diags;
  NcIrLexer lexer;
  NcIrToken token; // the next one, not yet taken
  bool failed;
} NcIrCursor;

NcIrCursor nc_ir_cursor(NcArena *arena, const NcSourceMap *sources, int file, NcDiags *diags);
void nc_ir_advance(NcIrCursor *in);
// Reports that something else was expected ("a type") than the next token.
void nc_ir_syntax_error(NcIrCursor *in, const char *expected);

// Whether the next token is this one; `take` then takes it, `expect` takes it or reports.
bool nc_ir_is_punct(const NcIrCursor *in, char c);
bool nc_ir_is_word(const NcIrCursor *in, const char *word);
bool nc_ir_take_punct(NcIrCursor *in, char c);
bool nc_ir_take_word(NcIrCursor *in, const char *word);
bool nc_ir_expect(NcIrCursor *in, char c);

// The next token's text, whatever it is.
char *nc_ir_take_text(NcIrCursor *in);
// A name; `what` says which in the error.
char *nc_ir_take_name(NcIrCursor *in, const char *what);
// A name that may have ordinals, as convnet[0].p2.
char *nc_ir_take_path(NcIrCursor *in, const char *what, NcSpan *span);
// An integer with an optional sign.
int64_t nc_ir_take_int(NcIrCursor *in, const char *what);
// False if there is none or it is not valid, which was reported.
bool nc_ir_take_type(NcIrCursor *in, NcType *type);

#endif
