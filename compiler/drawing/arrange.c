// Gives the boxes of a picture their places: first inside of each group, then groups and single
// boxes as a whole.
#include "drawing/arrange.h"

#include "drawing/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double frame = 10, frame_title = 20, pad = 8, port = 6;

// A value that is used more than this many layers further down is tagged there. No more than
// ABREAST parts that nothing follows, as the updates of params, stand side by side.
enum { FAR = 4, ABREAST = 5 };

typedef NC_VEC(int) Numbers;

// What is placed as a whole: a group or a box.
typedef struct Part {
  int group; // -1: one box
  Numbers boxes;
  NcLayout inside;     // of a group
  Numbers comes, goes; // boxes elsewhere that it uses, and its own that are used elsewhere
  int first_go;        // item of inside; the items are comes, boxes, goes
} Part;

typedef struct Arranging {
  NcDrawing *drawing;
  NcArena *scratch;
  NC_VEC(Part) parts;
  Numbers part_of;  // by box
  NcLayout outside; // item i is part i
} Arranging;

double nc_drawing_text_width(const char *text, double size) {
  double count = 0;
  for (; *text; text++)
    count += ((unsigned char)*text & 0xc0) != 0x80;
  return count * size * NC_CHARACTER;
}

static NcBox *box_at(const Arranging *a, int number) { return &a->drawing->boxes.items[number]; }

static Part *part_with(const Arranging *a, int box) {
  return &a->parts.items[a->part_of.items[box]];
}

static int find(const Numbers *numbers, int number) {
  for (int i = 0; i < numbers->count; i++)
    if (numbers->items[i] == number)
      return i;
  return -1;
}

// ---- sizes

static void set_size(NcBox *box) {
  double title = nc_drawing_text_width(box->title, NC_FONT);
  double path = box->path ? nc_drawing_text_width(box->path, NC_SMALL_FONT) : 0;
  bool upright = box->kind == NC_BOX_OP || box->kind == NC_BOX_CONST || box->kind == NC_BOX_TAG;
  box->width = fmax(title, path) + 2 * pad + (upright ? 0 : 2 * NC_SLANT);
  box->height = (box->path ? NC_SMALL_FONT + 3 : 0) + NC_FONT + 8;
}

static bool is_inside(const Arranging *a, int box, const NcUse *use) {
  return a->part_of.items[use->to] == a->part_of.items[box];
}

// The type stands under a box where a line begins there; else where the value leaves the group.
static bool is_labelled(const Arranging *a, int number) {
  const NcBox *box = box_at(a, number);
  bool used = false;
  for (int i = 0; i < box->uses.count; i++)
    used = used || part_with(a, number)->group < 0 || is_inside(a, number, &box->uses.items[i]);
  return used && box->type;
}

static double label_width(const NcBox *box) {
  return nc_drawing_text_width(box->type, NC_SMALL_FONT) + 10;
}

static NcItem cell(const Arranging *a, int number) {
  const NcBox *box = box_at(a, number);
  NcItem item = {.width = box->width, .height = box->height};
  if (is_labelled(a, number)) {
    item.width = fmax(item.width, box->width / 2 + label_width(box));
    item.height += NC_SMALL_FONT + 6;
  }
  return item;
}

// ---- parts

static void add_to_part(Arranging *a, int part, int box) {
  nc_vec_push(a->scratch, a->part_of, part);
  nc_vec_push(a->scratch, a->parts.items[part].boxes, box);
}

static int new_part(Arranging *a, int group) {
  nc_vec_push(a->scratch, a->parts, (Part){.group = group});
  return a->parts.count - 1;
}

static void find_parts(Arranging *a) {
  int *of_group = NC_NEW_ARRAY(a->scratch, int, a->drawing->groups.count + 1); // and 1
  for (int i = 0; i < a->drawing->boxes.count; i++) {
    int group = box_at(a, i)->group;
    int part = group >= 0 && of_group[group] ? of_group[group] - 1 : new_part(a, group);
    if (group >= 0)
      of_group[group] = part + 1;
    add_to_part(a, part, i);
  }
}

static double come_x(const Part *part, int box) {
  return part->inside.items.items[find(&part->comes, box)].x + frame + port / 2;
}

static double operand_x(const NcBox *box, int place) {
  return box->width * (place + 1) / (box->operands + 1);
}

static NcPin outer_end(const Arranging *a, int from, const NcUse *use, bool placed) {
  const Part *to = part_with(a, use->to);
  double x = 0;
  if (placed && to->group >= 0)
    x = come_x(to, from);
  else if (placed)
    x = operand_x(box_at(a, use->to), use->place);
  return (NcPin){a->part_of.items[use->to], x};
}

