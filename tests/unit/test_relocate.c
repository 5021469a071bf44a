// Relocations of both machines: the words that the ABIs' documents give, and what is out of reach.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "relocate.h"

#include <elf.h>
#include <string.h>

static NcrtStatus status;

typedef struct Case {
  int machine;
  uint32_t type;
  uint64_t before, place, symbol;
  int64_t addend;
  uint64_t after; // of the 8 bytes from the place on; 0: it is refused
} Case;

#define PLACE UINT64_C(0x10000)
#define HIGH 0x5555aaaa00000000 // of the bytes behind a word

static const Case cases[] = {
    {EM_X86_64, R_X86_64_64, 1, PLACE, 0x123456789a, 6, 0x12345678a0},
    {EM_X86_64, R_X86_64_PC32, HIGH | 1, PLACE, 0x20000, -4, HIGH | 0xfffc},
    {EM_X86_64, R_X86_64_PLT32, HIGH | 1, PLACE, 0x8000, -4, HIGH | 0xffff7ffc},
    {EM_X86_64, R_X86_64_PC32, 0, PLACE, PLACE + 0x7fffffff, 0, 0x7fffffff},
    {EM_X86_64, R_X86_64_PC32, 0, PLACE, PLACE + 0x80000000, 0, 0},
    {EM_X86_64, R_X86_64_GOTPCREL, 0, PLACE, PLACE, 0, 0},
    {EM_AARCH64, R_AARCH64_ABS64, 1, PLACE, 0x123456789a, 6, 0x12345678a0},
    {EM_AARCH64, R_AARCH64_PREL64, 1, PLACE, 0x8000, 0, 0xffffffffffff8000},
    {EM_AARCH64, R_AARCH64_PREL32, HIGH | 1, PLACE, 0x20000, 8, HIGH | 0x10008},
    // adrp x0, 0; add x0, x0, 0; ldrb w0, [x0]; ldrh; ldr s0; ldr d0; ldr q0; bl 0; b 0
    {EM_AARCH64, R_AARCH64_ADR_PREL_PG_HI21, HIGH | 0x90000000, PLACE, 0x12345678, 0,
     HIGH | 0xb00919a0},
    {EM_AARCH64, R_AARCH64_ADR_PREL_PG_HI21, HIGH | 0x90000000, 0x12345678, PLACE, 0,
     HIGH | 0xf0f6e640},
    {EM_AARCH64, R_AARCH64_ADR_PREL_PG_HI21, 0x90000000, PLACE, PLACE + (UINT64_C(1) << 32), 0, 0},
    {EM_AARCH64, R_AARCH64_ADD_ABS_LO12_NC, HIGH | 0x91000000, PLACE, 0x12345670, 8,
     HIGH | 0x9119e000},
    {EM_AARCH64, R_AARCH64_LDST8_ABS_LO12_NC, HIGH | 0x39400000, PLACE, 0x12345678, 0,
     HIGH | 0x3959e000},
    {EM_AARCH64, R_AARCH64_LDST16_ABS_LO12_NC, HIGH | 0x79400000, PLACE, 0x12345678, 0,
     HIGH | 0x794cf000},
    {EM_AARCH64, R_AARCH64_LDST32_ABS_LO12_NC, HIGH | 0xbd400000, PLACE, 0x12345678, 0,
     HIGH | 0xbd467800},
    {EM_AARCH64, R_AARCH64_LDST64_ABS_LO12_NC, HIGH | 0xfd400000, PLACE, 0x12345678, 0,
     HIGH | 0xfd433c00},
    {EM_AARCH64, R_AARCH64_LDST128_ABS_LO12_NC, HIGH | 0x3dc00000, PLACE, 0x12345670, 0,
     HIGH | 0x3dc19c00},
    {EM_AARCH64, R_AARCH64_LDST128_ABS_LO12_NC, HIGH | 0x3dc00000, PLACE, 0x12345678, 0, 0},
    {EM_AARCH64, R_AARCH64_CALL26, HIGH | 0x94000000, PLACE, PLACE - 0x1000, 0, HIGH | 0x97fffc00},
    {EM_AARCH64, R_AARCH64_JUMP26, HIGH | 0x14000000, PLACE, PLACE + 0x1000, 0, HIGH | 0x14000400},
    {EM_AARCH64, R_AARCH64_CALL26, 0x94000000, PLACE, PLACE + 0x8000000, 0, 0},
    {EM_AARCH64, R_AARCH64_CALL26, 0x94000000, PLACE, PLACE + 2, 0, 0},
    {EM_AARCH64, R_AARCH64_ADR_GOT_PAGE, 0x90000000, PLACE, PLACE, 0, 0},
};

static void relocates(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const Case *c = &cases[i];
    uint8_t bytes[8];
    uint64_t after;
    memcpy(bytes, &c->before, 8);
    NcrtRelocation r = {c->type, bytes, 8, c->place, c->symbol, c->addend};
    bool done = ncrt_relocate(c->machine, &r, &status);
    memcpy(&after, bytes, 8);
    if (done != (c->after != 0) || after != (done ? c->after : c->before))
      fail_msg("case %zu: %d, %llx", i, done, (unsigned long long)after);
  }
}

static void stays_in_the_section(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const Case *c = &cases[i];
    bool wide = c->after != 0 && c->after >> 32 != HIGH >> 32 && c->after >> 31 != 0;
    uint8_t bytes[8] = {0};
    NcrtRelocation r = {c->type, bytes, wide ? 7 : 3, c->place, c->symbol, c->addend};
    assert_false(ncrt_relocate(c->machine, &r, &status));
    for (int k = 0; k < 8; k++)
      assert_int_equal(bytes[k], 0);
  }
}

static void knows_calls(void **state) {
  (void)state;
  assert_true(ncrt_relocate_knows(EM_X86_64) && ncrt_relocate_knows(EM_AARCH64));
  assert_false(ncrt_relocate_knows(EM_NONE) || ncrt_relocate_knows(EM_RISCV));
  assert_true(ncrt_relocate_is_call(EM_X86_64, R_X86_64_PLT32));
  assert_false(ncrt_relocate_is_call(EM_X86_64, R_X86_64_PC32));
  assert_true(ncrt_relocate_is_call(EM_AARCH64, R_AARCH64_CALL26));
  assert_true(ncrt_relocate_is_call(EM_AARCH64, R_AARCH64_JUMP26));
  assert_false(ncrt_relocate_is_call(EM_AARCH64, R_AARCH64_ABS64));
}

static void jumps_through_stubs(void **state) {
  (void)state;
  // jmp *2(%rip); ldr x16, .+8; br x16
  static const uint8_t x86_64[] = {0xff, 0x25, 2, 0, 0, 0},
                       aarch64[] = {0x50, 0, 0, 0x58, 0, 0x02, 0x1f, 0xd6};
  static const uint8_t target[] = {1, 2, 3, 4, 5, 6, 7, 8};
  uint8_t stub[NCRT_STUB_SIZE];
  ncrt_relocate_stub(EM_X86_64, stub, 0x0807060504030201);
  assert_memory_equal(stub, x86_64, sizeof x86_64);
  assert_memory_equal(stub + 8, target, sizeof target);
  ncrt_relocate_stub(EM_AARCH64, stub, 0x0807060504030201);
  assert_memory_equal(stub, aarch64, sizeof aarch64);
  assert_memory_equal(stub + 8, target, sizeof target);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(relocates), cmocka_unit_test(stays_in_the_section),
      cmocka_unit_test(knows_calls), cmocka_unit_test(jumps_through_stubs)};
  return cmocka_run_group_tests_name("relocate", tests, NULL, NULL);
}
