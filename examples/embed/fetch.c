// Any node is fetched by its name or path, as are gradients and what the optimizer keeps.
#include "example.h"

static void print(const char *name, const NetcTensor *value) {
  printf("%s: %s[", name, netc_dtype_name(value->dtype));
  for (int d = 0; d < value->rank; d++)
    printf("%s%lld", d ? ", " : "", (long long)value->dims[d]);
  printf("]\n");
}

int main(int argc, char **argv) {
  NetcProgram *program = open_program(argc, argv);
  NetcSession *session = open_session(program);
  NetcIterator *batches = open_iterator(session, "mnist_train", 10, true);
  static const char *const fetch[] = {"loss",
                                      "convnet.p2",
                                      "weights.c1",
                                      "grad(loss, weights.c1)",
                                      "adam.m(weights.c1)",
                                      "max(abs(grad(loss, weights.d2)))"};
  enum { COUNT = sizeof fetch / sizeof *fetch };
  NetcTensor values[COUNT];
  netc_next(batches);
  NetcRun run = {NETC_TRAINING, fetch, COUNT, .data = batches};
  check(netc_run(session, &run, values, &status));
  for (int i = 0; i < COUNT; i++)
    print(fetch[i], &values[i]);
  netc_session_close(session);
  netc_close(program);
}
