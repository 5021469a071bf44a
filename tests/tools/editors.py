#!/usr/bin/env python3
"""Checks editors/: their words are those of the compiler's tables, and they colour files as the compiler reads them.

    editors.py
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VIM = os.path.join(ROOT, "editors", "vim")
GRAMMAR = os.path.join(ROOT, "editors", "vscode", "syntaxes", "netc.tmLanguage.json")
# Vim's group, the grammar's scope, and where the compiler has the words.
GROUPS = {
    "netcWordOperator": "keyword.operator.word.netc",
    "netcBoolean": "constant.language.boolean.netc",
    "netcStatement": "keyword.control.netc",
    "netcDeclaration": "keyword.declaration.netc",
    "netcRange": "keyword.operator.range.netc",
    "netcType": "support.type.netc",
    "netcConstant": "constant.language.netc",
}

SAMPLE = """\
# a comment with train { and "quotes"
input image: u8[N, 28, 28, 1] in 0..10
const train = 3
param weights { input: f32[3] = xavier }
fn f(input: f32[N, C], for) = -input.in + 2.5e-3 * N and not true or x[.., -1] == step
layer Net(units: int, use = true)(x: float[..., C]) -> float[..., units] {
  output = 2 * x   # not a declaration
  buffer mean: f32[C] = zeros
  for i in 0..4 { update mean = mean^2 }
  if training { return x |> Dense(units) } else { return self.return }
  assert C != 3, "a string # with a \\" sign"
}
if training { import "x.net" }
train {
  minimize = loss
  group "*.bias" { lr = 0.1 }
}
"""
# What is coloured as a word of the language in the sample, in order.
WORDS = [
    ("netcDeclaration", "input"), ("netcType", "u8"), ("netcConstant", "N"), ("netcRange", "in"),
    ("netcDeclaration", "const"),
    ("netcDeclaration", "param"), ("netcType", "f32"),
    ("netcDeclaration", "fn"), ("netcType", "f32"), ("netcConstant", "N"), ("netcStatement", "for"), ("netcConstant", "N"),
    ("netcWordOperator", "and"), ("netcWordOperator", "not"), ("netcBoolean", "true"), ("netcWordOperator", "or"),
    ("netcConstant", "step"),
    ("netcDeclaration", "layer"), ("netcType", "int"), ("netcBoolean", "true"), ("netcType", "float"), ("netcType", "float"),
    ("netcDeclaration", "buffer"), ("netcType", "f32"),
    ("netcStatement", "for"), ("netcRange", "in"), ("netcDeclaration", "update"),
    ("netcStatement", "if"), ("netcConstant", "training"), ("netcStatement", "return"), ("netcStatement", "else"),
    ("netcStatement", "return"),
    ("netcStatement", "assert"),
    ("netcStatement", "if"), ("netcConstant", "training"), ("netcDeclaration", "import"),
    ("netcDeclaration", "train"),
    ("netcDeclaration", "group"),
]  # fmt: skip


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def compiler_words():
    """By group: the keywords of the lexer, the dtypes, and the words that sema has taken."""
    table = re.findall(r'\{"(\w+)", NC_TOKEN_(\w+), WORD_(\w+)\}', read("compiler", "syntax", "tokens.c"))
    assert len(table) > 20, "the table of keywords has another form"
    words = {group: set() for group in GROUPS}
    of_class = {"STATEMENT": "netcStatement", "DECLARATION": "netcDeclaration", "RANGE": "netcRange"}
    for word, _, kind in table:
        boolean = "netcBoolean" if word in ("true", "false") else "netcWordOperator"
        words[of_class.get(kind, boolean)].add(word)
    dtypes = re.findall(r'\[NC_\w+\] = \{"(\w+)", \d\}', read("compiler", "ir", "type.c"))
    taken = re.search(r'words\[\] = \{("N"[^}]*)\}', read("compiler", "sema", "scope.c"))
    assert len(dtypes) == 6 and taken, "a table has another form"
    words["netcType"] = set(dtypes)
    for word in re.findall(r'"(\w+)"', taken[1]):
        words["netcType" if word in ("int", "float", "integer") else "netcConstant"].add(word)
    return words


def vim_words():
    lines = read("editors", "vim", "syntax", "netc.vim")
    return {group: set(re.search(rf'syn match {group} .*?<%\(([\w|]+)\)', lines)[1].split("|")) for group in GROUPS}


def grammar():
    with open(GRAMMAR, encoding="utf-8") as file:
        patterns = json.load(file)["patterns"]
    return [(p.get("name") or p["captures"]["1"]["name"], re.compile(p["match"])) for p in patterns]


def grammar_words():
    by_scope = {scope: pattern.pattern for scope, pattern in grammar()}
    return {group: set(re.search(r"\(([a-zA-Z][\w|]*)\)", by_scope[scope])[1].split("|")) for group, scope in GROUPS.items()}


def grammar_colours(text):
    """(scope, text) of everything that a rule matches, as an editor goes through a line."""
    rules = grammar()
    for line in text.splitlines():
        at = 0
        while at < len(line):
            found = [(m.start(m.lastindex or 0), i, m) for i, (_, rule) in enumerate(rules) if (m := rule.search(line, at))]
            if not found:
                break
            _, number, match = min(found, key=lambda f: (f[2].start(), f[1]))
            yield rules[number][0], match[match.lastindex or 0]
            at = max(match.end(), at + 1)


def vim_colours(text):
    """(group, text) of each run of characters, as Vim has them."""
    with tempfile.TemporaryDirectory() as folder:
        source, script, out = (os.path.join(folder, name) for name in ("a.net", "s.vim", "out"))
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        with open(script, "w", encoding="utf-8") as file:
            file.write(f"""
