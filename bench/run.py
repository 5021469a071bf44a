#!/usr/bin/env python3
"""Measures netc beside other systems: the same networks, data, processors and threads.

  bench/run.py [SUITE...]     train, infer, latency, start, memory, accuracy, shapes, profile; or all

Every measurement is a process of its own. The processes of a table take turns, A B C A B C, so that
slow drifts of the machine hit all alike; a round more of multiply-adds alone says what the machine
gave meanwhile. Tables show the median of the rounds, their range, and how many times netc's that is.
What netc is compared to must be there, compute with as many parameters, and learn; if not, the run
fails. bench/setup.sh installs the other systems; bench/peers has their programs.
"""
import argparse
import glob
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEERS = os.path.join(ROOT, "bench", "peers")
MNIST = os.path.join(ROOT, "examples", "mnist", "data")
sys.dont_write_bytecode = True
sys.path[:0] = [PEERS, os.path.dirname(os.path.abspath(__file__))]
from networks import NETWORKS
from rounds import (Entry, Failure, Table, check_accuracy, check_trained, check_training,
                    environment, measure, plural, run_process, show, show_shapes)

SEEDS = 5  # of the suite accuracy
SHAPES = 60  # of the suite shapes
ACCURACY = r"accuracy (?P<accuracy>[\d.]+)"  # the last that netc prints
TCMALLOC = "/usr/lib/*/libtcmalloc_minimal.so.4"
FILES = {  # of each network: its program, and its data's folder (None: made here) and names
    "mnist": ("examples/mnist/mnist.net", MNIST, "train-images-idx3-ubyte",
              "train-labels-idx1-ubyte"),
    "mlp": ("bench/programs/mlp.net", MNIST, "train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "batchnorm": ("bench/programs/batchnorm.net", None, "colours-images-idx4-ubyte",
                  "colours-labels-idx1-ubyte"),
    "lenet": ("examples/mnist/lenet.net", MNIST, "train-images-idx3-ubyte",
              "train-labels-idx1-ubyte"),
    "autoencoder": ("examples/mnist/autoencoder.net", MNIST, "train-images-idx3-ubyte",
                    "train-labels-idx1-ubyte"),
}
# What takes part in training: its name in tables, its peer, its mode.
TRAINERS = [
    ("PyTorch, eager", "torch", "eager"),
    ("PyTorch, compiled", "torch", "compile"),
    ("TensorFlow, graph", "tensorflow", "graph"),
    ("TensorFlow, XLA", "tensorflow", "xla"),
    ("Keras fit", "tensorflow", "fit"),
    ("Keras fit, XLA", "tensorflow", "fit-xla"),
    ("JAX", "jax", "default"),
    ("oneDNN by hand, nhwc", "onednn", "nhwc"),
    ("oneDNN by hand, blocked", "onednn", "blocked"),
]
PREDICTORS = [
    ("ONNX Runtime", "onnxruntime", "default"),
    ("OpenVINO", "openvino", "default"),
    ("LiteRT", "litert", "default"),
    ("oneDNN by hand, nhwc", "onednn", "nhwc"),
    ("oneDNN by hand, blocked", "onednn", "blocked"),
]

