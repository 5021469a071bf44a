#!/bin/bash
# What plan prints agrees with itself, with check and with the batch.
set -euo pipefail

net=$SOURCE_DIR/examples/mnist/mnist.net
fail() {
  echo "$1"
  cat plan
  exit 1
}
# number TEXT: the number that stands before the text in the totals.
number() { grep -oE -- "[0-9.]+ $1" plan | head -1 | grep -oE '^[0-9.]+'; }
# near A B: equal but for rounding.
near() { awk -v a="$1" -v b="$2" 'BEGIN { d = a - b; if (d < 0) d = -d; exit !(d <= 0.06 + 2e-3 * b) }'; }

# memory: what a step needs with one thread.
memory() { sed -nE 's/^memory +([0-9.]+) MB at batch [0-9]+, and ([0-9.]+) MB .*/\1 \2/p' plan | awk '{ print $1 + $2 }'; }

for batch in 1 7 128; do
  "$NETC" plan "$net" --batch $batch >plan
  grep -q "batch $batch" plan || fail "no batch"
  [ "$(number values)" = 218490 ] || fail "218490 params are expected"
  sum=$(sed '/^params/,$d' plan | grep -oE ' [0-9]+\.[0-9]{3}  (loop|same loop|BLAS|tile)' | awk '{ total += $1 } END { print total }')
  near "$sum" "$(number 'MFLOP a step')" || fail "the lines' MFLOP are $sum"
  each=$(grep -oE '[0-9.]+ a sample' plan | grep -oE '^[0-9.]+')
  near "$(awk -v a="$each" -v b=$batch 'BEGIN { print a * b }')" "$sum" || fail "$each a sample"
  # 218,490 values of 4 bytes, twice that for Adam.
  grep -q "values, 0.87 MB; optimizer state and metrics 1.75 MB" plan || fail "the sizes are others"
  alive=$(grep -oE '^at most +[0-9.]+' plan | grep -oE '[0-9.]+') arena=$(memory)
  awk -v a="$alive" -v b="$arena" 'BEGIN { exit !(a > 0 && a <= b + 0.011) }' || fail "more is alive than the arena holds"
done
"$NETC" check "$net" | grep -q ' 218490 values' || fail "check counts others"
# What a thread needs does not depend on the batch; what is shared hardly does.
"$NETC" plan "$net" --batch 128 | grep -oE '[0-9.]+ MB for each thread' >thread128
"$NETC" plan "$net" --batch 8192 | grep -oE '[0-9.]+ MB for each thread' | cmp - thread128 || fail "a thread needs more for a larger batch"
# A terminal of 80 columns holds it; long types and paths give way.
export LC_ALL=C TERM=xterm COLUMNS=80
python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' "$NETC" plan "$net" </dev/null | tr -d '\r' >plan
sed 1d plan | awk 'length > 80 { exit 1 }' || fail "wider than 80 columns"
grep -q '  ~weights.c1  ' plan || fail "no path was cut"
grep -q '  ~[0-9, ]*, 4, 4, 16\]  ' plan || fail "no type was cut"
unset COLUMNS
# Prediction needs less than training.
"$NETC" plan "$net" --graph predict >plan
grep -q '^predict of' plan || fail "another graph"
less=$(memory)
awk -v a="$less" -v b="$arena" 'BEGIN { exit !(a < b) }' || fail "prediction needs as much as training"

# A limit of memory: what is too large is refused with what would do, and that does.
refused() { # HELP OPTION...
  local help=$1 code=0
  shift
  "$NETC" plan "$net" "$@" >plan 2>&1 || code=$?
  [ $code = 1 ] && grep -q '^error\[E0504\]' plan && grep -qF "help: $help" plan || fail "$*: exit $code"
}
refused "even a batch of 1 on one thread needs" --max-memory 1M
refused "fewer threads would do: --threads 1" --max-memory 14M --threads 8
refused "a smaller batch would do: --batch " --max-memory 20M --batch 100000 --threads 1
fits=$(grep -oE -- '--batch [0-9]+' plan)
"$NETC" plan "$net" --max-memory 20M --threads 1 $fits >plan || fail "what was said to fit does not"
refused "a smaller batch would do" --max-memory 20M --threads 1 --batch $((${fits#* } + 1))
refused "fewer threads and a smaller batch would do: --threads 1 --batch " --max-memory 12M --batch 10000 --threads 9
"$NETC" plan "$net" --max-memory 1.5G >plan || fail "a large limit"
for wrong in "" x 1x -3 0 1MM 1e99G; do
  code=0
  "$NETC" plan "$net" --max-memory "$wrong" >plan 2>&1 || code=$?
  [ $code = 2 ] || fail "--max-memory '$wrong': exit $code"
done
code=0
"$NETC" train "$net" --data "$SOURCE_DIR/tests/data" --max-memory 2M >plan 2>&1 || code=$?
[ $code = 1 ] && grep -q '^error\[E0504\]' plan && [ ! -e mnist.safetensors ] || fail "train: exit $code"
