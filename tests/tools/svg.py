#!/usr/bin/env python3
"""Checks pictures that netc drew: svg.py FILE.svg [TEXT...]

The boxes of texts lie inside the picture, apart from each other, from images and from lines; each holds the outlines of as
many characters as its text has, where it says. With TEXTs: these are the picture's texts, in any order. Where FILE.png
lies beside it, it is the same picture: of the same size, with ink in each box and none at the edge.
"""
import collections
import os
import re
import struct
import sys
import xml.etree.ElementTree as tree
import zlib

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
PIXELS_PER_POINT = 300 / 72
Box = collections.namedtuple("Box", "x y right bottom name")
bad = []


def number(text):
    return float(text.replace("pt", ""))


def shrunk(box, by):
    return Box(box.x + by, box.y + by, box.right - by, box.bottom - by, box.name)


def meet(a, b):
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


def texts(root):
    for text in root.iter(SVG + "text"):
        x, y, width, height = map(float, text.get("data-box").split())
        yield Box(x, y, x + width, y + height, text.text or "")


def matrix(element):
    found = re.match(r"matrix\((.*)\)", element.get("transform") or "matrix(1,0,0,1,0,0)")
    return [float(x) for x in found.group(1).split(",")]


def images(root):
    """The places of images, from their sizes and the transformations around them."""
    sizes = {"#" + e.get("id"): (float(e.get("width")), float(e.get("height"))) for e in root.iter(SVG + "image")
             if e.get("id")}
    for use in root.iter(SVG + "use"):
        if use.get(LINK) in sizes:
            (a, _, _, d, x, y), (width, height) = matrix(use), sizes[use.get(LINK)]
            yield Box(x, y, x + a * width, y + d * height, "an image")


def is_line(path):
    style = (path.get("style") or "") + "".join(f";{k}:{v}" for k, v in path.attrib.items())
    return "fill:none" in style and "stroke-width" in style


def points(path):
    """The points of a path but for the bends of its curves."""
    a, b, c, d, e, f = matrix(path)
    places = [numbers.split()[-2:] for numbers in re.findall(r"[MLC]([^MLCZ]*)", path.get("d"))]
    return [(a * float(x) + c * float(y) + e, b * float(x) + d * float(y) + f) for x, y in places]


def lines(root):
    """The straight pieces of lines, each as a box."""
    for path in root.iter(SVG + "path"):
        if not is_line(path):
            continue
        corners = points(path)
        for (x, y), (u, v) in zip(corners, corners[1:]):
            steps = 64
            for i in range(steps):  # slanted ones piece by piece
                p, q = x + (u - x) * i / steps, y + (v - y) * i / steps
                r, s = x + (u - x) * (i + 1) / steps, y + (v - y) * (i + 1) / steps
                yield Box(min(p, r), min(q, s), max(p, r) + 1e-3, max(q, s) + 1e-3, "a line")


def outlines(root):
    for use in root.iter(SVG + "use"):
        if (use.get(LINK) or "").startswith("#glyph"):
            yield float(use.get("x")), float(use.get("y"))


def complain(text):
    bad.append(text)


def check_places(root, boxes):
    width, height = number(root.get("width")), number(root.get("height"))
    for i, box in enumerate(boxes):
        if box.x < 0 or box.y < 0 or box.right > width or box.bottom > height:
            complain(f"{box} is not inside of {width} x {height}")
        for other in boxes[:i] + list(images(root)):
            if meet(shrunk(box, 0.05), shrunk(other, 0.05)):
                complain(f"{box} and {other} overlap")
    inner = [shrunk(box, 1) for box in boxes]
    for line in lines(root):
        complain_of = next((box for box in inner if meet(line, box)), None)
        if complain_of:
            complain(f"{line} goes through {complain_of}")
            break


def check_outlines(root, boxes):
    drawn = list(outlines(root))
    for box in boxes:
        inside = [p for p in drawn if box.x - 0.01 <= p[0] <= box.right + 0.01 and box.y < p[1] < box.bottom + 0.01]
        if len(inside) != len(box.name):
            complain(f"{box} holds {len(inside)} outlines")
    if len(drawn) != sum(len(box.name) for box in boxes):
        complain(f"{len(drawn)} outlines are drawn, but the texts have {sum(len(b.name) for b in boxes)} characters")


def read_png(data):
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, height, _, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += 12 + length
    channels = {0: 1, 2: 3, 6: 4}[colour]
    raw, rows, last = zlib.decompress(packed), [], bytes(width * channels)
    for y in range(height):
        begin = y * (width * channels + 1)
        row = bytearray(raw[begin + 1:begin + 1 + width * channels])
        unfilter(raw[begin], row, last, channels)
        rows.append(row)
        last = row
    return width, height, channels, rows


def unfilter(kind, row, last, step):
    for i in range(len(row)):
        a, b, c = (row[i - step] if i >= step else 0), last[i], (last[i - step] if i >= step else 0)
        p = a + b - c
        nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
        row[i] = (row[i] + [0, a, b, (a + b) // 2, nearest][kind]) & 255


def check_png(name, root, boxes):
    width, height, channels, rows = read_png(open(name, "rb").read())
    want = [number(root.get(side)) * PIXELS_PER_POINT for side in ("width", "height")]
    if abs(width - want[0]) > 1.01 or abs(height - want[1]) > 1.01:
        complain(f"{name} is {width} x {height}, not {want}")
    for box in boxes:
        x, y, right, bottom = (int(value * PIXELS_PER_POINT) for value in box[:4])
        darkest = min(min(row[x * channels:right * channels]) for row in rows[y:bottom])
        if box.name.strip() and darkest > 180:
            complain(f"{name}: no ink in {box}")
    edge = bytes(rows[0]) + bytes(rows[-1]) + b"".join(bytes(r[:channels] + r[-channels:]) for r in rows)
    if min(edge) < 255:
        complain(f"{name}: ink at the edge")


def main():
    name, wanted = sys.argv[1], sys.argv[2:]
    root = tree.parse(name).getroot()
    boxes = list(texts(root))
    check_places(root, boxes)
    check_outlines(root, boxes)
    if not (root.findtext(SVG + "title") or ""):
        complain("no title")
    found = [box.name for box in boxes]
    if wanted and sorted(found) != sorted(wanted):
        complain(f"the texts are {sorted(found)}, not {sorted(wanted)}")
    other = os.path.splitext(name)[0] + ".png"
    if os.path.exists(other):
        check_png(other, root, boxes)
    for text in bad:
        print(f"{name}: {text}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
