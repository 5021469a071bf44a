// Writes the graph of an ONNX model in the encoding of protocol buffers.
#include "emit/onnx.h"

#include "emit/onnx.pb-c.h"
#include "emit/onnx_graph.h"

#include <inttypes.h>
#include <string.h>

typedef struct Writer {
  NcArena *arena;
  const NcOnnxRequest *request;
  NcOnnxGraph graph;
} Writer;

static char *copy(Writer *w, const char *text) { return nc_arena_strdup(w->arena, text); }

// ---- shapes

static Onnx__TensorShapeProto__Dimension *dimension(Writer *w, NcDim dim) {
  Onnx__TensorShapeProto__Dimension *d = NC_NEW(w->arena, Onnx__TensorShapeProto__Dimension);
  onnx__tensor_shape_proto__dimension__init(d);
  if (nc_dim_is_constant(dim)) {
    d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
    d->dim_value = dim.c;
  } else {
    d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    d->dim_param = nc_dim_format(w->arena, dim);
  }
  return d;
}

static Onnx__TypeProto *type_of(Writer *w, const NcType *type) {
  Onnx__TypeProto *proto = NC_NEW(w->arena, Onnx__TypeProto);
  Onnx__TypeProto__Tensor *tensor = NC_NEW(w->arena, Onnx__TypeProto__Tensor);
  onnx__type_proto__init(proto);
  onnx__type_proto__tensor__init(tensor);
  proto->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
  proto->tensor_type = tensor;
  tensor->has_elem_type = true;
  tensor->elem_type = nc_onnx_dtype(type->dtype);
  tensor->shape = NC_NEW(w->arena, Onnx__TensorShapeProto);
  onnx__tensor_shape_proto__init(tensor->shape);
  tensor->shape->n_dim = (size_t)type->rank;
  tensor->shape->dim = NC_NEW_ARRAY(w->arena, Onnx__TensorShapeProto__Dimension *, type->rank);
  for (int d = 0; d < type->rank; d++)
    tensor->shape->dim[d] = dimension(w, type->dims[d]);
  return proto;
}

static Onnx__ValueInfoProto *value_info(Writer *w, const NcOnnxValue *value) {
  Onnx__ValueInfoProto *info = NC_NEW(w->arena, Onnx__ValueInfoProto);
  onnx__value_info_proto__init(info);
  info->name = copy(w, value->name);
  info->type = type_of(w, &value->type);
  return info;
}

// ---- nodes

// "mnist.net:24, called from mnist.net:27"; NULL if nothing is known.
static char *place(Writer *w, const NcOrigin *origin) {
  const NcSourceMap *sources = w->request->sources;
  NcText text = nc_text_create(w->arena);
  const char *before = "";
  for (; origin; origin = origin->caller) {
    const char *here = nc_source_name_line(sources, origin->span, w->arena);
    if (!here || sources->files.items[origin->span.file].builtin)
      continue;
    if (strcmp(here, before) != 0) // a layer and what calls it may stand on one line
      nc_text_printf(&text, "%s%s", *before ? ", called from " : "", here);
    before = here;
  }
  return text.data;
}

static Onnx__AttributeProto *attribute(Writer *w, NcOnnxAttr *attr) {
  Onnx__AttributeProto *proto = NC_NEW(w->arena, Onnx__AttributeProto);
  onnx__attribute_proto__init(proto);
  proto->name = copy(w, attr->name);
  proto->has_type = true;
  if (attr->real) {
    proto->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT;
    proto->has_f = true;
    proto->f = (float)attr->number;
  } else if (attr->list) {
    proto->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS;
    proto->n_ints = (size_t)attr->count;
    proto->ints = attr->ints;
  } else {
    proto->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT;
    proto->has_i = true;
    proto->i = attr->ints[0];
  }
  return proto;
}

static Onnx__NodeProto *node_proto(Writer *w, const NcOnnxNode *node) {
  Onnx__NodeProto *proto = NC_NEW(w->arena, Onnx__NodeProto);
  onnx__node_proto__init(proto);
  proto->op_type = copy(w, node->op_type);
  proto->name = copy(w, node->output->name);
  proto->doc_string = node->of ? place(w, node->of->origin) : NULL;
  proto->n_input = (size_t)node->input_count;
  proto->input = NC_NEW_ARRAY(w->arena, char *, node->input_count);
  for (int i = 0; i < node->input_count; i++)
    proto->input[i] = copy(w, node->inputs[i] ? node->inputs[i]->name : "");
  proto->n_output = 1;
  proto->output = NC_NEW_ARRAY(w->arena, char *, 1);
  proto->output[0] = proto->name;
  proto->n_attribute = (size_t)node->attrs.count;
  proto->attribute = NC_NEW_ARRAY(w->arena, Onnx__AttributeProto *, node->attrs.count);
  for (int i = 0; i < node->attrs.count; i++)
    proto->attribute[i] = attribute(w, &node->attrs.items[i]);
  return proto;
}

