// Diagnostics: what is wrong with the user's input, where, why, and what next.
#ifndef NC_BASE_DIAG_H
#define NC_BASE_DIAG_H

#include "base/source.h"
#include "base/text.h"

typedef enum NcSeverity { NC_ERROR, NC_WARNING } NcSeverity;

// A caret line under a piece of source, or a remark with a place of its own.
typedef struct NcDiagPart {
  NcSpan span;
  const char *text;
} NcDiagPart;

// What could be done about it. Where that is an edit of the source, `span` is to be replaced by
// `replacement` (an empty span is a place to insert at); else span is NC_NOWHERE.
typedef struct NcDiagHelp {
  const char *text;
  NcSpan span;
  const char *replacement;
} NcDiagHelp;

typedef struct NcDiag {
  NcSeverity severity;
  const char *code; // "E0203"; explained in docs/codes
  NcSpan span;      // the primary place; NC_NOWHERE for none
  const char *message;
  NC_VEC(NcDiagPart) labels; // carets with a text, shown with the source lines they lie on
  NC_VEC(NcDiagPart) notes;
  NC_VEC(NcDiagHelp) helps;
} NcDiag;

typedef struct NcDiags {
  NcArena *arena;
  const NcSourceMap *sources;
  NC_VEC(NcDiag *) items;
  int error_count;
  int warning_count; // limited like the errors
} NcDiags;

#define NC_MAX_ERRORS 20

NcDiags *nc_diags_create(NcArena *arena, const NcSourceMap *sources);

// Reports; the result can be given labels, notes and helps. What was reported before (equal code,
// place and message) counts once. Past NC_MAX_ERRORS errors are counted but not kept. In both cases
// the result is a spare that is never printed, so callers need no check.
NcDiag *nc_diag_error(NcDiags *diags, const char *code, NcSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
NcDiag *nc_diag_warning(NcDiags *diags, const char *code, NcSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void nc_diag_label(NcDiags *diags, NcDiag *diag, NcSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void nc_diag_note(NcDiags *diags, NcDiag *diag, NcSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void nc_diag_help(NcDiags *diags, NcDiag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// A help that is an edit. The replacement is copied.
void nc_diag_fix(NcDiags *diags, NcDiag *diag, NcSpan span, const char *replacement,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

// Prints all, sorted by place:
//
//   error[E0203]: @: inner dimensions differ: 1568 and 3136
//     --> mnist.net:34:13
//      |
//   34 |   d1 = relu(flat @ weights.d1 + biases.d1)
//      |             ^^^^~~~^^^^^^^^^^ f32[3136, 128]
//      |             f32[N, 1568]
//   note: 1568 = 7*7*32, from reshape(p2, [N, 7*7*32])
//     --> mnist.net:33:3
//   help: declare weights.d1 as f32[7*7*32, 128]
//
// The primary span and the labels share the row of carets; a span with others inside it has '~'
// beside theirs. A label with the primary span gives it its text. A span over several lines is
// marked where it begins and where it ends. Columns count characters, from 1. `color` adds ANSI
// colours. Control characters are shown as '?', so that no input can drive the terminal.
void nc_diags_print(const NcDiags *diags, NcText *out, bool color);
// The diagnostics in the order in which they are printed; in `arena`, as many as diags->items has.
NcDiag **nc_diags_sorted(const NcDiags *diags, NcArena *arena);
// "and 3 more errors": those of a severity that were counted but not kept; NULL if there are none.
const char *nc_diags_rest(const NcDiags *diags, NcSeverity severity);

#endif