def run_quietly(command, **more):
    """A step of the preparation."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          **more)
    if done.returncode != 0:
        raise Failure("%s failed:\n%s" % (" ".join(command), done.stdout[-2000:]))
    return done.stdout


# ---- what must be there


def is_there(peer, venvs):
    if peer == "onednn":
        return bool(shutil.which("g++")) and os.path.exists("/usr/include/dnnl.hpp")
    if peer == "torch" and not glob.glob(TCMALLOC):
        return False
    try:
        with open(os.path.join(PEERS, "requirements-%s.txt" % peer)) as wanted, \
                open(os.path.join(venvs, peer, "requirements.txt")) as got:
            return wanted.read() == got.read()
    except OSError:
        return False


def require(peers, venvs):
    missing = sorted(p for p in peers if p != "netc" and not is_there(p, venvs))
    if missing:
        raise Failure("missing, or of other versions than bench/peers names: %s\n"
                      "install them: bench/setup.sh --venvs %s %s" %
                      (", ".join(missing), venvs, " ".join(missing)))
    if not os.path.exists(os.path.join(MNIST, "train-images-idx3-ubyte")):
        raise Failure("MNIST is missing\nfetch it: examples/mnist/get-data.sh")


# ---- the bench: where things are, and the commands


class Bench:
    def __init__(self, arguments):
        self.a = arguments
        self.build = os.path.abspath(arguments.build)
        self.venvs = os.path.abspath(arguments.venvs)
        self.work = os.path.join(self.build, "bench", "work")
        self.netc = os.path.join(self.build, "netc")
        self.tcmalloc = (glob.glob(TCMALLOC) + [""])[0]
        self.cache = os.path.join(self.work, "cache")
        self.network = None  # that the section at work trains

    def path(self, *names):
        return os.path.join(self.work, *names)

    def prepare(self, peers):
        os.makedirs(self.work, exist_ok=True)
        if not os.path.exists(os.path.join(self.build, "CMakeCache.txt")):
            run_quietly(["cmake", "-S", ROOT, "-B", self.build, "-DCMAKE_BUILD_TYPE=Release"])
        run_quietly(["cmake", "--build", self.build, "--target", "netc", "bench", "netc_llvm",
                     "--parallel", str(os.cpu_count())])
        if "onednn" in peers:
            for name in ("onednn", "onednn_shape"):
                run_quietly(["g++", "-std=c++17", "-O3", "-march=native", "-fopenmp",
                             os.path.join(PEERS, name + ".cpp"), "-ldnnl", "-o", self.path(name)])
        write_colours(self.work)

    def folder(self, network):
        return FILES[network][1] or self.work

    def program(self, network):
        return os.path.join(ROOT, FILES[network][0])

    def peer(self, peer, mode, network, threads, batch, *more):
        """The command of a peer's program."""
        _, _, images, labels = FILES[network]
        folder = self.folder(network)
        start = [self.path("onednn")] if peer == "onednn" else [
            os.path.join(self.venvs, peer, "bin", "python"),
            os.path.join(PEERS, peer + "_peer.py"), "--network", network]
        return start + ["--images", os.path.join(folder, images), "--labels",
                        os.path.join(folder, labels), "--mode", mode, "--threads", str(threads),
                        "--batch", str(batch), "--test-images",
                        os.path.join(MNIST, "t10k-images-idx3-ubyte"), "--test-labels",
                        os.path.join(MNIST, "t10k-labels-idx1-ubyte"), *map(str, more)]

    def env(self, peer):
        if peer == "torch":
            return {"LD_PRELOAD": self.tcmalloc,
                    "TORCHINDUCTOR_CACHE_DIR": self.path("inductor")}
        return {"NETC_CACHE": self.cache}

    def trainers(self, network):
        return [t for t in TRAINERS if self.wanted(t[0]) and
                (t[1] != "onednn" or network == "mnist")]

    def predictors(self):
        return [p for p in PREDICTORS if self.wanted(p[0])]

    def wanted(self, name):
        return not self.a.only or any(w.lower() in name.lower() for w in self.a.only.split(","))

    def netc_train(self, network, threads, *more):
        return [self.netc, "train", self.program(network), "--data", self.folder(network),
                "--threads", str(threads), "--out", self.path("trained.safetensors"),
                *map(str, more)]

    def ways(self, whole):
        """netc's settings: as it is, and if all are asked for with others."""
        ways = [("netc", [])]
        modes = run_quietly([self.netc, "train", "--help"])
        if re.search(r"--math MODE[^-]*\bfast\b", modes):
            ways.append(("netc --math=fast", ["--math", "fast"]))
        if whole:
            ways += [("netc --math=portable", ["--math", "portable"]),
                     ("netc --cpu=x86-64-v3", ["--cpu", "x86-64-v3"])]
        return ways


def write_idx(path, shape, data):
    with open(path + ".part", "wb") as f:
        f.write(bytes([0, 0, 8, len(shape)]) + b"".join(n.to_bytes(4, "big") for n in shape) + data)
    os.rename(path + ".part", path)


