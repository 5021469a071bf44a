#!/bin/bash
# Mutants of mnist.net: none crashes the compiler, and nearly all errors lead to the token that was changed.
set -euo pipefail

# The sanitizers' build is slow to start.
count=2000
[ "${NETC_DEV:-0}" = 1 ] && count=200
"$SOURCE_DIR/tests/mutants/mutate.py" "$NETC" "$SOURCE_DIR/examples/mnist/mnist.net" $count --at-least 99
