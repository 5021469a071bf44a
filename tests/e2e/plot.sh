#!/bin/bash
# Pictures of trainings and of values: right, readable, the same in both formats; logs that are wrong are refused.
set -euo pipefail

data=$SOURCE_DIR/tests/data
tools=$SOURCE_DIR/tests/tools
export NO_COLOR=1 LC_ALL=C
bad=0
fail() {
  echo "$1"
  bad=1
}
both() { # NAME ARGUMENT...
  local name=$1
  shift
  for form in svg png; do
    "$NETC" "$@" --plot "$name.$form" >out 2>err || fail "$*: $(cat err)"
    grep -qF "drawn $name.$form" out || fail "$*: $(cat out)"
  done
}

# ---- curves
epoch() { printf '{"event":"epoch","epoch":%d,"training":{"loss":%s,"accuracy":%s},"validation":{"loss":%s,"accuracy":%s},"seconds":1.5}\n' "$@"; }
{
  echo '{"event":"start","netc":"0"}'
  epoch 1 0.8 0.5 0.6 0.7
  epoch 2 0.4 0.8 0.5 0.75
  echo
  epoch 3 0.2 0.9 0.7 0.8
} >log.jsonl
both curves plot log.jsonl
"$tools/svg.py" curves.svg accuracy loss training training validation validation epoch epoch 1 1 2 2 3 3 \
  0.2 0.4 0.6 0.8 0.5 0.6 0.7 0.8 0.9 || bad=1
# Curves differ in dashes too, not in colour alone.
[ "$(grep -cE 'fill:none.*stroke:rgb\(0%,44' curves.svg)" -eq 4 ] || fail "not two blue lines with their samples"
[ "$(grep -cE 'fill:none.*stroke:rgb\(83.5.*stroke-dasharray' curves.svg)" -eq 4 ] || fail "not two dashed lines with their samples"
"$NETC" plot log.jsonl >out
diff - out <<'END' || bad=1
epochs 1 to 3
loss             training    0.8 to 0.2
loss             validation  0.6 to 0.7
accuracy         training    0.5 to 0.9
accuracy         validation  0.7 to 0.8
END
LC_ALL=C.UTF-8 "$NETC" plot log.jsonl | grep -qF 'loss             training    █▃▁  0.8 → 0.2' || fail "no curve of blocks"
# A training that was resumed at epoch 2, a line that was not finished, a loss that is not finite.
{
  cat log.jsonl
  epoch 2 0.3 0.85 null null
  printf '{"event":"epo'
} >resumed.jsonl
both resumed plot resumed.jsonl
grep -qF 'loss             training    0.8 to 0.3' out || fail "$(cat out)"
"$tools/svg.py" resumed.svg || bad=1
for i in $(seq 120); do echo "{\"event\":\"epoch\",\"epoch\":$i,\"training\":{\"a loss of a long, long name & more than that\":$((1000000 * i))}}"; done >long.jsonl
both long plot long.jsonl
"$tools/svg.py" long.svg || bad=1

{ epoch 1 1e308 1 1 1; epoch 2 -1e308 1e-320 1 1; epoch 3 3 2e-320 1 1; } >extreme.jsonl
both extreme plot extreme.jsonl
"$tools/svg.py" extreme.svg || bad=1

# A training draws its own.
cp "$SOURCE_DIR/examples/mnist/mnist.net" .
both trained train mnist.net --data "$data" --epochs 2 --batch 100 --out trained.safetensors
"$tools/svg.py" trained.svg || bad=1
cp trained.svg before.svg
"$NETC" plot trained.jsonl --plot trained.svg >out
diff <(sed '/<title>/d' before.svg) <(sed '/<title>/d' trained.svg) >/dev/null || fail "netc train draws other curves than netc plot"

# ---- values: tiles where they are images, else histograms
both filters run mnist.net --fetch weights.c1
"$tools/svg.py" filters.svg || bad=1
[ "$(grep -c '<image ' filters.svg)" -eq 17 ] || fail "not 16 filters and the scale"
both maps run mnist.net --fetch convnet.p1 --data "$data" --index 3
"$tools/svg.py" maps.svg || bad=1
grep -qF '>0</text>' filters.svg || fail "the scale of two colours does not say where white is"
[ "$(grep -c '<image ' maps.svg)" -eq 17 ] || fail "not 16 maps and the scale"
both weights run mnist.net --fetch weights.d2
"$tools/svg.py" weights.svg || bad=1
grep -qF '1280 values, mean' weights.svg && grep -qF '>count</text>' weights.svg && ! grep -q '<image ' weights.svg || fail "no histogram"

# ---- samples of data sets: their classes as titles, in the order of training; without classes their numbers
both digits data mnist.net --data "$data" --seed 3
mapfile -t labels < <("$NETC" data mnist.net --data "$data" --dataset mnist_train --seed 3 --first 16 |
  grep -oP 'batch \d+, #\d+: \K\d')
