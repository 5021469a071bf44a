#!/bin/bash
# netc ckpt, checkpoints as sources, and the training's aids: --show, --overfit, --dry-run, --monitor, --patience.
set -euo pipefail

net=$SOURCE_DIR/examples/mnist/mnist.net
data=$SOURCE_DIR/tests/data
fail() {
  echo "$1"
  exit 1
}
# expect CODE TEXT ARGUMENT...: netc exits with CODE and says TEXT.
expect() {
  local wanted=$1 text=$2 code=0
  shift 2
  "$NETC" "$@" >out 2>err || code=$?
  [ $code -eq "$wanted" ] || fail "netc $*: exit $code: $(cat out err)"
  [ -z "$text" ] || cat out err | grep -qF -- "$text" || fail "netc $*: does not say '$text': $(cat out err)"
}
cat >dense.net <<'END'
import "digits.net"
input image: u8[N, 28, 28]
input label: u8[N] in 0..10
const hidden = 8
logits = flatten(f32(image) / 255) |> Dense(hidden) |> relu |> Dense(10)
cost = mean(softmax_cross_entropy(logits, one_hot(label, 10)))
metric accuracy = mean(argmax(logits) == label)
metric highest = max(logits)
output probabilities = softmax(logits)
train { minimize = cost  optimizer = sgd(lr = 0.1)  data = some  validate = others  batch = 100  epochs = 2 }
END
cat >digits.net <<'END'
dataset some { image = idx("train-images-idx3-ubyte") label = idx("train-labels-idx1-ubyte") }
dataset others { image = idx("t10k-images-idx3-ubyte") label = idx("t10k-labels-idx1-ubyte") }
END
train="train dense.net --data $data"
$NETC $train --set hidden=9 --epochs 1 >log
$NETC $train --set hidden=9 --out two.safetensors --monitor accuracy >log

# show
expect 0 "source    dense.net" ckpt show two.safetensors
for text in "step 40, epoch 2; 0 of its 2000 samples were taken" "seed      1" "batch     100" "set       hidden = 9" \
  "import    digits.net" 'data      some: image = idx("train-images-idx3-ubyte")' "best      after epoch " "f32[784, 9]"; do
  grep -qF -- "$text" out || fail "show does not say '$text': $(cat out)"
done
"$NETC" ckpt show two.safetensors --json | python3 -c '
import json, sys
shown = json.load(sys.stdin)
info = shown["checkpoint"]
assert info["step"] == 40 and info["settings"] == {"hidden": "9"} and info["imports"] == ["digits.net"], info
assert info["best"]["monitor"] == "accuracy" and 0.3 < info["best"]["value"] < 1, info
assert [784, 9] in [t["shape"] for t in shown["tensors"]]
'
expect 0 "not written by netc" ckpt show "$SOURCE_DIR/tests/fixtures/pytorch/convnet.safetensors"
grep -q '^conv1.weight  f32\[4, 2, 3, 3\] ' out || fail "$(cat out)"
# Hostile bytes: a value that is not a number, names with control characters.
python3 - <<'END'
import json, struct
header = json.dumps({"a\x1b[31m": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]},
                     "none": {"dtype": "F32", "shape": [0], "data_offsets": [16, 16]}}).encode()
open("odd", "wb").write(struct.pack("<Q", len(header)) + header + struct.pack("<4f", 1, float("nan"), float("inf"), 3))
END
expect 0 "2 not finite" ckpt show odd
grep -q '^a?\[31m .* 2  *1  *1  *3  2 not finite$' out || fail "$(cat out)"
"$NETC" ckpt show odd --json | python3 -c 'import json, sys; t = json.load(sys.stdin)["tensors"][0]; assert t["not_finite"] == 2 and t["max"] == 3'
expect 0 "" ckpt diff odd odd

# diff, whose exit status is that of the command diff
expect 0 "" ckpt diff two.safetensors two.safetensors
[ ! -s out ] || fail "$(cat out)"
expect 1 "netc.step: 20 and 40" ckpt diff dense.safetensors two.safetensors
grep -q '^netc.best: only in the second$' out && grep -Eq '^[a-z0-9_.]+: f32\[784, 9\]: [0-9]+ of 7056 values differ, by up to ' out ||
  fail "$(cat out)"
$NETC $train --epochs 1 --out eight.safetensors >log
expect 1 "f32[784, 9] and f32[784, 8]" ckpt diff two.safetensors eight.safetensors
expect 1 "conv1.weight: only in the second" ckpt diff odd "$SOURCE_DIR/tests/fixtures/pytorch/convnet.safetensors"
python3 - <<'END'
import struct
data = bytearray(open("two.safetensors", "rb").read())
value, = struct.unpack("<f", data[-4:])
data[-4:] = struct.pack("<f", value + 0.5)
open("moved", "wb").write(data)
END
expect 1 "1 of" ckpt diff two.safetensors moved
grep -Eqx '[a-z0-9_.]+: f32\[9, 10\]: 1 of 90 values differ, by up to 0.5, rms 0.0527[0-9]*' out || fail "$(cat out)"
"$NETC" ckpt diff two.safetensors moved --json >out || true
python3 -c '
import json
found = json.load(open("out"))
(tensor,) = found["tensors"]
assert not found["equal"] and not found["metadata"] and tensor["different"] == 1 and abs(tensor["largest"] - 0.5) < 1e-6, found
'
"$NETC" ckpt diff two.safetensors two.safetensors --json | grep -q '"equal": true'
expect 2 "absent: cannot open it" ckpt diff two.safetensors absent
expect 2 "not a safetensors file" ckpt diff dense.net two.safetensors

