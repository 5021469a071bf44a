#!/bin/bash
# Every stage can be looked at, as a whole, by graph and by path; the text of a graph reads back as itself, and every pass
# runs on the text of every other.
set -euo pipefail

mnist=$SOURCE_DIR/examples/mnist/mnist.net
bad=0
fail() {
  echo "$1"
  bad=1
}
cat >"no train.net" <<'END'
input x: f32[N, 3]
param w: f32[3, 2] = xavier
output y = softmax(x @ w)
END

# has STAGE TEXT ARGUMENT...: the dump holds the text and says nothing else.
has() {
  local stage=$1 text=$2 code=0
  shift 2
  "$NETC" dump --stage="$stage" "$@" >out 2>err || code=$?
  if [ $code -ne 0 ] || [ -s err ]; then
    fail "dump --stage=$stage $*: exit $code: $(cat err)"
  elif ! grep -qF -- "$text" out; then
    fail "dump --stage=$stage $*: no '$text'"
  fi
}
# lacks CODE TEXT ARGUMENT...: the dump fails with the text.
lacks() {
  local expected=$1 text=$2 code=0
  shift 2
  "$NETC" dump "$@" >out 2>err || code=$?
  [ $code -eq "$expected" ] && [ ! -s out ] && grep -qF -- "$text" err || fail "dump $*: exit $code: $(cat err)"
}

has ast 'conv2d' "$mnist"
has graph 'graph predict(' "$mnist"
has grad 'graph train_step(' "$mnist"
has tensor 'sum over' "$mnist"
has kernel 'kernel ' "$mnist"
has calls 'phase 3, chunk by chunk' "$mnist"
has llvm 'define i32 @train_step.phase0' "$mnist"
has asm 'train_step.phase0:' "$mnist"
has ast 'param w' "no train.net"
has graph 'graph predict(' "no train.net"
lacks 1 "no train block" --stage=grad "no train.net"
has tensor 'sum over' "no train.net"
has kernel 'kernel ' "no train.net"
has calls 'plan predict, inputs 1' "no train.net"
has llvm '@predict.phase0' "no train.net"
has asm 'predict.phase0:' "no train.net"
for stage in tensor kernel calls llvm asm; do
  for graph in initialize predict evaluate; do
    "$NETC" dump --stage=$stage --graph=$graph "no train.net" >out 2>err || fail "$stage of $graph: $(cat err)"
  done
done
has graph 'graph evaluate(' --graph=evaluate "$mnist"
has grad 'graph predict(' --graph=predict "no train.net"
lacks 1 "did you mean 'train_step'?" --graph=train_stp "$mnist"
lacks 1 "did you mean 'predict'?" --stage=kernel --graph=predit "$mnist"

for stage in graph grad tensor kernel calls llvm asm; do
  has $stage '' --stage=$stage --node=convnet.c1 "$mnist"
  has $stage '' --stage=$stage --node=weights.c1 "$mnist"
  has $stage '' --stage=$stage --node=adam.m.weights "$mnist"
  lacks 1 "did you mean 'convnet.c1'?" --stage=$stage --node=convnet.c11 "$mnist"
  lacks 1 "the path ''" --stage=$stage --node= "$mnist"
done
# A path selects what is inside it, not what begins alike.
"$NETC" dump --node=convnet.c "$mnist" >out 2>err && fail "convnet.c selects $(cat out)"
# Options that a stage would ignore, and names that are not there.
lacks 2 "takes no --after" --stage=grad --after=cse "$mnist"
lacks 2 "takes no --node" --stage=ast --node=convnet "$mnist"
lacks 2 "did you mean 'kernel'?" --stage=kernal "$mnist"
lacks 2 "did you mean 'simplify'?" --after=simplifi "$mnist"
lacks 2 "'netc opt --pass=fold'" --after=fold "$mnist"
lacks 1 "cannot read" absent.net

# The graph's text is read back to itself (comments are not kept), by opt without passes and after it.
"$NETC" dump --after=bogus "$mnist" 2>err && fail "there is a pass 'bogus'"
passes=$(sed -n 's/^  \([a-z_]*\) .*/\1/p' err)
[ $(wc -w <<<"$passes") -ge 6 ] || fail "the passes are not listed: $passes"
same() {
  "$NETC" opt "$1" >again 2>err || fail "$1: $(cat err)"
  sed 's/ *# .*//' "$1" | diff - again >difference || fail "$1 is not read back as it is: $(head -5 difference)"
  "$NETC" opt - <again | cmp - again || fail "$1: opt is not idempotent"
}
for file in "$mnist" "no train.net"; do
  "$NETC" dump "$file" >before.ir
  same before.ir
  for pass in cse train_step metrics simplify; do
    "$NETC" dump --after=$pass "$file" >after.ir
    same after.ir
    for next in $passes; do
      "$NETC" opt --pass=$next after.ir >next.ir 2>err || fail "$next after $pass of $file: $(cat err)"
    done
    same next.ir
  done
  # The pipeline is its passes in turn, but for the numbers of nodes.
  "$NETC" opt --pass=cse,train_step,metrics,simplify before.ir | sed 's/%[0-9]*/%/g' >piped.ir
  "$NETC" opt after.ir | sed 's/%[0-9]*/%/g' | diff - piped.ir >difference || fail "the pipeline is not its passes: $(head -5 difference)"
done
exit $bad
