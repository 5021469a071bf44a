#!/bin/bash
# Machine code is kept between runs: the second run loads it without LLVM and gives the same bytes; what is not whole is made
# anew; nothing that hinders the cache hinders the run.
set -euo pipefail

data=$SOURCE_DIR/tests/data
fail() {
  echo "$1"
  exit 1
}
cat >net.net <<'END'
input image: u8[N, 28, 28]
input label: u8[N] in 0..10
param w: f32[784, 10] = xavier
param b: f32[10] = zeros
logits = flatten(f32(image) / 255) @ w + b
loss = mean(softmax_cross_entropy(logits, one_hot(label, 10)))
metric accuracy = mean(argmax(logits) == label)
dataset digits { image = idx("t10k-images-idx3-ubyte") label = idx("t10k-labels-idx1-ubyte") }
train { minimize = loss optimizer = adam(lr = 1e-2) data = digits validate = digits batch = 100 }
END
train() { "$NETC" train net.net --data "$data" "$@" >log 2>err; }
# quiet OUT ARGUMENT...: trains as the first time, with the same result and no complaint.
quiet() {
  train --out "$@" || fail "exit $?: $(cat err)"
  [ ! -s err ] || fail "complains: $(cat err)"
  cmp first "$1"
}
# with_llvm yes|no ARGUMENT...: trains, and LLVM is loaded or not.
with_llvm() {
  local expected=$1 loaded=no
  shift
  rm -f libs.*
  LD_DEBUG=libs LD_DEBUG_OUTPUT=libs quiet again "$@"
  if grep -q 'libLLVM' libs.*; then loaded=yes; fi
  [ $loaded = "$expected" ] || fail "LLVM loaded: $loaded, in: $*"
}
entries() { find "$1" -name '*.code' | wc -l; }

export NETC_CACHE=$PWD/kept/here
train --out first
[ "$(entries kept)" -eq 2 ] || fail "one run makes other than two entries, of training and of evaluation: $(ls -R kept)"
entry=$(ls -S kept/here/*.code | head -1)
[ "$(stat -c %a kept/here kept/here/*.code | tr '\n' ' ')" = "700 600 600 " ] || fail "$(ls -lR kept)"
cp "$entry" whole
with_llvm no
[ "$(entries kept)" -eq 2 ]
NETC_CACHE='' with_llvm yes

# What does not change the code does not change the entry; what does makes another.
train --out other --seed 7 --batch 30 --epochs 2 --threads 1
[ "$(entries kept)" -eq 2 ] || fail "seed, batch, epochs or threads made an entry"
"$NETC" eval first --data "$data" >/dev/null
[ "$(entries kept)" -eq 2 ] || fail "evaluation alone is other code than a training's"
train --out other --cpu x86-64
train --out other --cpu x86-64-v2
[ "$(entries kept)" -eq 6 ] || fail "other processors made no entries"
sed 's/= 1e-2/= 2e-2/' net.net >rate.net
"$NETC" train rate.net --data "$data" --out other >/dev/null
[ "$(entries kept)" -eq 7 ] || fail "another program made no entry"
other=$(ls kept/here/*.code | grep -v "$entry" | head -1)

# Entries that are not whole, another's, or another could have written are made anew.
# broken: the entry is not used, and is whole afterwards.
broken() {
  with_llvm yes
  cmp "$entry" whole || fail "the entry was not replaced"
}
size=$(stat -c %s whole)
for length in 0 1 7 8 40 79 80 150 $((size / 2)) $((size - 1)); do
  head -c $length whole >"$entry"
  broken
done
for at in 0 8 39 40 71 72 80 100 150 200 $((size / 2)) $((size - 1)); do
  byte=$(od -An -tu1 -j $at -N 1 whole)
  printf "\\$(printf %o $((byte ^ 64)))" | dd of="$entry" bs=1 seek=$at conv=notrunc status=none
  broken
done
echo >>"$entry"; broken
cp "$other" "$entry"; broken
chmod 666 "$entry"; broken
rm "$entry"; ln -s "$PWD/whole" "$entry"; broken
rm "$entry"; mkfifo "$entry"; broken
rm "$entry"; mkdir "$entry"
train --out again && cmp first again && grep -q 'note: no code is kept in .*: Is a directory' err || fail "$(cat err)"
rmdir "$entry"

# Places: XDG_CACHE_HOME if it is absolute, else HOME; or nowhere.
home() { env -u NETC_CACHE -u XDG_CACHE_HOME HOME="$PWD/home" "$@"; }
here() { train --out again && [ ! -s err ] && cmp first again; }
export -f train here
export data
home XDG_CACHE_HOME="$PWD/xdg" bash -c here && [ "$(entries xdg/netc)" -eq 2 ] || fail "not in XDG_CACHE_HOME"
home XDG_CACHE_HOME=relative bash -c here && [ "$(entries home/.cache/netc)" -eq 2 ] || fail "not in HOME"
rm -r home xdg
home NETC_CACHE= bash -c here && [ ! -e home ] && [ ! -e relative ] || fail "an empty NETC_CACHE does not turn it off"
env -u NETC_CACHE -u XDG_CACHE_HOME -u HOME bash -c here || fail "no HOME: $(cat err)"
env -u NETC_CACHE -u XDG_CACHE_HOME HOME=/dev/null bash -c here || fail "HOME=/dev/null: $(cat err)"

# A folder that was asked for and cannot be used is worth a note, and no more.
NETC_CACHE=/dev/null/x train --out again || fail "exit $?"
cmp first again
[ "$(cat err)" = "netc: note: no code is kept in NETC_CACHE=/dev/null/x: Not a directory" ] || fail "$(cat err)"
: >file
NETC_CACHE=file train --out again && cmp first again && grep -q 'note: .*NETC_CACHE=file' err || fail "$(cat err)"

# Several at once.
export NETC_CACHE=$PWD/shared
for i in 1 2 3 4; do
  "$NETC" train net.net --data "$data" --out p$i >/dev/null &
done
wait
for i in 1 2 3 4; do cmp first p$i; done
[ "$(ls shared | wc -l)" -eq 2 ] || fail "files were left: $(ls shared)"

# The oldest go when all are too large; files of others stay, as do those that were used.
name() { printf "$1%.0s" {1..64}; }
truncate -s 100M shared/"$(name a)".code shared/"$(name b)".code
truncate -s 200M shared/mine
touch -d '3 days ago' shared/"$(name a)".code
touch -d '2 days ago' shared/"$(name b)".code
used=$(basename "$entry")
touch -d '4 days ago' "shared/$used"
: >shared/"$(name c)".code.abcdef
: >shared/"$(name d)".code.abcdef
touch -d '2 hours ago' shared/"$(name c)".code.abcdef
quiet again
truncate -s 100M shared/"$(name e)".code
"$NETC" eval first --data "$data" --cpu x86-64 >/dev/null
[ ! -e shared/"$(name a)".code ] || fail "the oldest entry stays"
[ -e shared/"$(name b)".code ] && [ -e shared/"$(name e)".code ] || fail "too much was removed: $(ls shared)"
[ -e "shared/$used" ] || fail "an entry that was used was removed"
[ -e shared/mine ] || fail "another's file was removed"
[ ! -e shared/"$(name c)".code.abcdef ] && [ -e shared/"$(name d)".code.abcdef ] || fail "$(ls shared)"
