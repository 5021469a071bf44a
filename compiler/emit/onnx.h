// A graph function as an ONNX model.
//
// The format: https://github.com/onnx/onnx/blob/main/docs/IR.md; its schema, onnx.proto, is that of
// the package libonnx-dev.
#ifndef NC_EMIT_ONNX_H
#define NC_EMIT_ONNX_H

#include "base/source.h"
#include "ir/onnx.h"

// Operators as opset 17 of ONNX 1.12 has them.
#define NC_ONNX_OPSET 17
#define NC_ONNX_IR_VERSION 8

typedef struct NcOnnxText {
  const char *key, *value;
} NcOnnxText;

typedef struct NcOnnxRequest {
  const NcGraph *graph;
  const char *const *outputs; // by number of the graph's results
  const NcSourceMap *sources; // or NULL
  const char *name;           // of the model
  // The elements of a variable; NULL: params become inputs.
  const void *(*values)(void *context, const NcVariable *variable);
  void *context;
  int64_t step, epoch;
  const NcOnnxText *texts; // metadata
  int text_count;
} NcOnnxRequest;

typedef struct NcOnnxModel {
  // Success:
  const void *bytes;
  size_t size;
  int nodes;
  // Failure: what, at which node (or NULL), and what to do about it (or NULL).
  const char *message, *help;
  const NcNode *node;
} NcOnnxModel;

// Whether the graph's params fit into a file, before they are computed; else as a failure.
bool nc_onnx_fits(NcArena *arena, const NcGraph *graph, NcOnnxModel *model);
// False on failure. All is in the arena.
bool nc_onnx_write(NcArena *arena, const NcOnnxRequest *request, NcOnnxModel *model);

#endif
