// The ONNX graph that operators build: values and nodes, before they have names and are written.
//
// A value stands for that of a netc node, perhaps in another form. Where ONNX broadcasts, a value
// may stay small: its dimensions, aligned at the last, are those of the whole or 1. And it may have
// its channels, the last dimension, before the spatial ones, as ONNX's convolutions want them. The
// form that somebody needs is made when it is asked for, once.
#ifndef NC_IR_ONNX_H
#define NC_IR_ONNX_H

#include "ir/graph.h"

#define NC_ONNX_MAX_INPUTS 32

typedef enum NcOnnxKind {
  NC_ONNX_RESULT, // of a node
  NC_ONNX_INPUT,  // of the graph
  NC_ONNX_PARAM,  // a variable, with its values
  NC_ONNX_CONST,
} NcOnnxKind;

typedef struct NcOnnxNode {
  const char *op_type;
  NcOnnxValue *inputs[NC_ONNX_MAX_INPUTS]; // NULL: one that is left out
  int input_count;
  NcOnnxValue *output;
  NC_VEC(struct NcOnnxAttr) attrs;
  const NcNode *of; // the node that it helps to compute
} NcOnnxNode;

typedef struct NcOnnxAttr {
  const char *name;
  bool real; // a float, `number`, and not integers
  double number;
  bool list;
  int64_t ints[NC_MAX_ATTR_INTS]; // the first, unless it is a list
  int count;
} NcOnnxAttr;

struct NcOnnxValue {
  NcOnnxKind kind;
  NcType type;  // as it is in ONNX
  NcType whole; // the netc node's
  bool channels_first;
  const NcNode *of;          // whose value it is, or what it is a step of; NULL of constants
  bool main;                 // it is the node's value
  NcOnnxNode *producer;      // of a result
  NcVariable *variable;      // of a param
  int64_t perm[NC_MAX_RANK]; // of a param: its axes are these of the variable
  int64_t *ints;             // of a constant: its elements …
  double number;             // … or the one of a scalar
  NcOnnxValue *same;         // what this is another view of, or NULL
  NcOnnxValue *forms, *next; // what was made of it; list
  bool takes_bias;           // its node can add one
  NcType kept;               // of a reduction: its type if it kept the axes; rank 0: it is none
  NcOnnxValue *unscaled;     // it is `number` times that, or NULL
  // At last, in the model:
  bool needed; // for an output
  bool inner;  // a part of what has its path works on it: it is not what the whole gives
  const char *name;
};

struct NcOnnxBuilder {
  NcArena *arena;
  bool embed; // params have their values
  int64_t step, epoch;
  const NcNode *node; // whose value is being made
  const int *uses;    // by a node's id: how many nodes and results have it
  NC_VEC(NcOnnxNode *) nodes;
  NC_VEC(NcOnnxValue *) inputs; // of the graph, params that are none of the initializers among them
  NC_VEC(NcOnnxValue *) constants;
  NcOnnxValue *batch;         // N, once it was asked for
  const char *message, *help; // why there is no model
};

// ---- values

NcOnnxValue *nc_onnx_input(NcOnnxBuilder *builder, const NcNode *node);
NcOnnxValue *nc_onnx_param(NcOnnxBuilder *builder, const NcNode *node);
NcOnnxValue *nc_onnx_scalar(NcOnnxBuilder *builder, NcDtype dtype, double value);
// Any tensor of integers, and a vector of i64. They are copied.
NcOnnxValue *nc_onnx_tensor(NcOnnxBuilder *builder, const int64_t *ints, NcType type);
NcOnnxValue *nc_onnx_ints(NcOnnxBuilder *builder, const int64_t *ints, int64_t count);
// A dimension that depends on N, as i64[1]; NULL after nc_onnx_fail.
NcOnnxValue *nc_onnx_size(NcOnnxBuilder *builder, NcDim dim);
// The same value as one of netc's type `whole`, of which it is a small form.
NcOnnxValue *nc_onnx_view(NcOnnxBuilder *builder, NcOnnxValue *value, NcType whole);

