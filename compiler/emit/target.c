// Choosing the processor that code is generated for.
#include "emit/target.h"

#include "base/map.h"
#include "base/text.h"
#include "emit/cpu.h"
#include "kernel/phases.h"

#include <limits.h>
#include <string.h>

// Operands of products that large leave the caches that cores share, for which tiles are made; and
// rows of those lie so far apart that they are packed.
#define BLAS_ELEMENTS (1 << 22)
#define PANEL_ELEMENTS (1 << 16)
#define CUT_ELEMENTS (1 << 21)

typedef enum Family { X86_64, AARCH64, ARM, RISCV64, WASM32 } Family;

#if defined(__aarch64__)
#define HERE AARCH64
#else
#define HERE X86_64
#endif

// Kinds of machines, under the names that compilers have for them. The first of a family is the one
// that its processors are of if no other is named.
typedef struct Machine {
  const char *name, *triple; // as given, as LLVM spells it
  Family family;
} Machine;

static const Machine machines[] = {
    {"x86_64-unknown-linux-gnu", "x86_64-unknown-linux-gnu", X86_64},
    {"x86_64-linux-gnu", "x86_64-unknown-linux-gnu", X86_64},
    {"aarch64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", AARCH64},
    {"aarch64-linux-gnu", "aarch64-unknown-linux-gnu", AARCH64},
    {"thumbv7em-none-eabihf", "thumbv7em-none-unknown-eabihf", ARM},
    {"arm-none-eabi", "thumbv7em-none-unknown-eabihf", ARM},
    {"riscv64-unknown-linux-gnu", "riscv64-unknown-linux-gnu", RISCV64},
    {"riscv64-linux-gnu", "riscv64-unknown-linux-gnu", RISCV64},
    {"wasm32-unknown-unknown", "wasm32-unknown-unknown", WASM32},
};
enum { MACHINE_COUNT = sizeof machines / sizeof *machines };

// What code for each processor may use. The first of a family is the one of its machines if no
// other is named.
typedef struct Processor {
  const char *name;
  Family family;
  int vector_bytes, vector_registers; // of floats where there are no vectors
  bool fma, floors;
  const char *llvm, *features; // LLVM's name, if it is another, and what that leaves out
} Processor;

static const Processor processors[] = {
    {"x86-64", X86_64, 16, 16, false, false, NULL, ""},
    {"x86-64-v2", X86_64, 16, 16, false, true, NULL, ""},
    {"x86-64-v3", X86_64, 32, 16, true, true, NULL, ""},
    {"x86-64-v4", X86_64, 64, 32, true, true, NULL, ""},
    {"generic", AARCH64, 16, 32, true, true, NULL, ""},
    {"cortex-a53", AARCH64, 16, 32, true, true, NULL, ""},
    {"cortex-a72", AARCH64, 16, 32, true, true, NULL, ""},
    {"cortex-a76", AARCH64, 16, 32, true, true, NULL, ""},
    {"neoverse-n1", AARCH64, 16, 32, true, true, NULL, ""},
    {"neoverse-v1", AARCH64, 16, 32, true, true, NULL, ""},
    {"apple-m1", AARCH64, 16, 32, true, true, NULL, ""},
    {"cortex-m4", ARM, 4, 32, true, false, NULL, ""},
    {"cortex-m7", ARM, 4, 32, true, true, NULL, ""},
    {"rv64gc", RISCV64, 4, 32, true, false, "generic-rv64", "+m,+a,+f,+d,+c"},
    {"simd128", WASM32, 16, 16, false, true, "generic",
     "+simd128,+bulk-memory,+nontrapping-fptoint,+sign-ext"}, // what has the first has the others
};
enum { PROCESSOR_COUNT = sizeof processors / sizeof *processors };

static const Machine *machine_of(Family family) {
  const Machine *m = machines;
  while (m->family != family)
    m++;
  return m;
}

static const Processor *processor_of(Family family) {
  const Processor *p = processors;
  while (p->family != family)
    p++;
  return p;
}

// ---- names that are not known

// "known are a, b and c; did you mean 'b'?", of the names that are given one by one.
typedef struct Names {
  NcText text;
  const char *wrong, *best, *last;
  int distance, count;
} Names;

static void add_name(Names *names, const char *name) {
  if (names->last)
    nc_text_printf(&names->text, "%s%s", names->count++ ? ", " : "", names->last);
  names->last = name;
  nc_suggest(names->wrong, name, &names->best, &names->distance);
}