def write_colours(folder, samples=10000, seed=1):
    """Images of 32x32 pixels in colour, that can be learned: noise, with rows of the class' own
    picture among it."""
    path = os.path.join(folder, "colours-images-idx4-ubyte")
    if os.path.exists(path):
        return
    r, row = random.Random(seed), 32 * 3
    pictures = [[r.randbytes(row) for _ in range(32)] for _ in range(10)]
    labels, images = bytearray(), bytearray()
    for _ in range(samples):
        labels.append(r.randrange(10))
        images += b"".join(own if r.random() < 0.5 else r.randbytes(row)
                           for own in pictures[labels[-1]])
    write_idx(os.path.join(folder, "colours-labels-idx1-ubyte"), (samples,), labels)
    write_idx(path, (samples, 32, 32, 3), images)


def write_weights(checkpoint, path):
    """The params of mnist.net in a checkpoint, in the order of its layers."""
    with open(checkpoint, "rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        data = f.read()
    with open(path, "wb") as out:
        for layer in ("c1", "c2", "c3", "c4", "d1", "d2"):
            for kind in ("weights", "biases"):
                begin, end = header["%s.%s" % (kind, layer)]["data_offsets"]
                out.write(data[begin:end])


# ---- the suites: each gives its tables


def peak(b, threads):
    return Entry("multiply-adds alone", "machine",
                 [os.path.join(b.build, "bench", "bench_peak"), str(threads)])


def train(b):
    network = b.network
    for threads in b.a.threads:
        batch = NETWORKS[network].batch
        entries = [
            Entry(name, "netc",
                  [os.path.join(b.build, "bench", "bench_step"), b.program(network), "--data",
                   b.folder(network), "--batch", str(batch), "--threads", str(threads),
                   "--json", "--seconds", str(b.a.seconds), *options], b.env("netc"))
            for name, options in b.ways(network == "mnist")]
        entries += [
            Entry(name, p, b.peer(p, mode, network, threads, batch, "--seconds", b.a.seconds),
                  b.env(p)) for name, p, mode in b.trainers(network)]
        yield Table("%s, batch %d, %s" % (network, batch, plural(threads)), "median_ms",
                    "ms a step", threads, entries + [peak(b, threads)], check_training)


def export(b):
    """The trained network as each predictor reads it."""
    checkpoint, weights = b.path("trained.safetensors"), b.path("weights.bin")
    run_quietly(b.netc_train("mnist", os.cpu_count(), "--epochs", 1))
    run_quietly([b.netc, "build", checkpoint, "--emit=onnx", "-o", b.path("mnist.onnx")])
    write_weights(checkpoint, weights)
    if any(p == "litert" for _, p, _ in b.predictors()):
        run_quietly(b.peer("tensorflow", "graph", "mnist", 1, 1, "--weights", weights, "--model",
                           b.path("mnist.tflite")), env=environment(1, {}))


def predict(b, batch):
    export(b)
    models = {"onnxruntime": ["--model", b.path("mnist.onnx")],
              "openvino": ["--model", b.path("mnist.onnx")],
              "litert": ["--model", b.path("mnist.tflite")],
              "onednn": ["--weights", b.path("weights.bin")]}
    for threads in b.a.threads:
        entries = []
        for name, options in b.ways(True):
            given = dict(zip(options[::2], options[1::2]))
            entries.append(Entry(name, "netc", [
                os.path.join(b.build, "bench", "bench_predict"), b.path("trained.safetensors"),
                MNIST, str(batch), str(threads), given.get("--cpu", "native"),
                given.get("--math", "default"), str(b.a.seconds)], b.env("netc")))
        for name, p, mode in b.predictors():
            entries.append(Entry(name, p, b.peer(p, mode, "mnist", threads, batch, "--seconds",
                                                 b.a.seconds, *models[p]), b.env(p)))
        yield Table("mnist, batch %d, %s" % (batch, plural(threads)), "median_ms", "ms a batch",
                    threads, entries + [peak(b, threads)], check_accuracy)


def infer(b):
    return predict(b, 128)


def latency(b):
    return predict(b, 1)


def fresh(b, variable):
    """An environment whose cache is empty, anew for each turn."""
    def make(turn):
        folder = b.path("empty")
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        return {variable: folder}
    return make


def start(b):
    one = ("--warmup", 0, "--steps", 0, "--seconds", 0)
    for threads in b.a.threads:
        command = b.netc_train("mnist", threads, "--epochs", 1, "--timings")
        entries = [Entry("netc, nothing compiled before", "netc", command, fresh(b, "NETC_CACHE"),
                         "first step"),
                   Entry("netc, objects in its cache", "netc", command, b.env("netc"),
                         "first step")]
        for name, p, mode in b.trainers("mnist"):
            command = b.peer(p, mode, "mnist", threads, 128, *one)
            entries.append(Entry(name, p, command, b.env(p)))
            if mode == "compile":
                cold = fresh(b, "TORCHINDUCTOR_CACHE_DIR")
                entries.append(Entry(name + ", nothing compiled before", p, command,
                                     lambda turn, cold=cold, p=p: {**b.env(p), **cold(turn)}))
        for e in entries:  # files come into memory, code into caches
            run_process(e, threads, 0, b.a.timeout)
        yield Table("mnist, %s" % plural(threads), "start_s", "s to the first step", threads,
                    entries)


def memory(b):
    threads, few = max(b.a.threads), ("--warmup", 0, "--steps", 10, "--seconds", 0)
    for batch in b.a.batches:
        entries = [Entry("netc", "netc", b.netc_train("mnist", threads, "--epochs", 1, "--batch",
                                                      batch), b.env("netc"), None,
                         ACCURACY)]
        entries += [Entry(name, p, b.peer(p, mode, "mnist", threads, batch, *few), b.env(p))
                    for name, p, mode in b.trainers("mnist")]
        run_process(entries[0], threads, 0, b.a.timeout)  # its objects come into the cache
        yield Table("mnist, batch %d, %s" % (batch, plural(threads)), "peak_mb", "MB at most",
                    threads, entries)


def accuracy(b):
    """The rounds are seeds."""
    threads = max(b.a.threads)

    def seeded(command):
        return lambda turn: command + ["--epochs", str(b.a.epochs), "--seed", str(turn + 1)]
    entries = [Entry("netc", "netc", seeded(b.netc_train("mnist", threads)), b.env("netc"), None,
                     ACCURACY)]
    entries += [Entry(name, p, seeded(b.peer(p, mode, "mnist", threads, 128)), b.env(p))
                for name, p, mode in b.trainers("mnist")]
    yield Table("mnist, %d epochs, the mean of %d seeds" % (b.a.epochs, b.a.rounds or SEEDS),
                "accuracy", "of the test images", threads, entries, check_trained)


def some_shapes(seed=1):
    """Three convolutions to a product: kind, sizes as onednn_shape takes them, and the program."""
    r = random.Random(seed)
    for i in range(SHAPES):
        if i % 4 == 3:
            n, inputs, units = r.choice([16, 64, 128, 256]), r.randrange(32, 2049), r.randrange(
                8, 1025)
            yield ("product", [n, inputs, units],
                   "input x: f32[N, %d]\nparam w: f32[%d, %d] = xavier\noutput y = x @ w\n" %
                   (inputs, inputs, units))
        else:
            n, height, width = r.choice([1, 8, 32]), r.randrange(7, 57), r.randrange(7, 57)
            channels, filters = r.randrange(1, 129), r.randrange(4, 129)
            size, stride = r.choice([1, 3, 3, 3, 5]), r.choice([1, 1, 2])
            yield ("conv", [n, height, width, channels, filters, size, stride],
                   "input x: f32[N, %d, %d, %d]\nparam k: f32[%d, %d, %d, %d] = xavier\n"
                   "output y = conv(x, k, stride = %d)\n" %
                   (height, width, channels, size, size, channels, filters, stride))


def shapes(b):
    os.makedirs(b.path("shapes"), exist_ok=True)
    for threads, (i, (kind, sizes, text)) in itertools.product(b.a.threads,
                                                               enumerate(some_shapes())):
        program = b.path("shapes", "shape-%d.net" % i)
        with open(program, "w") as f:
            f.write(text)
        own = [os.path.join(b.build, "bench", "bench_shape"), program, str(sizes[0]), str(threads)]
        yield Table("%s %s" % (kind, " ".join(map(str, sizes))), "ms", "ms", threads, [
            Entry("netc", "netc", own, b.env("netc")),
            Entry("oneDNN", "onednn", [b.path("onednn_shape"), kind, *map(str, sizes)])])


def profile(b):
    """Where netc's time goes, on one thread: no tables that are compared, but netc's own."""
    lines = []
    for graph, network, batch in PROFILES:
        command = [b.netc, "plan", "--profile", "--graph", graph, "--data", b.folder(network),
                   "--batch", str(batch), "--threads", "1", os.path.relpath(b.program(network), ROOT)]
        out = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT,
                             env=environment(1, b.env("netc"))).stdout
        lines += ["### %s of %s, batch %d" % (graph, network, batch), "", "```"]
        lines += [line for line in out.split("\n") if not re.search(r"  0\.[0-4] %  ", line)]
        while not lines[-1]:
            lines.pop()
        lines += ["```", ""]
    return lines


