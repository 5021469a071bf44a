// Which boxes of a picture belong together: what was made for one path, its gradient, the update of
// one param. Groups never need each other in a circle, so that they can stand in layers.
#include "drawing/drawing.h"

#include <string.h>

typedef struct Cell { // a group, or a box that is in none
  int group;
  NC_VEC(int) next; // cells that use its values
  int seen;         // the number of the last search that came by
} Cell;

typedef struct Grouping {
  NcDrawing *drawing;
  NcArena *scratch;
  const char **keys;     // by box: the title of its group; or NULL
  NC_VEC(int) * sources; // by box: what it uses
  int *cell;             // by box; -1 where it has none yet
  NC_VEC(Cell) cells;
  NcMap last; // int *: the newest cell of a key
  int search;
} Grouping;

// ---- forward and backward

static bool is_learned(const NcVariable *variable) {
  return variable->kind == NC_VAR_PARAM || variable->kind == NC_VAR_STATE;
}

// In the order of the boxes results and updates come last, and what uses a value after it.
static void find_backward(NcDrawing *d, const NcGraph *graph) {
  int first_update = d->boxes.count - graph->updates.count;
  bool differentiates = graph->results.count > 0; // else everything is for the updates
  for (int i = d->boxes.count - 1; i >= 0; i--) {
    NcBox *box = &d->boxes.items[i];
    if (box->kind == NC_BOX_UPDATE) {
      box->backward = differentiates && is_learned(graph->updates.items[i - first_update].variable);
      continue;
    }
    box->backward = box->uses.count > 0;
    for (int k = 0; k < box->uses.count; k++)
      box->backward = box->backward && d->boxes.items[box->uses.items[k].to].backward;
    if (box->kind == NC_BOX_PARAM || box->kind == NC_BOX_INPUT)
      box->backward = false;
  }
}

// ---- titles

static const char *place_key(Grouping *g, const NcNode *node) {
  return nc_arena_printf(g->scratch, "%d %d %d %p", node->origin->span.file,
                         (int)node->origin->span.begin, (int)node->origin->span.end,
                         (const void *)node->origin->caller);
}

// A node of a gradient stands where the node stands that it belongs to.
static void name_by_path(Grouping *g) {
  NcDrawing *d = g->drawing;
  NcMap paths = nc_map_create(g->scratch);
  for (int i = 0; i < d->boxes.count; i++) {
    const NcNode *node = d->boxes.items[i].node;
    if (!node || !node->origin || d->boxes.items[i].backward || !node->origin->path)
      continue;
    g->keys[i] = node->origin->path;
    nc_map_set(&paths, place_key(g, node), (void *)(uintptr_t)node->origin->path);
  }
  for (int i = 0; i < d->boxes.count; i++) {
    const NcBox *box = &d->boxes.items[i];
    const char *path = NULL;
    if (box->backward && box->node && box->node->origin)
      path = nc_map_get(&paths, place_key(g, box->node));
    if (path)
      g->keys[i] = nc_arena_printf(d->arena, "grad(%s)", path);
  }
}

static const char shared[] = "update";

static const char *both(const char *a, const char *b) {
  if (!a || !b)
    return a ? a : b;
  return strcmp(a, b) == 0 ? a : shared;
}

// What the optimizer computes has no path: it belongs to the param that it is for, or is shared.
static void name_by_update(Grouping *g, const NcGraph *graph) {
  NcDrawing *d = g->drawing;
  int first_update = d->boxes.count - graph->updates.count;
  for (int i = d->boxes.count - 1; i >= 0; i--) {
    const NcBox *box = &d->boxes.items[i];
    const char *key = NULL, *own = NULL;
    if (!box->backward || g->keys[i])
      continue;
    if (box->kind == NC_BOX_UPDATE) {
      if (graph->updates.items[i - first_update].variable->kind == NC_VAR_PARAM)
        g->keys[i] = box->title;
      continue;
    }
    for (int k = 0; k < box->uses.count; k++) {
      int to = box->uses.items[k].to;
      if (g->keys[to] && strncmp(g->keys[to], shared, strlen(shared)) == 0)
        key = both(key, g->keys[to]);
      else if (d->boxes.items[to].kind == NC_BOX_UPDATE)
        own = both(own, d->boxes.items[to].title);
    }
    g->keys[i] = key ? key : own;
  }
}

// ---- groups

static bool reaches(Grouping *g, int from, int to) {
  NC_VEC(int) stack = {0};
  nc_vec_push(g->scratch, stack, from);
  g->search++;
  while (stack.count > 0) {
    int at = stack.items[--stack.count];
    Cell *cell = &g->cells.items[at];
    if (at == to)
      return true;
    for (int i = 0; i < cell->next.count; i++) {
      Cell *next = &g->cells.items[cell->next.items[i]];
      if (next->seen == g->search)
        continue;
      next->seen = g->search;
      nc_vec_push(g->scratch, stack, cell->next.items[i]);
    }
  }
  return false;
}

