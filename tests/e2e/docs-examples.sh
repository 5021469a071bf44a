#!/bin/bash
# The documents' programs: a block marked ```net compiles without a warning, one marked ```net error CODE gives that error.
set -euo pipefail

cd "$SOURCE_DIR"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# Each block in a file of its own: DOCUMENT-LINE.net, or DOCUMENT-LINE.CODE.net where an error is expected.
awk -v work="$work" '
  FNR == 1 { out = "" }
  /^```/ && out != "" { close(out); out = ""; next }
  /^```net( error [EW][0-9]+)?$/ {
    name = FILENAME
    gsub(/[\/.]/, "-", name)
    out = work "/" name "-" FNR ($3 == "" ? "" : "." $3) ".net"
    printf "" > out
    next
  }
  out != "" { print > out }
' docs/*.md README.md

shopt -s nullglob
count=0
for file in "$work"/*.net; do
  count=$((count + 1))
  code=$(basename "$file" .net | grep -oE '[EW][0-9]{4}$' || true)
  status=0
  "$NETC" check "$file" >"$work/out" 2>&1 || status=$?
  if [ -z "$code" ]; then
    [ $status -eq 0 ] && ! grep -q '^warning' "$work/out" && continue
  elif [ $status -eq 1 ] && grep -qF "error[$code]" "$work/out"; then
    continue
  fi
  echo "$(basename "$file"): not as the document says (exit $status):"
  cat "$work/out"
  bad=1
done
echo "$count examples"
[ $count -ge 8 ] || bad=1
exit $bad
