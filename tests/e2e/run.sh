#!/bin/bash
# netc run: any node, variable, state and gradient; what is printed, saved and given as JSON is the same.
set -euo pipefail
fail() {
  echo "$1"
  exit 1
}
cat >net.net <<'END'
input x: f32[N, 2]
input y: f32[N]
param w: f32[2, 1] = 0.5
fn line(v) {
  product = v @ w
  return product[.., 0]
}
layer Half()(v) {
  buffer seen: i64 = 0
  update seen = seen + 1
  return dropout(v, 0.5)
}
half = Half()
prediction = half(line(x))
loss = mse(prediction, y)
train {
  minimize  = loss
  optimizer = sgd(lr = 0.1, momentum = 0.5)
}
END
npy() { # FILE SHAPE VALUES…: f32
  python3 - "$@" <<'END'
import struct, sys
path, shape, *values = sys.argv[1:]
header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}".ljust(117) + "\n"
open(path, "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack(f"<{len(values)}f", *map(float, values)))
END
}
npy x.npy "3, 2" 1 2 3 4 5 6
npy y.npy "3," 1 2 3

run() { "$NETC" run net.net --feed x=x.npy --feed y=y.npy "$@"; }
run --fetch 'line.product, loss, grad(loss, w), sgd.velocity(w), x[.., 1] * 2, prediction' >out
diff out - <<'END' || fail "values"
line.product: f32[3, 1]
  [[1.5]
   [3.5]
   [5.5]]
loss: f32[] = 2.91667
grad(loss, w): f32[2, 1]
  [[11.6667]
   [14.6667]]
sgd.velocity(w): f32[2, 1]
  [[0]
   [0]]
x[.., 1] * 2: f32[3]
  [ 4  8 12]
prediction: f32[3]
  [1.5 3.5 5.5]
END
[ "$(run --fetch 'half' --json)" = '[{"name": "half", "dtype": "f32", "shape": [3], "values": [1.5, 3.5, 5.5]}]' ] || fail "json: $(run --fetch half --json)"

# Dropout works in training alone, by the seed.
run --training --seed 3 --fetch 'half' >a
run --training --seed 3 --fetch 'half' >b
run --training --seed 4 --fetch 'half, half.seen' >c
cmp a b
grep -qE '[[ ]0[] ]' a c || fail "nothing was dropped: $(cat a c)"

# What is saved can be fed again.
mkdir out.d
run --fetch 'line.product[.., 0], x' --out out.d >log
grep -q "saved out.d/line.product_0_.npy" log || fail "$(cat log)"
cmp out.d/x.npy x.npy || fail "x.npy is not what was fed"
run --fetch x --out again.npy >/dev/null
cmp again.npy x.npy

# Data sets, and checkpoints with their counters and states.
data=$SOURCE_DIR/tests/data
"$NETC" train "$SOURCE_DIR/examples/mnist/mnist.net" --data "$data" --epochs 1 --out c.safetensors >/dev/null
"$NETC" run c.safetensors --data "$data" --index 3 --fetch 'label, step' >out
diff out - <<'END' || fail "one sample of a checkpoint"
label: u8[1]
  [0]
step: i64[] = 16
END
"$NETC" run c.safetensors --data "$data" --dataset mnist_test --first 500 --fetch 'loss, accuracy' >out
"$NETC" eval c.safetensors --data "$data" --batch 500 >eval
loss=$(sed -nE 's/^loss: f32\[\] = //p' out)
grep -q "loss $(printf %.4f "$loss")" eval || fail "$(cat out eval)"
"$NETC" run c.safetensors --fetch 'adam.m(weights.d2)' --json | grep -q '"shape": \[128, 10\]' || fail "a state"

# usage TEXT COMMAND…: a wrong command says so.
wrong() {
  code=0
  "${@:2}" >out 2>err || code=$?
  [ $code -eq 1 ] || [ $code -eq 2 ] || fail "exit $code of ${*:2}"
  grep -qF -- "$1" err || fail "${*:2}: $(cat err)"
}
wrong "--fetch says which values are wanted" "$NETC" run net.net
wrong "input x is needed: feed it with --feed x=FILE.npy" "$NETC" run net.net --fetch loss
wrong "the program has no input z; it has x, y" run --feed z=x.npy --fetch loss
wrong "absent.npy: cannot open it" "$NETC" run net.net --feed x=absent.npy --fetch prediction
wrong "input y is needed, too: feed it with --feed y=FILE.npy" "$NETC" run net.net --feed x=x.npy --fetch loss
wrong "--feed takes INPUT=FILE, not 'x.npy'" "$NETC" run net.net --feed x.npy --fetch loss
run --fetch 'loss, x' --out made.d >log
cmp made.d/x.npy x.npy || fail "the folder was not made: $(cat log)"
wrong "several values are saved in a folder, and x.npy is a file" run --fetch 'loss, x' --out x.npy
wrong "and no/made cannot be made: No such file" run --fetch 'loss, x' --out no/made
wrong "no/x.npy: cannot create it in the folder no: No such file" run --fetch x --out no/x.npy
mkfifo pipe
wrong "pipe: is not a regular file" run --fetch x --out pipe
wrong "leave one out" run --fetch x --out x2.npy --json
wrong "there is no sample 600; they are numbered from 0 to 499" "$NETC" run c.safetensors --data "$data" --index 600 --fetch loss
wrong "there is no data set 'none'" "$NETC" run c.safetensors --data "$data" --dataset none --fetch loss
wrong "--feed gives the samples" run --fetch x --index 1
wrong "--feed gives the samples" run --fetch x --dataset some
wrong "both say which samples" "$NETC" run c.safetensors --data "$data" --fetch label --index 1 --first 2
wrong "E0430" run --fetch 'line.produkt'
cp x.npy short.npy
truncate -s 140 short.npy
wrong "short.npy" "$NETC" run net.net --feed x=short.npy --fetch prediction
npy five.npy "5," 1 2 3 4 5
wrong "five.npy" "$NETC" run net.net --feed x=x.npy --feed y=five.npy --fetch loss
