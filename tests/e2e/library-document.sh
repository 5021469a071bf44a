#!/bin/bash
# docs/library.md is what the library's sources say, and has every definition of them.
set -euo pipefail
python3 "$SOURCE_DIR/tests/docs/library.py"
bad=0
for name in $(sed -nE 's/^(fn|layer|optimizer) ([A-Za-z]\w*).*/\2/p' "$SOURCE_DIR"/compiler/stdlib/*.net); do
  grep -qE "^(optimizer |layer )?$name\\(" "$SOURCE_DIR/docs/library.md" || { echo "$name is missing"; bad=1; }
done
exit $bad
