// The graph of an ONNX model, named and in order, on its way into the file.
#ifndef NC_EMIT_ONNX_GRAPH_H
#define NC_EMIT_ONNX_GRAPH_H

#include "emit/onnx.h"

typedef struct NcOnnxGraph {
  NC_VEC(NcOnnxNode *) nodes; // those that the outputs need
  NC_VEC(NcOnnxValue *) inputs, outputs, initializers;
} NcOnnxGraph;

// Has the operators build their nodes; false on failure, which is told in the model.
bool nc_onnx_graph(NcArena *arena, const NcOnnxRequest *request, NcOnnxGraph *graph,
                   NcOnnxModel *model);
// Looks whether the node and those before it, which were looked at, are what one node computes.
void nc_onnx_fuse(NcArena *arena, NcOnnxNode *node);
// Gives every value its name, all different.
void nc_onnx_name(NcArena *arena, NcOnnxGraph *graph);

#endif
