// Reading a .net file up to its program, and telling the user what is wrong with it.
#ifndef NC_DRIVER_LOAD_H
#define NC_DRIVER_LOAD_H

#include "driver/options.h"
#include "driver/timings.h"
#include "emit/target.h"
#include "netc_rt.h"
#include "passes/pipeline.h"
#include "sema/program.h"
#include "syntax/ast.h"

// One file being compiled; what it points to lives in `arena`.
typedef struct NcUnit {
  NcArena *arena;
  NcSourceMap *sources;
  NcDiags *diags;
  int file;           // number in sources
  const char *name;   // of the file without folders
  const char *folder; // where it lies
  bool from_checkpoint;
  // Of a unit that nc_unit_open_saved opened.
  NcrtSafetensors checkpoint;
  NcrtCheckpointInfo info;
  const NcrtText *given; // the texts of that checkpoint
  int given_count;
  const NcSettings *settings; // of the command line
  const char *fetch;          // expressions whose values are wanted too, as text; or NULL
  const char *fetch_shown;    // what messages call the text; NULL: --fetch
  bool fetch_training;
  const NcExprAst *fetched; // the list of them
  NC_VEC(NcrtText) more;    // imports and settings, as a checkpoint keeps them
  NcFileAst *ast;           // of the file and all it imports
  NcProgram *program;
  const char *folders[2]; // where data files are looked for: --data, then beside the file
  int folder_count;
  NcTimings timings;
  bool cache_told;  // that no code is kept, where it was asked for
  bool color, json; // how diagnostics are printed
  FILE *messages;   // where they and other messages go: stderr, unless it is set after opening;
                    // NULL for nowhere
} NcUnit;

// Opens a unit on a file's text. False, with a line printed, if it cannot be read.
bool nc_unit_open(NcUnit *unit, const NcOptions *options);
// The same for a text that was read already, as that of the file; it must outlive the unit.
void nc_unit_open_text(NcUnit *unit, const NcOptions *options, const char *text, size_t length);
// The same for a checkpoint, which becomes the unit's. NC_EXIT_OK, or the exit code after a
// message.
int nc_unit_open_saved(NcUnit *unit, const NcOptions *options);
// The same for a file that may be either, as its name or its first bytes tell.
bool nc_unit_open_any(NcUnit *unit, const NcOptions *options);
// Whether they say that it is one.
bool nc_is_checkpoint(const char *path);
// The same for the source in a checkpoint, which must outlive the unit; data files are looked for
// beside it.
void nc_unit_open_checkpoint(NcUnit *unit, const NcOptions *options,
                             const NcrtCheckpointInfo *info);
void nc_unit_close(NcUnit *unit);

// Parses and checks. Errors and warnings are printed; false if there were errors.
bool nc_unit_check(NcUnit *unit, bool require_data);
// Runs all passes, likewise.
bool nc_unit_passes(NcUnit *unit, NcPassHook after, void *context);
// Prints what has been reported since the last call.
void nc_unit_report(NcUnit *unit);

// The processor that --cpu names (native without it), used as --math says. False, with a line
// printed, if there is no such processor.
bool nc_unit_target(NcUnit *unit, const NcOptions *options, NcTarget *target);

#endif
