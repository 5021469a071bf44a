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
  NC_SYMBOL_PARAM, // also a buffer
  NC_SYMBOL_GROUP,
  NC_SYMBOL_FN, // also a layer
  NC_SYMBOL_OPTIMIZER,
  NC_SYMBOL_DATASET,
  NC_SYMBOL_BINDING, // of the top level: evaluated in order, anew for each graph
} NcSymbolKind;

typedef struct NcScope {
  NcMap names; // NcSymbol *
  struct NcScope *parent;
} NcScope;

// A learned variable, `param NAME: type = init` or a member of a group, or a buffer.
typedef struct NcParam {
  const char *name; // "weights.c1", "net.conv1.kernel"
  NcVariableKind kind;
  const NcFieldAst *field;
  NcSpan place;         // in the user's file: the declaration, or the layer of the library
  NcScope *scope;       // where its first value is evaluated
  NcVariable *variable; // NULL if its declaration is wrong
  const NcDimOrigin **origins;
  int ordinal;   // of its random numbers: by first use in the forward graph
  int randoms;   // how many random nodes its first value and its states' have so far
  bool frozen;   // not trained
  NcNode *first; // in graph `initialize`
  NcNode *node;  // in `graph`: its value, after the updates so far
  const NcGraph *graph;
} NcParam;

struct NcSymbol {
  NcSymbolKind kind;
  const char *name;
  NcSpan span;
  const NcDeclAst *decl;
  NcScope *globals;     // of the file that declares it
  NcValue *value;       // what it stands for, if evaluated
  const NcGraph *graph; // the graph in which `value` holds, if it is computed in one
  bool active;          // being evaluated or called: finds cycles and recursion
  bool builtin_name;    // may be shadowed silently
  int number;           // of an input or a data set
  int calls;
  const NcDimOrigin **origins; // of an input's dimensions
  const struct NcArg *given;   // what a parameter stands for, or NULL
  NcParam *param;              // PARAM
  NcMap members;               // GROUP: NcParam *
  NcUntyped *untyped;          // BINDING without a type
};

NcScope *nc_scope_create(NcArena *arena, NcScope *parent);
NcSymbol *nc_scope_find(const NcScope *scope, const char *name); // through the parents; or NULL
NcSymbol *nc_scope_add(NcSema *s, NcScope *scope, NcSymbolKind kind, const char *name, NcSpan span);
// Adds a name with a value, reporting redefinitions and reserved names. Inside of `for` a name that
// is bound in the same function gets the new value.
void nc_sema_define(NcSema *s, const char *name, NcSpan span, NcValue *value);
// Adds a name to the innermost scope; an error value stands for it at first. NULL after a report.
NcSymbol *nc_sema_define_local(NcSema *s, const char *name, NcSpan span);
// A scope like this one as it is now, up to the globals.
NcScope *nc_scope_snapshot(NcSema *s, const NcScope *scope, NcScope *globals);
// As nc_sema_define, for a parameter.
void nc_sema_define_param(NcSema *s, const NcFieldAst *param, const struct NcArg *arg);
// The same check for declarations: NULL if the name cannot be declared.
NcSymbol *nc_sema_declare(NcSema *s, NcSymbolKind kind, const char *name, NcSpan span);
// The value of a name, reporting unknown ones.
NcValue *nc_sema_name(NcSema *s, const char *name, NcSpan span);
NcValue *nc_sema_param(NcSema *s, NcParam *param, NcSpan span);
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
  int first; // of a binding: how many origins there were before it
} NcPath;

