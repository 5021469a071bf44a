// What netc gradcheck prints.
#include "driver/gradcheck.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

enum { NAME = 27 }; // columns of a name

// "[3, 0, 7]", or "" of a scalar.
static const char *place(NcArena *arena, const NcType *type, int64_t element) {
  NcTensor tensor = {.type = *type};
  int64_t index[NC_MAX_RANK];
  NcText text = nc_text_create(arena);
  nc_tensor_index(&tensor, element, index);
  for (int d = 0; d < type->rank; d++)
    nc_text_printf(&text, "%s%" PRId64, d ? ", " : "[", index[d]);
  return type->rank ? nc_arena_printf(arena, "%s]", text.data) : "";
}

// "1.3e-09": always with an exponent, but 0.
static const char *difference(NcArena *arena, double value) {
  return value == 0 ? "0" : nc_arena_printf(arena, "%.1e", value);
}

static bool is_bad(const NcGradcheckWay *way) { return !(way->worst <= NC_GRADCHECK_BOUND); }

static const char *where_from(const NcGradcheck *g) {
  return g->feeding.dataset           ? nc_arena_printf(g->arena, " of %s", g->feeding.dataset)
         : g->options->feed.count > 0 ? " that are fed"
         : g->derivative.graph->inputs.count > 0 ? " of random numbers"
                                                 : "";
}

static void print_heading(const NcGradcheck *g) {
  const char *line =
      nc_arena_strndup(g->arena, g->derivative.of_text, strcspn(g->derivative.of_text, "\n"));
  NcText text = nc_text_create(g->arena);
  nc_text_printable(&text, line);
  printf("%s = %.6g, in training, ", nc_text_cut(g->arena, text.data, 30, "…"), g->value);
  printf("on %" PRId64 " sample%s%s\n\n", g->feeding.count, g->feeding.count == 1 ? "" : "s",
         where_from(g));
  printf("%-*s %9s %8s %6s %10s %10s\n", NAME, "gradient by", "elements", "checked", "kinks",
         "largest", "off by");
}

static void print_name(const NcGradcheck *g, const char *name) {
  NcText text = nc_text_create(g->arena);
  nc_text_printable(&text, name);
  const char *shown = nc_text_cut_front(g->arena, text.data, NAME, "…");
  printf("%s%*s", shown, NAME - nc_text_columns(shown), "");
}

static void print_row(const NcGradcheck *g, const NcGradcheckRow *row) {
  print_name(g, row->name);
  printf(" %9" PRId64 " %8" PRId64 " %6" PRId64 " %10.3g ", row->elements, row->checked, row->kinks,
         row->largest);
  if (row->checked == row->kinks)
    printf("%10s\n", "-");
  else
    printf("%10s%s\n", difference(g->arena, row->worst), row->wrong ? " !" : "");
}

static void print_ways(const NcGradcheck *g) {
  printf("\n%-*s %26s %10s %10s\n", NAME, "in f32, to the references", "largest in", "bound",
         "off by");
  for (int i = 0; i < NC_GRADCHECK_WAYS; i++) {
    const NcGradcheckWay *way = &g->ways[i];
    if (!way->where) {
      printf("%-*s %48s\n", NAME, way->name, "no C compiler: not compared");
      continue;
    }
    printf("%-*s %26s %10g %10s%s\n", NAME, way->name,
           nc_text_cut_front(g->arena, way->where, 26, "…"), NC_GRADCHECK_BOUND,
           difference(g->arena, way->worst), is_bad(way) || way->other ? " !" : "");
  }
}

