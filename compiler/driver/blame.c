// Which value of a training step was the first that is not finite.
//
// A graph of its own counts, for every node of the step, the elements that are not finite.
#include "driver/blame.h"

#include "driver/replay.h"
#include "ops/build.h"

#include <inttypes.h>

static const char *const entries[] = {"blame", NULL};
enum { ROWS = 8 }; // of the batch that are named

typedef NC_VEC(NcNode *) NcNodes;

// x - x is 0 where x is finite, else not a number.
static NcNode *count_bad(NcGraph *graph, NcNode *x) {
  NcNode *zero = nc_sub(graph, x, x);
  NcNode *bad = nc_ne(graph, zero, nc_const_like(graph, 0, zero));
  int64_t axes[NC_MAX_RANK];
  for (int d = 0; d < x->type.rank; d++)
    axes[d] = d;
  NcNode *ones = nc_cast(graph, bad, NC_F64);
  return x->type.rank > 0 ? nc_sum(graph, ones, axes, x->type.rank) : ones;
}

static NcNodes float_nodes(NcArena *arena, const NcGraph *step) {
  NcNodes nodes = {0};
  for (int i = 0; i < step->nodes.count; i++)
    if (nc_dtype_is_float(step->nodes.items[i]->type.dtype))
      nc_vec_push(arena, nodes, step->nodes.items[i]);
  return nodes;
}

static const char *result_name(NcArena *arena, const NcNode *node) {
  return nc_arena_printf(arena, "node%d", node->id);
}

static void build(NcModule *module, const NcGraph *step, const NcNodes *nodes) {
  NcGraph *graph = nc_module_add_graph(module, entries[0]);
  NcNode **map = NC_NEW_ARRAY(module->arena, NcNode *, step->next_id);
  for (int i = 0; i < step->inputs.count; i++)
    map[step->inputs.items[i]->id] =
        nc_graph_input(graph, step->inputs.items[i]->name, step->inputs.items[i]->type);
  nc_graph_inline(graph, step, nodes->items, nodes->count, map);
  for (int i = 0; i < nodes->count; i++)
    nc_graph_add_result(graph, result_name(module->arena, nodes->items[i]), NC_RESULT_OUTPUT,
                        count_bad(graph, map[nodes->items[i]->id]));
}

static const char *describe_batch(NcArena *arena, const NcrtFeed *feed) {
  NcText text = nc_text_create(arena);
  nc_text_printf(&text, "the batch is sample%s", feed->count == 1 ? "" : "s");
  for (int64_t i = 0; i < feed->count && i < ROWS; i++)
    nc_text_printf(&text, "%s %" PRId64, i ? "," : "", ncrt_feed_row(feed, i));
  if (feed->count > ROWS)
    nc_text_printf(&text, ", … (%" PRId64 ")", feed->count);
  return text.data;
}

static void report(NcExperiment *e, const NcNode *node, double bad, const NcrtFeed *feed,
                   const NcrtStatus *status) {
  NcUnit *unit = e->unit;
  NcSpan span = node->origin ? node->origin->span : NC_NOWHERE;
  NcDiag *diag = nc_diag_error(unit->diags, "E0431", span, "%s", status->message);
  int64_t count = nc_type_elements(&node->type).n * feed->count + nc_type_elements(&node->type).c;
  const char *path = node->variable                       ? node->variable->name
                     : node->origin && node->origin->path ? node->origin->path
                                                          : "this value";
  nc_diag_note(unit->diags, diag, NC_NOWHERE,
               "%s is the first that is not finite, in %.0f of %" PRId64 " elements", path, bad,
               count);
  NcText text = nc_text_create(unit->arena);
  nc_node_print(&text, node);
  if (node->operand_count > 0)
    nc_diag_note(unit->diags, diag, NC_NOWHERE, "computed of finite values by %s", text.data);
  nc_diag_note(unit->diags, diag, NC_NOWHERE, "%s", describe_batch(unit->arena, feed));
  nc_unit_report(unit);
}

// Runs the graph on the batch. Whether something was found, and reported.
static bool find(NcExperiment *e, NcrtSession *session, const NcNodes *nodes, const NcrtFeed *feed,
                 const NcrtStatus *status) {
  NcrtStatus own = {0};
  int entry = ncrt_session_entry(session, entries[0]);
  if (!ncrt_session_run(session, entry, feed->count, feed->inputs, &own))
    return false;
  for (int i = 0; i < nodes->count; i++) {
    double bad = 0;
    ncrt_session_scalar(session, entry, result_name(e->unit->arena, nodes->items[i]), &bad);
    if (bad > 0) {
      report(e, nodes->items[i], bad, feed, status);
      return true;
    }
  }
  return false;
}

int nc_blame_step(NcExperiment *e, const NcOptions *options, const NcrtTraining *training,
                  int64_t from, const NcrtStatus *status) {
  NcModule *module = e->unit->program->module;
  const NcGraph *step = nc_module_graph(module, "train_step");
  NcNodes nodes = float_nodes(e->unit->arena, step);
  NcrtFeed feed;
  NcrtStatus own = {0};
  int64_t number = ncrt_session_step(e->session) + 1, epoch = 0;
  build(module, step, &nodes);
  NcCompiled *compiled = NULL;
  NcrtSession *session = NULL;
  bool found = false;
  if (nc_experiment_code(e, options, entries, training->batch, &compiled) == NC_EXIT_OK &&
      ncrt_session_share(&compiled->program, training->batch, e->session, &session, &own) &&
      nc_replay_batch(&feed, e, training, from, number, &epoch, &own)) {
    ncrt_session_set_step(session, number);
    ncrt_session_set_epoch(session, epoch);
    found = find(e, session, &nodes, &feed, status);
    ncrt_feed_close(&feed);
  }
  ncrt_session_close(session);
  nc_compiled_destroy(compiled);
  return found ? NC_EXIT_INPUT : nc_experiment_fail(e, status);
}
