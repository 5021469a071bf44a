// Reads relocatable ELF objects. Everything is checked when the object is opened, so that what
// reads it afterwards need not.
#include "elf_object.h"

#include <string.h>

static bool damaged(NcrtStatus *status, const char *what) {
  return ncrt_fail(status, NCRT_MACHINE_FAILED, "the machine code is damaged: %s", what);
}

// Whether `count` elements of `size` bytes from `offset` on are in the file.
static bool is_inside(const NcrtElf *elf, uint64_t offset, uint64_t count, uint64_t size) {
  return offset <= elf->size && count <= (elf->size - offset) / size;
}

Elf64_Shdr ncrt_elf_section(const NcrtElf *elf, int number) {
  Elf64_Shdr section;
  memcpy(&section, elf->bytes + elf->sections + (size_t)number * sizeof section, sizeof section);
  return section;
}

Elf64_Sym ncrt_elf_symbol(const NcrtElf *elf, uint32_t number) {
  Elf64_Sym symbol;
  memcpy(&symbol, elf->bytes + elf->symbols + number * sizeof symbol, sizeof symbol);
  return symbol;
}

const char *ncrt_elf_name(const NcrtElf *elf, const Elf64_Sym *symbol) {
  return (const char *)elf->bytes + elf->names + symbol->st_name;
}

size_t ncrt_elf_relocation_count(const Elf64_Shdr *section) {
  return section->sh_size / sizeof(Elf64_Rela);
}

Elf64_Rela ncrt_elf_relocation(const NcrtElf *elf, const Elf64_Shdr *section, size_t number) {
  Elf64_Rela relocation;
  memcpy(&relocation, elf->bytes + section->sh_offset + number * sizeof relocation,
         sizeof relocation);
  return relocation;
}

static bool open_header(NcrtElf *elf, NcrtStatus *status) {
  Elf64_Ehdr header;
  if (elf->size < sizeof header)
    return damaged(status, "it is too short");
  memcpy(&header, elf->bytes, sizeof header);
  if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
      header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_type != ET_REL)
    return damaged(status, "it is no relocatable ELF object of 64 bits");
  if (header.e_shentsize != sizeof(Elf64_Shdr) ||
      !is_inside(elf, header.e_shoff, header.e_shnum, sizeof(Elf64_Shdr)))
    return damaged(status, "its sections are not in it");
  elf->machine = header.e_machine;
  elf->section_count = header.e_shnum;
  elf->sections = (size_t)header.e_shoff;
  return true;
}

static bool open_symbols(NcrtElf *elf, const Elf64_Shdr *table, NcrtStatus *status) {
  if (elf->symbols != 0)
    return damaged(status, "it has two tables of symbols");
  if (table->sh_link >= (uint32_t)elf->section_count)
    return damaged(status, "its symbols have no names");
  Elf64_Shdr names = ncrt_elf_section(elf, (int)table->sh_link);
  if (names.sh_type != SHT_STRTAB || names.sh_size == 0 ||
      !is_inside(elf, names.sh_offset, names.sh_size, 1) ||
      elf->bytes[names.sh_offset + names.sh_size - 1] != 0)
    return damaged(status, "its symbols' names do not end");
  uint64_t count = table->sh_size / sizeof(Elf64_Sym);
  if (count > UINT32_MAX)
    return damaged(status, "it has too many symbols");
  elf->symbol_count = (uint32_t)count;
  elf->symbols = (size_t)table->sh_offset;
  elf->names = (size_t)names.sh_offset;
  elf->names_size = (size_t)names.sh_size;
  return true;
}

static bool open_sections(NcrtElf *elf, NcrtStatus *status) {
  for (int i = 0; i < elf->section_count; i++) {
    Elf64_Shdr section = ncrt_elf_section(elf, i);
    if (section.sh_type != SHT_NOBITS && section.sh_type != SHT_NULL &&
        !is_inside(elf, section.sh_offset, section.sh_size, 1))
      return damaged(status, "a section is not in it");
    if (section.sh_type == SHT_SYMTAB && !open_symbols(elf, &section, status))
      return false;
  }
  return true;
}

static bool check_symbols(const NcrtElf *elf, NcrtStatus *status) {
  for (uint32_t i = 0; i < elf->symbol_count; i++) {
    Elf64_Sym symbol = ncrt_elf_symbol(elf, i);
    if (symbol.st_name >= elf->names_size)
      return damaged(status, "a symbol's name is not in it");
    if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= SHN_LORESERVE)
      continue;
    if (symbol.st_shndx >= elf->section_count)
      return damaged(status, "a symbol lies in no section");
    Elf64_Shdr section = ncrt_elf_section(elf, symbol.st_shndx);
    if (symbol.st_value > section.sh_size || symbol.st_size > section.sh_size - symbol.st_value)
      return damaged(status, "a symbol lies outside its section");
  }
  return true;
}

static bool check_relocations(const NcrtElf *elf, NcrtStatus *status) {
  for (int i = 0; i < elf->section_count; i++) {
    Elf64_Shdr section = ncrt_elf_section(elf, i);
    if (section.sh_type != SHT_RELA)
      continue;
    for (size_t k = 0; k < ncrt_elf_relocation_count(&section); k++)
      if (ELF64_R_SYM(ncrt_elf_relocation(elf, &section, k).r_info) >= elf->symbol_count)
        return damaged(status, "a relocation has no symbol");
  }
  return true;
}

bool ncrt_elf_open(NcrtElf *elf, const void *bytes, size_t size, NcrtStatus *status) {
  *elf = (NcrtElf){.bytes = bytes, .size = size};
  return open_header(elf, status) && open_sections(elf, status) && check_symbols(elf, status) &&
         check_relocations(elf, status);
}
