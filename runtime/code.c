// Loads objects: maps their sections, resolves their symbols, applies their relocations, and makes
// what was written unwritable.
#include "code.h"

#include "elf_object.h"
#include "perf_map.h"
#include "relocate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#define MACHINE EM_NONE
#endif

#define MAX_BYTES (INT64_C(1) << 30) // well inside the reach of a relative address

typedef struct Function {
  const char *name; // in NcrtMachineCode.names
  uint8_t *address;
  uint64_t size;
} Function;

struct NcrtMachineCode {
  uint8_t *memory; // functions and stubs, then read-only data, each from a page on
  size_t size, executable;
  Function *functions;
  int function_count;
  char *names;
};

typedef struct Object {
  NcrtElf elf;
  int64_t *offsets; // by section: in the memory, or -1
} Object;

typedef struct Linking {
  NcrtMachineCode *code;
  Object *objects;
  int count;
  NcrtResolve resolve;
  size_t stubs, next_stub; // where they begin, and how far they are used
  NcrtStatus *status;
} Linking;

static bool fail(Linking *l, const char *what) {
  return ncrt_fail(l->status, NCRT_MACHINE_FAILED, "the machine code cannot be loaded: %s", what);
}

static bool open_object(Linking *l, Object *object, const NcrtObject *from) {
  if (!ncrt_elf_open(&object->elf, from->bytes, from->size, l->status))
    return false;
  if (!ncrt_relocate_knows(MACHINE))
    return fail(l, "code of this kind of machine cannot be loaded yet");
  if (object->elf.machine != MACHINE)
    return fail(l, "it is of another kind of machine");
  object->offsets = malloc(((size_t)object->elf.section_count + 1) * sizeof(int64_t));
  if (object->offsets == NULL)
    return ncrt_fail_memory(l->status, from->size, "code");
  return true;
}

static bool check_section(Linking *l, const Elf64_Shdr *section) {
  if (section->sh_type != SHT_PROGBITS || section->sh_flags & (SHF_WRITE | SHF_TLS))
    return fail(l, "it has data that is not constant");
  if (section->sh_addralign & (section->sh_addralign - 1) || section->sh_addralign > 4096)
    return fail(l, "a section's alignment is odd");
  return true;
}

// Gives the sections with code, or those without, places from `*end` on.
static bool place_sections(Linking *l, bool executable, int64_t *end) {
  for (int i = 0; i < l->count; i++) {
    Object *o = &l->objects[i];
    for (int s = 0; s < o->elf.section_count; s++) {
      Elf64_Shdr section = ncrt_elf_section(&o->elf, s);
      if (!(section.sh_flags & SHF_ALLOC) || !(section.sh_flags & SHF_EXECINSTR) == executable)
        continue;
      if (!check_section(l, &section))
        return false;
      int64_t align = section.sh_addralign > 1 ? (int64_t)section.sh_addralign : 1;
      o->offsets[s] = (*end + align - 1) / align * align;
      *end = o->offsets[s] + (int64_t)section.sh_size;
      if ((int64_t)section.sh_size > MAX_BYTES || *end > MAX_BYTES)
        return fail(l, "it is too large");
    }
  }
  return true;
}

static int64_t count_undefined(const Linking *l) {
  int64_t count = 0;
  for (int i = 0; i < l->count; i++)
    for (uint32_t s = 1; s < l->objects[i].elf.symbol_count; s++)
      count += ncrt_elf_symbol(&l->objects[i].elf, s).st_shndx == SHN_UNDEF;
  return count;
}

static int64_t whole_pages(int64_t bytes) {
  int64_t page = sysconf(_SC_PAGESIZE);
  return (bytes + page - 1) / page * page;
}

static bool lay_out(Linking *l) {
  for (int i = 0; i < l->count; i++)
    for (int s = 0; s < l->objects[i].elf.section_count; s++)
      l->objects[i].offsets[s] = -1;
  // Callers built with clang's -fsanitize=function look at the bytes before a function.
  int64_t end = 16;
  if (!place_sections(l, true, &end))
    return false;
  l->stubs = l->next_stub = (size_t)(end + NCRT_STUB_SIZE - 1) / NCRT_STUB_SIZE * NCRT_STUB_SIZE;
  end = whole_pages((int64_t)l->stubs + count_undefined(l) * NCRT_STUB_SIZE + 1);
  l->code->executable = (size_t)end;
  if (!place_sections(l, false, &end))
    return false;
  l->code->size = (size_t)whole_pages(end);
  return true;
}

