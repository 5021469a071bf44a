// Choosing graphs and nodes by the names that users know.
#include "driver/select.h"

#include "base/map.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

bool nc_path_selects(const char *wanted, const char *path) {
  if (!path)
    return false;
  size_t length = strlen(wanted);
  return strncmp(path, wanted, length) == 0 &&
         (path[length] == 0 || path[length] == '.' || path[length] == '[');
}

const char *nc_te_path(const NcPlan *plan, const NcTe *te) {
  if (te->kind == NC_TE_COMPUTE && plan->updated[te->id])
    return plan->updated[te->id]->name;
  if (!te->node)
    return NULL;
  if (te->node->variable)
    return te->node->variable->name;
  return te->node->origin ? te->node->origin->path : NULL;
}

const NcPass *nc_select_pass(const char *command, const char *name) {
  const NcPass *pass = nc_pass_by_name(name);
  if (pass)
    return pass;
  const char *best = NULL;
  int distance = INT_MAX;
  for (const NcPass *p = nc_passes; p->name; p++)
    nc_suggest(name, p->name, &best, &distance);
  fprintf(stderr, "netc %s: unknown pass '%s'", command, name);
  if (best)
    fprintf(stderr, "; did you mean '%s'?", best);
  fprintf(stderr, "\nThe passes are:\n");
  for (const NcPass *p = nc_passes; p->name; p++)
    fprintf(stderr, "  %-14s %s\n", p->name, p->summary);
  return NULL;
}

const NcGraph *nc_select_graph(const NcModule *module, const char *name) {
  const char *const preferred[] = {name ? name : "train_step", "predict"};
  for (int i = 0; i < (name ? 1 : 2); i++)
    if (nc_module_graph(module, preferred[i]))
      return nc_module_graph(module, preferred[i]);
  if (!name && module->graphs.count)
    return module->graphs.items[0];
  const char *best = NULL;
  int distance = INT_MAX;
  for (int i = 0; name && i < module->graphs.count; i++)
    nc_suggest(name, module->graphs.items[i]->name, &best, &distance);
  fprintf(stderr, "netc: there is no graph '%s'", name ? name : "train_step");
  if (best)
    fprintf(stderr, "; did you mean '%s'?", best);
  fprintf(stderr, "\nThe graphs are:");
  for (int i = 0; i < module->graphs.count; i++)
    fprintf(stderr, "%s %s", i ? "," : "", module->graphs.items[i]->name);
  fprintf(stderr, "\n");
  return NULL;
}

void nc_select_nothing(const char *what, const char *path, const char *best) {
  fprintf(stderr, "netc: %s has the path '%s'", what, path);
  if (best)
    fprintf(stderr, "; did you mean '%s'?", best);
  fprintf(stderr, "\n");
}

// Whether the call computes something that belongs to the path; else suggests what may be meant.
static bool selects_call(const NcPlan *plan, const NcCall *call, const char *path,
                         const char **best, int *distance) {
  bool found = false;
  for (const NcTe *te = call->te; te; te = te->next) {
    const char *at = nc_te_path(plan, te);
    found = found || nc_path_selects(path, at);
    if (at)
      nc_suggest(path, at, best, distance);
  }
  return found;
}

int nc_select_dataset(const NcProgram *program, const char *name) {
  for (int i = 0; i < program->datasets.count; i++)
    if (strcmp(program->datasets.items[i].name, name) == 0)
      return i;
  fprintf(stderr, "netc: there is no data set '%s'; there are:", name);
  for (int i = 0; i < program->datasets.count; i++)
    fprintf(stderr, " %s", program->datasets.items[i].name);
  fprintf(stderr, "\n");
  return -1;
}

bool nc_select_calls(NcArena *arena, NcPlan *plan, const char *path) {
  const char *best = NULL;
  int distance = INT_MAX, found = 0;
  for (int i = 0; i < plan->phases.count; i++) {
    NcCalls kept = {0}, *calls = &plan->phases.items[i].calls;
    for (int k = 0; k < calls->count; k++)
      if (selects_call(plan, &calls->items[k], path, &best, &distance))
        nc_vec_push(arena, kept, calls->items[k]);
    found += kept.count;
    *calls = kept;
    plan->phases.items[i].begin.count = 0;
  }
  if (found)
    return true;
  nc_select_nothing("no kernel", path, best);
  return false;
}

// The path that a line of a graph's text belongs to, or NULL.
static char *line_path(NcArena *arena, const char *line) {
  static const char *const words[] = {"param ", "state ", "metric ", "update "};
  const char *comment = strstr(line, "  # "), *start = line + strspn(line, " ");
  const char *last = comment ? strrchr(comment, ' ') : NULL;
  if (last)
    return nc_arena_strdup(arena, last + 1);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    size_t length = strlen(words[i]);
    if (strncmp(start, words[i], length) == 0)
      return nc_arena_strndup(arena, start + length, strcspn(start + length, ": ="));
  }
  return NULL;
}

bool nc_select_lines(NcArena *arena, const char *text, const char *path) {
  const char *best = NULL;
  int distance = INT_MAX;
  bool found = false;
  while (*text) {
    size_t length = strcspn(text, "\n");
    char *line = nc_arena_strndup(arena, text, length);
    char *at = line_path(arena, line);
    if (nc_path_selects(path, at)) {
      puts(line);
      found = true;
    } else if (at) {
      nc_suggest(path, at, &best, &distance);
    }
    text += length + (text[length] == '\n');
  }
  if (!found)
    nc_select_nothing("nothing", path, best);
  return found;
}
