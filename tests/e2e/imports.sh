#!/bin/bash
# import and --set: a file builds on others, constants can be set, and a checkpoint holds all that made it.
set -euo pipefail
fail() {
  echo "$1"
  exit 1
}
data=$SOURCE_DIR/tests/data
mkdir -p lib elsewhere
cat >main.net <<'END'
import "lib/head.net"
import "lib/../lib/head.net"   # the same file
const hidden: int in 1..1024 = 4
input image: u8[N, 28, 28, 1]
input label: u8[N] in 0..10
logits = Head(hidden)(f32(image) / 255)
loss = mean(softmax_cross_entropy(logits, one_hot(label, 10)))
train {
  minimize = loss
  optimizer = sgd(lr = rate)
  data = digits
}
END
cat >lib/head.net <<'END'
import "data.net"
import "../main.net"           # what is imported already, is
layer Head(n: int)(x) = x |> flatten |> Dense(n) |> relu |> Dense(10)
END
cat >lib/data.net <<'END'
const rate = 0.1
const unused = 1
dataset digits {
  image = reshape(idx("train-images-idx3-ubyte"), [N, 28, 28, 1])
  label = idx("train-labels-idx1-ubyte")
}
END

"$NETC" check main.net >log 2>err || fail "$(cat err)"
[ ! -s err ] || fail "a warning: $(cat err)"
grep -q "3190 values" log || fail "4 hidden units: $(cat log)"
"$NETC" check main.net --set hidden=8 --set=rate=1e-2 >log
grep -q "6370 values" log || fail "8 hidden units: $(cat log)"

"$NETC" train main.net --data "$data" --set hidden=8 --out elsewhere/a.safetensors >log
rm -r lib
sed -i 's/= 4/= 5/' main.net
(cd elsewhere && "$NETC" eval a.safetensors --data "$data" --dataset digits) >eval.log || fail "evaluation needs the files"
grep -q "digits, 2000 samples: loss" eval.log || fail "$(cat eval.log)"
"$NETC" eval elsewhere/a.safetensors --data "$data" --set hidden=9 >log 2>err && fail "9 hidden units fit a checkpoint of 8"
grep -q "f32\[784, 9\]" err || fail "$(cat err)"

sed 's/"netc.import.lib/"netc.import.LIB/g' elsewhere/a.safetensors >wrong
"$NETC" eval wrong --data "$data" >log 2>err && fail "an import is missing"
grep -q "cannot import \"lib/head.net\": the checkpoint does not hold it" err || fail "$(cat err)"
sed 's/"netc.set.hidden":"8"/"netc.set.hidden":"("/' elsewhere/a.safetensors >wrong
"$NETC" eval wrong --data "$data" >log 2>err && fail "a setting is no value"
grep -q "E0004" err || fail "$(cat err)"

for wrong in hidden "=3" "3=hidden" "hid den=3"; do
  "$NETC" check main.net --set "$wrong" >log 2>err && fail "--set $wrong"
  grep -qF -- "--set takes NAME=VALUE, not '$wrong'" err || fail "$(cat err)"
done
