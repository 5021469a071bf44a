#!/bin/bash
# The links of the documents lead to files and headings that are there; ones that do not are found.
set -euo pipefail

check=$SOURCE_DIR/tests/docs/links.py
python3 "$check" "$SOURCE_DIR" >out || { cat out; exit 1; }
[ "$(grep -oE '^[0-9]+' out)" -gt 300 ] || { echo "few links were found: $(cat out)"; exit 1; }

mkdir docs
cat >docs/a.md <<'END'
# A heading, with `code` & more
[right](b.md) [right](#a-heading-with-code--more) [right](../docs/b.md#twice-1) ![right](b.md) `[no](link.md)`
```
[code](none.md)
```
[wrong](c.md) [wrong](#a-heading) [a [nested] one](b.md#none) [right](b.md#E1)
END
printf '# Twice\n# Twice\n<a id="E1"></a>\n' >docs/b.md
! python3 "$check" . >out || { echo "wrong links are right: $(cat out)"; exit 1; }
diff - out <<'END'
docs/a.md:6: c.md: there is no such file
docs/a.md:6: #a-heading: there is no such heading
docs/a.md:6: b.md#none: there is no such heading
8 links, 3 of them wrong
END