SUITES = {f.__name__: f for f in (train, infer, latency, start, memory, accuracy, shapes, profile)}
PROFILES = (("train_step", "mnist", 128), ("train_step", "batchnorm", 128), ("predict", "mnist", 1))
TITLES = {
    "train": "A training step",
    "infer": "Predictions, many at once",
    "latency": "Predictions, one at a time",
    "start": "From the command to the end of the first step",
    "memory": "The most memory of a training",
    "accuracy": "What is learned",
    "shapes": "Single convolutions and products",
    "profile": "Where the time goes",
}


def needed_peers(b, suites):
    names = set()
    for suite in suites:
        ways = (b.predictors() if suite in ("infer", "latency") else
                [] if suite == "profile" else b.trainers("mnist"))
        names |= {"onednn"} if suite == "shapes" else {p for _, p, _ in ways}
        if "litert" in names:
            names.add("tensorflow")  # which writes its model
    return names


# ---- the results and the command


def versions(b, facts):
    """Of everything: netc, the compilers, the peers as they say themselves."""
    def first(command):
        try:
            return subprocess.run(command, capture_output=True, text=True).stdout.split("\n")[0]
        except OSError:
            return "none"
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*: (.*)", f.read())
    lines = ["%s, %d processors; %s; %s" % (model.group(1) if model else os.uname().machine,
                                           os.cpu_count(), debian(),
                                           "Linux " + os.uname().release),
             "netc " + first(["git", "-C", ROOT, "describe", "--always", "--dirty"]),
             first(["gcc", "--version"]), "LLVM " + first(["llvm-config-19", "--version"]),
             "OpenBLAS " + first(["pkg-config", "--modversion", "openblas"])]
    return "; ".join(lines + sorted("%s %s" % pair for pair in facts))


