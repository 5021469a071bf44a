#!/bin/bash
# netc gradcheck: derivatives against differences, and compiled code against the references.
set -euo pipefail
fail() {
  echo "$1"
  exit 1
}
check() { "$NETC" gradcheck "$@"; }

# Every example is right, on its data or on random numbers.
for net in $(grep -l '^train' "$SOURCE_DIR"/examples/*/*.net); do
  check "$net" --samples 2 --batch 2 >out || fail "$net: $(cat out)"
  grep -qE '^emitted C, portable  .* [0-9.e-]+$' out || fail "$net: the C was not compared: $(cat out)"
  LC_ALL=C.UTF-8 awk 'length($0) > 80 { exit 1 }' out || fail "$net: a line is too long: $(cat out)"
done

# A gradient that is another function's: the element, the line, and why.
cat >wrong.net <<'END'
input x: f32[N, 4]
param w: f32[4] = ones
param b: f32 = zeros
fn halved(v) = v + stop_gradient(v)
scaled = x * halved(w)
loss = mean(scaled * scaled) + b * b
END
status=0
check wrong.net >out 2>err || status=$?
[ $status = 1 ] || fail "exit status $status: $(cat out err)"
grep -qE '^w +4 +4 +0 .* 5\.0e-01 !$' out || fail "$(cat out)"
grep -qE '^b +1 +1 +0 .*[0-9]$' out || fail "$(cat out)"
grep -qE '^error\[E0432\]: the gradient of loss by w\[[0-3]\] is [-0-9.]+, but the slope of the value is [-0-9.]+$' err || fail "$(cat err)"
grep -qF ' --> wrong.net:2:7' err && grep -qF ' --> wrong.net:4:20' err || fail "$(cat err)"
grep -qF 'note: 4 of 4 elements that were checked differ by more than 1e-05' err || fail "$(cat err)"
grep -qF 'note: stop_gradient is on the way: with its value held fixed they agree' err || fail "$(cat err)"
check wrong.net --wrt b >out 2>err || fail "b is right: $(cat out err)"
check wrong.net --tolerance 0.9 >/dev/null || fail "within so large a tolerance"
status=0
check wrong.net --json --message-format json >out 2>err || status=$?
[ $status = 1 ] || fail "exit status $status"
python3 - <<'END' || fail "$(cat out err)"
import json
told = json.load(open("out"))
w, b = told["gradients"]
assert (told["of"], told["samples"], told["tolerance"]) == ("loss", 4, 1e-5), told
assert (w["name"], w["wrong"], w["stop_gradient"]) == ("w", 4, True), w
assert abs(w["worst"]["slope"] - 2 * w["worst"]["gradient"]) < 1e-6, w
assert (b["wrong"], b["stop_gradient"]) == (0, False), b
assert [way["way"] for way in told["ways"]] == ["compiled code", "compiled code, fast",
                                                "compiled code, portable", "emitted C, portable"], told
assert all(way["difference"] < way["bound"] for way in told["ways"]), told
assert json.loads(open("err").readline())["code"] == "E0432"
END

# Kinks at the very point are counted, and are no errors.
cat >kinks.net <<'END'
input x: f32[N, 3]
param w: f32[3] = 1
loss = sum(relu(x) * w)
END
python3 - <<'END'
import struct
header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".ljust(117) + "\n"
open("x.npy", "wb").write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
                          + struct.pack("<6f", 0, 0, 1, 0, -1, 2))
END
check kinks.net --wrt x,w --feed x=x.npy >out || fail "$(cat out)"
grep -qE '^x +6 +6 +3 ' out && grep -qE '^w +3 +3 +0 ' out || fail "$(cat out)"
grep -qF 'on 2 samples that are fed' out || fail "$(cat out)"

# The same seed checks the same elements; data that are not there are random numbers, but not where they are asked for.
cp "$SOURCE_DIR/examples/iris/mlp.net" .
check mlp.net >out
grep -qF 'on 4 samples of random numbers' out || fail "$(cat out)"
check mlp.net >again && cmp out again || fail "twice is not the same"
check mlp.net --seed 2 >again
! cmp -s out again || fail "the seed changes nothing"
cp "$SOURCE_DIR/examples/iris/iris.csv" .
check mlp.net --dataset iris_train --batch 3 >out
grep -qF 'on 3 samples of iris_train' out || fail "the data set: $(cat out)"
"$NETC" train mlp.net --epochs 1 >/dev/null
check mlp.safetensors --samples 3 >out || fail "a checkpoint: $(cat out)"
mv iris.csv elsewhere.csv

# The C compiler is $CC, of several words, and leaves nothing behind. Where there is none, or it fails, there is nothing to compare.
cat >cc.sh <<'END'
#!/bin/sh
echo "$@" >>"$(dirname "$0")/arguments"
exec cc "$@"
END
chmod +x cc.sh
mkdir temporary
TMPDIR=$PWD/temporary CC="$PWD/cc.sh  -DMORE" check kinks.net --wrt w >out 2>err || fail "$(cat out err)"
grep -qF -- '-DMORE -O1' arguments && grep -qE '^emitted C, portable +[a-z]+ ' out || fail "$(cat arguments out)"
[ -z "$(ls temporary)" ] || fail "left behind: $(ls temporary)"
no_compiler() { # TEXT, with CC and TMPDIR set
  check kinks.net --wrt w >out 2>err || fail "exit status $? without a C compiler: $(cat out err)"
  grep -qE '^emitted C, portable +no C compiler: not compared$' out || fail "$(cat out)"
  [ "$(wc -l <err)" = $(($# > 0)) ] || fail "$(cat err)"
  [ $# = 0 ] || grep -qF -- "$1" err || fail "$1 is not said: $(cat err)"
}
CC=none-cc no_compiler
CC='  ' no_compiler
CC=false no_compiler 'netc: false failed: it does not say why'
CC='sh -c kill\ $$' no_compiler 'netc: sh'
CC=/ no_compiler 'netc: cannot run /: '
CC=true no_compiler 'netc: cannot load what the C compiler made'
printf '#!/bin/sh\nprintf "a\\033[31mb\\nmore\\n" >&2\nexit 1\n' >cc.sh
CC=./cc.sh no_compiler 'netc: ./cc.sh failed: a'
TMPDIR=/none no_compiler 'netc: cannot make the folder /none/netc-c.'
CC=none-cc check kinks.net --wrt w --json | python3 -c 'import json, sys
way = json.load(sys.stdin)["ways"][3]
assert (way["where"], way["difference"]) == (None, None), way' || fail "JSON without a C compiler"

# C that computes something else is found, be it in its last bit.
printf 'input x: f32[N, 3]\nparam w: f32[3] = 1\nloss = sum(x * w) * 1.5\n' >scaled.net
other() { # WHAT TEXT
  printf '#!/bin/sh\nsed "%s" | cc "$@"\n' "$1" >cc.sh
  local status=0
  CC=./cc.sh check scaled.net >out 2>err || status=$?
  [ $status = 1 ] || fail "exit status $status: $(cat out err)"
  grep -qE '^emitted C, portable .* !$' out && grep -qF -- "$2" err || fail "$(cat out err)"
}
other 's/1\.5f/1.75f/' 'netc: emitted C, portable gives another loss than the references: they differ by 0.17 of'
other 's/1\.5f/1.5000001f/' 'netc: emitted C, portable gives other bits of '

# ---- what is wrong
refuse() { # STATUS TEXT ARGUMENT…
  local status=0 want=$1 text=$2
  shift 2
  check "$@" >out 2>&1 || status=$?
  [ $status = "$want" ] || fail "exit status $status of $*: $(cat out)"
  grep -qF -- "$text" out || fail "$text is not said of $*: $(cat out)"
}
refuse 1 'iris.csv: data file not found' mlp.net --data .
refuse 1 'iris.csv: data file not found' mlp.net --dataset iris
refuse 1 "there is no data set 'irs'" mlp.net --dataset irs
refuse 1 'the program has no input y; it has x' kinks.net --feed y=x.npy
refuse 1 'none.npy: cannot open it' kinks.net --feed x=none.npy
refuse 2 '--feed gives the samples; --dataset is for a data set' kinks.net --feed x=x.npy --dataset d
refuse 2 '--tolerance takes a number above 0 and below 1' kinks.net --tolerance 0
refuse 2 '--tolerance takes a number above 0 and below 1' kinks.net --tolerance 1e-5x
refuse 2 '--samples takes a whole number' kinks.net --samples 0
refuse 2 "did you mean '--samples'?" kinks.net --sample 3
refuse 1 'help: did you mean loss?' kinks.net --of los
refuse 1 'help: did you mean w?' kinks.net --wrt ww
refuse 1 'what is differentiated must be one number, but is f32[N, 3]' kinks.net --of x
refuse 1 'cannot read none.net' none.net
refuse 1 '--of is empty: say what is differentiated' kinks.net --of ''
check kinks.net --of 1 >out || fail "a constant: $(cat out)"
grep -qE '^w +3 +3 +0 +0 +0$' out || fail "a gradient that is 0: $(cat out)"
printf 'input x: f32[N, 3]\ninput z: f32[N, 3]\nparam w: f32[3] = 1\nparam idle: f32[2] = 1\nq = z * 2\nloss = sum(x * w)\n' >idle.net
check idle.net --wrt q,idle,w >out 2>&1 || fail "what the loss does not need: $(cat out)"
printf 'param w: f32[4] = -0.5\nloss = sum(log(w))\n' >nan.net
refuse 1 'loss cannot be checked: it is not a number at this point' nan.net
printf 'input label: u8[N]\nparam w: f32[4] = xavier\nloss = sum(gather(w, label))\n' >label.net
refuse 1 'inputs were random numbers: declare the ranges of integers' label.net
sed -i 's/u8\[N\]/u8[N] in 0..4/' label.net
check label.net >/dev/null || fail "labels in their range"
