// Tables on the terminal, each column as wide as what stands in it.
#ifndef NC_DRIVER_COLUMNS_H
#define NC_DRIVER_COLUMNS_H

#include "base/vec.h"

#include <stdbool.h>

enum { NC_MOST_COLUMNS = 9 };

typedef struct NcColumn {
  const char *head;
  bool right; // numbers stand to the right
  int least;  // columns of the terminal that it may give way to, its front cut; 0: it does not
} NcColumn;

typedef struct NcCells {
  const char *cells[NC_MOST_COLUMNS];
} NcCells;

typedef struct NcColumns {
  NcArena *arena;
  const NcColumn *columns;
  int count;
  NC_VEC(NcCells) rows;
} NcColumns;

// Prints the heads and the rows on standard output, an empty line for a row whose first cell is
// NULL. On a terminal that is too narrow columns give way, the last that may before the others.
void nc_columns_print(NcColumns *table);

#endif