static bool copy_sections(Linking *l) {
  NcrtMachineCode *code = l->code;
  void *memory = mmap(NULL, code->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return ncrt_fail_memory(l->status, code->size, "code");
  code->memory = memory;
  for (int i = 0; i < l->count; i++) {
    const Object *o = &l->objects[i];
    for (int s = 0; s < o->elf.section_count; s++) {
      Elf64_Shdr section = ncrt_elf_section(&o->elf, s);
      if (o->offsets[s] >= 0 && section.sh_size > 0)
        memcpy(code->memory + o->offsets[s], o->elf.bytes + section.sh_offset, section.sh_size);
    }
  }
  return true;
}

// Where a symbol that the object defines is; NULL if it is in no section that was mapped.
static uint8_t *address_in(const Linking *l, const Object *o, const Elf64_Sym *symbol) {
  if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= SHN_LORESERVE ||
      o->offsets[symbol->st_shndx] < 0)
    return NULL;
  return l->code->memory + o->offsets[symbol->st_shndx] + symbol->st_value;
}

static bool is_function(const Elf64_Sym *symbol) {
  return ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
         ELF64_ST_BIND(symbol->st_info) != STB_LOCAL && symbol->st_shndx != SHN_UNDEF;
}

static bool count_functions(Linking *l) {
  size_t count = 0, bytes = 0;
  for (int i = 0; i < l->count; i++) {
    const NcrtElf *elf = &l->objects[i].elf;
    for (uint32_t s = 0; s < elf->symbol_count; s++) {
      Elf64_Sym symbol = ncrt_elf_symbol(elf, s);
      if (!is_function(&symbol))
        continue;
      count++;
      bytes += strlen(ncrt_elf_name(elf, &symbol)) + 1;
      if (bytes > MAX_BYTES)
        return fail(l, "its names are too long");
    }
  }
  l->code->functions = calloc(count + 1, sizeof(Function));
  l->code->names = malloc(bytes + 1);
  if (l->code->functions == NULL || l->code->names == NULL)
    return ncrt_fail_memory(l->status, bytes, "code");
  return true;
}

static const Function *find(const NcrtMachineCode *code, const char *name) {
  for (int i = 0; i < code->function_count; i++)
    if (strcmp(code->functions[i].name, name) == 0)
      return &code->functions[i];
  return NULL;
}

static bool add_function(Linking *l, const Object *o, const Elf64_Sym *symbol, char **name) {
  uint8_t *address = address_in(l, o, symbol);
  if (address == NULL || address >= l->code->memory + l->code->executable)
    return fail(l, "a function is not in its code");
  strcpy(*name, ncrt_elf_name(&o->elf, symbol));
  if (find(l->code, *name))
    return fail(l, "a function is defined twice");
  l->code->functions[l->code->function_count++] = (Function){*name, address, symbol->st_size};
  *name += strlen(*name) + 1;
  return true;
}

static bool add_functions(Linking *l) {
  if (!count_functions(l))
    return false;
  char *name = l->code->names;
  for (int i = 0; i < l->count; i++) {
    const Object *o = &l->objects[i];
    for (uint32_t s = 0; s < o->elf.symbol_count; s++) {
      Elf64_Sym symbol = ncrt_elf_symbol(&o->elf, s);
      if (is_function(&symbol) && !add_function(l, o, &symbol, &name))
        return false;
    }
  }
  return true;
}

// The stub of a function elsewhere, made when it is needed first.
static uint8_t *stub_of(Linking *l, void *target) {
  uint8_t *memory = l->code->memory;
  uint64_t address = (uint64_t)(uintptr_t)target;
  for (size_t at = l->stubs; at < l->next_stub; at += NCRT_STUB_SIZE)
    if (memcmp(memory + at + 8, &address, 8) == 0)
      return memory + at;
  uint8_t *stub = memory + l->next_stub;
  l->next_stub += NCRT_STUB_SIZE;
  ncrt_relocate_stub(MACHINE, stub, address);
  return stub;
}

// Where a symbol is that the object does not define. What is in no object may be anywhere in the
// address space, out of a call's reach.
static uint8_t *address_elsewhere(Linking *l, const char *name, bool is_call) {
  const Function *function = find(l->code, name);
  if (function != NULL)
    return function->address;
  void *known = l->resolve != NULL ? l->resolve(name) : NULL;
  if (known != NULL)
    return is_call ? stub_of(l, known) : known;
  char shown[80];
  ncrt_fail(l->status, NCRT_MACHINE_FAILED,
            "the machine code cannot be loaded: it refers to '%s', which is unknown",
            ncrt_printable(shown, sizeof shown, name));
  return NULL;
}

