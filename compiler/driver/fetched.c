// Values that were fetched, for the user: printed, saved, drawn or as JSON.
#include "driver/fetched.h"

#include "driver/plot_values.h"
#include "driver/sources.h"
#include "driver/values.h"
#include "npy.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

// Several values are saved in a folder, one in a file or in a folder.
static int open_out(const char *out, bool several) {
  NcrtStatus status = {0};
  if (ncrt_file_is_folder(out) || (several && mkdir(out, 0777) == 0))
    return NC_EXIT_OK;
  if (several && errno == EEXIST) {
    fprintf(stderr, "netc: several values are saved in a folder, and %s is a file\n", out);
    return NC_EXIT_INPUT;
  }
  if (several) {
    fprintf(stderr, "netc: several values are saved in a folder, and %s cannot be made: %s\n", out,
            strerror(errno));
    return NC_EXIT_INPUT;
  }
  return ncrt_file_check_target(out, &status) ? NC_EXIT_OK : nc_fail_status(&status);
}

int nc_fetched_open(NcExperiment *e, const NcOptions *options) {
  bool several = e->unit->fetched->args.count > 1;
  const char *wrong = NULL;
  e->options = options;
  if (options->plot && (several || options->out || options->json))
    wrong = "--plot draws one value, and goes with neither --out nor --json";
  else if (options->out && options->json)
    wrong = "--out saves values as npy files and --json prints them: leave one out";
  if (wrong)
    fprintf(stderr, "netc: %s\n", wrong);
  return wrong           ? NC_EXIT_USAGE
         : options->plot ? nc_plot_file_open(e->unit->arena, options->plot, &e->plot)
         : options->out  ? open_out(options->out, several)
                         : NC_EXIT_OK;
}

// "grad(loss, weights.c1)" becomes "grad_loss_weights.c1_.npy".
static const char *file_name(NcArena *arena, const char *text) {
  NcText name = nc_text_create(arena);
  for (const char *c = text; *c; c++) {
    bool dot =
        *c == '.' && c > text && isalnum((unsigned char)c[-1]) && isalnum((unsigned char)c[1]);
    bool plain = dot || *c == '_' || isalnum((unsigned char)*c);
    if (plain)
      nc_text_append_n(&name, c, 1);
    else if (name.length > 0 && name.data[name.length - 1] != '_')
      nc_text_append(&name, "_");
  }
  nc_text_append(&name, ".npy");
  return name.data;
}

static int save(NcExperiment *e, const char *name, const NcrtShape *shape, int64_t batch,
                const void *data) {
  NcrtStatus status = {0};
  const char *out = e->options->out;
  if (ncrt_file_is_folder(out))
    out = nc_arena_printf(e->unit->arena, "%s/%s", out, file_name(e->unit->arena, name));
  if (!ncrt_npy_write(out, shape, batch, data, &status))
    return nc_fail_status(&status);
  printf("saved %s\n", out);
  return NC_EXIT_OK;
}

static int plot(NcExperiment *e, int entry, int64_t batch, const char *name) {
  NcrtShape shape;
  const void *data = ncrt_session_result(e->session, entry, "fetch[0]", &shape);
  int code = nc_plot_file_write(
      &e->plot, nc_plot_values(e->unit->arena, e->plot.painter, name, &shape, batch, data));
  if (code == NC_EXIT_OK)
    printf("drawn %s\n", e->plot.path);
  return code;
}

int nc_fetched_show(NcExperiment *e, int entry, int64_t batch) {
  if (e->options->plot)
    return plot(e, entry, batch, nc_fetched_text(e->unit, 0));
  json_t *all = e->options->json ? json_array() : NULL;
  int code = NC_EXIT_OK;
  for (int i = 0; code == NC_EXIT_OK && i < e->unit->fetched->args.count; i++) {
    NcrtShape shape;
    const char *name = nc_fetched_text(e->unit, i);
    const void *data = ncrt_session_result(e->session, entry,
                                           nc_arena_printf(e->unit->arena, "fetch[%d]", i), &shape);
    if (e->options->out)
      code = save(e, name, &shape, batch, data);
    else if (all)
      json_array_append_new(all, nc_values_json(name, &shape, batch, data));
    else
      nc_values_print(stdout, name, &shape, batch, data);
  }
  if (all) {
    json_dumpf(all, stdout, JSON_INDENT(0));
    printf("\n");
    json_decref(all);
  }
  return code;
}
