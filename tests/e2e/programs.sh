#!/bin/bash
# Networks of other kinds than the examples': each is checked, planned, trained on made-up data, learns, gives the same bytes
# again, and is evaluated to what its last epoch showed.
set -euo pipefail

make() { python3 "$SOURCE_DIR/tests/fixtures/make_idx.py" "$@"; }
make bytes u8 61,9
make label u8 61 label
make label32 i32 61 label
make image u8 61,13,11
make colour f32 61,5,6,3
make double f64 61,5,7
make sequence f32 61,4,8
make target f32 61,3

bad=0
fail() {
  echo "$1"
  bad=1
}

# program NAME [OPTION...]: reads a program and puts it through everything.
program() {
  local name=$1
  shift
  cat >"$name.net"
  if ! "$NETC" check "$name.net" >log 2>&1 || ! "$NETC" plan "$name.net" >log 2>&1 ||
    ! "$NETC" dump --stage=asm --graph=evaluate "$name.net" >/dev/null 2>log ||
    ! "$NETC" train "$name.net" "$@" >log 2>&1 || ! "$NETC" eval "$name.safetensors" "$@" >eval.log 2>&1; then
    fail "$name: $(cat log)"
    return
  fi
  "$NETC" train "$name.net" "$@" --out again >/dev/null 2>&1
  cmp -s again "$name.safetensors" || fail "$name: training again gives other bytes"
  local losses first last
  losses=$(grep -oE '/s  loss [0-9.e+-]+' log | grep -oE '[0-9.e+-]+$')
  first=$(head -1 <<<"$losses") last=$(tail -1 <<<"$losses")
  awk -v a="$first" -v b="$last" 'BEGIN { exit !(b < a) }' || fail "$name: the loss went from $first to $last"
  if grep -q validation log; then
    local shown evaluated
    shown=$(grep -o 'validation:.*' log | tail -1 | sed 's/validation: *//; s/  */ /g')
    evaluated=$(sed 's/.*samples: //; s/,//g' eval.log)
    [ "$shown" = "$evaluated" ] || fail "$name: trained to '$shown', evaluated to '$evaluated'"
  fi
}

program dense <<'END'
input x: u8[N, 9]
input label: u8[N] in 0..4
param w1: f32[9, 17] = he
param b1: f32[17] = zeros
param w2: f32[17, 4] = xavier
param b2: f32[4] = constant(0.1)
h = relu(f32(x) / 255 @ w1 + b1)
logits = h @ w2 + b2
output p = softmax(logits)
output hidden = h
loss = mean(softmax_cross_entropy(logits, one_hot(label, 4)))
metric accuracy = mean(argmax(logits) == label)
metric largest = max(logits)
metric smallest = min(h)
metric total = sum(f32(x))
dataset d { x = idx("bytes") label = idx("label") }
train { minimize = loss optimizer = sgd(lr = 0.1, momentum = 0.9) data = d validate = d batch = 7 epochs = 3 }
END

program double <<'END'
input x: f64[N, 5, 7]
input label: u8[N] in 0..4
param w1: f64[35, 19] = normal(0, 0.1)
param b1: f64[19] = zeros
param w2: f64[19, 4] = uniform(-0.2, 0.2)
h = tanh(reshape(x, [N, 35]) @ w1 + b1)
logits = h @ w2
loss = mean(softmax_cross_entropy(logits, f64(one_hot(label, 4))))
metric accuracy = mean(argmax(logits) == label)
dataset d { x = idx("double") label = idx("label") }
train { minimize = loss optimizer = sgd(lr = 0.1) data = d validate = d batch = 16 epochs = 2 }
END

