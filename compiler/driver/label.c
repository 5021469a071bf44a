// Which input holds true classes.
#include "driver/label.h"

#include "classes.h"

#include <string.h>

int *nc_needed_inputs(NcArena *arena, const NcProgram *program, const NcGraph *graph, int *count) {
  int *inputs = NC_NEW_ARRAY(arena, int, program->inputs.count + 1);
  *count = 0;
  for (int i = 0; i < program->inputs.count; i++)
    for (int k = 0; k < graph->inputs.count; k++)
      if (strcmp(program->inputs.items[i].name, graph->inputs.items[k]->name) == 0)
        inputs[(*count)++] = i;
  return inputs;
}

static bool is_needed(const NcLabels *l, int input) {
  for (int i = 0; i < l->needed_count; i++)
    if (l->needed[i] == input)
      return true;
  return false;
}

NcTexts nc_label_names(const NcLabels *l, int input) {
  NcTexts texts = {0};
  NcrtNames names;
  NcrtStatus ignored;
  const NcProgram *program = l->program;
  if (ncrt_classes_read(l->classes, program->inputs.items[input].name, &names, &ignored)) {
    for (int i = 0; i < names.count; i++)
      nc_vec_push(l->arena, texts, nc_arena_strdup(l->arena, names.items[i]));
    ncrt_names_free(&names);
  }
  for (int i = 0; i < program->datasets.count && texts.count == 0; i++)
    for (int k = 0; k < program->datasets.items[i].bindings.count; k++)
      if (program->datasets.items[i].bindings.items[k].input == input)
        texts = program->datasets.items[i].bindings.items[k].classes;
  return texts;
}

// Whether an input may hold true classes, of which there are `classes`: 2 if it says that there are
// so many, 1 if it says nothing.
static int label_rank(const NcLabels *l, int input, int64_t classes) {
  const NcInput *in = &l->program->inputs.items[input];
  if (in->type.rank != 1 || !nc_dim_equal(in->type.dims[0], nc_dim_batch()) ||
      !nc_dtype_is_integer(in->type.dtype) || is_needed(l, input))
    return 0;
  if (nc_label_names(l, input).count == classes)
    return 2;
  if (in->has_range)
    return in->low == 0 && in->high == classes ? 2 : 0;
  return 1;
}

// The one input of the best rank; -1 if there is none, or several.
int nc_label_find(const NcLabels *l, int64_t classes) {
  for (int rank = 2; rank > 0; rank--) {
    int found = -1, count = 0;
    for (int i = 0; i < l->program->inputs.count; i++)
      if (label_rank(l, i, classes) == rank) {
        found = i;
        count++;
      }
    if (count > 0)
      return count == 1 ? found : -1;
  }
  return -1;
}
