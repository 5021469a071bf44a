// Guesses what a misspelt name was meant to be.
#include "sema/sema.h"

#include <limits.h>

NcGuess nc_sema_guess(NcSema *s, const char *name) {
  NcCandidate none = {.span = NC_NOWHERE, .distance = INT_MAX};
  return (NcGuess){s, name, none, none, none};
}

static void compare(NcCandidate *best, const char *name, const char *candidate, NcSpan span) {
  const char *before = best->name;
  nc_suggest(name, candidate, &best->name, &best->distance);
  if (best->name != before)
    best->span = span;
}

void nc_sema_consider(NcGuess *guess, const char *name, const char *key, NcSpan span) {
  compare(&guess->any, guess->name, name, span);
  bool users = span.file >= 0 && !nc_sema_is_builtin(guess->s, span);
  if (!users || nc_map_get(&guess->s->uses, key))
    return;
  compare(&guess->unused, guess->name, name, span);
  guess->lone.name = name;
  guess->lone.span = span;
  guess->lone.count++;
}

bool nc_sema_suggest(const NcGuess *guess, NcDiag *diag) {
  NcSema *s = guess->s;
  const NcCandidate *best = guess->unused.name ? &guess->unused : &guess->any;
  if (best->name)
    nc_sema_fix_name(s, diag, diag->span, best->name);
  bool users = best->name && best->span.file >= 0 && !nc_sema_is_builtin(s, best->span);
  if (users)
    nc_sema_note(s, diag, best->span, "%s is declared here", best->name);
  if (best != &guess->unused && guess->lone.count == 1) {
    nc_sema_note(s, diag, guess->lone.span, "%s is declared here and never used", guess->lone.name);
    users = true;
  }
  return users;
}