program odd_sizes <<'END'
const k = 4
input image: u8[N, 13, 11, 1]
input label: u8[N] in 0..k
param c1: f32[5, 5, 1, 48] = he
param b1: f32[48] = zeros
param c2: f32[3, 1, 48, 7] = xavier
param c3: f32[1, 1, 7, 7] = xavier
param d: f32[4*3*7, k] = xavier
fn block(x: f32[N, H, W, C], w: f32[R, S, C, C]) = x + relu(conv(x, w))
h1 = maxpool(relu(conv(f32(image) / 255, c1) + b1), 2)
h2 = conv(h1, c2)
h3 = maxpool(block(h2, c3), 2)
logits = flatten(h3) @ d
loss = mean(softmax_cross_entropy(logits, one_hot(label, k)))
metric accuracy = mean(argmax(logits) == label)
dataset a { image = reshape(idx("image"), [N, 13, 11, 1]) label = idx("label") }
train { minimize = loss optimizer = adam(lr = 1e-3) data = a validate = a batch = 10 epochs = 2 }
END

program residual <<'END'
input image: u8[N, 13, 11]
input label: u8[N] in 0..4
param a: f32[3, 3, 1, 8] = he
param b: f32[3, 3, 8, 8] = he
param w: f32[13*11*8, 4] = xavier
x = reshape(f32(image) / 255, [N, 13, 11, 1])
h = relu(conv(x, a))
r = h + relu(conv(h, b))
s = r + conv(r, b)
logits = flatten(s) @ w
output classes = argmax(logits)
output p = softmax(logits)
output features = r
loss = mean(softmax_cross_entropy(logits, one_hot(label, 4)))
metric accuracy = mean(argmax(logits) == label)
metric confidence = mean(max(softmax(logits), axis = 1))
dataset a1 { image = idx("image") label = idx("label") }
train { minimize = loss optimizer = sgd(lr = 0.01, momentum = 0.9) data = a1 validate = a1 batch = 8 epochs = 2 }
END

program strided <<'END'
input image: u8[N, 13, 11]
input label: u8[N] in 0..4
param a: f32[5, 3, 1, 9] = he
param b: f32[3, 3, 9, 33] = he
x = reshape(f32(image) / 255, [N, 13, 11, 1])
h = relu(conv(x, a, stride = 2))
g = maxpool(conv(h, b, padding = valid), 2)
logits = slice(mean(reshape(g, [N, shape(g)[1] * shape(g)[2], 33]), axis = 1), 1, 0, 4)
loss = mean(softmax_cross_entropy(logits, one_hot(label, 4)))
dataset a1 { image = idx("image") label = idx("label") }
train { minimize = loss optimizer = sgd(lr = 0.01, momentum = 0.9) data = a1 validate = a1 batch = 8 epochs = 2 }
END

program overlapping_windows --batch 1 <<'END'
input image: f32[N, 5, 6, 3]
input label: i32[N] in 0..4
param c1: f32[2, 2, 3, 5] = xavier
param d: f32[5*6*5, 4] = xavier
h = maxpool(gelu(conv(image, c1)), 3, stride = 1)
logits = flatten(h) @ d
loss = mean(softmax_cross_entropy(logits, one_hot(label, 4))) + 0.001 * sum(d^2)
metric accuracy = mean(argmax(logits) == label)
dataset a { image = idx("colour") label = idx("label32") }
train { minimize = loss optimizer = adam() data = a validate = a batch = 16 epochs = 2 }
END

program one_dimension <<'END'
input x: f32[N, 4, 8]
input t: f32[N, 3]
param w: f32[3, 8, 7] = he
param v: f32[4*7, 3] = xavier
y = flatten(relu(conv(x, w))) @ v
loss = mse(y, t)
dataset a { x = idx("sequence") t = idx("target") }
train { minimize = loss optimizer = adam(lr = 1e-2) data = a validate = a batch = 9 epochs = 2 }
END

