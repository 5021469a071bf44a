#!/bin/bash
# Trainings that are killed, interrupted and resumed end in the bytes of one that was not; what does not belong to a
# checkpoint is refused.
set -euo pipefail

data=$SOURCE_DIR/tests/data
interrupt="python3 $SOURCE_DIR/tests/tools/interrupt.py"
fail() {
  echo "$1"
  exit 1
}
# Everything that has a state: an optimizer, a buffer, random bits, an order, totals, a best epoch. 2000 samples in
# batches of 80 are 25 steps an epoch, 200 steps in all; 70 leaves a batch that is not full.
cat >net.net <<'END'
import "lib.net"
input image: u8[N, 784]
input label: u8[N] in 0..10
const hidden = 16
const rate = 1e-2
buffer largest: f32 = 0
x = f32(image) / 255
update largest = max(largest, max(x))
logits = noisy(x / max(largest, 1)) |> Dense(hidden) |> relu |> Dense(10)
loss = mean(softmax_cross_entropy(logits, one_hot(label, 10)))
metric accuracy = mean(argmax(logits) == label)
dataset all {
  image = reshape(idx("train-images-idx3-ubyte"), [N, 784])
  label = idx("train-labels-idx1-ubyte")
}
dataset others {
  image = reshape(idx("t10k-images-idx3-ubyte"), [N, 784])
  label = idx("t10k-labels-idx1-ubyte")
}
train {
  minimize = loss
  optimizer = adam(lr = rate * 0.9^epoch)
  data = all
  validate = others
  batch = 80
  epochs = 8
  monitor = accuracy
  patience = 6
}
END
cat >lib.net <<'END'
fn noisy(v) {
  if training {
    return v + 0.1 * (random(shape(v)) - 0.5)
  }
  return v
}
END
train() { "$NETC" train net.net --data "$data" --show loss "$@"; }
# Of an epoch that came again the later line counts.
figures() { sed -n '/"event":"epoch"/s/.*\("epoch":[0-9]*,\).*\("training".*\)/\1 \2/p' "$1" | tac | awk '!seen[$1]++' | tac; }

# killed SEED OPTION...: the training with these options, whole, and killed again and again.
killed() {
  local seed=$1
  shift
  rm -f killed.*
  train --out whole.safetensors "$@" >whole.log
  times=$($interrupt kill "$seed" 40 killed.safetensors "$NETC" train net.net --data "$data" --show loss \
    --checkpoint-every 7 --out killed.safetensors "$@")
  [ "$times" -ge 3 ] || fail "killed $times times only"
  cmp whole.safetensors killed.safetensors
  cmp whole.best.safetensors killed.best.safetensors
  # So are the figures of the epochs.
  figures whole.jsonl >whole.figures
  [ "$(grep -c training whole.figures)" -eq 8 ] || fail "$(cat whole.jsonl)"
  figures killed.jsonl | diff - whole.figures
  [ "$(grep -c '"event":"start"\|"event":"resume"' killed.jsonl)" -ge 3 ] || fail "$(cat killed.jsonl)"
  python3 -c 'import json; [json.loads(line) for line in open("killed.jsonl")]'
}
killed 1
grep -q '^epoch 8/8  step 200  loss' whole.log || fail "$(cat whole.log)"
killed 2 --batch 70 --seed 7 --threads 1
killed 3 --batch 33 --set hidden=8 --threads 3

# Ctrl-C and SIGTERM: the state is saved, exit status 4, and the log says so.
train --out whole.safetensors >/dev/null
for signal in INT TERM; do
  rm -f stopped.*
  code=0
  $interrupt signal 30 $signal "$NETC" train net.net --data "$data" --show loss --out stopped.safetensors 2>log || code=$?
  [ $code -eq 4 ] || fail "$signal: exit $code: $(cat log)"
  grep -q '^interrupted$' log && grep -qF "'netc train net.net --data $data --resume stopped.safetensors' goes on" log || fail "$(cat log)"
  grep -q '"event":"end".*"reason":"interrupted"' stopped.jsonl || fail "$(cat stopped.jsonl)"
  ! cmp -s stopped.safetensors whole.safetensors || fail "$signal: it was done before"
  train --resume stopped.safetensors >/dev/null
  cmp stopped.safetensors whole.safetensors
  cmp stopped.best.safetensors whole.best.safetensors
