// Makes first values of the tensors of a file.
#include "driver/init.h"

#include "driver/stored.h"
#include "ops/build.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Init {
  NcUnit *unit;
  const char *path, *map_path; // as given
  char *absolute;              // of the file
  NcrtSafetensors file;
  json_t *map; // or NULL
  NcGraph *graph;
  bool *used; // by tensor
  int taken;
  NcrtStatus status;
} Init;

// ---- the map

// "map.json: conv.kernel: …"
__attribute__((format(printf, 3, 4))) static NcNode *fail(Init *init, const char *param,
                                                          const char *format, ...) {
  char message[600];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  ncrt_fail(&init->status, NCRT_BAD_INPUT, "%s: %.200s: %s",
            init->map ? init->map_path : init->path, param, message);
  return NULL;
}

static bool unknown_param(Init *init, const char *key) {
  const NcModule *module = init->unit->program->module;
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; i < module->variables.count; i++)
    if (module->variables.items[i]->kind == NC_VAR_PARAM)
      nc_suggest(key, module->variables.items[i]->name, &best, &distance);
  return fail(init, key, "the program has no such param%s%s%s", best ? "; did you mean " : "",
              best ? best : "", best ? "?" : "");
}

static bool is_of_network(const NcVariable *variable) {
  return variable->kind == NC_VAR_PARAM || variable->kind == NC_VAR_BUFFER;
}

static bool check_entry(Init *init, const char *key, const json_t *value) {
  const NcVariable *variable = nc_module_variable(init->unit->program->module, key);
  const json_t *name = json_is_array(value) ? json_array_get(value, 0) : value;
  if (!variable || !is_of_network(variable))
    return unknown_param(init, key);
  return json_is_null(value) || json_is_string(name) ||
         fail(init, key,
              "a tensor's name is needed, or a list that begins with it, or null for the first "
              "value of the source");
}

static bool read_map(Init *init) {
  json_error_t error;
  init->map = json_load_file(init->map_path, JSON_REJECT_DUPLICATES, &error);
  if (!init->map && error.line < 0)
    return ncrt_fail(&init->status, NCRT_BAD_INPUT, "cannot read %s: %s", init->map_path,
                     strerror(errno));
  char text[JSON_ERROR_TEXT_LENGTH];
  if (!init->map)
    return ncrt_fail(&init->status, NCRT_BAD_INPUT, "%s:%d:%d: not valid JSON: %s", init->map_path,
                     error.line, error.column, ncrt_printable(text, sizeof text, error.text));
  if (!json_is_object(init->map))
    return ncrt_fail(&init->status, NCRT_BAD_INPUT,
                     "%s: a map is an object such as {\"conv.kernel\": \"conv1.weight\"}",
                     init->map_path);
  const char *key;
  json_t *value;
  json_object_foreach(init->map, key, value) {
    if (!check_entry(init, key, value))
      return false;
  }
  return true;
}

// ---- from a tensor to a first value

static NcNode *reshape(Init *init, const char *param, NcNode *node, const json_t *dims) {
  NcType type = {.dtype = node->type.dtype, .rank = (int)json_array_size(dims)};
  int64_t count = 1;
  if (json_array_size(dims) > NC_MAX_RANK)
    return fail(init, param, "reshape takes at most %d dimensions", NC_MAX_RANK);
  for (int i = 0; i < type.rank; i++) {
    const json_t *dim = json_array_get(dims, (size_t)i);
    int64_t size = json_is_integer(dim) ? json_integer_value(dim) : -1;
    if (size < 0 || __builtin_mul_overflow(count, size, &count))
      return fail(init, param, "a dimension of a reshape is a whole number, and not negative");
    type.dims[i] = nc_dim(size);
  }
  if (count == nc_type_elements(&node->type).c)
    return nc_reshape(init->graph, node, type.rank, type.dims);
  return fail(init, param, "%s cannot be reshaped to %lld values",
              nc_type_format(init->unit->arena, &node->type), (long long)count);
}

static NcNode *permute(Init *init, const char *param, NcNode *node, const json_t *axes) {
  int64_t perm[NC_MAX_RANK];
  bool seen[NC_MAX_RANK] = {false};
  bool ok = json_array_size(axes) == (size_t)node->type.rank;
  for (int i = 0; ok && i < node->type.rank; i++) {
    const json_t *axis = json_array_get(axes, (size_t)i);
    perm[i] = json_is_integer(axis) ? json_integer_value(axis) : -1;
    ok = perm[i] >= 0 && perm[i] < node->type.rank && !seen[perm[i]];
    if (ok)
      seen[perm[i]] = true;
  }
  if (ok)
    return nc_transpose(init->graph, node, perm);
  return fail(init, param, "permute of %s lists its axes, 0 to %d, each once",
              nc_type_format(init->unit->arena, &node->type), node->type.rank - 1);
}

static NcNode *apply_step(Init *init, const char *param, NcNode *node, const json_t *step) {
  const json_t *dims = json_object_get(step, "reshape"), *axes = json_object_get(step, "permute");
  if (json_object_size(step) == 1 && json_is_array(dims))
    return reshape(init, param, node, dims);
  if (json_object_size(step) == 1 && json_is_array(axes))
    return permute(init, param, node, axes);
  return fail(
      init, param,
      "behind the name stand steps such as {\"permute\": [1, 0]} and {\"reshape\": [8, 4]}");
}

