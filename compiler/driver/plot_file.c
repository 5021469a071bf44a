// Writes pictures to files.
#include "driver/plot_file.h"

#include "driver/experiment.h"

#include <stdio.h>
#include <string.h>

int nc_plot_file_open(NcArena *arena, const char *path, NcPlotFile *file) {
  NcrtStatus status = {0};
  const char *message = NULL;
  *file = (NcPlotFile){.path = path, .svg = nc_ends_in_any_case(path, ".svg")};
  if (!file->svg && !nc_ends_in_any_case(path, ".png")) {
    fprintf(stderr, "netc: --plot takes a name that ends in .svg or .png, not '%s'\n", path);
    return NC_EXIT_USAGE;
  }
  if (!ncrt_file_check_target(path, &status))
    return nc_fail_status(&status);
  file->painter = nc_painter(arena, &message);
  if (file->painter)
    return NC_EXIT_OK;
  fprintf(stderr, "netc: %s\n", message);
  return NC_EXIT_MACHINE;
}

int nc_plot_file_write(const NcPlotFile *file, const NcPicture *picture) {
  NcText bytes = nc_text_create(picture->arena);
  const char *message = NULL;
  NcrtStatus status = {0};
  if (!file->painter->paint(picture, file->svg, &bytes, &message)) {
    fprintf(stderr, "netc: %s: %s\n", file->path, message);
    return NC_EXIT_INPUT;
  }
  NcrtPart part = {bytes.data, bytes.length};
  if (!ncrt_file_replace(file->path, &part, 1, &status))
    return nc_fail_status(&status);
  return NC_EXIT_OK;
}
