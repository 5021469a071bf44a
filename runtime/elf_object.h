// Reading relocatable ELF objects: sections, symbols and relocations of bytes that may be anything.
#ifndef NCRT_ELF_OBJECT_H
#define NCRT_ELF_OBJECT_H

#include "status.h"

#include <elf.h>
#include <stdint.h>

// A view of an object; the bytes are the caller's. Everything below stays inside them.
typedef struct NcrtElf {
  const uint8_t *bytes;
  size_t size;
  int machine; // EM_X86_64, EM_AARCH64, …
  int section_count;
  uint32_t symbol_count;    // 0 without a symbol table
  size_t sections, symbols; // where the tables begin
  size_t names, names_size; // of symbols; the last byte is 0
} NcrtElf;

// Checks the header and the tables' bounds. Fails if the bytes are no relocatable object of 64 bits
// in little endian, or are damaged.
bool ncrt_elf_open(NcrtElf *elf, const void *bytes, size_t size, NcrtStatus *status);

// A section's header by number, 0 … section_count-1. What it says of the file lies in the file.
Elf64_Shdr ncrt_elf_section(const NcrtElf *elf, int number);
// A symbol by number, 0 … symbol_count-1, and its name. A symbol that lies in a section lies
// inside it.
Elf64_Sym ncrt_elf_symbol(const NcrtElf *elf, uint32_t number);
const char *ncrt_elf_name(const NcrtElf *elf, const Elf64_Sym *symbol);
// Relocation `number` of the section (of type SHT_RELA), 0 … ncrt_elf_relocation_count-1. Its
// symbol exists.
size_t ncrt_elf_relocation_count(const Elf64_Shdr *section);
Elf64_Rela ncrt_elf_relocation(const NcrtElf *elf, const Elf64_Shdr *section, size_t number);

#endif
