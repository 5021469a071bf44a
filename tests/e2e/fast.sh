#!/bin/bash
# --math=fast: sums over windows by Winograd's filtering, for sizes of all kinds: values and gradients are those of the
# references, and sums are filtered wherever that is less work.
set -euo pipefail
export CC=none # emitted C is looked at below
fail() {
  echo "$1"
  exit 1
}

# net NAME DTYPE SIZES IN OUT KERNEL [OPTIONS [VALUE]]: a convolution behind another.
net() {
  cat >"$1.net" <<END
input x: $2[N, $3, 3]
param first: $2[${6//[0-9]/1}, 3, $4] = xavier
param k: $2[$6, $4, $5] = xavier
param b: $2[$5] = 0.1
y = conv(tanh(conv(x, first)), k${7:-}) + b
p = ${8:-relu(y)}
output value = p
loss = mean(p * p * p)
train {
  minimize = loss
  optimizer = sgd(lr = 0.1)
}
END
}

# filters NAME PREDICTED TRAINED: the gradients are right; there are so many transforms in a prediction and in a step.
filters() {
  "$NETC" gradcheck "$1.net" --samples 3 --batch 3 >out 2>err || fail "$1: $(cat out err)"
  for graph in predict train_step; do
    got=$("$NETC" plan "$1.net" --graph $graph --batch 16 --math fast | grep -c ' transform ' || true)
    [ $graph = predict ] && wanted=$2 || wanted=$3
    [ "$got" = "$wanted" ] || fail "$1: $got transforms in $graph, not $wanted"
  done
}

net plain f32 '8, 8' 16 16 '3, 3' && filters plain 5 16
net two f32 '6, 6' 16 16 '3, 3' && filters two 5 16
net channels f32 '8, 12' 17 9 '3, 3' && filters channels 5 15
net three f32 '9, 9' 16 24 '3, 3' && filters three 5 16
net oblong f32 '8, 8' 16 16 '3, 5' && filters oblong 5 16
net five f32 '8, 8' 16 16 '5, 5' && filters five 5 16
net row f32 '8, 8' 16 16 '1, 3' && filters row 0 0
net even f32 '8, 8' 16 16 '2, 2' && filters even 5 16
net inside f32 '10, 10' 16 16 '3, 3' ', padding = valid' && filters inside 5 15
net uneven f32 '8, 7' 16 16 '3, 3' ', padding = [[2, 0], [0, 3]]' && filters uneven 5 16
net double f64 '8, 8' 16 16 '3, 3' && filters double 5 16
net line f32 '24' 16 32 '3' && filters line 2 6
net pooled f32 '8, 8' 16 16 '3, 3' '' 'maxpool(relu(y), 2)' && filters pooled 5 5
net averaged f32 '8, 8' 16 16 '3, 3' '' 'avgpool(y, 2)' && filters averaged 5 16
net prime f32 '7, 11' 16 16 '3, 3' && filters prime 5 16
# Windows that do not move by one element, or whose taps lie apart, few channels, solid images: sums as ever.
net strided f32 '16, 16' 16 16 '3, 3' ', stride = 2' && filters strided 0 0
net apart f32 '12, 12' 16 16 '3, 3' ', dilation = 2' && filters apart 0 0
net narrow f32 '8, 8' 2 16 '3, 3' && filters narrow 0 5
net point f32 '8, 8' 16 16 '1, 1' && filters point 0 0
net solid f32 '4, 4, 4' 16 16 '3, 3, 3' && filters solid 0 0
# What would leave the caches stays as it is.
net large f32 '96, 96' 64 64 '3, 3' && filters large 0 0

# Threads do not matter to the bytes, and C computes as the code in this process does.
echo 'dataset d { x = idx("values") }' >>plain.net
sed -i 's/optimizer =/data = d batch = 20 epochs = 2 optimizer =/' plain.net
"$SOURCE_DIR/tests/tools/idx.py" floats values 50 8 8 3
for threads in 1 2; do
  "$NETC" train plain.net --math fast --threads $threads --out $threads.safetensors >/dev/null
done
cmp 1.safetensors 2.safetensors
"$NETC" build plain.net --emit=c --math fast --main -o plain.c >/dev/null
gcc -std=c11 -pedantic -Wall -Wextra -Werror -O2 -march=native plain.c -o plain -lm
./plain train 2 c.safetensors x=values >/dev/null
cmp c.safetensors 1.safetensors
