/* What main.c needs of the machine that it runs on. */
#ifndef BOARD_H
#define BOARD_H

/* Shows the text. */
void board_write(const char *text);
/* Bytes of the stack that were used at most so far; 0 if that is not known. */
unsigned board_stack_used(void);

#endif
