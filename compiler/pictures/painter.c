// Loads what paints pictures.
#include "pictures/painter.h"

#include "base/plugin.h"

const NcPainter *nc_painter(NcArena *arena, const char **message) {
  static const NcPlugin plugin = {"painter of pictures", NC_PAINTER_FILE, NC_PAINTER_FUNCTION,
                                  nc_painter_id};
  return nc_plugin_load(arena, &plugin, message);
}
