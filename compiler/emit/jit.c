// From plans to code in this process: parts are generated at once, then loaded together.
#define _GNU_SOURCE
#include "emit/jit.h"

#include "poison.h"
#include "workers.h"

#include <dlfcn.h>
#include <string.h>

struct NcJit {
  NcrtMachineCode *code;
};

// The parts as pieces of a job; each has its own arena, as threads share none.
typedef struct Generating {
  const NcGenerator *generator;
  const NcEmitParts *parts;
  const NcTarget *target;
  NcArena *arenas[NC_MAX_PARTS];
  NcrtObject objects[NC_MAX_PARTS];
  const char *messages[NC_MAX_PARTS]; // NULL where all went well
} Generating;

static void generate_part(void *context, int worker, int64_t part) {
  (void)worker;
  Generating *g = context;
  const char *message = NULL;
  if (!g->generator->object(g->arenas[part], g->parts, (int)part, g->target, &g->objects[part],
                            &message))
    g->messages[part] = message;
}

static bool generate_parts(Generating *g, NcrtStatus *status) {
  int processors = ncrt_processor_count(), count = g->parts->count;
  NcrtWorkers *workers;
  if (!ncrt_workers_open(processors < count ? processors : count, &workers, status))
    return false;
  for (int i = 0; i < count; i++)
    g->arenas[i] = nc_arena_create();
  ncrt_workers_run(workers, count, generate_part, g);
  ncrt_workers_close(workers);
  return true;
}

// Copies what the parts became, or the first message.
static bool collect(NcArena *arena, const Generating *g, NcObjects *objects, const char **message) {
  *message = NULL;
  objects->count = g->parts->count;
  for (int i = 0; i < objects->count; i++) {
    if (g->messages[i] && !*message)
      *message = nc_arena_strdup(arena, g->messages[i]);
    if (g->messages[i])
      continue;
    size_t size = g->objects[i].size;
    void *bytes = nc_arena_alloc(arena, size);
    objects->items[i] = (NcrtObject){memcpy(bytes, g->objects[i].bytes, size), size};
  }
  return !*message;
}

bool nc_jit_generate(NcArena *arena, const NcGenerator *generator, const NcEmitEntry *entries,
                     int count, const NcTarget *target, NcObjects *objects, const char **message) {
  Generating g = {.generator = generator,
                  .parts = nc_emit_parts(arena, entries, count, NC_MAX_PARTS),
                  .target = target};
  NcrtStatus status = {0};
  if (!generate_parts(&g, &status)) {
    *message = nc_arena_strdup(arena, status.message);
    return false;
  }
  bool ok = collect(arena, &g, objects, message);
  for (int i = 0; i < g.parts->count; i++)
    nc_arena_destroy(g.arenas[i]);
  return ok;
}

// In builds with the address sanitizer the generated code calls its reports; else it calls nothing.
static void *resolve(const char *name) {
  bool known = NCRT_SANITIZED && strncmp(name, "__asan_", 7) == 0;
  return known ? dlsym(RTLD_DEFAULT, name) : NULL;
}

NcJit *nc_jit_load(NcArena *arena, const NcObjects *objects, const char **message) {
  NcrtStatus status = {0};
  NcJit *jit = NC_NEW(arena, NcJit);
  if (ncrt_code_load(objects->items, objects->count, resolve, &jit->code, &status))
    return jit;
  *message = nc_arena_strdup(arena, status.message);
  return NULL;
}

NcJit *nc_jit_compile(NcArena *arena, const NcEmitEntry *entries, int count, const NcTarget *target,
                      const char **message) {
  const NcGenerator *generator = nc_generator(arena, message);
  NcObjects objects;
  return generator && nc_jit_generate(arena, generator, entries, count, target, &objects, message)
             ? nc_jit_load(arena, &objects, message)
             : NULL;
}

void nc_jit_destroy(NcJit *jit) {
  if (jit)
    ncrt_code_free(jit->code);
}

NcrtPhase nc_jit_phase(NcJit *jit, const char *name) { return ncrt_code_function(jit->code, name); }

static NcrtPhase find(void *jit, const char *name) { return nc_jit_phase(jit, name); }

static void destroy(void *jit) { nc_jit_destroy(jit); }

NcFunctions nc_jit_functions(NcJit *jit) { return (NcFunctions){find, destroy, jit}; }

char *nc_emit_text(NcArena *arena, const NcEmitEntry *entries, int count, const NcTarget *target,
                   bool assembly, const char **message) {
  const NcGenerator *generator = nc_generator(arena, message);
  const NcEmitParts *parts = nc_emit_parts(arena, entries, count, 1);
  return generator ? generator->text(arena, parts, target, assembly, message) : NULL;
}