set nocompatible runtimepath^={VIM}
filetype plugin on
syntax on
edit {source}
let rows = []
for l in range(1, line('$'))
  for c in range(1, len(getline(l)))
    call add(rows, l . ' ' . c . ' ' . synIDattr(synID(l, c, 1), 'name'))
  endfor
endfor
call writefile(rows + ['commentstring ' . &commentstring], '{out}')
qall!
""")
        subprocess.run(["vim", "-u", "NONE", "-es", "-S", script], check=False, timeout=60, stdin=subprocess.DEVNULL)
        rows = read(out).splitlines()
    assert rows.pop() == "commentstring # %s", "Vim does not know the file type"
    lines, runs, last = text.splitlines(), [], None
    for row in rows:
        line, column, *group = row.split()
        letter = lines[int(line) - 1][int(column) - 1]
        key = (line, group[0] if group else "")
        if last == (line, int(column) - 1) and runs[-1][0] == key:
            runs[-1][1] += letter
        else:
            runs.append([key, letter])
        last = (line, int(column))
    return [(group, run) for (_, group), run in runs]


def has_vim():
    if not shutil.which("vim"):
        return False
    done = subprocess.run(["vim", "--version"], capture_output=True, text=True, check=False)
    return "+syntax" in done.stdout


def check_examples(colours, comment, string, number):
    """Comments, strings and numbers are coloured as such in every example."""
    for name in glob.glob("**/*.net", root_dir=os.path.join(ROOT, "examples"), recursive=True):
        text = read("examples", name)
        seen = {}
        for group, run in colours(text):
            seen.setdefault(group, []).append(run)
        assert seen.get(comment, []) == re.findall(r"#.*", text), f"{name}: comments: {seen.get(comment, [])}"
        assert re.findall(r'"[^"\n]*"', "\n".join(seen.get(string, []))) == re.findall(r'"[^"\n]*"', re.sub(r"#.*", "", text)), name
        wanted = re.findall(r"(?<![\w\"])\d+(?:\.\d+)?(?:e-?\d+)?(?!\w)", re.sub(r'#.*|"[^"]*"', "", text))
        assert seen.get(number, []) == wanted, f"{name}: numbers: {seen.get(number, [])} instead of {wanted}"


def main():
    wanted = compiler_words()
    for who, words in (("editors/vim", vim_words()), ("editors/vscode", grammar_words())):
        for group in GROUPS:
            assert words[group] == wanted[group], f"{who}: {group} has {words[group]}, the compiler {wanted[group]}"
    group_of = {scope: group for group, scope in GROUPS.items()}
    seen = [(group_of[scope], text) for scope, text in grammar_colours(SAMPLE) if scope in group_of]
    assert seen == WORDS, f"editors/vscode: {[pair for pair in zip(seen, WORDS) if pair[0] != pair[1]][:4]}"
    check_examples(grammar_colours, "comment.line.number-sign.netc", "string.quoted.double.netc", "constant.numeric.netc")
    json.loads(read("editors", "vscode", "package.json"))
    json.loads(read("editors", "vscode", "language-configuration.json"))
    if not has_vim():
        print("Vim is not here or has no syntax: only its words are checked")
        return
    seen = [(group, text) for group, text in vim_colours(SAMPLE) if group in GROUPS]
    assert seen == WORDS, f"editors/vim: {[pair for pair in zip(seen, WORDS) if pair[0] != pair[1]][:4]}"
    check_examples(vim_colours, "netcComment", "netcString", "netcNumber")
    print("Vim colours the sample and the examples")


try:
    main()
except AssertionError as error:
    sys.exit(str(error))