static bool relocate(Linking *l, const Object *o, const Elf64_Shdr *target, int64_t base,
                     const Elf64_Rela *from) {
  uint32_t type = (uint32_t)ELF64_R_TYPE(from->r_info);
  Elf64_Sym symbol = ncrt_elf_symbol(&o->elf, (uint32_t)ELF64_R_SYM(from->r_info));
  if (from->r_offset >= target->sh_size)
    return fail(l, "a relocation lies outside its section");
  uint8_t *address = symbol.st_shndx != SHN_UNDEF
                         ? address_in(l, o, &symbol)
                         : address_elsewhere(l, ncrt_elf_name(&o->elf, &symbol),
                                             ncrt_relocate_is_call(MACHINE, type));
  if (address == NULL)
    return symbol.st_shndx == SHN_UNDEF ? false : fail(l, "a relocation's symbol is nowhere");
  uint8_t *bytes = l->code->memory + base + from->r_offset;
  NcrtRelocation r = {.type = type,
                      .bytes = bytes,
                      .room = target->sh_size - from->r_offset,
                      .place = (uint64_t)(uintptr_t)bytes,
                      .symbol = (uint64_t)(uintptr_t)address,
                      .addend = from->r_addend};
  return ncrt_relocate(MACHINE, &r, l->status);
}

static bool relocate_section(Linking *l, const Object *o, const Elf64_Shdr *section) {
  if (section->sh_info >= (uint32_t)o->elf.section_count || o->offsets[section->sh_info] < 0)
    return true; // of what is not mapped, such as debugging information
  if (section->sh_type == SHT_REL)
    return fail(l, "its relocations have no addends");
  Elf64_Shdr target = ncrt_elf_section(&o->elf, (int)section->sh_info);
  for (size_t i = 0; i < ncrt_elf_relocation_count(section); i++) {
    Elf64_Rela from = ncrt_elf_relocation(&o->elf, section, i);
    if (!relocate(l, o, &target, o->offsets[section->sh_info], &from))
      return false;
  }
  return true;
}

static bool relocate_all(Linking *l) {
  for (int i = 0; i < l->count; i++) {
    const Object *o = &l->objects[i];
    for (int s = 0; s < o->elf.section_count; s++) {
      Elf64_Shdr section = ncrt_elf_section(&o->elf, s);
      if ((section.sh_type == SHT_RELA || section.sh_type == SHT_REL) &&
          !relocate_section(l, o, &section))
        return false;
    }
  }
  return true;
}

static bool protect(Linking *l) {
  NcrtMachineCode *code = l->code;
  size_t rest = code->size - code->executable;
  if (mprotect(code->memory, code->executable, PROT_READ | PROT_EXEC) != 0 ||
      (rest > 0 && mprotect(code->memory + code->executable, rest, PROT_READ) != 0))
    return fail(l, "this system does not let memory be executed");
  __builtin___clear_cache((char *)code->memory, (char *)code->memory + code->executable);
  return true;
}

static bool link_objects(Linking *l, const NcrtObject *objects) {
  for (int i = 0; i < l->count; i++)
    if (!open_object(l, &l->objects[i], &objects[i]))
      return false;
  return lay_out(l) && copy_sections(l) && add_functions(l) && relocate_all(l) && protect(l);
}

static void name_functions(const NcrtMachineCode *code) {
  NcrtPerfMap map;
  if (!ncrt_perf_map_open(&map))
    return;
  for (int i = 0; i < code->function_count; i++)
    ncrt_perf_map_add(&map, code->functions[i].address, code->functions[i].size,
                      code->functions[i].name);
  ncrt_perf_map_close(&map);
}

bool ncrt_code_load(const NcrtObject *objects, int count, NcrtResolve resolve,
                    NcrtMachineCode **code, NcrtStatus *status) {
  *code = NULL;
  Linking l = {.code = calloc(1, sizeof **code),
               .objects = calloc((size_t)count + 1, sizeof(Object)),
               .count = count,
               .resolve = resolve,
               .status = status};
  bool loaded = l.code != NULL && l.objects != NULL
                    ? link_objects(&l, objects)
                    : ncrt_fail_memory(status, (size_t)count * sizeof(Object), "code");
  for (int i = 0; i < count && l.objects != NULL; i++)
    free(l.objects[i].offsets);
  free(l.objects);
  if (!loaded) {
    ncrt_code_free(l.code);
    return false;
  }
  name_functions(l.code);
  *code = l.code;
  return true;
}

NcrtPhase ncrt_code_function(const NcrtMachineCode *code, const char *name) {
  const Function *function = find(code, name);
  return function != NULL ? (NcrtPhase)(uintptr_t)function->address : NULL;
}

void ncrt_code_free(NcrtMachineCode *code) {
  if (code == NULL)
    return;
  if (code->memory != NULL)
    munmap(code->memory, code->size);
  free(code->functions);
  free(code->names);
  free(code);
}
