#!/usr/bin/env python3
"""Checks the links of all documents: each file is there, and each heading.

    links.py FOLDER   prints each link that leads nowhere; exit status 1 if there is one

Links to the web are not followed. A heading's name is the one that GitHub gives it, or that of an <a id="NAME"></a>.
"""
import functools
import os
import re
import sys
import urllib.parse

LINK = re.compile(r"!?\[(?:[^][]|\[[^][]*\])*\]\(([^()\s]+)\)")


def documents(folder):
    for at, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "build"))]
        yield from (os.path.join(at, name) for name in names if name.endswith(".md"))


@functools.cache
def prose(path):
    """The text without code; its lines keep their numbers."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text = re.sub(r"^( *)(```+)[^`\n]*\n.*?^ *\2 *$", lambda code: "\n" * code[0].count("\n"), text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]+`", lambda code: "`" if "](" in code[0] else code[0], text)


@functools.cache
def headings(path):
    """The names of its headings."""
    names, seen = set(), {}
    for heading in re.findall(r"^#+ +(.*?) *#*$", prose(path), flags=re.M):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        seen[name] = seen.get(name, -1) + 1
        names.add(f"{name}-{seen[name]}" if seen[name] else name)
    return names | set(re.findall(r'<a id="([^"]+)"></a>', prose(path)))


def fault(path, link):
    """What is wrong with a link of the document, or None."""
    target, _, heading = link.partition("#")
    target = os.path.normpath(os.path.join(os.path.dirname(path), urllib.parse.unquote(target))) if target else path
    if not os.path.exists(target):
        return "there is no such file"
    if heading and target.endswith(".md") and heading not in headings(target):
        return "there is no such heading"
    return None


def main():
    checked = bad = 0
    for path in sorted(documents(sys.argv[1])):
        for match in LINK.finditer(prose(path)):
            if re.match(r"[a-z]+:", match[1]):
                continue
            checked += 1
            wrong = fault(path, match[1])
            if wrong:
                bad += 1
                line = prose(path).count("\n", 0, match.start()) + 1
                print(f"{os.path.relpath(path, sys.argv[1])}:{line}: {match[1]}: {wrong}")
    if checked == 0:
        sys.exit("no links")
    print(f"{checked} links, {bad} of them wrong")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
