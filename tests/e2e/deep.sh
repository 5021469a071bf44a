#!/bin/bash
# Networks of many layers: any number of threads gives the same bytes, layers of the same shapes share
# kernels, and both ways to write them give the same training.
set -euo pipefail
deep=$SOURCE_DIR/bench/deep.py
kernels() { "$NETC" dump --stage=llvm --graph "$2" "$1" | grep -c '^define.*noalias'; }
for style in variables layers; do
  python3 "$deep" --style $style --write $style.net 128
  "$NETC" check $style.net
  "$NETC" train $style.net --threads 1 --out $style.safetensors | sed 's/^.*  loss/loss/; /^saved/d; /steps in/d' >$style.txt
done
"$NETC" train variables.net --threads 3 --out t3.safetensors
cmp variables.safetensors t3.safetensors
cmp variables.txt layers.txt
python3 "$deep" --write more.net 256
for graph in initialize train_step evaluate; do
  few=$(kernels variables.net $graph) many=$(kernels more.net $graph)
  echo "$graph: $few kernels, $many for twice the layers"
  [ "$many" -lt $((few + few / 4)) ]
done
