#!/bin/bash
# Training: it learns; batches of any size work, dividing the data or not; evaluation gives what the last epoch showed; the
# same seed gives the same bytes on every kind of processor; what cannot be saved is never saved.
set -euo pipefail

data=$SOURCE_DIR/tests/data
fail() {
  echo "$1"
  exit 1
}
cat >dense.net <<'END'
input image: u8[N, 28, 28]
input label: u8[N] in 0..10
param w1: f32[784, 32] = xavier
param b1: f32[32] = zeros
param w2: f32[32, 10] = xavier
param b2: f32[10] = zeros
logits = relu(flatten(f32(image) / 255) @ w1 + b1) @ w2 + b2
loss = mean(softmax_cross_entropy(logits, one_hot(label, 10)))
metric accuracy = mean(argmax(logits) == label)
dataset some { image = idx("train-images-idx3-ubyte") label = idx("train-labels-idx1-ubyte") }
dataset others { image = idx("t10k-images-idx3-ubyte") label = idx("t10k-labels-idx1-ubyte") }
train { minimize = loss optimizer = adam(lr = 1e-2) data = some validate = others batch = 100 epochs = 3 }
END
sed 's/lr *= *1e-4/lr = 1e-3/' "$SOURCE_DIR/examples/mnist/mnist.net" >conv.net

# trained LOG: the validation figures of the last epoch, spaced as evaluation writes them.
trained() { grep -o 'validation:.*' "$1" | tail -1 | sed 's/validation: *//; s/  */ /g; s/ \([a-z]* [^ ]*\)$/, \1/'; }
# at_least LOG FIGURE: the accuracy of the last validation.
at_least() { awk -v a="$(trained "$1" | sed 's/.*accuracy //')" -v b="$2" 'BEGIN { exit !(a >= b) }' || fail "$(cat "$1")"; }

# One in ten is chance.
"$NETC" train dense.net --data "$data" >log
[ "$(grep -c '^epoch [123]/3 ' log)" -eq 3 ] || fail "$(cat log)"
at_least log 0.8
"$NETC" train conv.net --data "$data" --epochs 1 --batch 64 --out conv >log
at_least log 0.5
[ "$("$NETC" eval conv --data "$data")" = "mnist_test, 500 samples: $(trained log)" ] || fail "$(cat log)"

# Neither 7 nor 1999 divides 2,000 samples; 1999 leaves one, and 2^24 is more than there are.
for batch in 1 7 1999 2000 16777216; do
  "$NETC" train dense.net --data "$data" --epochs 1 --batch $batch --out b$batch >log
  for again in "" "--batch=$batch" --batch=3; do
    figures=$("$NETC" eval b$batch --data "$data" $again)
    [ "$figures" = "others, 500 samples: $(trained log)" ] || fail "batch $batch, $again: $figures, $(cat log)"
  done
done
cmp -s b2000 b16777216 || fail "a batch that holds all data is not one of more"
figures=$("$NETC" eval b7 --data "$data" --dataset some)
[[ $figures = "some, 2000 samples: loss "* ]] || fail "$figures"

# The bytes are a function of source, data, seed and processor.
"$NETC" train dense.net --data "$data" --epochs 2 --seed 5 --out seed5 >/dev/null
"$NETC" train dense.net --data "$data" --epochs 2 --seed 6 --out seed6 >/dev/null
! cmp -s seed5 seed6 || fail "seeds 5 and 6 give the same bytes"
"$NETC" train dense.net --data "$data" --epochs 1 --out default >/dev/null
"$NETC" train dense.net --data "$data" --epochs 1 --seed 1 --out seed1 >/dev/null
cmp default seed1
sed 's/= mnist_train/= mnist_test/' conv.net >small.net
for cpu in native x86-64 x86-64-v2 x86-64-v3 x86-64-v4; do
  "$NETC" plan dense.net --cpu $cpu >/dev/null 2>&1 || continue # this machine has it not
  for run in 1 2; do
    "$NETC" train small.net --data "$data" --epochs 1 --batch 50 --seed 5 --cpu $cpu --out $cpu.$run >log
  done
  cmp $cpu.1 $cpu.2
  # Sums are rounded differently by every kind of processor, but learning is the same.
  at_least log 0.2
done

# A source from the standard input.
"$NETC" train - --data "$data" --epochs 1 <dense.net >log
grep -q "saved stdin.safetensors" log && [ "$("$NETC" eval stdin.safetensors --data "$data")" = "others, 500 samples: $(trained log)" ] ||
  fail "$(cat log)"

# A loss that turns bad in the second epoch leaves the checkpoint of the first.
sed 's/^loss = .*/loss = mean(log(1000 * (0.5 - f32(epoch)) + sum(logits, axis = 1)))/; s/1e-2/1e-6/' dense.net >turns.net
code=0
"$NETC" train turns.net --data "$data" --out turns >log 2>err || code=$?
[ $code -eq 1 ] && grep -qF 'epoch 2, step 21: the loss is not a number; training stopped before the update' err &&
  grep -qF 'what was saved last is kept in turns' err || fail "exit $code: $(cat log err)"
"$NETC" train turns.net --data "$data" --epochs 1 --out once >/dev/null
cmp turns once
# Before any update it is not the learning rate.
sed 's/^loss = .*/loss = mean(log(sum(logits, axis = 1) - 1000))/' dense.net >never.net
code=0
"$NETC" train never.net --data "$data" >log 2>err || code=$?
[ $code -eq 1 ] && grep -qF 'step 1: the loss is not a number' err && grep -qF 'look at the data' err &&
  [ ! -e never.safetensors ] || fail "exit $code: $(cat log err)"
# And an update that spoils a param after a good loss saves nothing.
sed 's/^loss = .*/loss = sum(logits^2)/; s/adam(lr = 1e-2)/sgd(lr = 1e37)/' dense.net >spoils.net
code=0
"$NETC" train spoils.net --data "$data" --batch 2000 --epochs 1 >log 2>err || code=$?
[ $code -eq 1 ] && grep -qF 'is no longer finite' err && [ ! -e spoils.safetensors ] || fail "exit $code: $(cat log err)"

# The name of the checkpoint is looked at before anything is trained.
# refused NAME TEXT
refused() {
  code=0
  "$NETC" train dense.net --data "$data" --out "$1" >log 2>err || code=$?
  [ $code -eq 1 ] && grep -qF -- "$2" err && [ ! -s log ] || fail "--out '$1': exit $code: $(cat log err)"
}
mkdir folder
refused folder "is a folder"
refused missing/model "folder missing"
refused log/model "is no folder"
refused new/ "a slash"
refused "" "empty"
refused /dev/null "not a regular file"
refused ./dense.net "would replace the source"
[ -z "$(ls | grep tmp)" ] || fail "files were left: $(ls)"
