// Loading machine code: objects that refer to one another and to functions elsewhere, and objects
// that are not what they should be.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on

#include "code.h"
#include "unit/objects.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const uint8_t seven[] = {0xb8, 7, 0, 0, 0, 0xc3};      // mov $7, %eax; ret
static const uint8_t load[] = {0x8b, 0x05, 0, 0, 0, 0, 0xc3}; // mov 0(%rip), %eax; ret
static const uint8_t jump[] = {0xe9, 0, 0, 0, 0};             // jmp .

// `seven` gives 7, `load` the number in the data, `forth` is a jump to `name`.
static Spec spec_with_jump(const char *name) {
  Spec spec = {.data = {0, 0, 0, 0, 42, 0, 0, 0}, .data_size = 8};
  add_function(&spec, "seven", seven, sizeof seven);
  uint64_t loads = add_function(&spec, "load", load, sizeof load);
  uint64_t jumps = add_function(&spec, "forth", jump, sizeof jump);
  int data = add_symbol(&spec, "", SECTION_DATA, 0, 8);
  spec.symbols[data].st_info = ELF64_ST_INFO(STB_LOCAL, STT_SECTION);
  add_relocation(&spec, loads + 2, R_X86_64_PC32, data, 4 - 4);
  add_relocation(&spec, jumps + 1, R_X86_64_PLT32, add_symbol(&spec, name, SECTION_NULL, 0, 0), -4);
  return spec;
}

static NcrtStatus status;

static NcrtMachineCode *load_objects(const Built *built, int count, NcrtResolve resolve) {
  NcrtObject objects[2] = {{built[0].bytes, built[0].size},
                           {built[count - 1].bytes, built[count - 1].size}};
  NcrtMachineCode *code = NULL;
  memset(&status, 0, sizeof status);
  ncrt_code_load(objects, count, resolve, &code, &status);
  return code;
}

static int call(const NcrtMachineCode *code, const char *name) {
  NcrtPhase function = ncrt_code_function(code, name);
  assert_non_null(function);
  return function(NULL, 0, 0);
}

static int32_t elsewhere(void) { return 99; }

static void *resolve(const char *name) {
  return strcmp(name, "elsewhere") == 0 ? (void *)(uintptr_t)elsewhere : NULL;
}

static void loads_objects(void **state) {
  (void)state;
  Spec second = {.text_size = 0};
  add_function(&second, "other", (const uint8_t[]){0xb8, 8, 0, 0, 0, 0xc3}, 6);
  Spec first = spec_with_jump("other");
  Built built[2];
  build(&first, &built[0]);
  build(&second, &built[1]);
  NcrtMachineCode *code = load_objects(built, 2, NULL);
  if (!code)
    fail_msg("%s", status.message);
  memset(built, 0, sizeof built); // they are not needed any longer
  assert_int_equal(call(code, "seven"), 7);
  assert_int_equal(call(code, "load"), 42);
  assert_int_equal(call(code, "forth"), 8);
  assert_null(ncrt_code_function(code, "nothing"));
  ncrt_code_free(code);
  ncrt_code_free(NULL);
}

static void reaches_functions_elsewhere(void **state) {
  (void)state;
  Spec spec = spec_with_jump("elsewhere");
  Built built;
  build(&spec, &built);
  NcrtMachineCode *code = load_objects(&built, 1, resolve);
  if (!code)
    fail_msg("%s", status.message);
  assert_int_equal(call(code, "forth"), 99);
  ncrt_code_free(code);
}

// The permissions of the mapping that holds an address, as "r-xp".
static void permissions_of(const void *address, char permissions[5]) {
  char line[512];
  FILE *maps = fopen("/proc/self/maps", "r");
  assert_non_null(maps);
  strcpy(permissions, "none");
  while (fgets(line, sizeof line, maps)) {
    unsigned long low, high;
    char found[5];
    if (sscanf(line, "%lx-%lx %4s", &low, &high, found) == 3 && (uintptr_t)address >= low &&
        (uintptr_t)address < high)
      strcpy(permissions, found);
  }
  fclose(maps);
}

