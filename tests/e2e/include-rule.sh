#!/bin/bash
# Which folder of the compiler may include which: the pipeline's order, from docs/internals.md.
set -euo pipefail

declare -A may=(
  [base]=""
  [syntax]="base"
  [ir]="base"
  [kernel]="base ir"
  [ops]="base ir kernel"
  [sema]="base syntax ir ops stdlib" # the library is source that it reads
  [passes]="base ir ops kernel"
  [interpret]="base ir ops"
  [emit]="base ir kernel"
  [drawing]="base ir"
  [stdlib]="base"
  [driver]="base syntax ir kernel ops sema passes interpret emit stdlib drawing"
  [api]="base driver"
)
cd "$SOURCE_DIR"
bad=0
complain() { echo "$1"; bad=1; }

while IFS=: read -r file include; do
  include=${include#*\"} include=${include%%\"*}
  from=${file#compiler/} from=${from%%/*} to=${include%%/*}
  case $file in
  runtime/*) [ -e "runtime/$include" ] || complain "$file: the runtime includes $include" ;;
  compiler/driver/*) [ -e "compiler/$include" ] || [ -e "runtime/$include" ] ||
    complain "$file: includes $include, which is nowhere" ;;
  *)
    # Generated parser headers count as their folder's. Of the runtime emit knows the ABI, and what loads code; api knows all.
    if [ "$to" = "$include" ]; then
      [ -e "runtime/$include" ] && [[ $from = emit || $from = api ]] || complain "$file: includes $include"
    elif [ "$to" != "$from" ] && [[ " ${may[$from]-} " != *" $to "* ]]; then
      complain "$file: $from may not include $to"
    fi ;;
  esac
done < <(grep -rHoE --include='*.[chy]' --include='*.re' --include='*.def' \
  '^ *# *include *"[^"]+"' compiler runtime)

while IFS= read -r file; do
  case $file in
  compiler/emit/llvm*) ;; # the code generator's shared object
  *) complain "$file: only emit/llvm* knows LLVM" ;;
  esac
done < <(grep -rlE '^ *# *include *[<"](llvm-c/|emit/llvm)' compiler runtime || true)

for folder in compiler/*/; do
  folder=$(basename "$folder")
  [ -n "${may[$folder]+known}" ] || complain "compiler/$folder: has no rule"
done
exit $bad
