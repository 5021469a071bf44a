#!/bin/bash
# netc data: what it says is what the files hold and what training sees, at 80 columns, in a pipe and on a terminal.
set -euo pipefail

fail() {
  echo "$1"
  exit 1
}
mnist=$SOURCE_DIR/examples/mnist/mnist.net
data=$SOURCE_DIR/tests/data
unset LC_ALL LC_CTYPE COLUMNS NO_COLOR COLORTERM
export LANG=C.UTF-8

"$NETC" data "$mnist" --data "$data" >out
grep -q "^mnist_train: 2000 samples, 16 batches of 128, the last of 80$" out || fail "$(head -1 out)"
grep -q "^mnist_test: 500 samples, 4 batches of 128, the last of 116$" out || fail "no mnist_test"
[ "$(grep -c 'batch 1, #' out)" -eq 2 ] && grep -q 'batch 4, #' out || fail "not the first of four batches"
! grep -q $'\033' out || fail "colours in a pipe"
sed "s#from .*#from#" out | awk 'length($0) > 80 { exit 1 }' || fail "wider than 80 columns"
grep -q '@' out || fail "no picture"
"$NETC" data "$mnist" --data "$data" --json >json
python3 - "$data" <<'EOF' || fail "the figures differ"
import gzip, json, sys
folder = sys.argv[1] + "/"
sets = json.load(open("json"))
assert [s["name"] for s in sets] == ["mnist_train", "mnist_test"]
for found, name in zip(sets, ("train", "t10k")):
    pixels = gzip.open(folder + name + "-images-idx3-ubyte.gz").read()[16:]
    labels = gzip.open(folder + name + "-labels-idx1-ubyte.gz").read()[8:]
    image, label = found["inputs"]
    assert found["samples"] == len(labels) and found["batches"] == -(-len(labels) // 128)
    assert (image["min"], image["max"]) == (min(pixels), max(pixels))
    assert abs(image["mean"] - sum(pixels) / len(pixels)) < 1e-9
    assert image["sample"] == [28, 28, 1] and image["dtype"] == "u8" and "classes" not in image
    assert [c["count"] for c in label["classes"]] == [labels.count(c) for c in range(10)]
    assert image["file"].endswith(name + "-images-idx3-ubyte.gz")
assert sets[0]["shuffled"] and not sets[1]["shuffled"]
assert sets[1]["first"] == [0, 128, 256, 384]
# The picture is the sample that its caption names.
out = open("out").read().splitlines()
at = next(i for i, line in enumerate(out) if line.startswith("batch 1, #"))
row = int(out[at].split("#")[1].split(":")[0])
pixels = gzip.open(folder + "train-images-idx3-ubyte.gz").read()[16:]
labels = gzip.open(folder + "train-labels-idx1-ubyte.gz").read()[8:]
assert row == sets[0]["first"][0] and out[at].split()[3] == str(labels[row])
for y in range(14):
    for x in range(28):
        one = row * 784 + 2 * y * 28 + x
        mean = (pixels[one] + pixels[one + 28]) / 2 / 255
        assert out[at + 1 + y].ljust(28)[x] == " .:-=+*#%@"[int(mean * 9 + 0.5)], (x, y)
EOF
# The order is that in which training draws batches; a seed gives another, --in-order that of the files.
"$NETC" data "$mnist" --data "$data" --dataset mnist_train --fetch 'label,one_hot(label, 10)' --json >fetched
python3 - "$data" <<'EOF' || fail "--fetch shows other samples"
import gzip, json, sys
found, = json.load(open("fetched"))
labels = gzip.open(sys.argv[1] + "/train-labels-idx1-ubyte.gz").read()[8:]
label, hot = found["fetched"]
assert label["shape"] == [128] and hot["shape"] == [128, 10] and hot["name"] == "one_hot(label, 10)"
assert label["values"][0] == labels[found["first"][0]]
assert [row.index(1) for row in hot["values"]] == label["values"]
EOF
"$NETC" data "$mnist" --data "$data" --dataset mnist_train --seed 2 >seed2
"$NETC" data "$mnist" --data "$data" --dataset mnist_train --seed 1 >seed1
! cmp -s seed1 seed2 || fail "seeds give one order"
"$NETC" data "$mnist" --data "$data" --dataset mnist_train --in-order --first 2 --batch 100 >ordered
grep -q 'batch 1, #0: .*batch 2, #100: ' ordered && grep -q '20 batches of 100$' ordered || fail "not in order"

# Half blocks in colour on a terminal with UTF-8, else plain characters.
terminal() { python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' "$@" </dev/null; }
one=("$NETC" data "$mnist" --data "$data" --dataset mnist_test --first 1)
TERM=xterm terminal "${one[@]}" >shown
grep -q $'\033\[38;5;[0-9]*m\033\[48;5;[0-9]*m▀' shown || fail "no half blocks on a terminal"
for way in "NO_COLOR=1" "TERM=dumb" "LANG=C"; do
  TERM=xterm terminal env "$way" "${one[@]}" >shown
  ! grep -q '▀' shown && grep -q '@' shown || fail "$way: half blocks"
done
"${one[@]}" --color=always >shown
grep -q '▀' shown || fail "--color=always has no half blocks"
# Narrow terminals.
COLUMNS=30 "$NETC" data "$mnist" --data "$data" --dataset mnist_test --first 2 >shown
[ "$(grep -c '^batch' shown)" -eq 2 ] || fail "pictures are not one below the other in 30 columns"

# Tables, parts, classes with names; wide and small pictures in colour; drop_last; what is not finite.
"$NETC" data "$SOURCE_DIR/examples/iris/mlp.net" --dataset iris_train >out
grep -q '^    versicolor *35 #*$' out && grep -q '^    species versicolor$' out && grep -q '; split of iris$' out || fail "$(cat out)"
cat >wide.net <<'EOF'
input wide: f32[N, 10, 300, 3]
input small: u8[N, 8, 8]
input way: bool[N]
output y = wide
output z = small
output w = way
dataset first { wide = npy("wide.npy") way = npy("way.npy") }
dataset second { small = npy("small.npy") }
EOF
python3 - <<'EOF'
import struct
def npy(name, kind, shape, values):
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    head += b" " * (63 - (10 + len(head)) % 64) + b"\n"
    open(name, "wb").write(b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head + values)
floats = [0.5] * 9000 * 2
floats[3], floats[9], floats[12] = float("nan"), -2.0, float("inf")
npy("wide.npy", "<f4", (2, 10, 300, 3), struct.pack("<18000f", *floats))
npy("way.npy", "|b1", (2,), bytes([0, 1]))
npy("small.npy", "|u1", (1, 8, 8), bytes(range(64)))
EOF
"$NETC" data wide.net >out
grep -q -- '-2 to 0.5, mean 0.49.*; 2 values are not finite' out || fail "$(cat out)"
awk 'length($0) > 80 { exit 1 }' out || fail "a wide picture is wider than 80 columns"
grep -q '^    1 *1 #' out || fail "bools are not counted"
"$NETC" data wide.net --color=always >out
"$NETC" data wide.net --json | python3 -m json.tool >out || fail "the JSON is none"
cat >dropped.net <<'EOF'
input x: u8[N, 8, 8]
loss = mean(f32(x) |> flatten |> Dense(1))
dataset d { x = npy("rows.npy") }
train { minimize = loss optimizer = sgd data = d batch = 4 drop_last = true }
EOF
python3 - <<'EOF'
import struct
head = b"{'descr': '|u1', 'fortran_order': False, 'shape': (10, 8, 8), }"
head += b" " * (63 - (10 + len(head)) % 64) + b"\n"
open("rows.npy", "wb").write(b"\x93NUMPY\x01\0" + struct.pack("<H", len(head)) + head + bytes(640))
EOF
"$NETC" data dropped.net >out
grep -q '^d: 10 samples, 2 batches of 4, a rest of 2 left out$' out || fail "$(head -1 out)"

# refuses CODE TEXT ARGUMENT...
refuses() {
  local expected=$1 text=$2 code=0
  shift 2
  "$NETC" data "$@" >out 2>err || code=$?
  [ $code -eq "$expected" ] && grep -qF -- "$text" err && ! grep -qE 'Sanitizer|Assertion' err || fail "data $*: exit $code: $(cat out err)"
}
refuses 2 "a file is missing"
refuses 1 "cannot read" absent.net
refuses 1 "E0502" "$mnist" --data .
refuses 1 "there is no data set 'test'; there are: mnist_train mnist_test" "$mnist" --data "$data" --dataset test
refuses 1 "there is no data set ''" "$mnist" --data "$data" --dataset=
refuses 2 "--first takes a whole number from 1" "$mnist" --data "$data" --first 0
refuses 2 "--batch takes a whole number" "$mnist" --data "$data" --batch -3
refuses 2 "--seed takes a whole number" "$mnist" --data "$data" --seed x
refuses 2 "unknown option '--epochs'" "$mnist" --epochs 3
refuses 2 "no value goes with '--in-order'" "$mnist" --in-order=no
refuses 2 "did you mean '--in-order'?" "$mnist" --inorder
refuses 1 "logits depends on weights.c1; 'netc run' fetches any value" "$mnist" --data "$data" --fetch image,logits
refuses 1 "did you mean label?" "$mnist" --data "$data" --fetch labl
refuses 1 "E0" "$mnist" --data "$data" --fetch 'one_hot(label'
refuses 2 "--fetch names no value" "$mnist" --data "$data" --fetch ''
refuses 1 "feeds no input wide, which is needed" wide.net --dataset second --fetch wide
echo 'output y = 1.0' >none.net
refuses 1 "declares no data set" none.net
: >rows.npy
refuses 1 "rows.npy" dropped.net
rm rows.npy
refuses 1 "there is no file rows.npy" dropped.net
echo 'input x: f32[N' >broken.net
refuses 1 "E0" broken.net
