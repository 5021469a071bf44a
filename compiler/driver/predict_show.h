// How predictions are shown: as a table, as JSON, as panels of image and bars.
#ifndef NC_DRIVER_PREDICT_SHOW_H
#define NC_DRIVER_PREDICT_SHOW_H

#include "driver/prediction.h"
#include "pictures/figure.h"

// Which samples of a prediction are shown, in this order, and how many classes of each.
typedef struct NcShown {
  const NcPrediction *p;
  const int64_t *items;
  int64_t count;
  int top;
} NcShown;

// A table, as wide as the terminal at most, and what there is to say about it.
void nc_predict_table(const NcShown *shown, FILE *out, bool color);
// An object a line. False if there is no memory.
bool nc_predict_json(const NcShown *shown, FILE *out);

// Each sample's images (the input, and outputs that are images) and, if `bars`, its classes.
NcPanel *nc_predict_panels(const NcShown *shown, bool bars);
// Whether any sample has an image.
bool nc_predict_has_images(const NcPrediction *p);

#endif
