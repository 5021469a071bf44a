// What the commands say about themselves: on the terminal, in 80 columns, and as a manual page.
#ifndef NC_DRIVER_HELP_H
#define NC_DRIVER_HELP_H

#include "driver/options.h"

// All commands, ended by NULL.
extern const NcCommand *const nc_commands[];

void nc_help_print(FILE *out); // of netc as a whole
void nc_help_command(const NcCommand *command);
// Prints words from column `at` on, in lines of at most 80 columns that begin at `indent`, and ends
// the last line.
void nc_help_wrap(FILE *out, const char *text, int at, int indent);
// man/netc.1, in the macros of man(7).
void nc_help_man(void);

#endif
