// Ctrl-C: a training that is asked to end by a signal.
#ifndef NC_DRIVER_INTERRUPT_H
#define NC_DRIVER_INTERRUPT_H

#include <signal.h>

// From now on the first SIGINT or SIGTERM only sets what is pointed to; the second ends the process
// at once.
const volatile sig_atomic_t *nc_interrupt_watch(void);

#endif
