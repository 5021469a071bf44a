"""Rounds of measurements: processes that take turns, what they say, checks, and tables of it."""
import json
import os
import re
import statistics
import subprocess
import tempfile
import threading
import time
from collections import namedtuple

OWN = {"NETC_CACHE", "LD_PRELOAD"}  # variables that only an entry sets
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

# One line of a table. command: or a function of the round that gives it; until: a text in a line
# of standard error at which the process has done what is timed; pattern: what in its output the
# facts are, by the names of groups, or None for a line of JSON.
Entry = namedtuple("Entry", "name peer command env until pattern", defaults=[{}, None, None])
# figure: which fact of a run is shown, beside that of the first entry; check: of all facts so far.
Table = namedtuple("Table", "title figure unit threads entries check", defaults=[None])


class Failure(Exception):
    """What went wrong, for the user to read."""


# ---- statistics and order


def turns(rounds, entries):
    """Each round runs every entry once."""
    return [(r, e) for r in range(rounds) for e in entries]


def spread(values):
    return statistics.median(values), min(values), max(values)


def ratio(values, base):
    """The median of the ratios of the rounds, which drifts do not touch as they do the medians'."""
    return statistics.median(v / b for v, b in zip(values, base))


def fastest(rows, but):
    """Of (name, peer, values, ratio) the best of other peers than these; None without one."""
    return min((row for row in rows if row[1] not in but), key=lambda row: row[3], default=None)


# ---- processes


def environment(threads, extra):
    env = {k: v for k, v in os.environ.items() if k not in OWN}
    env.update({name: str(threads) for name in THREAD_VARIABLES})
    env.update(extra)
    return env


