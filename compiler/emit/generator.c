// Loads the code generator.
#include "emit/generator.h"

#include "base/plugin.h"

const NcGenerator *nc_generator(NcArena *arena, const char **message) {
  static const NcPlugin plugin = {"code generator", NC_GENERATOR_FILE, NC_GENERATOR_FUNCTION,
                                  nc_build_id};
  return nc_plugin_load(arena, &plugin, message);
}
