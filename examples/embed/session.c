// A graph and a session: the program says what is computed; a run computes what is fetched.
#include "example.h"

int main(void) {
  static const char text[] = "a = 5.0\n"
                             "b = 6.0\n"
                             "output c = a * b\n";
  NetcProgram *program;
  check(netc_open_text("product.net", text, NULL, &program, &status));
  NetcSession *session = open_session(program);
  const char *const fetch[] = {"c", "c + a"};
  NetcTensor values[2];
  NetcRun run = {.fetch = fetch, .fetch_count = 2};
  check(netc_run(session, &run, values, &status));
  printf("c is %g\n", *(const float *)values[0].data);
  printf("c + a is %g\n", *(const float *)values[1].data);
  netc_session_close(session);
  netc_close(program);
}
