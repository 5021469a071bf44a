#!/usr/bin/env python3
"""Checks --message-format=json against docs/tools.md, against the text form, and its edits by applying them.

    messages.py NETC [MUTANTS]

The programs are those of the golden tests, the wrong examples of docs/codes, and so many mutants of mnist.net.
"""
import concurrent.futures
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "mutants"))
import mutate  # noqa: E402

# What an object holds: a type, several, or for a list what its items hold.
POSITION = {"line": int, "column": int, "byte": int}
PLACE = {"file": (str, None), "begin": (POSITION, None), "end": (POSITION, None)}
DIAGNOSTIC = {
    "code": (str, None), "severity": str, "message": str, **PLACE,
    "labels": [{"text": str, **PLACE}],
    "notes": [{"text": str, **PLACE}],
    "help": [{"text": str, "edit": ({"replacement": str, **PLACE}, None)}],
}


class Wrong(Exception):
    pass


def expect(condition, *what):
    if not condition:
        raise Wrong(" ".join(str(w) for w in what))


def conform(value, schema, path="diagnostic"):
    if isinstance(schema, tuple):
        if value is None and None in schema:
            return
        schema = schema[0]
    if isinstance(schema, list):
        expect(isinstance(value, list), path, "is no list")
        for i, item in enumerate(value):
            conform(item, schema[0], f"{path}[{i}]")
    elif isinstance(schema, dict):
        expect(isinstance(value, dict) and set(value) == set(schema), path, "has the fields", list(value))
        for key, part in schema.items():
            conform(value[key], part, f"{path}.{key}")
    else:
        expect(type(value) is schema, path, "is", repr(value))


def documented_fields():
    """The fields in the table of docs/tools.md, as `code` or `begin.line`."""
    with open(os.path.join(ROOT, "docs", "tools.md"), encoding="utf-8") as f:
        table = re.search(r"(?s)\| field \|.*?\n\n", f.read()).group()
    return set(re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in table.strip().splitlines()[2:])))


def fields_of(schema):
    if isinstance(schema, dict):
        return set(schema).union(*map(fields_of, schema.values()))
    return set().union(*map(fields_of, schema)) if isinstance(schema, (list, tuple)) else set()


def check_position(position, source):
    """Line and column follow from the byte."""
    expect(0 <= position["byte"] <= len(source), "a byte outside of the file:", position)
    before = source[: position["byte"]]
    line = before.count(b"\n") + 1
    last = before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")
    expect((position["line"], position["column"]) == (line, len(last) + 1), "line", line, "column", len(last) + 1, "not", position)


def check_place(part, sources):
    has = [part[key] is not None for key in PLACE]
    expect(all(has) or not any(has), "half of a place:", part)
    if all(has):
        source = sources(part["file"])
        check_position(part["begin"], source)
        check_position(part["end"], source)
        expect(part["begin"]["byte"] <= part["end"]["byte"], "ends before it begins:", part)


def places_of(diagnostic):
    yield diagnostic
    yield from diagnostic["labels"]
    yield from diagnostic["notes"]
    yield from edits_of(diagnostic)


def edits_of(diagnostic):
    return [help["edit"] for help in diagnostic["help"] if help["edit"]]


def place_line(part):
    return f'{part["file"]}:{part["begin"]["line"]}:{part["begin"]["column"]}'


def as_text(diagnostic):
    """The lines of the text form that are no source: heading, places, notes, helps."""
    if diagnostic["code"] is None:
        return [diagnostic["message"]]
    yield f'{diagnostic["severity"]}[{diagnostic["code"]}]: {diagnostic["message"]}'
    if diagnostic["file"] is not None:
        yield place_line(diagnostic)
    for part in diagnostic["notes"]:
        yield "note: " + part["text"]
        if part["file"] is not None:
            yield place_line(part)
    for part in diagnostic["help"]:
        yield "help: " + part["text"]


def text_lines(text):
    """The same lines of the text form; texts go on in lines that are indented."""
    for line in text.splitlines():
        if re.match(r"(error|warning)\[|note: |help: ", line):
            yield line
        elif found := re.match(r" *--> (.*)$", line):
            yield found[1]


def run(netc, arguments, folder):
    done = subprocess.run([netc, *arguments], cwd=folder, capture_output=True, timeout=100)
    return done.returncode, done.stderr


def diagnostics_of(stderr):
    """The objects, and the other lines."""
    lines = stderr.decode("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")], [line for line in lines if not line.startswith("{")]


def syntax_errors(diagnostics):
    return sum((d["code"] or "").startswith("E00") for d in diagnostics)


def check_edit(netc, arguments, folder, before, diagnostic, edit, sources):
    """With the edit made, the mistake is gone, and no mistake in the syntax has come for it."""
    source = sources(edit["file"])
    begin, end = edit["begin"]["byte"], edit["end"]["byte"]
    edited = source[:begin] + edit["replacement"].encode() + source[end:]
    expect(edited != source, "an edit that changes nothing:", edit)
    with open(os.path.join(folder, "edited"), "wb") as f:
        f.write(edited)
    arguments = ["edited" if a == edit["file"] else a for a in arguments]
    after, _ = diagnostics_of(run(netc, [*arguments, "--message-format=json"], folder)[1])
    same = [d for d in after if (d["code"], d["message"]) == (diagnostic["code"], diagnostic["message"])
            and d["begin"]["line"] == diagnostic["begin"]["line"]]
    expect(not same, "the edit", edit, "leaves", diagnostic["message"])
    expect(syntax_errors(after) <= syntax_errors(before) - (syntax_errors([diagnostic]) > 0), "the edit", edit, "gives", after)


