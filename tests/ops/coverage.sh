#!/bin/sh
# Builds the operators with gcov, runs the tests made from their samples, and lists the lines and branches of
# compiler/ops that these leave out. Takes a minute; ends with 1 if a function of a shape rule, gradient, lowering or
# reference has a line that is not covered.
#   tests/ops/coverage.sh [FOLDER for the build, by default a temporary one]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$(mktemp -d)}
mkdir -p "$build/objects"
cd "$build"

flags="-std=gnu17 -O0 -g -I$root/compiler -I$root/runtime -I$root/tests -DNETC_SOURCE_DIR=\"$root\""
compile() { # SOURCE FLAGS…: prints the object
  source=$1
  shift
  object=objects/$(echo "${source#"$root"/}" | tr / _).o
  # shellcheck disable=SC2086
  gcc $flags "$@" -c "$source" -o "$object"
}
for source in "$root"/compiler/base/*.c "$root"/compiler/ir/*.c "$root"/compiler/kernel/tensor.c \
  "$root"/compiler/ops/autodiff.c "$root"/compiler/interpret/*.c; do
  compile "$source"
done
for source in "$root"/compiler/ops/*.c; do
  compile "$source" --coverage
done
for test in infer lower gradient reference; do
  # shellcheck disable=SC2086
  gcc $flags "$root/tests/ops/test_$test.c" objects/*.o --coverage -o "test_$test" -lcmocka -lm
  "./test_$test" >"test_$test.log" 2>&1 || { cat "test_$test.log"; exit 1; }
done

gcov --branch-probabilities objects/compiler_ops_*.gcda >/dev/null
missing=0
for report in *.c.gcov; do
  grep -q "Source:$root/compiler/ops/" "$report" || continue
  case $report in build.c.gcov | doc.c.gcov | ops.c.gcov) continue ;; esac # no operators
  if grep -q '^ *#####:' "$report" >/dev/null; then
    missing=1
    echo "$report: lines not run"
    grep '^ *#####:' "$report" | sed 's/^ *#####: */  /'
  fi
  awk -v name="$report" '
    /^ *[0-9#-]+\*?: *[0-9]+:/ { line = $0 }
    /^branch .*(taken 0%|never executed)/ { if (line !~ /#####/ && line != last) { if (!said++) print name ": branches not taken"; print "  " line; last = line } }
  ' "$report" | sed 's/^  *[0-9]*\**: */  /'
done
[ "$missing" = 0 ] && echo "every line of compiler/ops is covered"
exit "$missing"
