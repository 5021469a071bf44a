#!/bin/bash
# netc build --emit=html: the page predicts in a browser what netc predicts, from samples, pictures, drawings and numbers; it
# needs nothing from elsewhere; what cannot be a page is said clearly. Skipped where wasm-ld or Chromium is missing.
set -euo pipefail

data=$SOURCE_DIR/tests/data
mnist=$SOURCE_DIR/examples/mnist/mnist.net
export NO_COLOR=1 LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
bad=0
fail() {
  echo "$1"
  bad=1
}
build() { "$NETC" build --emit=html "$@"; }
check() { python3 "$SOURCE_DIR/tests/tools/check_page.py" "$@" || bad=1; }
program() { printf '%s\n' "$@" >x.net; }

# ---- what cannot be a page

# expect CODE TEXT ARGUMENT...: the text is said, and nothing is written.
expect() {
  local code=$1 text=$2 got=0
  shift 2
  rm -f x.html
  build "$@" >out 2>err </dev/null || got=$?
  [ $got -eq "$code" ] || fail "build $*: exit $got instead of $code: $(cat err)"
  grep -qF -- "$text" err || fail "build $*: does not say '$text': $(cat err)"
  [ ! -e x.html ] || fail "build $*: writes x.html"
}

program 'input x: f32[N, 2]' 'loss = mean(x)'
expect 1 "has no output to export: add \`output NAME = value\`" x.net
program 'param w: f32[3] = zeros' 'output y = w * 2'
expect 1 "depends on no input" x.net
program 'input x: f32[N, 8192]' 'param w: f32[8192, 9000] = zeros' 'output y = x @ w'
expect 1 "browsers are trusted with 256" x.net
program 'input x: f32[N, 2]' 'output y = x * z'
expect 1 "unknown name z" x.net
program 'input x: f32[N, 2]' 'output y = x * 2'
expect 1 "unknown name q" x.net --fetch q
expect 2 "takes no --weights=none" x.net --weights=none
expect 2 "takes no --weights=file" x.net --weights=file
expect 2 "takes no --entry" x.net --entry=predict
expect 2 "takes no --batch" x.net --batch 7
expect 2 "takes no --cpu" x.net --cpu x86-64
expect 2 "takes no --target" x.net --target wasm32-unknown-unknown
expect 2 "takes no --blas" x.net --blas
expect 2 "takes no --main" x.net --main
expect 2 "the file that is read" x.net -o x.net
expect 1 "cannot read missing.net" missing.net
expect 1 "nowhere/x.html: cannot create it in the folder nowhere" x.net -o nowhere/x.html
mkdir folder
expect 1 "folder: is a folder" x.net -o folder
printf 'not a checkpoint' >x.safetensors
expect 1 "x.safetensors" x.safetensors

# Without a linker, and with one that fails.
mkdir bin
mine=$PATH
PATH=$PWD/bin
got=0
build x.net 2>err || got=$?
PATH=$mine
[ $got -eq 3 ] && grep -q "apt-get install lld-19" err || fail "no linker: exit $got: $(cat err)"
printf '#!/bin/bash\necho "wasm-ld: error: no luck" >&2\nexit 1\n' >bin/wasm-ld-19
chmod +x bin/wasm-ld-19
PATH=$PWD/bin:$mine expect 3 "wasm-ld failed: wasm-ld: error: no luck" x.net
printf '#!/bin/bash\nkill -9 $$\n' >bin/wasm-ld-19
PATH=$PWD/bin:$mine expect 3 "wasm-ld was ended by signal 9" x.net
if ! command -v wasm-ld-19 wasm-ld >/dev/null; then
  echo "skipped: there is no wasm-ld; ./setup.sh installs it"
  [ $bad -eq 0 ] && exit 77
  exit 1
fi

# ---- the file: for each example, the same from another folder, and nothing in it that is elsewhere