done
# The second signal ends it at once, whatever runs; but ThreadSanitizer hands both on when it likes.
second_signal() {
  local code=0
  $interrupt signal 1 INT,INT "$NETC" train net.net --data "$data" --show loss --set hidden=4096 --batch 2000 \
    --out twice.safetensors 2>/dev/null || code=$?
  [ $code -eq 130 ] && [ ! -e twice.safetensors ] || fail "exit $code after a second signal"
}
case "${SANITIZERS:-}" in *thread*) ;; *) second_signal ;; esac

# A resumed training may take longer, or no time at all; the file may be written in another way; a checkpoint is a source.
train --epochs 3 --out parts.safetensors >/dev/null
cp parts.safetensors three.safetensors
cp parts.best.safetensors three.best.safetensors
train --resume parts.safetensors --epochs 8 >/dev/null
cmp parts.safetensors whole.safetensors
train --resume parts.safetensors >log
grep -q "nothing is left to do: 8 of 8 epochs are done" log && cmp parts.safetensors whole.safetensors || fail "$(cat log)"
sed 's/  epochs = 8/  epochs = 9  # one more/; s/^x = f32(image) \/ 255/pixels = f32(image)\nx = pixels \/ 255/' net.net >other.net
"$NETC" train other.net --data "$data" --resume three.safetensors --out again.safetensors >/dev/null
code=0
"$NETC" ckpt diff again.safetensors whole.safetensors >log || code=$?
[ $code -eq 1 ] && grep -q '^netc.step: 225 and 200' log || fail "exit $code: $(cat log)"
mkdir away
cp three.safetensors away
(cd away && "$NETC" train three.safetensors --data "$data" --resume three.safetensors >log &&
  cmp three.safetensors ../whole.safetensors) || fail "$(cat away/log)"
cp three.safetensors kept
train --resume three.safetensors --out beside.safetensors >/dev/null
cmp three.safetensors kept
cmp beside.safetensors whole.safetensors

# A log that ends in the middle of a line loses that; one that is gone is begun.
cp three.safetensors torn.safetensors
printf '{"event":"start"}\n{"event":"epo' >torn.jsonl
train --resume torn.safetensors --epochs 4 >/dev/null
python3 -c 'import json; print(*[json.loads(line)["event"] for line in open("torn.jsonl")])' >events
[ "$(cat events)" = "start resume epoch end" ] || fail "$(cat torn.jsonl)"
rm torn.jsonl
train --resume torn.safetensors --epochs 5 >/dev/null
grep -q '"event":"resume"' torn.jsonl || fail "$(cat torn.jsonl)"

# Patience: the best epoch is far back, whether the training was resumed or not.
sed 's/monitor = accuracy/monitor = -loss/; s/patience = 6/patience = 2/; s/rate = 1e-2/rate = 0.5/' net.net >worse.net
"$NETC" train worse.net --data "$data" --epochs 50 >log
grep -q '^loss was not better for 2 epochs: training ends$' log || fail "$(cat log)"
best=$(sed -n 's/^best is epoch \([0-9]*\): loss .*, in worse.best.safetensors$/\1/p' log)
grep -q "\"epoch\":$((best + 2)),.*\"best\":false" worse.jsonl && grep -q "\"epoch\":$best,.*\"best\":true" worse.jsonl &&
  ! grep -q "\"epoch\":$((best + 3))," worse.jsonl && grep -q '"reason":"patience"' worse.jsonl || fail "$(cat worse.jsonl)"
"$NETC" train worse.net --data "$data" --epochs "$((best + 1))" --out late.safetensors >/dev/null
"$NETC" train worse.net --data "$data" --epochs 50 --resume late.safetensors >/dev/null
cmp late.safetensors worse.safetensors
cmp late.best.safetensors worse.best.safetensors
shown=$(sed -n 's/^best is .*loss \([0-9.e+-]*\),.*/\1/p' log)
"$NETC" eval worse.best.safetensors --data "$data" | grep -q "loss $shown," || fail "the best epoch's loss is not $shown"

