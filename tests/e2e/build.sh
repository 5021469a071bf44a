#!/bin/bash
# Emitted C and objects: every example trains 200 steps and predicts to the bytes of netc itself, in portable mode, in
# memory of exactly the sizes that the header says.
set -euo pipefail
fail() { echo "$*"; exit 1; }
idx=$SOURCE_DIR/tests/tools/idx.py
strict="-std=c11 -pedantic -Wall -Wextra -Werror"
mkdir data
"$idx" mnist "$SOURCE_DIR/tests/data" data 800
"$idx" iris "$SOURCE_DIR/examples/iris/iris.csv" data
cp "$SOURCE_DIR"/examples/mnist/*.net .
for name in logistic mlp; do
  # The program reads idx files, so the same rows come from those.
  sed 's/^  flower = csv.*/  flower = idx("flower")/; s/^  species = csv.*/  species = idx("species")/
    s/^dataset iris_train.*//; s/^dataset iris {/dataset iris_train {/; s/^  validate.*//' \
    "$SOURCE_DIR/examples/iris/$name.net" >"$name.net"
done

# inputs KIND: the arguments that name a program's files.
images="image=data/train-images-idx3-ubyte"
labels="label=data/train-labels-idx1-ubyte"
flowers="flower=data/flower species=data/species"

# compiled NAME COMMAND: the program, built by a compiler, gives the checkpoint and the predictions of netc.
compiled() {
  local name=$1 inputs=$2 predicted=$3
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
sed -n '1,/^$/p; /---- The program/,$p' $name.c | sed 's/batchnorm.h/object.h/' >rest.c
sed -i '0,/^#include "object.h"/s//#include "object.h"\n#include <stddef.h>\n#include <string.h>/; s/\bbatchnorm_/object_/g; s/\bBATCHNORM_/OBJECT_/g' rest.c
compiled $name "$inputs" "$predicted" gcc -O1 -Daligned_alloc=guarded_alloc rest.c object.o guard.o -lm

# An object refers to nothing but memory, and shows nothing but its functions.
nm object.o | awk '$1 == "U" && $2 !~ /^mem(cpy|set)$/ || $2 == "T" && $3 !~ /^object_/ { print; bad = 1 } END { exit bad }' ||
  fail "the object needs or shows more"