static bool has_pin(const NcFlow *flow, NcPin pin) {
  for (int i = 0; i < flow->to.count; i++)
    if (flow->to.items[i].item == pin.item && flow->to.items[i].x == pin.x)
      return true;
  return false;
}

static double go_x(const Part *part, int box) {
  return part->inside.items.items[part->first_go + find(&part->goes, box)].x + frame + port / 2;
}

// The flow of a value between parts, for the layers at first, and when the parts are placed within.
static void add_outer_flow(Arranging *a, int number, bool placed) {
  const NcBox *box = box_at(a, number);
  const Part *part = part_with(a, number);
  NcFlow flow = {.from = {.item = a->part_of.items[number]}};
  for (int i = 0; i < box->uses.count; i++) {
    if (is_inside(a, number, &box->uses.items[i]))
      continue;
    NcPin pin = outer_end(a, number, &box->uses.items[i], placed);
    if (!has_pin(&flow, pin))
      nc_vec_push(a->scratch, flow.to, pin);
  }
  if (flow.to.count == 0)
    return;
  if (placed)
    flow.from.x = part->group < 0 ? box->width / 2 : go_x(part, number);
  nc_vec_push(a->scratch, a->outside.flows, flow);
}

static int by_layer(const void *a, const void *b) {
  const NcItem *x = *(NcItem *const *)a, *y = *(NcItem *const *)b;
  return x->layer != y->layer ? (x->layer > y->layer) - (x->layer < y->layer) : (x > y) - (x < y);
}

// Moves those that are too many in a layer further down.
static void spread_ends(Arranging *a) {
  bool *goes_on = NC_NEW_ARRAY(a->scratch, bool, a->parts.count + 1);
  NC_VEC(NcItem *) ends = {0};
  for (int i = 0; i < a->outside.flows.count; i++)
    goes_on[a->outside.flows.items[i].from.item] = true;
  for (int i = 0; i < a->parts.count; i++)
    if (!goes_on[i] && a->parts.items[i].group >= 0)
      nc_vec_push(a->scratch, ends, &a->outside.items.items[i]);
  if (ends.count > 0)
    qsort(ends.items, (size_t)ends.count, sizeof *ends.items, by_layer);
  for (int i = ABREAST; i < ends.count; i++)
    if (ends.items[i]->layer <= ends.items[i - ABREAST]->layer)
      ends.items[i]->layer = ends.items[i - ABREAST]->layer + 1;
}

static void find_layers(Arranging *a) {
  for (int i = 0; i < a->parts.count; i++)
    nc_vec_push(a->scratch, a->outside.items, (NcItem){0});
  for (int i = 0; i < a->drawing->boxes.count; i++)
    add_outer_flow(a, i, false);
  nc_layout_layers(&a->outside);
  spread_ends(a);
  a->outside.flows.count = 0;
}

// ---- tags

static int add_tag(Arranging *a, int of, int part) {
  NcDrawing *d = a->drawing;
  int number = d->boxes.count, group = a->parts.items[part].group;
  NcBox tag = *box_at(a, of);
  tag.kind = NC_BOX_TAG;
  tag.id = nc_arena_printf(d->arena, "t%d", number);
  tag.group = group;
  tag.operands = 0;
  tag.of = of;
  tag.uses.items = NULL;
  tag.uses.count = tag.uses.capacity = 0;
  set_size(&tag);
  nc_vec_push(d->arena, d->boxes, tag);
  if (group < 0) { // stands above the box
    int layer = a->outside.items.items[part].layer - 1;
    part = new_part(a, -1);
    nc_vec_push(a->scratch, a->outside.items, ((NcItem){.layer = layer}));
  }
  add_to_part(a, part, number);
  return number;
}

static int layer_of(const Arranging *a, int box) {
  return a->outside.items.items[a->part_of.items[box]].layer;
}

// Hands the uses that are far from a box to tags, one in each part.
static void tag_uses(Arranging *a, int number) {
  NC_VEC(NcUse) near = {0};
  NcMap tags = nc_map_create(a->scratch);
  NC_VEC(NcUse) all = {box_at(a, number)->uses.items, box_at(a, number)->uses.count, 0};
  for (int i = 0; i < all.count; i++) {
    NcUse use = all.items[i];
    if (is_inside(a, number, &use) || layer_of(a, use.to) - layer_of(a, number) <= FAR) {
      nc_vec_push(a->drawing->arena, near, use);
      continue;
    }
    const char *key = nc_arena_printf(a->scratch, "%d", a->part_of.items[use.to]);
    int *tag = nc_map_get(&tags, key);
    if (!tag) {
      tag = NC_NEW(a->scratch, int);
      *tag = add_tag(a, number, a->part_of.items[use.to]);
      nc_map_set(&tags, key, tag);
    }
    nc_vec_push(a->drawing->arena, box_at(a, *tag)->uses, use);
  }
  box_at(a, number)->uses.items = near.items;
  box_at(a, number)->uses.count = near.count;
  box_at(a, number)->uses.capacity = near.capacity;
}

