// Relocations of x86-64 and AArch64.
#include "relocate.h"

#include <elf.h>
#include <string.h>

static bool put(const NcrtRelocation *r, uint64_t value, size_t width, NcrtStatus *status) {
  if (r->room < width)
    return ncrt_fail(status, NCRT_MACHINE_FAILED, "a relocation reaches over its section's end");
  memcpy(r->bytes, &value, width); // both machines are little endian
  return true;
}

static bool out_of_reach(NcrtStatus *status) {
  return ncrt_fail(status, NCRT_MACHINE_FAILED, "a relocation's symbol is out of reach");
}

static bool unknown(const NcrtRelocation *r, NcrtStatus *status) {
  return ncrt_fail(status, NCRT_MACHINE_FAILED, "the code has a relocation of unknown type %u",
                   r->type);
}

// Whether the value is a signed integer of that many bits.
static bool fits(uint64_t value, int bits) {
  int64_t limit = INT64_C(1) << (bits - 1), number = (int64_t)value;
  return number >= -limit && number < limit;
}

static bool put_relative(const NcrtRelocation *r, uint64_t target, NcrtStatus *status) {
  uint64_t distance = target - r->place;
  return fits(distance, 32) ? put(r, distance, 4, status) : out_of_reach(status);
}

static bool relocate_x86_64(const NcrtRelocation *r, NcrtStatus *status) {
  uint64_t target = r->symbol + (uint64_t)r->addend;
  switch (r->type) {
  case R_X86_64_64:
    return put(r, target, 8, status);
  case R_X86_64_PC32:
  case R_X86_64_PLT32:
    return put_relative(r, target, status);
  default:
    return unknown(r, status);
  }
}

// Replaces the bits of the instruction that `mask` has.
static bool put_bits(const NcrtRelocation *r, uint32_t bits, uint32_t mask, NcrtStatus *status) {
  uint32_t instruction = 0;
  if (r->room >= sizeof instruction)
    memcpy(&instruction, r->bytes, sizeof instruction);
  return put(r, (instruction & ~mask) | (bits & mask), sizeof instruction, status);
}

// The low 12 bits of an address, in units of the access's size, which must divide them.
static bool put_low12(const NcrtRelocation *r, uint64_t target, int shift, NcrtStatus *status) {
  uint64_t low = target & 0xfff;
  if (low & ((UINT64_C(1) << shift) - 1))
    return out_of_reach(status);
  return put_bits(r, (uint32_t)(low >> shift) << 10, 0xfffu << 10, status);
}

static bool put_page(const NcrtRelocation *r, uint64_t target, NcrtStatus *status) {
  uint64_t distance = (target & ~UINT64_C(0xfff)) - (r->place & ~UINT64_C(0xfff));
  if (!fits(distance, 33))
    return out_of_reach(status);
  uint32_t pages = (uint32_t)(distance >> 12);
  return put_bits(r, (pages & 3) << 29 | (pages >> 2 & 0x7ffff) << 5, 3u << 29 | 0x7ffffu << 5,
                  status);
}

static bool put_branch(const NcrtRelocation *r, uint64_t target, NcrtStatus *status) {
  uint64_t distance = target - r->place;
  if (!fits(distance, 28) || distance & 3)
    return out_of_reach(status);
  return put_bits(r, (uint32_t)(distance >> 2), 0x3ffffff, status);
}

static bool relocate_aarch64(const NcrtRelocation *r, NcrtStatus *status) {
  uint64_t target = r->symbol + (uint64_t)r->addend;
  switch (r->type) {
  case R_AARCH64_ABS64:
    return put(r, target, 8, status);
  case R_AARCH64_PREL64:
    return put(r, target - r->place, 8, status);
  case R_AARCH64_PREL32:
    return put_relative(r, target, status);
  case R_AARCH64_ADR_PREL_PG_HI21:
    return put_page(r, target, status);
  case R_AARCH64_ADD_ABS_LO12_NC:
  case R_AARCH64_LDST8_ABS_LO12_NC:
    return put_low12(r, target, 0, status);
  case R_AARCH64_LDST16_ABS_LO12_NC:
    return put_low12(r, target, 1, status);
  case R_AARCH64_LDST32_ABS_LO12_NC:
    return put_low12(r, target, 2, status);
  case R_AARCH64_LDST64_ABS_LO12_NC:
    return put_low12(r, target, 3, status);
  case R_AARCH64_LDST128_ABS_LO12_NC:
    return put_low12(r, target, 4, status);
  case R_AARCH64_CALL26:
  case R_AARCH64_JUMP26:
    return put_branch(r, target, status);
  default:
    return unknown(r, status);
  }
}

bool ncrt_relocate_knows(int machine) { return machine == EM_X86_64 || machine == EM_AARCH64; }

bool ncrt_relocate_is_call(int machine, uint32_t type) {
  return machine == EM_X86_64 ? type == R_X86_64_PLT32
                              : type == R_AARCH64_CALL26 || type == R_AARCH64_JUMP26;
}

bool ncrt_relocate(int machine, const NcrtRelocation *relocation, NcrtStatus *status) {
  return machine == EM_X86_64 ? relocate_x86_64(relocation, status)
                              : relocate_aarch64(relocation, status);
}

void ncrt_relocate_stub(int machine, uint8_t *bytes, uint64_t target) {
  static const uint8_t x86_64[] = {0xff, 0x25, 2, 0, 0, 0, 0xcc, 0xcc}; // jmp *2(%rip), to byte 8
  static const uint8_t aarch64[] = {0x50, 0, 0, 0x58, 0, 0x02, 0x1f, 0xd6}; // ldr x16, .+8; br x16
  memcpy(bytes, machine == EM_X86_64 ? x86_64 : aarch64, 8);
  memcpy(bytes + 8, &target, 8);
}
