#!/bin/bash
# An installation: the command finds its code generator; where that, or LLVM, is missing, what needs it says so in a line.
set -euo pipefail

net=$SOURCE_DIR/examples/mnist/mnist.net
fail() {
  echo "$1"
  exit 1
}
# says TEXT COMMAND...: the command ends with 3 and one line that holds the text.
says() {
  local text=$1 code=0
  shift
  "$@" >out 2>err || code=$?
  [ $code -eq 3 ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] && grep -qF -- "$text" err ||
    fail "$*: exit $code, not '$text': $(cat out err)"
}

cmake --install "$(dirname "$NETC")" --prefix "$PWD/there" >log
cmp there/share/man/man1/netc.1 "$SOURCE_DIR/man/netc.1"
generator=there/lib/netc/libnetc_llvm.so
ln -s "$PWD/there/bin/netc" linked
for netc in there/bin/netc ./linked; do
  $netc dump --stage=asm --node=convnet.c2 "$net" >asm
  grep -q '^conv.convnet.c2:' asm
done

# Only the code generator needs LLVM.
! ldd there/bin/netc | grep -q LLVM || fail "the command itself needs LLVM"
llvm=$(ldd $generator | grep -oE 'libLLVM[^ ]*' | head -1)
mkdir broken
: >"broken/$llvm"
says "cannot load the code generator: " env LD_LIBRARY_PATH=broken there/bin/netc dump --stage=asm "$net"
grep -qF "$llvm" err || fail "$(cat err)"
LD_LIBRARY_PATH=broken there/bin/netc check "$net" >/dev/null
LD_LIBRARY_PATH=broken there/bin/netc plan "$net" >/dev/null
LD_LIBRARY_PATH=broken there/bin/netc dump --stage=kernel "$net" >/dev/null

# Code that was kept needs neither.
train() { there/bin/netc train "$net" --data "$SOURCE_DIR/tests/data" --epochs 1 --batch 500 "$@"; }
train --out first >/dev/null
LD_LIBRARY_PATH=broken train --out second >/dev/null
cmp first second
says "cannot load the code generator: " env LD_LIBRARY_PATH=broken NETC_CACHE= there/bin/netc eval first --data "$SOURCE_DIR/tests/data"

rm $generator
train --out second >/dev/null
cmp first second
says "the code generator is missing: no libnetc_llvm.so in" there/bin/netc dump --stage=llvm "$net"
there/bin/netc check "$net" >/dev/null
echo 'const void *nc_generator_llvm(void) { static const char *const g[3] = {"another"}; return g; }' |
  gcc -shared -fPIC -x c - -o $generator
says "is not of the same build as this command" there/bin/netc dump --stage=llvm "$net"
echo 'int x;' | gcc -shared -fPIC -x c - -o $generator
says "is not of the same build as this command" there/bin/netc dump --stage=llvm "$net"
