#!/bin/bash
# The benchmark's own work: statistics, turns, checks, and what is missing. The systems that it measures are not needed.
set -euo pipefail

PYTHONDONTWRITEBYTECODE=1 python3 "$SOURCE_DIR/tests/tools/bench.py" "$SOURCE_DIR/bench/run.py"
for program in "$SOURCE_DIR"/bench/programs/{mlp,batchnorm}.net; do
  "$NETC" check "$program" | grep -q "no errors"
done
if "$SOURCE_DIR/bench/setup.sh" nothing 2>errors; then exit 1; fi
grep -q "no peer 'nothing'; there are torch, " errors
