#!/usr/bin/env python3
"""Writes seeded variants of the tutorial's ConvNet: four convolutions with other channels, sizes,
strides and kernels, two pools, two dense layers.

  variants.py FOLDER [FIRST [COUNT]]     writes FOLDER/variant-SEED.net for each seed (default: 1, 10)
"""
import random
import sys


def same(size, stride):
    return -(-size // stride)


def variant(seed):
    r = random.Random(seed)
    height, width = r.randrange(17, 36), r.randrange(17, 36)
    channels = [r.randrange(1, 49) for _ in range(5)]
    kernels = [r.choice([3, 3, 5]) for _ in range(4)]
    strides = [1, r.choice([1, 2]), 1, r.choice([1, 1, 2])]
    h, w = height, width
    lines = ["# seed %d" % seed, "input image: u8[N, %d, %d, %d]" % (height, width, channels[0]),
             "input label: u8[N] in 0..10"]
    for i in range(4):
        lines.append("param c%d: f32[%d, %d, %d, %d] = xavier" % (i, kernels[i], kernels[i], channels[i], channels[i + 1]))
        lines.append("param b%d: f32[%d] = zeros" % (i, channels[i + 1]))
    body = ["x0 = f32(image) / 255"]
    for i in range(4):
        stride = ", stride = %d" % strides[i] if strides[i] > 1 else ""
        body.append("y%d = relu(conv(x%d, c%d%s) + b%d)" % (i, i, i, stride, i))
        h, w = same(h, strides[i]), same(w, strides[i])
        if i % 2 and min(h, w) > 1:
            body.append("x%d = maxpool(y%d, 2)" % (i + 1, i))
            h, w = same(h, 2), same(w, 2)
        else:
            body.append("x%d = y%d" % (i + 1, i))
    flat, hidden = h * w * channels[4], r.randrange(32, 200)
    lines += ["param d1: f32[%d, %d] = xavier" % (flat, hidden), "param d2: f32[%d, 10] = xavier" % hidden]
    body += ["d = relu(reshape(x4, [N, %d]) @ d1)" % flat, "logits = d @ d2",
             "output probabilities = softmax(logits)",
             "loss = mean(softmax_cross_entropy(logits, one_hot(label, 10)))",
             "dataset d0 { image = idx(\"images\") label = idx(\"labels\") }",
             "train { minimize = loss optimizer = adam(lr = 1e-4) data = d0 batch = 128 }"]
    return "\n".join(lines + body) + "\n"


def main():
    folder = sys.argv[1]
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    for seed in range(first, first + count):
        with open("%s/variant-%d.net" % (folder, seed), "w") as f:
            f.write(variant(seed))


if __name__ == "__main__":
    main()
