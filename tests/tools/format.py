#!/usr/bin/env python3
"""Checks `netc fmt` on every .net file of the repository, on the programs in its documents, on
mutants of the examples, and on all of them with their white space thrown about.

What parses keeps its tokens and comments, comes out the same when formatted again, and has no line
over 100 columns that could be broken; what does not parse is left alone. The examples and the
standard library are formatted.

`netc fmt --shapes` gives what is valid the types it has: the result has the same graphs and comes out
the same again.

    format.py NETC MUTANTS EVERY     of the texts every so many-th
"""
import concurrent.futures
import glob
import os
import random
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "mutants"))
import mutate  # noqa: E402

BLOCK = re.compile(r"(?ms)^```net[^\n]*\n(.*?)^```$")
PIECE = re.compile(r'#[^\n]*|"(?:\\.|[^"\\\n])*"|\|>|->|[=!<>]=|\.\.\.?|[A-Za-z_]\w*|[0-9.]+[eE][-+]?\d+'
                   r"|\d+\.\d+|\d+|[^\s]")


def pieces(text):
    """Tokens and comments, in order."""
    return [piece.rstrip() for piece in PIECE.findall(text.removeprefix("\ufeff"))]


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8", errors="surrogateescape", newline="") as file:
        return file.read()


def names(pattern):
    return sorted(glob.glob(pattern, root_dir=ROOT, recursive=True))


def thrown_about(text, rng):
    """The same tokens with other white space: a bracket that opens a call stays on its line."""
    shuffled, before = "", ""
    for piece in pieces(text):
        spaces = [" ", "  ", "\t", "\n", "\n\n\n  ", "\n      ", ""]
        if before.startswith("#"):
            spaces = ["\n", "\n\n   "]
        elif re.match(r"[(\[]", piece) or piece.startswith("#"):
            spaces = [" ", "", "   "]
        gap = rng.choices(spaces, [8, 3, 1, 3, 1, 1, 8][: len(spaces)])[0]
        if gap == "" and re.match(r"[\w.\"]", piece) and re.search(r"[\w.\"]$", before):
            gap = " "
        if before in ("-", "*", "/", "=", "<", ">", "|", "!", ".", "..") and gap == "":
            gap = " "
        shuffled += gap + piece
        before = piece
    return shuffled


def squeezed(text):
    """Everything on as few lines as there can be."""
    return "".join(piece + ("\n" if piece.startswith("#") else " ") for piece in pieces(text))


def run(netc, text, *arguments):
    """netc on standard input: exit status, output and messages; line ends as they are."""
    done = subprocess.run([netc, *arguments, "-"], input=text.encode("utf-8", "surrogateescape"),
                          capture_output=True, timeout=60, check=False)
    return done.returncode, *(said.decode("utf-8", "surrogateescape") for said in (done.stdout, done.stderr))


def fmt(netc, text, *options):
    return run(netc, text, "fmt", *options)


def too_long(text):
    for line in text.split("\n"):
        comment = next((found.start() for found in PIECE.finditer(line) if found[0][0] == "#"), len(line))
        code = re.sub(r"(?<=\S)  +", " ", line[:comment].rstrip())  # what is lined up may be longer
        if len(code) > 100 and re.search(r"[^,(\[{]\s*, .|\S [-+@] \S", code[:100]):
            return line
    return None


def checked(netc, text):
    """What is wrong, or None; and whether the text parses."""
    code, formatted, messages = fmt(netc, text)
    if code == 1 and not formatted and "error[" in messages:
        return None, False
    if code != 0:
        return f"exit {code}: {messages}", False
    if pieces(formatted) != pieces(text):
        differ = [(a, b) for a, b in zip(pieces(text), pieces(formatted)) if a != b]
        return f"other tokens: {differ[:3]}", True
    again = fmt(netc, formatted)[1]
    if again != formatted:
        return f"formatting again changes it:\n{formatted}--- to\n{again}", True
    if fmt(netc, formatted, "--check")[0] != 0:
        return "--check does not take what fmt wrote", True
    if too_long(formatted):
        return "a line is too long: " + too_long(formatted), True
    return None, True


def texts(mutants):
    rng = random.Random(2)
    whole = {name: read(name) for name in names("**/*.net") if not name.startswith("build")}
    for name in names("docs/**/*.md"):
        for number, block in enumerate(BLOCK.findall(read(name))):
            whole[f"{name} block {number}"] = block
    for name in names("tests/fuzz/corpus/frontend/*"):
        whole[name] = read(name)
    for name, text in list(whole.items()):
        yield name, text
        yield f"{name}, thrown about", thrown_about(text, rng)
        yield f"{name}, squeezed", squeezed(text)
    examples = names("examples/**/*.net")
    for name in examples:
        for number, mutant in enumerate(mutate.mutants_of(read(name), mutants // len(examples))):
            yield f"{name} mutant {number} ({mutant.what})", mutant.text


def graphs(netc, text):
    """As `netc dump` prints them, without what tells the place; None for what is not valid."""
    code, printed, _ = run(netc, text, "dump")
    return re.sub(r" *#.*", "", printed) if code == 0 else None


def with_shapes(netc, text):
    """What is wrong, or None; and whether types were added."""
    before = graphs(netc, text)
    if before is None:
        return None, False
    code, shaped, messages = fmt(netc, text, "--shapes")
    if code != 0:
        return f"exit {code}: {messages}", False
    if graphs(netc, shaped) != before:
        return "other graphs with types:\n" + shaped, False
    if fmt(netc, shaped, "--shapes")[1] != shaped or fmt(netc, shaped)[1] != shaped:
        return "formatting again changes what has types:\n" + shaped, False
    return None, shaped != fmt(netc, text)[1]


def main():
    netc, mutants, step = os.path.abspath(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    bad = 0
    for name in names("examples/**/*.net") + names("compiler/stdlib/*.net"):
        done = subprocess.run([netc, "fmt", "--check", os.path.join(ROOT, name)], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            print(f"{name}: {done.stderr}")
            bad += 1
    every = list(texts(mutants))[::step]
    originals = [text for name, text in every if not name.endswith((", thrown about", ", squeezed", ")"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda entry: checked(netc, entry[1]), every))
        shaped = list(pool.map(lambda text: with_shapes(netc, text), originals))
    parsed = sum(parses for _, parses in results)
    added = sum(adds for _, adds in shaped)
    texts_wrong = [(text, wrong) for (_, text), (wrong, _) in zip(every, results)]
    for text, wrong in texts_wrong + [(text, wrong) for text, (wrong, _) in zip(originals, shaped)]:
        if wrong:
            bad += 1
            print(f"--- of\n{text}\n--- {wrong}")
    print(f"{len(every)} texts, {parsed} parse, {added} get types")
    sys.exit(1 if bad or parsed < 800 // step or added < 150 // step else 0)


main()
