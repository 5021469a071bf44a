// Axes of charts: round numbers, ticks, and where a value lies.
#ifndef NC_PICTURES_AXES_H
#define NC_PICTURES_AXES_H

#include "pictures/picture.h"

typedef struct NcAxis {
  double low, high, step; // ticks are multiples of step
} NcAxis;

// An axis that shows low … high with about `ticks` ticks; `whole` has none between integers.
NcAxis nc_axis(double low, double high, int ticks, bool whole);
// A tick's number as text, in the buffer; 40 bytes hold any.
const char *nc_axis_number(const NcAxis *axis, double value, char *buffer);

// The width of the widest number of a vertical axis.
double nc_axis_width(const NcPicture *picture, const NcAxis *axis);
// Draws ticks with numbers below the plot, and lines across it with numbers to its left.
void nc_axes_draw(NcPicture *picture, NcRect plot, const NcAxis *x, const NcAxis *y,
                  const char *x_label);
NcSpot nc_axes_point(NcRect plot, const NcAxis *x, const NcAxis *y, double at_x, double at_y);

// The fonts of all charts.
extern const NcFont nc_chart_title_font, nc_chart_font, nc_chart_label_font;

#endif
