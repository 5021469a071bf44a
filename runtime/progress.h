// Shows how a training goes on: on a terminal one line that is redrawn, elsewhere one line an
// epoch.
#ifndef NCRT_PROGRESS_H
#define NCRT_PROGRESS_H

#include "train.h"

#include <stdio.h>

typedef struct NcrtProgress {
  FILE *out;
  bool terminal; // redraws; else only whole lines
  bool colour, utf8;
  int width;           // columns
  double (*now)(void); // seconds of a monotonic clock
  // Of the pass that is shown.
  double began, epoch_seconds, drawn;
  int64_t first; // samples that were done when it began
  bool line_open;
} NcrtProgress;

// Looks at the stream and the environment: not a terminal or TERM=dumb gives plain lines; NO_COLOR,
// COLUMNS and the locale's character set (LC_ALL, LC_CTYPE, LANG) are respected; the width is 80 if
// nothing tells it.
void ncrt_progress_open(NcrtProgress *progress, FILE *out);
// Whether a stream shows colours, as that finds it.
bool ncrt_progress_colour(FILE *out);
// Ends a line that is being redrawn; call it before anything else is printed.
void ncrt_progress_clear(NcrtProgress *progress);

// "loss 0.0613  accuracy 0.9800": all metrics on one line, which is not ended. Gives its columns;
// prints nothing where `out` is NULL.
int ncrt_metrics_print(FILE *out, const NcrtMetrics *metrics, const char *separator);

// A watcher that draws to this progress, which must outlive it.
NcrtWatcher ncrt_progress_watcher(NcrtProgress *progress);

#endif
