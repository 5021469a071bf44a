// Writes the log of a training.
#include "driver/train_log.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// Where the last whole line ends: a process that was killed may have left a part of one.
static long end_of_lines(FILE *file) {
  long end = 0;
  for (int c; (c = getc(file)) != EOF;)
    if (c == '\n')
      end = ftell(file);
  return end;
}

static bool go_behind(FILE *file) {
  long end = end_of_lines(file);
  return end >= 0 && ftruncate(fileno(file), end) == 0 && fseek(file, end, SEEK_SET) == 0;
}

bool nc_train_log_open(NcTrainLog *log, const char *path, bool resumes, NcrtStatus *status) {
  *log = (NcTrainLog){.path = path};
  if (!path)
    return true;
  log->file = fopen(path, resumes ? "r+" : "w");
  if (!log->file && resumes && errno == ENOENT)
    log->file = fopen(path, "w+");
  if (log->file && (!resumes || go_behind(log->file)))
    return true;
  ncrt_fail(status, NCRT_BAD_INPUT, "cannot write the log %s: %s", path, strerror(errno));
  if (log->file)
    fclose(log->file);
  log->file = NULL;
  return false;
}

void nc_train_log_add(NcTrainLog *log, const char *event, json_t *line) {
  if (log->file) {
    char text[40];
    time_t now = time(NULL);
    struct tm utc;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    json_t *whole = json_pack("{s:s, s:s}", "event", event, "time", text);
    if (json_object_update(whole, line) == 0 &&
        json_dumpf(whole, log->file, JSON_COMPACT | JSON_REAL_PRECISION(9)) == 0)
      putc('\n', log->file);
    fflush(log->file); // what fails is seen when it is closed
    json_decref(whole);
  }
  json_decref(line);
}

bool nc_train_log_close(NcTrainLog *log, NcrtStatus *status) {
  bool failed = log->file && ferror(log->file);
  failed |= log->file && fclose(log->file) != 0;
  log->file = NULL;
  return !failed || ncrt_fail(status, NCRT_MACHINE_FAILED, "cannot write the log %s", log->path);
}

json_t *nc_metrics_json(const NcrtMetrics *metrics) {
  json_t *object = json_object();
  for (int i = 0; i < metrics->count; i++) {
    double value = metrics->items[i].value;
    json_object_set_new(object, metrics->items[i].name,
                        isfinite(value) ? json_real(value) : json_null());
  }
  return object;
}
