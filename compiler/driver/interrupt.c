// Catches the signals that ask a training to end.
#define _GNU_SOURCE // sigaction's flags
#include "driver/interrupt.h"

#include <stddef.h>

static const int signals[] = {SIGINT, SIGTERM};
enum { SIGNAL_COUNT = sizeof signals / sizeof *signals };

// A handler has no other way to tell.
static volatile sig_atomic_t interrupted;

static void on_signal(int number) {
  (void)number;
  interrupted = 1;
  for (int i = 0; i < SIGNAL_COUNT; i++)
    signal(signals[i], SIG_DFL);
}

const volatile sig_atomic_t *nc_interrupt_watch(void) {
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  for (int i = 0; i < SIGNAL_COUNT; i++) {
    struct sigaction before;
    // What the caller ignores, as nohup and shells do for what runs in the background, stays
    // ignored.
    if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
      sigaction(signals[i], &action, NULL);
  }
  return &interrupted;
}
