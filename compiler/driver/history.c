// Reads logs of trainings.
#include "driver/history.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

typedef struct Reader {
  NcArena *arena;
  const char *path;
  NcHistory *history;
  int lines, room; // room: epochs that the arrays can hold
  NcrtStatus *status;
} Reader;

static NcSeries *find_series(Reader *r, const char *name) {
  NcHistory *h = r->history;
  for (int i = 0; i < h->series.count; i++)
    if (strcmp(h->series.items[i].name, name) == 0)
      return &h->series.items[i];
  NcSeries series = {.name = nc_arena_strdup(r->arena, name)};
  series.training = NC_NEW_ARRAY(r->arena, double, r->room);
  series.validation = NC_NEW_ARRAY(r->arena, double, r->room);
  for (int i = 0; i < r->room; i++)
    series.training[i] = series.validation[i] = NAN;
  nc_vec_push(r->arena, h->series, series);
  return &h->series.items[h->series.count - 1];
}

static bool fail(Reader *r, const char *what) {
  return ncrt_fail(r->status, NCRT_BAD_INPUT, "%s: line %d: %s", r->path, r->lines, what);
}

static bool add_metrics(Reader *r, const json_t *metrics, bool validation) {
  const char *name;
  json_t *value;
  if (metrics && !json_is_object(metrics))
    return fail(r, "\"training\" and \"validation\" are objects of numbers by name");
  json_object_foreach((json_t *)metrics, name, value) {
    if (!json_is_number(value) && !json_is_null(value))
      return fail(
          r, nc_arena_printf(r->arena, "\"%s\" is a number, or null where it is not finite", name));
    NcSeries *series = find_series(r, name);
    double number = json_is_number(value) ? json_number_value(value) : NAN;
    (validation ? series->validation : series->training)[r->history->count - 1] = number;
    series->validated |= validation && isfinite(number);
  }
  return true;
}

// Forgets the epochs from this one on.
static void go_back(NcHistory *h, double epoch) {
  while (h->count > 0 && h->epochs[h->count - 1] >= epoch) {
    h->count--;
    for (int i = 0; i < h->series.count; i++)
      h->series.items[i].training[h->count] = h->series.items[i].validation[h->count] = NAN;
  }
}

static bool add_epoch(Reader *r, const json_t *line) {
  const json_t *epoch = json_object_get(line, "epoch");
  json_int_t number = json_integer_value(epoch);
  if (number < 1 || number > INT32_MAX || !json_object_get(line, "training"))
    return fail(r, "an epoch's line has \"epoch\", a whole number from 1, and \"training\"");
  go_back(r->history, (double)number);
  r->history->epochs[r->history->count++] = (double)number;
  return add_metrics(r, json_object_get(line, "training"), false) &&
         add_metrics(r, json_object_get(line, "validation"), true);
}

static bool add_line(Reader *r, const char *text, size_t length) {
  json_error_t ignored;
  json_t *line = json_loadb(text, length, 0, &ignored);
  const char *event = json_string_value(json_object_get(line, "event"));
  bool done = json_is_object(line) ||
              fail(r, "is no object of JSON; a log is what netc train writes beside a checkpoint");
  if (done && event && strcmp(event, "epoch") == 0)
    done = add_epoch(r, line);
  json_decref(line);
  return done;
}

static int count_lines(const NcrtFile *file) {
  int count = 0;
  for (size_t i = 0; i < file->size; i++)
    count += file->bytes[i] == '\n';
  return count;
}

static bool is_blank(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++)
    if (!strchr(" \t\r", text[i]))
      return false;
  return true;
}

static bool read_lines(Reader *r, const NcrtFile *file) {
  const char *at = (const char *)file->bytes, *end = at + file->size;
  bool done = true;
  for (const char *stop; done && at < end && (stop = memchr(at, '\n', (size_t)(end - at)));
       at = stop + 1) {
    r->lines++;
    if (!is_blank(at, (size_t)(stop - at)))
      done = add_line(r, at, (size_t)(stop - at));
  }
  return done &&
         (r->history->series.count > 0 ||
          ncrt_fail(r->status, NCRT_BAD_INPUT,
                    "%s: holds no metrics of epochs; a log is what netc train writes beside a "
                    "checkpoint, a line for each epoch",
                    r->path));
}

bool nc_history_read(NcArena *arena, const char *path, NcHistory *history, NcrtStatus *status) {
  NcrtFile file;
  *history = (NcHistory){0};
  Reader r = {.arena = arena, .path = path, .history = history, .status = status};
  if (!ncrt_file_map(path, &file, status))
    return false;
  r.room = count_lines(&file) + 1;
  history->epochs = NC_NEW_ARRAY(arena, double, r.room);
  bool done = read_lines(&r, &file);
  ncrt_file_unmap(&file);
  return done;
}

NcPicture *nc_history_draw(NcArena *arena, const NcPainter *painter, const char *title,
                           const NcHistory *history) {
  int count = history->series.count;
  NcChart *charts = NC_NEW_ARRAY(arena, NcChart, count + 1);
  NcCurve *curves = NC_NEW_ARRAY(arena, NcCurve, 2 * count + 1);
  for (int i = 0; i < count; i++) {
    const NcSeries *s = &history->series.items[i];
    curves[2 * i] = (NcCurve){"training", history->epochs, s->training, history->count};
    curves[2 * i + 1] = (NcCurve){"validation", history->epochs, s->validation, history->count};
    charts[i] = (NcChart){s->name, "epoch", &curves[2 * i], s->validated ? 2 : 1};
  }
  return nc_figure_curves(arena, painter, title, charts, count);
}
