#!/bin/bash
# Sums that skip the zeros of a max-pool's gradient, for sizes of all kinds: the gradients are those of the references, in
# every mode, and the zeros are skipped wherever that is less work.
set -euo pipefail
export CC=none # emitted C is looked at below
fail() {
  echo "$1"
  exit 1
}

# net NAME DTYPE HEIGHT WIDTH IN OUT KERNEL POOL [OPTION]: a convolution behind another, and a pooling of it.
net() {
  cat >"$1.net" <<END
input x: $2[N, $3, $4, 3]
param first: $2[3, 3, 3, $5] = xavier
param k: $2[$7, $5, $6] = xavier
param b: $2[$6] = 0.1
y = relu(conv(tanh(conv(x, first)), k${9:-}) + b)
p = maxpool(y, $8)
loss = mean(p * p * p)
train {
  minimize = loss
  optimizer = sgd(lr = 0.1)
}
END
}

places() { { grep -o '{dim [0-9]* +' || true; } | wc -l; }

# right NAME: its gradients are those of the references.
right() { "$NETC" gradcheck "$1.net" --samples 3 --batch 3 >out 2>err || fail "$1: $(cat out err)"; }

# skips NAME KERNEL INPUT: the gradients are right; places are looked up for so many dimensions of the kernel's gradient, and
# the input's is a sum of patches that have so many.
skips() {
  right "$1"
  "$NETC" dump --stage=tensor --graph=train_step "$1.net" >tensors
  kernel=$(places <tensors)
  input=$({ grep -o 'where .*(i[0-9]* == i.* != 0' tensors || true; } | { grep -o '(i[0-9]* == ' || true; } | wc -l)
  [ "$kernel" = "$2" ] || fail "$1: $kernel places of the kernel's gradient, not $2"
  [ "$input" = "$3" ] || fail "$1: $input dimensions of the input's patches, not $3"
}

net plain f32 8 8 16 16 '3, 3' 2 && skips plain 2 2
net blocks f32 8 12 32 48 '3, 3' 2 && skips blocks 2 2
net channels f32 6 6 17 9 '3, 3' 2 && skips channels 2 2
net five f32 8 8 16 20 '5, 5' 2 && skips five 2 2
# Channels beyond a word of 64, lanes and taps beyond the registers.
net words f32 6 6 17 70 '5, 5' 2 && skips words 2 2
net oblong f32 8 6 16 16 '3, 5' 2 && skips oblong 2 2
net inside f32 10 10 16 8 '3, 3' 2 ', padding = valid' && skips inside 2 2
net double f64 6 6 16 16 '3, 3' 2 && skips double 2 2
net line f32 8 9 16 16 '3, 3' '[2, 3]' && skips line 2 0
net single f32 8 8 16 16 '3, 3' '[1, 2]' && skips single 1 0
net three f32 9 9 16 16 '3, 3' 3 && skips three 2 0
net whole f32 12 12 16 16 '4, 4' 3 ', padding = valid' && skips whole 2 2
net apart f32 12 12 16 16 '3, 3' 2 ', dilation = 2' && skips apart 2 2
net strided f32 16 16 16 16 '3, 3' 2 ', stride = 2' && skips strided 2 0
net point f32 8 8 16 16 '1, 1' 2 && skips point 2 0
net rest f32 9 9 16 16 '3, 3' '2, padding = valid' && skips rest 2 0
net gaps f32 8 8 16 16 '3, 3' '2, stride = 3, padding = valid' && skips gaps 2 0
# Patches of so large an image leave the caches.
net large f32 34 34 64 8 '3, 3' 2 && skips large 2 0
# Windows that do not divide the image overlap its edge: every element is looked at.
net edge f32 7 9 16 16 '3, 3' 2 && skips edge 0 0
# Vectors of so few channels would be mostly empty in the kernel's gradient, and are so anyway in the input's.
net narrow f32 8 8 3 16 '3, 3' 2 && skips narrow 0 2
# Lanes of the input's gradient go along its channels.
net one f32 8 8 1 16 '3, 3' 2 && skips one 0 0
net two f32 8 8 2 16 '3, 3' 2 && skips two 0 2

# normed NAME SIZE POOL DENSE: a normalization between, whose gradient reads the pooling's in several places. It is not
# stored where windows lie side by side: sums meet what is picked of each window.
normed() {
  cat >"$1.net" <<END
input x: f32[N, $2, $2, 3]
y = x |> Conv(16, 3, use_bias = false) |> BatchNorm |> relu
p = maxpool(y, $3)
loss = mean(p * p * p)
train {
  minimize = loss
  optimizer = sgd(lr = 0.1)
}
END
  right "$1"
  "$NETC" dump --stage=phases "$1.net" >phases
  dense=$({ grep "window_max_scatter.*f32\[N, $2, $2, 16\]" phases || true; } | wc -l)
  picks=$({ grep -w pick phases || true; } | wc -l)
  [ "$dense" = "$4" ] && [ "$picks" = "$((1 - $4))" ] || fail "$1: $dense dense gradients, $picks picked: $(cat phases)"
}
normed normed 8 2 0
normed thirds 9 '[3, 1]' 0
normed overlaps 9 '3, stride = 2' 1
normed odd 7 2 1

# Bits are the same on every processor, in C with and without vectors, and from one thread or two.
"$SOURCE_DIR/tests/tools/idx.py" floats plain.idx 50 8 8 3
"$SOURCE_DIR/tests/tools/idx.py" floats words.idx 50 6 6 3
"$SOURCE_DIR/tests/tools/idx.py" floats normed.idx 50 8 8 3
for name in plain words normed; do
  echo "dataset d { x = idx(\"$name.idx\") }" >>$name.net
  sed -i 's/optimizer =/data = d batch = 20 epochs = 2 optimizer =/' $name.net
  "$NETC" train $name.net --threads 1 --out one.safetensors >/dev/null
  "$NETC" train $name.net --threads 2 --out two.safetensors >/dev/null
  cmp one.safetensors two.safetensors
  for cpu in x86-64 x86-64-v3 native; do
    "$NETC" train $name.net --math portable --cpu $cpu --out $cpu.safetensors >/dev/null
    cmp $cpu.safetensors x86-64.safetensors || fail "$name: other bytes for $cpu"
  done
  mv native.safetensors $name.safetensors
  "$NETC" build $name.net --emit=c --math portable --main -o $name.c >/dev/null
done
c() { # NAME OPTION…
  [ "${NETC_DEV:-0}" != 1 ] || return 0 # the sanitizers' build writes the same files, which are compiled for the other
  gcc -std=c11 -pedantic -Wall -Wextra -Werror "${@:2}" "$1.c" -o "$1" -lm
  "./$1" train 2 c.safetensors "x=$1.idx" >/dev/null
  cmp c.safetensors "$1.safetensors" || fail "$1: other bytes by gcc ${*:2}"
}
c plain -O2 -march=native
c plain -O1 -DNETC_SCALAR
c words -O2 -march=native
c normed -O2 -march=native
# Words are made point by point for a processor without vectors.
"$NETC" build words.net --emit=c --math portable --main --target=riscv64-linux-gnu -o words.c >/dev/null
c words -O1
