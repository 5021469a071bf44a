#!/bin/bash
# Predictions: files and data sets give the same, in a table, as JSON and as pictures; what is wrong is said.
set -euo pipefail

data=$SOURCE_DIR/tests/data
tools=$SOURCE_DIR/tests/tools
export NETC NO_COLOR=1 LC_ALL=C
bad=0
fail() {
  echo "$1"
  bad=1
}
# predict ARGUMENT... : to out; what went right is said on standard output alone
predict() {
  "$NETC" predict "$@" >out 2>err || fail "predict $*: $(cat err)"
  [ ! -s err ] || fail "predict $*: complains: $(cat err)"
}
# json FILE EXPRESSION: of the list `s` of a file's objects
json() { python3 -c 'import json,sys; s=[json.loads(l) for l in open(sys.argv[1])]; print(eval(sys.argv[2]))' "$@"; }
says() { grep -qF -- "$1" out || fail "no '$1' in: $(cat out)"; }

cp "$SOURCE_DIR/examples/mnist/mnist.net" .
"$NETC" train mnist.net --data "$data" --epochs 3 --batch 32 --set classes=10 >log
mkdir -p empty && cp mnist.safetensors empty

# ---- a data set
predict mnist.safetensors --data "$data" --first 100000
rows=$("$NETC" eval mnist.safetensors --data "$data" | grep -oE '[0-9]+ samples' | grep -oE '[0-9]+')
accuracy=$("$NETC" eval mnist.safetensors --data "$data" | grep -oE 'accuracy [0-9.]+' | grep -oE '[0-9.]+')
[ "$(wc -l <out)" -eq $((rows + 2)) ] || fail "not a line for each of $rows samples"
right=$(tail -1 out | grep -oE '^[0-9]+')
[ "$(tail -1 out)" = "$right of $rows right ($(awk "BEGIN { printf \"%.2f\", 100*$right/$rows }") %)" ] || fail "$(tail -1 out)"
awk "BEGIN { d = $right/$rows - $accuracy; exit !(d < 1e-4 && d > -1e-4) }" || fail "accuracy: $right of $rows, not $accuracy"
[ "$(grep -c '^[0-9]* *x ' out)" -eq $((rows - right)) ] || fail "not every wrong one is marked"
awk 'length > 80 { exit 1 }' out || fail "lines wider than 80"
! grep -q $'\033' out || fail "colours in a pipe"
predict mnist.safetensors --data "$data"
[ "$(grep -cE '^[0-9]+ ' out)" -eq 26 ] || fail "not the first 25 and a score: $(cat out)"
predict mnist.safetensors --data "$data" --index 7 --index 3 --top 2
[ "$(awk 'NR > 1 && /^[0-9]/ { print $1 }' out | head -2 | xargs)" = "7 3" ] || fail "$(cat out)"
[ "$(grep -o '%  ' out | wc -l)" -eq 2 ] || fail "not the two best classes: $(cat out)"

# ---- JSON: what the table says, and all of it
predict mnist.safetensors --data "$data" --first 100000 --json
cp out all
[ "$(json all 'len(s), sum(x["right"] for x in s), {len(x["probabilities"]) for x in s}')" = "($rows, $right, {10})" ] || fail "JSON"
[ "$(json all 'all(abs(sum(x["probabilities"])-1) < 1e-5 and x["probability"] == max(x["probabilities"]) == x["probabilities"][x["class"]] for x in s)')" = True ] ||
  fail "probabilities"
predict mnist.safetensors --data "$data" --wrong --json
[ "$(json out '[x["index"] for x in s]')" = "$(json all '[x["index"] for x in s if not x["right"]]')" ] || fail "--wrong"
predict mnist.safetensors --data "$data" --hardest 9 --json
[ "$(json out '[x["index"] for x in s]')" = "$(json all '[i for _, i in sorted((x["probabilities"][x["true_class"]], x["index"]) for x in s)][:9]')" ] ||
  fail "--hardest"
predict mnist.safetensors --data "$data" --wrong --hardest 2 --first 100 --json
[ "$(json out 'len(s) <= 2 and all(not x["right"] and x["index"] < 100 for x in s)')" = True ] || fail "of the first the wrong and hardest"
# Neither threads nor batches change a bit.
predict mnist.safetensors --data "$data" --first 100000 --json --threads 1 --batch 7
cmp out all || fail "another batch"

