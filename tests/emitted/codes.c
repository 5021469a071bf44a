// What the functions of an emitted model give when they are called wrongly, and that the state is
// then as it was. The model is that of tests/e2e/build.sh.
#include "codes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define CHECK(what)                                                                                \
  do {                                                                                             \
    if (!(what)) {                                                                                 \
      printf("line %d: %s\n", __LINE__, #what);                                                    \
      return 1;                                                                                    \
    }                                                                                              \
  } while (0)

static codes_state state, before;
static CODES_ALIGNED unsigned char arena[CODES_ARENA_SIZE];

int main(void) {
  float x[2] = {1, 2}, y[2], loss;
  int32_t place[2] = {0, 4};
  const uint8_t label[2] = {1, 2};
  CHECK(sizeof state == CODES_STATE_SIZE);
#ifdef INITIALIZES
  state.seed = 1;
  CHECK(codes_initialize(&state, arena) == CODES_OK);
#else
  codes_reset(&state);
#endif
  CHECK(codes_reset_metrics(&state, arena) == CODES_OK);
  CHECK(state.seed == 1 && state.step == 0 && state.epoch == 0);
  CHECK(codes_predict(&state, arena, 2, x, place, y) == CODES_OK);
  float first = y[0];
  memcpy(&before, &state, sizeof state);
  CHECK(codes_train_step(&state, arena, 0, x, place, label, &loss) == CODES_BAD_BATCH);
  CHECK(codes_train_step(&state, arena, CODES_MAX_BATCH + 1, x, place, label, &loss) ==
        CODES_BAD_BATCH);
  CHECK(codes_train_step(&state, arena, 2, x, place, (const uint8_t[]){1, 3}, &loss) ==
        CODES_BAD_INPUT);
  place[1] = 5;
  CHECK(codes_train_step(&state, arena, 2, x, place, label, &loss) == CODES_UNDEFINED);
  const codes_problem *problem = (const codes_problem *)arena;
  CHECK(problem->line == 6 && problem->sample == 1 && problem->value == 5);
  place[1] = 4;
  x[1] = INFINITY;
  CHECK(codes_train_step(&state, arena, 2, x, place, label, &loss) == CODES_NOT_FINITE);
  CHECK(!isfinite(loss));
  CHECK(memcmp(&before, &state, sizeof state) == 0);
  x[1] = 2;
  // What went wrong leaves nothing behind, and an arena serves all functions in turn.
  CHECK(codes_predict(&state, arena, 1, x, place, y) == CODES_OK && y[0] == first);
  CHECK(codes_train_step(&state, arena, 2, x, place, label, NULL) == CODES_OK);
  CHECK(state.step == 1 && memcmp(&before, &state, sizeof state) != 0);
  CHECK(codes_train_metrics(&state, arena, &loss) == CODES_OK && isfinite(loss));
  CHECK(codes_evaluate(&state, arena, 1, x, place, label, &loss) == CODES_OK);
  return 0;
}
