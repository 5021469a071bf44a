// How the language says what an operator computes: see spell.h.
#include "ir/spell.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void nc_spell_number(NcText *text, double value, NcDtype dtype) {
  if (dtype == NC_BOOL)
    nc_text_append(text, value != 0 ? "true" : "false");
  else if (!nc_dtype_is_float(dtype))
    nc_text_printf(text, "%.0f", value);
  else if (isfinite(value))
    nc_text_float(text, value, dtype == NC_F32);
  else
    nc_text_append(text, isnan(value) ? "log(-1.0)" : value > 0 ? "-log(0.0)" : "log(0.0)");
}

void nc_spell_ints(NcText *text, const int64_t *values, int count) {
  nc_text_append(text, "[");
  for (int i = 0; i < count; i++)
    nc_text_printf(text, "%s%lld", i ? ", " : "", (long long)values[i]);
  nc_text_append(text, "]");
}

void nc_spell_shape(NcText *text, const NcType *type) {
  nc_text_append(text, "[");
  for (int i = 0; i < type->rank; i++) {
    nc_text_append(text, i ? ", " : "");
    nc_dim_print(text, type->dims[i]);
  }
  nc_text_append(text, "]");
}

// [[before, after], …], as the language wants a padding.
static void spell_pairs(NcText *text, const NcAttr *attr) {
  nc_text_append(text, "[");
  for (int i = 0; i + 1 < attr->count; i += 2) {
    nc_text_append(text, i ? ", " : "");
    nc_spell_ints(text, &attr->ints[i], 2);
  }
  nc_text_append(text, "]");
}

static void spell_attr(NcText *text, const NcNode *node, const char *name, bool pairs) {
  int index = nc_op_attr_index(node->op, name);
  assert(index >= 0);
  const NcAttr *attr = &node->attrs[index];
  switch (node->op->attrs[index].kind) {
  case NC_ATTR_INT:
    nc_text_printf(text, "%lld", (long long)attr->i);
    break;
  case NC_ATTR_INTS:
    if (pairs)
      spell_pairs(text, attr);
    else
      nc_spell_ints(text, attr->ints, attr->count);
    break;
  case NC_ATTR_FLOAT:
    nc_spell_number(text, attr->f, node->type.dtype);
    break;
  case NC_ATTR_TYPE:
    nc_spell_shape(text, &attr->type);
    break;
  }
}

static void spell_place(NcText *text, const NcNode *node, const char *const *operands,
                        const char *place, int length) {
  char name[32];
  bool pairs = length > 6 && strncmp(place + length - 6, ":pairs", 6) == 0;
  snprintf(name, sizeof name, "%.*s", pairs ? length - 6 : length, place);
  if (name[0] >= '0' && name[0] <= '9')
    nc_text_append(text, operands[name[0] - '0']);
  else if (strcmp(name, "dtype") == 0)
    nc_text_append(text, nc_dtype_name(node->type.dtype));
  else
    spell_attr(text, node, name, pairs);
}

void nc_spell_node(NcText *text, const NcNode *node, const char *const *operands) {
  const NcSpelling *net = &node->op->net;
  if (net->write) {
    net->write(text, node, operands);
    return;
  }
  assert(net->form);
  for (const char *c = net->form; *c;) {
    size_t plain = strcspn(c, "{");
    nc_text_append_n(text, c, plain);
    c += plain;
    if (*c != '{')
      break;
    int length = (int)strcspn(c, "}") - 1;
    spell_place(text, node, operands, c + 1, length);
    c += length + 2;
  }
}
