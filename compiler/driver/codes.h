// The explanations of diagnostics' codes: the files of docs/codes, built into the binary.
//
// A file begins with the line `# CODE: title`; after it stand what the code means, a wrong program,
// the right one, and the usual causes, in Markdown.
#ifndef NC_DRIVER_CODES_H
#define NC_DRIVER_CODES_H

typedef struct NcCode {
  const char *name; // "E0203"
  const char *text;
} NcCode;

extern const NcCode nc_codes[]; // in order
extern const int nc_codes_count;

#endif
