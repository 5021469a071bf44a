// Tensor expressions: what operators lower to. One result tensor is given by a scalar expression
// over loop axes, with an access per load that is affine in the axes.
//
//   y[n,h,w,o] = sum over r,s,c of  x[n, h+r-1, w+s-1, c] (outside: 0) * k[r,s,c,o]
//
// Axes 0 … axis_count-1 range over the result, the reduce_count axes after them are reduced. Fusion
// composes such expressions, the scheduler turns them into loops.
#ifndef NC_KERNEL_TENSOR_H
#define NC_KERNEL_TENSOR_H

#include "ir/graph.h"

#define NC_MAX_AXES 16
#define NC_MAX_SPELLED 8
#define NC_MAX_SIBLINGS 8
#define NC_MAX_SPELLED_VALUES 16
#define NC_MAX_LOADED 3

// constant + sum of coef[i] * axis i
typedef struct NcAffine {
  int64_t constant;
  int64_t coef[NC_MAX_AXES];
} NcAffine;

NcAffine nc_affine_constant(int64_t value);
NcAffine nc_affine_axis(int axis);
// Whether the expression is the axis, and nothing else.
bool nc_affine_is_axis(const NcAffine *a, int axis);
// The axis that the expression is, and nothing else, or -1.
int nc_affine_sole_axis(const NcAffine *a);
NcAffine nc_affine_add(NcAffine a, NcAffine b);
NcAffine nc_affine_scale(NcAffine a, int64_t factor);
NcAffine nc_affine_offset(NcAffine a, int64_t constant);

// Scalar operations. Arithmetic is the operands' dtype's; comparisons give bool.
typedef enum NcExprKind {
  NC_X_CONST,  // value (float dtypes) or integer (others)
  NC_X_LOAD,   // an element of a tensor
  NC_X_INDEX,  // the value of an affine expression of the axes, i64
  NC_X_FRAME,  // a scalar of the run: which one in `frame`, i64
  NC_X_GIVEN,  // `integer`, which the call gives: kernels that differ in it alone are one; i64
  NC_X_ACC,    // in `finish`: the reduction's result
  NC_X_CAST,   // to dtype; float to integer saturates, NaN gives 0; to bool: != 0
  NC_X_SELECT, // args[0] (bool) ? args[1] : args[2]
  NC_X_CHECK,  // args[0], after ending the run with a fault of node `integer` where args[1] (bool)
               // is false
  // unary
  NC_X_NEG,
  NC_X_NOT,
  NC_X_ABS,
  NC_X_EXP,
  NC_X_LOG,
  NC_X_SQRT,
  NC_X_TANH,
  NC_X_SIN,
  NC_X_COS,
  NC_X_ERF,
  NC_X_FLOOR,
  // binary
  NC_X_ADD,
  NC_X_SUB,
  NC_X_MUL,
  NC_X_DIV, // integer division truncates; a divisor of 0, or -1 of the least integer, is undefined
  NC_X_MAX,
  NC_X_MIN, // max(a, b) is (a > b or a is NaN) ? a : b; min likewise
  NC_X_POW,
  NC_X_EQ,
  NC_X_NE,
  NC_X_LT,
  NC_X_LE,
  NC_X_AND,
  NC_X_OR,
  NC_X_XOR,   // bitwise; logical on bool
  NC_X_SHR,   // logical shift right of integers
  NC_X_MULHI, // i32: the high half of the unsigned 32x32 product
  NC_X_KIND_COUNT
} NcExprKind;

typedef enum NcFrameValue {
  NC_FRAME_BATCH,
  NC_FRAME_SEED,
  NC_FRAME_STEP,
  NC_FRAME_EPOCH
} NcFrameValue;

typedef struct NcExpr NcExpr;
struct NcExpr {
  NcExprKind kind;
  NcDtype dtype;
  NcExpr *args[3];
  bool loads;         // itself or something in it is a LOAD
  double value;       // CONST
  int64_t integer;    // CONST, GIVEN
  NcFrameValue frame; // FRAME
  NcAffine *index;    // INDEX: index[0]; LOAD: one a dimension, and at least one
  // LOAD of tensor[index[0], …]. If `padded`, an index may lie outside, and the value is then
  // `fill`. steps[d] > 1 spaces the tensor's elements out along d: index i means element i/steps[d]
  // where that divides, else `fill` (needs `padded`). What loaded[i] is, an integer of 0 …
  // loaded_most[i], is added to the index along loaded_dim[i]; it must be in range. The first that
  // is not set ends them.
  NcTe *tensor;
  int64_t *steps;
  bool padded;
  double fill;
  NcExpr *loaded[NC_MAX_LOADED];
  int loaded_dim[NC_MAX_LOADED];
  int64_t loaded_most[NC_MAX_LOADED];
  // Scratch of the scheduler: of a load, how many elements behind its tensor's last dimension may
  // be read too; how often the node is used, and what it became where that is being worked out.
  int64_t slack;
  int uses;
  struct NcKExpr *lowered;
};

