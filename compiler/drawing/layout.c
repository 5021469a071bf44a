// Layers, orders and positions.
#include "drawing/layout.h"

#include <math.h>
#include <stdlib.h>

static const double item_gap = 18, through_gap = 8, layer_gap = 16, most_layer_gap = 70;

// What stands in a layer: an item, or a flow on its way through.
typedef struct Slot {
  int item; // or -1
  double width;
  double x, wanted;
  int layer;
  NC_VEC(int) up, down; // links
} Slot;

typedef struct Link {
  int flow, from, to;  // slots
  double from_x, to_x; // from their left
} Link;

typedef struct Layer {
  NC_VEC(int) slots; // from left to right
  double top, bottom;
} Layer;

typedef struct Placing {
  NcLayout *layout;
  NcArena *scratch;
  NC_VEC(Slot) slots; // those of items first
  NC_VEC(Link) links;
  Layer *layers;
  int layer_count;
  struct Block *blocks; // scratch of settle, as many as there are slots
  double *offsets;
} Placing;

// ---- layers

static int last_layer(const NcLayout *layout) {
  int last = 0;
  for (int i = 0; i < layout->items.count; i++)
    last = layout->items.items[i].layer > last ? layout->items.items[i].layer : last;
  return last;
}

// What nothing flows to is moved down to where it is first used.
static void pull_down(NcLayout *layout, const bool *fed) {
  for (int i = layout->flows.count - 1; i >= 0; i--) {
    const NcFlow *flow = &layout->flows.items[i];
    NcItem *from = &layout->items.items[flow->from.item];
    if (fed[flow->from.item] || from->edge != NC_EDGE_NONE || flow->to.count == 0)
      continue;
    for (int k = 0; k < flow->to.count; k++) {
      int layer = layout->items.items[flow->to.items[k].item].layer - 1;
      bool first = k == 0 && from->layer == 0;
      from->layer = first || layer < from->layer ? layer : from->layer;
    }
  }
}

typedef NC_VEC(int) Numbers;

// By item, the flows that come from it.
static Numbers *flows_by_item(const NcLayout *layout, NcArena *scratch) {
  Numbers *flows = NC_NEW_ARRAY(scratch, Numbers, layout->items.count + 1);
  for (int i = 0; i < layout->flows.count; i++)
    nc_vec_push(scratch, flows[layout->flows.items[i].from.item], i);
  return flows;
}

// An item has its layer when all that flow to it have theirs.
static void follow(NcLayout *layout, const NcFlow *flow, int *waits, Numbers *ready,
                   NcArena *scratch) {
  int below = layout->items.items[flow->from.item].layer + 1;
  for (int k = 0; k < flow->to.count; k++) {
    int item = flow->to.items[k].item;
    NcItem *to = &layout->items.items[item];
    to->layer = below > to->layer ? below : to->layer;
    if (--waits[item] == 0)
      nc_vec_push(scratch, *ready, item);
  }
}

void nc_layout_layers(NcLayout *layout) {
  NcArena *scratch = nc_arena_create();
  Numbers *flows = flows_by_item(layout, scratch), ready = {0};
  int *waits = NC_NEW_ARRAY(scratch, int, layout->items.count + 1);
  bool *fed = NC_NEW_ARRAY(scratch, bool, layout->items.count + 1);
  for (int i = 0; i < layout->flows.count; i++)
    for (int k = 0; k < layout->flows.items[i].to.count; k++)
      waits[layout->flows.items[i].to.items[k].item]++;
  for (int i = 0; i < layout->items.count; i++) {
    fed[i] = waits[i] > 0;
    if (!fed[i])
      nc_vec_push(scratch, ready, i);
  }
  for (int i = 0; i < ready.count; i++)
    for (int f = 0; f < flows[ready.items[i]].count; f++)
      follow(layout, &layout->flows.items[flows[ready.items[i]].items[f]], waits, &ready, scratch);
  pull_down(layout, fed);
  int last = last_layer(layout);
  for (int i = 0; i < layout->items.count; i++)
    if (layout->items.items[i].edge == NC_EDGE_BOTTOM)
      layout->items.items[i].layer = last;
  nc_arena_destroy(scratch);
}

// ---- slots and links

static int add_slot(Placing *p, int item, int layer, double width) {
  nc_vec_push(p->scratch, p->slots, ((Slot){.item = item, .layer = layer, .width = width}));
  nc_vec_push(p->scratch, p->layers[layer].slots, p->slots.count - 1);
  return p->slots.count - 1;
}

