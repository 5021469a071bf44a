#!/bin/bash
# A value for which the program is not defined ends the run, and the message names the sample, the line and the node.
set -euo pipefail
cat > bad.net <<'EOF'
input image: u8[N, 28, 28]
input label: u8[N]
param w: f32[784, 8] = xavier
logits = reshape(f32(image) / 255, [N, 784]) @ w
loss = mean(softmax_cross_entropy(logits, one_hot(label, 8)))
dataset digits {
  image = idx("train-images-idx3-ubyte")
  label = idx("train-labels-idx1-ubyte")
}
train { minimize = loss optimizer = sgd(lr = 1e-3) data = digits batch = 32 }
EOF
code=0
"$NETC" train bad.net --data "$SOURCE_DIR/tests/data" > out.txt 2>&1 || code=$?
cat out.txt
[ $code = 1 ]
grep -qE '^error\[E0503\]: the value [89] is not allowed here, in sample [0-9]+ of the data set$' out.txt
grep -q -- '--> bad.net:5:43' out.txt
grep -q 'in_range %label {low = 0, high = 8} : u8\[N\]' out.txt
[ ! -e bad.safetensors ]

# With the range declared it is found before the training starts.
sed 's/label: u8\[N\]/label: u8[N] in 0..8/' bad.net > ranged.net
code=0
"$NETC" train ranged.net --data "$SOURCE_DIR/tests/data" > out.txt 2>&1 || code=$?
cat out.txt
[ $code = 1 ]
grep -q 'train-labels-idx1-ubyte' out.txt
