#!/bin/bash
# Emitted C and objects: every example trains 200 steps and predicts to the bytes of netc itself, in portable mode, in
# memory of exactly the sizes that the header says.
set -euo pipefail
fail() { echo "$*"; exit 1; }
idx=$SOURCE_DIR/tests/tools/idx.py
strict="-std=c11 -pedantic -Wall -Wextra -Werror"
mkdir data
"$idx" mnist "$SOURCE_DIR/tests/data" data 800
"$idx" iris "$SOURCE_DIR/examples/iris" data
cp "$SOURCE_DIR"/examples/mnist/*.net .

# inputs KIND: the arguments that name a program's files.
images="image=data/train-images-idx3-ubyte"
labels="label=data/train-labels-idx1-ubyte"
flowers="flower=data/flower species=data/species"

# compiled NAME COMMAND: the program, built by a compiler, gives the checkpoint and the predictions of netc.
compiled() {
  local name=$1 inputs=$2 predicted=$3
  [ "${NETC_DEV:-0}" != 1 ] || return 0 # the sanitizers' build writes the same files, which are compiled for the other
  shift 3
  "$@" -o program || fail "$name: $*"
  rm -f c.safetensors
  # shellcheck disable=SC2086
  ./program train "$epochs" c.safetensors $inputs >out || fail "$name: training: $*"
  cmp c.safetensors "$name.safetensors" || fail "$name: another checkpoint: $*"
  # shellcheck disable=SC2086
  ./program predict $predicted >predicted || fail "$name: predicting: $*"
  python3 "$idx" same predicted "$name.npy" || fail "$name: other predictions: $*"
}

cc="gcc -march=native $strict"
gcc -c -O1 "$SOURCE_DIR/tests/emitted/guard.c" -o guard.o
for source in *.net; do
  [ "$source" = digits.net ] && continue # what others import
  name=${source%.net} epochs=1
  case $name in
    logistic | mlp) inputs=$flowers predicted=flower=data/flower epochs=6 ;;
    autoencoder) inputs=$images predicted=$images ;;
    *) inputs="$images $labels" predicted=$images ;;
  esac
  "$NETC" train "$source" --data data --math portable --batch 4 --epochs $epochs --out "$name.safetensors" >/dev/null
  output=$(sed -n 's/^output \([a-z]*\).*/\1/p' "$source" | head -1)
  feeds=()
  for input in $predicted; do feeds+=(--feed "$input"); done
  "$NETC" build "$source" --emit=c --main --math portable --batch 4 -o "$name.c" >/dev/null
  "$NETC" run "$source" --math portable --fetch "$output" "${feeds[@]}" --out "$name.npy" >/dev/null
  # shellcheck disable=SC2086
  compiled "$name" "$inputs" "$predicted" $cc -O1 -Daligned_alloc=guarded_alloc "$name.c" guard.o -lm
done

# What is wrong with the program's arguments and files is said, and ends it.
refuse() { # TEXT ARGUMENT…
  local status=0 text=$1
  shift
  ./program "$@" >out 2>&1 || status=$?
  [ $status = 1 ] || fail "exit status $status of $*: $(cat out)"
  grep -qF -- "$text" out || fail "$text is not said of $*: $(cat out)"
}
gcc -O1 -std=c11 own.c -o program -lm
mkdir bad
python3 - <<'END'
import struct
pixels, labels = (open("data/train-" + name, "rb").read() for name in ("images-idx3-ubyte", "labels-idx1-ubyte"))
head = lambda data, count: data[:4] + struct.pack(">I", count)
files = {"images": head(pixels, 3) + pixels[8:16 + 3 * 784], "labels": head(labels, 3) + labels[8:11],
         "short": pixels[:500], "magic": b"\1" + pixels[1:], "floats": pixels[:2] + b"\x0d" + pixels[3:], "none": head(pixels, 0) + pixels[8:],
         "many": pixels[:4] + b"\xff" * 4 + pixels[8:], "deep": b"\0\0\x08" + b"\xff" * 1021, "two": head(labels, 2) + labels[8:10],
         "wrong": head(labels, 3) + labels[8:10] + b"\x0a"}
for name, data in files.items():
    open("bad/" + name, "wb").write(data)
END
three="image=bad/images label=bad/labels"
# shellcheck disable=SC2086
{
  refuse 'train: needs the number of epochs' train
  refuse 'train: needs the number of epochs' train 5x out.safetensors $three
  refuse 'train: needs the number of epochs' train 0 out.safetensors $three
  refuse "out.st: the checkpoint's name must end in .safetensors" train 5 out.st $three
  refuse "a.safetensors.bak: the checkpoint's name must end in .safetensors" train 5 a.safetensors.bak $three
  refuse 'none/out.safetensors: cannot be written' train 1 none/out.safetensors $three
}
for pair in "short is truncated" "magic is no idx file" "floats does not hold" "none does not hold" "deep does not hold" \
  "many is t" "missing cannot be opened"; do
  refuse "bad/${pair%% *}: ${pair#* }" train 1 out.safetensors "image=bad/${pair%% *}" label=bad/labels
  refuse "bad/${pair%% *}: ${pair#* }" predict "image=bad/${pair%% *}"
done
refuse 'bad: is no idx file' predict image=bad
refuse 'bad/two: has another number of samples' train 1 out.safetensors image=bad/images label=bad/two
refuse 'epoch 1, step 1: a value of an input, as a label, is outside its range' train 1 out.safetensors image=bad/images label=bad/wrong
refuse 'label: this input needs a file' train 1 out.safetensors image=bad/images
[ ! -e out.safetensors ] || fail "a checkpoint of no training"

