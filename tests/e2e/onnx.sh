#!/bin/bash
# netc build --emit=onnx: the examples' models are those of tests/fixtures/onnx (UPDATE=1 writes them), with the params of the
# file or the checkpoint; and what cannot be exported is said clearly. That other programs compute the same from them is checked
# by tests/fixtures/check_onnx.py.
set -euo pipefail

fixtures=$SOURCE_DIR/tests/fixtures/onnx
bad=0
fail() {
  echo "$1"
  bad=1
}
list() { python3 "$SOURCE_DIR/tests/tools/list_onnx.py" "$@"; }
build() { "$NETC" build --emit=onnx "$@"; }

# Each example, twice, the second time from another folder.
count=0
for file in "$SOURCE_DIR"/examples/*/*.net; do
  grep -q '^output ' "$file" || continue
  name=$(basename "$file" .net)
  build "$file" >log || fail "$name: $(cat log)"
  list "$name.onnx" >"$name.txt"
  [ -z "${UPDATE:-}" ] || cp "$name.txt" "$fixtures/$name.txt"
  diff "$fixtures/$name.txt" "$name.txt" || fail "$name: another model"
  (cd "$(dirname "$file")" && build "$(basename "$file")" -o "$OLDPWD/again.onnx" >/dev/null)
  cmp "$name.onnx" again.onnx || fail "$name: other bytes from another folder"
  count=$((count + 1))
done
[ $count -ge 9 ] || fail "only $count examples have an output"

# Params: a convolution's kernel [3, 3, 16, 32] is [32, 16, 3, 3] there; first values follow the seed.
mnist=$SOURCE_DIR/examples/mnist/mnist.net
# params FILE.onnx SOURCE [OPTION...]: of what netc run has of the source.
params() {
  local model=$1 source=$2
  shift 2
  for param in weights.c3 weights.d2 biases.d1; do
    "$NETC" run "$source" --fetch $param --json "$@" >value.json
    list "$model" $param >elements
    python3 - value.json elements $param <<'END' || fail "$model: other elements of $param"
import json, sys
value = json.load(open(sys.argv[1]))[0]["values"]
got = [float(line) for line in open(sys.argv[2])]
flat = lambda v: [x for item in v for x in flat(item)] if isinstance(v, list) else [v]
if sys.argv[3] == "weights.c3":
    want = [value[r][s][c][o] for o in range(32) for c in range(16) for r in range(3) for s in range(3)]
else:
    want = flat(value)
assert len(want) == len(got) and all(abs(a - b) <= 1e-6 * abs(a) for a, b in zip(want, got))
END
  done
}
params mnist.onnx "$mnist"
build "$mnist" --seed 7 -o seven.onnx >log
grep -q "first values" log || fail "nothing says that the params are not trained"
! cmp -s mnist.onnx seven.onnx || fail "--seed changes nothing"
params seven.onnx "$mnist" --seed 7
"$NETC" train "$mnist" --data "$SOURCE_DIR/tests/data" --epochs 1 --out trained.safetensors >/dev/null
build trained.safetensors >log
! grep -q "first values" log || fail "$(cat log)"
params trained.onnx trained.safetensors
list trained.onnx >list
grep -qx "metadata netc.step = 16" list || fail "$(grep metadata list)"
diff <(grep -v metadata mnist.txt) <(grep -v metadata list) || fail "a checkpoint has another graph"

# Params as inputs; other outputs.
build trained.safetensors --weights=none -o none.onnx >/dev/null
list none.onnx >list
grep -qx 'input weights.c3: f32\[3, 3, 16, 32\]' list || fail "no input weights.c3"
[ "$(stat -c %s none.onnx)" -lt 10000 ] || fail "the params are there all the same"
build trained.safetensors --fetch 'convnet.p2, logits, argmax(logits)' -o fetched.onnx >/dev/null
list fetched.onnx >list
grep '^output' list | diff - /dev/fd/3 3<<'END' || fail "other outputs"
output convnet.p2: f32[N, 7, 7, 32]
output logits: f32[N, 10]
output argmax(logits): i64[N]
END

# What was brought to another layout may come back to it for another reason.
printf '%s\n' 'input x: f32[N, 4, 4, 4]' 'y = transpose(Conv(4, 1)(x), [0, 3, 1, 2]) * 2' 'output z = y + x' >turned.net
build turned.net >/dev/null
list turned.onnx >list
[ "$(grep -oE '= [A-Z][A-Za-z]+\([^)]*\)' list)" = "= Transpose(x)
= Conv(x/Transpose, conv1.kernel, conv1.bias)
= Mul(conv1, f32(2.0)
= Add(y, x)" ] || fail "turned: $(grep ' = ' list)"

# What is used twice is as it was: a convolution without its bias, a maximum without the axis.
cat >shared.net <<'END'
input x: f32[N, 6, 8]
param k: f32[3, 8, 4] = xavier
param b: f32[4] = zeros
c = conv(x, k)
output y = c + b
output z = c * 2
m = max(x, axis = 2)
output shifted = x - repeat(m, x, 2)
output largest = m + 1
END
build shared.net >/dev/null
list shared.onnx >list
for node in 'c = Conv(x/Transpose, k)' 'y/Add = Add(c, b)' 'm = ReduceMax(x) axes=2 keepdims=0 : f32[N, 6]'; do
  grep -qF "$node" list || fail "shared: no $node: $(grep ' = ' list)"
done

# expect CODE TEXT ARGUMENT...: the text is said, and nothing is written.
expect() {
  local code=$1 text=$2 got=0
  shift 2
  rm -rf x.onnx
  "$NETC" build "$@" >out 2>err </dev/null || got=$?
  [ $got -eq "$code" ] || fail "build $*: exit $got instead of $code: $(cat err)"
  grep -qF -- "$text" err || fail "build $*: does not say '$text': $(cat err)"
  [ ! -e x.onnx ] || fail "build $*: writes x.onnx"
}
program() { printf '%s\n' "$@" >x.net; }

expect 2 "--emit says what to write: c, obj" "$mnist"
expect 2 "did you mean 'onnx'?" "$mnist" --emit=onxn
expect 2 "a file is missing" --emit=onnx
expect 2 "did you mean 'embed'?" "$mnist" --emit=onnx --weights=embd
expect 2 "missing after '-o'" "$mnist" --emit=onnx -o
expect 2 "unknown option '--epochs=3'" "$mnist" --emit=onnx --epochs=3
expect 2 "one file at a time" "$mnist" "$mnist" --emit=onnx
expect 1 "cannot read absent.net" absent.net --emit=onnx
expect 1 "cannot create it in the folder absent" "$mnist" --emit=onnx -o absent/x.onnx
mkdir folder
expect 1 "folder" "$mnist" --emit=onnx -o folder
expect 1 "empty" "$mnist" --emit=onnx -o ''
expect 1 "did you mean" "$mnist" --emit=onnx --fetch convnet.p3
expect 1 "<stdin> has no output to export" - --emit=onnx
head -c 70000 trained.safetensors >damaged.safetensors
expect 1 "damaged.safetensors" damaged.safetensors --emit=onnx
cp trained.safetensors same.safetensors
expect 2 "-o names the file that is read" same.safetensors --emit=onnx -o same.safetensors
program 'input x: f32[N, 3]' 'y = x'
expect 1 "has no output to export: add \`output NAME = value\`" x.net --emit=onnx
program 'input x: f32[N, 3]' 'output y = x +'
expect 1 "E0001" x.net --emit=onnx
program 'input x: f32[N, 8, 8, 1]' 'output heat = grad(sum(maxpool(x, 2)), x)'
expect 1 "error[E0701]: ONNX has nothing like the operator window_max_scatter" x.net --emit=onnx
grep -qF -- "--> x.net:2:" err && grep -qF "help: leave out what needs it" err || fail "$(cat err)"
program 'input x: f32[N, 3]' 'output y = x + random(shape(x))'
expect 1 "error[E0701]: ONNX has nothing like the operator random" x.net --emit=onnx
program 'output y = iota([N, 3], axis = 0)'
expect 1 "error[E0701]: N, the size of the batch, is that of no input here" x.net --emit=onnx
program 'input x: i64[N, 4, 4, 1]' 'output y = maxpool(x, 2)'
expect 1 "help: cast to f64 before it" x.net --emit=onnx
program 'input x: f32[N, 30000]' 'param w: f32[30000, 30000] = zeros' 'output y = x @ w'
expect 1 "help: leave them out with --weights=none" x.net --emit=onnx
build x.net --weights=none >/dev/null || fail "--weights=none does not leave out what is too large"
program 'input x: f32[N, 2]' 'param w: f32[2] = from_file("absent.npy")' 'output y = x * w'
expect 1 "absent.npy" x.net --emit=onnx
exit $bad
