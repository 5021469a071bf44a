#!/bin/bash
# Data: the same samples train to the same figures from every format; splits, shuffle and drop_last do what they say; files
# that are wrong end in one clear error before anything is trained.
set -euo pipefail

fail() {
  echo "$1"
  exit 1
}
"$SOURCE_DIR/tests/fixtures/make_forms.py" "$SOURCE_DIR"/tests/data/train-{images-idx3,labels-idx1}-ubyte.gz 300

# net IMAGES LABELS [SETTINGS]: a program that trains on these.
net() {
  cat <<EOF
input image: u8[N, 28, 28]
input label: u8[N] in 0..10
logits = f32(image) / 255 |> flatten |> Dense(10)
loss = mean(softmax_cross_entropy(logits, one_hot(label, 10)))
metric accuracy = mean(argmax(logits) == label)
metric share = mean(label < 5)
dataset all {
  image = $1
  label = $2
}
dataset learn, test = split(all, ${4:-0.8})
train { minimize = loss optimizer = adam(lr = 1e-2) data = learn validate = test batch = 32 epochs = 3 ${3:-} }
EOF
}
# log FILE.net: what training says, but times.
log() { "$NETC" train "$1" | sed -E 's/[0-9.]+ s +[0-9]+\/s//' | grep ^epoch; }

net 'idx("images.idx")' 'idx("labels.idx")' >idx.net
net 'npy("images.npy")' 'npy("labels.npy")' >npy.net
net 'npz("all.npz", "images")' 'npz("all.npz", "labels")' >npz.net
net 'reshape(images("pictures"), [N, 28, 28])' 'labels("pictures")' >pictures.net
net 'npy("images.npy")' 'csv("labels.csv", column = "number")' >numbers.net
net 'idx("images.idx")' 'csv("labels.csv", column = "name")' >names.net
log idx.net >expected
awk '$NF < 0.5 { exit 1 } END { exit NR != 3 }' <(sed -E 's/ +share [0-9.]+$//' expected) || fail "$(cat expected)"
for form in npy npz pictures numbers names; do
  log $form.net | diff expected - || fail "$form.net does not train as idx.net"
done
grep -qaF '{\"label\":[\"digit \\\"0\\\"\",' names.safetensors || fail "no names of classes in names.safetensors"
! grep -qaF 'netc.classes' numbers.safetensors || fail "names of classes in numbers.safetensors"

# Shuffled parts hold every class; in the file's order the last fifth has only large digits.
"$NETC" eval idx.safetensors --dataset test >shuffled
[[ $(cat shuffled) = "test, 60 samples: "* ]] || fail "$(cat shuffled)"
net 'idx("images.idx")' 'idx("labels.idx")' '' '0.8, shuffle = false' >ordered.net
"$NETC" train ordered.net --epochs 1 >out
grep -q 'share 0.0000$' out || fail "the last fifth is not the file's end"
net 'idx("images.idx")' 'idx("labels.idx")' '' '240, seed = 2' >seed2.net
log seed2.net >out
! cmp -s expected out || fail "seeds 1 and 2 split the same way"
net 'idx("images.idx")' 'idx("labels.idx")' '' '240, seed = 1' >counted.net
log counted.net | diff expected -

# 240 samples in batches of 32 are 7 and a half.
steps() { "$NETC" train "$1" >/dev/null && grep -aoE '"netc.step":"[0-9]+"' "${1%.net}.safetensors"; }
net 'idx("images.idx")' 'idx("labels.idx")' 'drop_last = true' >drop.net
[ "$(steps idx.net)" = '"netc.step":"24"' ] || fail "idx.net: $(steps idx.net)"
[ "$(steps drop.net)" = '"netc.step":"21"' ] || fail "drop.net: $(steps drop.net)"
# A batch that is larger than the data is not dropped.
"$NETC" train drop.net --batch 1000 --epochs 2 >/dev/null
grep -qaF '"netc.step":"2"' drop.safetensors || fail "a batch of all samples was dropped"
net 'idx("images.idx")' 'idx("labels.idx")' 'shuffle = false' >unshuffled.net
log unshuffled.net >out
! cmp -s expected out || fail "shuffle = false shuffles"

# A data set and its parts from another file.
sed -n '/^dataset all/,/^dataset learn/p' idx.net >sets.net
{ echo 'import "sets.net"'; sed '/^dataset all/,/^dataset learn/d' idx.net; } >imports.net
log imports.net | diff expected -

