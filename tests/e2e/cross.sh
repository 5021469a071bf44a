#!/bin/bash
# Portable training gives the same bytes wherever it runs: netc's own code, C by gcc and by clang, and, under qemu, C and
# objects for aarch64. All the processors' C compiles without a warning.
set -euo pipefail
# What mnist.net's checkpoint is after 200 steps at batch 4, on any machine. It changes with the example's text, with
# what checkpoints hold, and with any bit of what is computed.
mnist=5a5103322aaa6cb3af01cd54c28d4f08aed9cef0a0ea2dfdbac666cc0c007557

fail() { echo "$*"; exit 1; }
idx=$SOURCE_DIR/tests/tools/idx.py
strict="-std=c11 -pedantic -Wall -Wextra -Werror"
mkdir data
"$idx" mnist "$SOURCE_DIR/tests/data" data 80
"$idx" iris "$SOURCE_DIR/examples/iris" data
cp "$SOURCE_DIR"/examples/mnist/{mnist,batchnorm,digits}.net .

digits="image=data/train-images-idx3-ubyte label=data/train-labels-idx1-ubyte"
flowers="flower=data/flower species=data/species"

# trains NAME EPOCHS INPUTS COMMAND...: the program that COMMAND starts writes the checkpoint that netc writes.
trains() {
  local name=$1 epochs=$2 inputs=$3
  shift 3
  # shellcheck disable=SC2086
  "$@" train "$epochs" c.safetensors $inputs >out || fail "$name: training by $*: $(cat out)"
  cmp c.safetensors "$name.safetensors" || fail "$name: another checkpoint by $*"
}
# build NAME OPTION...
build() { "$NETC" build "$1.net" --math portable --batch 4 "${@:2}" >/dev/null; }

"$NETC" train mnist.net --data data --math portable --batch 4 --epochs 10 --out mnist.safetensors >/dev/null
"$NETC" train batchnorm.net --data data --math portable --batch 4 --epochs 1 --out batchnorm.safetensors >/dev/null
"$NETC" train mlp.net --data data --math portable --batch 4 --epochs 6 --out mlp.safetensors >/dev/null
echo "$mnist  mnist.safetensors" | sha256sum --check --quiet
build mnist --emit=c --main -o mnist.c
for compiler in gcc clang-19; do
  command -v $compiler >/dev/null || { echo "no $compiler: not tried" && continue; }
  $compiler $strict -O1 -march=native mnist.c -o here -lm
  trains mnist 10 "$digits" ./here
done
# Without vectors, as for processors that have none.
build mlp --emit=c --main --target=riscv64-linux-gnu -o scalar.c
gcc $strict -O1 scalar.c -o here -lm
trains mlp 6 "$flowers" ./here

for tool in aarch64-linux-gnu-gcc qemu-aarch64; do
  command -v $tool >/dev/null || { echo "skipped: no $tool (tests/run.sh installs it)"; exit 77; }
done
there() { qemu-aarch64 -L /usr/aarch64-linux-gnu "$@"; }
compile() { aarch64-linux-gnu-gcc $strict -O3 "$@" -lm; }
for name in mlp batchnorm mnist; do
  build $name --emit=c --main --target=aarch64-linux-gnu --cpu=cortex-a72 -o $name.c
  compile $name.c -o $name
done
for name in mlp batchnorm; do
  build $name --emit=obj --target=aarch64-linux-gnu --cpu=neoverse-n1 -o object.o
  "$SOURCE_DIR/tests/tools/object_program.sh" $name.c object.h >rest.c
  compile rest.c object.o -o ${name}_object
done
trains mlp 6 "$flowers" there ./mlp
trains mlp 6 "$flowers" there ./mlp_object
trains batchnorm 1 "$digits" there ./batchnorm
trains batchnorm 1 "$digits" there ./batchnorm_object
# The longest, of which a build with sanitizers would make nothing else.
[ -n "${SANITIZERS:-}" ] || trains mnist 10 "$digits" there ./mnist
