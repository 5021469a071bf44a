// Asks this machine's processor what it is.
#include "emit/cpu.h"

#include "base/text.h"

#include <stdint.h>

#if defined(__x86_64__)
#include <cpuid.h>

NcCpu nc_cpu_detect(void) {
  // These know what the system saves on a switch of tasks, too.
  __builtin_cpu_init();
  NcCpu cpu = {.level = 1};
  cpu.level = __builtin_cpu_supports("x86-64-v4")   ? 4
              : __builtin_cpu_supports("x86-64-v3") ? 3
              : __builtin_cpu_supports("x86-64-v2") ? 2
                                                    : 1;
  cpu.avx2 = __builtin_cpu_supports("avx2");
  cpu.fma = __builtin_cpu_supports("fma");
  cpu.avx512 = __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512bw");
  return cpu;
}

// Registers of a leaf that tell features; others hold the number of the core at work and the like.
enum { A = 1, B = 2, C = 4, D = 8 };

static const struct {
  uint32_t leaf, subleaf;
  int registers;
} leaves[] = {
    {0, 0, B | C | D},      // vendor
    {1, 0, A | C | D},      // family, model, stepping; features
    {7, 0, B | C | D},      // features
    {7, 1, A | B | C | D},  // features
    {0xd, 1, A},            // ways to save registers
    {0x14, 0, B},           // tracing
    {0x19, 0, B},           // key locker
    {0x1e, 1, A},           // AMX
    {0x24, 0, B},           // AVX10
    {0x80000001, 0, C | D}, // features
    {0x80000008, 0, B},     // features
};

// Which registers the system saves.
static uint64_t saved_registers(void) {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
    return 0;
  __asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  return (uint64_t)d << 32 | a;
}

const char *nc_cpu_identity(NcArena *arena) {
  NcText text = nc_text_create(arena);
  nc_text_printf(&text, "x86-64 %llx", (unsigned long long)saved_registers());
  for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
    uint32_t r[4] = {0};
    if (!__get_cpuid_count(leaves[i].leaf, leaves[i].subleaf, &r[0], &r[1], &r[2], &r[3]))
      continue;
    nc_text_printf(&text, " %x.%x", leaves[i].leaf, leaves[i].subleaf);
    for (int k = 0; k < 4; k++)
      if (leaves[i].registers & 1 << k)
        nc_text_printf(&text, " %x", r[k]);
  }
  return text.data;
}

#else
#include <stdio.h>
#include <sys/auxv.h>

NcCpu nc_cpu_detect(void) { return (NcCpu){0}; }

const char *nc_cpu_identity(NcArena *arena) {
  char model[64] = "";
  FILE *in = fopen("/sys/devices/system/cpu/cpu0/regs/identification/midr_el1", "r");
  if (in) {
    if (!fgets(model, sizeof model, in))
      model[0] = 0;
    fclose(in);
  }
  return nc_arena_printf(arena, "%s %lx %lx", model, getauxval(AT_HWCAP), getauxval(AT_HWCAP2));
}
#endif