def debian():
    with open("/etc/os-release") as f:
        return re.search(r'PRETTY_NAME="(.*)"', f.read()).group(1)


def sections_of(suites, networks):
    """A section for each suite, and for each network that is trained: title, suite, network."""
    for suite in suites:
        for network in networks if suite == "train" else [None]:
            yield TITLES[suite] + (", " + network if network else ""), suite, network


def write_results(path, sections):
    """Replaces the sections of what ran; the others stay."""
    text = ""
    if os.path.exists(path):
        with open(path) as f:
            text = f.read()
    old = dict(re.findall(r"^## (.*)\n((?:(?!## ).*\n)*)", text, re.M))
    old.update(sections)
    with open(path, "w") as f:
        f.write("# Results\n\nWritten by `bench/run.py --write`; what is measured how says "
                "[run.py](run.py).\n\n")
        for title, *_ in sections_of(SUITES, NETWORKS):
            if title in old:
                f.write("## %s\n%s\n\n" % (title, old[title].rstrip("\n")))


def told(arguments):
    """Those that matter to another who runs it."""
    kept = list(arguments)
    for option in ("--venvs", "--build"):
        if option in kept:
            del kept[kept.index(option):kept.index(option) + 2]
    return [k for k in kept if k != "--write"]


def compare(b, suite, say):
    """The lines of a suite's tables, and who was measured in what version."""
    lines, seen, measured = [], set(), []
    for table in SUITES[suite](b):
        rounds = b.a.rounds or (SEEDS if suite == "accuracy" else 5)
        facts = measure(table, rounds, b.a.timeout, say)
        for e in table.entries:
            seen |= {(e.peer, f["version"]) for f in facts[e.name] if "version" in f}
        measured.append((table, facts))
        if suite != "shapes":
            lines += show(table, facts)
            print("\n".join(show(table, facts)), flush=True)
    if suite == "shapes":
        lines = show_shapes(measured)
        print("\n".join(lines), flush=True)
    return lines, seen


