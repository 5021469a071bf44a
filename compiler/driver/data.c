// Data files between the front end, which asks what they hold, and the runtime, which reads them.
#include "driver/data.h"

#include "driver/compile.h"

#include <stdlib.h>

NcrtReading nc_data_reading(const NcReading *reading) {
  return (NcrtReading){.reader = reading->reader,
                       .dtype = (NcrtDtype)reading->dtype,
                       .columns = {reading->columns.count, reading->columns.items},
                       .one_column = reading->one_column,
                       .separator = reading->separator,
                       .array = reading->array,
                       .classes = {reading->classes.count, reading->classes.items}};
}

static bool find_file(const NcUnit *unit, const NcReading *reading, char **path,
                      NcrtStatus *status) {
  return ncrt_file_find("data file", reading->file, unit->folders, unit->folder_count, path,
                        status);
}

static NcTexts copy_names(NcArena *arena, const NcrtNames *names) {
  NcTexts texts = {0};
  for (int i = 0; i < names->count; i++)
    nc_vec_push(arena, texts, nc_arena_strdup(arena, names->items[i]));
  return texts;
}

static void fail_facts(NcArena *arena, const NcrtStatus *status, NcFacts *facts) {
  facts->status = NC_FACTS_BAD;
  facts->message = nc_arena_strdup(arena, status->message);
}

static void array_facts(NcArena *arena, const NcInput *input, const NcrtArray *array,
                        NcFacts *facts) {
  const NcrtArrayHeader *header = &array->header;
  NcrtStatus status = {0};
  facts->status = NC_FACTS_OK;
  facts->type = (NcType){.dtype = (NcDtype)header->dtype, .rank = header->rank};
  for (int d = 0; d < header->rank; d++)
    facts->type.dims[d] = d ? nc_dim(header->dims[d]) : nc_dim_batch();
  facts->samples = header->dims[0];
  facts->classes = copy_names(arena, &array->classes);
  if (array->data && !ncrt_array_check_range(nc_runtime_inputs(arena, input, 1), array, &status))
    facts->outside = nc_arena_strdup(arena, status.message);
}

static void file_facts(NcArena *arena, const NcReading *reading, const char *path,
                       const NcInput *input, NcFacts *facts) {
  NcrtStatus status = {0};
  NcrtReading what = nc_data_reading(reading);
  NcrtNames names;
  NcrtArray array;
  if (!ncrt_read_names(&what, path, &facts->no_name, &names, &status)) {
    fail_facts(arena, &status, facts);
  } else if (facts->no_name) {
    facts->status = NC_FACTS_NO_NAME;
    facts->names = copy_names(arena, &names);
    ncrt_names_free(&names);
  } else if (!ncrt_read(&what, path, input->has_range, &array, &status)) {
    fail_facts(arena, &status, facts);
  } else {
    array_facts(arena, input, &array, facts);
    ncrt_array_free(&array);
  }
}

void nc_data_facts(void *context, NcArena *arena, const NcReading *reading, const NcInput *input,
                   NcFacts *facts) {
  const NcUnit *unit = context;
  NcrtStatus status = {0};
  char *path = NULL;
  if (find_file(unit, reading, &path, &status))
    file_facts(arena, reading, path, input, facts);
  free(path);
}

bool nc_data_bind(const NcUnit *unit, NcrtDataset *dataset, const NcBinding *binding,
                  NcrtStatus *status) {
  NcrtReading what = nc_data_reading(&binding->reading);
  char *path = NULL;
  bool done = find_file(unit, &binding->reading, &path, status) &&
              ncrt_dataset_bind_file(dataset, binding->input, &what, path, status);
  free(path);
  return done;
}

char *nc_data_describe(NcArena *arena, const NcProgram *program) {
  NcText text = nc_text_create(arena);
  nc_text_append(&text, "");
  for (int i = 0; i < program->datasets.count; i++) {
    const NcDataset *d = &program->datasets.items[i];
    nc_text_printf(&text, "%s%s:", i ? "\n" : "", d->name);
    if (d->split)
      nc_text_printf(&text, " part %d of %s", d->part + 1,
                     program->datasets.items[d->split->whole].name);
    for (int k = 0; !d->split && k < d->bindings.count; k++)
      nc_text_printf(&text, " %s = %s", program->inputs.items[d->bindings.items[k].input].name,
                     d->bindings.items[k].reading.text);
  }
  return text.data;
}
