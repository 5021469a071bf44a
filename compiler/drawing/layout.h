// Places rectangles in layers so that what flows goes down: each is below all that it takes from,
// and nothing crosses a rectangle.
//
// The layers are those of the longest path. In each the order is by barycentres, and positions are
// the least squares from where neighbours are (Sugiyama, Tagawa and Toda, Methods for Visual
// Understanding of Hierarchical System Structures, 1981).
#ifndef NC_DRAWING_LAYOUT_H
#define NC_DRAWING_LAYOUT_H

#include "base/vec.h"
#include "drawing/drawing.h"

typedef enum NcEdge { NC_EDGE_NONE, NC_EDGE_TOP, NC_EDGE_BOTTOM } NcEdge;

typedef struct NcItem {
  double width, height;
  NcEdge edge; // in the first layer, or in the last
  int layer;   // set by nc_layout_layers
  double x, y; // of its upper left corner, set by nc_layout_place
} NcItem;

// A place on an item's upper or lower side.
typedef struct NcPin {
  int item;
  double x; // from the item's left
} NcPin;

// A way through the gap between two layers: from the bottom of one item to the top of another.
typedef struct NcWay {
  NC_VEC(NcPoint) points;
  int to; // the item that it ends at, or -1: it goes on in the next layer
} NcWay;

typedef struct NcFlow {
  NcPin from;
  NC_VEC(NcPin) to;
  NC_VEC(NcWay) ways;
} NcFlow;

typedef struct NcLayout {
  NcArena *arena;
  NC_VEC(NcItem) items;
  NC_VEC(NcFlow) flows; // without a circle
  double width, height;
} NcLayout;

void nc_layout_layers(NcLayout *layout);
// After nc_layout_layers. A flow goes to lower layers only.
void nc_layout_place(NcLayout *layout);

#endif
