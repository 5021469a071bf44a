// Functions in LLVM's language, as they are in compiler/emit/llvm*.ll.
#ifndef NC_EMIT_LLVM_TEXTS_H
#define NC_EMIT_LLVM_TEXTS_H

#include "emit/c_texts.h"

extern const NcCText nc_llvm_texts[];
extern const int nc_llvm_texts_count;

#endif
