// Functions of compiled code by their names, whatever made them.
#ifndef NC_EMIT_FUNCTIONS_H
#define NC_EMIT_FUNCTIONS_H

#include "abi.h"

typedef struct NcFunctions {
  NcrtPhase (*find)(void *code, const char *name); // as NcRoutine names them; NULL if there is none
  void (*destroy)(void *code);                     // no function may be called afterwards
  void *code;
} NcFunctions;

#endif