static void code_is_not_writable(void **state) {
  (void)state;
  Spec spec = spec_with_jump("elsewhere");
  Built built;
  build(&spec, &built);
  NcrtMachineCode *code = load_objects(&built, 1, resolve);
  assert_non_null(code);
  const uint8_t *function = (const uint8_t *)(uintptr_t)ncrt_code_function(code, "load");
  int32_t distance;
  memcpy(&distance, function + 2, sizeof distance);
  char permissions[5];
  permissions_of(function, permissions);
  assert_string_equal(permissions, "r-xp");
  permissions_of(function + 6 + distance, permissions);
  assert_string_equal(permissions, "r--p");
  ncrt_code_free(code);
}

static void assert_refused(const Built *built, int count, const char *part) {
  if (load_objects(built, count, resolve))
    fail_msg("loaded, instead of: %s", part);
  if (strstr(status.message, part) == NULL)
    fail_msg("'%s' does not contain '%s'", status.message, part);
  assert_int_equal(status.code, NCRT_MACHINE_FAILED);
}

static void refuses(void **state) {
  (void)state;
  Spec spec = spec_with_jump("nowhere\x1b");
  Built built[2];
  build(&spec, &built[0]);
  assert_refused(built, 1, "it refers to 'nowhere?', which is unknown");

  spec = spec_with_jump("seven");
  build(&spec, &built[0]);
  build(&spec, &built[1]);
  assert_refused(built, 2, "a function is defined twice");

  spec = spec_with_jump("elsewhere");
  spec.relocations[1].r_info = ELF64_R_INFO(ELF64_R_SYM(spec.relocations[1].r_info), R_X86_64_32S);
  build(&spec, &built[0]);
  assert_refused(built, 1, "unknown type 11");

  // What is elsewhere can be called, not read.
  spec.relocations[1].r_info = ELF64_R_INFO(ELF64_R_SYM(spec.relocations[1].r_info), R_X86_64_PC32);
  spec.relocations[1].r_addend = INT64_C(1) << 40;
  build(&spec, &built[0]);
  assert_refused(built, 1, "out of reach");

  spec = spec_with_jump("elsewhere");
  spec.relocations[0].r_offset = spec.text_size - 3;
  build(&spec, &built[0]);
  assert_refused(built, 1, "over its section's end");

  spec.relocations[0].r_offset = spec.text_size;
  build(&spec, &built[0]);
  assert_refused(built, 1, "lies outside its section");
}

// set(OFFSET, WIDTH, VALUE, MESSAGE): the object with those bytes is refused.
static void assert_refused_with(size_t offset, size_t width, uint64_t value, const char *part) {
  Spec spec = spec_with_jump("elsewhere");
  Built built;
  build(&spec, &built);
  memcpy(built.bytes + offset, &value, width);
  assert_refused(&built, 1, part);
}

static size_t section_field(int section, size_t field) {
  Spec spec = spec_with_jump("elsewhere");
  Built built;
  build(&spec, &built);
  return built.size - (size_t)(SECTIONS - section) * sizeof(Elf64_Shdr) + field;
}

#define HEADER(field) offsetof(Elf64_Ehdr, field), sizeof((Elf64_Ehdr){0}.field)
#define SECTION(number, field)                                                                     \
  section_field(number, offsetof(Elf64_Shdr, field)), sizeof((Elf64_Shdr){0}.field)

