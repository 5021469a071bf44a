// Which samples a graph is run on: those of --feed, or some of a data set.
#ifndef NC_DRIVER_FEEDING_H
#define NC_DRIVER_FEEDING_H

#include "driver/experiment.h"

typedef struct NcFeeding {
  NcExperiment *e;
  const NcOptions *options;
  const NcGraph *graph;
  NcrtDataset fed;         // by --feed; further inputs may be bound to it
  const NcrtDataset *data; // what is run on; NULL where no input is needed
  const char *dataset;     // its name, or NULL
  int64_t first, count;
  NcrtDataset part; // of a run
} NcFeeding;

// Reads what the command line says. Without --feed or --dataset it is the data set that validates,
// or trains, or the last one of the file, if there is one; `optional`: if its files are there, too.
// Of a data set `batch` samples are taken, unless --first or --index says otherwise. NC_EXIT_OK, or
// the exit code after a message.
int nc_feeding_open(NcFeeding *f, NcExperiment *e, const NcOptions *options, const NcGraph *graph,
                    int64_t batch, bool optional);
void nc_feeding_close(NcFeeding *f);

// An input of the graph that nothing is bound to, or NULL.
const NcNode *nc_feeding_missing(const NcFeeding *f);

// Gathers the samples, of which feed->inputs are those of the entry.
bool nc_feeding_begin(NcFeeding *f, const NcrtSession *session, int entry, NcrtFeed *feed,
                      NcrtStatus *status);
void nc_feeding_end(NcFeeding *f, NcrtFeed *feed);

#endif
