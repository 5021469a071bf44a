#!/usr/bin/env python3
"""Runs the programs in documents: README.md, docs/*.md and docs/codes/*.md.

A block marked ```net or ```ir passes without an error or warning; one marked ```net error CODE gives that error, and no
other; one marked ```net warning CODE that warning. Programs are checked, graphs are read by opt, unless the line before
the block says otherwise: "Wrong, with `netc train`:". A block ```sh is run by the shell. What comes after "From [NAME](FILE):"
is an excerpt, whose lines are that file's, `…` standing for any number of them; other blocks ```c are not looked at. They run in a folder with the
slice of MNIST in tests/data, the files of tests/fixtures/data, the table of examples/iris, a folder leaves of pictures by
class, and a file labels.txt that is in no format.

    examples.py NETC
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# The line before, the kind, the severity and code, the text.
BLOCK = re.compile(r"(?ms)^([^\n]*)\n\n?```(net|ir|sh|c)(?: (error|warning) ([EW]\d{4}))?\n(.*?)^```$")
EXCERPT = re.compile(r"From \[[^]]*\]\(([^)]+)\):$")
COMMANDS = {"net": ["check"], "ir": ["opt"]}


def documents():
    names = ["README.md", *glob.glob("docs/*.md", root_dir=ROOT), *glob.glob("docs/codes/*.md", root_dir=ROOT)]
    names.remove(os.path.join("docs", "diagnostics.md"))  # made of docs/codes
    return sorted(names)


def run(netc, folder, before, kind, text):
    name = f"example.{kind}"
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        f.write(text)
    said = re.search(r"`netc ([^`]+)`:$", before)
    command, *options = said.group(1).split() if said else COMMANDS.get(kind, [None])
    line = ["bash", "-euo", "pipefail", name] if kind == "sh" else [netc, command, name, *options]
    path = os.path.dirname(netc) + os.pathsep + os.environ["PATH"]
    return subprocess.run(line, cwd=folder, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          env={**os.environ, "PATH": path})


def is_excerpt(text, of):
    """Whether the parts of the text between `…` stand in the file, in this order and whole lines each."""
    with open(of, encoding="utf-8") as f:
        rest = "\n" + f.read()
    for part in re.split(r"(?m)^ *…\n", text):
        before, found, rest = rest.partition("\n" + part)
        if not found:
            return False
        rest = "\n" + rest
    return True


def check(netc, folder, name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as f:
        document = f.read()
    blocks = list(BLOCK.finditer(document))
    bad = 0
    for block in blocks:
        before, kind, severity, code, text = block.groups()
        excerpt = EXCERPT.search(before)
        if excerpt:
            if not is_excerpt(text, os.path.join(ROOT, os.path.dirname(name), excerpt.group(1))):
                bad += 1
                print(f"{name}: not in {excerpt.group(1)}:\n{text}")
            continue
        if kind == "c":
            continue
        done = run(netc, folder, before, kind, text)
        reported = set(re.findall(r"(?m)^((?:error|warning))\[(\w+)\]", done.stderr))
        wanted = {(severity, code)} if code else set()
        if reported != wanted or done.returncode != (1 if severity == "error" else 0):
            bad += 1
            line = document.count("\n", 0, block.start(5))
            print(f"{name}:{line}: not as the document says (exit {done.returncode}):\n{done.stderr}")
    return len(blocks), bad


def main():
    netc = os.path.abspath(sys.argv[1])
    folder = tempfile.mkdtemp()
    try:
        for file in glob.glob(os.path.join(ROOT, "tests", "data", "*.gz")):
            shutil.copy(file, folder)
        shutil.copytree(os.path.join(ROOT, "tests", "fixtures", "data"), folder, dirs_exist_ok=True)
        shutil.copy(os.path.join(ROOT, "examples", "iris", "iris.csv"), folder)
        for name in ["ash", "oak"]:
            os.makedirs(os.path.join(folder, "leaves", name))
            shutil.copy(os.path.join(ROOT, "tests", "fixtures", "data", "RGB.png"), os.path.join(folder, "leaves", name))
        with open(os.path.join(folder, "labels.txt"), "w", encoding="ascii") as f:
            f.write("5\n0\n4\n1\n9\n")
        results = [check(netc, folder, name) for name in documents()]
    finally:
        shutil.rmtree(folder)
    count, bad = (sum(column) for column in zip(*results))
    print(f"{count} examples")
    sys.exit(1 if bad or count < 200 else 0)


main()
