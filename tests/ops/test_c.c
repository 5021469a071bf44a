// Emitted C, as a C compiler makes it, against the operators' references and bit for bit against
// the code generator's code, in portable mode: with vectors, without them, and as for a processor
// that has none.
#include "ops/ways.h"

#define CC NETC_CC " -pedantic -Wall -Wextra -Werror"

#define NC_CHECKED_C (sizeof NETC_CC_SANITIZERS > 1)

static const Way ways[] = {{"native", NULL},
                           {"native", CC " -O1 -march=native" NETC_CC_SANITIZERS},
                           {"native", CC " -O0 -DNETC_SCALAR"},
                           {"cortex-m4", CC " -O0"}};

static void c_equals_generated_code(void **state) {
  void *first[MAX_SAMPLES][RUNS] = {{NULL}};
  // With sanitizers the way that has them: the text is the same in every build.
  int count = NC_CHECKED_C ? 2 : 4;
  for (int i = 0; i < count; i++)
    check_way(*state, &ways[i], true, first);
  free_results(first);
}

int main(void) { return run_for_operators("c", c_equals_generated_code); }
