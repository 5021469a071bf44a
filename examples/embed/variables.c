// Variables and initializers: what a session begins with, and how it begins again.
#include "example.h"

static float first(NetcSession *session, const char *path) {
  NetcTensor value;
  check(netc_get(session, path, &value, &status));
  return *(const float *)value.data;
}

int main(int argc, char **argv) {
  static const char *const kinds[] = {"param", "state", "metric", "buffer"};
  NetcProgram *program = open_program(argc, argv);
  const char *name;
  NetcKind kind;
  NetcTensor type;
  for (int i = 0; netc_variable(program, i, &name, &kind, &type); i++)
    printf("%-6s %s[%lld] %s\n", kinds[kind], netc_dtype_name(type.dtype),
           (long long)netc_elements(&type), name);

  // Every session has variables of its own; the seed gives their first values.
  NetcSession *a, *b;
  check(netc_session_open(program, &(NetcSessionOptions){.seed = 1}, &a, &status));
  check(netc_session_open(program, &(NetcSessionOptions){.seed = 2}, &b, &status));
  printf("weights.c1 begins with %g, with another seed with %g\n", first(a, "weights.c1"),
         first(b, "weights.c1"));

  float ones[16];
  for (int i = 0; i < 16; i++)
    ones[i] = 1;
  NetcTensor value = {.dtype = NETC_F32, .rank = 1, .dims = {16}, .data = ones};
  check(netc_set(a, "biases.c1", &value, &status));
  printf("biases.c1 is %g, in the other session %g\n", first(a, "biases.c1"),
         first(b, "biases.c1"));
  check(netc_initialize(a, &status)); // params, buffers and the optimizer's state
  check(netc_reset_metrics(a, &status));
  printf("biases.c1 is %g again\n", first(a, "biases.c1"));
  netc_session_close(a);
  netc_session_close(b);
  netc_close(program);
}
