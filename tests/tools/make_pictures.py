#!/usr/bin/env python3
"""Writes a sample of MNIST as pictures that people have: make_pictures.py IMAGES.gz INDEX

In the current folder: same.png as it is; large.png ten times as large; paint.png large, in colours, black on white;
clear.png large, black on nothing; palette.png with 1 bit a pixel; wide.png on a wider black ground; and row.npy, rows.npy,
doubles.npy of the sample, of it and the next, and of it in f64. Of wrong ones: cut.png, text.png, empty.png, photo.jpg.
"""
import gzip
import struct
import sys
import zlib

SIZE = 28


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, rows, width, colour, bits=8, more=b""):
    header = struct.pack(">IIBBBBB", width, len(rows), bits, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows))
    write(name, b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more + chunk(b"IDAT", data) + chunk(b"IEND", b""))


def npy(name, kind, shape, data):
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({', '.join(map(str, shape))},), }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    write(name, b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + data)


def write(name, data):
    with open(name, "wb") as out:
        out.write(data)


def main():
    first = 16 + int(sys.argv[2]) * SIZE * SIZE
    data = gzip.open(sys.argv[1]).read()[first:first + 2 * SIZE * SIZE]
    rows = [data[y * SIZE:(y + 1) * SIZE] for y in range(SIZE)]
    large = [[v for v in row for _ in range(10)] for row in rows for _ in range(10)]
    png("same.png", rows, SIZE, 0)
    png("large.png", large, 10 * SIZE, 0)
    png("paint.png", [[255 - v for v in row for _ in range(3)] for row in large], 10 * SIZE, 2)
    png("clear.png", [[c for v in row for c in (0, 0, 0, v)] for row in large], 10 * SIZE, 6)
    png("wide.png", [bytes(SIZE) + row + bytes(SIZE) for row in rows], 3 * SIZE, 0)
    packed = [int("".join("1" if v > 127 else "0" for v in row) + "0000", 2).to_bytes(4, "big") for row in rows]
    png("palette.png", packed, SIZE, 3, 1, chunk(b"PLTE", bytes([0, 0, 0, 255, 255, 255])))
    npy("row.npy", "|u1", [SIZE, SIZE, 1], data[:SIZE * SIZE])
    npy("rows.npy", "|u1", [2, SIZE, SIZE], data)
    npy("doubles.npy", "<f8", [1, SIZE * SIZE], struct.pack(f"<{SIZE * SIZE}d", *data[:SIZE * SIZE]))
    npy("halves.npy", "<f8", [1, SIZE * SIZE], struct.pack(f"<{SIZE * SIZE}d", *[v / 2 for v in data[:SIZE * SIZE]]))
    npy("short.npy", "|u1", [3, 5], bytes(15))
    write("cut.png", open("paint.png", "rb").read()[:300])
    write("text.png", b"this is a text, long enough to be a header")
    write("empty.png", b"")
    write("photo.jpg", b"\xff\xd8\xff\xe0 and so on")


main()
