// An iterator instead of feeding: batches of a data set that the program names.
#include "example.h"

int main(int argc, char **argv) {
  NetcProgram *program = open_program(argc, argv);
  NetcSession *session = open_session(program);
  NetcIterator *batches = open_iterator(session, "mnist_train", 8, true);
  const char *const fetch[] = {"image", "label"};
  for (int i = 0; i < 3; i++) {
    NetcTensor values[2];
    netc_next(batches);
    NetcRun run = {.fetch = fetch, .fetch_count = 2, .data = batches};
    check(netc_run(session, &run, values, &status));
    printf("%lld images of %lld x %lld, labels", (long long)values[0].dims[0],
           (long long)values[0].dims[1], (long long)values[0].dims[2]);
    for (int n = 0; n < values[1].dims[0]; n++)
      printf(" %d", ((const uint8_t *)values[1].data)[n]);
    printf("\n");
  }
  netc_session_close(session);
  netc_close(program);
}
