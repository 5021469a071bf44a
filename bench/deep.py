#!/usr/bin/env python3
"""How long networks of many layers take to check and to compile, with nothing in the cache.

  deep.py [--netc COMMAND] [--style variables|layers] [--rounds N] [LAYERS...]     (default: 100 1000)
  deep.py --write FILE [--style variables|layers] LAYERS        only writes a network, and data beside it

Half of the layers are convolutions, half are dense, of at most 20 shapes; all but the last are
followed by relu, some have a path around them. "check" is `netc check`; "compile" is `netc train` until the first
step is done; its processors' seconds include the one epoch of two steps. The least of a few rounds
is shown, and how it grows with the number of layers.
"""
import argparse
import os
import resource
import struct
import subprocess
import tempfile
import time

CHANNELS = [8, 16, 16, 24, 24, 32, 16, 12]  # of the convolutions, again and again
WIDTHS = [64, 96, 96, 128, 128, 80, 80, 48]  # of the dense layers
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
            call = {"conv": "Conv(%d, 3, init = he)(h%d)", "dense": "Dense(%d, init = he)(h%d)"}[kind] % (out, i)
        else:
            self.param("k%d" % i, shape, "he")
            self.param("b%d" % i, [out], "zeros")
            call = {"conv": "conv(h%d, k%d) + b%d", "dense": "h%d @ k%d + b%d"}[kind] % (i, i, i)
        value = "relu(%s)" % call
        if shape[-1] == shape[-2]:
            value = "0.75 * (%s + h%d)" % (value, i)
        self.body.append("h%d = %s" % (i + 1, value))


def network(count, layers):
    w = Writer(layers)
    w.body.append("h0 = f32(image) / 255")
    convs, channels = count // 2, 1
    for i in range(convs):
        out = CHANNELS[i % len(CHANNELS)]
        w.apply(i, "conv", out, [3, 3, channels, out])
        channels = out
    w.body[-1] = w.body[-1].replace("h%d =" % convs, "last =", 1)
    width = SIZE * SIZE * channels
    w.body.append("h%d = flatten(last)" % convs)
    for i in range(convs, count):
        out = WIDTHS[(i - convs) % len(WIDTHS)] if i + 1 < count else 10
        w.apply(i, "dense", out, [width, out])
        width = out
    w.body[-1] = "logits = " + w.body[-1][len("h%d = relu(" % count):-1]
    lines = ["input image: u8[N, %d, %d, 1]" % (SIZE, SIZE), "input label: u8[N] in 0..10"]
    lines += w.params + w.body
    lines += ["loss = mean(softmax_cross_entropy(logits, one_hot(label, 10)))",
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


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command, folder):
    """What it says on standard error; seconds by the clock, and of processors."""
    begin, used = time.time(), processor_seconds()
    done = subprocess.run(command, env=dict(os.environ, NETC_CACHE=""), cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise SystemExit("%s failed:\n%s" % (" ".join(command), done.stderr))
    return done.stderr, time.time() - begin, processor_seconds() - used


def first_step(timings):
    """Seconds until the first step is done, from the lines of --timings."""
    for line in timings.splitlines():
        part, total, stage = (line.split(None, 2) + ["", "", ""])[:3]
        if stage == "first step":
            return float(total) / 1e3
    raise SystemExit("no first step in:\n" + timings)


def measure(netc, folder, count, style, rounds):
    """The least of a few rounds: check, its processors' seconds, compile, its processors' seconds."""
    name = "deep%d.net" % count
    with open(os.path.join(folder, name), "w") as f:
        f.write(network(count, style == "layers"))
    least = [float("inf")] * 4
    for _ in range(rounds):
        _, check, check_used = run([netc, "check", name], folder)
        timings, _, step_used = run([netc, "train", "--timings", name], folder)
        now = [check, check_used, first_step(timings), step_used]
        least = [min(a, b) for a, b in zip(least, now)]
    return least


def compare(args):
    print("layers     check  processors   compile  processors     times as long, in each")
    with tempfile.TemporaryDirectory() as folder:
        write_data(folder)
        first = None
        for count in args.layers or [100, 1000]:
            times = measure(args.netc, folder, count, args.style, args.rounds)
            first = first or times
            print("%6d  %6.3f s    %6.3f s  %6.3f s    %6.3f s " % (count, *times)
                  + "".join("  %5.1f" % (a / b) for a, b in zip(times, first)))


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
        write_data(os.path.dirname(args.write) or ".")
        with open(args.write, "w") as f:
            f.write(network(args.layers[0] if args.layers else 1000, args.style == "layers"))
    else:
        compare(args)


if __name__ == "__main__":
    main()