// The error of a row, where its param is declared.
static void report_row(const NcGradcheck *g, const NcGradcheckRow *row) {
  NcDiags *diags = g->unit->diags;
  NcDiag *diag =
      nc_diag_error(diags, "E0432", row->span,
                    "the gradient of %s by %s%s is %.6g, but the slope of the value is %.6g",
                    g->derivative.of_text, row->name, place(g->arena, &row->type, row->worst_at),
                    row->worst_gradient, row->worst_slope);
  if (row->wrong > 1)
    nc_diag_note(diags, diag, NC_NOWHERE,
                 "%" PRId64 " of %" PRId64 " elements that were checked differ by more than %g",
                 row->wrong, row->checked, g->tolerance);
  if (!row->stopped)
    return;
  NcSpan span = row->stopped->origin ? row->stopped->origin->span : NC_NOWHERE;
  nc_diag_note(diags, diag, span,
               "stop_gradient is on the way: with its value held fixed they agree");
  nc_diag_help(diags, diag,
               "a gradient that stop_gradient stops is not the slope, by design; if that is not "
               "meant, take it away");
}

static void report_way(const NcGradcheckWay *way) {
  fprintf(stderr,
          "netc: %s gives another %s than the references: they differ by %.2g of its largest "
          "element, more than %g\n",
          way->name, way->where, way->worst, NC_GRADCHECK_BOUND);
}

static void report_bits(const NcGradcheckWay *way) {
  fprintf(stderr, "netc: %s gives other bits of %s than compiled code, portable\n", way->name,
          way->other);
}

// JSON has no infinity.
static json_t *number(double value) {
  return value - value == 0 ? json_real(value) : json_string(value != value ? "nan" : "inf");
}

static json_t *row_json(const NcGradcheck *g, const NcGradcheckRow *row) {
  json_t *object = json_pack("{s:s,s:I,s:I,s:I,s:I,s:f,s:o}", "name", row->name, "elements",
                             (json_int_t)row->elements, "checked", (json_int_t)row->checked,
                             "kinks", (json_int_t)row->kinks, "wrong", (json_int_t)row->wrong,
                             "largest", row->largest, "difference", number(row->worst));
  if (row->worst_at >= 0)
    json_object_set_new(object, "worst",
                        json_pack("{s:s,s:o,s:o}", "at", place(g->arena, &row->type, row->worst_at),
                                  "gradient", number(row->worst_gradient), "slope",
                                  number(row->worst_slope)));
  json_object_set_new(object, "stop_gradient", json_boolean(row->stopped != NULL));
  return object;
}

static json_t *way_json(const NcGradcheckWay *way) {
  return json_pack("{s:s,s:s?,s:o,s:f}", "way", way->name, "where", way->where, "difference",
                   way->where ? number(way->worst) : json_null(), "bound", NC_GRADCHECK_BOUND);
}

static void print_json(const NcGradcheck *g) {
  json_t *rows = json_array(), *ways = json_array();
  for (int i = 0; i < g->derivative.count; i++)
    json_array_append_new(rows, row_json(g, &g->rows[i]));
  for (int i = 0; i < NC_GRADCHECK_WAYS; i++)
    json_array_append_new(ways, way_json(&g->ways[i]));
  json_t *all = json_pack("{s:s,s:f,s:I,s:f,s:o,s:o}", "of", g->derivative.of_text, "value",
                          g->value, "samples", (json_int_t)g->feeding.count, "tolerance",
                          g->tolerance, "gradients", rows, "ways", ways);
  json_dumpf(all, stdout, 0);
  printf("\n");
  json_decref(all);
}

static void print_table(const NcGradcheck *g) {
  print_heading(g);
  for (int i = 0; i < g->derivative.count; i++)
    print_row(g, &g->rows[i]);
  print_ways(g);
}

int nc_gradcheck_report(NcGradcheck *g) {
  int code = NC_EXIT_OK;
  if (g->options->json)
    print_json(g);
  else
    print_table(g);
  fflush(stdout);
  for (int i = 0; i < g->derivative.count; i++)
    if (g->rows[i].wrong > 0) {
      report_row(g, &g->rows[i]);
      code = NC_EXIT_INPUT;
    }
  nc_unit_report(g->unit);
  for (int i = 0; i < NC_GRADCHECK_WAYS; i++)
    if (is_bad(&g->ways[i]) || g->ways[i].other) {
      (is_bad(&g->ways[i]) ? report_way : report_bits)(&g->ways[i]);
      code = NC_EXIT_INPUT;
    }
  return code;
}
