// The code generator's code against the operators' references: every sample, for this machine's
// processor, for AVX2, and for a target without FMA; and in portable mode bit for bit the same on
// all of them.
#include "ops/ways.h"

static const Way ways[] = {{"native", NULL}, {"x86-64-v3", NULL}, {"x86-64", NULL}};

static void compiled_equals_reference(void **state) {
  void *first[MAX_SAMPLES][RUNS] = {{NULL}};
  for (int i = 0; i < 3; i++)
    check_way(*state, &ways[i], false, NULL);
  for (int i = 0; i < 3; i++)
    check_way(*state, &ways[i], true, first);
  free_results(first);
}

int main(void) { return run_for_operators("compiled", compiled_equals_reference); }
