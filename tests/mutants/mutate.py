#!/usr/bin/env python3
"""Checks thousands of mutants of .net files: one token or one dimension of each is changed.

mutate.py NETC COUNT FILE.net...

Each mutant must compile, or give an error that shows the mutated token or has a note or label that
leads to it. Prints the rates, and a line for every error that does not: what was changed, and what
netc said. The exit status is 1 when netc crashed on a mutant, or when fewer errors than --at-least
percent lead to the token.
"""
import argparse
import collections
import concurrent.futures
import glob
import os
import random
import re
import subprocess
import sys
import tempfile

TOKEN = re.compile(
    r"(?P<space>\s+|\#[^\n]*)|(?P<name>[A-Za-z_]\w*)|(?P<number>\d+(\.\d+)?([eE][-+]?\d+)?)"
    r'|(?P<string>"[^"]*")|(?P<sign>\|>|->|==|!=|<=|>=|\.\.\.?|[^\w\s])'
)
Token = collections.namedtuple("Token", "kind text begin end")
Mutant = collections.namedtuple("Mutant", "what text begin end")


def tokens_of(source):
    tokens = [Token(m.lastgroup, m.group(), m.start(), m.end()) for m in TOKEN.finditer(source)]
    return [t for t in tokens if t.kind != "space"]


def misspell(name, rng):
    at = rng.randrange(len(name))
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
    return rng.choice(
        [name[:at] + name[at + 1 :], name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :]]
    )


def changed_number(text, rng):
    if "." in text or "e" in text:
        return rng.choice([text + "1", "0.0", "-" + text, str(int(float(text)))])
    return str(rng.choice([int(text) + 1, max(int(text) - 1, 0), 2 * int(text), 0]))


def mutate(source, tokens, rng):
    """One mutant, with the range of bytes in its text where the change is."""
    at = rng.randrange(len(tokens))
    token = tokens[at]
    others = [t.text for t in tokens if t.kind == token.kind and t.text != token.text]
    kinds = ["delete", "double", "replace", "swap"]
    kinds += {"name": ["misspell"] * 3, "number": ["number"] * 4}.get(token.kind, [])
    kind = rng.choice(kinds)
    begin, end = token.begin, token.end
    if kind == "swap" and at + 1 < len(tokens):
        follower = tokens[at + 1]
        end = follower.end
        new = follower.text + source[token.end : follower.begin] + token.text
    elif kind == "double":
        new = token.text + " " + token.text
    elif kind == "misspell":
        new = misspell(token.text, rng)
    elif kind == "number":
        new = changed_number(token.text, rng)
    elif kind == "replace" and others:
        new = rng.choice(others)
    else:
        kind, new = "delete", ""
    what = f"{kind} {source[begin:end]!r} -> {new!r}"
    return Mutant(what, source[:begin] + new + source[end:], begin, begin + len(new))


def mutants_of(source, count):
    """`count` different mutants; the same ones every time."""
    tokens, rng, seen = tokens_of(source), random.Random(1), {source}
    while count:
        mutant = mutate(source, tokens, rng)
        if mutant.text not in seen:
            seen.add(mutant.text)
            count -= 1
            yield mutant


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def shown_ranges(text, output):
    """The ranges of the text that carets mark, and the places of notes (as empty ranges)."""
    starts = [0] + [m.end() for m in re.finditer("\n", text)]
    line = None
    for row in output.splitlines():
        place = re.match(r" *(?:-->|:::) .*:(\d+):(\d+)$", row)
        source_line = re.match(r" *(\d+) \|", row)
        carets = re.match(r" *\| ([ ^~]*[\^~])", row)
        if place:
            offset = starts[int(place[1]) - 1] + int(place[2]) - 1
            yield offset, offset
        elif source_line:
            line = int(source_line[1])
        elif carets and line:
            for run in re.finditer(r"[\^~]+", carets[1]):
                yield starts[line - 1] + run.start(), starts[line - 1] + run.end()


