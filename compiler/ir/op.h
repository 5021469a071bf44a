// The operator: one constant struct that holds everything netc knows about it.
//
// Identity is the struct's address. Passes ask the struct; they never list operators.
#ifndef NC_IR_OP_H
#define NC_IR_OP_H

#include "base/text.h"
#include "ir/tensor.h"
#include "ir/type.h"

typedef struct NcOp NcOp;
typedef struct NcNode NcNode;
typedef struct NcGraph NcGraph;
typedef struct NcTe NcTe;                   // kernel/tensor.h
typedef struct NcTeBuilder NcTeBuilder;     // kernel/tensor.h
typedef struct NcOnnxBuilder NcOnnxBuilder; // ir/onnx.h
typedef struct NcOnnxValue NcOnnxValue;     // ir/onnx.h

typedef enum NcAttrKind { NC_ATTR_INT, NC_ATTR_INTS, NC_ATTR_FLOAT, NC_ATTR_TYPE } NcAttrKind;

#define NC_MAX_OPERANDS 8
#define NC_MAX_ATTRS 6
#define NC_MAX_ATTR_INTS 16

// A compile-time value of a node. An attribute of kind NC_ATTR_TYPE is the type of the node's
// result, for operators whose operands do not fix it (const, reshape, broadcast, …); the text form
// shows it after the colon and not among the attributes. Only the field of its kind is meant.
typedef struct NcAttr {
  int64_t i;
  double f;
  int count;
  int64_t ints[NC_MAX_ATTR_INTS];
  NcType type;
} NcAttr;

typedef struct NcAttrDecl {
  const char *name; // NULL ends the list
  NcAttrKind kind;
  const char *doc;
} NcAttrDecl;

// A numbered constraint: what must hold of operands and attributes.
typedef struct NcConstraint {
  const char *id;        // "conv_c2"; NULL ends the list
  const char *code;      // "E0312": the stable code of the diagnostic when it is broken
  const char *text;      // for the documentation
  const char *broken_by; // a statement, as in NcSample, that breaks this and no other
} NcConstraint;

// One call of a shape rule.
typedef struct NcInfer {
  NcArena *arena;
  const NcOp *op;
  int operand_count;
  const NcType *operands;
  const NcAttr *attrs; // in the order of op->attrs
  NcType result;       // set by the rule
  // Set by nc_infer_fail:
  const NcConstraint *broken;
  const char *message; // "inner dimensions differ: 1568 and 3136"
  int culprits[2];     // operand numbers, -1 for none
  const char *help;    // a computed fix, or NULL
} NcInfer;

// Records which constraint is broken and gives false, so that a rule can return it. `a` and `b` are
// the operands at fault, or -1.
bool nc_infer_fail(NcInfer *infer, const char *constraint, int a, int b, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

// Runs the operator's rule on a filled-in NcInfer. Attributes of kind type and the result are
// checked to be valid types (nc_type_check) around the rule; where they are not, `broken` is
// nc_type_constraint.
bool nc_infer_run(NcInfer *infer);
extern const NcConstraint nc_type_constraint;

// One evaluation by the reference: operands and result are allocated, types have no N.
typedef struct NcEval {
  const NcNode *node;
  const NcTensor *const *operands;
  const NcAttr *attrs;
  NcTensor *result;
  int64_t batch;       // the value of N
  uint64_t seed;       // of the run, for random numbers
  int64_t step, epoch; // counted from 1 and 0
  NcArena *arena;
  const char *error; // set when the result is undefined (an index out of range)
} NcEval;

// Facts about an operator's result that passes use.
enum {
  NC_FACT_ELEMENTWISE = 1 << 0, // same shape as every operand; element i depends on elements i
  NC_FACT_COMMUTATIVE = 1 << 1,
  NC_FACT_IMPURE = 1 << 2, // two nodes with equal operands are not the same value (random numbers)
  NC_FACT_SUMS_BATCH = 1 << 3, // where it reduces N away, parts of a batch combine by addition
  NC_FACT_MAX_BATCH = 1 << 4,  // … by maximum
  NC_FACT_MIN_BATCH = 1 << 5,  // … by minimum
};

// A sample: one statement of the text form with operand types in place of names, as
//   "matmul f32[N, 3], f32[3, 5] {ta = 0, tb = 0} : f32[N, 5]"
// Tests are generated from it: reference against compiled code, gradients against differences.
typedef struct NcSample {
  const char *text; // NULL ends the list
  double low, high; // the range that floating and integer operands are drawn from; 0, 0 means -2, 2
                    // (integers 0 to 4)
  double min_gap; // if > 0, floats are drawn as distinct multiples of it, shuffled (so that maxima
                  // have no ties)
} NcSample;

// The mapping to ONNX. Data is enough for elementwise operators whose ONNX twin takes the same
// operands; others build nodes. Without either the operator cannot be exported.
typedef struct NcOnnx {
  const char *op_type; // the twin, or what the value is mostly made of
  unsigned narrow;     // dtypes (1 << NC_U8 …) that the twin lacks: it works on them as i32
  // The node's value, or NULL after nc_onnx_fail. Operands may be in any form (ir/onnx.h).
  NcOnnxValue *(*build)(NcOnnxBuilder *builder, const NcNode *node, NcOnnxValue *const *operands);
} NcOnnx;

// How the language says the operator. In a form {0} is an operand, {axis} the attribute of that
// name (one of kind type as a shape; {padding:pairs} a list of integers in pairs) and {dtype} that
// of the result. What a form cannot say has a function, which may use ir/spell.h; operands[i] is a
// name or a literal.
typedef struct NcSpelling {
  const char *form;
  void (*write)(NcText *text, const NcNode *node, const char *const *operands);
} NcSpelling;

struct NcOp {
  const char *name;
  const char *doc; // first a one-line summary, then details; Markdown
  const NcConstraint *constraints;
  const NcAttrDecl *attrs;
  int operand_count;
  unsigned facts;
  // Sets infer->result, or calls nc_infer_fail and gives false. Every constraint is checked here.
  bool (*infer)(NcInfer *infer);
  // Builds the gradient of each operand from `dy`, the gradient of the result, out of primitives:
  // dx[i] is a node of operand i's type, or stays NULL where there is none (integers, constants).
  // NULL: none at all. wanted[i] tells which are needed; the others may be left NULL.
  void (*grad)(NcGraph *graph, NcNode *node, NcNode *dy, const bool *wanted, NcNode **dx);
  // Gives the tensor expression of the result from those of the operands.
  NcTe *(*lower)(NcTeBuilder *builder, const NcNode *node, NcTe *const *operands);
  // The naive reference; shares no code with lower. False and eval->error on undefined results.
  bool (*eval)(NcEval *eval);
  NcOnnx onnx;
  NcSpelling net;
  const NcSample *samples;
};

// How many attributes the operator declares, and the number of one by name (-1 if none).
int nc_op_attr_count(const NcOp *op);
int nc_op_attr_index(const NcOp *op, const char *name);

#endif
