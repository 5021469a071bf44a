#!/bin/bash
# Mutants of the examples, and of a file with the rest of the language: none crashes the compiler, and nearly all errors
# lead to the token that was changed. The others are listed.
set -euo pipefail

# The sanitizers' build is slow to start.
count=5000 rate=95
[ "${NETC_DEV:-0}" = 1 ] && count=300 rate=90
# What others import is no program by itself.
imported=$(grep -rhoE --include='*.net' '^import "[^"]+"' "$SOURCE_DIR/examples" | sed 's/.*[/"]\(.*\)"/\1/' | sort -u)
files=$(find "$SOURCE_DIR/examples" "$SOURCE_DIR/tests/mutants" -name '*.net' | sort | grep -vE "/(${imported//$'\n'/|})$")
python3 "$SOURCE_DIR/tests/mutants/mutate.py" "$NETC" $count $files --at-least $rate
