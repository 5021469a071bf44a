#!/bin/bash
# Checkpoints: the same training gives the same bytes, evaluation gives the accuracy that training showed, and a file that
# is wrong is an error.
set -euo pipefail

net=$SOURCE_DIR/examples/mnist/mnist.net
data=$SOURCE_DIR/tests/data
fail() {
  echo "$1"
  exit 1
}
train() { "$NETC" train "$1" --data "$data" --epochs 1 --seed "$2" --out "$3"; }

train "$net" 1 a.safetensors >log
mkdir elsewhere
(cd elsewhere && cp "$net" mnist.net && train mnist.net 1 ../b.safetensors >/dev/null)
train "$net" 2 c.safetensors >/dev/null
cmp a.safetensors b.safetensors || fail "the same seed gave other bytes"
! cmp -s a.safetensors c.safetensors || fail "another seed gave the same bytes"
[ "$(ls | tr '\n' ' ')" = "a.jsonl a.safetensors b.jsonl b.safetensors c.jsonl c.safetensors elsewhere log " ] || fail "files were left: $(ls)"

shown=$(grep -oE 'validation:.*accuracy [0-9.]+' log | grep -oE '[0-9.]+$')
"$NETC" eval a.safetensors --data "$data" >eval.log
grep -q "accuracy $shown" eval.log || fail "training showed $shown, evaluation: $(cat eval.log)"

# Without --out the file's name is the program's, in this folder.
"$NETC" train elsewhere/mnist.net --data "$data" --epochs 1 >/dev/null
cmp mnist.safetensors a.safetensors || fail "no checkpoint at the default place"

# A loss that is not finite stops the training and leaves the checkpoint of the epoch before it.
sed 's/lr *= *1e-4/lr = 1e30/' "$net" >diverges.net
code=0
train diverges.net 1 a.safetensors >log 2>err || code=$?
[ $code -eq 1 ] || fail "exit $code for a loss that is not finite"
grep -qE 'step [0-9]+: the loss is (not a number|infinite); training stopped before the update' err || fail "$(cat err)"
cmp a.safetensors b.safetensors || fail "the checkpoint was changed"

# wrong NAME TEXT: evaluation of the file `wrong` fails with the text.
wrong() {
  code=0
  "$NETC" eval wrong --data "$data" >log 2>err || code=$?
  [ $code -eq 1 ] || fail "$1: exit $code"
  grep -qF -- "$2" err || fail "$1: $(cat err)"
}
head -c 100000 a.safetensors >wrong
wrong truncated "is it truncated?"
head -c 5 a.safetensors >wrong
wrong short "offset 5: truncated"
: >wrong
wrong empty "offset 0: truncated"
cp "$net" wrong
wrong "a source file" "not a safetensors file"
sed 's/"netc.version":"1"/"netc.version":"9"/' a.safetensors >wrong
wrong newer "version 9"
sed 's/"weights.c1":/"weights.cX":/' a.safetensors >wrong
wrong "a missing tensor" "holds no tensor weights.c1"
sed 's/"shape":\[3,3,1,16\]/"shape":[3,3,16,1]/g' a.safetensors >wrong
wrong "another shape" "weights.c1 is f32[3, 3, 16, 1]"
sed 's/= convnet(/= convnot(/' a.safetensors >wrong
wrong "another source" "convnot"