typedef enum NcReduce {
  NC_REDUCE_NONE,
  NC_REDUCE_SUM,
  NC_REDUCE_MAX, // of an empty range: -inf, or the least integer
  NC_REDUCE_MIN,
  NC_REDUCE_ARGMAX, // integer: number of the first largest (or first NaN) in row-major order of the
                    // reduced axes
} NcReduce;

typedef enum NcTeKind {
  NC_TE_LEAF,    // an input or variable
  NC_TE_VIEW,    // the elements of `base` in the same row-major order, under another shape
  NC_TE_COMPUTE, // computed by the expression
} NcTeKind;

// How a stored tensor lies in memory: dimension d has low[d] elements before, high[d] after, and
// its own elements steps[d] apart; all that is not an element holds `fill` and is never written.
// Behind each row of the last dimension lie `slack` elements that mean nothing, so that rows begin
// where vectors do and end with a whole one.
typedef struct NcLayout {
  int64_t low[NC_MAX_RANK], high[NC_MAX_RANK], steps[NC_MAX_RANK];
  int64_t slack;
  double fill;
} NcLayout;

struct NcTe {
  NcTeKind kind;
  NcType type;
  const NcNode *node;   // what it was lowered from (temporaries: the node they serve)
  const NcNode *source; // of a reduction with a fused finish: the node that the reduction is from
  const char *role;     // of a tensor that no node asked for: "pack", "pad", "copy" or
                        // "transform"; else NULL
  NcTe *base;           // VIEW
  int axis_count, reduce_count;
  NcDim extents[NC_MAX_AXES];
  NcReduce reduce;
  // Of the reduced axes the first `outer_count` belong to a second reduction, `outer` (a maximum,
  // minimum or sum), of what the first one and `finish` give for each of their points, as a pooling
  // of a convolution is.
  NcReduce outer;
  int outer_count;
  // Of a tensor without a reduction, so many of the last axes are spelled out: `body` is selects
  // by `axis == value`, and all its values, NC_MAX_SPELLED_VALUES at most, are computed together.
  // Tiles may reach beyond the end of a dimension there: what its store would put behind is left
  // out.
  int spelled;
  NcExpr *body; // per point of all axes; dtype is the result's unless `finish` or ARGMAX changes it
  // bool, or NULL: points of a reduction where it is false do not count. A conjunction of
  // `index < constant`, each of an affine index that moves with one reduced axis (forward) and one
  // other of at most NC_MAX_SPELLED steps, bounds the reduced axis: loads need not be in range
  // beyond it. Of a sum it may also be `axis == value`, of an axis of the result and a value that
  // lies in its range and that no axis behind moves: the sum then goes to that place for each of
  // its points, in place of looking at each of them from every place. And of a sum it may be
  // `axis == index & … & counts`, of axes of the result and indices that reduced axes alone move:
  // such a sum is sparse (NcSparse).
  NcExpr *where;
  NcExpr *finish; // per point of the result's and outer axes, may use NC_X_ACC; NULL: the
                  // reduction's result
  // Where the input is zero (quiet.c): `busy`, a bool of the place of a point but for its last
  // dimension, is false where the value is `quiet`, which does not hang on the sample; there a
  // kernel may take either. `still` holds what the tensor is for an input of zeros alone, as one
  // sample: it is the result of the kernel of the tensor that it is `like`, where that is set. NULL
  // where nothing is known.
  NcExpr *busy, *quiet;
  NcTe *still, *like;
  NcTe *again; // what the tensor is computed again of (keep.c), or NULL
  // Result index of a point, by dimension; the identity unless set. No two points share one. If it
  // does not reach every element, `partial` is set and the others hold `fill`.
  NcAffine store[NC_MAX_RANK];
  bool partial;
  double fill;
  // Siblings: maps over the same elements that one kernel computes (siblings.c). `lead` is the
  // first of them, the tensor itself where it is alone; `next` the one behind it, or NULL.
  NcTe *lead, *next;
  bool inner;       // only its siblings read it, where they are at: it is never stored
  NcLayout *layout; // of a stored tensor; NULL: dense
  int64_t slack; // elements behind the last dimension of what is stored that may be written too, by
                 // a store that the layout does not tell it of
  int id;        // order of creation
};

