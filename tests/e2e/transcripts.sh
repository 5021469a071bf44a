#!/bin/bash
# The documents' transcripts are what the commands print. Those of the tutorial have a test of their own.
set -euo pipefail
documents=$(grep -lx '```console' "$SOURCE_DIR"/README.md "$SOURCE_DIR"/docs/*.md "$SOURCE_DIR"/examples/embed-c/README.md | grep -v /tutorial.md)
grep -q internals <<<"$documents"
exec python3 "$SOURCE_DIR/tests/docs/transcripts.py" "$NETC" $documents