// Adds a node of a result that is whole and channels last. inputs[i] may be NULL.
NcOnnxValue *nc_onnx_add(NcOnnxBuilder *builder, const char *op_type, NcOnnxValue *const *inputs,
                         int count, NcType type);
// The same of a result with its channels first, or in the form of `like`; `type` is netc's.
NcOnnxValue *nc_onnx_add_first(NcOnnxBuilder *builder, const char *op_type,
                               NcOnnxValue *const *inputs, int count, NcType type);
NcOnnxValue *nc_onnx_add_like(NcOnnxBuilder *builder, const char *op_type,
                              NcOnnxValue *const *inputs, int count, NcType type,
                              const NcOnnxValue *like);
// Slice; the axes are the value's.
NcOnnxValue *nc_onnx_slice(NcOnnxBuilder *builder, NcOnnxValue *x, NcType type,
                           const int64_t *start, const int64_t *limit, const int64_t *axes,
                           const int64_t *step, int count);
void nc_onnx_set(NcOnnxBuilder *builder, NcOnnxValue *value, const char *name, int64_t number);
void nc_onnx_set_list(NcOnnxBuilder *builder, NcOnnxValue *value, const char *name,
                      const int64_t *ints, int count);
// `pads`, from what lies before and after along each spatial dimension.
void nc_onnx_set_pads(NcOnnxBuilder *builder, NcOnnxValue *value, const int64_t *low,
                      const int64_t *high, int spatial);

// Says why the node has no equal in ONNX, and what to do. NULL.
NcOnnxValue *nc_onnx_fail(NcOnnxBuilder *builder, const char *help, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// ---- forms

// The value with its channels first or last, and perhaps small or not. NULL is passed on, here and
// below.
NcOnnxValue *nc_onnx_form(NcOnnxBuilder *builder, NcOnnxValue *value, bool first, bool small);
// As netc has it.
NcOnnxValue *nc_onnx_plain(NcOnnxBuilder *builder, NcOnnxValue *value);
// Not small.
NcOnnxValue *nc_onnx_full(NcOnnxBuilder *builder, NcOnnxValue *value);
// Where the whole's axis is in the value.
int64_t nc_onnx_axis(const NcOnnxValue *value, int64_t axis);
// A type of netc's as it is in the form of `like`.
NcType nc_onnx_type_like(const NcType *type, const NcOnnxValue *like);
// The whole's axis that one of a tensor of that rank with its channels first is.
int nc_onnx_axis_first(int rank, int axis);
// Of a full value: the dimensions or the axes in another order, another shape, another dtype.
NcOnnxValue *nc_onnx_transpose(NcOnnxBuilder *builder, NcOnnxValue *value, const int64_t *perm);
NcOnnxValue *nc_onnx_reshape(NcOnnxBuilder *builder, NcOnnxValue *value, NcType type);
NcOnnxValue *nc_onnx_cast(NcOnnxBuilder *builder, NcOnnxValue *value, NcDtype dtype);

// The number that TensorProto.DataType of onnx.proto has for a dtype.
int nc_onnx_dtype(NcDtype dtype);

// ---- nodes that operators share

// Whether the value is a scale of another by so much that the factor undoes it: then that, else
// NULL.
NcOnnxValue *nc_onnx_unscaled(NcOnnxValue *value, double factor);
// The value of an elementwise node by an operator of ONNX that broadcasts; what it has not for
// dtypes in the mask is computed in i32.
NcOnnxValue *nc_onnx_elementwise(NcOnnxBuilder *builder, const char *op_type,
                                 NcOnnxValue *const *operands, int count, NcDtype dtype,
                                 unsigned narrow);
// The value with a bias added by the node that computes it; NULL if it cannot.
NcOnnxValue *nc_onnx_with_bias(NcOnnxBuilder *builder, NcOnnxValue *value, NcOnnxValue *bias);
// Whether it is a number in every element.
bool nc_onnx_is_number(const NcOnnxValue *value, double *number);

#endif