# refused CODE TEXT ARGUMENT...: netc train says TEXT, and no checkpoint or log changes.
refused() {
  local code=$1 text=$2 got=0
  shift 2
  ls -l --time-style=full-iso ./*.safetensors ./*.jsonl >before
  "$NETC" train "$@" >out 2>err || got=$?
  [ $got -eq "$code" ] && grep -qF -- "$text" err || fail "$*: exit $got: $(cat out err)"
  ls -l --time-style=full-iso ./*.safetensors ./*.jsonl | diff before -
}
on="--data $data --resume three.safetensors"
refused 1 "absent.safetensors" net.net --data "$data" --resume absent.safetensors
refused 1 "not a safetensors file" net.net --data "$data" --resume net.net
refused 1 "was trained with seed 1, not 2" net.net $on --seed 2
refused 1 "was trained in batches of 80, not 64" net.net $on --batch 64
refused 1 "net.net is not the program that three.safetensors was trained with: another network, loss or metrics" net.net $on --set hidden=17
sed 's/rate = 1e-2/rate = 1e-3/' net.net >rate.net
refused 1 "another optimizer" rate.net $on
sed 's/batch = 80/batch = 64/' net.net >batch.net
refused 1 "another batch" batch.net $on
sed 's/  epochs = 8/  epochs = 8  shuffle = false/' net.net >shuffle.net
refused 1 "another shuffle" shuffle.net $on
sed 's/- 0.5/- 0.4/' lib.net >lib2.net
sed 's/"lib.net"/"lib2.net"/' net.net >import.net
refused 1 "another network" import.net $on
sed 's/metric accuracy = mean\(.*\)/metric accuracy = 1 - mean\1/' net.net >metric.net
refused 1 "another network, loss or metrics" metric.net $on
train --epochs 3 --set hidden=8 --out small.safetensors >/dev/null
refused 1 "it was trained with --set hidden=8" net.net --data "$data" --resume small.safetensors
# Other data: fewer samples, and as many others.
mkdir few swapped
cp "$data"/*.gz few
cp "$data"/*.gz swapped
cp "$data/t10k-images-idx3-ubyte.gz" few/train-images-idx3-ubyte.gz
cp "$data/t10k-labels-idx1-ubyte.gz" few/train-labels-idx1-ubyte.gz
refused 1 "was trained on 2000 samples, but there are 500" net.net --data few --resume three.safetensors
python3 - <<'END'
import gzip
path = "swapped/train-labels-idx1-ubyte.gz"
data = bytearray(gzip.open(path).read())
assert data[8] != data[9]
data[8], data[9] = data[9], data[8]
gzip.open(path, "wb").write(data)
END
refused 1 "was trained on other samples than these 2000" net.net --data swapped --resume three.safetensors
refused 2 "leave one out" net.net $on --init three.safetensors
refused 2 "whole number" net.net $on --checkpoint-every 0
# wrong TEXT COMMAND: the checkpoint as sed's command leaves it, its length kept.
wrong() {
  sed "$2" three.safetensors >wrong.safetensors
  ! cmp -s wrong.safetensors three.safetensors || fail "$2 changes nothing"
  refused 1 "$1" net.net --data "$data" --resume wrong.safetensors
}
wrong "netc.epoch in the metadata is not a whole number" 's/"netc.epoch":"3"/"netc.epoch":"x"/'
wrong "netc.batch in the metadata is not a whole number" 's/"netc.batch":"80"/"netc.batch":"-8"/'
wrong "netc.best in the metadata is not a number" 's/"netc.best":"0/"netc.best":"x/'
wrong "the metadata have no netc.seed" 's/"netc.seed"/"netc.soed"/'
wrong "holds no tensor largest" 's/"largest":/"lorgest":/'
wrong "holds no tensor adam.m" 's/"adam.m/"adom.m/g'
wrong "the source in wrong.safetensors has errors" 's/|> relu |>/|> rulu |>/'
