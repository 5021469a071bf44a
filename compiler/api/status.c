// Errors of the library.
#include "api/api.h"

#include "base/text.h"

#include <limits.h>
#include <stdarg.h>
#include <string.h>

_Static_assert((int)NETC_BAD_INPUT == (int)NCRT_BAD_INPUT &&
                   (int)NETC_MACHINE_FAILED == (int)NCRT_MACHINE_FAILED,
               "codes are the runtime's");

bool nc_api_fail(NetcStatus *status, NetcCode code, const char *format, ...) {
  va_list args;
  va_start(args, format);
  status->code = code;
  int length = vsnprintf(status->message, sizeof status->message, format, args);
  va_end(args);
  if (length >= (int)sizeof status->message)
    strcpy(status->message + sizeof status->message - 4, "...");
  return false;
}

bool nc_api_fail_status(NetcStatus *status, const NcrtStatus *from) {
  return nc_api_fail(status, (NetcCode)from->code, "%s", from->message);
}

bool nc_api_fail_memory(NetcStatus *status) {
  return nc_api_fail(status, NETC_MACHINE_FAILED, "out of memory");
}

bool nc_api_fail_name(NetcStatus *status, const NetcProgram *program, const char *what,
                      const char *name, NcApiName *names) {
  const char *best = NULL, *known;
  int distance = INT_MAX;
  char shown[200];
  for (int i = 0; (known = names(program, i)) != NULL; i++)
    nc_suggest(name, known, &best, &distance);
  return nc_api_fail(status, NETC_BAD_INPUT, "the program has no %s %s%s%s%s", what,
                     ncrt_printable(shown, sizeof shown, name), best ? "; did you mean " : "",
                     best ? best : "", best ? "?" : "");
}