// ---- inside of a group

static void find_ports(Arranging *a, int number) {
  const NcBox *box = box_at(a, number);
  for (int i = 0; i < box->uses.count; i++) {
    if (is_inside(a, number, &box->uses.items[i]))
      continue;
    Part *from = part_with(a, number), *to = part_with(a, box->uses.items[i].to);
    if (from->goes.count == 0 || from->goes.items[from->goes.count - 1] != number)
      nc_vec_push(a->scratch, from->goes, number);
    if (to->comes.count == 0 || to->comes.items[to->comes.count - 1] != number)
      if (find(&to->comes, number) < 0)
        nc_vec_push(a->scratch, to->comes, number);
  }
}

// What a value inside of the group, or one that comes into it, flows to.
static void add_inner_flow(Arranging *a, Part *part, NcPin from, int number) {
  const NcBox *box = box_at(a, number);
  NcFlow flow = {.from = from};
  for (int i = 0; i < box->uses.count; i++) {
    const NcUse *use = &box->uses.items[i];
    if (part_with(a, use->to) != part)
      continue;
    NcPin pin = {part->comes.count + find(&part->boxes, use->to),
                 operand_x(box_at(a, use->to), use->place)};
    nc_vec_push(a->scratch, flow.to, pin);
  }
  int go = find(&part->goes, number);
  if (go >= 0)
    nc_vec_push(a->scratch, flow.to, ((NcPin){part->first_go + go, port / 2}));
  if (flow.to.count > 0)
    nc_vec_push(a->scratch, part->inside.flows, flow);
}

static void add_inner_items(Arranging *a, Part *part) {
  NcLayout *inside = &part->inside;
  for (int i = 0; i < part->comes.count; i++)
    nc_vec_push(a->scratch, inside->items, ((NcItem){.width = port, .edge = NC_EDGE_TOP}));
  for (int i = 0; i < part->boxes.count; i++)
    nc_vec_push(a->scratch, inside->items, cell(a, part->boxes.items[i]));
  part->first_go = inside->items.count;
  for (int i = 0; i < part->goes.count; i++) {
    NcItem item = {.width = port / 2 + label_width(box_at(a, part->goes.items[i])),
                   .height = NC_SMALL_FONT + 6,
                   .edge = NC_EDGE_BOTTOM};
    nc_vec_push(a->scratch, inside->items, item);
  }
}

// The first place for a title of this width that no line comes through; from the group's left.
static double title_place(const Part *part, double width) {
  const double clear = 5;
  double x = frame;
  for (bool moved = true; moved;) {
    moved = false;
    for (int i = 0; i < part->comes.count; i++) {
      double line = part->inside.items.items[i].x + frame + port / 2;
      if (line <= x - clear || line >= x + width + clear)
        continue;
      x = line + clear + 1;
      moved = true;
    }
  }
  return x;
}

static NcItem arrange_group(Arranging *a, Part *part) {
  NcGroup *group = &a->drawing->groups.items[part->group];
  double width = group->title ? nc_drawing_text_width(group->title, NC_SMALL_FONT) : 0;
  part->inside.arena = a->scratch;
  add_inner_items(a, part);
  for (int i = 0; i < part->comes.count; i++)
    add_inner_flow(a, part, (NcPin){i, port / 2}, part->comes.items[i]);
  for (int i = 0; i < part->boxes.count; i++) {
    double middle = box_at(a, part->boxes.items[i])->width / 2;
    add_inner_flow(a, part, (NcPin){part->comes.count + i, middle}, part->boxes.items[i]);
  }
  nc_layout_layers(&part->inside);
  nc_layout_place(&part->inside);
  group->title_x = title_place(part, width);
  return (NcItem){.width = fmax(part->inside.width + 2 * frame, group->title_x + width + frame),
                  .height = part->inside.height + frame_title + frame};
}

// ---- the whole

// `part` is the group that the flow is in, or NULL.
static void add_lines(Arranging *a, const NcFlow *flow, const Part *part, int box, double x,
                      double y) {
  for (int i = 0; i < flow->ways.count; i++) {
    const NcWay *way = &flow->ways.items[i];
    NcLine line = {.from = box};
    for (int k = 0; k < way->points.count; k++)
      nc_vec_push(a->drawing->arena, line.points,
                  ((NcPoint){way->points.items[k].x + x, way->points.items[k].y + y}));
    if (way->to >= 0)
      line.arrow = part ? way->to >= part->comes.count && way->to < part->first_go
                        : a->parts.items[way->to].group < 0;
    nc_vec_push(a->drawing->arena, a->drawing->lines, line);
  }
}

