// Small ELF objects for x86-64, put together by hand.
#ifndef TESTS_UNIT_OBJECTS_H
#define TESTS_UNIT_OBJECTS_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { SECTION_NULL, SECTION_TEXT, SECTION_DATA, SECTION_RELA, SECTION_SYMBOLS, SECTION_NAMES };
enum { SECTIONS = 6, MAX_ENTRIES = 8 };

// What an object is made of; all zero but for what a test sets.
typedef struct Spec {
  uint8_t text[64], data[32];
  size_t text_size, data_size;
  Elf64_Sym symbols[MAX_ENTRIES]; // number 0 is the null symbol
  const char *names[MAX_ENTRIES];
  Elf64_Rela relocations[MAX_ENTRIES]; // of the text
  int symbol_count, relocation_count;
} Spec;

typedef struct Built {
  uint8_t bytes[2048];
  size_t size;
} Built;

static inline int add_symbol(Spec *spec, const char *name, int section, uint64_t value,
                             uint64_t size) {
  int number = spec->symbol_count ? spec->symbol_count : 1;
  spec->names[number] = name;
  spec->symbols[number] = (Elf64_Sym){.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
                                      .st_shndx = (uint16_t)section,
                                      .st_value = value,
                                      .st_size = size};
  if (section == SECTION_NULL)
    spec->symbols[number].st_info = ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE);
  spec->symbol_count = number + 1;
  return number;
}

static inline void add_relocation(Spec *spec, uint64_t offset, uint32_t type, int symbol,
                                  int64_t addend) {
  spec->relocations[spec->relocation_count++] =
      (Elf64_Rela){offset, ELF64_R_INFO((uint64_t)symbol, type), addend};
}

// Appends a function's bytes at the next multiple of 8, with its symbol; gives where it is.
static inline uint64_t add_function(Spec *spec, const char *name, const void *bytes, size_t size) {
  spec->text_size = (spec->text_size + 7) / 8 * 8;
  uint64_t at = spec->text_size;
  memcpy(spec->text + at, bytes, size);
  spec->text_size += size;
  add_symbol(spec, name, SECTION_TEXT, at, size);
  return at;
}

static inline size_t append(Built *built, const void *bytes, size_t size) {
  size_t at = (built->size + 7) / 8 * 8;
  memcpy(built->bytes + at, bytes, size);
  built->size = at + size;
  return at;
}

static inline void build(const Spec *from, Built *built) {
  Spec spec = *from;
  char names[256] = "";
  size_t names_size = 1;
  for (int i = 1; i < spec.symbol_count; i++) {
    spec.symbols[i].st_name = (uint32_t)names_size;
    strcpy(names + names_size, spec.names[i]);
    names_size += strlen(spec.names[i]) + 1;
  }
  memset(built, 0, sizeof *built);
  built->size = sizeof(Elf64_Ehdr);
  Elf64_Shdr sections[SECTIONS] = {
      [SECTION_TEXT] = {.sh_type = SHT_PROGBITS,
                        .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
                        .sh_size = spec.text_size,
                        .sh_addralign = 16},
      [SECTION_DATA] = {.sh_type = SHT_PROGBITS,
                        .sh_flags = SHF_ALLOC,
                        .sh_size = spec.data_size,
                        .sh_addralign = 8},
      [SECTION_RELA] = {.sh_type = SHT_RELA,
                        .sh_size = (size_t)spec.relocation_count * sizeof(Elf64_Rela),
                        .sh_link = SECTION_SYMBOLS,
                        .sh_info = SECTION_TEXT},
      [SECTION_SYMBOLS] = {.sh_type = SHT_SYMTAB,
                           .sh_size = (size_t)spec.symbol_count * sizeof(Elf64_Sym),
                           .sh_link = SECTION_NAMES},
      [SECTION_NAMES] = {.sh_type = SHT_STRTAB, .sh_size = names_size},
  };
  const void *contents[SECTIONS] = {NULL,         spec.text, spec.data, spec.relocations,
                                    spec.symbols, names};
  for (int i = 1; i < SECTIONS; i++)
    sections[i].sh_offset = append(built, contents[i], sections[i].sh_size);
  Elf64_Ehdr header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
                       .e_type = ET_REL,
                       .e_machine = EM_X86_64,
                       .e_version = EV_CURRENT,
                       .e_ehsize = sizeof header,
                       .e_shentsize = sizeof(Elf64_Shdr),
                       .e_shnum = SECTIONS,
                       .e_shstrndx = SECTION_NAMES};
  header.e_shoff = append(built, sections, sizeof sections);
  memcpy(built->bytes, &header, sizeof header);
}

#endif
