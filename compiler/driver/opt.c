// netc opt: runs passes on a graph's text form.
#include "driver/load.h"
#include "driver/select.h"
#include "ir/read.h"
#include "ops/ops.h"

#include <stdio.h>
#include <string.h>

static int run_passes(NcUnit *unit, NcModule *module, const char *list) {
  char *names = nc_arena_strdup(unit->arena, list ? list : "");
  for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {
    const NcPass *pass = nc_select_pass("opt", name);
    if (!pass)
      return NC_EXIT_USAGE;
    if (!nc_pass_run(pass, module, unit->diags))
      return NC_EXIT_INPUT;
  }
  NcText text = nc_text_create(unit->arena);
  nc_module_print(&text, module, NULL);
  fputs(text.data ? text.data : "", stdout);
  return NC_EXIT_OK;
}

static int run(const NcOptions *options) {
  NcUnit unit;
  if (!nc_unit_open(&unit, options))
    return NC_EXIT_INPUT;
  NcModule *module = nc_module_read(unit.arena, unit.sources, unit.file, unit.diags, nc_op_by_name);
  int code = module ? run_passes(&unit, module, options->pass) : NC_EXIT_INPUT;
  nc_unit_report(&unit);
  nc_unit_close(&unit);
  return code;
}

const NcCommand nc_command_opt = {
    .name = "opt",
    .argument = "FILE.ir",
    .summary = "Run passes on the graph IR's text form and print the result.",
    .details =
        "Without --pass the file is read, verified and printed. '-' reads the standard input.",
    .example = "netc opt --pass=cse,prune graph.ir",
    .options = " --pass ",
    .run = run,
};