# Of a long path the table shows the end, which tells samples apart, and the title the file's name.
mkdir -p a_folder/with_a_long_name
gzip -dc "$data/t10k-images-idx3-ubyte.gz" >a_folder/with_a_long_name/images
predict mnist.safetensors a_folder/with_a_long_name/images --first 12
says "~h_a_long_name/images[9] "
says "~_a_long_name/images[11] "
predict mnist.safetensors a_folder/with_a_long_name/images --index 11
[[ $(head -1 out) == "images[11]: "* ]] || fail "title: $(head -1 out)"

# ---- files: the same sample in every form
"$tools/make_pictures.py" "$data/t10k-images-idx3-ubyte.gz" 7
predict empty/mnist.safetensors same.png large.png paint.png clear.png row.npy rows.npy doubles.npy --json
[ "$(json out 'len({tuple(x["probabilities"]) for x in s[:6] + s[7:]}), len(s)')" = "(1, 8)" ] || fail "forms differ: $(json out '[x["probabilities"] for x in s]')"
[ "$(json out 's[0]["probabilities"]')" = "$(json all 's[7]["probabilities"]')" ] || fail "a picture differs from the data set's sample"
[ "$(json out 's[6]["probabilities"]')" = "$(json all 's[8]["probabilities"]')" ] || fail "the second row of an array"
[ "$(json out '[x["file"] for x in s[5:7]]')" = "['rows.npy[0]', 'rows.npy[1]']" ] || fail "names of rows"
[ "$(json out '[x.get("note") for x in s[:4]]')" = "[None, '280x280, gray: resized to 28x28', '280x280, RGB: made gray, resized to 28x28, inverted, as its background is light', '280x280, RGB with alpha: laid over white, made gray, resized to 28x28, inverted, as its background is light']" ] ||
  fail "notes: $(json out '[x.get("note") for x in s]')"
predict mnist.safetensors "$data/t10k-images-idx3-ubyte.gz" --index 8 --json
[ "$(json out 's[0]["probabilities"]')" = "$(json all 's[8]["probabilities"]')" ] || fail "an idx file"
predict mnist.safetensors wide.png palette.png
says "note: wide.png: 28x84, gray: resized to 9x28, filled up to 28x28"
says "note: palette.png: 28x28, RGB: made gray"
predict mnist.safetensors same.png --invert always --json
says '"note":"28x28, gray: inverted"'
predict mnist.safetensors paint.png --invert never
! grep -q inverted out || fail "--invert never inverts"
# A data set of light images: theirs are not inverted.
mkdir light
python3 - "$data" <<'END'
import gzip, sys
for name in "train", "t10k":
    b = gzip.open(f"{sys.argv[1]}/{name}-images-idx3-ubyte.gz").read()
    open(f"light/{name}-images-idx3-ubyte", "wb").write(b[:16] + bytes(255 - x for x in b[16:]))
