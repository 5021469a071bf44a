#!/usr/bin/env python3
"""Checks that docs/library.md is what the standard library's sources say: the part below its marker is made from
compiler/stdlib/*.net, the first comment of each file and the comments right above its definitions. Definitions that
follow each other without an empty line share theirs; names with a leading `_` are the library's own. With --update it is
written anew.

    library.py [--update]
"""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "docs", "library.md")
MARKER = "<!-- Below this line: tests/docs/library.py --update -->\n"
TITLES = {"layers": "Layers", "activations": "Activations", "shapes": "Pooling and shapes", "losses": "Losses",
          "metrics": "Metrics", "images": "Images", "initializers": "Initializers", "optimizers": "Optimizers",
          "schedules": "Schedules", "gradients": "Clipping gradients"}


def signature(text):
    """From the beginning of a definition to its body, on one line."""
    depth = 0
    for i, c in enumerate(text):
        depth += (c in "([") - (c in ")]")
        if depth == 0 and c in "={":
            return re.sub(r"(?<=\() ", "", " ".join(text[:i].split()))
    return text


def comment(lines):
    return " ".join(line.lstrip("# ").rstrip() for line in lines)


def entries(text):
    """The file's heading, and (signatures, comment) of each definition."""
    lines = text.split("\n")
    first = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    found, above, joins = [], [], False
    for i, line in enumerate(lines[first:], first):
        match = re.match(r"(fn|layer|optimizer) (\w+)", line)
        if line.startswith("#"):
            above, joins = above + [line], False
        elif match:
            if not match[2].startswith("_"):
                own = signature("\n".join(lines[i:]).removeprefix("fn "))
                if joins and not above:
                    found[-1][0].append(own)
                else:
                    found.append(([own], comment(above)))
            above, joins = [], not match[2].startswith("_")
        elif not line.strip():
            above, joins = [], False
    return comment(lines[:first]), found


def section(path):
    name = os.path.basename(path)[:-4]
    with open(path) as file:
        heading, found = entries(file.read())
    parts = ["## %s\n\n%s\n" % (TITLES.get(name, name.capitalize()), heading)]
    for signatures, text in found:
        parts.append("```\n%s\n```\n%s" % ("\n".join(signatures), "\n%s\n" % text if text else ""))
    return "\n".join(parts)


def order(path):
    name = os.path.basename(path)[:-4]
    return list(TITLES).index(name) if name in TITLES else len(TITLES), name


def main():
    paths = sorted(glob.glob(os.path.join(ROOT, "compiler", "stdlib", "*.net")), key=order)
    with open(PAGE) as file:
        page = file.read()
    above = page[:page.index(MARKER)] + MARKER
    made = above + "\n" + "\n".join(section(path) for path in paths)
    if "--update" in sys.argv[1:]:
        with open(PAGE, "w") as file:
            file.write(made)
    elif made != page:
        sys.exit("docs/library.md is out of date: run tests/docs/library.py --update")


main()