def check(netc, arguments, folder):
    """One command line; gives how many diagnostics and edits were seen."""
    def sources(name):
        if name.startswith("--set "):
            settings = dict(argument.split("=", 1) for argument in arguments if "=" in argument)
            return f"const {name[6:]} = {settings[name[6:]]}".encode()
        if name == "--fetch":
            return f"const fetch = [{arguments[arguments.index(name) + 1]}]".encode()
        with open(os.path.join(folder, name), "rb") as f:
            return f.read()

    text_code, text = run(netc, arguments, folder)
    code, output = run(netc, [*arguments, "--message-format=json"], folder)
    expect(code == text_code, "exit", code, "not", text_code)
    diagnostics, others = diagnostics_of(output)
    expect([line for line in others if not line.startswith("netc: ")] == [], "lines:", others)
    text = text.decode("utf-8", "replace")
    edits = 0
    for diagnostic in diagnostics:
        conform(diagnostic, DIAGNOSTIC)
        expect(diagnostic["severity"] in ("error", "warning"), diagnostic["severity"])
        for part in places_of(diagnostic):
            check_place(part, sources)
        for edit in edits_of(diagnostic):
            expect(edit["file"] is not None, "an edit without a place")
            check_edit(netc, arguments, folder, diagnostics, diagnostic, edit, sources)
            edits += 1
    shown = [line.split("\n")[0] for d in diagnostics for line in as_text(d)]
    expect(shown == list(text_lines(text)), "the text form has others:\n", text, "\n", shown)
    return len(diagnostics), edits


def golden_commands(folder):
    """The command lines of the golden tests of diagnostics, with their files in the folder."""
    for path in glob.glob(os.path.join(ROOT, "tests", "golden", "*", "*.*")):
        with open(path, "rb") as f:
            line = re.search(rb"^# RUN: (?:not )?%netc ([^|]*?) 2>&1", f.read(), re.M)
        if not line:
            continue
        here = os.path.basename(path)
        shutil.copy(path, folder)
        data = os.path.join(ROOT, "tests", "data")
        command = line[1].decode().replace("%data", data).replace("%S", os.path.dirname(path)).replace("%s", here)
        yield shlex.split(command)


def example_commands(folder):
    for path in glob.glob(os.path.join(ROOT, "docs", "codes", "*.md")):
        with open(path, encoding="utf-8") as f:
            found = re.search(r"(?ms)^```(net|ir) (?:error|warning) (\w+)\n(.*?)^```$", f.read())
        if found:
            name = f"{found[2]}.{found[1]}"
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(found[3])
            yield ["check" if found[1] == "net" else "opt", name]


def mutant_commands(folder, count):
    with open(os.path.join(ROOT, "examples", "mnist", "mnist.net"), encoding="utf-8") as f:
        source = f.read()
    for i, mutant in enumerate(mutate.mutants_of(source, count)):
        name = f"mutant{i}.net"
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(mutant.text)
        yield ["check", name]


def odd_commands(folder):
    """Sources and names that JSON cannot hold as they are, more errors than are shown, no file at all."""
    odd = {
        "latin1.net": b'input x: f32[N, 4]\noutput y = x + "gr\xf6\xdfe" # \xff\n',
        "wide.net": "# größer × …\nx = \"größer\" + \t„y“\r\noutput z = ßx\n".encode(),
        "control.net": b"input \x01\x1b[31mx: f32[N]\x7f\n",
        "empty.net": b"",
        "open.net": b"input x: f32[N, 4",
        "many.net": b"".join(b"output y%d = missing%d\ninput x%d: f32[N]\n" % (i, i, i) for i in range(50)),
    }
    for name, text in odd.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(text)
        yield ["check", name]
    yield ["check", "absent.net"]


def checked(netc, arguments, folder):
    with tempfile.TemporaryDirectory() as own:
        for argument in arguments:
            if os.path.isfile(os.path.join(folder, argument)):
                shutil.copy(os.path.join(folder, argument), own)
        try:
            return (*check(netc, arguments, own), "")
        except (Wrong, ValueError) as wrong:
            return 0, 0, f"netc {' '.join(arguments)}: {wrong}"


def main():
    netc, mutants = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    bad = documented_fields() ^ fields_of(DIAGNOSTIC)
    if bad:
        print("docs/tools.md and the schema differ in:", bad)
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        commands = [*golden_commands(folder), *example_commands(folder), *odd_commands(folder),
                    *mutant_commands(folder, mutants)]
        results = list(pool.map(lambda arguments: checked(netc, arguments, folder), commands))
    for _, _, wrong in results:
        if wrong:
            print(wrong)
            bad = True
    diagnostics, edits = (sum(column) for column in list(zip(*results))[:2])
    print(f"{len(commands)} programs, {diagnostics} diagnostics, {edits} edits")
    sys.exit(1 if bad or diagnostics < 300 or edits < 80 else 0)


main()