static NcNode *no_tensor(Init *init, const char *param, const char *name) {
  char names[200] = "";
  const NcrtSafetensors *file = &init->file;
  for (int i = 0; i < file->tensor_count && i < 6; i++) {
    size_t length = strlen(names);
    snprintf(names + length, sizeof names - length, "%s%.60s", i ? ", " : "",
             file->tensors[i].name);
  }
  const char *others = file->tensor_count > 6 ? " and others" : "";
  const char *all = file->tensor_count ? names : "none";
  if (init->map)
    return fail(init, param, "%s has no tensor %.100s; it has %s%s", init->path, name, all, others);
  return fail(init, param,
              "the file has no tensor of that name; it has %s%s; --init-map says which "
              "is which",
              all, others);
}

static NcNode *wrong_type(Init *init, const NcVariable *variable, const NcNode *node,
                          const char *name) {
  NcArena *arena = init->unit->arena;
  bool as_many = nc_type_elements(&node->type).c == nc_type_elements(&variable->type).c;
  const char *hint = "";
  if (as_many && node->type.dtype == variable->type.dtype)
    hint = init->map ? "; more steps, permute and reshape, bring it into that form"
                     : "; --init-map says how to permute and reshape it";
  return fail(init, variable->name, "%s is needed, but %.100s gives %s%s",
              nc_type_format(arena, &variable->type), name, nc_type_format(arena, &node->type),
              hint);
}

static bool both_floats(NcDtype a, NcDtype b) {
  return nc_dtype_is_float(a) && nc_dtype_is_float(b);
}

// The tensor as an input of `initialize`, which the driver reads again when it runs.
static NcNode *input_of(Init *init, const NcVariable *variable, const NcrtTensor *tensor) {
  NcArena *arena = init->unit->arena;
  NcStored stored = {.input = nc_arena_printf(arena, "init.%s", variable->name),
                     .file = nc_arena_strdup(arena, init->absolute),
                     .tensor = nc_arena_strdup(arena, tensor->name),
                     .type = nc_stored_type(&tensor->shape)};
  nc_vec_push(arena, init->unit->program->stored, stored);
  return nc_graph_input(init->graph, stored.input, stored.type);
}

// NULL after an error, with the status filled.
static NcNode *first_value(Init *init, const NcVariable *variable, const json_t *entry) {
  const char *param = variable->name, *name = param;
  if (entry)
    name = json_string_value(json_is_array(entry) ? json_array_get(entry, 0) : entry);
  const NcrtTensor *tensor = ncrt_safetensors_find(&init->file, name);
  if (!tensor)
    return no_tensor(init, param, name);
  NcNode *node = input_of(init, variable, tensor);
  for (size_t i = 1; node && json_is_array(entry) && i < json_array_size(entry); i++)
    node = apply_step(init, param, node, json_array_get(entry, i));
  if (!node)
    return NULL;
  if (both_floats(node->type.dtype, variable->type.dtype))
    node = nc_cast(init->graph, node, variable->type.dtype);
  if (!nc_type_equal(&node->type, &variable->type))
    return wrong_type(init, variable, node, name);
  init->used[tensor - init->file.tensors] = true;
  init->taken++;
  return node;
}

// An optimizer's state may begin as its param does: it follows.
static void replace(NcGraph *graph, const NcNode *from, NcNode *to, int before) {
  for (int i = 0; i < before; i++)
    for (int k = 0; k < graph->nodes.items[i]->operand_count; k++)
      if (graph->nodes.items[i]->operands[k] == from)
        graph->nodes.items[i]->operands[k] = to;
  for (int i = 0; i < graph->updates.count; i++)
    if (graph->updates.items[i].node == from)
      graph->updates.items[i].node = to;
}

static bool set_first_values(Init *init) {
  NcGraph *graph = init->graph;
  for (int i = 0; i < graph->updates.count; i++) {
    const NcVariable *variable = graph->updates.items[i].variable;
    const json_t *entry = json_object_get(init->map, variable->name);
    if (!is_of_network(variable) || json_is_null(entry))
      continue;
    int before = graph->nodes.count;
    NcNode *node = first_value(init, variable, entry);
    if (!node)
      return false;
    replace(graph, graph->updates.items[i].node, node, before);
  }
  nc_graph_prune(graph);
  return true;
}

// ---- all of it

static void print_taken(const Init *init) {
  int left = 0;
  for (int i = 0; i < init->file.tensor_count; i++)
    left += !init->used[i];
  printf("%d first value%s from %s", init->taken, init->taken == 1 ? "" : "s", init->path);
  if (left)
    printf("; %d other tensor%s of it %s not used", left, left == 1 ? "" : "s",
           left == 1 ? "is" : "are");
  printf("\n");
}

static bool apply(Init *init) {
  if (!ncrt_safetensors_read(init->path, &init->file, &init->status))
    return false;
  init->absolute = realpath(init->path, NULL);
  if (!init->absolute)
    return ncrt_fail(&init->status, NCRT_BAD_INPUT, "cannot read %s: %s", init->path,
                     strerror(errno));
  init->used = NC_NEW_ARRAY(init->unit->arena, bool, init->file.tensor_count + 1);
  return (!init->map_path || read_map(init)) && set_first_values(init);
}

int nc_init_apply(NcUnit *unit, const NcOptions *options) {
  if (!options->init)
    return NC_EXIT_OK;
  Init init = {.unit = unit, .path = options->init, .map_path = options->init_map};
  init.graph = nc_module_graph(unit->program->module, "initialize");
  bool done = apply(&init);
  if (done)
    print_taken(&init);
  json_decref(init.map);
  free(init.absolute);
  if (init.file.name)
    ncrt_safetensors_free(&init.file);
  return done ? NC_EXIT_OK : nc_fail_status(&init.status);
}
