#!/usr/bin/env python3
"""Checks the pictures of a graph against its text.

pictures.py TEXT SVG DOT: files that netc dump printed of one graph. The SVG shows every node, result and update once, in
text boxes that are disjoint and inside of the picture, boxes outside of each other, in the frames of their groups; lines
do not cross boxes. The DOT is in Graphviz's grammar and has the same nodes and edges.
"""
import re
import sys
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def fail(message):
    sys.exit(f"{sys.argv[2]}: {message}")


def read_text(path):
    """Nodes by their names in the text (%6, %image, @w) with their operands, results and updates."""
    nodes, ends = {}, []
    for line in open(path):
        line = line.split("   #")[0].rstrip()
        if match := re.match(r"graph .*?\((.*)\) {$", line):
            for name in re.findall(r"([A-Za-z_]\w*): ", match[1]):
                nodes["%" + name] = ("input", [])
        elif match := re.match(r"  %(\d+) = (\w+)(.*) : ", line):
            operands = re.findall(r"[%@][\w.\[\]]+", re.sub(r" \{.*", "", match[3]))
            nodes["%" + match[1]] = (match[2], operands)
            for operand in operands:
                if operand.startswith("@"):
                    nodes[operand] = ("variable", [])
        elif match := re.match(r"  (result \w+|update) (\S+) = (\S+)", line):
            what = match[1].removeprefix("result ")
            ends.append((f"{what} {match[2]}", match[3]))
            if match[3].startswith("@"):
                nodes[match[3]] = ("variable", [])
    return nodes, ends


def overlap(a, b):
    return a[0] < b[2] - 0.01 and b[0] < a[2] - 0.01 and a[1] < b[3] - 0.01 and b[1] < a[3] - 0.01


def disjoint(what, boxes):
    boxes.sort(key=lambda box: box[1][0])
    for i, (name, box) in enumerate(boxes):
        for other_name, other in boxes[i + 1:]:
            if other[0] >= box[2]:
                break
            if overlap(box, other):
                fail(f"{what} {name!r} and {other_name!r} overlap: {box} {other}")


def text_box(text):
    x, y, size = float(text.get("x")), float(text.get("y")), float(text.get("font-size"))
    return x, y - 0.8 * size, x + float(text.get("textLength")), y + 0.2 * size


def shape_box(group):
    shape = group.find(SVG + "rect")
    if shape is not None:
        x, y, w, h = (float(shape.get(a)) for a in ("x", "y", "width", "height"))
        return x, y, x + w, y + h
    points = [tuple(map(float, p.split(","))) for p in group.find(SVG + "polygon").get("points").split()]
    return min(p[0] for p in points), min(p[1] for p in points), max(p[0] for p in points), max(p[1] for p in points)


def crosses(points, box):
    """Whether a line goes through the inside of a box; touching its sides is allowed."""
    left, top, right, bottom = box[0] + 1, box[1] + 1, box[2] - 1, box[3] - 1
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        low, high = 0.0, 1.0
        for p, d, a, b in ((x0, x1 - x0, left, right), (y0, y1 - y0, top, bottom)):
            if d == 0:
                if p <= a or p >= b:
                    low = 2
            else:
                t, u = sorted(((a - p) / d, (b - p) / d))
                low, high = max(low, t), min(high, u)
        if low < high:
            return True
    return False


def short(title):
    return title if len(title) <= 60 else title[:33] + "..." + title[-24:]


def expected(nodes, ends):
    titles = {}
    for name, (op, _) in nodes.items():
        title = short(name[1:]) if op in ("input", "variable") else f"{name} {op}"
        titles[title] = titles.get(title, 0) + 1
    for title, _ in ends:
        titles[short(title)] = titles.get(short(title), 0) + 1
    return titles


