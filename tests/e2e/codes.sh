#!/bin/bash
# Every code of a diagnostic is used, is shown by a golden test unless it is an operator's constraint, and is explained in
# docs/codes with one wrong example and a right one (docs-examples.sh runs them); the page made of them is current.
set -euo pipefail

cd "$SOURCE_DIR"
bad=0
complain() { echo "$1"; bad=1; }

explained=$(cd docs/codes && printf '%s\n' *.md | sed 's/\.md$//')
used=$(grep -rhoE --include='*.[chy]' --include='*.re' '"[EW][0-9]{4}"' compiler | tr -d '"' | sort -u)
# An operator's constraints have their codes in rows { "conv_c2", "E0312", ... }.
constraints=$(grep -rhozE --include='*.[ch]' '"[a-z_0-9]+_c[0-9]+",\s*"E[0-9]{4}"' compiler |
  tr '\0' '\n' | grep -oE 'E[0-9]{4}' | sort -u)
# The bracket may be escaped.
shown=$(grep -rhoE '(error|warning)[^[:alnum:]]{1,6}[EW][0-9]{4}' tests/golden tests/e2e |
  grep -oE '[EW][0-9]{4}' | sort -u || true)
listed=$("$NETC" explain | grep -oE '^  [EW][0-9]{4}' | tr -d ' ')

in_list() { grep -qx "$1" <<<"$2"; }
for code in $used; do
  in_list "$code" "$explained" || complain "$code is reported and has no docs/codes/$code.md"
  in_list "$code" "$constraints" || in_list "$code" "$shown" || complain "$code is shown by no golden test"
done
for code in $explained; do
  page=docs/codes/$code.md
  in_list "$code" "$used" || complain "$code is explained and never reported"
  in_list "$code" "$listed" || complain "netc explain does not list $code: which family is it of?"
  head -1 "$page" | grep -qE "^# $code: [^ ].*[^.]$" || complain "$page does not begin with '# $code: title'"
  [ "$(grep -cE '^```(net|ir|sh) (error|warning) ' "$page")" = 1 ] || complain "$page: one wrong example is needed"
  grep -qE "^\`\`\`(net|ir|sh) (error|warning) $code$" "$page" || complain "$page: its wrong example is for another code"
  grep -qE '^```(net|ir|sh)$' "$page" || complain "$page has no right example"
  grep -qx 'Usual causes:' "$page" || complain "$page does not say what usually causes it"
  text=$("$NETC" explain "$code") || complain "netc explain $code fails"
  [ "# ${text%%$'\n'*}" = "$(head -1 "$page")" ] || complain "netc explain $code begins with ${text%%$'\n'*}"
  # Each rule of an operator stands with its code.
  ! in_list "$code" "$constraints" || grep -qE '^- `[a-z_0-9]+_c[0-9]+`' <<<"$text" || complain "$code names no rule"
done
"$NETC" explain --markdown | diff docs/diagnostics.md - ||
  complain "docs/diagnostics.md is not current: netc explain --markdown >docs/diagnostics.md"
exit $bad
