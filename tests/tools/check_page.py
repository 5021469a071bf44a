#!/usr/bin/env python3
"""Checks a page that netc built. Prints what is wrong; all but `module` open it in Chromium.

    check_page.py module PAGE                    its module imports nothing, and it loads nothing
    check_page.py samples PAGE IDX JSONL BITS    what it predicts for samples is what netc predict --json said; BITS: to the bit
    check_page.py picture PAGE PNG JSONL         the same for a picture that is opened, and the note of how it was converted
    check_page.py drawing PAGE                   what is drawn is predicted, can be taken back and cleared; on a phone it fits
    check_page.py fields PAGE JSONL VALUE…       the same for numbers that are typed in
    check_page.py values PAGE INPUTS JSON        outputs are those that netc run --json gave, to the bit; INPUTS in JSON
    check_page.py says PAGE TEXT EXPRESSION      predict throws an error with that text
"""
import base64
import gzip
import json
import re
import struct
import sys

import browser

wrong = []


def check(right, text):
    if not right:
        wrong.append(text)


def lines(path):
    return [json.loads(line) for line in open(path)]


def embed(data):
    """JavaScript that gives these bytes."""
    return f"Uint8Array.from(atob('{base64.b64encode(data).decode()}'), c => c.charCodeAt(0))"


def bits(value):
    return struct.pack("<f", value)


# ---- the file

