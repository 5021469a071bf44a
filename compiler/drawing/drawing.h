// A graph as a picture: boxes, what flows between them, and groups by the paths that users know.
#ifndef NC_DRAWING_DRAWING_H
#define NC_DRAWING_DRAWING_H

#include "ir/graph.h"

typedef enum NcBoxKind {
  NC_BOX_INPUT,
  NC_BOX_PARAM,
  NC_BOX_STATE, // also buffers and metrics' totals
  NC_BOX_OP,
  NC_BOX_CONST, // whatever has no operands and is no variable
  NC_BOX_RESULT,
  NC_BOX_UPDATE,
  NC_BOX_TAG, // stands for another box that is far away
} NcBoxKind;

// Where a value is used: operand `place` of box `to`.
typedef struct NcUse {
  int to, place;
} NcUse;

typedef struct NcBox {
  NcBoxKind kind;
  const NcNode *node;    // of a tag the one that it stands for; NULL of results and updates
  const char *id;        // unique in the picture
  const char *title;     // "%6 conv", "weights.c1", "loss"
  const char *path;      // NULL where it has none, or where the group's title says it
  const char *type;      // "f32[N, 10]"; NULL of results and updates
  const char *statement; // the node as text, with its place in the source
  bool backward;         // only updates of params and states need it
  int group;             // or -1
  int operands;
  int of; // of a tag: the box that it stands for; else -1
  NC_VEC(NcUse) uses;
  double x, y, width, height; // of its shape, after nc_drawing_arrange
} NcBox;

typedef struct NcGroup {
  const char *title; // or NULL
  bool backward;
  double x, y, width, height;
  double title_x; // where no line is in its way
} NcGroup;

typedef struct NcPoint {
  double x, y;
} NcPoint;

typedef struct NcLine {
  int from;   // box
  bool arrow; // its end is an operand's place
  NC_VEC(NcPoint) points;
} NcLine;

typedef struct NcLabel {
  double x, y; // left end of the base line
  const char *text;
} NcLabel;

typedef struct NcDrawing {
  NcArena *arena;
  const char *title;
  NC_VEC(NcBox) boxes; // operands before those that use them; results and updates last
  NC_VEC(NcGroup) groups;
  // What nc_drawing_arrange makes:
  NC_VEC(NcLine) lines;
  NC_VEC(NcLabel) labels; // types beside lines
  double width, height;
} NcDrawing;

// The most boxes that nc_drawing_arrange takes.
#define NC_DRAWING_MAX 20000

// Makes the boxes and groups of a graph, all of whose nodes are there once.
NcDrawing *nc_drawing_create(NcArena *arena, const NcGraph *graph, const NcSourceMap *sources,
                             const char *file);
// Gives everything its place. Values that are used far from where they are computed get a tag there
// in place of a long line.
void nc_drawing_arrange(NcDrawing *drawing);

void nc_drawing_dot(NcText *text, const NcDrawing *drawing);
// Of a drawing that was arranged.
void nc_drawing_svg(NcText *text, const NcDrawing *drawing);

// For this folder: decides which boxes are backward, and groups them (group.c).
void nc_drawing_group(NcDrawing *drawing, const NcGraph *graph);

// Okabe and Ito's colours, which people see apart whatever their eyes.
#define NC_FORWARD_LINE "#0072B2"
#define NC_FORWARD_FILL "#E3F1FA"
#define NC_BACKWARD_LINE "#B84A00"
#define NC_BACKWARD_FILL "#FDEBDD"

#endif
