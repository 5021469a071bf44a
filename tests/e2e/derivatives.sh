#!/bin/bash
# netc dump --stage=grad --format=net: programs of derivatives compile, give the same values, and can be differentiated again.
set -euo pipefail
fail() {
  echo "$1"
  exit 1
}
mapfile -t examples < <(grep -l '^train' "$SOURCE_DIR"/examples/*/*.net)
python3 "$SOURCE_DIR/tests/tools/derivatives.py" "$NETC" "${examples[@]}"

dump() { "$NETC" dump --stage=grad --format=net "$@"; }

# What a source may have: names of functions, first values of its own, of files and of constants, buffers, the step.
cat >blocks.net <<'END'
fn scaled(k)(shape) = uniform(-k, k)(shape)
END
cat >odd.net <<'END'
import "blocks.net"
const width = 3
input x: f32[N, width]
input i: i32[N] in 0..5
input y: f32[N]
param own: f32[4] = ramp(1.5)
param w: f32[3, 1] = scaled(2)
param table: f32[5, 3] = from_file("table.npy")
param b: f32 = width
buffer seen: f32 = 1.5
update seen = seen + mean(x)
fn ramp(top)(shape) = top * f32(iota(shape, axis = -1))
max = x + gather(table, i)
pad = (max @ w)[.., 0] + b
noisy = dropout(pad, 0.3) * seen
relu = select(noisy > 0, noisy, 0.1 * noisy)
loss = mse(relu, y) + f32(step) * 0.01 * (own[1] - b)^2 + stop_gradient(b) * b * f32(training)
train {
  minimize  = loss
  optimizer = adam
}
END
python3 - <<'END'
import struct
def npy(path, descr, code, shape, values):
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    open(path, "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
                           + struct.pack(f"<{len(values)}{code}", *values))
npy("table.npy", "<f4", "f", (5, 3), [k / 7 - 1 for k in range(15)])
npy("x.npy", "<f4", "f", (4, 3), [k / 3 - 2 for k in range(12)])
npy("y.npy", "<f4", "f", (4,), [1, 2, 3, 4])
npy("i.npy", "<i4", "i", (4,), [0, 4, 2, 2])
END
mkdir values && cp odd.net blocks.net table.npy values && (cd values && python3 "$SOURCE_DIR/tests/tools/derivatives.py" "$NETC" odd.net)
dump odd.net >d.net
grep -qx '_ = \[seen, table, w, b, own\]' d.net || fail "$(cat d.net)"
# the first values are the same
feed=(--feed x=x.npy --feed y=y.npy --feed i=i.npy)
same() { # VALUE OF THE SOURCE, VALUE OF THE DERIVATIVE, OPTION…: the same bits
  "$NETC" run odd.net --fetch "$1" --out a.npy "${feed[@]}" "${@:3}" >/dev/null
  "$NETC" run d.net --fetch "$2" --out b.npy "${feed[@]}" >/dev/null
  cmp a.npy b.npy || fail "$1"
}
for value in w own table b; do same $value $value; done
# by inputs and by values of the graph
dump odd.net --wrt x,max,noisy >d.net
same 'grad(loss, x)' d_x --training
grep -q '^output d_max = ' d.net && grep -q '^output d_noisy = ' d.net || fail "$(cat d.net)"
# an expression, and what minimize is as one
dump odd.net --of 'mean(relu * relu)' --wrt b >out
grep -q '^output value = ' out || fail "of an expression"
sed 's/minimize  = loss/minimize  = mse(relu, y)/' odd.net >minimize.net
dump minimize.net >out
head -1 out | grep -qxF '# The derivative of mse(relu, y) of minimize.net.' || fail "of what is minimized"

# A layer that is nested has its params as identifiers, and the second derivative is that of differences.
cat >smooth.net <<'END'
input x: f32[N, 3]
input y: f32[N]
layer Block(width: int)(v: f32[N, _]) = v |> Dense(width) |> tanh
net = Block(4)
prediction = net(x) |> Dense(1)
loss = mse(prediction[.., 0], y)
END
dump smooth.net >first.net
grep -q '^param net_dense1_kernel: f32\[3, 4\]' first.net && grep -q '^param dense1 {' first.net || fail "$(cat first.net)"
"$NETC" gradcheck first.net >/dev/null || fail "the first derivative"
"$NETC" gradcheck first.net --of 'sum(d_net_dense1_kernel * d_net_dense1_kernel)' >/dev/null || fail "the second derivative"
dump first.net --of 'sum(d_net_dense1_kernel * d_net_dense1_kernel)' >second.net
"$NETC" gradcheck second.net --of 'sum(d_dense1_kernel * d_dense1_kernel)' >/dev/null || fail "the third derivative"

# ---- what is wrong
refuse() { # STATUS TEXT ARGUMENT…
  local status=0 want=$1 text=$2
  shift 2
  dump "$@" >out 2>&1 || status=$?
  [ $status = "$want" ] || fail "exit status $status of $*: $(cat out)"
  grep -qF -- "$text" out || fail "$text is not said of $*: $(cat out)"
}
refuse 1 'help: did you mean loss?' odd.net --of los
refuse 1 'help: did you mean w?' odd.net --wrt ww
refuse 1 'error[E0210]: --of: what is differentiated must be one number, but is f32[N, 3]' odd.net --of x
refuse 1 'error[E0210]: --of: a tensor of floats is needed, but this is i32[N]' odd.net --of i
refuse 1 'error[E0210]: --wrt: a tensor of floats is needed, but this is i32[N]' odd.net --wrt i
refuse 1 'error[E0430]: --of is one value' odd.net --of loss,b
refuse 1 'error[E0430]: --of is one value' odd.net --of loss,b --wrt w
refuse 1 'error[E0210]' odd.net --wrt ramp
refuse 1 'error[E0004]' odd.net --of 'w['
refuse 1 'error[E0001]' odd.net --wrt ,
refuse 0 'warning[W0104]: no gradient of loss reaches adam.m(w): it is 0 everywhere' odd.net --wrt 'adam.m(w)'
refuse 1 'error[E0101]: unknown name loss' blocks.net
refuse 2 '--format=net takes no --node' odd.net --node w
refuse 2 "is train_step, as in training, or evaluate, not 'predict'" odd.net --graph predict
refuse 2 '--stage=grad takes no --after' odd.net --after cse
refuse 2 '--format=net writes derivatives: give --stage=grad' --stage=graph odd.net
refuse 2 '--stage=grad takes no --of without --format=net' --format=text --of loss odd.net
refuse 2 '--stage=grad takes no --wrt without --format=net' --format=dot --wrt w odd.net
printf 'input x: f32[N]\noutput loss = sum(x)\n' >none.net
refuse 1 'the program has no params: say with --wrt what to differentiate by' none.net