def number(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def sections(module):
    check(module[:8] == b"\0asm\1\0\0\0", "the module is none of WebAssembly 1")
    at = 8
    while at < len(module):
        kind = module[at]
        size, at = number(module, at + 1)
        yield kind, module[at:at + size]
        at += size


def module(path):
    text = open(path, encoding="utf-8").read()
    found = re.search(r'<script type="application/wasm;base64" id="module">([A-Za-z0-9+/]*=*)</script>', text)
    content = {kind: data for kind, data in sections(base64.b64decode(found.group(1), validate=True))}
    check(2 not in content or content[2] == b"\0", "the module imports something")
    check({3, 5, 7, 10} <= set(content), f"the module has only the sections {sorted(content)}")
    for pattern in [r"https?:", r"\bsrc=", r"@import", r"url\(", r'href="(?!data:)', r"\{\{\w+\}\}", r"\bfetch\("]:
        check(not re.search(pattern, text), f"the page has {pattern}")


# ---- predictions

def same(got, want, exact, where):
    check(got["class"] == want["class"] and got["name"] == want["name"], f"{where}: {got['name']}, not {want['name']}")
    for p, q in zip(got["probabilities"], want["probabilities"], strict=True):
        check(bits(p) == bits(q) if exact else abs(p - q) <= 1e-5, f"{where}: {p}, not {q}")


def samples(path, idx, jsonl, exact):
    want = lines(jsonl)
    data = (gzip.open if idx.endswith(".gz") else open)(idx, "rb").read()
    size = len(data[16:]) // struct.unpack(">I", data[4:8])[0]
    page = browser.Page(path)
    got = page.run(f"""netc.ready.then(() => {{
      const all = {embed(data[16:16 + size * len(want)])};
      return Array.from({{ length: {len(want)} }}, (_, i) => netc.predict(all.subarray({size} * i, {size} * (i + 1))));
    }})""")
    for i, (g, w) in enumerate(zip(got, want, strict=True)):
        same(g, w, exact == "1", f"sample {i}")
    right = sum(g["class"] == w["true_class"] for g, w in zip(got, want))
    print(f"{right} of {len(got)} right")
    finish(page)


def answer(page):
    name, share = page.text(".answer strong"), page.text(".answer span")
    best = page.text(".bars .best")
    check(best is not None and name in best and share in best, f"the best bar is {best!r}, the answer {name} {share}")
    return name, share


def shows(page, want, where):
    check(answer(page) == (want["name"], f"{100 * want['probability']:.1f} %"), f"{where}: shows {answer(page)}, not {want['name']}")


def picture(path, png, jsonl):
    [want] = lines(jsonl)
    page = browser.Page(path)
    page.run("netc.ready")
    page.open_file("input[type=file]", png)
    page.run("""new Promise(done => { (function look() {
      document.querySelector('.answer strong').innerText === '–' ? setTimeout(look, 20) : done(); })(); })""")
    page.shown()
    shows(page, want, png)
    # What follows the format, which browsers keep to themselves: also whether gray was stored as colours.
    steps = want.get("note", "").split(": ")[-1].replace("made gray, ", "").replace("made gray", "")
    check(steps in page.text(".seen .note"), f"{png}: '{page.text('.seen .note')}' lacks '{steps}'")
    finish(page)


ONE = [(0.5, y / 100) for y in range(20, 81, 4)]


def drawing(path):
    page = browser.Page(path)
    page.run("netc.ready")
    check(page.text(".answer strong") == "–", "something is predicted before anything is drawn")
    page.draw(ONE)
    first = answer(page)
    check(re.fullmatch(r"\d+\.\d %", first[1]), f"a drawing gives {first}")
    ink = "(() => { const d = document.querySelector('.seen canvas').getContext('2d').getImageData(0, 0, 28, 28).data; return d.filter((v, i) => i % 4 === 0 && v > 128).length; })()"
    check(28 <= page.run(ink) <= 120, f"{page.run(ink)} pixels are drawn")
    page.draw([(0.1, 0.1), (0.9, 0.1), (0.9, 0.9)])
    check(answer(page) != first, "a second stroke changes nothing")
    click = "[...document.querySelectorAll('button')].find(b => b.innerText === '%s').click()"
    page.run(click % "Undo")
    page.shown()
    check(answer(page) == first, "Undo does not give what was")
    page.run("document.querySelector('.sheet ~ .row input[type=checkbox]').click()")
    page.shown()
    check(page.run(ink) > 28 * 28 - 120, "the paper is not light")
    page.run(click % "Clear")
    page.shown()
    check(page.text(".answer strong") == "–", "Clear does not clear")
    finish(page)
    phone = browser.Page(path, 360, 740, dark=True)
    phone.run("netc.ready")
    check(phone.run("document.documentElement.scrollWidth") <= 360, "the page is wider than a phone")
    paper = phone.run("getComputedStyle(document.body).backgroundColor")
    check(sum(map(int, re.findall(r"\d+", paper))) < 150, f"no dark scheme: {paper}")
    phone.draw(ONE)
    answer(phone)
    finish(phone)


def fields(path, jsonl, *values):
    [want] = lines(jsonl)
    page = browser.Page(path)
    page.run("netc.ready")
    page.run(f"""document.querySelectorAll('.fields input').forEach((field, i) => {{
      field.value = {json.dumps(values)}[i];
      field.dispatchEvent(new Event('input', {{ bubbles: true }}));
    }})""")
    page.shown()
    shows(page, want, " ".join(values))
    print(page.text(".fields").replace("\n", ", "))
    page.run("(f => { f.value = ''; f.dispatchEvent(new Event('input', { bubbles: true })); })(document.querySelector('.fields input'))")
    page.shown()
    check("is no number" in (page.text("#problem") or ""), f"an empty field: {page.text('#problem')}")
    finish(page)


ARRAYS = {"f32": "Float32Array", "f64": "Float64Array", "i32": "Int32Array", "u8": "Uint8Array", "bool": "Uint8Array"}


def values(path, inputs, file):
    page = browser.Page(path)
    given = ", ".join(f"{name}: {ARRAYS[dtype]}.from({numbers})" for name, dtype, numbers in json.load(open(inputs)))
    got = page.run(f"""netc.ready.then(() => Object.fromEntries(Object.entries(netc.predict({{ {given} }}).outputs)
      .map(([name, array]) => [name, Array.from(array, v => Object.is(v, -0) ? '-0' : String(v))])))""")
    flat = lambda v: [x for item in v for x in flat(item)] if isinstance(v, list) else [float(v)]
    for value in json.load(open(file)):
        pack = lambda v: struct.pack("<d", float(v))
        mine, theirs = got[value["name"]], flat(value["values"])
        check(len(mine) == len(theirs) and all(pack(a) == pack(b) for a, b in zip(mine, theirs)),
              f"{value['name']}: {mine}, not {theirs}")
    finish(page)


def says(path, text, expression):
    page = browser.Page(path)
    try:
        page.run(f"netc.ready.then(() => {expression})")
        check(False, f"{expression}: no error")
    except RuntimeError as error:
        check(text in str(error), f"{expression}: {error} does not say '{text}'")
    finish(page)


def finish(page):
    for error in page.errors:
        check(False, f"the browser complains: {json.dumps(error)[:500]}")
    page.close()


globals()[sys.argv[1]](*sys.argv[2:])
for text in wrong[:10]:
    print(f"{sys.argv[1]}: {text}")
sys.exit(1 if wrong else 0)
