#!/usr/bin/env python3
"""Prints the derivatives of programs as programs, compiles these again, and compares the values.

    derivatives.py NETC FILE.net…

In training and in evaluation, for all params, and once more for a derivative of the derivative.
"""
import ast
import math
import os
import random
import re
import struct
import subprocess
import sys

CODES = {"f32": ("<f4", "f"), "f64": ("<f8", "d"), "u8": ("|u1", "B"), "i32": ("<i4", "i"), "i64": ("<i8", "q"),
         "bool": ("|b1", "?")}
BATCH = 3


def fail(message):
    print(message)
    sys.exit(1)


def run(*command, expect=0):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != expect:
        fail(f"{' '.join(command)}\nexit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def write_npy(path, dtype, shape, values):
    descr, code = CODES[dtype]
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {tuple(shape)}, }}".ljust(117) + "\n"
    with open(path, "wb") as out:
        out.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode())
        out.write(struct.pack(f"<{len(values)}{code}", *values))


def read_npy(path):
    data = open(path, "rb").read()
    begin = 10 + struct.unpack("<H", data[8:10])[0]
    descr = ast.literal_eval(data[10:begin].decode())["descr"]
    code = next(code for name, code in CODES.values() if name == descr)
    return struct.unpack(f"<{(len(data) - begin) // struct.calcsize(code)}{code}", data[begin:])


def inputs(source):
    return re.findall(r"^input (\w+): (\w+)\[(.*?)\](?: in 0\.\.(\d+))?$", source, re.M)


def feeds(source):
    return [word for name, *_ in inputs(source) for word in ("--feed", f"{name}={name}.npy")]


def write_samples(source, draw):
    """Random samples for the inputs of a printed program."""
    for name, dtype, dims, high in inputs(source):
        shape = [BATCH if dim == "N" else int(dim) for dim in dims.split(", ")]
        count = math.prod(shape)
        values = ([draw.randrange(int(high or 256)) for _ in range(count)] if dtype[0] in "ui"
                  else [draw.uniform(-1, 1) for _ in range(count)])
        write_npy(f"{name}.npy", dtype, shape, values)


def values(netc, path, fetch, *options):
    folder = f"values{len(os.listdir('.'))}"
    run(netc, "run", path, "--fetch", fetch + ",0", "--out", folder, *options)  # several values: a folder
    return {name: read_npy(f"{folder}/{name}") for name in os.listdir(folder) if name != "0.npy"}


def compare(what, want, got):
    if len(want) != len(got):
        fail(f"{what}: {len(want)} and {len(got)} values")
    size = max(max(map(abs, want)), 1e-6)
    for a, b in zip(want, got):
        if not abs(a - b) <= 1e-5 * size and not (math.isnan(a) and math.isnan(b)):
            fail(f"{what}: {a} and {b}")
    return want == got


def params(netc, path):
    text = run(netc, "dump", "--stage=graph", path).stdout
    return re.findall(r"^graph update (\S+)\(", text, re.M)


def file_name(text):
    """What netc run --out calls the file of a value."""
    text = re.sub(r"(?<![A-Za-z0-9])\.|\.(?![A-Za-z0-9])", "?", text)
    return re.sub(r"[^\w.]+", "_", text) + ".npy"


def same_name(name):
    return re.sub(r"\W+", "_", name).strip("_")


def dump(netc, path, copy, *options):
    """The derivative as a file, which has no errors or warnings and is laid out as it should be."""
    printed = run(netc, "dump", "--stage=grad", "--format=net", path, *options).stdout
    with open(copy, "w") as out:
        out.write(printed)
    told = run(netc, "check", copy)
    if told.stderr:
        fail(f"{path}: the derivative has warnings\n{told.stderr}{printed}")
    run(netc, "fmt", "--check", copy)
    return printed


def check(netc, path, training, number):
    copy, again = f"derivative{number}.net", f"second{number}.net"
    printed = dump(netc, path, copy, *([] if training else ["--graph=evaluate"]))
    wrt = params(netc, path)
    write_samples(printed, random.Random(number))
    fed = feeds(printed)
    mode = ["--training"] if training else []
    want = values(netc, path, ",".join(f"grad(loss, {name})" for name in wrt), *fed, *mode)
    got = values(netc, copy, ",".join(f"d_{same_name(name)}" for name in wrt), *fed)
    exact = sum(compare(f"{path}: {name}", want[file_name(f"grad(loss, {name})")], got[f"d_{same_name(name)}.npy"])
                for name in wrt)
    print(f"{path}{' in training' if training else ''}: {exact} of {len(wrt)} gradients have the same bits")
    # of a sum of squares of the last param's gradient, by the first param
    of, by = wrt[-1], wrt[0]
    declared = by if re.search(rf"^param {by.split('.')[0]} {{", printed, re.M) else same_name(by)
    square = f"sum(grad(loss, {of}) * grad(loss, {of}))"
    second = dump(netc, copy, again, "--of", f"sum(d_{same_name(of)} * d_{same_name(of)})", "--wrt", declared)
    want = values(netc, path, f"grad({square}, {by})", *fed, *mode)
    got = values(netc, again, f"d_{same_name(by)}", *feeds(second))
    compare(f"{path}: the second derivative", *want.values(), *got.values())


def main():
    netc, files = sys.argv[1], sys.argv[2:]
    for number, path in enumerate(files):
        for training in (True, False):
            check(netc, path, training, 2 * number + training)


main()
