// The runtime's public header: all that a host of compiled programs needs. In the order of use:
//
//   ncrt_dataset_open, ncrt_file_find, ncrt_dataset_bind_file, ncrt_dataset_check_ranges   the data
//   ncrt_session_open, ncrt_session_initialize                                            the
//   variables ncrt_safetensors_read, ncrt_checkpoint_info, ncrt_checkpoint_load or from a
//   checkpoint ncrt_progress_open, ncrt_progress_watcher what a terminal shows ncrt_train,
//   ncrt_evaluate, or ncrt_session_run and ncrt_session_result                the work
//
// Functions that can fail take an NcrtStatus (status.h). Nothing but progress.h prints, nothing
// exits.
#ifndef NETC_RT_H
#define NETC_RT_H

#include "abi.h"
#include "checkpoint.h"
#include "classes.h"
#include "dataset.h"
#include "dtype.h"
#include "feed.h"
#include "file.h"
#include "iterator.h"
#include "progress.h"
#include "read.h"
#include "safetensors.h"
#include "session.h"
#include "status.h"
#include "table.h"
#include "train.h"
#include "workers.h"

#endif
