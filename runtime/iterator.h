// Goes through a data set in batches, epoch after epoch, in an order that is a function of the seed
// and the epoch (order.h).
#ifndef NCRT_ITERATOR_H
#define NCRT_ITERATOR_H

#include "dataset.h"

// Where an iterator stands; with the seed, all that has to be saved to go on from there.
typedef struct NcrtCursor {
  int64_t epoch;    // from 0
  int64_t position; // samples of this epoch's order that were taken
} NcrtCursor;

typedef struct NcrtIterator {
  const NcrtDataset *dataset;
  int64_t batch, seed;
  bool shuffle, repeat; // repeat: after an epoch the next one begins
  bool drop_last;       // a last batch that is not full is left out; false unless it is set
  int64_t epochs;       // where it repeats, so many and no more; 0, for no end, unless it is set
  NcrtCursor cursor;
  int64_t *order; // of order_epoch; NULL if not shuffled
  int64_t order_epoch;
} NcrtIterator;

// Begins at epoch 0. The data set must outlive the iterator and have at least one row; batch at
// least 1.
bool ncrt_iterator_open(NcrtIterator *iterator, const NcrtDataset *dataset, int64_t batch,
                        int64_t seed, bool shuffle, bool repeat, NcrtStatus *status);
void ncrt_iterator_close(NcrtIterator *iterator);

// Gives the number of samples of the next batch: `batch`, fewer at the end of an epoch (if
// drop_last is set, only where the data set has no more), and 0 between two epochs (once, if
// repeating; the call moves the cursor to the next epoch's start) and when it is done. A batch
// never holds samples of two epochs. staging[i] receives the batch's
// rows of dataset->bound[i] and must hold batch * row_bytes bytes; NULL skips it.
int64_t ncrt_iterator_next(NcrtIterator *iterator, void *const *staging);

// Whether no batch will come any more: an iterator that does not repeat has gone through the data
// set, another through its last epoch.
bool ncrt_iterator_done(const NcrtIterator *iterator);

// Begins anew at epoch 0, with the orders of another seed or the same ones.
void ncrt_iterator_restart(NcrtIterator *iterator, int64_t seed);

// Continues from a cursor that came from an iterator over as many rows. Fails if it lies outside.
bool ncrt_iterator_seek(NcrtIterator *iterator, NcrtCursor cursor, NcrtStatus *status);

#endif
