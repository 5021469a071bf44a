// Gets machine code: from the cache, or from the code generator.
#include "driver/code.h"

#include "driver/cache.h"
#include "emit/key.h"

static NcJit *make_code(NcUnit *unit, const NcEmitEntry *entries, int count, const NcTarget *target,
                        NcObjects *objects, const char **message) {
  const NcGenerator *generator = nc_generator(unit->arena, message);
  nc_timings_mark(&unit->timings, "load the code generator");
  if (!generator ||
      !nc_jit_generate(unit->arena, generator, entries, count, target, objects, message))
    return NULL;
  nc_timings_mark(&unit->timings, "generate code");
  NcJit *jit = nc_jit_load(unit->arena, objects, message);
  nc_timings_mark(&unit->timings, "load code");
  return jit;
}

NcJit *nc_unit_code(NcUnit *unit, const NcEmitEntry *entries, int count, const NcTarget *target,
                    const char **message) {
  NcCache cache = nc_cache_open(unit->arena);
  NcHash key = nc_code_key(unit->arena, entries, count, target);
  NcObjects objects;
  bool found = nc_cache_read(&cache, unit->arena, &key, &objects);
  nc_timings_mark(&unit->timings, "look in the cache");
  NcJit *jit = found ? nc_jit_load(unit->arena, &objects, message) : NULL;
  if (jit) {
    nc_timings_mark(&unit->timings, "load code");
    return jit;
  }
  jit = make_code(unit, entries, count, target, &objects, message);
  if (jit) {
    const char *hindered = nc_cache_write(&cache, unit->arena, &key, &objects);
    if (hindered && !unit->cache_told) {
      fprintf(unit->messages, "netc: note: %s\n", hindered);
      unit->cache_told = true;
    }
    nc_timings_mark(&unit->timings, "write to the cache");
  }
  return jit;
}