# Fewer samples than a batch: the checkpoint says what netc's does.
mkdir few
cp bad/images few/train-images-idx3-ubyte
cp bad/labels few/train-labels-idx1-ubyte
sed '/^ *validate /d' own.net >few.net
"$NETC" train few.net --data few --math portable --epochs 2 --out few.safetensors >/dev/null
"$NETC" build few.net --emit=c --main --math portable -o few.c >/dev/null
gcc -O1 -march=native -std=c11 few.c -o program -lm
./program train 2 c.safetensors image=bad/images label=bad/labels >/dev/null || fail "three samples"
cmp c.safetensors few.safetensors || fail "three samples: another checkpoint"
for kind in c obj asm llvm onnx html; do
  status=0
  "$NETC" build own.net --emit=$kind -o - >out 2>&1 || status=$?
  [ $status = 2 ] && grep -qx 'netc build: -o names no file: give the name of one: -' out || fail "-o - of $kind: $(cat out)"
done

# One program more ways: what other compilers and processors make of it, without vectors, under sanitizers, as an object.
name=batchnorm epochs=1 inputs="$images $labels" predicted=$images
compiled $name "$inputs" "$predicted" $cc -O2 -DNETC_SCALAR $name.c -lm
# What the program has it keeps until it ends.
export ASAN_OPTIONS=detect_leaks=0
compiled $name "$inputs" "$predicted" $cc -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all $name.c -lm
! command -v clang-19 >/dev/null || compiled $name "$inputs" "$predicted" clang-19 -march=native $strict -O2 $name.c -lm
"$NETC" build $name.net --emit=c --main --lines --math portable --batch 4 --cpu x86-64 -o slow.c >/dev/null
grep -q '^#line 1[0-9] "batchnorm.net"$' slow.c || fail "no lines: $(grep -m3 '#line' slow.c)"
compiled $name "$inputs" "$predicted" gcc $strict -O1 slow.c -lm
"$NETC" build $name.net --emit=obj --math portable --batch 4 -o object.o >/dev/null
"$SOURCE_DIR/tests/tools/object_program.sh" $name.c object.h >rest.c
compiled $name "$inputs" "$predicted" gcc -O1 -Daligned_alloc=guarded_alloc rest.c object.o guard.o -lm

# An object refers to nothing but memory, and shows nothing but its functions.
nm object.o | awk '$1 == "U" && $2 !~ /^mem(cpy|set)$/ || $2 == "T" && $3 !~ /^object_/ { print; bad = 1 } END { exit bad }' ||
  fail "the object needs or shows more"

# What functions give when they are called wrongly.
cat >codes.net <<'END'
input x: f32[N]
input place: i32[N]
input label: u8[N] in 0..3
param table: f32[5, 3] = normal(0, 0.1)
param scale: f32[] = 1
rows = gather(table, place)
logits = rows * repeat(x, rows, 1) * scale
output first = logits[.., 0]
loss = mean(softmax_cross_entropy(logits, one_hot(label, 3)))
train { minimize = loss optimizer = sgd(lr = 0.1) batch = 4 }
END
cp "$SOURCE_DIR/tests/emitted/codes.c" main.c
for way in "" "--weights=none"; do
  # shellcheck disable=SC2086
  "$NETC" build codes.net --emit=c $way -o codes.c >/dev/null
  gcc $strict -O1 -fsanitize=address,undefined ${way:+-DINITIALIZES} main.c codes.c -o codes -lm
  ./codes || fail "C $way"
  # shellcheck disable=SC2086
  "$NETC" build codes.net --emit=obj $way -o codes.o >/dev/null
  gcc $strict -O1 ${way:+-DINITIALIZES} main.c codes.o -o codes -lm
  ./codes || fail "object $way"
done
cp codes.h plus.h
echo '#include "codes.h"' >plus.cc
! command -v g++ >/dev/null || g++ -std=c++17 -pedantic -Wall -Wextra -Werror -c plus.cc -o plus.o

# The state as a file is what reset gives.
"$NETC" build codes.net --emit=c --weights=file -o filed.c >/dev/null
"$NETC" build codes.net --emit=c -o codes.c >/dev/null
cat >state.c <<'END'
#include "codes.h"
#include <stdio.h>
int main(void) {
  static codes_state state;
  codes_reset(&state);
  return fwrite(&state, sizeof state, 1, stdout) != 1;
}
END
gcc state.c codes.c -o state -lm
./state | cmp - filed.state

# With --blas code calls what netc calls, by default.
cat >wide.net <<'END'
input x: f32[N, 2500]
param k: f32[2500, 2000] = xavier
output y = x @ k
END
python3 -c 'import struct, sys
sys.stdout.buffer.write(bytes([0, 0, 13, 2]) + struct.pack(">2I10000f", 4, 2500, *[(i * 37 % 101) / 50 - 1 for i in range(10000)]))' >wide
"$NETC" run wide.net --fetch y --feed x=wide --out wide.npy >/dev/null
"$NETC" build wide.net --emit=c --main --blas --weights=none --batch 4 -o wide.c >/dev/null
"$NETC" build wide.net --emit=obj --blas --weights=none --batch 4 -o wide.o >/dev/null
grep -q 'cblas_sgemm(101' wide.c || fail "no cblas in wide.c"
gcc -march=native $strict -O1 wide.c -o wide_c -lopenblas -lm
"$SOURCE_DIR/tests/tools/object_program.sh" wide.c wide.h >rest.c
gcc -O1 rest.c wide.o -o wide_o -lopenblas -lm
for program in wide_c wide_o; do
  OPENBLAS_NUM_THREADS=1 ./$program predict x=wide >predicted
  python3 "$idx" same predicted wide.npy || fail "$program: other values than netc's"
done
