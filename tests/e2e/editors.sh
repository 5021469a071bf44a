#!/bin/bash
# The editors' words are the compiler's, and files are coloured as the compiler reads them.
set -euo pipefail
exec python3 "$SOURCE_DIR/tests/tools/editors.py"
