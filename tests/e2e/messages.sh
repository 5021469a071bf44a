#!/bin/bash
# --message-format=json: as documented, as the text form, and its edits do what they offer.
set -euo pipefail

# The sanitizers' build is slow to start.
mutants=500
[ "${NETC_DEV:-0}" = 1 ] && mutants=50
exec python3 "$SOURCE_DIR/tests/tools/messages.py" "$NETC" $mutants