static void add_upright(Arranging *a, int box, double x, double top, double bottom) {
  NcLine line = {.from = box};
  nc_vec_push(a->drawing->arena, line.points, ((NcPoint){x, top}));
  nc_vec_push(a->drawing->arena, line.points, ((NcPoint){x, bottom}));
  nc_vec_push(a->drawing->arena, a->drawing->lines, line);
}

static void add_label(Arranging *a, double x, double y, const NcBox *box) {
  nc_vec_push(a->drawing->arena, a->drawing->labels,
              ((NcLabel){x + 5, y + NC_SMALL_FONT + 1, box->type}));
}

static void set_box(Arranging *a, int number, double x, double y) {
  NcBox *box = box_at(a, number);
  box->x = x;
  box->y = y;
  if (!is_labelled(a, number))
    return;
  add_label(a, x + box->width / 2, y + box->height, box);
  add_upright(a, number, x + box->width / 2, y + box->height, y + cell(a, number).height);
}

static void set_group(Arranging *a, const Part *part, const NcItem *item) {
  NcGroup *group = &a->drawing->groups.items[part->group];
  const NcItem *inner = part->inside.items.items;
  double x = item->x + frame, y = item->y + frame_title;
  group->x = item->x;
  group->y = item->y;
  group->title_x += item->x;
  group->width = item->width;
  group->height = item->height;
  for (int i = 0; i < part->comes.count; i++)
    add_upright(a, part->comes.items[i], x + inner[i].x + port / 2, item->y, y + inner[i].y);
  for (int i = 0; i < part->boxes.count; i++) {
    const NcItem *box = &inner[part->comes.count + i];
    set_box(a, part->boxes.items[i], x + box->x, y + box->y);
  }
  for (int i = 0; i < part->goes.count; i++) {
    const NcItem *go = &inner[part->first_go + i];
    add_upright(a, part->goes.items[i], x + go->x + port / 2, y + go->y, item->y + item->height);
    add_label(a, x + go->x + port / 2, y + go->y, box_at(a, part->goes.items[i]));
  }
  for (int i = 0; i < part->inside.flows.count; i++) {
    const NcFlow *flow = &part->inside.flows.items[i];
    int from = flow->from.item, own = from - part->comes.count;
    add_lines(a, flow, part, own < 0 ? part->comes.items[from] : part->boxes.items[own], x, y);
  }
}

static void set_places(Arranging *a) {
  for (int i = 0; i < a->parts.count; i++) {
    const Part *part = &a->parts.items[i];
    NcItem *item = &a->outside.items.items[i];
    item->x += NC_MARGIN;
    item->y += NC_HEADING;
    if (part->group < 0)
      set_box(a, part->boxes.items[0], item->x, item->y);
    else
      set_group(a, part, item);
  }
}

void nc_drawing_arrange(NcDrawing *d) {
  NcArena *scratch = nc_arena_create();
  Arranging a = {.drawing = d, .scratch = scratch, .outside = {.arena = scratch}};
  int count = d->boxes.count;
  for (int i = 0; i < count; i++)
    set_size(&d->boxes.items[i]);
  find_parts(&a);
  find_layers(&a);
  for (int i = 0; i < count; i++)
    tag_uses(&a, i);
  for (int i = 0; i < d->boxes.count; i++)
    find_ports(&a, i);
  for (int i = 0; i < a.parts.count; i++) {
    Part *part = &a.parts.items[i];
    NcItem size = part->group < 0 ? cell(&a, part->boxes.items[0]) : arrange_group(&a, part);
    a.outside.items.items[i].width = size.width;
    a.outside.items.items[i].height = size.height;
  }
  NC_VEC(int) flow_box = {0};
  for (int i = 0; i < d->boxes.count; i++) {
    int before = a.outside.flows.count;
    add_outer_flow(&a, i, true);
    if (a.outside.flows.count > before)
      nc_vec_push(scratch, flow_box, i);
  }
  nc_layout_place(&a.outside);
  set_places(&a);
  for (int i = 0; i < flow_box.count; i++)
    add_lines(&a, &a.outside.flows.items[i], NULL, flow_box.items[i], NC_MARGIN, NC_HEADING);
  d->width = fmax(a.outside.width, nc_drawing_legend_width()) + 2 * NC_MARGIN;
  d->height = a.outside.height + NC_HEADING + NC_MARGIN;
  nc_arena_destroy(scratch);
}
