#!/bin/bash
# The library in other programs: each example is built against an installation and says what it should.
set -euo pipefail

net=$SOURCE_DIR/examples/mnist/mnist.net
data=$SOURCE_DIR/tests/data
fail() {
  echo "$1"
  exit 1
}
cmake --install "$(dirname "$NETC")" --prefix "$PWD/there" >log
export PKG_CONFIG_PATH=$PWD/there/lib/pkgconfig LD_LIBRARY_PATH=$PWD/there/lib

# build SOURCE PROGRAM
build() {
  # shellcheck disable=SC2046,SC2086
  gcc -std=c11 -Wall -Wextra -Werror $SANITIZERS $(pkg-config --cflags netc) "$1" -o "$2" $(pkg-config --libs netc)
}
# run PROGRAM: again, where the leak sanitizer itself fails when it stops the program's threads at the end, as it may on a busy
# machine. What it says of leaks counts.
run() {
  for _ in 1 2 3; do
    ./"$1" "$net" "$data" >"$1.out" 2>"$1.err" && return
    grep -q 'LeakSanitizer has encountered a fatal error' "$1.err" || break
  done
  cat "$1.err"
  return 1
}
for source in "$SOURCE_DIR"/examples/embed/*.c; do
  name=$(basename "$source" .c)
  build "$source" "$name"
  run "$name" || fail "$name: another exit status than 0"
done

# has NAME LINES REGEX: the example printed so many lines that match.
has() { [ "$(grep -cE "$3" "$1.out")" -eq "$2" ] || fail "$1: not $2 x '$3': $(cat "$1.out")"; }
has iterator 3 '^8 images of 28 x 28, labels( [0-9]){8}$'
[ "$(sort -u iterator.out | wc -l)" -eq 3 ] || fail "the same batch again: $(cat iterator.out)"
[ "$(cat session.out)" = $'c is 30\nc + a is 35' ] || fail "$(cat session.out)"
has variables 12 '^param +f32\[[0-9]+\] (weights|biases)\.'
has variables 24 '^state +f32\[[0-9]+\] adam\.[mv]\.'
has variables 1 '^biases.c1 is 1, in the other session 0$'
has variables 1 '^biases.c1 is 0 again$'
has feeding 1 '^a batch of 7 gives 7 x 10 probabilities$'
has train 8 '^epoch [12], step [0-9]+: loss [0-9.]+$'
awk '{ losses[NR] = $NF } END { exit !(losses[NR] < losses[1]) }' train.out || fail "$(cat train.out)"
has accuracy 1 '^accuracy nan, after'
[ "$(wc -l <accuracy.out)" -eq 5 ] || fail "$(cat accuracy.out)"
has fetch 2 '^loss: f32\[\]$|^convnet.p2: f32\[10, 7, 7, 32\]$'
has fetch 3 '(weights.c1|grad\(loss, weights.c1\)|adam.m\(weights.c1\)): f32\[3, 3, 1, 16\]$'
has predict 10 '^a [0-9], with probability [01]\.[0-9]{2}; it is a [0-9]$'
has save 1 '^went on to step 17$'

# The accuracy is what the command says.
"$NETC" train "$net" --data "$data" --epochs 1 --math portable --out trained >log
./accuracy trained "$data" >accuracy.out
[ "$("$NETC" eval trained --data "$data" --math portable | grep -o '[0-9.]*$')" = "$(tail -1 accuracy.out | grep -o '[0-9.]*$')" ] ||
  fail "$(cat accuracy.out)"
# A training by the library ends in the bytes of one by the command.
cmp trained embed.safetensors

# The document's program.
sed -n '/^```c$/,/^```$/p' "$SOURCE_DIR/docs/embed.md" | grep -v '^```' >worked.c
build worked.c worked
sed -n '/^```net$/,/^```$/p' "$SOURCE_DIR/docs/embed.md" | grep -v '^```' >line.net
./worked >worked.out
sed -n '/^```text$/,/^```$/p' "$SOURCE_DIR/docs/embed.md" | grep -v '^```' | diff - worked.out

# The same in a program whose locale has a comma in numbers; glibc keeps LOCPATH to itself for ever.
if localedef -i de_DE -f UTF-8 "$PWD/de_DE.UTF-8" 2>err; then
  { echo '#include <locale.h>' && echo '#include <assert.h>' && sed 's/NetcStatus status;/assert(setlocale(LC_ALL, "de_DE.UTF-8"));&/' worked.c; } >german.c
  build german.c german
  ASAN_OPTIONS=detect_leaks=0 LOCPATH=$PWD ./german | sed 's/\([0-9]\),\([0-9]\)/\1.\2/g' | diff worked.out -
fi

# Python, without NumPy where there is none; a sanitizer would have to be loaded before it.
[ -z "$SANITIZERS" ] || exit 0
export PYTHONPATH=$SOURCE_DIR/examples/embed PYTHONDONTWRITEBYTECODE=1
if python3 -c 'import numpy' 2>err; then
  python3 "$PYTHONPATH/feed_numpy.py" "$net" >numpy.out
  has numpy 4 'step [0-9]+: loss [0-9.]+, gradient \(3, 3, 1, 16\)$'
fi
python3 - "$net" <<'END'
import array, sys
from feed_numpy import *
program, session = open_session(sys.argv[1])
image = memoryview(bytes(range(256)) * 49).cast("B", [16, 28, 28, 1])
label = array.array("B", range(6)), array.array("B", [3] * 16)
first, = run(session, STEP, ["loss"], image=image, label=label[1])
for step in range(30):
    last, grad = run(session, STEP, ["loss", "grad(loss, weights.c1)"], image=image, label=label[1])
assert last[()] < first[()], (last[()], first[()])
assert grad.shape == (3, 3, 1, 16)
best, = run(session, EVALUATE, ["argmax(probabilities)"], image=image)
assert best.tolist() == [3] * 16, best.tolist()
try:
    run(session, STEP, [], image=image, label=label[0])
    assert False
except ValueError as error:
    assert str(error) == "input label has 6 samples, another one 16: they must have the same", error
netc.netc_session_close(session)
netc.netc_close(program)
END