def leads_to(mutant, output):
    """'token' when a mark touches what was changed (or what stands beside it), 'line' or ''."""
    lines = range(line_of(mutant.text, mutant.begin), line_of(mutant.text, mutant.end) + 1)
    # What is left of two words when the sign between them is gone is one.
    word = re.match(r"\w*", mutant.text[mutant.end :]) if re.search(r"\w$", mutant.text[: mutant.end]) else None
    end = mutant.end + (word.end() if word else 0)
    near_begin = len(mutant.text[: mutant.begin].rstrip())
    near_end = len(mutant.text) - len(mutant.text[end:].lstrip())
    found = ""
    for begin, end in shown_ranges(mutant.text, output):
        if begin <= near_end and end >= near_begin:
            return "token"
        if line_of(mutant.text, begin) in lines:
            found = "line"
    return found


def check(netc, folder, number, mutant):
    path = os.path.join(folder, f"mutant{number}.net")
    with open(path, "w", encoding="utf-8") as file:
        file.write(mutant.text)
    run = subprocess.run([netc, "check", path], capture_output=True, text=True, timeout=60, check=False)
    os.unlink(path)
    output = run.stdout + run.stderr
    if run.returncode not in (0, 1) or re.search(r"LLVM|Assertion .* failed|Sanitizer|runtime error", output):
        return "crash", output
    if run.returncode == 0:
        return "compiles", output
    return leads_to(mutant, output) or "elsewhere", output


def check_file(netc, name, count, pool):
    """(mutant, result, output) of each mutant; they lie beside what the file imports."""
    with open(name, encoding="utf-8") as file:
        source = file.read()
    with tempfile.TemporaryDirectory() as folder:
        for beside in glob.glob(os.path.join(os.path.dirname(os.path.abspath(name)), "*")):
            os.symlink(beside, os.path.join(folder, os.path.basename(beside)))
        original = check(netc, folder, 0, Mutant("nothing", source, 0, 0))
        if original[0] != "compiles":
            sys.exit(f"{name} itself does not compile:\n{original[1]}")
        mutants = list(mutants_of(source, count))
        results = pool.map(lambda numbered: check(netc, folder, *numbered), enumerate(mutants))
        return [(mutant, *result) for mutant, result in zip(mutants, results)]


def report(name, checked, shown):
    for mutant, result, output in checked:
        place = f"{os.path.basename(name)}:{line_of(mutant.text, mutant.begin)}"
        first = output.split("\n-->")[0].splitlines()
        said = next((line for line in first if line.startswith("error")), "")
        where = next((row[2] + ":" + row[3] for row in re.finditer(r"(-->) .*?:(\d+):(\d+)", output)), "")
        if result == "crash" or result in shown:
            print(f"--- {result}: {place}: {mutant.what}\n{output}")
        elif result in ("line", "elsewhere"):
            print(f"{result}: {place}: {mutant.what}: {said} at {where}")


def rates(name, counts):
    errors = max(sum(counts.values()) - counts["compiles"], 1)
    token, line = 100 * counts["token"] / errors, 100 * (counts["token"] + counts["line"]) / errors
    print(f"{name}: {sum(counts.values())} mutants, {errors} rejected: {token:.2f} % at the token, {line:.2f} % on its line")
    return token


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("netc")
    parser.add_argument("count", type=int, help="of mutants, over all files")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--at-least", type=float, default=100, help="the rate to reach, in percent")
    parser.add_argument("--show", default="", help="results whose output is printed, as elsewhere,line")
    options = parser.parse_args()
    total = collections.Counter()
    lines = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, name in enumerate(options.files):
            share = options.count * (number + 1) // len(options.files) - options.count * number // len(options.files)
            checked = check_file(options.netc, name, share, pool)
            report(name, checked, options.show.split(","))
            counts = collections.Counter(result for _, result, _ in checked)
            lines.append((os.path.basename(name), counts))
            total += counts
    for name, counts in lines:
        rates(name, counts)
    return rates("all", total) < options.at_least or total["crash"] > 0


if __name__ == "__main__":
    sys.exit(main())
