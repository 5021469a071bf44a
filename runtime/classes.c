// Names of classes as JSON.
#include "classes.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static json_t *list_of(const NcrtNames *names) {
  json_t *list = json_array();
  for (int i = 0; list != NULL && i < names->count; i++)
    json_array_append_new(list, json_string(names->items[i]));
  return list;
}

bool ncrt_classes_write(const NcrtDataset *dataset, char **text, NcrtStatus *status) {
  json_t *all = json_object();
  *text = NULL;
  for (int i = 0; all != NULL && i < dataset->count; i++) {
    const NcrtBound *bound = &dataset->bound[i];
    if (bound->array.classes.count > 0)
      json_object_set_new(all, dataset->program->inputs[bound->input].name,
                          list_of(&bound->array.classes));
  }
  bool any = json_object_size(all) > 0;
  if (any)
    *text = json_dumps(all, JSON_COMPACT);
  json_decref(all);
  return !any || *text != NULL || ncrt_fail_memory(status, 1, "the names of classes");
}

static bool read_names(const json_t *list, NcrtNames *names, NcrtStatus *status) {
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *item = json_array_get(list, i);
    if (!json_is_string(item))
      return ncrt_fail(status, NCRT_BAD_INPUT,
                       "netc.classes in the checkpoint's metadata is no list of names");
    if (!ncrt_names_add(names, json_string_value(item), json_string_length(item), status))
      return false;
  }
  return true;
}

bool ncrt_classes_read(const char *text, const char *input, NcrtNames *names, NcrtStatus *status) {
  *names = (NcrtNames){0};
  if (text == NULL)
    return true;
  json_t *all = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  bool done = json_is_object(all)
                  ? read_names(json_object_get(all, input), names, status)
                  : ncrt_fail(status, NCRT_BAD_INPUT,
                              "netc.classes in the checkpoint's metadata is no JSON object");
  json_decref(all);
  if (!done)
    ncrt_names_free(names);
  return done;
}

static bool same_names(const NcrtNames *a, const NcrtNames *b) {
  bool same = a->count == b->count;
  for (int i = 0; same && i < a->count; i++)
    same = strcmp(a->items[i], b->items[i]) == 0;
  return same;
}

static bool check_input(const NcrtBound *bound, const char *input, const char *text,
                        NcrtStatus *status) {
  const NcrtNames *here = &bound->array.classes;
  NcrtNames names;
  if (!ncrt_classes_read(text, input, &names, status))
    return false;
  bool same = here->count == 0 || names.count == 0 || same_names(here, &names);
  ncrt_names_free(&names);
  return same || ncrt_fail(status, NCRT_BAD_INPUT,
                           "%s: the classes of input %s are not those that the checkpoint was "
                           "trained with, so their numbers differ; list them in the source with "
                           "classes = [...]",
                           bound->array.name, input);
}

bool ncrt_classes_check(const NcrtDataset *dataset, const char *text, NcrtStatus *status) {
  for (int i = 0; i < dataset->count; i++) {
    const NcrtBound *bound = &dataset->bound[i];
    if (!check_input(bound, dataset->program->inputs[bound->input].name, text, status))
      return false;
  }
  return true;
}
