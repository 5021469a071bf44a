#!/usr/bin/env python3
"""Checks the transcripts in documents by running them.

A transcript is a ```console block: a line `$ command` and the output it gives. A line `…` in the output stands for any
number of lines; what was measured, as `3.6 s`, `16671/s`, `55.0 MB` or `1.3e-09`, may be any such figure. Commands run with netc on
the path in a copy of examples/mnist, one for each document, whose folder `data` is that of --mnist. A picture that the
document shows is the one that the commands drew. With --update the lines that differ are written anew, except in outputs
with `…`, and so are the pictures.

    transcripts.py [--update] [--mnist FOLDER] NETC FILE.md...
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

import pictures

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BLOCK = re.compile(r"(?ms)^```console\n(.*?)^```$")
PICTURE = re.compile(r"\]\(([^):]+\.(?:svg|png))\)")
MEASURED = re.compile(r"\s*\b\d\.\de-\d\d\b|\s*\b\d+(?:\.\d+)?(?: ?(?:ms|s|min|h|[kMG]?B)\b| ?(?:samples)?/s\b)")


def copy_root(to, mnist):
    """The repository, in links but for examples/mnist, which commands may write to; gives that folder."""
    os.mkdir(os.path.join(to, "examples"))
    for folder, but in [("", "examples"), ("examples", "mnist")]:
        for name in os.listdir(os.path.join(ROOT, folder)):
            if name != but:
                os.symlink(os.path.join(ROOT, folder, name), os.path.join(to, folder, name))
    copy = shutil.copytree(os.path.join(ROOT, "examples", "mnist"), os.path.join(to, "examples", "mnist"),
                           ignore=shutil.ignore_patterns("data", "*.safetensors"))
    if mnist:
        os.symlink(os.path.abspath(mnist), os.path.join(copy, "data"))
    return copy


def run(command, netc, folder):
    path = os.path.dirname(netc) + os.pathsep + os.environ["PATH"]
    done = subprocess.run(["bash", "-c", command], cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", "COLUMNS": "80"})
    return done.stdout


def stable(line):
    """The line without what another run may measure otherwise."""
    return MEASURED.sub(" (measured)", line.rstrip())


def matches(shown, real):
    """Whether the lines shown are the real ones, `…` standing for any number of them."""
    if not shown:
        return not real
    if shown[0] == "…":
        return any(matches(shown[1:], real[i:]) for i in range(len(real) + 1))
    return bool(real) and stable(shown[0]) == stable(real[0]) and matches(shown[1:], real[1:])


def transcripts(block):
    """(command, shown lines) of each command of a block; a command goes on in lines that begin with `> `."""
    steps = []
    for line in block.splitlines():
        if line.startswith("$ "):
            steps.append([line[2:], []])
        elif line.startswith("> ") and steps and not steps[-1][1]:
            steps[-1][0] += "\n" + line[2:]
        elif steps:
            steps[-1][1].append(line)
    return steps


def check(name, text, netc, folder):
    bad = 0
    for block in BLOCK.findall(text):
        for command, shown in transcripts(block):
            real = run(command, netc, folder).splitlines()
            if not matches(shown, real):
                bad += 1
                print(f"{name}: `{command}` gives something else:")
                print("\n".join("  " + line for line in real[:60]))
    return bad


def renewed(shown, real):
    """The real lines, of which those that match one shown stay as they are."""
    old = {stable(line): line for line in shown}
    return [old.get(stable(line), line.rstrip()) for line in real]


def update(text, netc, folder):
    def renew(found):
        out = ["```console"]
        for command, shown in transcripts(found.group(1)):
            out.append("$ " + command.replace("\n", "\n> "))
            real = run(command, netc, folder).splitlines()
            out += shown if "…" in shown else renewed(shown, real)
        return "\n".join(out) + "\n```"

    return BLOCK.sub(renew, text)


def check_pictures(name, text, folder, renewing):
    """The pictures that a document shows, each beside the one of its name that the commands left."""
    bad = 0
    for path in PICTURE.findall(text):
        shown, drawn = os.path.join(os.path.dirname(name), path), os.path.join(folder, os.path.basename(path))
        said = pictures.difference(shown, drawn)
        if said and renewing and os.path.exists(drawn):
            shutil.copy(drawn, shown)
        elif said:
            bad += 1
            print(f"{name}: {path}: {said}")
    return bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--mnist")
    parser.add_argument("netc", type=os.path.abspath)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    bad = 0
    for name in options.files:
        with open(name, encoding="utf-8") as f:
            text = f.read()
        with tempfile.TemporaryDirectory() as to:
            folder = copy_root(to, options.mnist)
            if options.update:
                text = update(text, options.netc, folder)
            else:
                bad += check(name, text, options.netc, folder)
            bad += check_pictures(name, text, folder, options.update)
        if options.update:
            with open(name, "w", encoding="utf-8") as f:
                f.write(text)
    sys.exit(1 if bad else 0)


main()
