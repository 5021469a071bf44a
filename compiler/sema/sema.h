// What the files of this folder share: the state of one run, scopes, frames, and how they report
// and build.
//
// Sema interprets a file once for every graph. Functions are inlined at each call; values that are
// known at compile time live beside nodes of the graph that is being built.
#ifndef NC_SEMA_SEMA_H
#define NC_SEMA_SEMA_H

#include "ops/ops.h"
#include "sema/program.h"
#include "sema/value.h"

typedef struct NcSema NcSema;
typedef struct NcFrame NcFrame;

// ---- names (scope.c)

typedef enum NcSymbolKind {
  NC_SYMBOL_VALUE, // bound already: locals, parameters, what the compiler provides
  NC_SYMBOL_CONST, // evaluated when first used
  NC_SYMBOL_INPUT,
  NC_SYMBOL_PARAM,
  NC_SYMBOL_GROUP,
  NC_SYMBOL_FN,
  NC_SYMBOL_OPTIMIZER,
  NC_SYMBOL_DATASET,
  NC_SYMBOL_BINDING, // of the top level: evaluated in order, anew for each graph
} NcSymbolKind;

typedef struct NcScope {
  NcMap names; // NcSymbol *
  struct NcScope *parent;
} NcScope;

// A learned variable: `param NAME: type = init`, or a member of a group.
typedef struct NcParam {
  const char *name; // "weights.c1"
  const NcFieldAst *field;
  NcVariable *variable; // NULL if its declaration is wrong
  const NcDimOrigin **origins;
  int ordinal;   // of its random numbers: by first use in the forward graph
  NcNode *first; // in graph `initialize`
  NcNode *node;  // in `graph`
  const NcGraph *graph;
} NcParam;

struct NcSymbol {
  NcSymbolKind kind;
  const char *name;
  NcSpan span;
  const NcDeclAst *decl;
  NcScope *globals;     // of the file that declares it
  NcValue *value;       // what it stands for, if evaluated
  const NcGraph *graph; // the graph in which `value` holds (bindings, inputs)
  bool active;          // being evaluated or called: finds cycles and recursion
  bool builtin_name;    // may be shadowed silently
  int number;           // of an input or a data set
  int calls;
  const NcDimOrigin **origins; // of an input's dimensions
  NcParam *param;              // PARAM
  NcMap members;               // GROUP: NcParam *
};

NcScope *nc_scope_create(NcArena *arena, NcScope *parent);
NcSymbol *nc_scope_find(const NcScope *scope, const char *name); // through the parents; or NULL
NcSymbol *nc_scope_add(NcSema *s, NcScope *scope, NcSymbolKind kind, const char *name, NcSpan span);
// Adds a name with a value, reporting redefinitions and reserved names.
void nc_sema_define(NcSema *s, const char *name, NcSpan span, NcValue *value);
// The same check for declarations: NULL if the name cannot be declared.
NcSymbol *nc_sema_declare(NcSema *s, NcSymbolKind kind, const char *name, NcSpan span);
// The value of a name, reporting unknown ones.
NcValue *nc_sema_name(NcSema *s, const char *name, NcSpan span);
NcValue *nc_sema_param(NcSema *s, NcParam *param);
NcValue *nc_sema_member(NcSema *s, const NcExprAst *expr);

// ---- what a misspelt name was meant to be (guess.c)

typedef struct NcCandidate {
  const char *name;
  NcSpan span; // of its declaration
  int distance;
  int count; // candidates that were considered for this place
} NcCandidate;

// A name that is declared and never used is more likely meant than one that is used already.
typedef struct NcGuess {
  NcSema *s;
  const char *name;
  NcCandidate any, unused;
  NcCandidate lone; // of those never used, whatever its spelling
} NcGuess;

NcGuess nc_sema_guess(NcSema *s, const char *name);
// `key` is how uses are known: as the name, or "group.member".
void nc_sema_consider(NcGuess *guess, const char *name, const char *key, NcSpan span);
// Adds help and a note where there is something to say; whether a note was added.
bool nc_sema_suggest(const NcGuess *guess, NcDiag *diag);

