#!/usr/bin/env python3
"""Cuts the slice of MNIST that the tests use: the first 2,000 training and 500 test images.

cut.py FOLDER, with the four original files in it, writes their beginnings, gzipped, beside itself.
"""
import gzip
import pathlib
import struct
import sys

COUNTS = {"train": 2000, "t10k": 500}


def cut(data, count):
    """The first `count` items of an idx file of bytes."""
    rank = data[3]
    sizes = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    item = 1
    for size in sizes[1:]:
        item *= size
    start = 4 + 4 * rank
    return data[:4] + struct.pack(">I", count) + data[8:start] + data[start : start + count * item]


def main():
    here = pathlib.Path(__file__).parent
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*-ubyte")):
        sliced = cut(path.read_bytes(), COUNTS[path.name.split("-")[0]])
        (here / (path.name + ".gz")).write_bytes(gzip.compress(sliced, 9, mtime=0))


if __name__ == "__main__":
    main()
