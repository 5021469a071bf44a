// Figures, as papers have them: images with titles and bars, curves, histograms, tiles of values.
// Each function lays out a picture of the size that its content needs; strings and arrays must live
// as long as the picture.
#ifndef NC_PICTURES_FIGURE_H
#define NC_PICTURES_FIGURE_H

#include "pictures/painter.h"

// A share between 0 and 1.
typedef struct NcBar {
  const char *name;
  double value;
  uint32_t colour;
  bool strong; // the name is bold
} NcBar;

// What is shown of one sample: images side by side, and to their right bars.
typedef struct NcPanel {
  const char *title;
  bool wrong; // the title has another colour and a cross before it, the image a frame
  const NcPixels *images;
  const char *const *captions; // under the images, or NULL
  int image_count;
  const NcBar *bars;
  int bar_count;
} NcPanel;

enum { NC_FIGURE_MOST_PANELS = 100 }; // what a page holds

// Panels in rows, as near to a square as a page is wide.
NcPicture *nc_figure_panels(NcArena *arena, const NcPainter *painter, const char *title,
                            const NcPanel *panels, int count);

// y over x; values that are not finite, or beyond 1e300, leave a gap.
typedef struct NcCurve {
  const char *name;
  const double *x, *y;
  int count;
} NcCurve;

// At most two curves, with their common axes.
typedef struct NcChart {
  const char *title, *x_label;
  const NcCurve *curves;
  int count;
} NcChart;

NcPicture *nc_figure_curves(NcArena *arena, const NcPainter *painter, const char *title,
                            const NcChart *charts, int count);

// A horizontal bar from 0; `part` of its value is darker.
typedef struct NcTimeBar {
  const char *name, *note; // to the left of the plot, and to its right
  double value, part;      // 0 <= part <= value
  int group;               // whose colour it has, of at most three
} NcTimeBar;

typedef struct NcTimes {
  const char *title, *x_label;
  const char *part; // what the darker part means
  const char *const *groups;
  int group_count;
  const NcTimeBar *bars;
  int count;
} NcTimes;

NcPicture *nc_figure_times(NcArena *arena, const NcPainter *painter, const NcTimes *times);

// How often values lie where. Values that are not finite are left out.
NcPicture *nc_figure_histogram(NcArena *arena, const NcPainter *painter, const char *title,
                               const float *values, int64_t count);

// `count` images of height x width values, one after the other, with one scale of colours for all:
// from blue over white to vermilion where there are negative values, else from white to blue.
NcPicture *nc_figure_tiles(NcArena *arena, const NcPainter *painter, const char *title,
                           const float *values, int count, int height, int width);

#endif