// ---- where we are (frame.c)

// The path by which users name nodes: made of calls and a binding; text is known when all calls are
// counted.
typedef struct NcPath {
  struct NcPath *parent;
  const char *name;
  int ordinal;
  int *count;   // calls of this function from the same place; NULL for a binding
  NcMap counts; // of calls made from here
  char *text;
} NcPath;

struct NcFrame {
  NcFrame *caller;
  NcSymbol *fn; // or NULL
  NcScope *scope;
  NcSpan call; // in the caller's file
  const struct NcArgs *args;
  NcPath *path;           // of the call
  NcPath *binding;        // innermost binding, or NULL
  const NcOrigin *origin; // of the call, for nodes' caller
  struct NcOptimizerRun *optimizer;
  NcSpan returned; // the expression that gave the result
};

// A use of an operator or function: how diagnostics speak of it.
typedef struct NcSite {
  const char *name; // "@", "conv"
  NcSpan span;      // the whole expression
  int count;
  const NcSpan *spans; // of the operands
} NcSite;

// Enters and leaves a call. Nodes added in between carry its caller chain.
NcFrame *nc_sema_enter(NcSema *s, NcSymbol *fn, NcSpan call, NcScope *globals);
void nc_sema_leave(NcSema *s);
// Begins a binding's path; gives the one before, to be restored.
NcPath *nc_sema_begin_binding(NcSema *s, const char *name);
void nc_sema_set_origin(NcSema *s, NcSpan span);
void nc_sema_finish_paths(NcSema *s);
bool nc_sema_is_builtin(const NcSema *s, NcSpan span);
// The innermost place in the user's own file that leads to `span`.
NcSpan nc_sema_user_span(const NcSema *s, NcSpan span);

// How many expressions one pass over the file may evaluate: what calls multiply must end.
#define NC_SEMA_BUDGET 250000

struct NcSema {
  NcArena *arena;
  NcSourceMap *sources;
  NcDiags *diags;
  const NcSemaOptions *options;
  const NcFileAst *file;
  NcProgram *program;
  NcModule *module;
  NcScope *builtins;        // builtin functions, dtypes, options
  NcScope *library;         // the standard library's own names; its parent is builtins
  NcScope *hidden;          // names only the library sees
  NcScope *globals;         // the user's; its parent is library
  NC_VEC(NcSymbol *) order; // the user's declarations
  NC_VEC(NcParam *) params;
  NcFrame *frame;
  NcGraph *graph;   // being built, or NULL where only constants are allowed
  NcGraph *forward; // the graph of the network itself, while it is being built
  bool training;
  NcDtype float_dtype; // what a floating literal becomes without a context
  int depth;
  bool too_deep; // was reported
  int budget;    // expressions that may still be evaluated
  bool syntax_errors;
  int randoms;                // ordinal of the next random node
  NC_VEC(NcOrigin *) origins; // whose paths are still to be filled, with
  NC_VEC(NcPath *) origin_paths;
  NcMap uses;      // names that the user's file mentions
  NcMap reported;  // code and place of errors
  NcDiag *pending; // still to be given the call stack of
  NcFrame *pending_frame;
};

// ---- diagnostics (report.c)