def check_svg(path, nodes, ends):
    root = ET.parse(path).getroot()
    view = tuple(map(float, root.get("viewBox").split()))
    texts = [(t.text, text_box(t)) for t in root.iter(SVG + "text")]
    for text, box in texts:
        if box[0] < 0 or box[1] < 0 or box[2] > view[2] or box[3] > view[3]:
            fail(f"{text!r} is outside of the picture")
    disjoint("texts", texts)
    boxes, found, tags, ids = [], {}, 0, set()
    for group in root.iter(SVG + "g"):
        name, kind = group.get("id"), group.get("class").split()
        if name in ids:
            fail(f"{name} is there twice")
        ids.add(name)
        box = shape_box(group)
        boxes.append((name, box))
        for text in group.findall(SVG + "text"):
            inner = text_box(text)
            if inner[0] < box[0] or inner[1] < box[1] or inner[2] > box[2] or inner[3] > box[3]:
                fail(f"{text.text!r} leaves its box")
        if name.startswith("legend"):
            continue
        if "tag" in kind:
            tags += 1
            continue
        title = group.find(SVG + "text").text
        title = re.sub(r"^(%\d+ \w+) .*", r"\1", title)
        found[title] = found.get(title, 0) + 1
        backward = "backward" in kind
        learned = "update" in kind and title.startswith("update adam.") and any(t.startswith("loss ") for t, _ in ends)
        if learned and not backward:
            fail(f"{title} is forward")
    if found != expected(nodes, ends):
        want = expected(nodes, ends)
        fail(f"nodes differ: {[t for t in set(found) | set(want) if found.get(t) != want.get(t)]}")
    disjoint("boxes", boxes)
    for link in root.iter(SVG + "a"):
        if link.get("href")[1:] not in ids:
            fail(f"a link goes to {link.get('href')}")
    lines = [p for p in root.iter(SVG + "path") if p.get("class", "").startswith(("line", "backward"))]
    arrows = sum(1 for p in lines if p.get("marker-end"))
    bands = {}
    for name, box in boxes:
        for band in range(int(box[1]) // 50, int(box[3]) // 50 + 1):
            bands.setdefault(band, []).append((name, box))
    for line in lines:
        points = [tuple(map(float, p.split())) for p in line.get("d")[1:].split("L")]
        near = range(int(points[0][1]) // 50, int(points[-1][1]) // 50 + 1)
        for name, box in (item for band in near for item in bands.get(band, [])):
            if crosses(points, box):
                fail(f"the line {line.get('d')} crosses {name}")
    uses = sum(len(operands) for _, operands in nodes.values()) + len(ends)
    if arrows != uses:
        fail(f"{arrows} arrows for {uses} uses")
    return tags


# ---- DOT: the part of Graphviz's grammar that has identifiers, strings and attributes

TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_]\w*|\d+(?:\.\d+)?)|(->|[{}\[\];,=]))')


def tokens(text):
    at = 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if not match:
            fail(f"DOT: {text[at:at + 40]!r}")
        at = match.end()
        yield match[0].strip()


class Dot:
    def __init__(self, text):
        self.tokens, self.at = list(tokens(text)), 0
        self.nodes, self.edges, self.used = {}, [], []
        self.take("digraph")
        self.block()
        if self.at != len(self.tokens):
            fail("DOT: something follows the graph")

    def look(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self, *wanted):
        token = self.look()
        if token is None or (wanted and token not in wanted):
            fail(f"DOT: {token!r} instead of {wanted}")
        self.at += 1
        return token

    def word(self):
        token = self.take()
        if token in "{}[];,=" or token == "->":
            fail(f"DOT: {token!r} is no name")
        return token

    def attributes(self):
        found = {}
        self.take("[")
        while self.look() != "]":
            name = self.word()
            self.take("=")
            found[name] = self.word()
            if self.look() in (",", ";"):
                self.take()
        self.take("]")
        return found

    def block(self):
        self.take("{")
        while self.look() != "}":
            name = self.word()
            if name == "subgraph":
                self.word()
                self.block()
                continue
            if self.look() == "=":
                self.take()
                self.word()
            elif self.look() == "->":
                self.take()
                self.edges.append((name, self.word(), self.attributes()))
            elif name in ("node", "edge"):
                self.attributes()
            else:
                if name in self.nodes:
                    fail(f"DOT: {name} is there twice")
                self.nodes[name] = self.attributes()
            if self.look() == ";":
                self.take()
        self.take("}")


def check_dot(path, nodes, ends):
    dot = Dot(open(path).read())
    found = {}
    for name, attributes in dot.nodes.items():
        if not name.startswith("legend"):
            title = re.sub(r"^(%\d+ \w+) .*", r"\1", attributes["label"][1:-1].split("\\n")[0])
            found[title] = found.get(title, 0) + 1
    if found != expected(nodes, ends):
        fail("DOT: the nodes differ")
    for a, b, attributes in dot.edges:
        if a not in dot.nodes or b not in dot.nodes or not re.match(r'"\w+\[.*\]"$', attributes["label"]):
            fail(f"DOT: {a} -> {b} {attributes}")
    if len(dot.edges) != sum(len(operands) for _, operands in nodes.values()) + len(ends):
        fail("DOT: the edges differ")


nodes, ends = read_text(sys.argv[1])
tags = check_svg(sys.argv[2], nodes, ends)
check_dot(sys.argv[3], nodes, ends)
print(len(nodes), len(ends), tags)
