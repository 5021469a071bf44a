#!/usr/bin/env python3
"""How long networks of many layers take to check and to compile, with nothing in the cache.

  deep.py [--netc COMMAND] [--style variables|layers] [--rounds N] [LAYERS...]     (default: 100 1000)
  deep.py --write FILE [--style variables|layers] LAYERS

Half of the layers are convolutions, half are dense, of at most 20 shapes; each is followed by relu,
every fourth has a path around it. "check" is `netc check`; "compile" is `netc train` until the first
step is done. The least of a few rounds is shown, and how it grows with the number of layers.
"""
import argparse
import os
import struct
import subprocess
import tempfile
import time

CHANNELS = [8, 16, 16, 24, 24, 32, 32, 16, 12, 12]  # of the convolutions, again and again
WIDTHS = [64, 96, 96, 128, 128, 80, 80, 48, 48, 112]  # of the dense layers
SIZE = 8  # of the images
SAMPLES = 32


class Writer:
    def __init__(self, layers):
        self.layers = layers  # whether written with layers
        self.params, self.body = [], []

    def param(self, name, shape, how):
        self.params.append("param %s: f32[%s] = %s" % (name, ", ".join(map(str, shape)), how))

    def apply(self, i, kind, out, shape):
        """Layer number i of h."""
        if self.layers:
            call = {"conv": "Conv(%d, 3)(h%d)", "dense": "Dense(%d)(h%d)"}[kind] % (out, i)
        else:
            self.param("k%d" % i, shape, "he")
            self.param("b%d" % i, [out], "zeros")
            call = {"conv": "conv(h%d, k%d) + b%d", "dense": "h%d @ k%d + b%d"}[kind] % (i, i, i)
        around = " + h%d" % i if shape[-1] == shape[-2] and i % 4 == 1 else ""
        self.body.append("h%d = relu(%s)%s" % (i + 1, call, around))


def network(count, layers):
    w = Writer(layers)
    w.body.append("h0 = f32(image) / 255")
    convs, channels = count // 2, 1
    for i in range(convs):
        out = CHANNELS[i % len(CHANNELS)] if i + 1 < convs else CHANNELS[0]
        w.apply(i, "conv", out, [3, 3, channels, out])
        channels = out
    w.body[-1] = w.body[-1].replace("h%d =" % convs, "last =", 1)
    width = SIZE * SIZE * channels
    w.body.append("h%d = flatten(last)" % convs)
    for i in range(convs, count):
        out = WIDTHS[(i - convs) % len(WIDTHS)] if i + 1 < count else 10
        w.apply(i, "dense", out, [width, out])
        width = out
    lines = ["input image: u8[N, %d, %d, 1]" % (SIZE, SIZE), "input label: u8[N] in 0..10"]
    lines += w.params + w.body
    lines += ["loss = mean(softmax_cross_entropy(h%d, one_hot(label, 10)))" % count,
              "dataset images {",
              "  image = reshape(idx(\"images\"), [N, %d, %d, 1])" % (SIZE, SIZE),
              "  label = idx(\"labels\")", "}",
              "train { minimize = loss optimizer = adam(lr = 1e-4) data = images batch = 16 epochs = 1 }"]
    return "\n".join(lines) + "\n"


def write_data(folder):
    with open(folder + "/images", "wb") as f:
        f.write(struct.pack(">4B3I", 0, 0, 8, 3, SAMPLES, SIZE, SIZE))
        f.write(bytes(i * 37 % 256 for i in range(SAMPLES * SIZE * SIZE)))
    with open(folder + "/labels", "wb") as f:
        f.write(struct.pack(">4BI", 0, 0, 8, 1, SAMPLES))
        f.write(bytes(i % 10 for i in range(SAMPLES)))


def run(command, folder):
    begin = time.time()
    done = subprocess.run(command, env=dict(os.environ, NETC_CACHE=""), cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise SystemExit("%s failed:\n%s" % (" ".join(command), done.stderr))
    return time.time() - begin, done.stderr


def first_step(timings):
    """Seconds until the first step is done, from the lines of --timings."""
    for line in timings.splitlines():
        part, total, stage = (line.split(None, 2) + ["", "", ""])[:3]
        if stage == "first step":
            return float(total) / 1e3
    raise SystemExit("no first step in:\n" + timings)


def measure(netc, folder, count, style, rounds):
    name = "deep%d.net" % count
    with open(os.path.join(folder, name), "w") as f:
        f.write(network(count, style == "layers"))
    checks = [run([netc, "check", name], folder)[0] for _ in range(rounds)]
    steps = [first_step(run([netc, "train", "--timings", name], folder)[1]) for _ in range(rounds)]
    return min(checks), min(steps)


def compare(args):
    print("%8s  %10s  %10s  %14s" % ("layers", "check, s", "compile, s", "times as long"))
    least = None
    with tempfile.TemporaryDirectory() as folder:
        write_data(folder)
        for count in args.layers or [100, 1000]:
            check, step = measure(args.netc, folder, count, args.style, args.rounds)
            least = least or (count, check, step)
            print("%8d  %10.3f  %10.3f  %6.1f  %6.1f" % (count, check, step, check / least[1], step / least[2]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--netc", default="build/netc")
    parser.add_argument("--style", choices=["variables", "layers"], default="variables")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", metavar="FILE")
    parser.add_argument("layers", type=int, nargs="*")
    args = parser.parse_args()
    args.netc = os.path.abspath(args.netc)
    if args.write:
        with open(args.write, "w") as f:
            f.write(network(args.layers[0] if args.layers else 1000, args.style == "layers"))
    else:
        compare(args)


if __name__ == "__main__":
    main()
