#!/usr/bin/env python3
"""Checks the transcripts in documents by running them.

A transcript is a ```console block: a line `$ command` and the output it gives. A line `…` in the output stands for any
number of lines. Commands run with netc on the path in a copy of examples/mnist, one for each document. With --update the
outputs of blocks without `…` are written anew.

    transcripts.py [--update] NETC FILE.md...
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BLOCK = re.compile(r"(?ms)^```console\n(.*?)^```$")


def copy_root(to):
    """The repository, in links but for examples/mnist, which commands may write to; gives that folder."""
    os.mkdir(os.path.join(to, "examples"))
    for folder, but in [("", "examples"), ("examples", "mnist")]:
        for name in os.listdir(os.path.join(ROOT, folder)):
            if name != but:
                os.symlink(os.path.join(ROOT, folder, name), os.path.join(to, folder, name))
    return shutil.copytree(os.path.join(ROOT, "examples", "mnist"), os.path.join(to, "examples", "mnist"),
                           ignore=shutil.ignore_patterns("data", "*.safetensors"))


def run(command, netc, folder):
    path = os.path.dirname(netc) + os.pathsep + os.environ["PATH"]
    done = subprocess.run(["bash", "-c", command], cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "PATH": path, "LC_ALL": "C.UTF-8", "COLUMNS": "80"})
    return done.stdout


def matches(shown, real):
    """Whether the lines shown are the real ones, `…` standing for any number of them."""
    if not shown:
        return not real
    if shown[0] == "…":
        return any(matches(shown[1:], real[i:]) for i in range(len(real) + 1))
    return bool(real) and shown[0].rstrip() == real[0].rstrip() and matches(shown[1:], real[1:])


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


def update(text, netc, folder):
    def renew(found):
        out = ["```console"]
        for command, shown in transcripts(found.group(1)):
            out.append("$ " + command.replace("\n", "\n> "))
            out += shown if "…" in shown else [line.rstrip() for line in run(command, netc, folder).splitlines()]
        return "\n".join(out) + "\n```"

    return BLOCK.sub(renew, text)


def main():
    arguments = sys.argv[1:]
    renewing = arguments[0] == "--update"
    netc, files = os.path.abspath(arguments[renewing]), arguments[renewing + 1:]
    bad = 0
    for name in files:
        with open(name, encoding="utf-8") as f:
            text = f.read()
        with tempfile.TemporaryDirectory() as to:
            folder = copy_root(to)
            if renewing:
                text = update(text, netc, folder)
            else:
                bad += check(name, text, netc, folder)
        if renewing:
            with open(name, "w", encoding="utf-8") as f:
                f.write(text)
    sys.exit(1 if bad else 0)


main()
