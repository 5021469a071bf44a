#!/bin/bash
# netc replay: any value of any step of a training, as it was; and which value of a step spoiled the loss.
set -euo pipefail
fail() {
  echo "$1"
  exit 1
}
data=$SOURCE_DIR/tests/data
cat >net.net <<'END'
input image: u8[N, 28, 28, 1]
input label: u8[N] in 0..10
const rate = 0.1
hidden = flatten(f32(image) / 255) |> Dense(16) |> relu |> BatchNorm |> dropout(0.3)
logits = Dense(10)(hidden)
loss = mean(sparse_softmax_cross_entropy(logits, label))
dataset digits {
  image = reshape(idx("train-images-idx3-ubyte"), [N, 28, 28, 1])
  label = idx("train-labels-idx1-ubyte")
}
dataset few, rest = split(digits, 500)
train {
  minimize  = loss
  optimizer = sgd(lr = rate, momentum = 0.9)
  data      = few
  batch     = 64
  epochs    = 3
}
END
"$NETC" train net.net --data "$data" --show loss --seed 5 --out whole.safetensors >shown
"$NETC" train net.net --data "$data" --seed 5 --epochs 2 --out part.safetensors >/dev/null
replay() { "$NETC" replay "$1.safetensors" --data "$data" --step "$2" --fetch "$3" "${@:4}"; }
value() { sed -nE 's/^.* = //p'; }

# The loss of each step is what training showed, whether the step comes before the checkpoint or after it.
for step in 1 7 8 9 16 17 24; do
  whole=$(replay whole $step loss | value)
  part=$(replay part $step loss | value)
  [ "$whole" = "$part" ] || fail "step $step: $whole from the start, $part from the checkpoint"
  grep -qE " step $step  loss $(printf %.4f "$whole")$" shown || fail "step $step: $whole; training showed: $(cat shown)"
done
# 8 steps an epoch; what the optimizer keeps, and dropout's choice, are those of the step.
[ "$(replay part 17 'step, epoch' --json)" = '[{"name": "step", "dtype": "i64", "shape": [], "values": 17}, {"name": "epoch", "dtype": "i64", "shape": [], "values": 2}]' ] || fail "counters"
mkdir a b
replay whole 20 'hidden, grad(loss, dense1.kernel), sgd.velocity(dense1.kernel), batchnorm1.mean' --out a >/dev/null
replay part 20 'hidden, grad(loss, dense1.kernel), sgd.velocity(dense1.kernel), batchnorm1.mean' --out b >/dev/null
diff -r a b || fail "step 20 differs"
[ "$(ls a | wc -l)" = 4 ] || fail "files: $(ls a)"
# A later step begins with what the step before left: the params of a checkpoint are those before the next step.
"$NETC" run part.safetensors --fetch dense1.bias --out run.npy >/dev/null
replay part 17 dense1.bias --out replay.npy >/dev/null
cmp run.npy replay.npy

wrong() {
  code=0
  "${@:2}" >out 2>err || code=$?
  [ $code -eq 1 ] || [ $code -eq 2 ] || fail "exit $code of ${*:2}"
  grep -qF -- "$1" err || fail "${*:2}: $(cat err)"
}
wrong "--step says which step" "$NETC" replay part.safetensors --fetch loss
wrong "--step takes a whole number from 1" replay part 0 loss
wrong "there is no step 25: the training has 24, 8 an epoch" replay part 25 loss
wrong "there is no step 9223372036854775807" replay part 9223372036854775807 loss
"$NETC" train net.net --data "$data" --seed 5 --epochs 4 --out longer.safetensors >/dev/null
replay longer 32 loss >/dev/null # as many as were done, if they are more
wrong "E0430" replay part 3 dens.kernel
wrong "not a safetensors file" "$NETC" replay net.net --step 1 --fetch loss
wrong "E0502" "$NETC" replay part.safetensors --step 1 --fetch loss --data "$data/nowhere"

# What spoiled a loss is named, with its line and the batch; nothing is saved.
sed 's/^hidden = /hidden = 1 \/ f32(step < 3) * /' net.net >bad.net
code=0
"$NETC" train bad.net --data "$data" --out bad.safetensors >log 2>err || code=$?
[ $code -eq 1 ] || fail "exit $code for a loss that is not finite"
grep -qF "error[E0431]: epoch 1, step 3: the loss is not a number; training stopped before the update" err || fail "$(cat err)"
grep -qE "^ --> bad.net:4:10$" err || fail "$(cat err)"
grep -qE "^note: hidden is the first that is not finite, in [0-9]+ of (1|[0-9]+) elements$" err || fail "$(cat err)"
grep -qE "^note: the batch is samples [0-9]+, .* \(64\)$" err || fail "$(cat err)"
[ ! -e bad.safetensors ] || fail "a checkpoint was written"