for file in "$SOURCE_DIR"/examples/*/*.net; do
  grep -q '^output ' "$file" || continue
  name=$(basename "$file" .net)
  build "$file" >log || fail "$name: $(cat log)"
  grep -q "first values" log || fail "$name: nothing says that the params are not trained"
  (cd "$(dirname "$file")" && build "$(basename "$file")" -o "$OLDPWD/again.html" >/dev/null)
  cmp "$name.html" again.html || fail "$name: other bytes from another folder"
  check module "$name.html"
done
program 'input x: f32[N, 2]' 'output y = erf(x) + sin(x) * exp(x) + log(abs(x) + 1) + tanh(x) + pow(abs(x), 1.5)'
for math in default portable; do
  build x.net --math $math >/dev/null
  check module x.html
done

if ! python3 -c 'import sys; sys.path.append(sys.argv[1]); import browser; sys.exit(not browser.find())' "$SOURCE_DIR/tests/tools"; then
  echo "skipped: there is no Chromium, of Debian the package chromium (80 MB, 290 MB installed)"
  [ $bad -eq 0 ] && exit 77
  exit 1
fi

# ---- samples

"$NETC" train "$mnist" --data "$data" --epochs 3 --batch 32 --math portable >log
build mnist.safetensors -o page.html >log
grep -q "^wrote page.html: a page of 1.2 MB" log || fail "$(cat log)"
! grep -q "first values" log || fail "$(cat log)"
"$NETC" predict mnist.safetensors --data "$data" --json --first 500 >test.jsonl
"$NETC" predict mnist.safetensors --data "$data" --json --first 500 --dataset mnist_train >train.jsonl
check samples page.html "$data/t10k-images-idx3-ubyte.gz" test.jsonl 0
check samples page.html "$data/train-images-idx3-ubyte.gz" train.jsonl 0
build mnist.safetensors -o portable.html --math portable >/dev/null
"$NETC" predict mnist.safetensors --data "$data" --json --first 60 --math portable >portable.jsonl
check samples portable.html "$data/t10k-images-idx3-ubyte.gz" portable.jsonl 1

# ---- pictures and drawings

check drawing page.html
"$SOURCE_DIR/tests/tools/make_pictures.py" "$data/t10k-images-idx3-ubyte.gz" 7
for picture in "$SOURCE_DIR/examples/mnist/digit.png" {same,large,paint,clear,palette,wide}.png; do
  "$NETC" predict mnist.safetensors "$picture" --json >picture.jsonl
  check picture page.html "$picture" picture.jsonl
done

# ---- numbers, with names of columns and classes; scores

cp "$SOURCE_DIR"/examples/iris/*.{net,csv} .
"$NETC" train mlp.net --math portable >log
build mlp.safetensors >/dev/null
"$NETC" predict mlp.safetensors 6.3,3.3,6.0,2.5 --json >flower.jsonl
[ "$(check fields mlp.html flower.jsonl 6.3 3.3 6.0 2.5)" = "sepal length, sepal width, petal length, petal width" ] || fail "the fields have other names"
sed 's/^output probabilities.*/output logits/' mlp.net >scores.net
"$NETC" train scores.net --math portable >log
build scores.safetensors >/dev/null
"$NETC" predict scores.safetensors 6.3,3.3,6.0,2.5 --json >flower.jsonl
check fields scores.html flower.jsonl 6.3 3.3 6.0 2.5 >/dev/null

# ---- values of all types, to the bit

cat >types.net <<'END'
input x: f32[N, 4]
input d: f64[N, 4]
input i: i32[N] in 0..10
input b: u8[N]
param w: f32[4, 3] = normal(0, 1)
param q: f64[4, 3] = normal(0, 1)
output y = softmax(x @ w)
output z = d @ q
output e = exp(d)
output k = i * 3 + 1
output quotient = 100 / i32(b)
output right = x > 0
END
# Products and sums of any size, whose fused multiply-adds are functions there.
cat >fused.net <<'END'
input p: f32[N, 4000, 2]
input q: f32[N, 4000, 2]
input r: f64[N, 4000, 2]
input s: f64[N, 4000, 2]
output y = sum(p * q, axis = 2)
output z = sum(r * s, axis = 2)
END
cat >feed.py <<'END'
import json, random, struct
CODES = {"f32": "f", "f64": "d", "i32": "i", "u8": "B"}
def feed(program, *inputs):
    for name, dtype, shape, numbers in inputs:
        kind = {"f32": "<f4", "f64": "<f8", "i32": "<i4", "u8": "|u1"}[dtype]
        header = "{'descr': '%s', 'fortran_order': False, 'shape': (1, %s), }" % (kind, "".join("%d, " % s for s in shape))
        header += " " * (-(len(header) + 11) % 64) + "\n"
        data = struct.pack("<%d%s" % (len(numbers), CODES[dtype]), *numbers)
        open(name + ".npy", "wb").write(b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header.encode() + data)
    json.dump([(name, dtype, numbers) for name, dtype, _, numbers in inputs], open(program + ".inputs", "w"))
