# How lit runs the golden tests: RUN lines in files, checked by FileCheck.
import os

import lit.formats

config.name = "netc"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".test", ".net", ".ir"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.substitutions += [
    ("%netc", config.netc),
    ("%data", os.path.join(config.source_dir, "tests", "data")),
    ("%examples", os.path.join(config.source_dir, "examples")),
]
# FileCheck and not.
config.environment["PATH"] = os.pathsep.join([config.llvm_bindir, os.environ["PATH"]])
for variable in ["ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "HOME", "TMPDIR"]:
    if variable in os.environ:
        config.environment[variable] = os.environ[variable]
