// Feeds an entry of a session with the batches of a data set.
#ifndef NCRT_FEED_H
#define NCRT_FEED_H

#include "iterator.h"
#include "session.h"

typedef struct NcrtFeed {
  NcrtIterator iterator;
  void **staging;      // by bound array: the batch's rows, 64-byte aligned; NULL for those that the
                       // entry does not use
  const void **inputs; // by input of the entry: what to pass to ncrt_session_run
  int64_t count;       // samples of the current batch
} NcrtFeed;

// Fails if an input of the entry is not bound. Data set and session must outlive the feed.
bool ncrt_feed_open(NcrtFeed *feed, const NcrtSession *session, int entry,
                    const NcrtDataset *dataset, int64_t batch, bool shuffle, bool repeat,
                    NcrtStatus *status);
void ncrt_feed_close(NcrtFeed *feed);
// Begins anew with the seed that the session has now, as after ncrt_session_initialize.
void ncrt_feed_restart(NcrtFeed *feed, const NcrtSession *session);
// Gathers the next batch and gives its size, as ncrt_iterator_next.
int64_t ncrt_feed_next(NcrtFeed *feed);
// The data set's row that is sample n of the current batch.
int64_t ncrt_feed_row(const NcrtFeed *feed, int64_t n);

#endif
