#!/bin/bash
# plan --profile: rows that add up, the same work as the plan's, attribution, pictures, and what is refused. Times are not tested.
set -euo pipefail
export LC_ALL=C.UTF-8

mnist=$SOURCE_DIR/examples/mnist/mnist.net
iris=$SOURCE_DIR/examples/iris/mlp.net
fail() {
  echo "$1"
  cat out err
  exit 1
}
profile() { "$NETC" plan "$@" --profile --seconds 1 >out 2>err; }

# ---- the table: each row has its columns, what stands below adds up, and the work is the plan's.
profile "$mnist" --batch 32 || fail "exit status $?"
title() { sed '/^$/,$d' out | tr '\n' ' ' | tr -s ' '; }
title | grep -q '^train_step of .*mnist.net, batch 32, for native (.*), one thread, on random numbers $' || fail "another title"
grep -qE '^line +for +part +time +share +MFLOP +MB +GFLOP/s +of peak$' out || fail "other heads"
work=$("$NETC" plan "$mnist" --batch 32 | sed -nE 's/^work +([0-9.]+) MFLOP a step.*/\1/p')
python3 - "$work" <<'END_PY' || fail "the rows do not add up"
import re, sys
lines = open("out").read().split("\n")
begin = next(i for i, line in enumerate(lines) if line.startswith("line  for"))
ends = lines.index("", begin)
row = re.compile(r" *(\d+)?  (\S+) +(forward|gradient|update) +([\d.]+) (s|ms|us) +([\d.]+) % +([\d.]+) +([\d.]+) +(-|[\d.]+) +(-|[\d.]+ %)$")
total = re.compile(r" +(forward|gradient|update|between kernels|all) +([\d.]+) (?:s|ms|us) +([\d.]+) % +([\d.]+) +([\d.]+) ")
rows = [row.match(line) for line in lines[begin + 1:ends]]
assert rows and all(rows), lines
sums = {m[1]: m for m in map(total.match, lines[ends + 1:]) if m}
assert list(sums) == ["forward", "gradient", "update", "between kernels", "all"], sums
for part in ("forward", "gradient", "update"):
    own = [r for r in rows if r[3] == part]
    assert own and len({(r[1], r[2]) for r in own}) == len(own), "a node stands twice"
    for column, of in ((4, 2), (7, 4), (8, 5)):
        assert abs(sum(float(r[column]) for r in own) - float(sums[part][of])) <= 0.0006 * (len(own) + 1), (part, column)
for of in (2, 3, 4, 5):
    parts = sum(float(sums[name][of]) for name in sums if name != "all")
    assert abs(parts - float(sums["all"][of])) <= 0.3, of
assert sums["all"][3] == "100.0"
assert abs(float(sums["all"][4]) - float(sys.argv[1])) < 0.06, (sums["all"][4], sys.argv)
times = [float(r[4]) for r in rows]
assert times == sorted(times, reverse=True), "the longest come first"
found = {(r[2], r[3]): r[1] for r in rows}
for layer, line in (("convnet.c1", "24"), ("convnet.c2", "24"), ("convnet.c4", "24"), ("convnet.p1", "29"), ("convnet.d1", "34")):
    assert found[layer, "forward"] == line and found[layer, "gradient"] == line, layer
assert ("weights.c4", "update") in found and ("grad(weights.c4)", "gradient") not in found, found
END_PY
grep -qE '^peak +[0-9.]+ GFLOP/s of f32' out && grep -qE '^clock +read [0-9]+ times a step, [0-9]+ ns each' out || fail "no peak or clock"
grep -qE '^steps +[0-9]+ measured; means of the fastest [0-9]+$' out || fail "no steps"

# ---- JSON: each call, on the file's data; the same gradient of a layer goes to it, whatever it is fused with.
profile "$iris" --json || fail "exit status $?"
python3 - <<'END_PY' || fail "other JSON"
import json
told = json.load(open("out"))
assert (told["graph"], told["batch"], told["dataset"]) == ("train_step", 16, "iris_train"), told
rows, steps = told["rows"], told["steps"]
assert 1 <= steps <= 1000 and told["peak"]["f32"] > 0
assert abs(sum(row["seconds"] for row in rows) + told["between"] - told["seconds"]) < 1e-9
assert abs(sum(row["share"] for row in rows) + told["between"] / told["seconds"] - 1) < 1e-9
for row in rows:
    for what in ("seconds", "flops", "bytes"):
        assert abs(sum(call[what] for call in row["calls"]) - row[what]) <= 1e-9 * (1 + row[what]), (row, what)
# 16 samples by 4 values, 4 by 16 weights, 16 biases, 16 by 16 results: what the first product goes through
calls = [call for row in rows for call in row["calls"] if call["result"] == "f32[N, 16]" and call["computes"] == "matmul"]
assert any(call["flops"] >= 2 * 16 * 4 * 16 and call["bytes"] == 4 * (16 * 4 + 4 * 16 + 16 + 16 * 16) for call in calls), calls
assert sum(call["times"] for row in rows for call in row["calls"]) <= told["clock"]["reads"]
END_PY

