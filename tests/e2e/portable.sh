#!/bin/bash
# --math=portable trains to the same bytes on every processor that this machine can be, with any number of threads:
# sums of all kinds, functions, random numbers, a remainder of every width.
set -euo pipefail
cat > net.net <<'END'
input image: u8[N, 28, 28, 1]
input label: u8[N] in 0..10
param c: f32[3, 3, 1, 5] = normal(0, 0.2)
param k: f32[2, 2, 5, 7] = xavier
param d: f32[7*7*7, 64] = he
param e: f32[64, 10] = xavier
param b: f32[64] = zeros
x = maxpool(tanh(conv(f32(image) / 255, c)), 2)
y = maxpool(relu(conv(x, k)), 2)
h = flatten(y) @ d + b
g = gelu(h) + 0.1 * sin(h) * cos(h) + floor(h)
logits = dropout(g, 0.3) @ e
loss = mean(softmax_cross_entropy(logits, one_hot(label, 10))) + 0.001 * mean((1 + h*h)^1.5)
metric accuracy = mean(argmax(logits) == label)
dataset digits {
  image = reshape(idx("t10k-images-idx3-ubyte"), [N, 28, 28, 1])
  label = idx("t10k-labels-idx1-ubyte")
}
train { minimize = loss optimizer = adam(lr = 0.01) data = digits validate = digits batch = 150 }
END
# CPU THREADS: trains, and compares with what was trained first.
train() {
  "$NETC" train net.net --data "$SOURCE_DIR/tests/data" --math=portable --cpu="$1" --threads "$2" \
    --out now.safetensors >out
  [ -e first.safetensors ] || cp now.safetensors first.safetensors
  cmp now.safetensors first.safetensors || { echo "--cpu=$1 --threads $2: other bytes"; exit 1; }
}
for threads in 1 2 3 5; do
  train native $threads
done
for cpu in x86-64-v4 x86-64-v3 x86-64-v2 x86-64; do
  if "$NETC" train net.net --data "$SOURCE_DIR/tests/data" --cpu=$cpu --batch 500 >/dev/null 2>err; then
    train $cpu 1
    train $cpu 3
  else
    grep -q "cannot run code for $cpu" err || { cat err; exit 1; }
  fi
done
"$NETC" eval first.safetensors --data "$SOURCE_DIR/tests/data" --math=portable --threads 1 >e1
"$NETC" eval first.safetensors --data "$SOURCE_DIR/tests/data" --math=portable --cpu=x86-64 | cmp - e1
