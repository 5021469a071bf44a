"""Compares what two programs learned, over several seeds.

compare_figures.py EXPECTED ACTUAL [METRIC=LEAST…]

A line of both files is MODEL SEED METRIC VALUE [METRIC VALUE…]. The means over the seeds must not be further apart than three
standard errors of their difference, for which the two samples are taken to have one deviation. A mean of METRIC below LEAST
is an error as well, where a model has this metric.
"""
import math
import sys
from statistics import fmean, variance


def read(path):
    """{(model, metric): values}"""
    figures, seen = {}, set()
    for line in open(path):
        model, seed, *pairs = line.split()
        assert (model, seed) not in seen, f"{path}: {model} {seed} twice"
        seen.add((model, seed))
        for metric, value in zip(pairs[::2], pairs[1::2], strict=True):
            figures.setdefault((model, metric), []).append(float(value))
    return figures


def compare(expected, actual, least):
    """The line that says how they compare, and whether that is well."""
    n, k = len(expected), len(actual)
    pooled = ((n - 1) * variance(expected) + (k - 1) * variance(actual)) / (n + k - 2)
    error = math.sqrt(pooled * (1 / n + 1 / k))
    difference = fmean(actual) - fmean(expected)
    well = math.isfinite(difference) and abs(difference) <= 3 * error + 1e-6 and fmean(actual) >= least
    apart = difference / error if error > 0 else 0
    return f"{fmean(expected):.4f} expected, {fmean(actual):.4f}: {apart:+.2f} standard errors of {error:.4f}", well


expected, actual = read(sys.argv[1]), read(sys.argv[2])
least = {metric: float(value) for metric, value in (argument.split("=") for argument in sys.argv[3:])}
bad = expected.keys() != actual.keys()
if bad:
    print("not in both:", *sorted(" ".join(key) for key in expected.keys() ^ actual.keys()), sep="\n  ")
for key in sorted(expected.keys() & actual.keys()):
    if min(len(expected[key]), len(actual[key])) < 5:
        line, well = "fewer than five seeds", False
    else:
        line, well = compare(expected[key], actual[key], least.get(key[1], -math.inf))
    print(*key, line if well else line + "  NOT WELL")
    bad = bad or not well
sys.exit(bad)