static const char *known(Names *names) {
  nc_text_printf(&names->text, "%s%s", names->count ? " and " : "", names->last);
  if (names->best)
    nc_text_printf(&names->text, "; did you mean '%s'?", names->best);
  return names->text.data;
}

static const Machine *find_machine(NcArena *arena, const char *name, const char **message) {
  Names names = {.text = nc_text_create(arena), .wrong = name, .distance = INT_MAX};
  for (int i = 0; i < MACHINE_COUNT; i++) {
    if (strcmp(machines[i].name, name) == 0)
      return &machines[i];
    add_name(&names, machines[i].name);
  }
  *message = nc_arena_printf(arena, "unknown target '%s'; known are %s", name, known(&names));
  return NULL;
}

// `machine` may be NULL: any.
static const Processor *find_processor(NcArena *arena, const char *name, const Machine *machine,
                                       const char **message) {
  Names names = {.text = nc_text_create(arena), .wrong = name, .distance = INT_MAX};
  const Processor *other = NULL;
  if (!machine || machine->family == HERE)
    add_name(&names, "native");
  for (int i = 0; i < PROCESSOR_COUNT; i++) {
    const Processor *p = &processors[i];
    bool fits = !machine || machine->family == p->family;
    if (strcmp(p->name, name) == 0 && fits)
      return p;
    if (strcmp(p->name, name) == 0)
      other = p;
    if (fits)
      add_name(&names, p->name);
  }
  if (other)
    names.best = NULL;
  if (other)
    *message = nc_arena_printf(arena, "processor '%s' is one of %s, not of %s, which has %s", name,
                               machine_of(other->family)->name, machine->name, known(&names));
  else if (strcmp(name, "native") == 0)
    *message = nc_arena_printf(arena, "this machine's processor is none of %s, which has %s",
                               machine->name, known(&names));
  else
    *message = nc_arena_printf(arena, "unknown processor '%s'; known are %s", name, known(&names));
  return NULL;
}

// ---- choosing

static void use_native(NcArena *arena, NcTarget *target) {
  NcCpu cpu = nc_cpu_detect();
  bool x86 = cpu.level > 0;
  target->cpu = "native";
  target->machine = nc_cpu_identity(arena);
  target->vector_bytes = cpu.avx512 ? 64 : cpu.avx2 ? 32 : 16;
  target->vector_registers = cpu.avx512 || !x86 ? 32 : 16;
  target->fma = cpu.fma || !x86;
  target->floors = cpu.level >= 2 || !x86; // SSE4.1
  target->runs_here = true;
}

// Levels of x86-64 build on one another; every processor of another family can run what is generic.
static bool runs_here(const Processor *p) {
  int number = (int)(p - processor_of(p->family));
  return p->family == HERE && (HERE == X86_64 ? nc_cpu_detect().level > number : number == 0);
}

static void use_processor(NcTarget *target, const Processor *p) {
  target->cpu = p->llvm ? p->llvm : p->name;
  target->features = p->features;
  target->vector_bytes = p->vector_bytes;
  target->vector_registers = p->vector_registers;
  target->fma = p->fma;
  target->floors = p->floors;
  target->runs_here = runs_here(p);
}

bool nc_target_select(NcArena *arena, const char *triple, const char *cpu, NcTarget *target,
                      const char **message) {
  *target = (NcTarget){.triple = machine_of(HERE)->triple,
                       .features = "",
                       .machine = "",
                       .blas = BLAS_ELEMENTS,
                       .panels = PANEL_ELEMENTS,
                       .cuts = CUT_ELEMENTS,
                       .stays = true,
                       .quiet = true,
                       .slots = NC_SLOTS};
  const Machine *machine = triple ? find_machine(arena, triple, message) : NULL;
  if (triple && !machine)
    return false;
  bool may_be_here = !machine || machine->family == HERE;
  if (may_be_here && (cpu ? strcmp(cpu, "native") == 0 : !machine)) {
    use_native(arena, target);
    return true;
  }
  const Processor *p =
      cpu ? find_processor(arena, cpu, machine, message) : processor_of(machine->family);
  if (!p)
    return false;
  target->triple = (machine ? machine : machine_of(p->family))->triple;
  use_processor(target, p);
  return true;
}

void nc_target_make_fast(NcTarget *target) { target->fast = true; }

void nc_target_make_portable(NcTarget *target) {
  target->portable = true;
  target->blas = 0;
}