feed("types", ("x", "f32", [4], [0.1, -2.5, 3e-39, 7.25]), ("d", "f64", [4], [1e-300, -0.1, 3.3, 1e5 / 7]),
     ("i", "i32", [], [9]), ("b", "u8", [], [7]))
def pick(bits, code):  # of few bits or many, small, large, or below the normal numbers
    exponents, fraction = {32: (255, 23), 64: (2047, 52)}[bits]
    middle = exponents // 2
    exponent = random.choice([0, random.randrange(exponents), middle + random.randint(-60, 60), middle // 2 + random.randint(-12, 12)])
    word = random.getrandbits(1) << bits - 1 | exponent << fraction | random.choice([0, 1, random.getrandbits(fraction)])
    return struct.unpack("<" + code, word.to_bytes(bits // 8, "little"))[0]
def pairs(bits, code):  # 1 * addend + p * q, of which many almost cancel
    left, right = [], []
    for _ in range(4000):
        p, q, addend = pick(bits, code), pick(bits, code), pick(bits, code)
        if random.random() < 0.5 and abs(p * q) < 3e38:
            addend = struct.unpack(code, struct.pack(code, -p * q))[0]
        elif random.random() < 0.2:  # halfway between two numbers, but for a little
            digits = 24 if bits == 32 else 53
            p, q = 1 + 0.5 ** (digits // 2), 1 + 0.5 ** (digits - digits // 2)
            addend = random.choice([-1, 1]) * 0.5 ** random.randint(2 * digits, 5 * digits)
        left += [1.0, p]
        right += [addend, q]
    return left, right
random.seed(1)
(p, q), (r, s) = pairs(32, "f"), pairs(64, "d")
feed("fused", ("p", "f32", [4000, 2], p), ("q", "f32", [4000, 2], q), ("r", "f64", [4000, 2], r), ("s", "f64", [4000, 2], s))
END
python3 feed.py
# same PROGRAM OUTPUTS INPUT...
same() {
  local program=$1 outputs=$2 input feeds=()
  shift 2
  for input in "$@"; do feeds+=(--feed "$input=$input.npy"); done
  build "$program.net" --math portable >/dev/null
  check module "$program.html"
  "$NETC" run "$program.net" --fetch "$outputs" "${feeds[@]}" --math portable --json >"$program.json"
  check values "$program.html" "$program.inputs" "$program.json"
}
same fused y,z p q r s
same types y,z,e,k,quotient,right x d i b

# ---- what programs get wrong

given='x: new Float32Array(4), d: new Float64Array(4)'
check says types.html "types.net:11: an index or a divisor has no meaning: 0" \
  "netc.predict({ $given, i: Int32Array.of(3), b: Uint8Array.of(0) })"
check says types.html "lies outside its range" "netc.predict({ $given, i: Int32Array.of(10), b: Uint8Array.of(1) })"
check says types.html "input b is missing" "netc.predict({ $given, i: Int32Array.of(1) })"
check says types.html "there are several inputs" "netc.predict(new Uint8Array(4))"
check says page.html "image is u8[N, 28, 28, 1]: a sample has 784 bytes, not 783" "netc.predict(new Uint8Array(783))"
check says page.html "input image is missing" "netc.predict('text')"

exit $bad
