// Values: making them, asking their kind, describing them to the user.
#include "sema/value.h"

#include <string.h>

static NcValue *make(NcArena *arena, NcValueKind kind) {
  NcValue *value = NC_NEW(arena, NcValue);
  value->kind = kind;
  value->written = NC_NOWHERE;
  return value;
}

NcValue *nc_value_error(NcArena *arena) { return make(arena, NC_VALUE_ERROR); }

NcValue *nc_value_dim(NcArena *arena, NcDim dim) {
  NcValue *value = make(arena, NC_VALUE_INT);
  value->dim = dim;
  return value;
}

NcValue *nc_value_int(NcArena *arena, int64_t integer) {
  return nc_value_dim(arena, nc_dim(integer));
}

NcValue *nc_value_float(NcArena *arena, double number) {
  NcValue *value = make(arena, NC_VALUE_FLOAT);
  value->number = number;
  return value;
}

NcValue *nc_value_bool(NcArena *arena, bool truth) {
  NcValue *value = make(arena, NC_VALUE_BOOL);
  value->truth = truth;
  return value;
}

NcValue *nc_value_text(NcArena *arena, NcValueKind kind, const char *text) {
  NcValue *value = make(arena, kind);
  value->text = text;
  return value;
}

NcValue *nc_value_dtype(NcArena *arena, NcDtype dtype) {
  NcValue *value = make(arena, NC_VALUE_DTYPE);
  value->dtype = dtype;
  return value;
}

NcValue *nc_value_tensor(NcArena *arena, NcNode *node) {
  NcValue *value = make(arena, NC_VALUE_TENSOR);
  value->node = node;
  value->origins = NC_NEW_ARRAY(arena, const NcDimOrigin *, node->type.rank);
  return value;
}

NcValue *nc_value_list(NcArena *arena, NcValueKind kind) { return make(arena, kind); }

bool nc_value_is_error(const NcValue *value) { return value->kind == NC_VALUE_ERROR; }

bool nc_value_is_number(const NcValue *value) {
  return value->kind == NC_VALUE_INT || value->kind == NC_VALUE_FLOAT;
}

bool nc_value_is_literal(const NcValue *value) {
  return nc_value_is_number(value) || value->kind == NC_VALUE_BOOL;
}

bool nc_value_is_open(const NcValue *value) {
  return value->kind == NC_VALUE_OPTION && strcmp(value->text, "_") == 0;
}

bool nc_value_is_constant_int(const NcValue *value) {
  return value->kind == NC_VALUE_INT && value->dim.n == 0;
}

double nc_value_number(const NcValue *value) {
  return value->kind == NC_VALUE_INT ? (double)value->dim.c : value->number;
}

static const char *describe_list(NcArena *arena, const NcValue *value) {
  NcText text = nc_text_create(arena);
  nc_text_append(&text, "[");
  for (int i = 0; i < value->items.count; i++) {
    if (i == 8) {
      nc_text_append(&text, ", ...");
      break;
    }
    const NcValue *item = value->items.items[i];
    nc_text_append(&text, i ? ", " : "");
    if (item->kind == NC_VALUE_INT)
      nc_dim_print(&text, item->dim);
    else
      nc_text_append(&text, item->kind == NC_VALUE_LIST ? "[...]" : nc_value_describe(arena, item));
  }
  nc_text_append(&text, "]");
  return nc_arena_printf(arena, "the list %s", text.data);
}

static const char *describe_float(NcArena *arena, double number) {
  NcText text = nc_text_create(arena);
  nc_text_float(&text, number, 0);
  return nc_arena_printf(arena, "the number %s", text.data);
}

const char *nc_value_describe(NcArena *arena, const NcValue *value) {
  switch (value->kind) {
  case NC_VALUE_ERROR:
    return "an error";
  case NC_VALUE_INT:
    return nc_arena_printf(arena, "the integer %s", nc_dim_format(arena, value->dim));
  case NC_VALUE_FLOAT:
    return describe_float(arena, value->number);
  case NC_VALUE_BOOL:
    return value->truth ? "true" : "false";
  case NC_VALUE_STRING:
    return "a string";
  case NC_VALUE_DTYPE:
    return nc_arena_printf(arena, "the dtype %s", nc_dtype_name(value->dtype));
  case NC_VALUE_OPTION:
    return nc_arena_printf(arena, "the option %s", value->text);
  case NC_VALUE_LIST:
    return describe_list(arena, value);
  case NC_VALUE_RESULTS:
    return nc_arena_printf(arena, "%d results", value->items.count);
  case NC_VALUE_TENSOR:
    return nc_type_format(arena, &value->node->type);
  case NC_VALUE_FN:
  case NC_VALUE_INSTANCE:
  case NC_VALUE_BUILTIN:
    return nc_value_is_layer(value) ? "a layer" : "a function";
  case NC_VALUE_GROUP:
    return "a group of params";
  case NC_VALUE_OPTIMIZER:
    return "an optimizer";
  case NC_VALUE_DATASET:
    return "a data set";
  }
  return "a value";
}