def run_suite(b, suite, say):
    if suite == "profile":
        lines, seen = profile(b), ()
        print("\n".join(lines), flush=True)
    else:
        lines, seen = compare(b, suite, say)
    head = ["", "`bench/run.py %s`, %s: %s." % (" ".join(told(sys.argv[1:])),
                                               time.strftime("%Y-%m-%d"), versions(b, seen)), ""]
    return "\n".join(head + lines)


def count(text):
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def counts(text):
    return [count(word) for word in text.split(",")]


def read_arguments(given):
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("suites", nargs="*", metavar="SUITE", help=", ".join(SUITES))
    p.add_argument("--rounds", type=count, help="of each table (default 5)")
    p.add_argument("--seconds", type=count, default=3, help="that a process times (default 3)")
    p.add_argument("--threads", type=counts, default=[1, 2], help="numbers, as 1,2")
    p.add_argument("--batches", type=counts, default=[128, 512, 2048, 8192], help="of memory")
    p.add_argument("--epochs", type=count, default=5, help="of accuracy (default 5)")
    p.add_argument("--networks", help="of train, with commas: %s" % ", ".join(NETWORKS))
    p.add_argument("--only", help="others whose name has one of these, with commas, as torch,jax")
    p.add_argument("--build", default=os.path.join(ROOT, "build"))
    p.add_argument("--venvs", default=os.path.join(ROOT, "build", "bench", "venvs"))
    p.add_argument("--timeout", type=count, default=1800, help="seconds that a process may take")
    p.add_argument("--write", action="store_true", help="the results into bench/RESULTS.md")
    a = p.parse_args(given)
    for suite in a.suites:
        if suite not in SUITES:
            p.error("no suite '%s'; there are %s" % (suite, ", ".join(SUITES)))
    check_arguments(p, a)
    return a


def check_arguments(p, a):
    processors = len(os.sched_getaffinity(0))
    if max(a.threads) > processors:
        p.error("%d threads on %d processors; choose others with --threads" %
                (max(a.threads), processors))
    for network in (a.networks or "mnist").split(","):
        if network not in NETWORKS:
            p.error("no network '%s'; there are %s" % (network, ", ".join(NETWORKS)))
    names = [name for name, *_ in TRAINERS + PREDICTORS]
    for word in (a.only or "").split(","):
        if not any(word.lower() in name.lower() for name in names):
            p.error("nothing to compare to has '%s' in its name; there are %s" %
                    (word, "; ".join(dict.fromkeys(names))))


def main(given):
    a = read_arguments(given)
    suites = a.suites or list(SUITES)
    b = Bench(a)
    try:
        peers = needed_peers(b, suites)
        require(peers, b.venvs)
        b.prepare(peers)
        sections = {}
        networks = a.networks.split(",") if a.networks else NETWORKS
        for title, suite, b.network in sections_of(suites, networks):
            print("## %s\n" % title, flush=True)
            sections[title] = run_suite(b, suite, lambda t: print(t, file=sys.stderr))
            if a.write:
                write_results(os.path.join(ROOT, "bench", "RESULTS.md"), sections)
    except Failure as failure:
        print("bench: %s" % failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
