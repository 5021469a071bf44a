// A graph as source text: see net.h.
#include "emit/net.h"

#include "ir/spell.h"

#include <ctype.h>
#include <string.h>

static bool is_word(char c) { return c == '_' || isalnum((unsigned char)c); }

NcNetWriter nc_net_writer(NcText *out, const NcSourceMap *sources) {
  return (NcNetWriter){
      .out = out, .arena = out->arena, .sources = sources, .taken = nc_map_create(out->arena)};
}

static void take(NcNetWriter *w, const char *name) { nc_map_set(&w->taken, name, w); }

static void take_words_of(NcNetWriter *w, const char *text) {
  while (*text) {
    size_t length = 0;
    while (is_word(text[length]))
      length++;
    if (length > 0 && !isdigit((unsigned char)*text))
      take(w, nc_arena_strndup(w->arena, text, length));
    text += length ? length : 1;
  }
}

static bool is_leaf(const NcNode *node) {
  return node->op == &nc_op_input || node->op == &nc_op_variable;
}

void nc_net_take_words(NcNetWriter *w, const NcGraph *graph) {
  static const char *const blank[NC_MAX_OPERANDS] = {"", "", "", "", "", "", "", ""};
  for (int i = 0; i < graph->nodes.count; i++) {
    if (is_leaf(graph->nodes.items[i]))
      continue;
    NcText text = nc_text_create(w->arena);
    nc_spell_node(&text, graph->nodes.items[i], blank);
    take_words_of(w, text.data);
  }
}

// "net.conv[0].kernel" becomes net_conv_0_kernel.
static char *identifier(NcArena *arena, const char *path) {
  NcText name = nc_text_create(arena);
  bool gap = false;
  for (const char *c = path; *c; c++) {
    if (!is_word(*c)) {
      gap = name.length > 0;
      continue;
    }
    bool needed = gap || (name.length == 0 && isdigit((unsigned char)*c));
    nc_text_append(&name, needed ? "_" : "");
    nc_text_append_n(&name, c, 1);
    gap = false;
  }
  return name.data ? name.data : nc_arena_strdup(arena, "v");
}

const char *nc_net_name(NcNetWriter *w, const char *path) {
  const char *name = identifier(w->arena, path), *free = name;
  for (int i = 2; nc_map_get(&w->taken, free); i++)
    free = nc_arena_printf(w->arena, "%s_%d", name, i);
  take(w, free);
  return free;
}

// ---- operands

// A tensor, repeated along leading axes, as the language does by itself.
static bool is_trailing(const NcNode *node) {
  if (strcmp(node->op->name, "broadcast") != 0)
    return false;
  const NcAttr *axes = nc_node_attr(node, "axes");
  for (int i = 0; i < axes->count; i++)
    if (axes->ints[i] != node->type.rank - axes->count + i)
      return false;
  return true;
}

static bool is_constant(const NcNode *node) { return strcmp(node->op->name, "const") == 0; }

// Whether another operand gives dtype and shape, so that operand k may be said in brief: as a
// literal, or before it is repeated. A literal of integers stands on the right alone, since the
// base of a power would turn into a float.
static bool is_brief(const NcNode *node, int k) {
  const NcNode *operand = node->operands[k];
  bool literal = is_constant(operand) && (k > 0 || nc_dtype_is_float(operand->type.dtype));
  if (!(node->op->facts & NC_FACT_ELEMENTWISE) || !(literal || is_trailing(operand)))
    return false;
  for (int i = 0; i < node->operand_count; i++) {
    const NcNode *other = node->operands[i];
    if (i != k && other->type.dtype == operand->type.dtype && !is_constant(other) &&
        !is_trailing(other))
      return true;
  }
  return false;
}

// The node that is named where operand k stands; NULL: none, it is a literal.
static const NcNode *named_operand(const NcNode *node, int k) {
  const NcNode *operand = node->operands[k];
  return !is_brief(node, k) ? operand : is_constant(operand) ? NULL : operand->operands[0];
}

static const char *operand_text(NcNetWriter *w, const char **names, const NcNode *node, int k) {
  const NcNode *named = named_operand(node, k), *operand = node->operands[k];
  if (named)
    return names[named->id];
  NcText text = nc_text_create(w->arena);
  nc_spell_number(&text, nc_node_attr(operand, "value")->f, operand->type.dtype);
  return text.data;
}

// ---- statements

// Which nodes are named by some statement, by id.
static bool *find_needed(NcNetWriter *w, const NcGraph *graph) {
  bool *needed = NC_NEW_ARRAY(w->arena, bool, graph->next_id + 1);
  for (int i = 0; i < graph->results.count; i++)
    needed[graph->results.items[i].node->id] = true;
  for (int i = graph->nodes.count - 1; i >= 0; i--) {
    const NcNode *node = graph->nodes.items[i];
    for (int k = 0; needed[node->id] && k < node->operand_count; k++)
      if (named_operand(node, k))
        needed[named_operand(node, k)->id] = true;
  }
  return needed;
}

static const char *path_of(const NcNode *node) {
  return !node->origin ? NULL : node->origin->bound ? node->origin->bound : node->origin->path;
}

// The last node of a path is what its users mean by it.
static void name_nodes(NcNetWriter *w, const NcNetStatements *s, const bool *needed) {
  NcMap last = nc_map_create(w->arena);
  for (int i = 0; i < s->graph->nodes.count; i++) {
    NcNode *node = s->graph->nodes.items[i];
    if (path_of(node) && needed[node->id])
      nc_map_set(&last, path_of(node), node);
  }
  for (int i = 0; i < s->graph->nodes.count; i++) {
    const NcNode *node = s->graph->nodes.items[i];
    if (!needed[node->id] || s->names[node->id])
      continue;
    bool own = path_of(node) && nc_map_get(&last, path_of(node)) == node;
    s->names[node->id] =
        nc_net_name(w, own ? path_of(node) : nc_arena_printf(w->arena, "v%d", node->id));
  }
}

static void write_place(NcNetWriter *w, const NcOrigin *origin) {
  const char *place = origin ? nc_source_name_line(w->sources, origin->span, w->arena) : NULL;
  nc_text_append(w->out, place ? "  # " : "");
  nc_text_printable(w->out, place ? place : "");
}

static void write_statement(NcNetWriter *w, const NcNetStatements *s, const NcNode *node) {
  const char *operands[NC_MAX_OPERANDS] = {NULL}, *name = s->names[node->id];
  for (int k = 0; k < node->operand_count; k++)
    operands[k] = operand_text(w, s->names, node, k);
  nc_text_printf(w->out, "%s%s%s = ", s->indent, nc_map_get(&s->outputs, name) ? "output " : "",
                 name);
  nc_spell_node(w->out, node, operands);
  write_place(w, node->origin);
  nc_text_append(w->out, "\n");
}

void nc_net_write(NcNetWriter *w, NcNetStatements *s) {
  const bool *needed = find_needed(w, s->graph);
  name_nodes(w, s, needed);
  for (int i = 0; i < s->graph->nodes.count; i++) {
    const NcNode *node = s->graph->nodes.items[i];
    if (needed[node->id] && !is_leaf(node))
      write_statement(w, s, node);
  }
}
