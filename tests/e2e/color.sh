#!/bin/bash
# Colours: on a terminal, unless NO_COLOR or TERM=dumb says otherwise; --color decides over all of them.
set -euo pipefail

echo 'input x: f32[N, 4]' >warned.net
bad=0
# Runs a command on a terminal of its own and prints what it shows.
terminal() { python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' "$@" </dev/null; }
# colored yes|no COMMAND...
colored() {
  local want=$1 got=no
  shift
  TERM=xterm "$@" >shown 2>&1
  grep -q $'\033\[' shown && got=yes
  [ -s shown ] && [ $got = "$want" ] || { echo "$*: colours: $got, not $want"; bad=1; }
}
for command in "check warned.net" "explain E0203" "explain"; do
  run=("$NETC" $command)
  colored no "${run[@]}"
  colored yes terminal "${run[@]}"
  colored yes "${run[@]}" --color=always
  colored no terminal "${run[@]}" --color=never
  colored no "${run[@]}" --color=auto
  colored yes terminal "${run[@]}" --color auto
  colored no terminal env NO_COLOR=1 "${run[@]}"
  colored yes terminal env NO_COLOR= "${run[@]}"
  colored no terminal env TERM=dumb "${run[@]}"
  colored yes env NO_COLOR=1 "${run[@]}" --color=always
done
exit $bad
