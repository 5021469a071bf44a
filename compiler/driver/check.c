// netc check: parses and checks a file and says what is wrong.
#include "driver/load.h"

#include <inttypes.h>
#include <stdio.h>

static void summarise(const NcUnit *unit) {
  const NcModule *m = unit->program->module;
  int64_t params = 0, values = 0;
  for (int i = 0; i < m->variables.count; i++) {
    if (m->variables.items[i]->kind != NC_VAR_PARAM)
      continue;
    params++;
    values += nc_type_elements(&m->variables.items[i]->type).c;
  }
  printf("%s: no errors; %" PRId64 " params with %" PRId64 " values\n",
         unit->sources->files.items[unit->file].name, params, values);
}

static int run(const NcOptions *options) {
  NcUnit unit;
  if (!nc_unit_open_any(&unit, options))
    return NC_EXIT_INPUT;
  bool ok = nc_unit_check(&unit, false) && nc_unit_passes(&unit, NULL, NULL);
  if (ok)
    summarise(&unit);
  nc_unit_close(&unit);
  return ok ? NC_EXIT_OK : NC_EXIT_INPUT;
}

const NcCommand nc_command_check = {
    .name = "check",
    .argument = "FILE.net",
    .summary = "Check a file: syntax, names, types, shapes, and the data sets that are there.",
    .details = "Every error is reported, up to 20, with its place, both types and a fix.",
    .example = "netc check examples/mnist/mnist.net",
    .options = " --data --set --timings ",
    .run = run,
};