struct NcFrame {
  NcFrame *caller;
  NcSymbol *fn;   // or NULL
  NcScope *scope; // innermost: of the iteration at work, inside of loops
  NcScope *base;  // of the call
  bool top;       // runs the top level's statements
  NcSpan call;    // in the caller's file
  const struct NcArgs *args;
  NcInstance *instance;   // the layer whose params are declared here; NULL where none can be
  const char *suffix;     // of names bound in loops: "[2]"; or NULL
  NcPath *path;           // of the call
  NcPath *binding;        // innermost binding, or NULL
  const NcOrigin *origin; // of the call, for nodes' caller
  struct NcOptimizerRun *optimizer;
  bool has_float; // the signature has bound `float`
  NcDtype float_dtype;
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
// The same for an instance of a layer.
NcFrame *nc_sema_enter_layer(NcSema *s, NcInstance *instance, NcSpan call);
void nc_sema_leave(NcSema *s);
// What a name of the user's is bound to keeps that name, beside the path of what made it.
void nc_sema_mark_bound(NcSema *s, const NcValue *value);
// Begins a binding's path; gives the one before, to be restored.
NcPath *nc_sema_begin_binding(NcSema *s, const char *name);
void nc_sema_set_origin(NcSema *s, NcSpan span);
void nc_sema_finish_paths(NcSema *s);
bool nc_sema_is_builtin(const NcSema *s, NcSpan span);
// The innermost place in the user's own file that leads to `span`.
NcSpan nc_sema_user_span(const NcSema *s, NcSpan span);

// How many expressions one pass over the file may evaluate: what calls multiply must end.
#define NC_SEMA_BUDGET 500000

// An origin and what its path and name will be.
typedef struct NcUnnamed {
  NcOrigin *origin;
  NcPath *path, *bound; // bound: or NULL
} NcUnnamed;

struct NcSema {
  NcArena *arena;
  NcSourceMap *sources;
  NcDiags *diags;
  const NcSemaOptions *options;
  const NcFileAst *file;
  NcProgram *program;
  NcModule *module;
  NcScope *builtins;         // builtin functions, dtypes, options
  NcScope *library;          // the standard library's own names; its parent is builtins
  NcScope *hidden;           // names only the library sees
  NcScope *globals;          // the user's; its parent is library
  NC_VEC(NcSymbol *) order;  // the user's declarations
  NC_VEC(NcParam *) params;  // and buffers
  NcMap owned;               // NcParam * by name, of those that layers declare
  NcInstance *root;          // the top level of the interpretation at work
  NC_VEC(NcInstance *) made; // the layers of that interpretation
  NcFrame *frame;
  NcGraph *graph;   // being built, or NULL where only constants are allowed
  NcGraph *forward; // the graph of the network itself, while it is being built
  bool training;
  NcDtype float_dtype; // what a floating literal becomes without a context
  int depth;
  bool too_deep; // was reported
  int muted;     // reports are dropped
  bool fetching; // paths of nodes are known
  int budget;    // expressions that may still be evaluated
  bool syntax_errors;
  int randoms;               // ordinal of the next random node
  NcParam *first_of;         // whose first value, or state's, is being evaluated, or NULL
  NC_VEC(NcUnnamed) origins; // whose paths are still to be filled
  NcMap uses;                // names that the user's file mentions
  NcMap reported;            // code and place of errors
  NcDiag *pending;           // still to be given the call stack of
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
// Help that is an edit of the user's file; where `span` is the library's it is words only.
void nc_sema_fix(NcSema *s, NcDiag *diag, NcSpan span, const char *replacement, const char *format,
                 ...) __attribute__((format(printf, 5, 6)));
// "did you mean NAME?", for the misspelt name at `span`.
void nc_sema_fix_name(NcSema *s, NcDiag *diag, NcSpan span, const char *name);
// The same with the expression at `span` put into a call: `before` and `after` go around it.
void nc_sema_fix_wrap(NcSema *s, NcDiag *diag, NcSpan span, const char *before, const char *after,
                      const char *format, ...) __attribute__((format(printf, 6, 7)));
// Where a value of the wrong dtype is a quotient of integers: help to cast to `dtype` before.
bool nc_sema_help_division(NcSema *s, NcDiag *diag, const NcValue *value, const char *dtype);
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
// `flags`: whether a's and b's last two dimensions are swapped.
NcValue *nc_sema_matmul(NcSema *s, const NcSite *site, NcValue *a, NcValue *b, const bool *flags);
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
  const NcValue *leading_of; // the argument that bound it
  NcSpan leading_span;
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
// The same with one argument.
NcValue *nc_sema_call_with(NcSema *s, NcValue *callee, const char *name, NcArg arg, NcSpan span);
// Lays arguments out by parameter: names[i] with a trailing '?' may be absent. False after a
// report.
bool nc_sema_arrange(NcSema *s, const char *callee, const NcArgs *args, const char *const *names,
                     int count, NcSpan span, NcArg *arranged);
// Arguments to the parameters of a declaration, in their order. NULL after a report.
NcArg *nc_sema_arrange_fields(NcSema *s, const char *callee, const NcFieldsAst *params,
                              const NcArgs *args, NcSpan span);
// Binds parameters in the present frame.
bool nc_sema_bind_params(NcSema *s, const NcSymbol *fn, const NcFieldsAst *params, NcArg *args);
// Runs a function's body in the present frame, and checks its results.
NcValue *nc_sema_run(NcSema *s, const NcSymbol *fn);
// Runs statements; gives the value returned, or NULL if none was.
NcValue *nc_sema_block(NcSema *s, const NcBlockAst *block);
void nc_sema_bind(NcSema *s, const NcFieldsAst *targets, NcValue *value, NcSpan span, bool global);

// ---- layers (layer.c)

// A layer, or a function of two lists, with its settings. Only a layer owns params and has a path.
struct NcInstance {
  NcSymbol *symbol; // NULL: the top level, which owns what is declared there
  NcScope *settings;
  NcInstance *home;  // in whose application it was made
  const char *name;  // "conv1"
  const char *path;  // "net.conv1"; NULL at the top level
  NcPath *outer;     // of its nodes' path
  NcSpan span;       // where it was made
  const char *bound; // the name that it is bound to, or NULL
  bool applied, active;
  NcValue *result; // of the last application, where it is a tensor; or NULL
  NcMap kinds;     // int *: how many layers of a kind were made here
  NcMap members;   // NcMember *, by name
};

typedef struct NcMember { // one of the two
  NcParam *param;
  NcInstance *instance;
} NcMember;

NcInstance *nc_sema_root_instance(NcSema *s);
// Makes an instance of a layer or of a function of two lists.
NcValue *nc_sema_instantiate(NcSema *s, NcSymbol *symbol, const NcArgs *args, NcSpan span);
NcValue *nc_sema_apply_instance(NcSema *s, NcInstance *instance, const NcArgs *args, NcSpan span);
// Whether a function takes two lists, so that a call gives an instance.
bool nc_sema_has_settings(const NcSymbol *fn);
// Gives a layer that was just made the name it is bound to.
void nc_sema_name_instance(NcSema *s, const NcExprAst *expr, const NcValue *value,
                           const char *name);
NcValue *nc_sema_instance_member(NcSema *s, const NcValue *whole, const NcExprAst *expr);
// A `param` or `buffer` statement.
void nc_sema_own(NcSema *s, const NcStmtAst *stmt);
// `update` of a buffer.
void nc_sema_update_buffer(NcSema *s, const NcStmtAst *stmt);
// A new value of a variable's type: literals and trailing shapes are repeated, as for operands.
// NULL after a report.
NcNode *nc_sema_new_value(NcSema *s, const NcFieldAst *target, NcValue *value, NcSpan span,
                          NcType type);
// Warns of layers that are made and never applied.
void nc_sema_unapplied(NcSema *s);

// ---- indices (slice.c)

// x[…] of a tensor: an integer drops its axis, a range keeps a part of it, `...` stands for what is
// left whole in between.
NcValue *nc_sema_slice(NcSema *s, const NcExprAst *expr, NcValue *x);
// x[i] and x[low..high] of a list.
NcValue *nc_sema_list_item(NcSema *s, const NcExprAst *expr, const NcValue *list);

// ---- builtins (builtins.c and builtin_*.c)

typedef struct NcCall {
  NcSema *s;
  NcSite site; // spans by parameter
  int count;
  NcValue **args; // by parameter; NULL where absent
} NcCall;

#define NC_BUILTIN_PARAMS 7
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

extern const NcBuiltin nc_builtins_math[], nc_builtins_shape[], nc_builtins_window[],
    nc_builtins_index[], nc_builtins_grad[];

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
bool nc_call_bool(NcCall *call, int param, bool *truth);     // absent: unchanged
// One integer for all, or a list of `count`.
bool nc_call_ints(NcCall *call, int param, int count, int64_t *values);
NcValue *nc_call_fail(NcCall *call, const char *code, int param, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

// ---- initializers (initializer.c) and optimizers (optimizer.c)

// The first value of a variable, in the graph being built; NULL after a report.
NcNode *nc_sema_initialize(NcSema *s, const NcExprAst *expr, NcType type, NcParam *param);
// The builtin of from_file: a tensor of a file, as an input of the graph `initialize`.
NcValue *nc_sema_stored(NcCall *call);
// The name of a function of two lists stands for it with its defaults; others stay as they are.
NcValue *nc_sema_with_defaults(NcSema *s, NcValue *value, NcSpan span);
// What the train block says, as written.
typedef struct NcTrainAst {
  const NcDeclAst *decl; // NULL without a block
  const NcFieldAst *minimize, *optimizer, *clip, *freeze;
} NcTrainAst;

// Builds `update NAME` for every param that is trained and adds the states' first values to
// `initialize`.
void nc_sema_optimize(NcSema *s, NcValue *value, NcSpan span, const NcTrainAst *train,
                      NcGraph *initialize);
// Builds the graph `clip` of all gradients.
void nc_sema_clip(NcSema *s, const NcExprAst *expr);
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
// Adds a variable that the file declares; `scope` is that of its first value.
NcParam *nc_sema_add_param(NcSema *s, const char *name, NcVariableKind kind,
                           const NcFieldAst *field, NcSpan place, NcScope *scope);
typedef NC_VEC(NcResult) NcResults;
// What one interpretation of the file gives.
typedef struct NcForward {
  NcGraph *graph;
  NcValue *loss;              // or NULL
  NcResults results, fetched; // outputs and metrics; what is fetched
  NC_VEC(NcSpan) spans;       // of results
} NcForward;
// Gives a binding, output or metric of the top level its value in the present graph.
void nc_sema_set_binding(NcSema *s, const NcFieldAst *field, NcValue *value);
// `minimize` may be NULL. The graph is taken out of the module by the caller.
// `fetch` is a list of what else is wanted, or NULL.
NcForward nc_sema_forward(NcSema *s, const char *name, bool training, const NcFieldAst *minimize,
                          const NcExprAst *fetch);
// Evaluates what the list asks for where the program has run.
void nc_sema_fetch(NcSema *s, NcForward *forward, const NcExprAst *list);
// What a path or state means among what is fetched, or NULL where it is an ordinary expression.
NcValue *nc_sema_fetch_path(NcSema *s, const NcExprAst *expr);
NcValue *nc_sema_fetch_state(NcSema *s, const NcExprAst *expr);
void nc_sema_graphs(NcSema *s);
// Whether a name is a reader's; reads a reader's call, without its views. False after a report.
bool nc_sema_is_reader(const char *name);
void nc_sema_suggest_reader(NcSema *s, NcDiag *diag, const NcExprAst *callee);
bool nc_sema_reading(NcSema *s, const NcExprAst *call, const NcInput *input, NcReading *reading);
void nc_sema_datasets(NcSema *s);
// Reads which data sets are parts of which; gives the parts their bindings once the wholes are
// bound.
void nc_sema_splits(NcSema *s);
void nc_sema_fill_parts(NcSema *s);
// Checks that the data sets that train uses bind every input of the training step.
void nc_sema_check_bindings(NcSema *s, const NcGraph *step);
// Reads the train block's settings; those about the network are given as written.
NcTrainAst nc_sema_train(NcSema *s);
// Reports a setting of a block that stands there already.
void nc_sema_set_twice(NcSema *s, const NcFieldAst *first, const NcFieldAst *again);
// Marks the params that `freeze` names, and checks that the groups name some.
void nc_sema_select_params(NcSema *s, const NcTrainAst *train);
// The path that an expression spells: net.conv[0].kernel; or NULL.
const char *nc_sema_path_of(NcSema *s, const NcExprAst *expr);
// Whether a param is meant: by its path, that of a layer or group it is in, a pattern with `*` in a
// string, or a list of these.
bool nc_sema_matches(NcSema *s, const NcExprAst *params, const char *name);
// Finds every name that the file uses, by spelling, members as "group.member".
void nc_sema_find_uses(NcSema *s);
// Warns of names that nothing uses, and checks functions that are never called.
void nc_sema_unused(NcSema *s);

#endif