# refused NAME TEXT... : training pictures.net, or $net, ends with these words.
net=pictures.net
refused() {
  local name=$1 code=0
  shift
  "$NETC" train $net --out never >out 2>err || code=$?
  [ $code -eq 1 ] && [ ! -s out ] && [ ! -e never ] || fail "$name: exit $code: $(cat out err)"
  for text in "$@"; do grep -qF -- "$text" err || fail "$name: no '$text' in: $(cat err)"; done
  ! grep -qE 'Sanitizer|runtime error|Assertion|libpng' err || fail "$name: $(cat err)"
}
one=$(ls pictures/3/* | head -1)
cp "$one" kept
truncate -s 200 "$one"
refused "a truncated picture" "$one" "the file is truncated"
: >"$one"
refused "an empty picture" "$one" "is empty"
cp "$SOURCE_DIR/tests/fixtures/data/RGB.png" "$one"
refused "a picture of another size" "$one: is 5x11, RGB, but" "28x28, gray"
cp "$SOURCE_DIR/tests/fixtures/data/deep.png" "$one"
refused "16 bits" "$one" "convert the picture to 8 bits"
cp kept "$one"
touch pictures/3/Thumbs.db
refused "another file" "pictures/3/Thumbs.db" "is no PNG file"
rm pictures/3/Thumbs.db
mkdir pictures/empty
refused "an empty class" "pictures/empty" "holds no pictures"
rmdir pictures/empty
cp -r pictures/0 pictures/extra
refused "eleven classes" "E0507" "there are 11 classes" "0..10"
mv pictures elsewhere
refused "no folder" "E0502" "pictures"

net=npz.net
mv all.npz whole.npz
head -c 20000 whole.npz >all.npz
refused "a truncated archive" "all.npz" "truncated or corrupt"
{ head -c 30000 whole.npz; head -c 100 /dev/zero; tail -c +30101 whole.npz; } >all.npz
refused "a corrupt archive" "all.npz: images" "corrupt"
cp images.npy all.npz
refused "an npy file" "not an npz file"
cp whole.npz images.npy
net=npy.net
refused "an npz file" "read it with npz("

net=names.net
cp labels.csv whole.csv
sed -i '100s/.*/3/' labels.csv
refused "a line too short" "labels.csv: line 100: 1 fields, but line 1 names 2 columns"
head -n 250 whole.csv >labels.csv
refused "too few lines" "E0412" "labels.csv holds 249 samples, but images.idx holds 300"
printf 'number,name\n1,\xff\n' >labels.csv
refused "Latin 1" "line 2: offset 14: byte 0xff is not UTF-8"
printf 'number,name\n1,\0\n' >labels.csv
refused "a byte 0" "line 2: offset 14: a byte 0"
printf 'number;name\n1;a\n' >labels.csv
refused "another separator" "E0505" "there are: number;name"
printf 'number,name\n1,"a\n' >labels.csv
refused "an open quote" "a quote that is never closed"

# take and skip are the file's first samples and what comes after them, or those of a dealt order.
net='take.net'
cat >take.net <<'EOF'
input label: u8[N] in 0..10
output y = f32(label)
metric share = mean(label < 5)
dataset all { label = idx("labels.idx") }
dataset few = take(all, 0.1)
dataset rest = skip(all, 30)
dataset more = take(all, 1000)
dataset some = take(all, 30, shuffle = true)
dataset others = skip(all, 30, shuffle = true)
EOF
"$NETC" data take.net --json >json
python3 - <<'EOF' || fail "take and skip give other samples"
import json
sets = {s["name"]: s for s in json.load(open("json"))}
counts = {name: [c["count"] for c in s["inputs"][0]["classes"]] for name, s in sets.items()}
labels = list(open("labels.idx", "rb").read()[8:])
assert [sets[n]["samples"] for n in ("few", "rest", "more", "some", "others")] == [30, 270, 300, 30, 270]
assert counts["few"] == [labels[:30].count(c) for c in range(10)]
assert counts["rest"] == [labels[30:].count(c) for c in range(10)]
assert sets["rest"]["first"][:2] == [30, 158]
assert counts["some"] != counts["few"]
assert [a + b for a, b in zip(counts["some"], counts["others"])] == counts["all"]
EOF
net 'idx("images.idx")' 'idx("labels.idx")' >parts.net
sed -i 's/^dataset learn, test = .*/dataset learn = take(all, 240)\ndataset test = skip(all, 240)/' parts.net
"$NETC" train parts.net --out parts >parted
"$NETC" train ordered.net --out ordered >whole || fail "$(cat whole)"
diff <(sed -E 's/[0-9.]+ s +[0-9]+\/s//' parted | grep ^epoch) <(sed -E 's/[0-9.]+ s +[0-9]+\/s//' whole | grep ^epoch) ||
  fail "take and skip do not train as the split in order"