END
cp "$data"/*-labels-idx1-ubyte.gz light
predict mnist.safetensors paint.png --data light
! grep -q inverted out || fail "inverted though the data are light"

# ---- one sample: its image and bars; in a terminal in colours
predict mnist.safetensors same.png
says "same.png: $(json all 's[7]["name"]')"
grep -qE '[#%@*]{3}' out && grep -qE '^ .* [0-9]  *#+ +[0-9.]+ %$' out || fail "no image and bars: $(cat out)"
awk 'length > 80 { exit 1 }' out || fail "lines wider than 80"
predict mnist.safetensors --data "$data" --first 3 --images
[ "$(grep -c '^mnist_test [0-9]*: ' out)" -eq 3 ] || fail "--images: $(cat out)"
terminal() { script -qec "env -u NO_COLOR TERM=xterm LC_ALL=C.UTF-8 COLUMNS=80 $1 $NETC predict mnist.safetensors same.png" /dev/null; }
if command -v script >/dev/null; then
  terminal COLORTERM=truecolor >out
  grep -qF $'\033[38;2;0;0;0m\033[48;2;0;0;0m▀' out || fail "no colours of 24 bits"
  terminal COLORTERM= >out
  grep -qF $'\033[38;5;16m\033[48;5;16m▀' out || fail "no palette"
  terminal NO_COLOR=1 >out
  ! grep -q $'\033' out && grep -qE '[#%@*]{3}' out || fail "NO_COLOR"
fi

# ---- pictures
titles() { json "$1" '"\n".join(x["name"] if x["right"] else x["name"] + " (true " + x["true_name"] + ")" for x in s)'; }
both() { # NAME ARGUMENT...
  local name=$1
  shift
  for form in svg png; do "$NETC" "$@" --plot "$name.$form" >out 2>err || fail "$*: $(cat err)"; says "drawn $name.$form"; done
}
both grid predict mnist.safetensors --data "$data"
head -25 all >first
readarray -t texts < <(titles first)
"$tools/svg.py" grid.svg "${texts[@]}" || bad=1
"$NETC" predict mnist.safetensors --data "$data" --hardest 9 --json >hard
readarray -t texts < <(titles hard)
both hardest predict mnist.safetensors --data "$data" --hardest 9
"$tools/svg.py" hardest.svg "${texts[@]}" || bad=1
# Wrong ones have a cross of two lines and a frame, in a colour that no right one has.
marks() { grep -cE 'fill:none.*stroke:rgb\(83.5' "$1" || true; }
[ "$(marks hardest.svg)" -eq $((3 * $(json hard 'sum(not x["right"] for x in s)'))) ] || fail "marks of wrong ones: $(marks hardest.svg)"
[ "$(marks grid.svg)" -eq $((3 * $(json first 'sum(not x["right"] for x in s)'))) ] || fail "marks of wrong ones: $(marks grid.svg)"
both one predict mnist.safetensors --data "$data" --index 7
readarray -t texts < <(json all '"\n".join(["mnist_test 7: " + s[7]["name"]] + ["%.1f %%" % (100 * p) for p in s[7]["probabilities"]] + [str(i) + (" (true)" if i == s[7]["true_class"] else "") for i in range(10)])')
if [ "$(json all 's[7]["right"]')" = True ]; then "$tools/svg.py" one.svg "${texts[@]}" || bad=1; else "$tools/svg.py" one.svg || bad=1; fi
# The same bytes twice.
cp one.svg again.svg && cp one.png again.png
both one predict mnist.safetensors --data "$data" --index 7
cmp one.svg again.svg && cmp one.png again.png || fail "pictures differ from run to run"

# ---- tables, names of classes, other outputs
iris=$SOURCE_DIR/examples/iris
"$NETC" train "$iris/mlp.net" --out iris.safetensors >log
head -4 "$iris/iris.csv" >few.csv
cut -d, -f1-4 few.csv >unlabelled.csv
predict iris.safetensors few.csv 6.3,3.3,6.0,2.5
says "setosa"
[ "$(grep -c '6.3,3.3,6.0,2.5 *virginica' out)" -eq 1 ] || fail "$(cat out)"
predict iris.safetensors few.csv --json
[ "$(json out '[x["true_name"] for x in s]')" = "['setosa', 'setosa', 'setosa']" ] || fail "true classes of a table: $(cat out)"
predict iris.safetensors unlabelled.csv --json
[ "$(json out '["true_name" in x for x in s]')" = "[False, False, False]" ] || fail "true classes of nothing"
predict iris.safetensors --data "$iris" --dataset iris --index 149
says "virginica"
both iris predict iris.safetensors --data "$iris" --first 4
"$tools/svg.py" iris.svg || bad=1
sed 's/^output probabilities.*/output logits/' "$iris/mlp.net" >raw.net
"$NETC" train raw.net --data "$iris" >log
predict raw.safetensors few.csv
says "note: the output logits holds no probabilities: they are its softmax"

sed 's/epochs    = 5/epochs = 1/' "$SOURCE_DIR/examples/mnist/autoencoder.net" >coder.net
"$NETC" train coder.net --data "$data" >log
predict coder.safetensors --data "$data" --first 2
says "features: f32[32]"
says "restored: f32[28, 28, 1]"
predict coder.safetensors --data "$data" --index 4 --output features --json
[ "$(json out '[(o["name"], o["dtype"], o["shape"], len(o["values"])) for o in s[0]["outputs"]]')" = "[('features', 'f32', [32], 32)]" ] || fail "$(cut -c1-300 out)"
both coder predict coder.safetensors --data "$data" --first 4
"$tools/svg.py" coder.svg image image image image restored restored restored restored "other_images 0" "other_images 1" "other_images 2" "other_images 3" || bad=1

cat >two.net <<'END'
input height: f32[N]
input places: i32[N, 2]
param w: f32 = 2
output sum = w * height + f32(places[.., 0])
loss = mean(sum)
dataset d {
  height = npy("h.npy")
  places = npy("p.npy")
}
train {
  minimize = loss
  optimizer = sgd(lr = 0.0)
  data = d
}
END
python3 - <<'END'
import struct
def npy(name, kind, shape, data):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))},), }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    open(name, "wb").write(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + data)
npy("h.npy", "<f4", [3], struct.pack("<3f", 1, 2, 3))
npy("p.npy", "<i4", [3, 2], struct.pack("<6i", 10, 0, 20, 0, 30, 0))
END
"$NETC" train two.net >log
predict two.safetensors height=h.npy places=p.npy
[ "$(awk 'NR > 1 { print $2 }' out | xargs)" = "12 24 36" ] || fail "two inputs: $(cat out)"