program attention <<'END'
input x: f32[N, 4, 8]
input t: f32[N, 3]
param q: f32[8, 6] = xavier
param k: f32[8, 6] = xavier
param v: f32[8, 5] = xavier
param o: f32[5, 3] = xavier
s = softmax((x @ q) @ transpose(x @ k, [0, 2, 1]) / 6^0.5)
y = mean(s @ (x @ v), axis = 1) @ o
loss = mse(y, t)
dataset a { x = idx("sequence") t = idx("target") }
train { minimize = loss optimizer = adam(lr = 1e-2) data = a batch = 9 epochs = 2 }
END

# Statistics of the batch: every sample's value depends on all others.
program normalised --batch 20 <<'END'
input x: f32[N, 4, 8]
input t: f32[N, 3]
param w: f32[32, 16] = normal(0, 0.1)
param v: f32[16, 3] = xavier
h = flatten(x) @ w
d = h - mean(h, axis = 0)
y = sigmoid(d / (mean(d^2, axis = 0) + 1e-5)^0.5) @ v
output prediction = y
loss = mse(y, t)
metric worst = max(abs(y - t))
dataset a { x = idx("sequence") t = idx("target") }
train { minimize = loss optimizer = adam(lr = 1e-2) data = a validate = a batch = 9 epochs = 2 }
END

program dropped <<'END'
input x: f32[N, 4, 8]
input t: f32[N, 3]
param w: f32[32, 16] = normal(0, 0.1)
param v: f32[16, 3] = xavier
y = dropout(silu(dropout(flatten(x), 0.1) @ w), 0.3) @ v
loss = mae(y, t)
dataset a { x = idx("sequence") t = idx("target") }
train { minimize = loss optimizer = adam(lr = 1e-2) data = a validate = a batch = 9 epochs = 3 }
END

# Layers of the library: buffers are in the checkpoint, tables are looked up by what is fed.
program layers <<'END'
input image: u8[N, 13, 11]
input word: i32[N] in 0..4
input label: u8[N] in 0..4
x = reshape(f32(image), [N, 13, 11, 1]) |> normalize(120, 60) |> random_crop(1) |> random_flip
h = x |> Conv(8, 3, stride = 2, use_bias = false) |> BatchNorm |> relu6 |> DepthwiseConv([3, 1]) |> gelu(approximate = true)
      |> ConvTranspose(4, 3, stride = 2, padding = valid) |> BatchNorm(momentum = 0.5) |> silu |> avgpool(3)
e = word |> Embedding(4, 12) |> LayerNorm
logits = flatten(h) |> Dense(12) |> elu |> dropout(0.1)
logits4 = logits + e |> Dense(4)
loss = mean(sparse_softmax_cross_entropy(logits4, label, smoothing = 0.1, weights = [1, 2, 1, 1])) + 1e-4 * l2(e)
metric accuracy = accuracy(logits4, label)
metric top2 = mean(top_k(logits4, label, 2))
metric f1 = f1(argmax(logits4), label, 4)
metric perplexity = perplexity(logits4, label)
dataset d { image = idx("image") word = idx("label32") label = idx("label") }
train { minimize = loss optimizer = adam(lr = 3e-4) data = d validate = d batch = 16 epochs = 3 }
END

# Metrics are sums over the whole pass, whatever the batch.
metrics_of() { "$NETC" eval layers.safetensors --batch "$1" | sed 's/.*accuracy/accuracy/'; }
for batch in 1 7 16 61; do
  [ "$(metrics_of $batch)" = "$(metrics_of 60)" ] || fail "layers: other metrics in batches of $batch: $(metrics_of $batch), $(metrics_of 60)"
done

program scalar --batch 61 <<'END'
input x: f32[N, 4, 8]
param w: f32[] = constant(2)
y = sum(x, axis = 2) * w
loss = mean(y^2) + w^2
metric biggest = max(y)
dataset a { x = idx("sequence") }
train { minimize = loss optimizer = sgd(lr = 1e-4 / f32(step)) data = a batch = 9 epochs = 2 }
END
exit $bad
