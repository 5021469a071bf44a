#!/usr/bin/env python3
"""Emitted C beside netc's own code: training's time with one thread, the size of prediction's code, and how long a program takes that predicts one image.

  emitted.py [--netc COMMAND] [--cc "COMMAND"] [--data FOLDER] [--rounds N]     (default: gcc -O3 -march=native, tests/data)

Of every example of examples/mnist, in the same run: programs take turns, and of each the least time of an epoch counts, which is a
quarter of what five epochs take longer than one. Both use --math=portable, in which they compute the same bits. Sizes are
those of code and constants without weights, by `size`.
"""
import argparse
import glob
import gzip
import math
import os
import re
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def seconds(command, folder):
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def unpack(source, folder):
    for path in glob.glob(os.path.join(source, "*-ubyte*")):
        data = gzip.open(path).read() if path.endswith(".gz") else open(path, "rb").read()
        with open(os.path.join(folder, os.path.basename(path).removesuffix(".gz")), "wb") as out:
            out.write(data)


def inputs_of(text, prefix):
    """NAME=FILE of the inputs that the program has."""
    names = {"image": prefix + "-images-idx3-ubyte", "label": prefix + "-labels-idx1-ubyte"}
    return ["%s=%s" % (name, names[name]) for name in re.findall(r"^input (\w+)", text, re.M)]


def measure(name, args, folder):
    source = name + ".net"
    text = open(os.path.join(ROOT, "examples", "mnist", source)).read()
    with open(os.path.join(folder, source), "w") as out:
        out.write(re.sub(r"^  validate .*\n", "", text, flags=re.M))
    build = [args.netc, "build", source, "--emit=c", "--math=portable"]
    subprocess.run(build + ["--main", "-o", name + ".c"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(args.cc.split() + ["-std=c11", name + ".c", "-o", name, "-lm"], cwd=folder, check=True)
    programs = {
        "c": lambda epochs: ["./" + name, "train", str(epochs), "c.safetensors"] + inputs_of(text, "train"),
        "netc": lambda epochs: [args.netc, "train", source, "--math=portable", "--threads=1", "--epochs", str(epochs),
                                "--out", "netc.safetensors"],
    }
    best = {key: {1: math.inf, 5: math.inf} for key in programs}
    seconds(programs["netc"](1), folder)  # its code is then in the cache
    for _ in range(args.rounds):
        for key, command in programs.items():
            for epochs in (1, 5):
                best[key][epochs] = min(best[key][epochs], seconds(command(epochs), folder))
    epoch = {key: (times[5] - times[1]) / 4 for key, times in best.items()}
    subprocess.run(build + ["--entry=predict", "--weights=none", "-o", "size.c"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(args.cc.split() + ["-std=c11", "-c", "size.c", "-o", "size.o"], cwd=folder, check=True)
    size = int(subprocess.run(["size", "size.o"], cwd=folder, check=True, capture_output=True, text=True).stdout.split("\n")[1].split()[0])
    subprocess.run(build + ["--entry=predict", "--main", "-o", "one.c"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(args.cc.split() + ["-std=c11", "one.c", "-o", "one", "-lm"], cwd=folder, check=True)
    start = min(seconds(["./one", "predict", "image=one-image"], folder) for _ in range(20))
    return epoch, size, start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--netc", default=os.path.join(ROOT, "build", "netc"))
    parser.add_argument("--cc", default="gcc -O3 -march=native")
    parser.add_argument("--data", default=os.path.join(ROOT, "tests", "data"))
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    args.netc = os.path.abspath(args.netc)
    ratios = {}
    print("%-14s %10s %10s %7s %14s %10s" % ("", "C", "netc", "ratio", "predict: bytes", "one image"))
    with tempfile.TemporaryDirectory() as folder:
        unpack(args.data, folder)
        data = open(os.path.join(folder, "t10k-images-idx3-ubyte"), "rb").read()
        with open(os.path.join(folder, "one-image"), "wb") as out:
            out.write(data[:4] + (1).to_bytes(4, "big") + data[8:16] + data[16:16 + 784])
        subprocess.run(["cp", os.path.join(ROOT, "examples", "mnist", "digits.net"), folder], check=True)
        for path in sorted(glob.glob(os.path.join(ROOT, "examples", "mnist", "*.net"))):
            name = os.path.basename(path).removesuffix(".net")
            if name == "digits":
                continue
            epoch, size, start = measure(name, args, folder)
            ratios[name] = epoch["c"] / epoch["netc"]
            print("%-14s %7.1f ms %7.1f ms %7.3f %14d %7.2f ms" % (name, epoch["c"] * 1e3, epoch["netc"] * 1e3, ratios[name], size, start * 1e3))
    mean = math.exp(sum(map(math.log, ratios.values())) / len(ratios))
    worst = max(ratios, key=ratios.get)
    print("geometric mean %.3f; worst %s, %.3f" % (mean, worst, ratios[worst]))


if __name__ == "__main__":
    main()
