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

const char *nc_te_path(const NcTe *te) {
  if (!te->node)
    return NULL;
  if (te->node->variable)
    return te->node->variable->name;
  return te->node->origin ? te->node->origin->path : NULL;
}

const NcGraph *nc_select_graph(const NcModule *module, const char *name) {
  const char *const preferred[] = {name ? name : "train_step", "predict"};
  for (int i = 0; i < (name ? 1 : 2); i++)
    if (nc_module_graph(module, preferred[i]))
      return nc_module_graph(module, preferred[i]);
  if (!name && module->graphs.count)
    return module->graphs.items[0];
  fprintf(stderr, "netc: there is no graph '%s'; there are:", name ? name : "train_step");
  for (int i = 0; i < module->graphs.count; i++)
    fprintf(stderr, " %s", module->graphs.items[i]->name);
  fprintf(stderr, "\n");
  return NULL;
}

bool nc_select_calls(NcArena *arena, NcPlan *plan, const char *path) {
  const char *best = NULL;
  int distance = INT_MAX, found = 0;
  for (int i = 0; i < plan->phases.count; i++) {
    NcCalls kept = {0}, *calls = &plan->phases.items[i].calls;
    for (int k = 0; k < calls->count; k++) {
      const char *at = nc_te_path(calls->items[k].te);
      if (nc_path_selects(path, at))
        nc_vec_push(arena, kept, calls->items[k]);
      else if (at)
        nc_suggest(path, at, &best, &distance);
    }
    found += kept.count;
    *calls = kept;
    plan->phases.items[i].begin.count = 0;
  }
  if (found)
    return true;
  fprintf(stderr, "netc: no kernel has the path '%s'", path);
  if (best)
    fprintf(stderr, "; did you mean '%s'?", best);
  fprintf(stderr, "\n");
  return false;
}

bool nc_select_lines(const char *text, const char *path) {
  bool found = false;
  while (*text) {
    const char *end = strchr(text, '\n');
    size_t length = end ? (size_t)(end - text) : strlen(text);
    char line[4096];
    snprintf(line, sizeof line, "%.*s", (int)length, text);
    const char *comment = strstr(line, "  # ");
    const char *at = comment ? strrchr(comment, ' ') : NULL;
    if (at && nc_path_selects(path, at + 1)) {
      puts(line);
      found = true;
    }
    text += length + (end ? 1 : 0);
  }
  return found;
}
