// What a network predicts for samples: its outputs, and the classes that they mean.
#ifndef NC_DRIVER_PREDICTION_H
#define NC_DRIVER_PREDICTION_H

#include "driver/label.h"
#include "driver/samples.h"

// An output's values, a row for each sample.
typedef struct NcOutputRows {
  const char *name;
  NcrtShape shape;  // of one sample, without N; batched is 0
  int64_t elements; // of one
  int64_t row_bytes;
  char *data;
} NcOutputRows;

typedef struct NcPrediction {
  NcArena *arena;
  const NcProgram *program;
  const NcSamples *samples;
  NcrtDataset data;    // the samples that were predicted
  const int64_t *rows; // their numbers among all
  int64_t count;
  const int *inputs; // numbers of those that prediction needs
  int input_count;
  NcOutputRows *outputs;
  int output_count;
  int answer;  // number of the output that gives the classes' probabilities, or -1
  int classes; // how many; 0 without an answer
  NcLabels labels;
  NcTexts names;  // of the classes; none if they are numbers
  double *shares; // count * classes probabilities
  bool softmax;   // which were made of the output by a softmax
  int label;      // the input with the true classes, or -1
} NcPrediction;

// Predicts rows[0 … count-1] of the samples with the session's entry "predict", and finds out what
// the outputs mean: the one that --output names, or the first whose rows are probabilities, or
// whose columns are as many as there are true classes. NC_EXIT_OK, or the exit code after a
// message. `rows` must live as long.
int nc_prediction_run(NcPrediction *p, NcExperiment *e, const NcSamples *samples,
                      const NcOptions *options, const NcrtSafetensors *file, const int64_t *rows,
                      int64_t count, int64_t batch);
void nc_prediction_close(NcPrediction *p);

// All by the number among those predicted.
int nc_predicted_class(const NcPrediction *p, int64_t n);
double nc_predicted_share(const NcPrediction *p, int64_t n, int64_t class);
// -1 if it is not known.
int64_t nc_true_class(const NcPrediction *p, int64_t n);
bool nc_is_wrong(const NcPrediction *p, int64_t n);
// Classes by falling probability: ranked[0 … classes-1].
void nc_rank_classes(const NcPrediction *p, int64_t n, int *ranked);
// All in printable characters.
const char *nc_prediction_name(const NcPrediction *p, int64_t class);
const char *nc_sample_name(const NcPrediction *p, int64_t n);
// An element of an output.
double nc_output_number(const NcOutputRows *output, int64_t n, int64_t element);

#endif
