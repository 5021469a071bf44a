// netc ckpt show.
#include "driver/ckpt.h"
#include "driver/experiment.h"
#include "driver/help.h"
#include "driver/values.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

double nc_ckpt_element(const NcrtTensor *tensor, int64_t n) {
  return nc_value_at(tensor->shape.dtype, tensor->data, n);
}

static NcSummary summarise(const NcrtTensor *tensor) {
  NcSummary s = {0};
  int64_t count = ncrt_shape_elements(&tensor->shape, 1);
  for (int64_t i = 0; i < count; i++)
    nc_summary_add(&s, nc_ckpt_element(tensor, i));
  return s;
}

static double deviation(const NcSummary *s) {
  return s->finite > 0 ? sqrt(s->squares / (double)s->finite) : 0;
}

static const char *behind(const char *key, const char *prefix) {
  size_t length = strlen(prefix);
  return strncmp(key, prefix, length) == 0 ? key + length : NULL;
}

// ---- as text

// Text of a file, its lines filled up to 80 columns.
static void print_text(const char *title, const char *text) {
  char line[400];
  while (*text != 0) {
    size_t length = strcspn(text, "\n");
    char part[400];
    snprintf(part, sizeof part, "%.*s", (int)(length < sizeof part ? length : sizeof part - 1),
             text);
    printf("%-9s ", title);
    nc_help_wrap(stdout, ncrt_printable(line, sizeof line, part), 10, 10);
    text += length + (text[length] == '\n');
    title = "";
  }
}

static void print_info(const NcrtCheckpointInfo *info) {
  print_text("source", info->source_name);
  printf("%-9s step %" PRId64 ", epoch %" PRId64 "; %" PRId64 " of its %" PRId64
         " samples were taken\n",
         "stands at", info->step, info->epoch, info->position, info->samples);
  printf("%-9s %" PRId64 "\n", "seed", info->seed);
  if (info->batch > 0)
    printf("%-9s %" PRId64 "\n", "batch", info->batch);
  if (info->best.epoch > 0) {
    bool falls = *info->monitor == '-';
    char name[200];
    printf("%-9s after epoch %" PRId64 ", %s %.6g\n", "best", info->best.epoch,
           ncrt_printable(name, sizeof name, info->monitor + falls), info->best.value);
  }
  for (int i = 0; i < info->text_count; i++) {
    const char *set = behind(info->texts[i].key, NCRT_KEY_SET),
               *import = behind(info->texts[i].key, NCRT_KEY_IMPORT);
    char line[500];
    snprintf(line, sizeof line, "%s = %s", set ? set : "", info->texts[i].value);
    if (set)
      print_text("set", line);
    if (import)
      print_text("import", import);
  }
  if (info->data)
    print_text("data", info->data);
  if (info->classes)
    print_text("classes", info->classes);
}

// Names and types; on a terminal that is too narrow the names give way: their ends tell more.
typedef struct Column {
  const char **cells;
  int width;
} Column;

static Column column(NcArena *arena, const char *head, int count) {
  return (Column){NC_NEW_ARRAY(arena, const char *, count + 1), nc_text_columns(head)};
}

static void set_cell(NcArena *arena, Column *c, int i, const char *text) {
  int width = nc_text_columns(text);
  c->cells[i] = nc_arena_strdup(arena, text);
  c->width = width > c->width && width <= 50 ? width : c->width;
}

static void fit_terminal(NcArena *arena, Column *names, int others, int count) {
  enum { LEAST = 8 };
  NcrtProgress terminal;
  ncrt_progress_open(&terminal, stdout);
  int room = terminal.width - others;
  if (!terminal.terminal || names->width <= room)
    return;
  names->width = room > LEAST ? room : LEAST;
  for (int i = 0; i < count; i++)
    names->cells[i] =
        nc_text_cut_front(arena, names->cells[i], names->width, terminal.utf8 ? "…" : "~");
}

static void print_summary(const NcrtTensor *tensor) {
  NcSummary s = summarise(tensor);
  if (s.finite > 0)
    printf(" %10.4g %10.4g %10.4g %10.4g", s.mean, deviation(&s), s.least, s.most);
  if (s.finite < s.values)
    printf("  %" PRId64 " not finite", s.values - s.finite);
  printf("\n");
}

static void print_cell(const Column *c, const char *text) {
  int room = c->width - nc_text_columns(text);
  printf("%s%*s", text, room > 0 ? room : 0, "");
}

