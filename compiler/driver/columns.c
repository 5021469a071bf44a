// Prints tables in columns.
#include "driver/columns.h"

#include "base/text.h"
#include "netc_rt.h"

#include <stdio.h>

static void print_row(const NcColumns *t, const NcCells *row, const int *widths) {
  if (!row->cells[0]) {
    printf("\n");
    return;
  }
  for (int c = 0; c < t->count; c++) {
    bool right = t->columns[c].right, last = c + 1 == t->count;
    int room = widths[c] - nc_text_columns(row->cells[c]);
    printf("%*s%s%*s%s", right ? room : 0, "", row->cells[c], right || last ? 0 : room, "",
           last ? "\n" : "  ");
  }
}

// Makes a column narrower, by as much as the table is wider than the terminal. Ends of paths and
// types tell more.
static void narrow(NcColumns *t, int *widths, int column, const NcrtProgress *terminal) {
  int width = 2 * (t->count - 1), least = t->columns[column].least;
  for (int c = 0; c < t->count; c++)
    width += widths[c];
  int room = widths[column] - (width - terminal->width);
  if (width <= terminal->width || widths[column] <= least)
    return;
  widths[column] = room > least ? room : least;
  for (int i = 0; i < t->rows.count; i++) {
    const char **cell = &t->rows.items[i].cells[column];
    if (t->rows.items[i].cells[0])
      *cell = nc_text_cut_front(t->arena, *cell, widths[column], terminal->utf8 ? "…" : "~");
  }
}

static void fit_terminal(NcColumns *t, int *widths) {
  NcrtProgress terminal;
  ncrt_progress_open(&terminal, stdout);
  for (int c = t->count - 1; c >= 0 && terminal.terminal; c--)
    if (t->columns[c].least)
      narrow(t, widths, c, &terminal);
}

void nc_columns_print(NcColumns *t) {
  NcCells head = {0};
  int widths[NC_MOST_COLUMNS];
  for (int c = 0; c < t->count; c++) {
    head.cells[c] = t->columns[c].head;
    widths[c] = nc_text_columns(head.cells[c]);
    for (int i = 0; i < t->rows.count; i++) {
      const NcCells *row = &t->rows.items[i];
      int columns = row->cells[0] ? nc_text_columns(row->cells[c]) : 0;
      widths[c] = columns > widths[c] ? columns : widths[c];
    }
  }
  fit_terminal(t, widths);
  print_row(t, &head, widths);
  for (int i = 0; i < t->rows.count; i++)
    print_row(t, &t->rows.items[i], widths);
}
