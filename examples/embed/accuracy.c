// A metric over many batches: read before and after it takes more samples in.
#include "example.h"

static double accuracy(NetcSession *session) {
  double value;
  check(netc_metric(session, "accuracy", false, &value, &status));
  return value;
}

int main(int argc, char **argv) {
  NetcProgram *program = open_program(argc, argv);
  NetcSession *session = open_session(program);
  NetcIterator *batches = open_iterator(session, "mnist_test", 100, false);
  NetcRun count = {NETC_COUNT, .data = batches};
  while (netc_next(batches) > 0) {
    double before = accuracy(session); // not a number before the first batch
    check(netc_run(session, &count, NULL, &status));
    printf("accuracy %.4f, after this batch %.4f\n", before, accuracy(session));
  }
  check(netc_reset_metrics(session, &status));
  netc_session_close(session);
  netc_close(program);
}
