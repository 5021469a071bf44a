// From a graph to the boxes of its picture.
#include "drawing/drawing.h"

#include <string.h>

typedef struct Making {
  NcDrawing *drawing;
  const NcSourceMap *sources;
  int *box_of; // by node id
} Making;

static NcBoxKind kind_of(const NcNode *node) {
  if (node->op == &nc_op_input)
    return NC_BOX_INPUT;
  if (node->op == &nc_op_variable)
    return node->variable->kind == NC_VAR_PARAM ? NC_BOX_PARAM : NC_BOX_STATE;
  return node->operand_count == 0 ? NC_BOX_CONST : NC_BOX_OP;
}

// Names can be longer than a picture is wide: the middle of these is left out.
static const char *shorten(NcArena *arena, const char *name) {
  const size_t most = 60, end = 24;
  size_t length = strlen(name);
  if (length <= most)
    return name;
  return nc_arena_printf(arena, "%.*s...%s", (int)(most - end - 3), name, name + length - end);
}

static const char *title_of(NcArena *arena, const NcNode *node) {
  if (node->op == &nc_op_input)
    return node->name;
  if (node->op == &nc_op_variable)
    return node->variable->name;
  NcText text = nc_text_create(arena);
  nc_text_printf(&text, "%%%d %s", node->id, node->op->name);
  for (int i = 0; i < nc_op_attr_count(node->op); i++)
    if (node->op->attrs[i].kind == NC_ATTR_FLOAT) {
      nc_text_append(&text, " ");
      nc_text_float(&text, node->attrs[i].f, node->type.dtype == NC_F32);
    }
  return text.data;
}

static const char *statement_of(Making *m, const NcNode *node) {
  NcText text = nc_text_create(m->drawing->arena);
  const NcSpan *span = node->origin ? &node->origin->span : NULL;
  if (kind_of(node) == NC_BOX_OP || kind_of(node) == NC_BOX_CONST)
    nc_node_print(&text, node);
  else
    nc_text_printf(&text, "%s: %s", title_of(m->drawing->arena, node),
                   nc_type_format(m->drawing->arena, &node->type));
  if (span && span->file >= 0 && span->file < m->sources->files.count) {
    int line, column;
    nc_source_position(m->sources, span->file, span->begin, &line, &column);
    nc_text_printf(&text, "\n%s:%d:%d", m->sources->files.items[span->file].name, line, column);
  }
  if (node->origin && node->origin->path)
    nc_text_printf(&text, "\n%s", node->origin->path);
  return text.data;
}

static void add_use(NcDrawing *drawing, int from, NcUse use) {
  NcBox *box = &drawing->boxes.items[from];
  nc_vec_push(drawing->arena, box->uses, use);
}

static void add_node(Making *m, const NcNode *node) {
  NcDrawing *d = m->drawing;
  bool leaf = node->op == &nc_op_input || node->op == &nc_op_variable;
  NcBox box = {.kind = kind_of(node),
               .node = node,
               .id = nc_arena_printf(d->arena, "n%d", node->id),
               .title = shorten(d->arena, title_of(d->arena, node)),
               .path = !leaf && node->origin && node->origin->path
                           ? shorten(d->arena, node->origin->path)
                           : NULL,
               .type = nc_type_format(d->arena, &node->type),
               .statement = statement_of(m, node),
               .group = -1,
               .operands = node->operand_count,
               .of = -1};
  m->box_of[node->id] = d->boxes.count;
  for (int i = 0; i < node->operand_count; i++)
    add_use(d, m->box_of[node->operands[i]->id], (NcUse){d->boxes.count, i});
  nc_vec_push(d->arena, d->boxes, box);
}

static void add_end(Making *m, NcBoxKind kind, int number, const char *what, const char *name,
                    const NcNode *of) {
  NcDrawing *d = m->drawing;
  const char *title = nc_arena_printf(d->arena, "%s %s", what, name);
  NcBox box = {.kind = kind,
               .id = nc_arena_printf(d->arena, "%c%d", kind == NC_BOX_RESULT ? 'r' : 'u', number),
               .title = shorten(d->arena, title),
               .statement = title,
               .group = -1,
               .operands = 1,
               .of = -1};
  add_use(d, m->box_of[of->id], (NcUse){d->boxes.count, 0});
  nc_vec_push(d->arena, d->boxes, box);
}

NcDrawing *nc_drawing_create(NcArena *arena, const NcGraph *graph, const NcSourceMap *sources,
                             const char *file) {
  static const char *const results[] = {"output", "loss", "metric"};
  NcDrawing *d = NC_NEW(arena, NcDrawing);
  Making m = {d, sources, NC_NEW_ARRAY(arena, int, graph->next_id + 1)};
  d->arena = arena;
  d->title = nc_arena_printf(arena, "%s: graph %s", file, graph->name);
  for (int i = 0; i < graph->nodes.count; i++)
    add_node(&m, graph->nodes.items[i]);
  for (int i = 0; i < graph->results.count; i++) {
    const NcResult *r = &graph->results.items[i];
    add_end(&m, NC_BOX_RESULT, i, results[r->kind], r->name, r->node);
  }
  for (int i = 0; i < graph->updates.count; i++)
    add_end(&m, NC_BOX_UPDATE, i, "update", graph->updates.items[i].variable->name,
            graph->updates.items[i].node);
  nc_drawing_group(d, graph);
  return d;
}
