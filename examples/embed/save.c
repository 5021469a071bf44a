// Saving and restoring: an epoch of training, which a second session takes up.
#include "example.h"

int main(int argc, char **argv) {
  const char *path = argc > 3 ? argv[3] : "embed.safetensors";
  NetcProgram *program = open_program(argc, argv);
  NetcSession *session = open_session(program);
  NetcIterator *batches = open_iterator(session, NULL, 0, true); // as the train block says
  NetcRun step = {NETC_STEP, .data = batches};
  while (netc_next(batches) > 0)
    check(netc_run(session, &step, NULL, &status));
  check(netc_reset_metrics(session, &status));
  check(netc_save(session, path, batches, &status));
  printf("saved %s after %lld steps\n", path, (long long)netc_steps(session));
  netc_session_close(session);

  session = open_session(program);
  batches = open_iterator(session, NULL, 0, true);
  check(netc_restore(session, path, batches, &status));
  printf("restored at step %lld\n", (long long)netc_steps(session));
  step.data = batches;
  netc_next(batches);
  check(netc_run(session, &step, NULL, &status));
  printf("went on to step %lld\n", (long long)netc_steps(session));
  netc_session_close(session);
  netc_close(program);
}