def last_json(text):
    lines = [line for line in text.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if lines else None


def wait_for(process, text, errors):
    """Reads standard error until a line has this text: the time then. The process is ended."""
    with process.stderr as lines:
        for line in lines:
            errors.write(line)
            if text in line:
                at = time.monotonic()
                process.kill()
                return at
    return None


def run_process(entry, threads, turn, timeout):
    """What a process says of itself, with its peak of memory and its time to the first step."""
    command = entry.command(turn) if callable(entry.command) else entry.command
    env = environment(threads, entry.env(turn) if callable(entry.env) else entry.env)
    processors = sorted(os.sched_getaffinity(0))[-threads:]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        begin = time.monotonic()
        process = subprocess.Popen(
            command, stdout=out, stderr=subprocess.PIPE if entry.until else errors, text=True, env=env,
            preexec_fn=lambda: os.sched_setaffinity(0, processors))
        alarm = threading.Timer(timeout, process.kill)
        alarm.start()
        first_at = wait_for(process, entry.until, errors) if entry.until else None
        _, status, usage = os.wait4(process.pid, 0)
        late = not alarm.is_alive()
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if late:
            raise Failure("%s took longer than %g s: %s" % (entry.name, timeout, " ".join(command)))
        out.seek(0), errors.seek(0)
        return facts_of(entry, command, process.returncode, out.read(), errors.read(), begin,
                        first_at, usage.ru_maxrss / 1024)


def facts_of(entry, command, code, out, errors, begin, first_at, peak_mb):
    facts = last_json(out) if not entry.pattern else None
    if entry.pattern:
        found = list(re.finditer(entry.pattern, out))
        facts = {k: float(v) for k, v in found[-1].groupdict().items()} if found else None
    if entry.until:
        facts = {"first_at": first_at} if first_at else None
    if facts is None or (code != 0 and not entry.until):
        tail = "\n".join(errors.splitlines()[-12:])
        raise Failure("%s failed (exit status %d): %s\n%s" %
                      (entry.name, code, " ".join(command), tail))
    facts["peak_mb"] = peak_mb
    if "first_at" in facts:
        facts["start_s"] = facts["first_at"] - begin
    return facts


# ---- checks


def check_learns(runs):
    for name, facts in runs:
        if "first_loss" in facts and not facts["last_loss"] < 0.98 * facts["first_loss"]:
            raise Failure("%s does not learn: its loss went from %.4f to %.4f" %
                          (name, facts["first_loss"], facts["last_loss"]))


def check_params(runs):
    counts = {name: facts["params"] for name, facts in runs if "params" in facts}
    if len(set(counts.values())) > 1:
        raise Failure("these are different networks, by their number of params: %s" % counts)


def check_training(runs):
    check_learns(runs)
    check_params(runs)


def check_accuracy(runs):
    """Predictors have the same params, and so predict the same, but for rounding."""
    all_of = [facts["accuracy"] for _, facts in runs]
    if min(all_of) < 0.9 or max(all_of) - min(all_of) > 0.002:
        raise Failure("the predictions differ, or are wrong: accuracies %s" %
                      {name: facts["accuracy"] for name, facts in runs})


def check_trained(runs):
    for name, facts in runs:
        if facts["accuracy"] < 0.9:
            raise Failure("%s did not learn: accuracy %.4f" % (name, facts["accuracy"]))


# ---- running and showing


def plural(threads):
    return "1 thread" if threads == 1 else "%d threads" % threads


def measure(table, rounds, timeout, say):
    """The facts of each entry, round by round."""
    facts = {e.name: [] for e in table.entries}
    for turn, entry in turns(rounds, table.entries):
        got = run_process(entry, table.threads, turn, timeout)
        facts[entry.name].append(got)
        say("%s, round %d: %s %s" % (table.title, turn + 1, entry.name, json.dumps(got)))
        if table.check and entry.peer != "machine":
            table.check([(n, f) for n, all_of in facts.items() for f in all_of
                         if "gflops" not in f])
    return facts


def show(table, facts):
    """A table of Markdown, and below it what the machine gave and which other was the fastest."""
    base = [f[table.figure] for f in facts[table.entries[0].name]]
    rows = [(e.name, e.peer, [f[table.figure] for f in facts[e.name]]) for e in table.entries
            if e.peer != "machine"]
    rows = [(*row, ratio(row[2], base)) for row in rows]
    gflop = next((f["gflop"] for f in facts[table.entries[0].name] if "gflop" in f), None)
    peaks = [f["gflops"] for f in facts.get("multiply-adds alone", [])]
    share = gflop and peaks and statistics.median(peaks)
    lines = ["### " + table.title, "",
             "| | %s | range | times netc |%s" % (table.unit, " of the peak |" if share else ""),
             "|---|---|---|---|%s" % ("---|" if share else "")]
    for name, _, values, times in rows:
        middle, low, high = spread(values)
        if table.figure == "accuracy":
            middle = statistics.mean(values)
        line = "| %s | %s | %s–%s | %.2f |" % (name, *map(number, (middle, low, high)), times)
        lines.append(line + (" %.0f %% |" % (100e3 * gflop / middle / share) if share else ""))
    return lines + [""] + remarks(table, rows, peaks)


def remarks(table, rows, peaks):
    lines = []
    best = fastest(rows, ("netc", "onednn"))
    if best and table.figure != "accuracy":
        lines.append("The best framework: %s, %.2f times netc." % (best[0], best[3]))
    if peaks:
        lines.append("Multiply-adds alone: %s GFLOP/s (%s–%s)." % tuple(map(number, spread(peaks))))
    return lines + [""] if lines else lines


def show_shapes(measured):
    """A table of all shapes for each number of threads: netc's time and oneDNN's."""
    lines = []
    for threads in sorted({table.threads for table, _ in measured}):
        lines += ["### %s" % plural(threads), "", "| shape | netc, ms | oneDNN, ms | times netc |",
                  "|---|---|---|---|"]
        ratios = []
        for table, facts in measured:
            if table.threads != threads:
                continue
            own, other = ([f["ms"] for f in facts[e.name]] for e in table.entries)
            ratios.append(ratio(other, own))
            lines.append("| %s | %s | %s | %.2f |" %
                         (table.title, number(statistics.median(own)),
                          number(statistics.median(other)), ratios[-1]))
        lines += ["", "Of %d shapes netc is faster at %d; oneDNN takes %.2f times its time in the "
                  "geometric mean, %.2f at the least." %
                  (len(ratios), sum(r > 1 for r in ratios), statistics.geometric_mean(ratios),
                   min(ratios)), ""]
    return lines


def number(value):
    """Four digits, or what is before the point."""
    return "%.0f" % value if value >= 1000 else "%#.4g" % value
