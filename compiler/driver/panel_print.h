// Panels in a terminal's characters.
#ifndef NC_DRIVER_PANEL_PRINT_H
#define NC_DRIVER_PANEL_PRINT_H

#include "pictures/figure.h"

#include <stdio.h>

enum { NC_PANEL_WIDEST_IMAGE = 36 }; // in columns

// Prints the title, if there is one, then the images side by side, each under its caption, and the
// bars to their right: no wider than the terminal. `color`: whether there may be any.
void nc_panel_print(NcArena *arena, const NcPanel *panel, FILE *out, bool color);

#endif