static void print_row(const Column *names, const char *name, const Column *types,
                      const char *type) {
  print_cell(names, name);
  printf("  ");
  print_cell(types, type);
}

static void print_tensors(const NcrtSafetensors *file) {
  int count = file->tensor_count;
  NcArena *arena = nc_arena_create();
  Column names = column(arena, "tensor", count), types = column(arena, "type", count);
  for (int i = 0; i < count; i++) {
    char text[300];
    set_cell(arena, &names, i, ncrt_printable(text, sizeof text, file->tensors[i].name));
    set_cell(arena, &types, i, ncrt_shape_print(text, sizeof text, &file->tensors[i].shape));
  }
  fit_terminal(arena, &names, 2 + types.width + 4 * 11, count);
  printf("\n");
  print_row(&names, "tensor", &types, "type");
  printf(" %10s %10s %10s %10s\n", "mean", "std", "min", "max");
  for (int i = 0; i < count; i++) {
    print_row(&names, names.cells[i], &types, types.cells[i]);
    print_summary(&file->tensors[i]);
  }
  nc_arena_destroy(arena);
}

// ---- as JSON

static json_t *info_json(const NcrtCheckpointInfo *info) {
  json_t *settings = json_object(), *imports = json_array();
  for (int i = 0; i < info->text_count; i++) {
    const char *set = behind(info->texts[i].key, NCRT_KEY_SET),
               *import = behind(info->texts[i].key, NCRT_KEY_IMPORT);
    if (set)
      json_object_set_new(settings, set, json_string(info->texts[i].value));
    if (import)
      json_array_append_new(imports, json_string(import));
  }
  json_t *best = json_null();
  if (info->best.epoch > 0 && isfinite(info->best.value))
    best = json_pack("{s:s, s:f, s:I}", "monitor", info->monitor, "value", info->best.value,
                     "epoch", (json_int_t)info->best.epoch);
  return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:s?, s:s?}", "source_name",
                   info->source_name, "step", (json_int_t)info->step, "epoch",
                   (json_int_t)info->epoch, "position", (json_int_t)info->position, "samples",
                   (json_int_t)info->samples, "seed", (json_int_t)info->seed, "batch",
                   (json_int_t)info->batch, "best", best, "settings", settings, "imports", imports,
                   "data", info->data, "classes", info->classes);
}

static json_t *number(const NcSummary *s, double value) {
  return s->finite > 0 ? json_real(value) : json_null();
}

static json_t *tensor_json(const NcrtTensor *tensor) {
  NcSummary s = summarise(tensor);
  json_t *shape = json_array();
  for (int d = 0; d < tensor->shape.rank; d++)
    json_array_append_new(shape, json_integer(tensor->shape.dims[d]));
  return json_pack("{s:s, s:s, s:o, s:I, s:I, s:o, s:o, s:o, s:o}", "name", tensor->name, "dtype",
                   ncrt_dtype_name(tensor->shape.dtype), "shape", shape, "values",
                   (json_int_t)s.values, "not_finite", (json_int_t)(s.values - s.finite), "mean",
                   number(&s, s.mean), "std", number(&s, deviation(&s)), "min", number(&s, s.least),
                   "max", number(&s, s.most));
}

static void print_json(const NcrtSafetensors *file, const NcrtCheckpointInfo *info) {
  json_t *tensors = json_array();
  for (int i = 0; i < file->tensor_count; i++)
    json_array_append_new(tensors, tensor_json(&file->tensors[i]));
  json_t *whole = json_pack("{s:o, s:o}", "checkpoint", info ? info_json(info) : json_null(),
                            "tensors", tensors);
  json_dumpf(whole, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
  printf("\n");
  json_decref(whole);
}

int nc_ckpt_show(const NcrtSafetensors *file, bool json) {
  NcrtCheckpointInfo info;
  NcrtStatus status = {0};
  bool ours = ncrt_safetensors_text(file, "netc.version") != NULL;
  if (ours && !ncrt_checkpoint_info(file, &info, &status))
    return nc_fail_status(&status);
  if (json) {
    print_json(file, ours ? &info : NULL);
    return NC_EXIT_OK;
  }
  if (ours)
    print_info(&info);
  else
    printf("not written by netc: tensors alone\n");
  print_tensors(file);
  return NC_EXIT_OK;
}
