// What the layout of a picture and what prints it agree on.
#ifndef NC_DRAWING_ARRANGE_H
#define NC_DRAWING_ARRANGE_H

#include "drawing/drawing.h"

#define NC_FONT 12.0
#define NC_SMALL_FONT 10.0
#define NC_CHARACTER 0.602 // the width of one, of fixed pitch, by the font's size
#define NC_SLANT 8.0       // of the shapes that have slanted sides
#define NC_MARGIN 24.0
#define NC_HEADING 100.0 // above the graph: title and legend

double nc_drawing_text_width(const char *text, double size);
// The width that the legend needs.
double nc_drawing_legend_width(void);

#endif
