// Data files: what they hold, and their arrays in the runtime's data sets.
#ifndef NC_DRIVER_DATA_H
#define NC_DRIVER_DATA_H

#include "driver/load.h"
#include "netc_rt.h"

// What sema asks about a data file (NcSemaOptions); the context is the unit, whose folders are
// looked through.
void nc_data_facts(void *unit, NcArena *arena, const NcReading *reading, const NcInput *input,
                   NcFacts *facts);

// A reading as the runtime knows it.
NcrtReading nc_data_reading(const NcReading *reading);

// Reads the file of a binding and binds it.
bool nc_data_bind(const NcUnit *unit, NcrtDataset *dataset, const NcBinding *binding,
                  NcrtStatus *status);

// The data sets in words, for a checkpoint.
char *nc_data_describe(NcArena *arena, const NcProgram *program);

#endif
