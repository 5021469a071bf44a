#!/bin/bash
# Every code of a diagnostic stands in codes.def or with an operator's constraint, is used, and is shown by a golden test.
set -euo pipefail

cd "$SOURCE_DIR"
bad=0
complain() { echo "$1"; bad=1; }

listed=$(grep -oE '^NC_CODE\([EW][0-9]{4}' compiler/base/codes.def | cut -c9-)
used=$(grep -rhoE --include='*.[chy]' --include='*.re' '"[EW][0-9]{4}"' compiler | tr -d '"' | sort -u)
# An operator's constraints have their codes in rows { "conv_c2", "E0312", ... }.
constraints=$(grep -rhozE --include='*.[ch]' '"[a-z_0-9]+_c[0-9]+",\s*"E[0-9]{4}"' compiler |
  tr '\0' '\n' | grep -oE 'E[0-9]{4}' | sort -u)
# The bracket may be escaped.
shown=$(grep -rhoE '(error|warning)[^[:alnum:]]{1,6}[EW][0-9]{4}' tests/golden tests/e2e |
  grep -oE '[EW][0-9]{4}' | sort -u || true)

in_list() { grep -qx "$1" <<<"$2"; }
for code in $(sort <<<"$listed" | uniq -d); do complain "$code stands twice in codes.def"; done
for code in $listed; do
  in_list "$code" "$used" || complain "$code stands in codes.def and is never reported"
  in_list "$code" "$shown" || complain "$code is shown by no golden test"
done
for code in $used; do
  in_list "$code" "$listed" || in_list "$code" "$constraints" ||
    complain "$code is reported and stands neither in codes.def nor with a constraint"
done
for code in $constraints; do
  ! in_list "$code" "$listed" || complain "$code is a constraint's and stands in codes.def"
done
exit $bad
