// netc plan --profile: where the time of a step goes, measured.
#ifndef NC_DRIVER_PROFILE_H
#define NC_DRIVER_PROFILE_H

#include "driver/experiment.h"

typedef enum NcProfilePart { NC_PART_FORWARD, NC_PART_GRADIENT, NC_PART_UPDATE } NcProfilePart;
enum { NC_PROFILE_PARTS = NC_PART_UPDATE + 1 };

// What a call of the plan took, of one step.
typedef struct NcProfileCall {
  const NcCall *call;
  bool begins; // writes the first value of a slot
  double seconds, times;
  double flops, ideal; // seconds that as many multiply-adds take at the peak
  double bytes;        // of its operands and results, each once
} NcProfileCall;

// Calls that are of one node of the source, and of one part of the step.
typedef struct NcProfileRow {
  int line; // 0: unknown
  const char *path;
  NcProfilePart part;
  NC_VEC(NcProfileCall) calls;
  double seconds, flops, ideal, bytes; // of all of them
  double clock;                        // seconds of looking at it, which were taken off
} NcProfileRow;

typedef NC_VEC(NcProfileRow) NcProfileRows;

typedef struct NcProfile {
  NcExperiment e;
  const NcOptions *options;
  const NcGraph *graph;
  NcTarget target;
  const char *dataset; // whose samples were run on, or NULL
  bool random_inputs;
  int64_t batch;
  int steps, taken;        // how many were measured; of how many, the fastest, times are the mean
  double *seconds, *times; // by lap, of one step: how long, and how often
  double reads, read_seconds; // of the clock in a step, which is taken off; and of one
  double peaks[2];            // GFLOP/s of f32, and of f64; 0 where it was not needed
  NcProfileRows rows;         // the longest first
  double between;             // calls, in seconds
  double all;                 // of all rows, and between
  bool interrupted;
} NcProfile;

// Runs a graph of a checked program, times its calls, and prints what they took. The exit code.
int nc_profile(NcUnit *unit, const NcOptions *options);

// The rows of what was measured.
void nc_profile_group(NcProfile *p);
const char *nc_profile_part_name(NcProfilePart part);

// Prints and draws them. The exit code.
int nc_profile_report(NcProfile *p);

#endif
