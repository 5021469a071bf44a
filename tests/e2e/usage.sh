#!/bin/bash
# The command among other commands: outputs that fail, pipes that close, names with spaces, the standard input.
set -euo pipefail

net=$SOURCE_DIR/examples/mnist/mnist.net
data=$SOURCE_DIR/tests/data
bad=0
fail() {
  echo "$1"
  bad=1
}
# expect CODE TEXT COMMAND...: runs a command line of the shell; its standard error holds the text (or nothing, if that is
# empty).
expect() {
  local code=$1 text=$2 got=0
  shift 2
  bash -c "$*" >out 2>err </dev/null || got=$?
  [ $got -eq "$code" ] || fail "$*: exit $got instead of $code: $(cat err)"
  if [ -z "$text" ]; then
    [ ! -s err ] || fail "$*: complains: $(cat err)"
  else
    grep -qF -- "$text" err || fail "$*: does not say '$text': $(cat err)"
  fi
}
export NETC net data

# A full disk is an error of the machine, whatever was printed.
for command in --help --version 'check $net' 'train --help' 'plan $net' 'dump $net' 'dump --stage=ast $net' 'opt x.ir'; do
  [ -e x.ir ] || "$NETC" dump "$net" >x.ir
  expect 3 "cannot write the output" "\$NETC $command >/dev/full"
done
# A reader that has enough is none.
for stage in ast graph kernel asm; do
  expect 0 "" '$NETC dump --stage='$stage' $net | head -1'
done
grep -q . out || fail "head saw nothing"

# Names with spaces and odd letters, a leading dash, the standard input.
mkdir "a folder"
cp "$net" "a folder/a näme.net"
cp "$data"/*.gz "a folder"
expect 0 "" '$NETC check "a folder/a näme.net"'
(cd "a folder" && "$NETC" train "a näme.net" --epochs 1 --batch 500 >/dev/null && [ -s "a näme.safetensors" ]) ||
  fail "no checkpoint of a name with a space"
expect 0 "" '$NETC eval "a folder/a näme.safetensors"'
cp "$net" ./-x.net
expect 0 "" '$NETC check -- -x.net'
expect 0 "" '$NETC check ./-x.net'
expect 2 "unknown option '-x.net'" '$NETC check -x.net'
expect 0 "" 'cat $net | $NETC check -'
grep -qF -- "<stdin>: no errors" out || fail "$(cat out)"
expect 0 "" 'cat x.ir | $NETC opt - >y.ir && $NETC opt y.ir | cmp - y.ir'
expect 1 "train block" '$NETC train - </dev/null'
expect 0 "" '$NETC check - </dev/null'
expect 1 "cannot read" '$NETC check - <"a folder"'
expect 1 "empty" '$NETC train $net --data $data --out ""'

# Help and version wherever they are asked for; suggestions.
for command in check train eval plan data dump opt explain fmt; do
  expect 0 "" "\$NETC help $command && \$NETC $command x --version && \$NETC $command -h"
  grep -q "Example:" out || fail "help $command has no example"
  grep -q "^netc 0" out || fail "$command x --version"
done
expect 2 "did you mean 'train'?" '$NETC trian x'
expect 2 "did you mean 'train'?" '$NETC help trian'
expect 2 "did you mean '--epochs'?" '$NETC train --epoch 3 x'
expect 2 "did you mean '--stage'?" '$NETC dump --stge=graph x'
"$NETC" explain E0203 >explained
awk 'length > 80 && !/^    / { exit 1 }' explained || { echo "explain: wider than 80 columns"; bad=1; }
grep -q '^    ' explained || { echo "explain: no example"; bad=1; }
expect 2 "there is no code 'E0230'; did you mean 'E0203'?" '$NETC explain E0230'
expect 2 "there is no code 'what is this'" '$NETC explain "what is this"'
expect 2 "one file at a time" '$NETC explain E0203 E0204'
expect 0 "" '$NETC explain W0101 && $NETC explain'
expect 3 "cannot write the output" '$NETC explain >/dev/full'
expect 2 "did you mean 'cse'?" '$NETC opt --pass=csee x.ir'
expect 2 "unknown option '--epochs'" '$NETC check --epochs 3 $net'
expect 2 "whole number" '$NETC train --batch 1.5 $net'
expect 2 "whole number" '$NETC train --batch 99999999999999999999 $net'
expect 2 "whole number" '$NETC train --batch= $net'
expect 2 "whole number" '$NETC train --seed=-1 $net'
expect 2 "--message-format takes text or json, not 'jsn'; did you mean 'json'?" '$NETC check $net --message-format jsn'
expect 2 "--color takes auto, always or never, not 'alway'; did you mean 'always'?" '$NETC check $net --color=alway'
expect 2 "missing after '--out'" '$NETC train $net --out'
expect 2 "unknown processor 'pentium'" '$NETC plan $net --cpu=pentium'
for command in train plan dump; do
  expect 2 "--math takes default, portable or fast, not 'portible'; did you mean 'portable'?" "\$NETC $command absent.net --math=portible"
  expect 2 "--math takes default, portable or fast, not ''" "\$NETC $command absent.net --math="
  expect 2 "missing after '--math'" "\$NETC $command absent.net --math"
done
expect 2 "did you mean 'default'?" '$NETC eval x --math default.'
expect 2 "unknown option '--math" '$NETC check $net --math=portable'
printf 'input x: f32[N, 2048]\nparam w: f32[2048, 2048] = xavier\noutput y = x @ w\n' >large.net
expect 0 "" '$NETC plan large.net --math=portable --cpu=x86-64'
! grep -q BLAS out || fail "--math=portable uses BLAS"
expect 0 "" '$NETC plan large.net --math=default'
grep -q BLAS out || fail "--math=default uses no BLAS"
expect 1 "no data set 'mnist_tset'" '$NETC eval "a folder/a näme.safetensors" --dataset mnist_tset'
if [ "$(id -u)" -ne 0 ]; then
  cp "$net" secret.net
  chmod 0 secret.net
  expect 1 "cannot read" '$NETC check secret.net'
  mkdir locked
  chmod 500 locked
  expect 1 "locked" '$NETC train $net --data $data --out locked/x'
fi
exit $bad