# ---- what is wrong
refused() { # CODE TEXT ARGUMENT...
  local code=$1 text=$2 got=0
  shift 2
  "$NETC" predict "$@" >out 2>err || got=$?
  [ $got -eq "$code" ] && [ ! -s out ] || fail "predict $*: exit $got, not $code: $(cat out err)"
  grep -qF -- "$text" err && [ "$(wc -l <err)" -le 2 ] || fail "predict $*: no '$text' in: $(cat err)"
  ! grep -qE 'Sanitizer|runtime error|Assertion|libpng|cairo' err || fail "$*: $(cat err)"
}
m=mnist.safetensors
refused 1 "there is no sample 100000: mnist_test has $rows, numbered from 0 to $((rows - 1))" $m --data "$data" --index 100000
refused 1 "there is no sample 3: the files hold 2" $m rows.npy --index 3
refused 2 "--index takes a whole number from 0" $m --data "$data" --index -1
refused 2 "--top takes" $m same.png --top 0
refused 2 "--first takes" $m same.png --first 0
refused 1 "cut.png: the PNG data are corrupt (the file is truncated)" $m cut.png
refused 1 "text.png: offset 0: not a PNG file" $m text.png
refused 1 "empty.png: is empty" $m empty.png
refused 1 "photo.jpg: is a JPEG picture; netc reads PNG" $m photo.jpg
refused 1 "absent.png: cannot open it" $m same.png absent.png
refused 1 "light: is a folder" $m light
refused 1 "convert the picture to 8 bits" $m "$SOURCE_DIR/tests/fixtures/data/deep.png"
refused 1 "short.npy: holds u8[3, 5], but input image is u8[N, 28, 28, 1], 784 elements a sample" $m short.npy
refused 1 "but input image is u8[N, 28, 28, 1]: give whole numbers that u8 holds" $m halves.npy
refused 1 "iris.csv: a table of 5 columns, but input image is u8[N, 28, 28, 1], 784 numbers a sample" $m "$iris/iris.csv"
refused 1 "--hardest needs true classes, which files of samples alone do not have" $m same.png --hardest 3
refused 1 "--wrong needs true classes, but no output gives probabilities" coder.safetensors --data "$data" --wrong
refused 2 "from files or from --dataset, not from both" $m same.png --dataset mnist_test
refused 2 "--first and --index both say which samples" $m --data "$data" --first 3 --index 5
refused 2 "leave one out" $m --data "$data" --json --images
refused 1 "there is no data set 'mnist_tst'; there are: mnist_train mnist_test; did you mean 'mnist_test'?" $m --dataset mnist_tst --data "$data"
refused 1 "data file not found" $m --data light/..
refused 1 "mnist.net is a source, and a checkpoint is needed" mnist.net same.png
refused 2 "ends in .svg or .png, not 'x.pdf'" $m same.png --plot x.pdf
refused 1 "/nonexistent" $m same.png --plot /nonexistent/x.svg
refused 1 "a picture shows 1 to 100 samples" $m --data "$data" --first 101 --plot x.svg
refused 1 "there is nothing to draw" two.safetensors height=h.npy places=p.npy --plot x.svg
refused 1 "there is no output 'probability'; there are: probabilities; did you mean 'probabilities'?" $m same.png --output probability
refused 1 "there is no input 'lable'; there are: image label; did you mean 'label'?" $m same.png --label lable
refused 1 "input image holds no class numbers" $m same.png --label image
refused 2 "--invert takes auto, always or never" $m same.png --invert maybe
refused 1 "same.png: is a picture, but input flower is f32[N, 4]" iris.safetensors same.png
refused 1 "has 3 numbers; input flower takes 4" iris.safetensors 1,2,3
refused 1 "wrong at ',4'" iris.safetensors 1,2,,4
refused 1 "several inputs; say which the file is for: height=FILE places=FILE" two.safetensors h.npy
refused 1 "no file is given for input places" two.safetensors height=h.npy
refused 2 "a file is missing" --json
sed '/^output/d' mnist.net >none.net
"$NETC" train none.net --data "$data" --epochs 1 >log 2>&1
refused 1 "none.net has no output to predict: add \`output NAME = value\`" none.safetensors same.png
[ ! -e x.svg ] || fail "a picture in spite of an error"
exit $bad
