// First values that are read from files.
#ifndef NC_DRIVER_STORED_H
#define NC_DRIVER_STORED_H

#include "driver/experiment.h"

// What sema asks about a tensor of a file (NcSemaOptions); the context is the unit, whose folders
// are looked through.
NcFactsStatus nc_stored_facts(void *unit, NcArena *arena, const NcStored *stored, NcType *type,
                              const char **message);

// The type of a tensor in a file.
NcType nc_stored_type(const NcrtShape *shape);

// Initializes the session, on the tensors that the program's first values are made of.
bool nc_stored_initialize(NcExperiment *e, NcrtStatus *status);
// The same, without the metrics.
bool nc_stored_initialize_variables(NcExperiment *e, NcrtStatus *status);
// Gives the session of a checkpoint what that holds, of which `load` says what must be there, and
// the session of a source its first values.
bool nc_stored_start(NcExperiment *e, NcrtLoad load, NcrtStatus *status);

#endif
