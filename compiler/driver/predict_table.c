// Prints predictions as a table.
#include "driver/help.h"
#include "driver/predict_show.h"

#include <math.h>

enum { MOST_COLUMNS = 64, MOST_CELL = 24 };

typedef struct Table {
  const NcShown *shown;
  NcArena *arena;
  NcrtProgress terminal; // its width and characters
  int count;             // of columns
  const char *heads[MOST_COLUMNS];
  const char **cells[MOST_COLUMNS]; // by sample shown
  int widths[MOST_COLUMNS];
} Table;

static const char *mark_of(const Table *t) { return t->terminal.utf8 ? "…" : "~"; }

static const char *cut(const Table *t, const char *text, int columns) {
  return nc_text_cut(t->arena, text, columns, mark_of(t));
}

static const char **add_column(Table *t, const char *head) {
  NcText name = nc_text_create(t->arena);
  nc_text_printable(&name, head);
  t->heads[t->count] = name.data;
  t->cells[t->count] = NC_NEW_ARRAY(t->arena, const char *, t->shown->count + 1);
  return t->cells[t->count++];
}

static void measure(Table *t, int column) {
  int widest = nc_text_columns(t->heads[column]);
  for (int64_t i = 0; i < t->shown->count; i++) {
    int columns = nc_text_columns(t->cells[column][i]);
    widest = columns > widest ? columns : widest;
  }
  t->widths[column] = widest < MOST_CELL ? widest : MOST_CELL;
}

static void add_classes(Table *t) {
  const NcPrediction *p = t->shown->p;
  const char **predicted = add_column(t, "predicted");
  const char **truth = p->label >= 0 ? add_column(t, "true") : NULL;
  const char *mark = t->terminal.utf8 ? "✗" : "x";
  for (int64_t i = 0; i < t->shown->count; i++) {
    int64_t n = t->shown->items[i];
    const char *name = nc_prediction_name(p, nc_predicted_class(p, n));
    predicted[i] = p->label < 0
                       ? name
                       : nc_arena_printf(t->arena, "%s %s", nc_is_wrong(p, n) ? mark : " ", name);
    if (truth)
      truth[i] = nc_prediction_name(p, nc_true_class(p, n));
  }
}

// "0.12", or some of the values, or the range of many.
static const char *describe(const Table *t, const NcOutputRows *output, int64_t n) {
  NcText text = nc_text_create(t->arena);
  for (int64_t i = 0; output->elements <= 4 && i < output->elements; i++)
    nc_text_printf(&text, "%s%.4g", i ? " " : "", nc_output_number(output, n, i));
  if (output->elements <= 4)
    return text.data;
  double low = INFINITY, high = -INFINITY;
  for (int64_t i = 0; i < output->elements; i++) {
    low = fmin(low, nc_output_number(output, n, i));
    high = fmax(high, nc_output_number(output, n, i));
  }
  return nc_arena_printf(t->arena, "%.3g %s %.3g", low, t->terminal.utf8 ? "…" : "to", high);
}

static void add_outputs(Table *t) {
  const NcPrediction *p = t->shown->p;
  char shape[200];
  for (int i = 0; i < p->output_count && t->count < MOST_COLUMNS; i++) {
    const NcOutputRows *output = &p->outputs[i];
    if (i == p->answer)
      continue;
    ncrt_shape_print(shape, sizeof shape, &output->shape);
    const char **cells = add_column(
        t, output->elements > 4 ? nc_arena_printf(t->arena, "%s: %s", output->name, shape)
                                : output->name);
    for (int64_t k = 0; k < t->shown->count; k++)
      cells[k] = describe(t, output, t->shown->items[k]);
  }
}

static int line_width(const Table *t) {
  int width = 0;
  for (int i = 0; i < t->count; i++)
    width += t->widths[i] + 2;
  return width;
}