typedef NC_VEC(NcTe *) NcTes;

struct NcTeBuilder {
  NcArena *arena;
  int next_id;
  NcTes tensors;      // all, in order of creation: operands first
  const NcNode *node; // being lowered; stamped on new expressions
};

// A tensor computed by an expression: one axis per dimension of the type, identity store. The
// caller sets body and the rest.
NcTe *nc_te_compute(NcTeBuilder *builder, NcType type);
// The same without axes or store: add them with nc_te_axis, before any nc_te_reduce, and set every
// store[d].
NcTe *nc_te_scatter(NcTeBuilder *builder, NcType type);
int nc_te_axis(NcTe *te, NcDim extent);
// Adds a reduced axis and gives its number.
int nc_te_reduce(NcTe *te, NcDim extent);
// The axis that alone gives a dimension of the tensor, or -1; whether each dimension has one, and
// there are no other axes.
int nc_te_plain_axis(const NcTe *te, int dim);
bool nc_te_stores_axes(const NcTe *te);
// Whether each axis is a dimension of the tensor, so that a point gives the element at its place.
bool nc_te_stores_here(const NcTe *te);
// Whether the tensor is computed element by element, without a reduction.
bool nc_te_is_map(const NcTe *te);
// Whether a load is of the element at whose place the tensor that loads it is.
bool nc_load_is_here(const NcExpr *load, const NcTe *te);
// Whether two loads of one tensor have equal indices.
bool nc_load_is_equal(const NcExpr *a, const NcExpr *b);
// A tensor that holds the elements of another, which node it is from included.
NcTe *nc_te_copy(NcTeBuilder *builder, NcTe *te);
// A tensor that is computed as another is, for the same node: the caller changes what is different.
NcTe *nc_te_twin(NcTeBuilder *builder, const NcTe *te);
NcTe *nc_te_leaf(NcTeBuilder *builder, NcType type);
NcTe *nc_te_view(NcTeBuilder *builder, NcTe *base, NcType type);
// The tensors as they are now, and as they are to be from now on, in another list.
NcTes nc_te_list(const NcTeBuilder *builder, NcArena *arena);
void nc_te_set_list(NcTeBuilder *builder, const NcTes *tensors);

// How texts call an operation: "exp", or a sign as "+"; and a value of the frame. NULL for kinds
// that are no operation.
const char *nc_x_name(int kind);
const char *nc_frame_name(NcFrameValue frame);
NcExpr *nc_x_const(NcTeBuilder *builder, NcDtype dtype,
                   double value); // integers exactly up to 2^53
NcExpr *nc_x_const_int(NcTeBuilder *builder, NcDtype dtype, int64_t value);
NcExpr *nc_x_load(NcTeBuilder *builder, NcTe *tensor, const NcAffine *index);
// Gives a LOAD or INDEX an index, and a LOAD steps, for so many dimensions, all 0.
void nc_expr_index(NcTeBuilder *builder, NcExpr *x, int rank);
NcExpr *nc_x_load_padded(NcTeBuilder *builder, NcTe *tensor, const NcAffine *index, double fill);
NcExpr *nc_x_index(NcTeBuilder *builder, NcAffine affine);
NcExpr *nc_x_frame(NcTeBuilder *builder, NcFrameValue frame);
NcExpr *nc_x_given(NcTeBuilder *builder, int64_t value);
NcExpr *nc_x_acc(NcTeBuilder *builder, NcDtype dtype);
NcExpr *nc_x_cast(NcTeBuilder *builder, NcDtype dtype, NcExpr *a);
NcExpr *nc_x_select(NcTeBuilder *builder, NcExpr *condition, NcExpr *a, NcExpr *b);
// `value`, an integer; where `condition` is false the run ends with a fault that names the node
// being lowered, the sample and the value.
NcExpr *nc_x_check(NcTeBuilder *builder, NcExpr *value, NcExpr *condition);
NcExpr *nc_x_unary(NcTeBuilder *builder, NcExprKind kind, NcExpr *a);
NcExpr *nc_x_binary(NcTeBuilder *builder, NcExprKind kind, NcExpr *a, NcExpr *b);

// One tensor as text, "y[i0,i1] = sum(i2) x[…] * k[…]".
void nc_te_print(NcText *text, const NcTe *te);

#endif