# source; and a checkpoint where a source is taken
"$NETC" ckpt source two.safetensors | cmp - dense.net
expect 1 "so it is no checkpoint of netc; netc train --init takes params of other files" ckpt source odd
cp dense.net kept.net
cp digits.net kept.digits
rm digits.net
expect 1 "cannot import" check dense.net
expect 0 "no errors; 4 params with 7165 values" check two.safetensors
expect 0 "params    7165 values" plan two.safetensors
expect 0 "f32[N, 9]" dump two.safetensors --graph=predict
expect 0 "7165 values" check two.safetensors --set hidden=9
expect 1 "E0428" check two.safetensors --set heddin=9
expect 1 "E0003" fmt two.safetensors
cp kept.digits digits.net
expect 1 "would replace the source" train two.safetensors --data "$data" --out two.safetensors

# wrong usage
expect 2 "a file is missing" ckpt
expect 2 "did you mean 'show'?" ckpt sow two.safetensors
expect 2 "none of show, diff and source: netc ckpt show CKPT" ckpt two.safetensors
expect 2 "takes one file, not 0" ckpt show
expect 2 "takes one file, not 2" ckpt show a b
expect 2 "takes two files, not 1" ckpt diff a
expect 2 "what is 'c'" ckpt diff a b c
expect 2 "takes no --json" ckpt source two.safetensors --json
expect 1 "absent" ckpt show absent
head -c 300 two.safetensors >cut
expect 1 "offset 300: truncated" ckpt show cut
expect 1 "offset 300: truncated" check cut

# --show: each batch's values. The loss of an epoch is the mean of its batches' of one size; the bytes are the same.
$NETC $train --epochs 1 --show cost,accuracy,highest --out shown.safetensors >log
[ "$(grep -c '^epoch 1/1  step [0-9]*  cost [0-9.]*  accuracy [0-9.]*  highest [0-9.]*$' log)" -eq 20 ] || fail "$(cat log)"
python3 - <<'END'
import json, re
batches = [[float(v) for v in m] for m in re.findall(r"step \d+  cost (\S+)  accuracy (\S+)  highest (\S+)", open("log").read())]
whole = next(line for line in map(json.loads, open("shown.jsonl")) if line["event"] == "epoch")["training"]
cost, accuracy, highest = ([b[i] for b in batches] for i in range(3))
assert len(batches) == 20 and len(set(cost)) > 15, batches
assert abs(sum(cost) / 20 - whole["cost"]) < 1e-4 and abs(sum(accuracy) / 20 - whole["accuracy"]) < 1e-4, whole
assert abs(max(highest) - whole["highest"]) < 1e-4, whole
END
cmp shown.safetensors eight.safetensors
expect 2 "--show: 'acuracy' is neither the loss nor a metric; did you mean 'accuracy'? There are: cost, accuracy, highest" $train --show cost,acuracy
expect 2 "--show: 'loss' is neither" $train --show loss
expect 2 "--show: 'probabilities' is neither" $train --show probabilities
expect 2 "--show: '' is neither" $train --show cost,

# --monitor and --patience
$NETC $train --monitor=-cost --patience 1 --out m.safetensors >log
grep -q '^best is epoch 2: cost ' log && cmp m.safetensors m.best.safetensors || fail "$(cat log)"
expect 2 "write --monitor=-cost" $train --monitor cost
expect 2 "--monitor: 'loss' is neither" $train --monitor=-loss
expect 2 "--monitor: 'acuracy' is neither the loss nor a metric; did you mean 'accuracy'?" $train --monitor acuracy
expect 2 "none is monitored; add --monitor=-cost" $train --patience 3
expect 2 "from 1 to 1000000, not '0'" $train --patience 0
mkdir folder.best.safetensors log.jsonl
expect 1 "folder.best.safetensors: is a folder" $train --monitor accuracy --out folder.safetensors
expect 1 "log.jsonl: is a folder" $train --out log.safetensors

# --overfit and --dry-run write nothing.
mkdir empty
cp dense.net digits.net empty
(
  cd empty
  "$NETC" train dense.net --data "$data" --overfit 10 --epochs 150 >../log
  "$NETC" train dense.net --data "$data" --overfit 10 --dry-run >../log2
  "$NETC" train dense.net --data "$data" --dry-run --monitor accuracy >../dry
)
[ "$(ls empty | tr '\n' ' ')" = "dense.net digits.net " ] || fail "$(ls empty)"
grep -q '^epoch 150/150 .*accuracy 1.0000' log && ! grep -q validation log && grep -q 'no checkpoint was written' log || fail "$(cat log)"
grep -q '^an epoch    10 samples, 1 step of 10$' log2 || fail "$(cat log2)"
for text in "an epoch    2000 samples, 20 steps of 100" "a step      " "time        about " "memory      " "2.0 MB for the data" \
  "dense.safetensors; nothing was written"; do
  grep -qF -- "$text" dry || fail "the dry run does not say '$text': $(cat dry)"
done
$NETC $train --overfit 10 --epochs 3 --out few.safetensors >log
expect 0 "of its 10 samples" ckpt show few.safetensors
expect 1 "few.safetensors was trained on 10 samples, but there are 2000" $train --resume few.safetensors
expect 0 "saved few.safetensors" $train --resume few.safetensors --overfit 10 --epochs 4 --out few.safetensors
expect 1 "--overfit 2001: the data set has 2000 samples" $train --overfit 2001
expect 2 "whole number" $train --overfit 0
expect 2 "no value goes with" $train --dry-run=yes

# A loss of any name is looked at.
sed 's/^cost = mean(\(.*\))$/cost = mean(log(0 - \1))/' dense.net >nan.net
expect 1 "step 1: the loss is not a number" train nan.net --data "$data"
grep -q '"event":"end".*"reason":"failed".*"message":"epoch 1, step 1: the loss' nan.jsonl || fail "$(cat nan.jsonl)"
