// Pictures as files.
#ifndef NC_DRIVER_PLOT_FILE_H
#define NC_DRIVER_PLOT_FILE_H

#include "pictures/painter.h"

typedef struct NcPlotFile {
  const char *path; // as given
  bool svg;
  const NcPainter *painter;
} NcPlotFile;

// Checks that a picture can be written to `path`, whose ending says in which format, and loads the
// painter: before the work that it shows. NC_EXIT_OK, or the exit code after a message.
int nc_plot_file_open(NcArena *arena, const char *path, NcPlotFile *file);
// Writes the picture, whole or not at all. Likewise.
int nc_plot_file_write(const NcPlotFile *file, const NcPicture *picture);

#endif
