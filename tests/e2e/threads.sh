#!/bin/bash
# Any number of threads gives the same bytes, also where the last batch and the last chunk are short.
set -euo pipefail
cat > net.net <<'EOF'
input image: u8[N, 28, 28, 1]
input label: u8[N] in 0..10
param c: f32[3, 3, 1, 5] = xavier
param d: f32[14*14*5, 10] = he
param b: f32[10] = zeros
x = maxpool(relu(conv(f32(image) / 255, c)), 2)
logits = dropout(flatten(x), 0.3) @ d + b
loss = mean(softmax_cross_entropy(logits, one_hot(label, 10)))
metric accuracy = mean(argmax(logits) == label)
dataset digits {
  image = reshape(idx("train-images-idx3-ubyte"), [N, 28, 28, 1])
  label = idx("train-labels-idx1-ubyte")
}
train { minimize = loss optimizer = sgd(lr = 0.05, momentum = 0.9) data = digits validate = digits batch = 150 }
EOF
for threads in 1 2 3 5 17; do
  "$NETC" train net.net --data "$SOURCE_DIR/tests/data" --threads $threads --out t$threads.safetensors |
    sed 's/^.*  loss/loss/; /^saved/d' > t$threads.txt
  cat t$threads.txt
  cmp t1.safetensors t$threads.safetensors
done
"$NETC" eval t1.safetensors --data "$SOURCE_DIR/tests/data" --threads 1 > e1
"$NETC" eval t1.safetensors --data "$SOURCE_DIR/tests/data" --threads 4 | cmp - e1
