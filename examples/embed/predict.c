// Predictions of a network that was trained before: of a checkpoint, or else of a few steps here.
#include "example.h"

int main(int argc, char **argv) {
  NetcProgram *program = open_program(argc, argv);
  NetcSession *session = open_session(program);
  NetcIterator *batches = open_iterator(session, "mnist_train", 50, true);
  NetcRun step = {NETC_STEP, .data = batches};
  while (netc_steps(session) < 80)
    if (netc_next(batches) > 0)
      check(netc_run(session, &step, NULL, &status));

  NetcIterator *pictures = open_iterator(session, "mnist_test", 10, false);
  static const char *const fetch[] = {"argmax(probabilities)", "max(probabilities, axis = 1)",
                                      "label"};
  NetcTensor values[3];
  netc_next(pictures);
  NetcRun run = {.fetch = fetch, .fetch_count = 3, .data = pictures};
  check(netc_run(session, &run, values, &status));
  for (int n = 0; n < values[0].dims[0]; n++)
    printf("a %lld, with probability %.2f; it is a %d\n",
           (long long)((const int64_t *)values[0].data)[n], ((const float *)values[1].data)[n],
           ((const uint8_t *)values[2].data)[n]);
  netc_session_close(session);
  netc_close(program);
}
