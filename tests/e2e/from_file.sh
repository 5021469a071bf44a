#!/bin/bash
# First values from a checkpoint: params begin with what another training left, and with `freeze` keep it.
set -euo pipefail

data=$SOURCE_DIR/tests/data
fail() {
  echo "$1"
  exit 1
}
# network FIRST VALUES OF KERNEL AND BIAS, SETTINGS
network() {
  cat <<END
input image: u8[N, 28, 28, 1]
input label: u8[N] in 0..10
net = Dense(10, init = $1)
param shift: f32[10] = $2
logits = net(flatten(f32(image)) / 255) + shift
loss = mean(softmax_cross_entropy(logits, one_hot(label, 10)))
metric accuracy = mean(argmax(logits) == label)
dataset digits {
  image = reshape(idx("train-images-idx3-ubyte"), [N, 28, 28, 1])
  label = idx("train-labels-idx1-ubyte")
}
train {
  minimize = loss
  optimizer = adam(lr = 1e-2)
  data = digits
  validate = digits
  $3
}
END
}
train() { "$NETC" train "$@" --data "$data"; }
accuracy() { "$NETC" eval "$1" --data "$data" | grep -o 'accuracy.*'; }

network xavier zeros "" >first.net
train first.net >/dev/null
network 'from_file("first.safetensors")' 'from_file("first.safetensors", "shift")' "freeze = [net.kernel, shift]" >second.net
train second.net --seed 5 >/dev/null
# of both files the same tensors; net.bias is trained again, from zeros
network 'from_file("second.safetensors")' 'from_file("second.safetensors", "shift")' \
  'freeze = [net.kernel, shift]
  group net.bias { lr = 0 }' >third.net
train third.net --seed 6 >/dev/null
network 'from_file("first.safetensors")' 'from_file("first.safetensors", "shift")' \
  'freeze = [net.kernel, shift]
  group net.bias { lr = 0 }' >fourth.net
train fourth.net --seed 7 >/dev/null
[ "$(accuracy third.safetensors)" = "$(accuracy fourth.safetensors)" ] || fail "what was frozen has changed"
network xavier 'from_file("first.safetensors", "shift")' 'freeze = shift
  group net { lr = 0 }' >fifth.net
train fifth.net >/dev/null
[ "$(accuracy fifth.safetensors)" != "$(accuracy fourth.safetensors)" ] || fail "the file makes no difference"

# An npy and an npz file hold the same: the kernel, and the shift as an array of that name.
python3 - first.safetensors <<'END'
import io, json, struct, sys, zipfile
raw = open(sys.argv[1], "rb").read()
size = struct.unpack("<Q", raw[:8])[0]
header = json.loads(raw[8:8 + size])

def npy(name):
    begin, end = header[name]["data_offsets"]
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }" % (tuple(header[name]["shape"]),)
    text += " " * (117 - len(text)) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + raw[8 + size + begin:8 + size + end]

open("kernel.npy", "wb").write(npy("net.kernel"))
with zipfile.ZipFile("arrays.npz", "w") as z:
    z.writestr("shift.npy", npy("shift"))
END
network 'from_file("kernel.npy")' 'from_file("arrays.npz")' 'freeze = [net.kernel, shift]
  group net.bias { lr = 0 }' >sixth.net
train sixth.net >/dev/null
[ "$(accuracy sixth.safetensors)" = "$(accuracy fourth.safetensors)" ] || fail "the arrays are others"

# `netc run` sees these first values, too.
[ "$("$NETC" run fifth.net --fetch shift)" = "$("$NETC" run first.safetensors --fetch shift)" ] || fail "run has other first values"

# The checkpoint has its params: the file is not needed any more.
before=$(accuracy fourth.safetensors)
mv first.safetensors gone
[ "$(accuracy fourth.safetensors)" = "$before" ] || fail "evaluation needs the file of first values"
echo broken >first.safetensors
[ "$(accuracy fourth.safetensors)" = "$before" ] || fail "evaluation reads the file of first values"

# Training without it, or with a broken one, is an error before anything runs.
code=0
train fourth.net >log 2>err || code=$?
[ $code -eq 1 ] || fail "exit $code for a broken file"
grep -q 'error\[E0501\]: .*first.safetensors: offset 7: truncated' err || fail "$(cat err)"
rm first.safetensors
code=0
train fourth.net >log 2>err || code=$?
[ $code -eq 1 ] || fail "exit $code for a missing file"
grep -q 'error\[E0502\]: there is no file first.safetensors' err || fail "$(cat err)"