[ ${#labels[@]} -eq 16 ] || fail "not 16 batches: ${labels[*]}"
"$tools/svg.py" digits.svg "${labels[@]}" || bad=1
[ "$(grep -c '<image ' digits.svg)" -eq 16 ] || fail "not an image for each batch"
"$NETC" data mnist.net --data "$data" --dataset mnist_test --first 4 --json --plot four.svg | grep -qF '"mnist_test"' || fail "no JSON"
label() { gzip -dc "$data/t10k-labels-idx1-ubyte.gz" | od -An -tu1 -j$((8 + $1)) -N1 | tr -d ' '; }
"$tools/svg.py" four.svg "$(label 0)" "$(label 128)" "$(label 256)" "$(label 384)" || bad=1
"$NETC" data mnist.net --data "$data" --plot fetched.svg --fetch 'sum(f32(label))' >out
grep -q '^sum(f32(label)): f32\[\] = ' out && ! grep -q 'first sample' out || fail "$(cat out)"
cp "$SOURCE_DIR/examples/mnist/autoencoder.net" .
both plain data autoencoder.net --data "$data" --dataset other_images --first 2 --batch 10
"$tools/svg.py" plain.svg '#0' '#10' || bad=1

# ---- only pictures need what paints them
"$NETC" --version >out
! ldd "$NETC" | grep -q cairo || fail "the command itself needs cairo"

# ---- what is wrong
refused() { # CODE TEXT ARGUMENT...
  local code=$1 text=$2 got=0
  shift 2
  "$NETC" "$@" >out 2>err || got=$?
  [ $got -eq "$code" ] && [ ! -s out ] && grep -qF -- "$text" err || fail "$*: exit $got, not $code with '$text': $(cat out err)"
}
refused 1 "absent.jsonl: cannot open it" plot absent.jsonl
: >empty.jsonl
refused 1 "empty.jsonl: holds no metrics of epochs" plot empty.jsonl
echo '{"event":"start"}' >start.jsonl
refused 1 "start.jsonl: holds no metrics of epochs" plot start.jsonl
refused 1 "mnist.net: line 1: is no object of JSON" plot mnist.net
{ epoch 1 1 1 1 1; echo '{"event":"epoch","epoch":2,'; } >cut.jsonl
refused 1 "cut.jsonl: line 2: is no object of JSON" plot cut.jsonl
echo '{"event":"epoch","epoch":"one","training":{}}' >text.jsonl
refused 1 "line 1: an epoch's line has \"epoch\", a whole number from 1" plot text.jsonl
for number in 0 -3 1.5 1e300 99999999999; do
  echo "{\"event\":\"epoch\",\"epoch\":$number,\"training\":{}}" >number.jsonl
  refused 1 "a whole number from 1" plot number.jsonl
done
echo '{"event":"epoch","epoch":1,"training":{}}' >none.jsonl
refused 1 "none.jsonl: holds no metrics of epochs" plot none.jsonl
echo '{"event":"epoch","epoch":1,"training":[1]}' >list.jsonl
refused 1 "line 1: \"training\" and \"validation\" are objects" plot list.jsonl
for value in '[]' '"0.5"' '"nan"' true '{"a":1}'; do
  { epoch 1 1 1 1 1; echo "{\"event\":\"epoch\",\"epoch\":2,\"training\":{\"loss\":$value}}"; } >metric.jsonl
  refused 1 'metric.jsonl: line 2: "loss" is a number, or null where it is not finite' plot metric.jsonl
done
printf '{"event":"epoch","epoch":1,"training":{"lo\0ss":1}}\n\xff\n' >bytes.jsonl
refused 1 "bytes.jsonl: line 1: is no object of JSON" plot bytes.jsonl
refused 2 "ends in .svg or .png" plot log.jsonl --plot curves.jpg
refused 1 "/nonexistent" plot log.jsonl --plot /nonexistent/curves.svg
refused 2 "--plot draws the log, which is written with a checkpoint only" train mnist.net --data "$data" --dry-run --plot x.svg
refused 2 "ends in .svg or .png" train mnist.net --data "$data" --plot x.txt
refused 2 "--plot draws one value" run mnist.net --fetch weights.c1,weights.c2 --plot x.svg
refused 2 "--plot draws one value" run mnist.net --fetch weights.c1 --plot x.svg --json
refused 2 "ends in .svg or .png" data mnist.net --data "$data" --plot x.gif
refused 1 "/nonexistent" data mnist.net --data "$data" --plot /nonexistent/x.svg
refused 1 "draws at most 100 samples, not 200" data mnist.net --data "$data" --first 200 --batch 10 --plot x.svg
refused 1 "no input of iris_train is an image" data "$SOURCE_DIR/examples/iris/mlp.net" --plot x.svg
[ ! -e x.svg ] || fail "a picture in spite of an error"
exit $bad
