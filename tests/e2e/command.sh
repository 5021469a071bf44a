#!/bin/bash
# The command's face: help with an example everywhere, exit 1 for wrong input, 2 for wrong usage, one clear line each.
set -euo pipefail

net=$SOURCE_DIR/examples/mnist/mnist.net
bad=0

# expect CODE TEXT ARGUMENT...: netc exits with CODE and says TEXT.
expect() {
  local code=$1 text=$2 got=0
  shift 2
  timeout 120 "$NETC" "$@" >out 2>err </dev/null || got=$?
  if [ $got -ne "$code" ]; then
    echo "netc $*: exit $got instead of $code"
    cat err
    bad=1
  fi
  if ! cat out err | grep -qF -- "$text"; then
    echo "netc $*: does not say '$text':"
    cat out err
    bad=1
  fi
  # What went right is said on standard output alone, what went wrong on standard error.
  if [ "$code" -eq 0 ] && [ -s err ]; then echo "netc $*: complains:"; cat err; bad=1; fi
  if [ "$code" -ne 0 ] && [ $# -gt 0 ] && ! [ -s err ]; then echo "netc $*: is silent"; bad=1; fi
}

expect 0 "netc 0." --version
expect 0 "Example:" --help
for command in check train eval plan dump opt; do
  expect 0 "Example:" $command --help
  expect 0 "usage: netc $command" $command --help
  expect 0 "netc 0." $command --version
  expect 2 "--bogus" $command --bogus x
  expect 2 "missing" $command
  expect 2 "second" $command first second
done

expect 2 "usage: netc" # no arguments
expect 2 "bogus" bogus
expect 0 "218490" check "$net"
expect 1 "absent.net" check absent.net
expect 1 "directory" check .
expect 2 "--epochs" train "$net" --epochs
expect 2 "'x'" train "$net" --epochs x
expect 2 "'0'" train "$net" --batch 0
expect 2 "'-1'" train "$net" --epochs -1
expect 2 "bogus" train "$net" --data "$SOURCE_DIR/tests/data" --cpu bogus
expect 1 "train-images-idx3-ubyte" train "$net" --data /nonexistent
expect 1 "/nonexistent/x" train "$net" --data "$SOURCE_DIR/tests/data" --out /nonexistent/x
expect 1 "safetensors" eval "$net"
expect 2 "no value goes with '--timings'" check --timings=1 "$net"
expect 2 "unknown option '--timings'" dump --timings "$net"
expect 2 "bogus" dump "$net" --stage=bogus
expect 2 "bogus" dump "$net" --stage=graph --after=bogus
expect 1 "bogus" dump "$net" --stage=graph --node=bogus
expect 2 "bogus" opt --pass=bogus /dev/null

printf '\xff\xfe' >binary.net
expect 1 "E0003" check binary.net
: >empty.net
expect 1 "train block" train empty.net
head -c 2000 "$SOURCE_DIR/tests/data/t10k-images-idx3-ubyte.gz" | tr -c ' -~\n' x >noise.net
expect 1 "error[" check noise.net

# Stages with their times, on standard error; what goes to standard output stays the same.
# stages WORD... : of the last command
stages() { for stage; do grep -qE "^ +[0-9.]+ +[0-9.]+  $stage$" err || { echo "no stage '$stage':"; cat err; bad=1; }; done; }
"$NETC" check "$net" >plain
"$NETC" check --timings "$net" 2>err | cmp - plain || bad=1
stages start "read the source" check passes
"$NETC" plan "$net" --timings >out 2>err
stages start "read the source" check passes plan
for run in 1 2; do
  "$NETC" train --timings "$net" --data "$SOURCE_DIR/tests/data" --epochs 1 --batch 500 --out x >out 2>err
  stages "read a data set" plan "look in the cache" "load code" "open the session" "first step" train
  [ $run -eq 2 ] || stages "load the code generator" "generate code" "write to the cache"
done
"$NETC" eval --timings x --data "$SOURCE_DIR/tests/data" >out 2>err
stages "load code" evaluate

# A name misspelt is found.
sed 's/maxpool(c2, 2)/maxpol(c2, 2)/' "$net" >misspelt.net
expect 1 "did you mean maxpool?" check misspelt.net
exit $bad