// ---- initializers

static size_t bytes_of(const NcOnnxValue *value) {
  return (size_t)nc_type_elements(&value->type).c * nc_dtype_size(value->type.dtype);
}

static void store_constant(const NcOnnxValue *value, NcTensor *tensor) {
  for (int64_t i = 0; i < tensor->count; i++)
    if (value->ints)
      nc_tensor_set_int(tensor, i, value->ints[i]);
    else
      nc_tensor_set(tensor, i, value->number);
}

// The variable's elements with its axes in the value's order.
static uint8_t *param_bytes(Writer *w, const NcOnnxValue *value) {
  const uint8_t *from = w->request->values(w->request->context, value->variable);
  const NcType *type = &value->variable->type;
  int rank = type->rank;
  int64_t stride[NC_MAX_RANK + 1] = {0}, at[NC_MAX_RANK] = {0}, count = nc_type_elements(type).c;
  size_t size = nc_dtype_size(type->dtype);
  bool in_order = true;
  for (int d = 0; d < rank; d++)
    in_order &= value->perm[d] == d;
  if (in_order)
    return (uint8_t *)(uintptr_t)from; // which is only read
  stride[rank - 1] = 1;
  for (int d = rank - 2; d >= 0; d--)
    stride[d] = stride[d + 1] * type->dims[d + 1].c;
  uint8_t *bytes = nc_arena_alloc(w->arena, (size_t)count * size);
  for (int64_t i = 0; i < count; i++) {
    int64_t offset = 0;
    for (int d = 0; d < rank; d++)
      offset += at[d] * stride[value->perm[d]];
    memcpy(bytes + (size_t)i * size, from + (size_t)offset * size, size);
    for (int d = rank - 1; d >= 0 && ++at[d] == type->dims[value->perm[d]].c; d--)
      at[d] = 0;
  }
  return bytes;
}

static char *param_doc(Writer *w, const NcOnnxValue *value) {
  const char *type = nc_type_format(w->arena, &value->variable->type);
  for (int d = 0; d < value->variable->type.rank; d++)
    if (value->perm[d] != d) {
      NcText axes = nc_text_create(w->arena);
      for (int k = 0; k < value->variable->type.rank; k++)
        nc_text_printf(&axes, "%s%" PRId64, k ? ", " : "", value->perm[k]);
      return nc_arena_printf(w->arena, "netc's %s, transposed by [%s]", type, axes.data);
    }
  return nc_arena_printf(w->arena, "netc's %s", type);
}

static Onnx__TensorProto *initializer(Writer *w, const NcOnnxValue *value) {
  Onnx__TensorProto *proto = NC_NEW(w->arena, Onnx__TensorProto);
  onnx__tensor_proto__init(proto);
  proto->name = copy(w, value->name);
  proto->has_data_type = true;
  proto->data_type = nc_onnx_dtype(value->type.dtype);
  proto->n_dims = (size_t)value->type.rank;
  proto->dims = NC_NEW_ARRAY(w->arena, int64_t, value->type.rank);
  for (int d = 0; d < value->type.rank; d++)
    proto->dims[d] = value->type.dims[d].c;
  proto->has_raw_data = true;
  proto->raw_data.len = bytes_of(value);
  if (value->kind == NC_ONNX_PARAM) {
    proto->raw_data.data = param_bytes(w, value);
    proto->doc_string = param_doc(w, value);
    return proto;
  }
  NcTensor *tensor = nc_tensor_create(w->arena, &value->type);
  store_constant(value, tensor);
  proto->raw_data.data = tensor->data;
  return proto;
}

// ---- the model

static Onnx__ValueInfoProto **value_infos(Writer *w, NcOnnxValue *const *values, int count) {
  Onnx__ValueInfoProto **infos = NC_NEW_ARRAY(w->arena, Onnx__ValueInfoProto *, count + 1);
  for (int i = 0; i < count; i++)
    infos[i] = value_info(w, values[i]);
  return infos;
}

static bool is_output(const NcOnnxGraph *graph, const NcOnnxValue *value) {
  for (int i = 0; i < graph->outputs.count; i++)
    if (graph->outputs.items[i] == value)
      return true;
  return false;
}