// As nc_diag_error, with places in the standard library turned into the user's call, the stack of
// calls as notes, and one error a place and code.
NcDiag *nc_sema_error(NcSema *s, const char *code, NcSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// The same, as a value.
NcValue *nc_sema_fail(NcSema *s, const char *code, NcSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
NcDiag *nc_sema_warn(NcSema *s, const char *code, NcSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void nc_sema_label(NcSema *s, NcDiag *diag, NcSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void nc_sema_note(NcSema *s, NcDiag *diag, NcSpan span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// Labels an operand with its type.
void nc_sema_label_value(NcSema *s, NcDiag *diag, NcSpan span, const NcValue *value);
void nc_sema_note_declared(NcSema *s, NcDiag *diag, NcSpan span, const NcValue *value);
// Says which line gave dimension `axis` of a tensor.
void nc_sema_note_dim(NcSema *s, NcDiag *diag, const NcValue *value, int axis);
// The source of an expression on one line.
char *nc_sema_one_line(NcSema *s, NcSpan span);
// The same, shortened.
const char *nc_sema_quote(NcSema *s, NcSpan span);
void nc_sema_flush(NcSema *s);

// ---- expressions (expr.c), operators (arith.c), literals and shapes (convert.c)

NcValue *nc_sema_eval(NcSema *s, const NcExprAst *expr);
// Evaluates what must be an integer known at compile time without N.
bool nc_sema_eval_int(NcSema *s, const NcExprAst *expr, const char *what, int64_t *result);
NcValue *nc_sema_binary(NcSema *s, NcAstOp op, const NcSite *site, NcValue *a, NcValue *b);
NcValue *nc_sema_unary(NcSema *s, NcAstOp op, const NcSite *site, NcValue *a);
// Both as tensors of one dtype and shape, by the rules of literals and broadcasting; false after a
// report. Error values must not be given.
bool nc_sema_unify(NcSema *s, const NcSite *site, NcValue **a, NcValue **b);
NcValue *nc_sema_elementwise(NcSema *s, const NcSite *site, const NcOp *op, NcValue *a, NcValue *b);
// Adds a node of tensor values; a broken constraint is reported at the site.
NcValue *nc_sema_apply(NcSema *s, const NcSite *site, const NcOp *op, NcValue *const *operands,
                       int count, const NcAttr *attrs);
NcValue *nc_sema_try_apply(NcSema *s, const NcSite *site, const NcOp *op, NcValue *const *operands,
                           int count, const NcAttr *attrs, NcInfer *infer);
// Reports a broken constraint, the operands at fault labelled.
NcDiag *nc_sema_broken(NcSema *s, const NcSite *site, const NcInfer *infer,
                       NcValue *const *operands);
// What the user calls the operator: inside the library, the function that the user called.
const char *nc_sema_site_name(const NcSema *s, const NcSite *site);
// Fills the origins of a result's dimensions from equal dimensions of its operands.
void nc_sema_trace(NcSema *s, const NcSite *site, NcValue *result, NcValue *const *operands,
                   int count);
// A dimension as the user wrote it, or as a number.
const char *nc_sema_dim_text(NcSema *s, const NcValue *from, int axis);
// Where `value` is a declared param or input: help that declares its dimension `axis` as that of
// another tensor.
bool nc_sema_help_declare(NcSema *s, NcDiag *diag, const NcValue *value, int axis,
                          const NcValue *from, int from_axis);
NcValue *nc_sema_matmul(NcSema *s, const NcSite *site, NcValue *a, NcValue *b);
NcValue *nc_sema_compare(NcSema *s, const NcSite *site, const NcOp *op, NcValue *a, NcValue *b);
// Reports two dtypes that do not mix; gives an error value.
NcValue *nc_sema_mixed(NcSema *s, const NcSite *site, const NcValue *a, const NcValue *b);
// The result at compile time, or NULL if there is none (then the graph computes it).
NcValue *nc_sema_fold(NcSema *s, NcAstOp op, const NcSite *site, const NcValue *a,
                      const NcValue *b);
// A tensor from a tensor or literal; literals get `dtype` and no dimension. NULL after a report.
NcValue *nc_sema_tensor(NcSema *s, const NcSite *site, int operand, NcValue *value, NcDtype dtype);
// Converts a literal to a tensor of a given type. NULL after a report.
NcValue *nc_sema_literal(NcSema *s, NcSpan span, const NcValue *value, NcType type);
// Repeats to a shape of which the value's is a trailing part.
NcValue *nc_sema_broadcast(NcSema *s, NcSpan span, NcValue *value, const NcValue *like);
// Whether a literal can be of the dtype; reports.
bool nc_sema_fits(NcSema *s, NcSpan span, const NcValue *value, NcDtype dtype);
bool nc_sema_is_trailing(const NcType *small, const NcType *large);
bool nc_sema_need_graph(NcSema *s, NcSpan span);

// ---- types and dimensions (dims.c, match.c)

bool nc_sema_dim(NcSema *s, const NcExprAst *expr, NcDim *dim);
bool nc_sema_dim_value(NcSema *s, NcSpan span, const NcValue *value, NcDim *dim);
// The type of a declaration. `owner` names it in notes.
bool nc_sema_type(NcSema *s, const NcTypeAst *ast, const char *owner, NcType *type,
                  const NcDimOrigin ***origins);
bool nc_sema_check_type(NcSema *s, NcSpan span, const NcType *type);
bool nc_sema_dtype(NcSema *s, const NcTypeAst *ast, NcDtype *dtype);
NcDimOrigin *nc_sema_computed(NcSema *s, NcSpan place, NcSpan written);

// What a signature has bound so far.
typedef struct NcMatch {
  const char *code; // of the errors
  const char *what; // "argument x of conv2d"
  NcScope *scope;   // where names of dimensions are bound; NULL: none may be free
  bool has_leading; // `...` is bound
  int leading_rank;
  NcDim leading[NC_MAX_RANK];
  bool has_float; // `float` is bound
  NcDtype float_dtype;
  NcMap bound; // NcBoundDim *, by name
} NcMatch;

// Binds the bare names of a parameter's type to the dimensions of its argument. False after a
// report.
bool nc_sema_match_names(NcSema *s, NcMatch *match, const NcTypeAst *ast, const NcValue *value,
                         NcSpan span);
// Checks dtype and every dimension. Gives the value, a literal converted; an error value after a
// report.
NcValue *nc_sema_match_check(NcSema *s, NcMatch *match, const NcTypeAst *ast, NcValue *value,
                             NcSpan span);

// ---- calls (call.c, stmt.c)

typedef struct NcArg {
  const char *name; // or NULL
  NcSpan name_span, span;
  NcValue *value;
} NcArg;

typedef struct NcArgs {
  int count;
  NcArg *items;
} NcArgs;

NcValue *nc_sema_call_expr(NcSema *s, const NcExprAst *expr, NcArg *piped);
NcValue *nc_sema_call(NcSema *s, NcValue *callee, const char *name, const NcArgs *args,
                      NcSpan span);
// Lays arguments out by parameter: names[i] with a trailing '?' may be absent. False after a
// report.
bool nc_sema_arrange(NcSema *s, const char *callee, const NcArgs *args, const char *const *names,
                     int count, NcSpan span, NcArg *arranged);
// Runs statements; gives the value returned, or NULL if none was.
NcValue *nc_sema_block(NcSema *s, const NcBlockAst *block);
void nc_sema_bind(NcSema *s, const NcFieldsAst *targets, NcValue *value, NcSpan span, bool global);

// ---- builtins (builtins.c and builtin_*.c)

typedef struct NcCall {
  NcSema *s;
  NcSite site; // spans by parameter
  int count;
  NcValue **args; // by parameter; NULL where absent
} NcCall;

#define NC_BUILTIN_PARAMS 6
struct NcBuiltin {
  const char *name;
  const char
      *params[NC_BUILTIN_PARAMS + 1]; // ended by NULL; a trailing '?' marks what may be absent
  NcValue *(*call)(NcCall *call);
  const NcOp *op;         // of elementwise functions of one operand
  double (*fold)(double); // the same at compile time
  bool hidden;            // for the standard library only
};
void nc_sema_add_builtins(NcSema *s);
NcValue *nc_sema_call_builtin(NcSema *s, const NcBuiltin *builtin, const NcArgs *args, NcSpan span);

extern const NcBuiltin nc_builtins_math[], nc_builtins_shape[], nc_builtins_window[];

// Argument readers for builtins; false after a report.
NcValue *nc_call_tensor(NcCall *call, int param);          // NULL after a report
bool nc_call_int(NcCall *call, int param, int64_t *value); // absent: unchanged
// An axis, -1 the last; `rank` of the tensor.
bool nc_call_axis(NcCall *call, int param, int rank, int *axis);
// Axes as an increasing list: one, a list, or all of them where absent.
bool nc_call_axes(NcCall *call, int param, int rank, int64_t *axes, int *count);
// The shape that a list gives; the dtype is not touched.
bool nc_call_shape(NcCall *call, int param, NcType *type, const NcDimOrigin ***origins);
bool nc_call_dtype(NcCall *call, int param, NcDtype *dtype); // absent: unchanged
// One integer for all, or a list of `count`.
bool nc_call_ints(NcCall *call, int param, int count, int64_t *values);
NcValue *nc_call_fail(NcCall *call, const char *code, int param, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// ---- initializers (initializer.c) and optimizers (optimizer.c)

void nc_sema_add_initializers(NcSema *s);
NcValue *nc_sema_call_initializer(NcSema *s, const NcInitializer *init, const NcArgs *args,
                                  NcSpan span);
// The first value of a variable, in the graph being built; NULL after a report.
NcNode *nc_sema_initialize(NcSema *s, const NcExprAst *expr, NcType type, int ordinal);
// Builds `update NAME` for every param and adds the states' first values to `initialize`.
void nc_sema_optimize(NcSema *s, NcValue *value, NcSpan span, NcGraph *initialize);
// A `state` or `update` statement of an optimizer.
void nc_sema_state_statement(NcSema *s, const NcStmtAst *stmt);

// ---- the experiment (declare.c, graphs.c, reader.c, dataset.c, split.c, train.c, unused.c)

void nc_sema_collect_library(NcSema *s, const NcFileAst *file);
// Declares the names of the user's file.
void nc_sema_declare_all(NcSema *s);
// Evaluates the type of an input or param; it stays an error value, or without a variable, if it is
// wrong.
void nc_sema_declare_input(NcSema *s, NcSymbol *symbol);
void nc_sema_declare_param(NcSema *s, NcParam *param);
// What one interpretation of the file gives.
typedef struct NcForward {
  NcGraph *graph;
  NcValue *loss; // or NULL
  const char *loss_name;
  NC_VEC(NcResult) results; // outputs and metrics
  NC_VEC(NcSpan) spans;     // of results
} NcForward;
// `minimize` may be NULL. The graph is taken out of the module by the caller.
NcForward nc_sema_forward(NcSema *s, const char *name, bool training, const NcFieldAst *minimize);
void nc_sema_graphs(NcSema *s);
// Whether a name is a reader's; reads a reader's call, without its views. False after a report.
bool nc_sema_is_reader(const char *name);
void nc_sema_suggest_reader(NcSema *s, NcDiag *diag, const char *name);
bool nc_sema_reading(NcSema *s, const NcExprAst *call, const NcInput *input, NcReading *reading);
void nc_sema_datasets(NcSema *s);
// Reads which data sets are parts of which; gives the parts their bindings once the wholes are
// bound.
void nc_sema_splits(NcSema *s);
void nc_sema_fill_parts(NcSema *s);
// Checks that the data sets that train uses bind every input of the training step.
void nc_sema_check_bindings(NcSema *s, const NcGraph *step);
// Reads the train block's settings but `minimize` and `optimizer`, which it gives.
void nc_sema_train(NcSema *s, const NcFieldAst **minimize, const NcFieldAst **optimizer);
// Finds every name that the file uses, by spelling, members as "group.member".
void nc_sema_find_uses(NcSema *s);
// Warns of names that nothing uses, and checks functions that are never called.
void nc_sema_unused(NcSema *s);

#endif
