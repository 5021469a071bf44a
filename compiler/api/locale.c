// Numbers in texts do not depend on the locale that the host has set.
#define _GNU_SOURCE
#include "api/api.h"

locale_t nc_api_locale_begin(void) {
  locale_t plain = newlocale(LC_NUMERIC_MASK, "C", duplocale(uselocale((locale_t)0)));
  return plain ? uselocale(plain) : (locale_t)0;
}

void nc_api_locale_end(locale_t before) {
  if (before)
    freelocale(uselocale(before));
}
