"""What bench/run.py does without the systems that it measures: bench.py RUN.PY"""
import contextlib
import importlib.util
import io
import os
import sys
import tempfile
import unittest

path = sys.argv.pop(1)
spec = importlib.util.spec_from_file_location("bench_run", path)
bench = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bench)
import rounds  # run.py knows where
from rounds import Entry, Failure, Table


def printing(text, name="it", peer="torch", **more):
    """An entry whose process prints this."""
    return Entry(name, peer, [sys.executable, "-c", "print(%r)" % text], **more)


def say_nothing(text):
    pass


class Statistics(unittest.TestCase):
    def test_spread(self):
        self.assertEqual(rounds.spread([3, 1, 2]), (2, 1, 3))
        self.assertEqual(rounds.spread([4, 1, 2, 3]), (2.5, 1, 4))

    def test_ratio_is_of_rounds(self):
        # The machine is ten times as slow in the second round: the ratios do not see it.
        self.assertEqual(rounds.ratio([2, 20, 2], [1, 10, 1]), 2)

    def test_turns_interleave(self):
        self.assertEqual(rounds.turns(2, "ABC"), [(0, "A"), (0, "B"), (0, "C"), (1, "A"), (1, "B"),
                                                 (1, "C")])

    def test_fastest_is_of_the_others(self):
        rows = [("netc", "netc", [], 1.0), ("netc --cpu", "netc", [], 0.5), ("a", "jax", [], 3.0),
                ("b", "torch", [], 2.0)]
        self.assertEqual(rounds.fastest(rows, ("netc",))[0], "b")
        self.assertEqual(rounds.fastest(rows, ("netc", "torch"))[0], "a")
        self.assertIsNone(rounds.fastest(rows[:2], ("netc",)))

    def test_numbers_have_four_digits(self):
        self.assertEqual([rounds.number(v) for v in (0.05, 8, 123.456, 12345.6)],
                         ["0.05000", "8.000", "123.5", "12346"])


class Processes(unittest.TestCase):
    def test_reads_the_last_line_of_json(self):
        facts = rounds.run_process(printing('noise\n{"a": 1}\n{"median_ms": 2}\nnoise'), 1, 0, 60)
        self.assertEqual(facts["median_ms"], 2)
        self.assertGreater(facts["peak_mb"], 1)

    def test_takes_a_number_from_text(self):
        entry = printing("accuracy 0.5\naccuracy 0.75", pattern=bench.ACCURACY)
        self.assertEqual(rounds.run_process(entry, 1, 0, 60)["accuracy"], 0.75)

    def test_times_a_line_and_ends_the_process(self):
        code = "import sys, time; print('first step', file=sys.stderr, flush=True); time.sleep(60)"
        entry = Entry("it", "netc", [sys.executable, "-c", code], until="first step")
        self.assertLess(rounds.run_process(entry, 1, 0, 60)["start_s"], 30)

    def test_sets_threads_and_processors(self):
        code = ("import json, os; print(json.dumps({'threads': os.environ['OMP_NUM_THREADS'],"
                " 'processors': len(os.sched_getaffinity(0)), 'more': os.environ['MORE']}))")
        entry = Entry("it", "torch", [sys.executable, "-c", code], {"MORE": "yes"})
        facts = rounds.run_process(entry, 1, 0, 60)
        self.assertEqual((facts["threads"], facts["processors"], facts["more"]), ("1", 1, "yes"))

    def test_failure_shows_what_the_process_said(self):
        code = "import sys; print('{}'); sys.exit('no such thing')"
        entry = Entry("PyTorch", "torch", [sys.executable, "-c", code])
        with self.assertRaisesRegex(Failure, r"(?s)PyTorch failed \(exit status 1\).*no such thing"):
            rounds.run_process(entry, 1, 0, 60)

    def test_silence_is_a_failure(self):
        with self.assertRaisesRegex(Failure, "it failed"):
            rounds.run_process(printing("nothing"), 1, 0, 60)

    def test_a_process_that_hangs_is_ended(self):
        entry = Entry("it", "torch", [sys.executable, "-c", "import time; time.sleep(60)"])
        with self.assertRaisesRegex(Failure, "it took longer than 0.2 s"):
            rounds.run_process(entry, 1, 0, 0.2)


class Tables(unittest.TestCase):
    def step(self, ms, params=10, last=1.0):
        return ('{"median_ms": %s, "gflop": 1, "params": %d, "first_loss": 2.3, "last_loss": %s}' %
                (ms, params, last))

    def measure(self, *entries):
        table = Table("mnist", "median_ms", "ms a step", 1, list(entries), rounds.check_training)
        return table, rounds.measure(table, 2, 60, say_nothing)

    def test_shows_median_ratio_and_share(self):
        table, facts = self.measure(printing(self.step(2), "netc", "netc"),
                                    printing(self.step(5), "JAX", "jax"),
                                    printing('{"gflops": 1000}', "multiply-adds alone", "machine"))
        text = "\n".join(rounds.show(table, facts))
        self.assertIn("| netc | 2.000 | 2.000–2.000 | 1.00 | 50 % |", text)
        self.assertIn("| JAX | 5.000 | 5.000–5.000 | 2.50 | 20 % |", text)
        self.assertIn("The best framework: JAX, 2.50 times netc.", text)
        self.assertIn("Multiply-adds alone: 1000 GFLOP/s", text)

    def test_what_does_not_learn_fails(self):
        with self.assertRaisesRegex(Failure, "JAX does not learn: its loss went from 2.3000 to 2.2"):
            self.measure(printing(self.step(1), "netc", "netc"),
                         printing(self.step(1, last=2.299), "JAX", "jax"))
        with self.assertRaisesRegex(Failure, "does not learn"):
            self.measure(printing(self.step(1, last="NaN"), "netc", "netc"))

    def test_another_network_fails(self):
        with self.assertRaisesRegex(Failure, "different networks"):
            self.measure(printing(self.step(1), "netc", "netc"),
                         printing(self.step(1, params=11), "JAX", "jax"))

    def test_other_predictions_fail(self):
        rounds.check_accuracy([("netc", {"accuracy": 0.97}), ("b", {"accuracy": 0.9701})])
        for wrong in (0.96, 0.98):
            with self.assertRaisesRegex(Failure, "predictions differ"):
                rounds.check_accuracy([("netc", {"accuracy": 0.97}), ("b", {"accuracy": wrong})])


