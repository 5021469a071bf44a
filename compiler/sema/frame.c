// Frames: the calls that are being inlined, and where the nodes built for them come from.
#include "sema/sema.h"

#include <string.h>

static NcPath *call_path(NcSema *s, NcPath *parent, const char *name) {
  int *count = nc_map_get(&parent->counts, name);
  if (!count) {
    count = NC_NEW(s->arena, int);
    nc_map_set(&parent->counts, name, count);
  }
  NcPath *path = NC_NEW(s->arena, NcPath);
  *path = (NcPath){.parent = parent, .name = name, .ordinal = (*count)++, .count = count};
  path->counts = nc_map_create(s->arena);
  return path;
}

static NcPath *root_path(NcSema *s) {
  NcPath *path = NC_NEW(s->arena, NcPath);
  path->counts = nc_map_create(s->arena);
  return path;
}

static const NcOrigin *make_origin(NcSema *s, NcSpan span) {
  NcOrigin *origin = NC_NEW(s->arena, NcOrigin);
  origin->span = nc_sema_user_span(s, span);
  origin->caller = s->frame->origin;
  NcPath *path = s->frame->binding ? s->frame->binding : s->frame->path;
  nc_vec_push(s->arena, s->origins, ((NcUnnamed){origin, path, NULL}));
  return origin;
}

static NcFrame *new_frame(NcSema *s, NcSymbol *fn, NcSpan call, NcScope *globals) {
  NcFrame *frame = NC_NEW(s->arena, NcFrame);
  frame->caller = s->frame;
  frame->fn = fn;
  frame->call = call;
  frame->scope = frame->base = nc_scope_create(s->arena, globals);
  return frame;
}

NcFrame *nc_sema_enter(NcSema *s, NcSymbol *fn, NcSpan call, NcScope *globals) {
  NcFrame *caller = s->frame, *frame = new_frame(s, fn, call, globals);
  if (fn && caller) {
    frame->instance = caller->instance;
    frame->suffix = caller->suffix;
  }
  if (fn && caller && nc_sema_is_builtin(s, fn->span)) {
    // the library's functions are as operators to the user: not part of any path
    frame->path = caller->path;
    frame->binding = caller->binding;
    frame->origin = caller->origin;
  } else if (fn && caller) {
    frame->path = call_path(s, caller->path, fn->name);
    frame->binding = caller->binding;
    frame->origin = make_origin(s, call);
  } else {
    frame->path = root_path(s);
  }
  return s->frame = frame;
}

NcFrame *nc_sema_enter_layer(NcSema *s, NcInstance *instance, NcSpan call) {
  bool layer = instance->symbol->decl->kind == NC_DECL_LAYER;
  if (!layer)
    return nc_sema_enter(s, instance->symbol, call, instance->symbol->globals);
  NcFrame *frame = new_frame(s, instance->symbol, call, instance->symbol->globals);
  frame->instance = instance;
  frame->path = call_path(s, instance->outer, instance->name);
  frame->origin = make_origin(s, call);
  return s->frame = frame;
}

void nc_sema_leave(NcSema *s) { s->frame = s->frame->caller; }

NcPath *nc_sema_begin_binding(NcSema *s, const char *name) {
  NcPath *before = s->frame->binding;
  if (s->frame->fn && nc_sema_is_builtin(s, s->frame->fn->span))
    return before;
  NcPath *path = NC_NEW(s->arena, NcPath);
  const char *suffix = s->frame->suffix;
  if (suffix)
    name = nc_arena_printf(s->arena, "%s%s", name, suffix);
  *path = (NcPath){.parent = s->frame->path, .name = name, .first = s->origins.count};
  s->frame->binding = path;
  return before;
}

// Nodes that were made at once share their origin: this one gets its own. One that was there before
// has a name.
void nc_sema_mark_bound(NcSema *s, const NcValue *value) {
  bool users = !s->frame->fn || !nc_sema_is_builtin(s, s->frame->fn->span);
  if (!users || !s->frame->binding || value->kind != NC_VALUE_TENSOR)
    return;
  int i = s->origins.count - 1;
  while (i >= s->frame->binding->first && s->origins.items[i].origin != value->node->origin)
    i--;
  if (i < s->frame->binding->first || s->origins.items[i].bound)
    return;
  NcUnnamed own = s->origins.items[i];
  own.origin = NC_NEW(s->arena, NcOrigin);
  *own.origin = *value->node->origin;
  own.bound = s->frame->binding;
  value->node->origin = own.origin;
  nc_vec_push(s->arena, s->origins, own);
}

void nc_sema_set_origin(NcSema *s, NcSpan span) {
  if (s->graph)
    s->graph->origin = make_origin(s, span);
}

// Depth is that of the calls, which is bounded.
static const char *path_text(NcSema *s, NcPath *path) {
  if (!path || !path->name)
    return NULL;
  if (!path->text) {
    const char *parent = path_text(s, path->parent);
    const char *dot = parent ? "." : "";
    path->text = path->count && *path->count > 1
                     ? nc_arena_printf(s->arena, "%s%s%s[%d]", parent ? parent : "", dot,
                                       path->name, path->ordinal)
                     : nc_arena_printf(s->arena, "%s%s%s", parent ? parent : "", dot, path->name);
  }
  return path->text;
}

void nc_sema_finish_paths(NcSema *s) {
  for (int i = 0; i < s->origins.count; i++) {
    const NcUnnamed *unnamed = &s->origins.items[i];
    const char *bound = path_text(s, unnamed->bound);
    unnamed->origin->path = path_text(s, unnamed->path);
    bool same = bound && unnamed->origin->path && strcmp(bound, unnamed->origin->path) == 0;
    unnamed->origin->bound = same ? NULL : bound;
  }
  s->origins.count = 0;
}

bool nc_sema_is_builtin(const NcSema *s, NcSpan span) {
  return span.file >= 0 && s->sources->files.items[span.file].builtin;
}

NcSpan nc_sema_user_span(const NcSema *s, NcSpan span) {
  for (const NcFrame *frame = s->frame; frame && nc_sema_is_builtin(s, span); frame = frame->caller)
    span = frame->call;
  return span;
}
