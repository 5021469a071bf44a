#!/bin/bash
# What the commands say about themselves: at most 80 columns, an example that works as a usage, and a manual page that says
# the same.
set -euo pipefail

fail() {
  echo "$1"
  exit 1
}
"$NETC" help --man >made
cmp made "$SOURCE_DIR/man/netc.1" || fail "man/netc.1 is stale: netc help --man >man/netc.1"
! grep -nP '[^\x00-\x7F]' made || fail "the manual page is not plain"
# narrow FILE: no line is wider than 80 columns.
narrow() { awk '{ if (length($0) > 80) { print FILENAME ": " $0; bad = 1 } } END { exit bad }' "$1"; }

export LC_ALL=C.UTF-8
"$NETC" --help >help
narrow help
mapfile -t commands < <(sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' help)
[ ${#commands[@]} -ge 11 ] || fail "there are only the commands ${commands[*]}"
for command in "${commands[@]}"; do
  "$NETC" "$command" --help >"$command"
  narrow "$command"
  # Neither colours nor pipes change it.
  ! grep -q $'\033' "$command" || fail "$command --help has colours in a pipe"
  python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' env COLUMNS=200 "$NETC" "$command" --help \
    </dev/null | tr -d '\r' | cmp - "$command" || fail "$command --help differs on a terminal"
  sed -n '/^Example:/,$p' "$command" | tail -n +2 >example
  grep -q "^  netc $command " example || fail "$command has no example of its own"
  awk -v start=".SS netc $command " '/^\.S[SH] /{ inside = index($0, start) == 1 } inside' made >section
  "$NETC" help "$command" | cmp - "$command" || fail "help $command differs from $command --help"
  while read -r option; do
    grep -qF "${option//-/\\-}" section || fail "the section of $command lacks $option"
  done < <(grep -oE '^  --[a-z-]+' "$command")
done
for code in 0 1 2 3 4; do
  grep -q "^  $code  " help || fail "no exit status $code"
done
# What an option does for one command is not said of another.
grep -q -- '--out FILE  *the checkpoint' train && grep -q -- '--out FILE  *save the value' run || fail "--out is the same for run and train"
grep -q 'which data set (default: all)' data && ! grep -q 'default: all)' eval || fail "--dataset is the same for data and eval"
# groff finds nothing to complain of, where it is.
if command -v groff >/dev/null; then
  groff -man -Tutf8 -ww made >page 2>warnings
  [ ! -s warnings ] || fail "$(cat warnings)"
fi
