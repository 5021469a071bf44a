// What netc.h's programs and sessions are.
#ifndef NC_API_API_H
#define NC_API_API_H

#include "api/netc.h"
#include "driver/experiment.h"

#include <locale.h>
#include <pthread.h>
#include <stdatomic.h>

// Code of a program, compiled apart from other code of it, with all that messages about it need.
typedef struct NcApiCode {
  NcUnit unit;
  NcExperiment e; // without a session
  FILE *messages; // the unit's, into `text`
  char *text;
  size_t length;
  NetcMode mode;
  char *fetch; // expressions with commas between; "" for none
  struct NcApiCode *next;
} NcApiCode;

struct NetcProgram {
  char *path;
  NcOptions options; // its strings live in the arena
  NcArena *arena;
  NcrtSafetensors checkpoint; // that it was opened from
  bool from_checkpoint;
  NcrtCheckpointInfo info; // of the checkpoint; else only the texts
  NcApiCode code;          // what every session needs; its experiment has the data sets
  char *warnings;
  pthread_mutex_t lock; // for compiling, the data sets, and messages about a run
  // What netc_run needed: codes are added in front, under the lock, and never changed.
  _Atomic(NcApiCode *) more;
};

// Code in a session.
typedef struct NcApiWork {
  const NcApiCode *code;
  NcrtSession *session; // shares the variables of the session
} NcApiWork;

// Where an input that is fed is copied to.
typedef struct NcApiFed {
  void *data;
  size_t capacity;
} NcApiFed;

struct NetcSession {
  NetcProgram *program;
  NcrtSession *session;
  NcApiWork *works;
  int work_count;
  NcApiFed *fed;       // by input
  const void **inputs; // of a run
  NetcIterator *iterators;
};

struct NetcIterator {
  NetcSession *session;
  NcrtDataset arrays; // of the caller; empty where the data set is the program's
  NcrtIterator iterator;
  void **staging; // by bound array: the batch's rows, 64-byte aligned
  int64_t count;  // of the batch
  NetcIterator *next;
};

// ---- locale.c

// A thread reads and writes numbers with a point between these two, whatever the host's locale is.
locale_t nc_api_locale_begin(void); // the one that was before
void nc_api_locale_end(locale_t before);

// ---- status.c

// Fill the status and return false.
__attribute__((format(printf, 3, 4))) bool nc_api_fail(NetcStatus *status, NetcCode code,
                                                       const char *format, ...);
bool nc_api_fail_status(NetcStatus *status, const NcrtStatus *from);
bool nc_api_fail_memory(NetcStatus *status);
// With "; did you mean …?" if a name of the program's is near to it.
typedef const char *NcApiName(const NetcProgram *program, int number); // NULL past the last
bool nc_api_fail_name(NetcStatus *status, const NetcProgram *program, const char *what,
                      const char *name, NcApiName *names);

// ---- code.c

// Compiles entries of the program: of `source`, or where that is NULL of the texts that the program
// holds. *code must be closed, unless this fails.
bool nc_api_code_open(NcApiCode *code, const NetcProgram *program, const char *source,
                      const char *const *entries, NetcStatus *status);
void nc_api_code_close(NcApiCode *code);
// What was printed since the last call; the text is valid until the next message.
const char *nc_api_code_messages(NcApiCode *code);
// The code of a run: made when it is first asked for, and kept.
const NcApiCode *nc_api_code_find(NetcProgram *program, const NetcRun *run, NetcStatus *status);

// ---- run.c

// The input that is fed, and its number; the value has been checked.
bool nc_api_find_fed(const NetcProgram *program, const NetcFeed *feed, int *number,
                     NetcStatus *status);

// ---- tensor.c

// Checks that a caller's tensor has the type of an input or variable, whose first dimension may be
// N, and that its elements can be what they are said to be; `what` and `name` are for messages.
bool nc_api_check_tensor(const NetcTensor *tensor, const NcrtShape *shape, const char *what,
                         const char *name, NetcStatus *status);
// The runtime's shape as a type.
NetcTensor nc_api_type(const NcrtShape *shape);

#endif