static void add_link(Placing *p, Link link) {
  nc_vec_push(p->scratch, p->links, link);
  nc_vec_push(p->scratch, p->slots.items[link.from].down, p->links.count - 1);
  nc_vec_push(p->scratch, p->slots.items[link.to].up, p->links.count - 1);
}

static int by_layer(const void *a, const void *b) {
  return ((const int *)a)[1] - ((const int *)b)[1];
}

// One trunk goes down to the last layer that uses the value; uses branch off.
static void add_flow(Placing *p, int number) {
  const NcFlow *flow = &p->layout->flows.items[number];
  const NcItem *items = p->layout->items.items;
  int(*order)[2] = nc_arena_alloc(p->scratch, sizeof *order * ((size_t)flow->to.count + 1));
  for (int k = 0; k < flow->to.count; k++) {
    order[k][0] = k;
    order[k][1] = items[flow->to.items[k].item].layer;
  }
  qsort(order, (size_t)flow->to.count, sizeof *order, by_layer);
  int at = flow->from.item, layer = items[at].layer;
  double x = flow->from.x;
  for (int k = 0; k < flow->to.count; k++) {
    const NcPin *pin = &flow->to.items[order[k][0]];
    while (layer < order[k][1] - 1) {
      int through = add_slot(p, -1, ++layer, 0);
      add_link(p, (Link){number, at, through, x, 0});
      at = through;
      x = 0;
    }
    add_link(p, (Link){number, at, pin->item, x, pin->x});
  }
}

// ---- orders and positions

static double end_of(const Placing *p, const Link *link, bool up) {
  const Slot *slot = &p->slots.items[up ? link->from : link->to];
  return slot->x + (up ? link->from_x : link->to_x);
}

// Where a slot's left should be for its links to be upright.
static double wanted(const Placing *p, const Slot *slot, bool up, bool down) {
  double sum = 0;
  int count = 0;
  for (int i = 0; up && i < slot->up.count; i++, count++) {
    const Link *link = &p->links.items[slot->up.items[i]];
    sum += end_of(p, link, true) - link->to_x;
  }
  for (int i = 0; down && i < slot->down.count; i++, count++) {
    const Link *link = &p->links.items[slot->down.items[i]];
    sum += end_of(p, link, false) - link->from_x;
  }
  return count ? sum / count : slot->x;
}

static double gap_between(const Slot *a, const Slot *b) {
  return a->item < 0 && b->item < 0 ? through_gap : item_gap;
}

typedef struct Block {
  double sum, weight; // of what is wanted, less the offsets within the layer
  int first;
} Block;

// Positions nearest to those wanted, in least squares, that keep the order and the gaps: blocks
// that would overlap are joined.
static void settle(Placing *p, Layer *layer) {
  int count = layer->slots.count, blocks = 0;
  Block *block = p->blocks;
  double *offset = p->offsets;
  for (int i = 0; i < count; i++) {
    const Slot *slot = &p->slots.items[layer->slots.items[i]];
    const Slot *before = i ? &p->slots.items[layer->slots.items[i - 1]] : NULL;
    double weight = slot->item < 0 ? 4 : 1;
    offset[i] = before ? offset[i - 1] + before->width + gap_between(before, slot) : 0;
    block[blocks++] = (Block){(slot->wanted - offset[i]) * weight, weight, i};
    while (blocks > 1 && block[blocks - 2].sum * block[blocks - 1].weight >=
                             block[blocks - 1].sum * block[blocks - 2].weight) {
      block[blocks - 2].sum += block[blocks - 1].sum;
      block[blocks - 2].weight += block[blocks - 1].weight;
      blocks--;
    }
  }
  for (int b = 0; b < blocks; b++)
    for (int i = block[b].first; i < (b + 1 < blocks ? block[b + 1].first : count); i++)
      p->slots.items[layer->slots.items[i]].x = block[b].sum / block[b].weight + offset[i];
}

// Insertion keeps equals in order, and is quick on what is nearly sorted.
static void sort(Placing *p, Layer *layer) {
  for (int i = 1; i < layer->slots.count; i++) {
    int moved = layer->slots.items[i], k = i;
    double middle = p->slots.items[moved].wanted + p->slots.items[moved].width / 2;
    for (; k > 0; k--) {
      const Slot *left = &p->slots.items[layer->slots.items[k - 1]];
      if (left->wanted + left->width / 2 <= middle)
        break;
      layer->slots.items[k] = layer->slots.items[k - 1];
    }
    layer->slots.items[k] = moved;
  }
}