// The likeliest classes of a sample, as many as there is room for.
static const char *list_classes(const Table *t, int64_t n, int room) {
  const NcPrediction *p = t->shown->p;
  int *ranked = NC_NEW_ARRAY(t->arena, int, p->classes + 1), used = 0;
  NcText text = nc_text_create(t->arena);
  nc_text_append(&text, "");
  nc_rank_classes(p, n, ranked);
  for (int i = 0; i < t->shown->top && i < p->classes; i++) {
    const char *item = nc_arena_printf(t->arena, "%s%s %.1f %%", i ? "  " : "",
                                       cut(t, nc_prediction_name(p, ranked[i]), MOST_CELL),
                                       100 * nc_predicted_share(p, n, ranked[i]));
    used += nc_text_columns(item);
    if (i > 0 && used > room)
      break;
    nc_text_append(&text, item);
  }
  return text.data;
}

static void print_cell(const Table *t, int column, const char *text, bool last, FILE *out) {
  const char *shown = cut(t, text, t->widths[column]);
  fprintf(out, "%s%*s", shown, last ? 0 : t->widths[column] + 2 - nc_text_columns(shown), "");
}

static void print_row(const Table *t, int64_t i, bool color, FILE *out) {
  const NcPrediction *p = t->shown->p;
  int64_t n = t->shown->items[i];
  bool wrong = color && p->answer >= 0 && nc_is_wrong(p, n), more = p->answer >= 0;
  fputs(wrong ? "\033[31m" : "", out);
  for (int c = 0; c < t->count; c++)
    print_cell(t, c, t->cells[c][i], !more && c == t->count - 1, out);
  if (more)
    fputs(list_classes(t, n, t->terminal.width - line_width(t)), out);
  fputs(wrong ? "\033[0m\n" : "\n", out);
}

static void print_head(const Table *t, bool color, FILE *out) {
  bool more = t->shown->p->answer >= 0;
  fputs(color ? "\033[1m" : "", out);
  for (int c = 0; c < t->count; c++)
    print_cell(t, c, t->heads[c], !more && c == t->count - 1, out);
  fputs(more ? "probabilities" : "", out);
  fputs(color ? "\033[0m\n" : "\n", out);
}

static void print_score(const NcShown *shown, FILE *out) {
  const NcPrediction *p = shown->p;
  int64_t right = 0;
  for (int64_t n = 0; n < p->count; n++)
    right += !nc_is_wrong(p, n);
  if (p->answer >= 0 && p->label >= 0)
    fprintf(out, "%lld of %lld right (%.2f %%)\n", (long long)right, (long long)p->count,
            100 * (double)right / (double)p->count);
}

static void print_notes(const NcShown *shown, FILE *out) {
  const NcPrediction *p = shown->p;
  for (int64_t i = 0; i < shown->count && !p->samples->dataset; i++) {
    const NcSampleInfo *info = &p->samples->info.items[p->rows[shown->items[i]]];
    if (!info->note)
      continue;
    fprintf(out, "note: %s: ", info->name);
    nc_help_wrap(out, info->note, 8 + nc_text_columns(info->name), 6);
  }
  if (p->softmax)
    fprintf(out, "note: the output %s holds no probabilities: they are its softmax\n",
            p->outputs[p->answer].name);
}

void nc_predict_table(const NcShown *shown, FILE *out, bool color) {
  Table t = {.shown = shown, .arena = shown->p->arena};
  ncrt_progress_open(&t.terminal, out);
  const char **names = add_column(&t, shown->p->samples->dataset ? "sample" : "file");
  for (int64_t i = 0; i < shown->count; i++)
    names[i] = nc_text_cut_front(t.arena, nc_sample_name(shown->p, shown->items[i]), MOST_CELL,
                                 mark_of(&t)); // the end has the file's name and the number
  if (shown->p->answer >= 0)
    add_classes(&t);
  add_outputs(&t);
  for (int c = 0; c < t.count; c++)
    measure(&t, c);
  if (shown->count > 0)
    print_head(&t, color, out);
  for (int64_t i = 0; i < shown->count; i++)
    print_row(&t, i, color, out);
  print_score(shown, out);
  print_notes(shown, out);
}
