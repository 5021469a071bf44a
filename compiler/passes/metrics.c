// Makes metrics run over a whole pass through the data: cuts each metric where it reduces N, keeps
// running totals of what is cut, and moves what follows to a graph of its own.
#include "passes/metrics.h"

#include "ops/build.h"

typedef struct Cutter {
  NcModule *module;
  NcGraph *graph, *final;
  NcDiags *diags;
  NcArena *scratch;
  NcNode **image; // in `final`, by id in `graph`; set where cut
  bool *visited;  // by id
  NcNode *fresh;  // whether no batch was seen yet; made when needed
  const NcResult *result;
  int totals; // of `result`
} Cutter;

static NcSpan span_of(const NcNode *node) { return node->origin ? node->origin->span : NC_NOWHERE; }

static bool reduces_batch(const NcNode *node) {
  for (int i = 0; i < node->operand_count; i++)
    if (nc_type_has_batch(&node->operands[i]->type))
      return true;
  return node->op == &nc_op_batch;
}

static unsigned combination(const NcNode *node) {
  if (node->op == &nc_op_batch)
    return NC_FACT_SUMS_BATCH;
  return node->op->facts & (NC_FACT_SUMS_BATCH | NC_FACT_MAX_BATCH | NC_FACT_MIN_BATCH);
}

static NcVariable *add_total(Cutter *cutter, NcType type) {
  const char *name;
  do {
    name = nc_arena_printf(cutter->module->arena, "%s.%s.total%d", cutter->graph->name,
                           cutter->result->name, cutter->totals++);
  } while (nc_module_variable(cutter->module, name)); // a user may have named one so
  return nc_module_add_variable(cutter->module, name, NC_VAR_METRIC, type,
                                span_of(cutter->result->node));
}

// A bool that is true in the first batch of a pass: totals are zero then, which is no maximum of
// nothing.
static NcNode *first_batch(Cutter *cutter) {
  if (cutter->fresh)
    return cutter->fresh;
  NcGraph *graph = cutter->graph;
  NcVariable *seen = add_total(cutter, nc_type_scalar(NC_I64));
  NcNode *before = nc_graph_variable(graph, seen);
  nc_graph_add_update(graph, seen, nc_add(graph, before, nc_batch(graph)));
  return cutter->fresh = nc_eq(graph, before, nc_const_like(graph, 0, before));
}

static NcNode *combine(Cutter *cutter, unsigned how, NcNode *total, NcNode *part) {
  NcGraph *graph = cutter->graph;
  if (how & NC_FACT_SUMS_BATCH)
    return nc_add(graph, total, part);
  NcNode *best = how & NC_FACT_MAX_BATCH ? nc_max(graph, total, part) : nc_min(graph, total, part);
  NcNode *first =
      nc_broadcast_trailing(graph, first_batch(cutter), part->type.rank, part->type.dims);
  return nc_select(graph, first, part, best);
}

static const char *kind_word(const NcResult *result) {
  return result->kind == NC_RESULT_LOSS ? "loss" : "metric";
}

static bool cut(Cutter *cutter, NcNode *node) {
  unsigned how = combination(node);
  if (!how) {
    NcDiag *diag = nc_diag_error(cutter->diags, "E0612", span_of(node),
                                 "%s %s cannot be had batch by batch: %s over the samples does not "
                                 "combine",
                                 kind_word(cutter->result), cutter->result->name, node->op->name);
    nc_diag_help(cutter->diags, diag, "reduce the samples with sum, mean, max or min");
    return false;
  }
  NcGraph *graph = cutter->graph;
  NcDtype dtype = nc_dtype_is_float(node->type.dtype) ? NC_F64 : NC_I64;
  NcVariable *variable = add_total(cutter, nc_type_with_dtype(node->type, dtype));
  NcNode *total = nc_graph_variable(graph, variable);
  nc_graph_add_update(graph, variable, combine(cutter, how, total, nc_cast(graph, node, dtype)));
  NcNode *read = nc_graph_variable(cutter->final, variable);
  cutter->image[node->id] = nc_cast(cutter->final, read, node->type.dtype);
  return true;
}

static bool check_kept(Cutter *cutter, const NcNode *node) {
  if (nc_type_has_batch(&node->type))
    nc_diag_error(cutter->diags, "E0613", span_of(node),
                  "%s %s has one value per sample, %s: it must be reduced over the samples",
                  kind_word(cutter->result), cutter->result->name,
                  nc_type_format(cutter->diags->arena, &node->type));
  else if (node->op == &nc_op_input)
    nc_diag_error(cutter->diags, "E0614", span_of(node),
                  "%s %s uses input %s outside a reduction over the samples",
                  kind_word(cutter->result), cutter->result->name, node->name);
  else
    return true;
  return false;
}

// Cuts everything that the result is made from and that reduces N, nearest first.
static bool cut_result(Cutter *cutter) {
  NC_VEC(NcNode *) stack = {0};
  nc_vec_push(cutter->scratch, stack, cutter->result->node);
  while (stack.count > 0) {
    NcNode *node = stack.items[--stack.count];
    if (cutter->visited[node->id])
      continue;
    cutter->visited[node->id] = true;
    if (!check_kept(cutter, node))
      return false;
    if (reduces_batch(node)) {
      if (!cut(cutter, node))
        return false;
      continue;
    }
    for (int i = node->operand_count - 1; i >= 0; i--)
      nc_vec_push(cutter->scratch, stack, node->operands[i]);
  }
  return true;
}

static bool is_streamed(const NcResult *result) {
  return result->kind == NC_RESULT_LOSS || result->kind == NC_RESULT_METRIC;
}

static bool cut_graph(Cutter *cutter) {
  NcGraph *graph = cutter->graph;
  for (int i = 0; i < graph->results.count; i++) {
    cutter->result = &graph->results.items[i];
    cutter->totals = 0;
    if (!is_streamed(cutter->result))
      continue;
    if (!cut_result(cutter))
      return false;
    NcNode *root = cutter->result->node;
    nc_graph_inline(cutter->final, graph, &root, 1, cutter->image);
    nc_graph_add_result(cutter->final, cutter->result->name, cutter->result->kind,
                        cutter->image[root->id]);
  }
  return true;
}

static void drop_metrics(NcGraph *graph) {
  int kept = 0;
  for (int i = 0; i < graph->results.count; i++)
    if (graph->results.items[i].kind != NC_RESULT_METRIC)
      graph->results.items[kept++] = graph->results.items[i];
  graph->results.count = kept;
}

static bool stream(NcModule *module, const char *name, const char *final_name, NcDiags *diags) {
  NcGraph *graph = nc_module_graph(module, name);
  if (!graph || nc_module_graph(module, final_name))
    return true; // nothing to do, or it was done before
  NcArena *scratch = nc_arena_create();
  Cutter cutter = {.module = module,
                   .graph = graph,
                   .final = nc_module_add_graph(module, final_name),
                   .diags = diags,
                   .scratch = scratch,
                   .image = NC_NEW_ARRAY(scratch, NcNode *, graph->next_id),
                   .visited = NC_NEW_ARRAY(scratch, bool, graph->next_id)};
  bool ok = cut_graph(&cutter);
  nc_arena_destroy(scratch);
  drop_metrics(graph);
  nc_graph_prune(graph);
  nc_graph_prune(cutter.final);
  return ok;
}

bool nc_pass_metrics(NcModule *module, NcDiags *diags) {
  return stream(module, "evaluate", "metrics", diags) &&
         stream(module, "train_step", "train_metrics", diags);
}
