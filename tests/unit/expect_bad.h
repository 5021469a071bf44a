// A reader's status, and what its messages must hold.
#ifndef TESTS_UNIT_EXPECT_BAD_H
#define TESTS_UNIT_EXPECT_BAD_H

// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "status.h"

#include <string.h>

static NcrtStatus status;

static inline void assert_message(const char *part) {
  if (strstr(status.message, part) == NULL)
    fail_msg("'%s' does not contain '%s'", status.message, part);
}

// After a call that gave `done`: it failed over its input, and says so in these words.
static inline void assert_bad(bool done, const char *part) {
  assert_false(done);
  assert_int_equal(status.code, NCRT_BAD_INPUT);
  assert_message(part);
  status = (NcrtStatus){0};
}

#endif
