// Values of the abstract interpretation: what an expression of a .net file stands for while graphs
// are built.
#ifndef NC_SEMA_VALUE_H
#define NC_SEMA_VALUE_H

#include "ir/graph.h"
#include "syntax/ast.h"

typedef struct NcValue NcValue;
typedef struct NcSymbol NcSymbol;
typedef struct NcBuiltin NcBuiltin;
typedef struct NcInstance NcInstance;

typedef NC_VEC(NcValue *) NcValues;

typedef enum NcValueKind {
  NC_VALUE_ERROR,     // was reported; silences whatever uses it
  NC_VALUE_INT,       // dim: an integer known at compile time, exact in N
  NC_VALUE_FLOAT,     // number
  NC_VALUE_BOOL,      // truth
  NC_VALUE_STRING,    // text
  NC_VALUE_DTYPE,     // dtype
  NC_VALUE_OPTION,    // text: a word such as `same` or `all`
  NC_VALUE_LIST,      // items
  NC_VALUE_RESULTS,   // items: several results of one call
  NC_VALUE_TENSOR,    // node and origins
  NC_VALUE_FN,        // symbol: a function or a layer
  NC_VALUE_INSTANCE,  // instance: a layer, or a function of two lists, with its settings
  NC_VALUE_BUILTIN,   // builtin
  NC_VALUE_GROUP,     // symbol: a param group
  NC_VALUE_OPTIMIZER, // symbol; call and its arguments once it is given settings
  NC_VALUE_DATASET,   // symbol
} NcValueKind;

// Where a dimension's size comes from, for notes.
typedef struct NcDimOrigin {
  NcSpan place;                     // the declaration, or the expression that computed it
  NcSpan written;                   // the size as the user wrote it, or NC_NOWHERE
  const char *owner;                // the declared thing ("weights.d1"), NULL if it was computed
  const struct NcDimOrigin *before; // of the dimension it was computed from, or NULL
  int64_t size_before;
} NcDimOrigin;

struct NcValue {
  NcValueKind kind;
  NcDim dim;
  double number;
  bool truth;
  bool probabilities; // a tensor that softmax or sigmoid gave
  NcDtype dtype;
  const char *text;
  NcSpan written; // in a list: the expression that gave it
  NcValues items;
  NcNode *node;
  const NcDimOrigin **origins; // one a dimension of the node; entries may be NULL
  const NcFieldAst *declared;  // the param or input that the tensor is, or NULL
  int64_t low, high;           // integer tensors: values lie in low … high-1 where has_range
  bool has_range;
  NcSymbol *symbol;
  const NcBuiltin *builtin;
  NcInstance *instance;
  const NcExprAst *call; // OPTIMIZER: the call with its settings
};

NcValue *nc_value_error(NcArena *arena);
NcValue *nc_value_dim(NcArena *arena, NcDim dim);
NcValue *nc_value_int(NcArena *arena, int64_t integer);
NcValue *nc_value_float(NcArena *arena, double number);
NcValue *nc_value_bool(NcArena *arena, bool truth);
NcValue *nc_value_text(NcArena *arena, NcValueKind kind, const char *text);
NcValue *nc_value_dtype(NcArena *arena, NcDtype dtype);
NcValue *nc_value_tensor(NcArena *arena, NcNode *node);
NcValue *nc_value_list(NcArena *arena, NcValueKind kind);

bool nc_value_is_error(const NcValue *value);
bool nc_value_is_literal(const NcValue *value); // INT, FLOAT or BOOL
bool nc_value_is_number(const NcValue *value);  // INT or FLOAT
// A layer, or an instance of one.
bool nc_value_is_layer(const NcValue *value);
// The word `_`, for a dimension that is to be inferred.
bool nc_value_is_open(const NcValue *value);
// An INT without N.
bool nc_value_is_constant_int(const NcValue *value);
// The number of an INT without N or a FLOAT.
double nc_value_number(const NcValue *value);

// The value's type as it stands under a caret: "f32[N, 10]", "the integer 3", "a function".
const char *nc_value_describe(NcArena *arena, const NcValue *value);

#endif
