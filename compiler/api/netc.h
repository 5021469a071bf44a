// netc as a library: compiles a .net file, and runs what it describes in sessions.
//
//   netc_open                     a program: what a .net file or a checkpoint describes, compiled
//   netc_session_open             a session: params, buffers, optimizer state, metrics of its own
//   netc_iterator_open            goes through one of the program's data sets, batch by batch
//   netc_run                      runs the graph on a batch, fed or of an iterator: a step of
//                                 training, metrics, and the values of any nodes
//   netc_metric, netc_get, netc_set, netc_save, netc_restore
//
// Functions that can fail take a status as their last argument and give false after filling it;
// success leaves it alone. Nothing prints, and nothing ends the process but a lack of memory while
// a program is compiled. Text is UTF-8 and ends in a zero byte; what a function is passed it
// copies, or needs only while it runs.
//
// Threads: programs may be opened and used by several threads at once. A session and its iterators
// are used by one thread at a time; sessions, also of one program, are independent of each other.
//
// Lifetime: a session is closed before its program. It closes its iterators.
#ifndef NETC_H
#define NETC_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

#if defined(__GNUC__)
#define NETC_API __attribute__((visibility("default")))
#else
#define NETC_API
#endif

// ---- errors

typedef enum NetcCode {
  NETC_OK = 0,
  NETC_BAD_INPUT = 1,     // what the caller gave is wrong: a file, a name, a value
  NETC_MACHINE_FAILED = 3 // memory, a disk, a library
} NetcCode;

#define NETC_MESSAGE_SIZE 8192

typedef struct NetcStatus {
  NetcCode code;
  // What is wrong, where, and what to do. An error of a program is shown as the command shows it,
  // on several lines, with the source; a text that is too long ends in "...".
  char message[NETC_MESSAGE_SIZE];
} NetcStatus;

// ---- tensors

// As the numbers stand in memory: a byte that is 0 or 1, and what C calls uint8_t, int32_t,
// int64_t, float and double.
typedef enum NetcDtype { NETC_BOOL, NETC_U8, NETC_I32, NETC_I64, NETC_F32, NETC_F64 } NetcDtype;

#define NETC_MAX_RANK 8

typedef struct NetcTensor {
  NetcDtype dtype;
  int32_t rank; // 0 for a number
  int64_t dims[NETC_MAX_RANK];
  const void *data; // dense, row-major; any alignment where the caller gives it, but what begins
                    // at a multiple of 64 is read where it is, not copied
} NetcTensor;

NETC_API const char *netc_dtype_name(NetcDtype dtype); // "f32"
NETC_API int64_t netc_dtype_size(NetcDtype dtype);     // bytes of an element
// The number of elements: the product of the dimensions.
NETC_API int64_t netc_elements(const NetcTensor *tensor);

// ---- programs

typedef struct NetcProgram NetcProgram;

// Zeros and NULLs are the defaults.
typedef struct NetcOptions {
  const char *const *set; // "NAME=VALUE", which sets a constant of the program
  int32_t set_count;
  const char *data; // a folder in which data files are looked for before that of the program
  const char *cpu;  // "native", or a level of x86-64: "x86-64-v3"
  const char *math; // "default"; "portable": the same bits on every processor; or "fast": fewer
                    // products, other rounding
} NetcOptions;

// Opens a .net file, or a checkpoint, which holds the text of its program: checks it, and compiles
// what every session needs. What netc_run needs is compiled when it is first asked for; code that
// was made before comes from the user's cache (docs/internals.md). `options` may be NULL.
NETC_API bool netc_open(const char *path, const NetcOptions *options, NetcProgram **program,
                        NetcStatus *status);
// The same for the text of a .net file. `name` is what messages and checkpoints call it; imports
// and data files are looked for in its folder: "models/mnist.net".
NETC_API bool netc_open_text(const char *name, const char *text, const NetcOptions *options,
                             NetcProgram **program, NetcStatus *status);
// Frees it and its data sets. NULL is allowed. Its sessions must have been closed.
NETC_API void netc_close(NetcProgram *program);

// The warnings that opening it gave, as the command prints them; "" if there are none. The text
// belongs to the program.
NETC_API const char *netc_warnings(const NetcProgram *program);

// What a variable is for.
typedef enum NetcKind {
  NETC_PARAM,  // learned
  NETC_STATE,  // what the optimizer keeps
  NETC_METRIC, // running totals of metrics
  NETC_BUFFER  // of the network, changed by training alone
} NetcKind;

// The inputs, variables and data sets by number, from 0; false, or NULL, past the last. Names
// belong to the program. The type's data are NULL; its first dimension is -1 where it is N, the
// number of samples.
NETC_API bool netc_input(const NetcProgram *program, int32_t number, const char **name,
                         NetcTensor *type);
NETC_API bool netc_variable(const NetcProgram *program, int32_t number, const char **name,
                            NetcKind *kind, NetcTensor *type);
NETC_API const char *netc_dataset(const NetcProgram *program, int32_t number);

// ---- sessions

typedef struct NetcSession NetcSession;

typedef struct NetcSessionOptions {
  int64_t seed;    // of first values, orders of samples and random bits
  int32_t threads; // that a run uses: 0 for as many as there are processors; results do not depend
                   // on it
} NetcSessionOptions;

// Opens a session. Of a .net file, it stands at the beginning: the initializers have given params,
// buffers and optimizer state their values. Of a checkpoint, they have the values that it holds,
// and seed and counters are the checkpoint's. Metrics have seen nothing. `options` may be NULL,
// which is seed 1 and all processors.
NETC_API bool netc_session_open(NetcProgram *program, const NetcSessionOptions *options,
                                NetcSession **session, NetcStatus *status);
