#!/usr/bin/env python3
"""Writes small idx files for programs that netc emits.

    idx.py mnist FROM TO COUNT   the first COUNT samples of the four files in FROM, unpacked
    idx.py iris FOLDER TO        flower (f32) and species (u8) of the example's table, and beside TO its programs, which read those
    idx.py floats TO DIM...      random f32 from -1 to 1, always the same
    idx.py same OUTPUT NPY       whether a program's predictions, its standard output, are the array's bits
"""
import csv
import gzip
import math
import os
import random
import re
import struct
import sys


def write(path, code, dims, data):
    with open(path, "wb") as out:
        out.write(bytes([0, 0, code, len(dims)]) + struct.pack(f">{len(dims)}I", *dims) + data)


def mnist(source, to, count):
    for name in os.listdir(source):
        if not name.endswith("-ubyte.gz"):
            continue
        data = gzip.open(os.path.join(source, name)).read()
        rank = data[3]
        dims = struct.unpack(f">{rank}I", data[4:4 + 4 * rank])
        row = 1
        for size in dims[1:]:
            row *= size
        rows = min(int(count), dims[0])
        start = 4 + 4 * rank
        write(os.path.join(to, name[:-3]), data[2], (rows,) + dims[1:], data[start:start + rows * row])


def floats(to, *dims):
    dims = [int(size) for size in dims]
    numbers = random.Random(1)
    count = math.prod(dims)
    write(to, 13, dims, struct.pack(f">{count}f", *(numbers.uniform(-1, 1) for _ in range(count))))


def iris(example, to):
    rows = list(csv.reader(open(os.path.join(example, "iris.csv"))))
    names = sorted({row[-1] for row in rows[1:]})
    numbers = [float(x) for row in rows[1:] for x in row[:4]]
    write(os.path.join(to, "flower"), 13, (len(rows) - 1, 4), struct.pack(f">{len(numbers)}f", *numbers))
    write(os.path.join(to, "species"), 8, (len(rows) - 1,), bytes(names.index(row[-1]) for row in rows[1:]))


    for name in os.listdir(example):
        if name.endswith(".net"):
            text = open(os.path.join(example, name)).read()
            for old, new in ((r"^  (flower|species) = csv.*", r'  \1 = idx("\1")'), ("^dataset iris_train.*\n", ""),
                             ("^dataset iris {", "dataset iris_train {"), (r"^  validate.*\n", "")):
                text = re.sub(old, new, text, flags=re.M)
            with open(os.path.join(to, os.pardir, name), "w") as out:
                out.write(text)


def same(output, npy):
    """The array is the program's first output."""
    data = open(npy, "rb").read()
    length = struct.unpack("<H", data[8:10])[0]
    header = eval(data[10:10 + length])  # NumPy's own form
    count = 1
    for size in header["shape"]:
        count *= size
    want = data[10 + length:]
    row = count // header["shape"][0]
    got = []
    for line in open(output):
        numbers = []
        for word in line.split()[2:]:
            if not (word[0].isdigit() or word[0] == "-" or word in ("inf", "nan")):
                break
            numbers.append(float(word))
        got += numbers[:row]
    assert header["descr"] == "<f4", header
    return struct.pack(f"<{len(got)}f", *got) == want


if __name__ == "__main__":
    what, args = sys.argv[1], sys.argv[2:]
    if what == "same":
        sys.exit(0 if same(*args) else 1)
    {"mnist": mnist, "iris": iris, "floats": floats}[what](*args)
