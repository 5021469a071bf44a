"""Compares two programs that differ in names only.

same_program.py graph A B       the graphs, as `netc dump` prints them
same_program.py checkpoint A B  the tensors of two checkpoints, byte for byte, the n-th of a shape and dtype with the n-th
"""
import json
import re
import sys


def canonical(path):
    """The text with names of variables and nodes as numbers in the order in which they appear, and no comments."""
    text = re.sub(r" *#.*", "", open(path).read())
    numbers = {}
    for name in re.findall(r"(?:\b(?:param|buffer|state|update) |@)([\w.\[\]]+)", text):
        numbers.setdefault(name, f"v{len(numbers)}")
    text = re.sub(r"[\w.\[\]]+", lambda m: numbers.get(m.group(), m.group()), text)
    graphs = []
    for graph in re.split(r"(?m)^(?=graph )", text):
        nodes = {}
        graphs.append(re.sub(r"%\d+", lambda m: nodes.setdefault(m.group(), f"%{len(nodes)}"), graph))
    return graphs


def tensors(path):
    data = open(path, "rb").read()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            kind = name.split(".")[:2] if name.startswith("adam.") else ["param"]
            begin, end = (8 + size + offset for offset in entry["data_offsets"])
            key = (*kind, entry["dtype"], *entry["shape"])
            found.setdefault(key, []).append((name, data[begin:end]))
    return {key: [values for _, values in sorted(entries)] for key, entries in found.items()}


kind, a, b = sys.argv[1:]
first, second = (canonical(a), canonical(b)) if kind == "graph" else (tensors(a), tensors(b))
assert first and len(str(first)) > 1000, "nothing is compared"
if first != second:
    sys.exit(f"{a} and {b} differ in more than names")