// Whether box i can join a cell: none of what it uses may need the cell.
static bool fits(Grouping *g, int i, int cell) {
  for (int k = 0; k < g->sources[i].count; k++) {
    int from = g->cell[g->sources[i].items[k]];
    if (from >= 0 && from != cell && reaches(g, cell, from))
      return false;
  }
  return true;
}

static int new_cell(Grouping *g, const char *key) {
  nc_vec_push(g->scratch, g->cells, (Cell){.group = -1});
  if (key) {
    int *number = NC_NEW(g->scratch, int);
    *number = g->cells.count - 1;
    nc_map_set(&g->last, key, number);
  }
  return g->cells.count - 1;
}

static void join(Grouping *g, int i, int cell) {
  g->cell[i] = cell;
  for (int k = 0; k < g->sources[i].count; k++) {
    int *from = &g->cell[g->sources[i].items[k]];
    if (*from < 0)
      *from = cell; // a leaf stands with what first uses it
    if (*from != cell)
      nc_vec_push(g->scratch, g->cells.items[*from].next, cell);
  }
}

static bool waits(const Grouping *g, int i) {
  const NcBox *box = &g->drawing->boxes.items[i];
  bool leaf = box->kind == NC_BOX_CONST || box->kind == NC_BOX_PARAM || box->kind == NC_BOX_STATE;
  bool is_shared = g->keys[i] && strcmp(g->keys[i], shared) == 0;
  return leaf && box->uses.count > 0 && !is_shared;
}

static void place(Grouping *g, int i) {
  const NcBox *box = &g->drawing->boxes.items[i];
  const char *key = box->kind == NC_BOX_INPUT ? NULL : g->keys[i];
  if (waits(g, i))
    return;
  if (box->kind == NC_BOX_UPDATE) {
    join(g, i, g->cell[g->sources[i].items[0]]);
    return;
  }
  int *last = key ? nc_map_get(&g->last, key) : NULL;
  join(g, i, last && fits(g, i, *last) ? *last : new_cell(g, key));
}

// Cells of more than one box are groups.
static void make_groups(Grouping *g) {
  NcDrawing *d = g->drawing;
  int *count = NC_NEW_ARRAY(g->scratch, int, g->cells.count + 1);
  for (int i = 0; i < d->boxes.count; i++)
    count[g->cell[i]]++;
  for (int i = 0; i < d->boxes.count; i++) {
    NcBox *box = &d->boxes.items[i];
    Cell *cell = &g->cells.items[g->cell[i]];
    if (count[g->cell[i]] < 2)
      continue;
    if (cell->group < 0) {
      cell->group = d->groups.count;
      nc_vec_push(d->arena, d->groups, (NcGroup){0});
    }
    NcGroup *group = &d->groups.items[cell->group];
    box->group = cell->group;
    if (!group->title && g->keys[i] && !waits(g, i))
      *group = (NcGroup){.title = g->keys[i], .backward = box->backward};
  }
  for (int i = 0; i < d->boxes.count; i++) {
    NcBox *box = &d->boxes.items[i];
    const char *title = box->group >= 0 ? d->groups.items[box->group].title : NULL;
    if (title && box->path && strcmp(title, box->path) == 0)
      box->path = NULL;
  }
}

static void find_sources(Grouping *g) {
  const NcDrawing *d = g->drawing;
  for (int i = 0; i < d->boxes.count; i++)
    for (int k = 0; k < d->boxes.items[i].uses.count; k++)
      nc_vec_push(g->scratch, g->sources[d->boxes.items[i].uses.items[k].to], i);
}

void nc_drawing_group(NcDrawing *d, const NcGraph *graph) {
  NcArena *scratch = nc_arena_create();
  Grouping g = {.drawing = d, .scratch = scratch, .last = nc_map_create(scratch)};
  g.keys = NC_NEW_ARRAY(scratch, const char *, d->boxes.count + 1);
  g.sources = nc_arena_alloc(scratch, sizeof *g.sources * ((size_t)d->boxes.count + 1));
  g.cell = NC_NEW_ARRAY(scratch, int, d->boxes.count + 1);
  for (int i = 0; i < d->boxes.count; i++)
    g.cell[i] = -1;
  find_sources(&g);
  find_backward(d, graph);
  name_by_path(&g);
  name_by_update(&g, graph);
  for (int i = 0; i < d->boxes.count; i++)
    place(&g, i);
  for (int i = 0; i < d->boxes.count; i++)
    if (g.cell[i] < 0)
      g.cell[i] = new_cell(&g, NULL);
  make_groups(&g);
  nc_arena_destroy(scratch);
}
