// In builds with the address sanitizer, generated code that goes one element too far is caught: at
// the end of a variable, of an input, and between the values of the arena and of a worker's memory.
#include "ops/samples.h"

#include "driver/compile.h"
#include "emit/jit.h"
#include "emit/target.h"
#include "netc_rt.h"
#include "poison.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BATCH = 16 }; // a whole chunk

static const char text[] = "module {\n  param w: f32[37]\n}\n"
                           "graph f(x: f32[N, 21], y: f32[N, 70, 51]) {\n"
                           "  %1 = exp %x : f32[N, 21]\n"
                           "  %2 = sum %1 {axes = [1]} : f32[N]\n"
                           "  %3 = broadcast %2 {axes = [0]} : f32[N, 21]\n"
                           "  %4 = div %1, %3 : f32[N, 21]\n"
                           "  %5 = exp @w : f32[37]\n"
                           "  %6 = exp %y : f32[N, 70, 51]\n" // in a run
                           "  %7 = sum %6 {axes = [2]} : f32[N, 70]\n"
                           "  %8 = broadcast %7 {axes = [0, 1]} : f32[N, 70, 51]\n"
                           "  %9 = div %6, %8 : f32[N, 70, 51]\n"
                           "  result output a = %4\n"
                           "  result output b = %9\n"
                           "  update w = %5\n"
                           "}\n";

typedef struct Program {
  NcArena *arena;
  NcTarget target;
  const NcModule *module;
  NcEmitEntry entry;
} Program;

static void open_program(Program *p) {
  p->arena = nc_arena_create();
  const char *message = NULL;
  NcSourceMap *sources = nc_source_create(p->arena);
  NcDiags *diags = nc_diags_create(p->arena, sources);
  int file = nc_source_add(sources, "test.ir", text, strlen(text), false);
  p->module = nc_module_read(p->arena, sources, file, diags, nc_op_by_name);
  assert_non_null(p->module);
  assert_true(nc_target_select(p->arena, NULL, "native", &p->target, &message));
  p->target.gap = 64;
  p->entry = (NcEmitEntry){"f", nc_plan_graph(p->arena, p->module->graphs.items[0], &p->target)};
}

typedef enum Access { STORES, LOADS } Access;

static void shift_loads(NcKExpr *x) {
  if (x->kind == NC_X_LOAD)
    x->index.constant++;
  for (int i = 0; i < 3 && x->args[i]; i++)
    shift_loads(x->args[i]);
}

// Every store, or load, of the block goes one element further than it should.
static void shift(NcKBlock *block, Access access) {
  for (int i = 0; i < block->count; i++) {
    NcKStmt *s = block->items[i];
    if (s->kind == NC_K_FOR)
      shift(&s->body, access);
    else if (access == STORES && s->kind == NC_K_STORE)
      s->index.constant++;
    else if (access == LOADS)
      shift_loads(s->value);
  }
}

// Spoils the kernels that write to (or read from) places of a kind; false if there are none.
static bool spoil(Program *p, Access access, NcPlaceKind kind) {
  const NcPlan *plan = p->entry.plan;
  bool any = false;
  for (int i = 0; i < plan->phases.count; i++) {
    for (int k = 0; k < plan->phases.items[i].calls.count; k++) {
      NcCall *call = &plan->phases.items[i].calls.items[k];
      if (!call->kernel || call->places[access == LOADS ? call->place_count - 1 : 0].kind != kind)
        continue;
      shift(&call->kernel->body, access);
      NcText shifted = nc_text_create(p->arena);
      nc_kernel_print(&shifted, call->kernel, false);
      call->kernel->text = shifted.data;
      any = true;
    }
  }
  return any;
}

static void run_program(Program *p) {
  const char *message = NULL;
  NcrtStatus status = {0};
  NcrtSession *session;
  NcJit *jit = nc_jit_compile(p->arena, &p->entry, 1, &p->target, &message);
  NcCompiled *compiled =
      jit ? nc_compile(p->arena, p->module, &p->entry, 1, NULL, 0, nc_jit_functions(jit), &message)
          : NULL;
  if (!compiled || !ncrt_session_open(&compiled->program, BATCH, 1, &session, &status)) {
    fprintf(stderr, "%s\n", message ? message : status.message);
    _exit(2);
  }
  float *x = calloc(BATCH * 21, sizeof *x), *y = calloc((size_t)BATCH * 70 * 51, sizeof *y);
  const void *inputs[] = {x, y};
  ncrt_session_run(session, 0, BATCH, inputs, &status);
  free(x);
  free(y);
  ncrt_session_close(session);
  nc_compiled_destroy(compiled);
}

// Runs the program in a process of its own: its exit status, and what it said of an error.
static int run_apart(Program *p, char *said, size_t size) {
  FILE *error = tmpfile();
  assert_non_null(error);
  fflush(NULL);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    dup2(fileno(error), STDERR_FILENO);
    run_program(p);
    _exit(0);
  }
  int status;
  assert_int_equal(waitpid(child, &status, 0), child);
  rewind(error);
  said[fread(said, 1, size - 1, error)] = 0;
  fclose(error);
  return status;
}

static void expect(Access access, NcPlaceKind kind, const char *report) {
  Program p;
  char said[20000];
  open_program(&p);
  if (report)
    assert_true(spoil(&p, access, kind));
  int status = run_apart(&p, said, sizeof said);
  if (!report && status != 0)
    fail_msg("a program that is right ends with %d: %s", status, said);
  if (report && (status == 0 || !strstr(said, report)))
    fail_msg("instead of %s, the program ends with %d: %s", report, status, said);
  nc_arena_destroy(p.arena);
}

static void catches_what_goes_too_far(void **state) {
  (void)state;
  if (!NCRT_SANITIZED)
    skip();
  expect(STORES, NC_PLACE_ARENA, NULL);
  expect(STORES, NC_PLACE_VARIABLE, "use-after-poison");
  expect(STORES, NC_PLACE_ARENA, "use-after-poison");
  expect(STORES, NC_PLACE_LOCAL, "use-after-poison");
  expect(STORES, NC_PLACE_ONE, "use-after-poison");
  expect(LOADS, NC_PLACE_INPUT, "heap-buffer-overflow");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(catches_what_goes_too_far)};
  return cmocka_run_group_tests_name("sanitized", tests, NULL, NULL);
}
