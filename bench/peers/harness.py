"""What the peers' programs share: arguments, data, the clock, and the line of JSON they print.

run.py sets what holds for every process alike: the processors it may use, the variables with
numbers of threads, the allocator. --threads is for frameworks that want it said.
"""
import argparse
import json
import statistics
import struct
import time

import numpy as np

from networks import NETWORKS

LAST = 10  # steps whose mean is the last loss


def arguments(modes=("default",)):
    p = argparse.ArgumentParser()
    p.add_argument("--images", help="u8 in idx format", required=True)
    p.add_argument("--labels", help="u8 in idx format", required=True)
    p.add_argument("--network", choices=NETWORKS, default="mnist")
    p.add_argument("--mode", choices=modes, default=modes[0])
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--batch", type=int, required=True)
    p.add_argument("--seconds", type=float, default=3, help="of steps that are timed, at least")
    p.add_argument("--steps", type=int, default=20, help="that are timed, at least")
    p.add_argument("--warmup", type=int, default=20, help="steps before these")
    p.add_argument("--epochs", type=int, help="train so long instead, then test")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--test-images")
    p.add_argument("--test-labels")
    p.add_argument("--model", help="the file to run, or with --weights to write")
    p.add_argument("--weights", help="f32 of all params in the order of the layers")
    return p.parse_args()


def read_idx(path):
    with open(path, "rb") as f:
        rank = struct.unpack(">I", f.read(4))[0] & 255
        shape = struct.unpack(">%dI" % rank, f.read(4 * rank))
        return np.frombuffer(f.read(), np.uint8).reshape(shape)


def read_data(images, labels, shape):
    return read_idx(images).reshape((-1,) + shape), read_idx(labels).astype(np.int32)


def scale(images):
    return np.multiply(images, np.float32(1 / 255), dtype=np.float32)


def epoch(x, y, batch, random):
    """Whole batches of an epoch, shuffled; each is gathered and scaled when its turn comes."""
    order = random.permutation(len(x))
    for at in range(0, len(x) - batch + 1, batch):
        rows = order[at:at + batch]
        yield scale(x[rows]), y[rows]


def batches(x, y, batch, random):
    while True:
        yield from epoch(x, y, batch, random)


def enough(a, times):
    """Whether these times of steps, in seconds, are all that was asked for."""
    return len(times) >= a.warmup + a.steps and sum(times[a.warmup:]) >= a.seconds


def report(a, version, **facts):
    print(json.dumps(dict(version=version, mode=a.mode, **facts)), flush=True)


def report_steps(a, version, params, first_at, times, losses):
    """What training by steps gave: times in seconds without the first step, losses with it."""
    report(a, version, params=params, first_at=first_at, steps=len(times) - a.warmup,
           median_ms=1e3 * statistics.median(times[a.warmup:]) if times[a.warmup:] else None,
           first_loss=losses[0], last_loss=statistics.mean(losses[-LAST:]))


def train_steps(a, version, params, step):
    """step(x, y) gives the loss as a float, and so ends when the step has."""
    x, y = read_data(a.images, a.labels, NETWORKS[a.network].shape)
    data = batches(x, y, a.batch, np.random.default_rng(a.seed))
    losses, times = [step(*next(data))], []
    first_at = time.monotonic()
    while not enough(a, times):
        begin = time.perf_counter()
        losses.append(step(*next(data)))
        times.append(time.perf_counter() - begin)
    report_steps(a, version, params, first_at, times, losses)


def train_epochs(a, version, params, step, predict):
    x, y = read_data(a.images, a.labels, NETWORKS[a.network].shape)
    random = np.random.default_rng(a.seed)
    for _ in range(a.epochs):
        for batch in epoch(x, y, a.batch, random):
            step(*batch)
    report(a, version, params=params, accuracy=test(a, lambda x: predict(scale(x))))


def train(a, version, params, step, predict):
    if a.epochs:
        train_epochs(a, version, params, step, predict)
    else:
        train_steps(a, version, params, step)


def test(a, predict, size=1000):
    x, y = read_data(a.test_images, a.test_labels, NETWORKS[a.network].shape)
    right = sum(int((predict(x[i:i + size]).argmax(-1) == y[i:i + size]).sum())
                for i in range(0, len(x), size))
    return right / len(x)


def infer(a, version, predict):
    """predict(images) takes u8, as the exported model does, and gives an array of scores."""
    x, _ = read_data(a.images, a.labels, NETWORKS[a.network].shape)
    times, at = [], 0
    while not enough(a, times):
        begin = time.perf_counter()
        predict(x[at:at + a.batch])
        times.append(time.perf_counter() - begin)
        at = (at + a.batch) % (len(x) - a.batch)
    report(a, version, steps=len(times) - a.warmup,
           median_ms=1e3 * statistics.median(times[a.warmup:]), accuracy=test(a, predict))
