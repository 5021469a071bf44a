#!/bin/bash
# docs/ir.md is true: its example reads, prints as it is written, and trains; its table of passes is the command's.
set -euo pipefail

doc=$SOURCE_DIR/docs/ir.md
awk '/^```/ { inside = !inside; if (!inside) exit; next } inside' <(sed -n '/^## An example/,$p' "$doc") >example.ir
"$NETC" opt example.ir >printed.ir
diff example.ir printed.ir
"$NETC" opt --pass=train_step,metrics,simplify example.ir >trained.ir
grep -q '^  update w = ' trained.ir
grep -q '^graph train_metrics()' trained.ir

sed -n '/^## Passes/,$s/^| `\([a-z_]*\)` |.*/\1/p' "$doc" | sort >documented
! "$NETC" opt --pass=nonsense example.ir 2>listed
sed -n 's/^  \([a-z_]*\)  *.*/\1/p' listed | sort >existing
diff documented existing
