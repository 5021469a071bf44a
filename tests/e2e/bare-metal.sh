#!/bin/bash
# The example for a Cortex-M4, under qemu: it learns to the bits that the same program learns here, as C and as an object;
# weights that stay are in flash, others in RAM, nothing is computed in f64, and all is as large as its README says.
set -euo pipefail
fail() { echo "$*"; exit 1; }
example=$SOURCE_DIR/examples/embed-c/cortex-m4
cp "$example"/* .
make -s clean
make -s host NETC="$NETC" >host || fail "$(cat host)"
for tool in arm-none-eabi-gcc qemu-system-arm; do
  command -v $tool >/dev/null || { echo "skipped: no $tool (tests/run.sh installs it)"; exit 77; }
done

# within NAME ACTUAL: the README's row of that name says what it is, give or take what another compiler makes of it.
within() {
  local said=
  said=$(sed -n "s/^| $1[^|]*| \([0-9,]*\) |$/\1/p" README.md | tr -d ,)
  [ -n "$said" ] || fail "README.md says nothing of: $1"
  [ $((100 * $2)) -le $((said * 110)) ] && [ $((100 * $2)) -ge $((said * 90)) ] || fail "$1: $2 bytes, not $said"
}

# image: learns as the program does here, from flash, without f64.
image() {
  timeout 60 make -s run >out || fail "$(cat out)"
  grep -v -e ^stack -e ^wrote -e '^state  ' -e ^arena out >lines
  grep -v -e ^wrote -e '^state  ' -e ^arena host | diff - lines || fail "another outcome"
  arm-none-eabi-nm motion.elf >symbols
  ! grep -E ' (__aeabi_(d.*|[a-z]*2d|[a-z]*2dz)|(fma|exp|log|pow|floor|sqrt))$' symbols || fail "f64"
  [ "$(awk '$3 ~ /_kernel$|_bias$/ && $3 !~ /matmul|sum|max/ { print substr($1, 1, 3), $2 }' symbols |
    sort -u)" = "080 t" ] || fail "constants are elsewhere: $(grep -E '_kernel|_bias' symbols)"
  [ "$(awk '$3 ~ /^(state|arena)$/ { print substr($1, 1, 3), $2 }' symbols | sort -u)" = "200 b" ] ||
    fail "the state is not in RAM: $(grep -E ' (state|arena)$' symbols)"
}

image
[ "$(sed -n 's/ of 256 new windows told right$//p' out)" -gt 230 ] || fail "it learns little: $(cat out)"
make -s size >size
within flash "$(sed 's/flash \([0-9]*\).*/\1/' size)"
within RAM "$(sed 's/.*RAM \([0-9]*\).*/\1/' size)"
within stack "$(sed -n 's/^stack \([0-9]*\) bytes$/\1/p' out)"
for what in state arena; do
  name=MOTION_${what^^}_SIZE
  within "$what" "$(awk -v name="$name" '$2 == name { print $3 }' motion.h)"
done

# What the README shows is what it prints, but for the stack.
sed -n '/^\$ make run$/,/^```$/p' README.md | grep -v -e '^\$' -e '^```$' -e ^stack >shown
grep -v ^stack out >printed
grep ^wrote -A2 host | diff - <(head -3 shown) || fail "README.md shows another build"
diff printed <(tail -n +4 shown) || fail "README.md shows another outcome"

# The same as an object.
rm motion.elf
mkdir object
"$NETC" build motion.net --emit=obj --entry=step --math=portable --target=arm-none-eabi --cpu=cortex-m4 -o object/motion.o >/dev/null
mv object/motion.o model.o
make -s motion.elf SOURCES="main.c model.o"
image
