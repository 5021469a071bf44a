// A graph as source text: statements of the language, one a node.
#ifndef NC_EMIT_NET_H
#define NC_EMIT_NET_H

#include "base/map.h"
#include "base/text.h"
#include "ir/graph.h"

typedef struct NcNetWriter {
  NcText *out;
  NcArena *arena;
  const NcSourceMap *sources; // with it comments give the lines that nodes are from; or NULL
  NcMap taken;                // names that something has
} NcNetWriter;

NcNetWriter nc_net_writer(NcText *out, const NcSourceMap *sources);

// Takes the words that the graph will be spelled with, so that no name hides a function. To be
// called for every graph before the first name is made.
void nc_net_take_words(NcNetWriter *writer, const NcGraph *graph);

// An identifier that is not taken yet, of a path: "net_conv1_kernel". It is taken then.
const char *nc_net_name(NcNetWriter *writer, const char *path);

// How a graph is written.
typedef struct NcNetStatements {
  const NcGraph *graph;
  const char **names; // by id: those of leaves and results are given, others are made
  NcMap outputs;      // of the names, those that are bound by `output`
  const char *indent;
} NcNetStatements;

// Writes a binding for each node that has an operator, in order. Constants and what the language
// repeats by itself stand where they are used.
void nc_net_write(NcNetWriter *writer, NcNetStatements *statements);

#endif
