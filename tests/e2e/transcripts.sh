#!/bin/bash
# The documents' transcripts are what the commands print.
set -euo pipefail
grep -q '^```console$' "$SOURCE_DIR/docs/internals.md"
exec python3 "$SOURCE_DIR/tests/docs/transcripts.py" "$NETC" "$SOURCE_DIR"/{README,docs/internals}.md
