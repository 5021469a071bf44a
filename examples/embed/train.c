// Training: every run is a step, which gives the loss too.
#include "example.h"

int main(int argc, char **argv) {
  NetcProgram *program = open_program(argc, argv);
  NetcSession *session = open_session(program);
  NetcIterator *batches = open_iterator(session, "mnist_train", 50, true);
  const char *const fetch[] = {"loss"};
  for (int epoch = 1; epoch <= 2; epoch++) {
    while (netc_next(batches) > 0) {
      NetcTensor loss;
      NetcRun step = {NETC_STEP, .fetch = fetch, .fetch_count = 1, .data = batches};
      check(netc_run(session, &step, &loss, &status));
      if (netc_steps(session) % 10 == 0)
        printf("epoch %d, step %lld: loss %.4f\n", epoch, (long long)netc_steps(session),
               *(const float *)loss.data);
    }
  }
  netc_session_close(session);
  netc_close(program);
}
