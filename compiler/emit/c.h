// From plans to C: kernels and routines as functions of a file that compiles by itself.
#ifndef NC_EMIT_C_H
#define NC_EMIT_C_H

#include "base/map.h"
#include "emit/model.h"
#include "kernel/routine.h"

// What a file being written holds. Vectors and what is done with them have names ("f32x16",
// "f32x16_add"), which are defined, by c_prelude.inc's macros, where they are used.
typedef struct NcCFile {
  NcArena *arena;
  const NcEmitParts *parts;
  const NcSourceMap *sources; // or NULL
  bool lines;    // every statement of a kernel says which line of the source it is from
  bool exported; // routines can be called from other files
  NcMap known;   // vectors' types and functions that are defined
  NcText definitions, code;
  NcMap kernels; // NcCSignature by the kernel's text
  NcMap names;   // C's names that are taken
  NcMap symbols; // the C name of a routine by its name
} NcCFile;

// What a kernel's function takes, beside its buffers, in this order: the frame, n0, n1, s0, s1, and
// the numbers that are given. What it does not use is left out.
typedef struct NcCSignature {
  const char *name;
  bool frame, bounds[4], *buffers, *given;
} NcCSignature;

NcCFile nc_c_file(NcArena *arena, const NcEmitParts *parts, const NcSourceMap *sources);

// A name of C like `name`, that nothing else has: what is no letter or digit becomes `_`.
const char *nc_c_name(NcCFile *file, const char *name);
// `name` with `_` for what is no letter or digit.
char *nc_c_identifier(NcArena *arena, const char *name);
bool nc_c_is_reserved(const char *name);
// The same for a routine, which keeps it.
const char *nc_c_symbol(NcCFile *file, const char *name);
// Declares cblas's product of a dtype, if it is not.
void nc_c_blas(NcCFile *file, NcDtype dtype);

// The C type of a value, "f32x16" if it has lanes, and that of an element in memory.
const char *nc_c_type(NcCFile *file, NcDtype dtype, int lanes);
const char *nc_c_element(NcDtype dtype);
// The name of a function of vectors, "f32x16_add", and of one that converts, "f32x16_from_u8" or
// "f32x16_bits_i32".
const char *nc_c_function(NcCFile *file, const char *op, NcDtype dtype, int lanes);
const char *nc_c_conversion(NcCFile *file, const char *how, NcDtype to, NcDtype from, int lanes);

// Adds a kernel's function to the file's code, if it is not there, and gives its signature.
const NcCSignature *nc_c_kernel(NcCFile *file, const NcCall *call);

// Adds a routine's function, and those of the kernels that it calls.
void nc_c_routine(NcCFile *file, const NcRoutine *routine);

// The start of a file, the definitions that the code needs, and the code.
void nc_c_print(NcText *text, const NcCFile *file);

// A number of C.
void nc_c_float(NcText *out, double value, bool single);
void nc_c_integer(NcText *out, int64_t value, NcDtype dtype);

// A function of a model as it is declared, without the semicolon.
void nc_c_prototype(NcText *out, const NcModel *model, const NcModelFunction *function);

// A model as a file, and the header that goes with it, whose name it includes. `lines`: with a
// directive before each statement that says which line of the source it is from. `implementation`
// is the name of the file that the header is of.
NcText nc_c_model(NcArena *arena, const NcModel *model, const char *header,
                  const NcSourceMap *sources, bool lines);
char *nc_c_header(NcArena *arena, const NcModel *model, const char *implementation);

// The program behind a model: what it needs beside it.
#define NC_C_HEADER_PARTS 8
typedef struct NcCMain {
  const char *header[NC_C_HEADER_PARTS]; // of a checkpoint, between the values that c_main.c names
  const NcModelVariable **tensors;       // of the model, as a checkpoint has them
  bool shuffle, drop_last;
} NcCMain;
// Adds it to the text of the model. False if the model takes what idx files do not hold.
bool nc_c_main(NcText *out, const NcModel *model, const NcCMain *main);

// Entries as a file whose functions go by the names of their routines, with `_` for what is no
// letter or digit: of the type NcrtPhase, with that of runtime/abi.h as the frame.
char *nc_c_entries(NcArena *arena, const NcEmitEntry *entries, int count,
                   const NcSourceMap *sources);

#endif
