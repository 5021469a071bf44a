#!/bin/bash
# The ConvNet in layers is the one of explicit variables: the same graphs up to names, and the same parameters, bit for bit,
# after training.
set -euo pipefail
examples=$SOURCE_DIR/examples/mnist
for file in mnist mnist_layers; do
  for stage in graph grad; do
    "$NETC" dump --stage=$stage "$examples/$file.net" >$file.$stage
  done
  "$NETC" train "$examples/$file.net" --data "$SOURCE_DIR/tests/data" --epochs 2 --out $file.safetensors >/dev/null
done
same() { python3 "$SOURCE_DIR/tests/tools/same_program.py" "$@"; }
same graph mnist.graph mnist_layers.graph
same graph mnist.grad mnist_layers.grad
same checkpoint mnist.safetensors mnist_layers.safetensors

# Another network, or another seed, is not the same.
sed 's/dropout(0.2)/dropout(0.3)/' "$examples/mnist_layers.net" >other.net
"$NETC" dump --stage=grad other.net >other.grad
! same graph mnist.grad other.grad 2>err
grep -q "differ in more than names" err
"$NETC" train "$examples/mnist.net" --data "$SOURCE_DIR/tests/data" --epochs 2 --seed 2 --out other.safetensors >/dev/null
! same checkpoint mnist.safetensors other.safetensors 2>err
grep -q "differ in more than names" err

# At most 30 lines beside its data and its training.
lines=$(sed '/^dataset/,/^}/d; /^train {/,/^}/d' "$examples/mnist_layers.net" | wc -l)
[ "$lines" -le 30 ]