// Frees its variables, its iterators, and the results of its runs. NULL is allowed.
NETC_API void netc_session_close(NetcSession *session);

// Runs the initializers again: params, buffers and optimizer state begin anew; steps are 0.
NETC_API bool netc_initialize(NetcSession *session, NetcStatus *status);
// The running totals of all metrics begin anew.
NETC_API bool netc_reset_metrics(NetcSession *session, NetcStatus *status);

// How many training steps were done.
NETC_API int64_t netc_steps(const NetcSession *session);
// Sets the epoch, from 0, that schedules see in steps on what is fed; a step on an iterator's batch
// sets the iterator's.
NETC_API void netc_set_epoch(NetcSession *session, int64_t epoch);

// A variable by its path: "weights.c1", "adam.m.weights.c1". What netc_get gives is the session's
// memory: valid until the session is closed, and changed by what changes the variable. netc_set
// copies; dtype and shape must be the variable's.
NETC_API bool netc_get(const NetcSession *session, const char *path, NetcTensor *value,
                       NetcStatus *status);
NETC_API bool netc_set(NetcSession *session, const char *path, const NetcTensor *value,
                       NetcStatus *status);

// ---- what is fed

// An input's value. The dtype is the input's, and so is the shape; N is any number of samples from
// 1, the same in all inputs that have it.
typedef struct NetcFeed {
  const char *input;
  NetcTensor value;
} NetcFeed;

// ---- iterators

typedef struct NetcIterator NetcIterator;

typedef struct NetcIteratorOptions {
  int64_t batch;  // 0: what the train block says
  bool shuffle;   // the order of an epoch is a function of the session's seed and the epoch
  bool repeat;    // after an epoch comes the next one
  int64_t epochs; // where it repeats, so many and no more; 0 for no end
  bool drop_last; // a last batch that is not full is left out
} NetcIteratorOptions;

// Goes through a data set of the program by name, or for NULL the one that it trains on. Its files
// are read when it is first used, once for all sessions, and kept until the program is closed.
// `options` may be NULL: in order, once. The iterator belongs to the session, which closes it.
NETC_API bool netc_iterator_open(NetcSession *session, const char *dataset,
                                 const NetcIteratorOptions *options, NetcIterator **iterator,
                                 NetcStatus *status);
// The same over arrays of the caller, one for each input that they feed, as NetcFeed says; row n of
// each is sample n. They are copied.
NETC_API bool netc_iterator_open_arrays(NetcSession *session, const NetcFeed *arrays,
                                        int32_t array_count, const NetcIteratorOptions *options,
                                        NetcIterator **iterator, NetcStatus *status);
NETC_API void netc_iterator_close(NetcIterator *iterator); // before the session; NULL is allowed
// Goes to the next batch and gives how many samples it has. 0 at the end of an epoch: with `repeat`
// once, then the next epoch begins.
NETC_API int64_t netc_next(NetcIterator *iterator);
// Begins again at the first epoch.
NETC_API void netc_restart(NetcIterator *iterator);
// The number of samples that an epoch goes through.
NETC_API int64_t netc_samples(const NetcIterator *iterator);

// ---- runs

// What a run does beside giving the values of nodes.
typedef enum NetcMode {
  NETC_EVALUATE, // nothing; values are those of evaluation
  NETC_TRAINING, // nothing; values are those of training, with dropout
  NETC_COUNT,    // as NETC_EVALUATE, and the metrics take the samples into their totals
  NETC_STEP      // a step of training
} NetcMode;

typedef struct NetcRun {
  NetcMode mode;
  // Expressions as of `netc run --fetch`: names and paths ("loss", "convnet.p2", "weights.c1"),
  // what the optimizer keeps ("adam.m(weights.c1)"), gradients ("grad(loss, weights.c1)"), and
  // what is made of them ("max(probabilities, axis = 1)").
  const char *const *fetch;
  int32_t fetch_count;
  const NetcFeed *feeds; // or NULL
  int32_t feed_count;
  const NetcIterator *data; // whose batch, that netc_next went to, gives the inputs that are not
                            // fed; or NULL
} NetcRun;

// Runs the graph on a batch. Inputs that nothing of the run needs may be left out. results[i]
// receives the value of fetch[i]: the data belong to the session and are valid until its next run.
// A step gives the values from before its update. It fails, and changes nothing, if the loss is not
// finite.
NETC_API bool netc_run(NetcSession *session, const NetcRun *run, NetcTensor *results,
                       NetcStatus *status);

// A metric, or the loss, over all samples that NETC_COUNT has taken in since netc_reset_metrics;
// or, for `training`, those of NETC_STEP. What has seen no sample is as its formula has it, a mean
// not a number.
NETC_API bool netc_metric(NetcSession *session, const char *name, bool training, double *value,
                          NetcStatus *status);

// ---- checkpoints

// Writes what `netc train` writes (docs/checkpoint.md): all variables, the counters, and the
// program's text. `iterator`, or NULL, is where the training stands in its data.
NETC_API bool netc_save(const NetcSession *session, const char *path, const NetcIterator *iterator,
                        NetcStatus *status);
// Sets all variables, seed and counters as a checkpoint has them, and goes with the iterator, if it
// is not NULL, where it stood. Fails, and changes nothing, if a variable is missing or of another
// shape.
NETC_API bool netc_restore(NetcSession *session, const char *path, NetcIterator *iterator,
                           NetcStatus *status);

NETC_API const char *netc_version(void); // "0.1.0"

#if defined(__cplusplus)
}
#endif

#endif
