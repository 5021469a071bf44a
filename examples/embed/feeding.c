// Placeholders: inputs are fed, with a batch of any size.
#include "example.h"

#include <string.h>

int main(int argc, char **argv) {
  NetcProgram *program = open_program(argc, argv);
  NetcSession *session = open_session(program);
  static uint8_t pixels[10 * 28 * 28];
  memset(pixels, 128, sizeof pixels);
  const char *const fetch[] = {"probabilities"};
  for (int64_t batch = 1; batch <= 10; batch += 3) {
    NetcFeed image = {"image",
                      {.dtype = NETC_U8, .rank = 4, .dims = {batch, 28, 28, 1}, .data = pixels}};
    NetcRun run = {.fetch = fetch, .fetch_count = 1, .feeds = &image, .feed_count = 1};
    NetcTensor probabilities;
    check(netc_run(session, &run, &probabilities, &status));
    printf("a batch of %lld gives %lld x %lld probabilities\n", (long long)batch,
           (long long)probabilities.dims[0], (long long)probabilities.dims[1]);
  }
  netc_session_close(session);
  netc_close(program);
}