static Onnx__GraphProto *graph_proto(Writer *w) {
  const NcOnnxGraph *graph = &w->graph;
  Onnx__GraphProto *proto = NC_NEW(w->arena, Onnx__GraphProto);
  NC_VEC(NcOnnxValue *) between = {0};
  onnx__graph_proto__init(proto);
  proto->name = copy(w, w->request->name);
  proto->n_node = (size_t)graph->nodes.count;
  proto->node = NC_NEW_ARRAY(w->arena, Onnx__NodeProto *, graph->nodes.count);
  for (int i = 0; i < graph->nodes.count; i++) {
    proto->node[i] = node_proto(w, graph->nodes.items[i]);
    if (!is_output(graph, graph->nodes.items[i]->output))
      nc_vec_push(w->arena, between, graph->nodes.items[i]->output);
  }
  proto->n_initializer = (size_t)graph->initializers.count;
  proto->initializer = NC_NEW_ARRAY(w->arena, Onnx__TensorProto *, graph->initializers.count);
  for (int i = 0; i < graph->initializers.count; i++)
    proto->initializer[i] = initializer(w, graph->initializers.items[i]);
  proto->n_input = (size_t)graph->inputs.count;
  proto->input = value_infos(w, graph->inputs.items, graph->inputs.count);
  proto->n_output = (size_t)graph->outputs.count;
  proto->output = value_infos(w, graph->outputs.items, graph->outputs.count);
  proto->n_value_info = (size_t)between.count;
  proto->value_info = value_infos(w, between.items, between.count);
  return proto;
}

static Onnx__StringStringEntryProto *entry(Writer *w, const NcOnnxText *text) {
  Onnx__StringStringEntryProto *proto = NC_NEW(w->arena, Onnx__StringStringEntryProto);
  onnx__string_string_entry_proto__init(proto);
  proto->key = copy(w, text->key);
  proto->value = copy(w, text->value);
  return proto;
}

static Onnx__ModelProto *model_proto(Writer *w) {
  Onnx__ModelProto *model = NC_NEW(w->arena, Onnx__ModelProto);
  Onnx__OperatorSetIdProto *opset = NC_NEW(w->arena, Onnx__OperatorSetIdProto);
  onnx__model_proto__init(model);
  onnx__operator_set_id_proto__init(opset);
  opset->domain = copy(w, "");
  opset->has_version = true;
  opset->version = NC_ONNX_OPSET;
  model->has_ir_version = true;
  model->ir_version = NC_ONNX_IR_VERSION;
  model->n_opset_import = 1;
  model->opset_import = NC_NEW_ARRAY(w->arena, Onnx__OperatorSetIdProto *, 1);
  model->opset_import[0] = opset;
  model->producer_name = copy(w, "netc");
  model->producer_version = copy(w, NETC_VERSION);
  model->graph = graph_proto(w);
  model->n_metadata_props = (size_t)w->request->text_count;
  model->metadata_props =
      NC_NEW_ARRAY(w->arena, Onnx__StringStringEntryProto *, w->request->text_count);
  for (int i = 0; i < w->request->text_count; i++)
    model->metadata_props[i] = entry(w, &w->request->texts[i]);
  return model;
}

// Protocol buffers hold less than 2 GB.
static bool fits(NcArena *arena, size_t bytes, NcOnnxModel *model) {
  if (bytes <= INT32_MAX)
    return true;
  model->message =
      nc_arena_printf(arena, "the params take %.2f GB, and a file of ONNX holds less than 2.15 GB",
                      (double)bytes / 1e9);
  model->help = "leave them out with --weights=none: they become inputs";
  model->node = NULL;
  return false;
}

bool nc_onnx_fits(NcArena *arena, const NcGraph *graph, NcOnnxModel *model) {
  size_t bytes = 0;
  for (int i = 0; i < graph->nodes.count; i++) {
    const NcType *type = &graph->nodes.items[i]->type;
    if (graph->nodes.items[i]->variable)
      bytes += (size_t)nc_type_elements(type).c * nc_dtype_size(type->dtype);
  }
  return fits(arena, bytes, model);
}

bool nc_onnx_write(NcArena *arena, const NcOnnxRequest *request, NcOnnxModel *model) {
  Writer w = {.arena = arena, .request = request};
  *model = (NcOnnxModel){0};
  if (!nc_onnx_graph(arena, request, &w.graph, model))
    return false;
  nc_onnx_name(arena, &w.graph);
  Onnx__ModelProto *proto = model_proto(&w);
  model->size = onnx__model_proto__get_packed_size(proto);
  if (!fits(arena, model->size, model))
    return false;
  model->bytes = nc_arena_alloc(arena, model->size);
  onnx__model_proto__pack(proto, (uint8_t *)(uintptr_t)model->bytes);
  model->nodes = w.graph.nodes.count;
  return true;
}