class Shapes(unittest.TestCase):
    def test_shapes_are_the_same_every_time(self):
        self.assertEqual(list(bench.some_shapes()), list(bench.some_shapes()))
        self.assertEqual(len(list(bench.some_shapes())), bench.SHAPES)

    def test_shows_the_geometric_mean(self):
        entries = [Entry("netc", "netc", []), Entry("oneDNN", "onednn", [])]
        measured = [(Table(name, "ms", "ms", 1, entries), {"netc": [{"ms": 1}], "oneDNN": [{"ms": t}]})
                    for name, t in (("conv 1", 4), ("product 2", 0.25))]
        measured += [(Table("conv 1", "ms", "ms", 2, entries), {"netc": [{"ms": 2}],
                                                                "oneDNN": [{"ms": 6}]})]
        text = "\n".join(rounds.show_shapes(measured))
        self.assertIn("### 1 thread", text)
        self.assertIn("| conv 1 | 1.000 | 4.000 | 4.00 |", text)
        self.assertIn("Of 2 shapes netc is faster at 1; oneDNN takes 1.00 times its time in the "
                      "geometric mean, 0.25 at the least.", text)
        self.assertIn("### 2 threads", text)
        self.assertIn("Of 1 shapes netc is faster at 1; oneDNN takes 3.00 times its time", text)


class Results(unittest.TestCase):
    def test_sections_that_did_not_run_stay(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "RESULTS.md")
            train, start = bench.TITLES["train"] + ", mlp", bench.TITLES["start"]
            bench.write_results(path, {start: "\nold\n### sub\n"})
            bench.write_results(path, {train: "\nother\n"})
            bench.write_results(path, {start: "\nnew\n### sub\n"})
            with open(path) as f:
                text = f.read()
        self.assertNotIn("old", text)
        self.assertLess(text.index("other"), text.index("new\n### sub\n"))


class Missing(unittest.TestCase):
    def run_bench(self, *arguments):
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
            code = bench.main(list(arguments))
        return code, errors.getvalue()

    def test_a_missing_peer_fails_the_run(self):
        with tempfile.TemporaryDirectory() as folder:
            code, errors = self.run_bench("start", "--only", "jax", "--threads", "1", "--venvs", folder)
            self.assertEqual(code, 1)
            self.assertIn("missing, or of other versions than bench/peers names: jax\n", errors)
            self.assertIn("install them: bench/setup.sh --venvs %s jax\n" % folder, errors)

    def test_another_version_is_missing_too(self):
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "jax"))
            with open(os.path.join(folder, "jax", "requirements.txt"), "w") as f:
                f.write("jax==0.1\n")
            self.assertFalse(bench.is_there("jax", folder))
            with open(os.path.join(bench.PEERS, "requirements-jax.txt")) as wanted, \
                    open(os.path.join(folder, "jax", "requirements.txt"), "w") as f:
                f.write(wanted.read())
            self.assertTrue(bench.is_there("jax", folder))

    def test_predictions_need_what_writes_their_model(self):
        b = bench.Bench(bench.read_arguments(["latency", "--only", "litert", "--threads", "1"]))
        self.assertEqual(bench.needed_peers(b, ["latency"]), {"litert", "tensorflow"})


class Names(unittest.TestCase):
    def refused(self, *arguments):
        with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()) as errors:
            bench.main(["--threads", "1", *arguments])
        return errors.getvalue()

    def test_wrong_names(self):
        self.assertIn("no suite 'tarin'; there are train, infer", self.refused("tarin"))
        self.assertIn("no network 'mnits'; there are mnist,", self.refused("--networks", "mnits"))
        self.assertIn("nothing to compare to has 'troch' in its name; there are PyTorch, eager;",
                      self.refused("--only", "jax,troch"))

    def test_wrong_numbers(self):
        for wrong in ("--rounds=0", "--rounds=x", "--seconds=0", "--threads=1,0", "--batches=",
                      "--epochs=-1", "--timeout=1.5"):
            self.assertIn("invalid count", self.refused(wrong), wrong)
        self.assertIn("100000 threads on ", self.refused("--threads", "100000"))

    def test_the_command_is_told_without_folders(self):
        self.assertEqual(bench.told(["train", "--venvs", "/x", "--rounds", "3", "--write"]),
                         ["train", "--rounds", "3"])


class Networks(unittest.TestCase):
    def test_every_network_has_its_program(self):
        self.assertEqual(set(bench.NETWORKS), set(bench.FILES))
        for file, *_ in bench.FILES.values():
            self.assertTrue(os.path.exists(os.path.join(bench.ROOT, file)), file)


unittest.main()
