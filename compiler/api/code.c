// Compiles a program: what every session needs when it is opened, and what a run fetches when it is
// first asked for.
#include "api/api.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

// Messages begin anew, but the stream stays.
const char *nc_api_code_messages(NcApiCode *code) {
  fflush(code->messages);
  rewind(code->messages);
  size_t length = code->length;
  while (length > 0 && code->text[length - 1] == '\n')
    length--;
  code->text[length] = 0;
  return strncmp(code->text, "netc: ", 6) == 0 ? code->text + 6 : code->text;
}

void nc_api_code_close(NcApiCode *code) {
  if (code->e.unit)
    nc_experiment_close(&code->e);
  nc_unit_close(&code->unit);
  fclose(code->messages);
  free(code->text);
  free(code->fetch);
}

static void open_unit(NcApiCode *code, const NetcProgram *program, const char *source) {
  if (source)
    nc_unit_open_text(&code->unit, &program->options, source, strlen(source));
  else
    nc_unit_open_checkpoint(&code->unit, &program->options, &program->info);
}

static bool compile(NcApiCode *code, const NetcProgram *program, const char *source,
                    const char *const *entries, NetcStatus *status) {
  code->messages = open_memstream(&code->text, &code->length);
  if (!code->messages)
    return nc_api_fail_memory(status);
  open_unit(code, program, source);
  code->unit.messages = code->messages;
  code->unit.fetch = code->fetch && *code->fetch ? code->fetch : NULL;
  code->unit.fetch_training = code->mode == NETC_TRAINING || code->mode == NETC_STEP;
  NetcCode failed = NETC_BAD_INPUT;
  if (nc_unit_check(&code->unit, false)) {
    nc_experiment_open(&code->e, &code->unit);
    int exit_code =
        nc_unit_passes(&code->unit, NULL, NULL)
            ? nc_experiment_code(&code->e, &program->options, entries, 1, &code->e.compiled)
            : NC_EXIT_INPUT;
    if (exit_code == NC_EXIT_OK)
      return true;
    failed = exit_code == NC_EXIT_MACHINE ? NETC_MACHINE_FAILED : NETC_BAD_INPUT;
  }
  nc_api_fail(status, failed, "%s", nc_api_code_messages(code));
  nc_api_code_close(code);
  return false;
}

bool nc_api_code_open(NcApiCode *code, const NetcProgram *program, const char *source,
                      const char *const *entries, NetcStatus *status) {
  locale_t before = nc_api_locale_begin();
  bool ok = compile(code, program, source, entries, status);
  nc_api_locale_end(before);
  return ok;
}

// ---- for runs

static const char *entry_name(NetcMode mode) {
  return mode == NETC_STEP ? "train_step" : mode == NETC_COUNT ? "evaluate" : "fetch";
}

static char *join(const NetcRun *run) {
  size_t length = 1;
  for (int i = 0; i < run->fetch_count; i++)
    length += strlen(run->fetch[i]) + 2;
  char *text = malloc(length), *at = text;
  for (int i = 0; text && i < run->fetch_count; i++)
    at += sprintf(at, "%s%s", i ? ", " : "", run->fetch[i]);
  if (text)
    *at = 0;
  return text;
}

static bool check_mode(const NetcProgram *program, const NetcRun *run, NetcStatus *status) {
  if (run->mode < NETC_EVALUATE || run->mode > NETC_STEP)
    return nc_api_fail(status, NETC_BAD_INPUT, "there is no mode %d", (int)run->mode);
  if (run->mode == NETC_STEP && !program->code.unit.program->train.present)
    return nc_api_fail(status, NETC_BAD_INPUT,
                       "the program has no train block: add `train { "
                       "minimize = …  optimizer = … }`");
  if (run->fetch_count < 0 || run->feed_count < 0)
    return nc_api_fail(status, NETC_BAD_INPUT, "a count is negative");
  if (run->fetch_count == 0 && (run->mode == NETC_EVALUATE || run->mode == NETC_TRAINING))
    return nc_api_fail(status, NETC_BAD_INPUT,
                       "the run does nothing: it fetches nothing, and is "
                       "neither a step nor counts for the metrics");
  for (int i = 0; i < run->fetch_count; i++)
    if (!run->fetch[i] || !run->fetch[i][strspn(run->fetch[i], " ")])
      return nc_api_fail(status, NETC_BAD_INPUT, "fetch[%d] is empty", i);
  return true;
}

// A text with a comma may be two values, or half of one.
static bool check_count(const NcApiCode *code, const NetcRun *run, NetcStatus *status) {
  int count = run->fetch_count > 0 ? code->unit.fetched->args.count : 0;
  return count == run->fetch_count ||
         nc_api_fail(status, NETC_BAD_INPUT,
                     "%d expressions are %d values: give each value a text of its own",
                     run->fetch_count, count);
}

static NcApiCode *make(const NetcProgram *program, NetcMode mode, char *fetch, NetcStatus *status) {
  const char *const entries[] = {entry_name(mode), NULL};
  NcApiCode *code = calloc(1, sizeof *code);
  if (!code) {
    free(fetch);
    nc_api_fail_memory(status);
    return NULL;
  }
  code->mode = mode;
  code->fetch = fetch;
  if (nc_api_code_open(code, program, NULL, entries, status))
    return code;
  free(code);
  return NULL;
}

static NcApiCode *find(const NetcProgram *program, NetcMode mode, const char *fetch) {
  NcApiCode *code = program->more;
  while (code && (code->mode != mode || strcmp(code->fetch, fetch) != 0))
    code = code->next;
  return code;
}

// Another thread may have been faster. Codes that are there are found while one is made.
static const NcApiCode *add(NetcProgram *program, NetcMode mode, char *fetch, NetcStatus *status) {
  pthread_mutex_lock(&program->lock);
  NcApiCode *code = find(program, mode, fetch);
  if (code) {
    free(fetch);
  } else if ((code = make(program, mode, fetch, status))) {
    code->next = program->more;
    program->more = code;
  }
  pthread_mutex_unlock(&program->lock);
  return code;
}

const NcApiCode *nc_api_code_find(NetcProgram *program, const NetcRun *run, NetcStatus *status) {
  if (!check_mode(program, run, status))
    return NULL;
  char *fetch = join(run);
  if (!fetch) {
    nc_api_fail_memory(status);
    return NULL;
  }
  const NcApiCode *code = find(program, run->mode, fetch);
  if (code)
    free(fetch);
  else
    code = add(program, run->mode, fetch, status);
  return code && check_count(code, run, status) ? code : NULL;
}
