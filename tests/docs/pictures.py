"""Compares a picture in the repository with the one that netc draws now.

Fonts differ between machines, and with them outlines and places by a little; texts, images and lines do not.
"""
import base64
import os
import re
import sys
import xml.etree.ElementTree as tree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tools"))
import svg  # noqa: E402

PLACE = 0.04  # of the picture's width and height
LEVEL = 3     # of a pixel's 255


def size(root):
    return svg.number(root.get("width")), svg.number(root.get("height"))


def colours(path):
    style = " ".join(path.get(name) or "" for name in ("style", "fill", "stroke"))
    return [round(float(share)) for share in re.findall(r"([\d.]+)%", style)]


def places(root):
    """All that is drawn but outlines of letters: of each image its corners, of each path its points, and what it is."""
    for box in svg.images(root):
        yield "an image", [(box.x, box.y), (box.right, box.bottom)]
    letters = {path for symbol in root.iter(svg.SVG + "defs") for path in symbol.iter(svg.SVG + "path")}
    for path in root.iter(svg.SVG + "path"):
        if path not in letters:
            yield f"a line in {colours(path)}", svg.points(path)


def scaled(root):
    width, height = size(root)
    return [(kind, [(x / width, y / height) for x, y in points]) for kind, points in places(root)]


def near(a, b):
    return len(a) == len(b) and all(abs(x - u) <= PLACE and abs(y - v) <= PLACE for (x, y), (u, v) in zip(a, b))


def pixels(root):
    for image in root.iter(svg.SVG + "image"):
        yield svg.read_png(base64.b64decode(image.get(svg.LINK).split(",")[1]))


def alike(a, b):
    flat = [b"".join(bytes(row) for row in image[3]) for image in (a, b)]
    return a[:3] == b[:3] and all(abs(x - y) <= LEVEL for x, y in zip(*flat))


def compare(old, new):
    """What differs, or None."""
    texts = [sorted(box.name for box in svg.texts(root)) for root in (old, new)]
    if texts[0] != texts[1]:
        return f"its texts are {texts[1]}, not {texts[0]}"
    drawn = [scaled(root) for root in (old, new)]
    if [kind for kind, _ in drawn[0]] != [kind for kind, _ in drawn[1]]:
        return f"there are {len(drawn[1])} images and lines, not {len(drawn[0])}, or they have other colours"
    for (kind, before), (_, after) in zip(*drawn):
        if not near(before, after):
            return f"{kind} is at {after}, not at {before}, of the picture's size"
    if not all(map(alike, pixels(old), pixels(new))):
        return "an image has other pixels"
    return None


def difference(shown, drawn):
    """What differs between two files, or None. Pictures without outlines of letters are the same everywhere."""
    for path in (shown, drawn):
        if not os.path.exists(path):
            return f"there is no {path}"
    with open(shown, "rb") as a, open(drawn, "rb") as b:
        old, new = a.read(), b.read()
    if old == new:
        return None
    if b"data-box" not in old or b"data-box" not in new:
        return "is another picture now"
    return compare(tree.fromstring(old), tree.fromstring(new))
