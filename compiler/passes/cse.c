// Common subexpressions: a hash table of the nodes seen so far.
#include "passes/cse.h"

#include "passes/rewrite.h"

#include <string.h>

typedef struct Table {
  NcNode **slots; // slot_count is a power of two and more than twice the nodes
  uint64_t slot_count;
} Table;

static uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ (hash >> 29);
}

static uint64_t float_bits(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static uint64_t hash_type(uint64_t hash, const NcType *type) {
  hash = mix(hash, (uint64_t)type->dtype * 16 + (uint64_t)type->rank);
  for (int d = 0; d < type->rank; d++)
    hash = mix(mix(hash, (uint64_t)type->dims[d].n), (uint64_t)type->dims[d].c);
  return hash;
}

static uint64_t hash_attr(uint64_t hash, const NcAttr *attr, NcAttrKind kind) {
  switch (kind) {
  case NC_ATTR_INT:
    return mix(hash, (uint64_t)attr->i);
  case NC_ATTR_FLOAT:
    return mix(hash, float_bits(attr->f));
  case NC_ATTR_TYPE:
    return hash_type(hash, &attr->type);
  case NC_ATTR_INTS:
    for (int i = 0; i < attr->count; i++)
      hash = mix(hash, (uint64_t)attr->ints[i]);
    return hash;
  }
  return hash;
}

static bool equal_attr(const NcAttr *a, const NcAttr *b, NcAttrKind kind) {
  switch (kind) {
  case NC_ATTR_INT:
    return a->i == b->i;
  case NC_ATTR_FLOAT:
    return float_bits(a->f) == float_bits(b->f);
  case NC_ATTR_TYPE:
    return nc_type_equal(&a->type, &b->type);
  case NC_ATTR_INTS:
    return a->count == b->count &&
           memcmp(a->ints, b->ints, sizeof(int64_t) * (size_t)a->count) == 0;
  }
  return false;
}

static bool is_swapped(const NcNode *node) {
  return (node->op->facts & NC_FACT_COMMUTATIVE) && node->operand_count == 2 &&
         node->operands[0]->id > node->operands[1]->id;
}

// Operand i in an order that does not depend on how a commutative operator was written.
static const NcNode *operand(const NcNode *node, int i) {
  return node->operands[is_swapped(node) ? 1 - i : i];
}

// By the operator's name and not its address, so that the order of slots is the same in every run.
static uint64_t hash_node(const NcNode *node) {
  uint64_t hash = 0;
  for (const char *c = node->op->name; *c; c++)
    hash = mix(hash, (uint64_t)*c);
  for (int i = 0; i < node->operand_count; i++)
    hash = mix(hash, (uint64_t)operand(node, i)->id);
  for (int i = 0; i < nc_op_attr_count(node->op); i++)
    hash = hash_attr(hash, &node->attrs[i], node->op->attrs[i].kind);
  return hash;
}

static bool equal_nodes(const NcNode *a, const NcNode *b) {
  if (a->op != b->op || !nc_type_equal(&a->type, &b->type))
    return false;
  for (int i = 0; i < a->operand_count; i++)
    if (operand(a, i) != operand(b, i))
      return false;
  for (int i = 0; i < nc_op_attr_count(a->op); i++)
    if (!equal_attr(&a->attrs[i], &b->attrs[i], a->op->attrs[i].kind))
      return false;
  return true;
}

static NcNode *first_of_equals(void *context, NcGraph *graph, NcNode *node) {
  (void)graph;
  Table *table = context;
  for (uint64_t slot = hash_node(node);; slot++) {
    NcNode **entry = &table->slots[slot & (table->slot_count - 1)];
    if (!*entry)
      return *entry = node;
    if (equal_nodes(*entry, node))
      return *entry;
  }
}

void nc_graph_cse(NcGraph *graph) {
  NcArena *scratch = nc_arena_create();
  Table table = {.slot_count = 16};
  while (table.slot_count < (uint64_t)graph->nodes.count * 2 + 1)
    table.slot_count *= 2;
  table.slots = NC_NEW_ARRAY(scratch, NcNode *, table.slot_count);
  nc_graph_rewrite(graph, first_of_equals, &table);
  nc_arena_destroy(scratch);
}
