#!/bin/bash
# The documents' programs do what the documents say.
set -euo pipefail
exec python3 "$SOURCE_DIR/tests/docs/examples.py" "$NETC"
