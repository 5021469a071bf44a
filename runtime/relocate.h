// Writing addresses into machine code: what each relocation that code generators use does to the
// bytes (System V ABI for x86-64, section 4.4; ELF for the Arm 64-bit Architecture, section 5.7).
#ifndef NCRT_RELOCATE_H
#define NCRT_RELOCATE_H

#include "status.h"

#include <stdint.h>

// A place in code and what it shall refer to. Addresses are those that the code will run at.
typedef struct NcrtRelocation {
  uint32_t type;
  uint8_t *bytes;  // to be changed
  size_t room;     // how many there are up to the end of the section
  uint64_t place;  // their address
  uint64_t symbol; // the address they shall refer to
  int64_t addend;
} NcrtRelocation;

// Whether the machine (as EM_X86_64) is one whose relocations are known.
bool ncrt_relocate_knows(int machine);
// Whether the type is that of a call or jump, which may be led through a stub.
bool ncrt_relocate_is_call(int machine, uint32_t type);
// Changes the bytes. Fails if the type is unknown, the room too small, or the symbol out of reach.
bool ncrt_relocate(int machine, const NcrtRelocation *relocation, NcrtStatus *status);

// Code that jumps to any address, for calls out of reach: NCRT_STUB_SIZE bytes, at a multiple of 8.
#define NCRT_STUB_SIZE 16
void ncrt_relocate_stub(int machine, uint8_t *bytes, uint64_t target);

#endif
