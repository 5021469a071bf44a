/* A Cortex-M4 without anything on it: what happens between reset and main, and semihosting, by
   which a debugger, or QEMU, shows what the program writes. */
#include "board.h"

#include <stdint.h>
#include <string.h>

int main(void);

/* Of link.ld. */
extern uint32_t data_start[], data_end[], data_in_flash[], bss_start[], bss_end[];
extern uint32_t stack_start[], stack_end[];

#define PAINT 0xa5a5a5a5u /* where the stack was never written */

enum { SYS_WRITE0 = 0x04, SYS_EXIT = 0x18, APPLICATION_EXIT = 0x20026, RUNTIME_ERROR = 0x20023 };

static void semihosting(uint32_t operation, uintptr_t argument) {
  register uint32_t r0 __asm__("r0") = operation;
  register uintptr_t r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void board_write(const char *text) { semihosting(SYS_WRITE0, (uintptr_t)text); }

unsigned board_stack_used(void) {
  const uint32_t *p = stack_start;
  while (p < stack_end && *p == PAINT)
    p++;
  return (unsigned)(stack_end - p) * sizeof *p;
}

static void run(void) {
  memcpy(data_start, data_in_flash, (size_t)(data_end - data_start) * sizeof *data_start);
  memset(bss_start, 0, (size_t)(bss_end - bss_start) * sizeof *bss_start);
  semihosting(SYS_EXIT, main() == 0 ? APPLICATION_EXIT : RUNTIME_ERROR);
  for (;;) {
  }
}

/* Nothing is on the stack yet: all of it is painted, and access to the floating-point unit, in
   CPACR, is given. */
__attribute__((naked, used)) void reset(void) {
  __asm__ volatile("ldr r0, =stack_start\n"
                   "ldr r1, =stack_end\n"
                   "ldr r2, =0xa5a5a5a5\n"
                   "1: str r2, [r0], #4\n"
                   "cmp r0, r1\n"
                   "bne 1b\n"
                   "ldr r0, =0xe000ed88\n"
                   "ldr r1, [r0]\n"
                   "orr r1, #0xf00000\n"
                   "str r1, [r0]\n"
                   "dsb\n"
                   "isb\n"
                   "b %0\n"
                   :
                   : "i"(run));
}

static void fault(void) {
  board_write("fault\n");
  semihosting(SYS_EXIT, RUNTIME_ERROR);
  for (;;) {
  }
}

__attribute__((section(".vectors"), used)) static const struct {
  const uint32_t *stack;
  void (*handlers[6])(void);
} vectors = {stack_end, {reset, fault, fault, fault, fault, fault}};