// What goes through a layer looks only to where the sweep comes from, so that it becomes straight.
static void sweep(Placing *p, bool downwards, bool orders, bool looks_both_ways) {
  for (int i = 0; i < p->layer_count; i++) {
    Layer *layer = &p->layers[downwards ? i : p->layer_count - 1 - i];
    for (int k = 0; k < layer->slots.count; k++) {
      Slot *slot = &p->slots.items[layer->slots.items[k]];
      bool both = looks_both_ways && slot->item >= 0;
      slot->wanted = wanted(p, slot, downwards || both, !downwards || both);
    }
    if (orders)
      sort(p, layer);
    settle(p, layer);
  }
}

static void arrange(Placing *p) {
  enum { ORDERS = 12, MOVES = 12 };
  p->blocks = NC_NEW_ARRAY(p->scratch, Block, p->slots.count + 1);
  p->offsets = NC_NEW_ARRAY(p->scratch, double, p->slots.count + 1);
  for (int i = 0; i < p->layer_count; i++)
    settle(p, &p->layers[i]);
  for (int i = 0; i < ORDERS; i++)
    sweep(p, i % 2 == 0, true, false);
  for (int i = 0; i < MOVES; i++)
    sweep(p, i % 2 == 0, false, true);
}

// ---- the result

// The gap grows with how far lines go sideways.
static double gap_below(const Placing *p, const Layer *layer) {
  double most = 0;
  for (int i = 0; i < layer->slots.count; i++) {
    const Slot *slot = &p->slots.items[layer->slots.items[i]];
    for (int k = 0; k < slot->down.count; k++) {
      const Link *link = &p->links.items[slot->down.items[k]];
      most = fmax(most, fabs(end_of(p, link, true) - end_of(p, link, false)));
    }
  }
  return fmin(layer_gap + most / 8, most_layer_gap);
}

static void set_items(Placing *p) {
  NcLayout *layout = p->layout;
  double left = INFINITY, y = 0;
  for (int i = 0; i < p->slots.count; i++)
    left = fmin(left, p->slots.items[i].x);
  for (int i = 0; i < p->slots.count; i++) {
    p->slots.items[i].x -= left;
    layout->width = fmax(layout->width, p->slots.items[i].x + p->slots.items[i].width);
  }
  for (int i = 0; i < p->layer_count; i++) {
    Layer *layer = &p->layers[i];
    layer->top = layer->bottom = y;
    for (int k = 0; k < layer->slots.count; k++) {
      const Slot *slot = &p->slots.items[layer->slots.items[k]];
      if (slot->item < 0)
        continue;
      NcItem *item = &layout->items.items[slot->item];
      item->x = slot->x;
      item->y = y;
      layer->bottom = fmax(layer->bottom, y + item->height);
    }
    layout->height = layer->bottom;
    y = layer->bottom + gap_below(p, layer);
  }
}

static void add_way(Placing *p, const Link *link) {
  NcFlow *flow = &p->layout->flows.items[link->flow];
  const Slot *from = &p->slots.items[link->from], *to = &p->slots.items[link->to];
  const Layer *above = &p->layers[from->layer], *below = &p->layers[to->layer];
  double x = from->x + link->from_x, end = to->x + link->to_x, y = above->top;
  if (from->item >= 0)
    y += p->layout->items.items[from->item].height;
  NcWay way = {.to = to->item};
  nc_vec_push(p->layout->arena, way.points, ((NcPoint){x, y}));
  if (y < above->bottom)
    nc_vec_push(p->layout->arena, way.points, ((NcPoint){x, above->bottom}));
  nc_vec_push(p->layout->arena, way.points, ((NcPoint){end, below->top}));
  nc_vec_push(p->layout->arena, flow->ways, way);
}

void nc_layout_place(NcLayout *layout) {
  NcArena *scratch = nc_arena_create();
  Placing p = {.layout = layout, .scratch = scratch, .layer_count = last_layer(layout) + 1};
  p.layers = NC_NEW_ARRAY(scratch, Layer, p.layer_count);
  for (int i = 0; i < layout->items.count; i++)
    add_slot(&p, i, layout->items.items[i].layer, layout->items.items[i].width);
  for (int i = 0; i < layout->flows.count; i++)
    add_flow(&p, i);
  arrange(&p);
  set_items(&p);
  for (int i = 0; i < p.links.count; i++)
    add_way(&p, &p.links.items[i]);
  nc_arena_destroy(scratch);
}
