// Programs that train, against what PyTorch and optax computed: tests/fixtures/training/*.txt,
// which make_training.py there describes and writes.
#include "ops/machine.h"
#include "ops/sessions.h"
#include "ops/sources.h"

#include "dtype.h"

#include <glob.h>

typedef struct Case {
  NcArena *arena;
  const char *name;
  NcCompiled *compiled;
  NcrtSession *session;
  NcrtStatus status;
} Case;

// ---- numbers of a line

static double next_number(char **at) {
  char *end;
  double value = strtod(*at, &end);
  if (end == *at)
    fail_msg("a number is missing: %s", *at);
  *at = end;
  return value;
}

static char *next_word(char **at) {
  char *word = *at + strspn(*at, " ");
  size_t length = strcspn(word, " ");
  *at = word + length + (word[length] != 0);
  word[length] = 0;
  return word;
}

// ---- variables

static const NcrtVariable *find(const Case *c, const char *name, void **data, int64_t *count) {
  int number = ncrt_session_variable(c->session, name);
  if (number < 0)
    fail_msg("%s: there is no variable %s", c->name, name);
  const NcrtVariable *variable = &c->compiled->program.variables[number];
  *data = ncrt_session_data(c->session, number);
  *count = ncrt_shape_elements(&variable->shape, 1);
  return variable;
}

static double element(const NcrtVariable *variable, const void *data, int64_t i) {
  return variable->shape.dtype == NCRT_F64 ? ((const double *)data)[i]
                                           : (double)((const float *)data)[i];
}

static void set(const Case *c, char *line) {
  void *data;
  int64_t count;
  const NcrtVariable *variable = find(c, next_word(&line), &data, &count);
  for (int64_t i = 0; i < count; i++) {
    double value = next_number(&line);
    if (variable->shape.dtype == NCRT_F64)
      ((double *)data)[i] = value;
    else
      ((float *)data)[i] = (float)value;
  }
}

static void check_values(const Case *c, char *line) {
  void *data;
  int64_t count;
  const char *name = next_word(&line);
  const NcrtVariable *variable = find(c, name, &data, &count);
  double tolerance = next_number(&line);
  for (int64_t i = 0; i < count; i++) {
    double wanted = next_number(&line), given = element(variable, data, i);
    if (!(fabs(given - wanted) <= tolerance * fmax(1e-3, fabs(wanted))))
      fail_msg("%s: after step %lld element %lld of %s is %.17g, but should be %.17g", c->name,
               (long long)ncrt_session_step(c->session), (long long)i, name, given, wanted);
  }
  assert_string_equal(line, "");
}

// Mean, deviation and the ends of the range, each with the room that it has.
static void check_moments(const Case *c, char *line) {
  void *data;
  int64_t count;
  const char *name = next_word(&line);
  const NcrtVariable *variable = find(c, name, &data, &count);
  double sum = 0, squares = 0, least = INFINITY, most = -INFINITY;
  for (int64_t i = 0; i < count; i++) {
    double x = element(variable, data, i);
    sum += x;
    squares += x * x;
    least = fmin(least, x);
    most = fmax(most, x);
  }
  double mean = sum / (double)count, deviation = sqrt(squares / (double)count - mean * mean);
  const double given[] = {mean, deviation, least, most};
  static const char *const what[] = {"mean", "deviation", "least", "most"};
  for (int i = 0; i < 4; i++) {
    double wanted = next_number(&line), room = next_number(&line);
    if (!(fabs(given[i] - wanted) <= room))
      fail_msg("%s: the %s of %s is %g, but should be %g within %g", c->name, what[i], name,
               given[i], wanted, room);
  }
}

static void initialize(Case *c, int64_t seed) {
  ncrt_session_set_seed(c->session, seed);
  if (!ncrt_session_initialize(c->session, NULL, &c->status))
    fail_msg("%s: %s", c->name, c->status.message);
}

static void check_seeded(Case *c, char *line) {
  void *data;
  int64_t count;
  const NcrtVariable *variable = find(c, next_word(&line), &data, &count);
  size_t bytes = (size_t)ncrt_shape_bytes(&variable->shape, 1);
  void *before = nc_arena_alloc(c->arena, bytes);
  memcpy(before, data, bytes);
  initialize(c, 2);
  assert_memory_not_equal(before, data, bytes);
  initialize(c, 1);
  assert_memory_equal(before, data, bytes);
}

// ---- cases

static void run_step(Case *c, char *line) {
  ncrt_session_set_step(c->session, (int64_t)next_number(&line));
  ncrt_session_set_epoch(c->session, (int64_t)next_number(&line));
  int entry = ncrt_session_entry(c->session, "train_step");
  if (!ncrt_session_run(c->session, entry, 1, NULL, &c->status))
    fail_msg("%s: %s", c->name, c->status.message);
}

static void open_case(Case *c, const char *source) {
  NcTarget target = native_target(c->arena);
  c->compiled = compile(c->arena, program_of(c->arena, c->name, source), &target);
  if (!ncrt_session_open(&c->compiled->program, 1, 1, &c->session, &c->status))
    fail_msg("%s: %s", c->name, c->status.message);
  initialize(c, 1);
}

static void close_case(Case *c) {
  if (!c->session)
    return;
  ncrt_session_close(c->session);
  nc_compiled_destroy(c->compiled);
  nc_arena_destroy(c->arena);
  *c = (Case){0};
}

static void follow(Case *c, char *line) {
  const char *what = next_word(&line);
  if (strcmp(what, "set") == 0)
    set(c, line);
  else if (strcmp(what, "run") == 0)
    run_step(c, line);
  else if (strcmp(what, "value") == 0)
    check_values(c, line);
  else if (strcmp(what, "moments") == 0)
    check_moments(c, line);
  else if (strcmp(what, "seeded") == 0)
    check_seeded(c, line);
  else
    fail_msg("%s: what is '%s'?", c->name, what);
}

// A case is its name, its program, indented, and what to do with it.
static int run_file(FILE *file) {
  Case c = {0};
  NcText source = {0};
  char *line = NULL;
  size_t room = 0;
  int cases = 0;
  while (getline(&line, &room, file) > 0) {
    line[strcspn(line, "\n")] = 0;
    if (strncmp(line, "case ", 5) == 0) {
      close_case(&c);
      c.arena = nc_arena_create();
      c.name = nc_arena_strdup(c.arena, line + 5);
      source = nc_text_create(c.arena);
      cases++;
    } else if (*line == ' ') {
      nc_text_printf(&source, "%s\n", line);
    } else if (*line) {
      if (!c.session)
        open_case(&c, source.data);
      follow(&c, line);
    }
  }
  close_case(&c);
  free(line);
  return cases;
}

static void programs_train_as_the_judges_say(void **state) {
  (void)state;
  glob_t files;
  assert_int_equal(glob(NETC_SOURCE_DIR "/tests/fixtures/training/*.txt", 0, NULL, &files), 0);
  for (size_t i = 0; i < files.gl_pathc; i++) {
    FILE *file = fopen(files.gl_pathv[i], "r");
    assert_non_null(file);
    assert_true(run_file(file) > 0);
    fclose(file);
  }
  globfree(&files);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(programs_train_as_the_judges_say)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
