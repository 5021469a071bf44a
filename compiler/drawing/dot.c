// A picture in the language of Graphviz, which lays it out itself.
#include "drawing/drawing.h"

#include <string.h>

static void print_quoted(NcText *out, const char *text) {
  nc_text_append(out, "\"");
  for (; *text; text++) {
    if (*text == '"' || *text == '\\')
      nc_text_append(out, "\\");
    if (*text == '\n')
      nc_text_append(out, "\\n");
    else
      nc_text_append_n(out, (unsigned char)*text < ' ' ? "?" : text, 1);
  }
  nc_text_append(out, "\"");
}

static const char *shape_of(NcBoxKind kind) {
  switch (kind) {
  case NC_BOX_INPUT:
    return "shape=parallelogram";
  case NC_BOX_PARAM:
    return "shape=box, style=\"rounded,filled\"";
  case NC_BOX_STATE:
    return "shape=hexagon";
  case NC_BOX_CONST:
    return "fillcolor=white";
  case NC_BOX_RESULT:
    return "penwidth=2.4";
  case NC_BOX_UPDATE:
    return "shape=octagon, penwidth=2.4";
  case NC_BOX_OP:
  case NC_BOX_TAG:
    break;
  }
  return NULL;
}

static void print_box(NcText *out, const NcBox *box, const char *indent) {
  nc_text_printf(out, "%s%s [label=", indent, box->id);
  char *label = box->path ? nc_arena_printf(out->arena, "%s\n%s", box->title, box->path)
                          : nc_arena_strdup(out->arena, box->title);
  print_quoted(out, label);
  nc_text_append(out, ", tooltip=");
  print_quoted(out, box->statement);
  if (shape_of(box->kind))
    nc_text_printf(out, ", %s", shape_of(box->kind));
  if (box->backward)
    nc_text_printf(out, ", style=\"filled,dashed\", color=\"%s\", fillcolor=\"%s\"",
                   NC_BACKWARD_LINE, NC_BACKWARD_FILL);
  nc_text_append(out, "];\n");
}

static void print_group(NcText *out, const NcDrawing *d, int group, const int *first,
                        const int *next) {
  const NcGroup *g = &d->groups.items[group];
  nc_text_printf(out, "  subgraph cluster_%d {\n    label=", group);
  print_quoted(out, g->title ? g->title : "");
  nc_text_printf(out, "; color=\"#aaaaaa\"; bgcolor=\"#f6f6f6\"; style=%s;\n",
                 g->backward ? "dashed" : "solid");
  for (int i = first[group]; i >= 0; i = next[i])
    print_box(out, &d->boxes.items[i], "    ");
  nc_text_append(out, "  }\n");
}

static void print_edges(NcText *out, const NcDrawing *d) {
  for (int i = 0; i < d->boxes.count; i++) {
    const NcBox *box = &d->boxes.items[i];
    for (int k = 0; k < box->uses.count; k++) {
      nc_text_printf(out, "  %s -> %s [label=", box->id, d->boxes.items[box->uses.items[k].to].id);
      print_quoted(out, box->type);
      if (box->backward)
        nc_text_printf(out, ", style=dashed, color=\"%s\"", NC_BACKWARD_LINE);
      nc_text_append(out, "];\n");
    }
  }
}

static void print_legend(NcText *out) {
  static const struct {
    NcBoxKind kind;
    bool backward;
    const char *text;
  } entries[] = {{NC_BOX_INPUT, false, "input"},   {NC_BOX_PARAM, false, "param"},
                 {NC_BOX_STATE, false, "state"},   {NC_BOX_CONST, false, "constant"},
                 {NC_BOX_OP, false, "forward"},    {NC_BOX_OP, true, "backward and update"},
                 {NC_BOX_RESULT, false, "result"}, {NC_BOX_UPDATE, true, "update"}};
  nc_text_append(out, "  subgraph cluster_legend {\n    label=\"legend\";\n");
  for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
    NcBox box = {.kind = entries[i].kind,
                 .id = nc_arena_printf(out->arena, "legend%zu", i),
                 .title = entries[i].text,
                 .statement = entries[i].text,
                 .backward = entries[i].backward};
    print_box(out, &box, "    ");
  }
  nc_text_append(out, "  }\n");
}

void nc_drawing_dot(NcText *out, const NcDrawing *d) {
  int *first = NC_NEW_ARRAY(out->arena, int, d->groups.count + 1);
  int *next = NC_NEW_ARRAY(out->arena, int, d->boxes.count + 1);
  nc_text_append(out, "digraph {\n  label=");
  print_quoted(out, d->title);
  nc_text_printf(out,
                 "; labelloc=t; rankdir=TB;\n"
                 "  node [shape=box, style=filled, fontname=monospace, color=\"%s\", "
                 "fillcolor=\"%s\"];\n"
                 "  edge [fontname=monospace, fontsize=10, color=\"%s\"];\n",
                 NC_FORWARD_LINE, NC_FORWARD_FILL, NC_FORWARD_LINE);
  print_legend(out);
  for (int g = 0; g < d->groups.count; g++)
    first[g] = -1;
  for (int i = d->boxes.count - 1; i >= 0; i--) {
    int group = d->boxes.items[i].group;
    next[i] = group >= 0 ? first[group] : -1;
    if (group >= 0)
      first[group] = i;
  }
  for (int g = 0; g < d->groups.count; g++)
    print_group(out, d, g, first, next);
  for (int i = 0; i < d->boxes.count; i++)
    if (d->boxes.items[i].group < 0)
      print_box(out, &d->boxes.items[i], "  ");
  print_edges(out, d);
  nc_text_append(out, "}\n");
}