# ---- any graph, inputs of every dtype, f64, none at all; a prediction fused with what pools it is the convolution's.
cat >all.net <<'END'
input a: f32[N, 6]
input b: u8[N, 6]
input c: i64[N] in 0..3
input d: bool[N, 6]
param w: f32[6, 6] = normal(0.1)
param t: f64[3, 6] = ones
x = select(d, a, f32(b) / 255) @ w
output y = sum(f64(x) * gather(t, c), axis = [1])
END
cat >none.net <<'END'
param w: f32[300, 300] = normal(0.1)
output y = w @ w
END
profile all.net --batch 3 || fail "any dtype: exit status $?"
title | grep -q 'on random numbers' || fail "it is not said what it runs on"
grep -qE 'of f32, [0-9.]+ of f64' out || fail "no peak of f64"
profile none.net || fail "no inputs: exit status $?"
! grep -q 'random' out || fail "there are no inputs that could be random"
for graph in initialize predict evaluate metrics; do
  profile "$mnist" --batch 5 --graph $graph || fail "$graph: exit status $?"
  grep -q "^$graph of" out || fail "another graph than $graph"
done
profile "$mnist" --batch 5 --graph predict --math portable --json || fail "portable"
python3 -c '
import json
rows = {(row["line"], row["for"]): row for row in json.load(open("out"))["rows"]}
assert rows[24, "convnet.c2"]["flops"] >= 5 * 28 * 28 * 9 * 16 * 16 * 2, rows.keys()' || fail "the pooled convolution is another's"
"$NETC" train "$iris" --epochs 1 --out iris.safetensors >out 2>err || fail "training"
profile iris.safetensors --data "$SOURCE_DIR/examples/iris" || fail "a checkpoint: exit status $?"

# ---- pictures, whose texts lie apart from each other and from lines
for form in svg png; do
  profile "$mnist" --batch 16 --plot bars.$form || fail "--plot: exit status $?"
  grep -q "^drawn bars.$form" out || fail "not drawn"
done
mv bars.png other.png # of another measurement
"$SOURCE_DIR/tests/tools/svg.py" bars.svg || fail "texts of the picture"
grep -q '>convnet.c2  24<' bars.svg && grep -q ' % of peak<' bars.svg || fail "no bars in the picture"

# ---- Ctrl-C, once its handler is there, ends it with what was measured
python3 - "$NETC" "$mnist" <<'END_PY' >out 2>err || fail "Ctrl-C"
import re, signal, subprocess, sys, time
process = subprocess.Popen([sys.argv[1], "plan", sys.argv[2], "--batch", "2048", "--profile", "--seconds", "900"],
                           stdout=subprocess.PIPE, text=True)
def catches():
    mask = re.search(r"SigCgt:\s*(\w+)", open(f"/proc/{process.pid}/status").read())[1]
    return int(mask, 16) >> signal.SIGINT - 1 & 1
while process.poll() is None and not catches():
    time.sleep(0.05)
time.sleep(2)
process.send_signal(signal.SIGINT)
text = process.communicate()[0]
print(text)
# Two steps are not looked at; a slow machine may not have done more.
assert process.returncode == 4 and ("; interrupted\n" in text or not text), process.returncode
END_PY

# ---- refused
refused() { # CODE TEXT ARGUMENT...
  local want=$1 text=$2 code=0
  shift 2
  "$NETC" plan "$@" >out 2>err || code=$?
  [ $code = "$want" ] && grep -qF -- "$text" err && [ ! -s out ] || fail "$*: exit $code"
}
refused 2 "--profile times one thread: leave --threads out" "$iris" --profile --threads 2
refused 2 "this machine cannot run code for generic" "$iris" --profile --target riscv64-linux-gnu
refused 2 "unknown processor 'z80'" "$iris" --profile --cpu z80
refused 2 "--plot goes with --profile" "$iris" --plot a.svg
refused 2 "--json goes with --profile" "$iris" --json
refused 2 "--data goes with --profile" "$iris" --data .
refused 2 "a name that ends in .svg or .png" "$iris" --profile --plot a.gif
refused 1 "cannot create it" "$iris" --profile --plot /no/where/a.svg
refused 2 "--seconds takes a whole number" "$iris" --profile --seconds 0
refused 1 "there is no data set 'nix'" "$iris" --profile --dataset nix
refused 1 "there is no graph 'nix'" "$iris" --profile --graph nix
refused 1 "data file not found" "$mnist" --profile --data /no/where
refused 1 "error[E0504]" "$iris" --profile --max-memory 1k
refused 2 "no value goes with" "$iris" --profile=1
echo 'y = x @ z' >bad.net
refused 1 "error[E0101]" bad.net --profile
cat >range.net <<'END'
input i: i32[N]
param t: f32[1] = ones
output y = gather(t, i)
END
refused 1 "inputs were random numbers: declare the ranges of integers" range.net --profile --batch 64