static void refuses_odd_objects(void **state) {
  (void)state;
  assert_refused_with(0, 1, 0, "no relocatable ELF object");
  assert_refused_with(HEADER(e_type), ET_DYN, "no relocatable ELF object");
  assert_refused_with(HEADER(e_machine), EM_AARCH64, "another kind of machine");
  assert_refused_with(HEADER(e_shnum), 0xffff, "its sections are not in it");
  assert_refused_with(HEADER(e_shoff), UINT64_MAX - 63, "its sections are not in it");
  assert_refused_with(HEADER(e_shentsize), 63, "its sections are not in it");
  assert_refused_with(SECTION(SECTION_TEXT, sh_size), UINT64_MAX, "a section is not in it");
  assert_refused_with(SECTION(SECTION_TEXT, sh_addralign), 3, "alignment is odd");
  assert_refused_with(SECTION(SECTION_TEXT, sh_addralign), 8192, "alignment is odd");
  assert_refused_with(SECTION(SECTION_TEXT, sh_flags), SHF_ALLOC, "not in its code");
  assert_refused_with(SECTION(SECTION_TEXT, sh_flags), SHF_ALLOC | SHF_EXECINSTR | SHF_WRITE,
                      "data that is not constant");
  assert_refused_with(SECTION(SECTION_DATA, sh_type), SHT_NOBITS, "data that is not constant");
  assert_refused_with(SECTION(SECTION_DATA, sh_flags), 0, "a relocation's symbol is nowhere");
  assert_refused_with(SECTION(SECTION_RELA, sh_type), SHT_REL, "have no addends");
  assert_refused_with(SECTION(SECTION_SYMBOLS, sh_link), 99, "its symbols have no names");
  assert_refused_with(SECTION(SECTION_SYMBOLS, sh_link), SECTION_TEXT, "names do not end");
  assert_refused_with(SECTION(SECTION_SYMBOLS, sh_size), 48, "a relocation has no symbol");
  assert_refused_with(SECTION(SECTION_NAMES, sh_size), 3, "names do not end");
}

static void survives_damage(void **state) {
  (void)state;
  Spec spec = spec_with_jump("elsewhere");
  Built whole;
  build(&spec, &whole);
  for (size_t size = 0; size < whole.size; size++) {
    uint8_t *bytes = malloc(size + 1); // so that the sanitizers see its end
    memcpy(bytes, whole.bytes, size);
    NcrtObject object = {bytes, size};
    NcrtMachineCode *code = NULL;
    assert_false(ncrt_code_load(&object, 1, resolve, &code, &status));
    free(bytes);
  }
  for (size_t bit = 0; bit < whole.size * 8; bit++) {
    Built built = whole;
    built.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    ncrt_code_free(load_objects(&built, 1, resolve));
  }
}

static void names_functions_for_perf(void **state) {
  (void)state;
  Spec spec = spec_with_jump("elsewhere");
  Built built;
  build(&spec, &built);
  char path[64], line[128] = "", wanted[128];
  snprintf(path, sizeof path, "/tmp/perf-%ld.map", (long)getpid());
  ncrt_code_free(load_objects(&built, 1, resolve));
  assert_int_equal(access(path, F_OK), -1);
  setenv("NETC_PERF_MAP", "1", 1);
  NcrtMachineCode *code = load_objects(&built, 1, resolve);
  unsetenv("NETC_PERF_MAP");
  FILE *map = fopen(path, "r");
  assert_non_null(map);
  assert_non_null(fgets(line, sizeof line, map));
  snprintf(wanted, sizeof wanted, "%lx 6 seven\n",
           (unsigned long)(uintptr_t)ncrt_code_function(code, "seven"));
  assert_string_equal(line, wanted);
  fclose(map);
  remove(path);
  ncrt_code_free(code);
}

int main(void) {
#if defined(__x86_64__)
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loads_objects),           cmocka_unit_test(reaches_functions_elsewhere),
      cmocka_unit_test(code_is_not_writable),    cmocka_unit_test(refuses),
      cmocka_unit_test(refuses_odd_objects),     cmocka_unit_test(survives_damage),
      cmocka_unit_test(names_functions_for_perf)};
  return cmocka_run_group_tests_name("code", tests, NULL, NULL);
#else
  return 0; // the objects here are of x86-64
#endif
}
