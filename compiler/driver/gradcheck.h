// What netc gradcheck finds, and how it finds it: see docs/tools.md.
#ifndef NC_DRIVER_GRADCHECK_H
#define NC_DRIVER_GRADCHECK_H

#include "driver/derivative.h"
#include "driver/feeding.h"

// The gradient of `of` by one of wrt, against differences.
typedef struct NcGradcheckRow {
  const char *name;
  NcSpan span;
  NcType type; // at the batch
  int64_t elements, checked;
  int64_t kinks;    // elements where the value has two slopes, between which the gradient lies
  int64_t wrong;    // beyond the tolerance
  double largest;   // of the gradient
  double worst;     // relative difference, of those that are no kinks
  int64_t worst_at; // its element
  double worst_gradient, worst_slope;
  const NcNode *stopped; // a stop_gradient that explains what is wrong: held, the gradient is right
} NcGradcheckRow;

// One of the ways to compute value and gradients, against the operators' references.
typedef struct NcGradcheckWay {
  const char *name;
  double worst;      // difference, relative to the largest element of the result
  const char *where; // the result; NULL if it was not compared
  const char *other; // a result that has other bits than by the other portable way
} NcGradcheckWay;
#define NC_GRADCHECK_BOUND 1e-3 // of the ways' differences in f32
enum { NC_WAY_CODE, NC_WAY_FAST, NC_WAY_PORTABLE, NC_WAY_C, NC_GRADCHECK_WAYS };

typedef struct NcGradcheck {
  NcUnit *unit;
  const NcOptions *options;
  NcDerivative derivative;
  NcExperiment e;
  NcFeeding feeding;
  NcArena *arena;
  bool random_inputs;
  uint64_t seed;
  int64_t samples; // elements of each gradient
  double tolerance;
  NcGraph *single, *doubles; // value and gradients, as they were differentiated
  NcTensor **inputs;         // by the graph's inputs, as in the program
  NcTensor **variables;
  int64_t step, epoch;
  double value; // in f64
  NcGradcheckRow *rows;
  NcTensor **want;     // the results by the references
  NcTensor **portable; // and by portable code
  NcGradcheckWay ways[NC_GRADCHECK_WAYS];
} NcGradcheck;

// Fills the rows. False, with a message in *error, if the value cannot be computed.
bool nc_gradcheck_differences(NcGradcheck *g, const char **error);

// Prints what was found; gives the exit code.
int nc_gradcheck_report(NcGradcheck *g);

#endif
