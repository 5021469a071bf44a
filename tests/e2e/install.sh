#!/bin/bash
# An installation: the command finds its code generator, and others the libraries; where the generator, or LLVM, is missing,
# what needs it says so in a line.
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

# Programs find the libraries by pkg-config and by CMake.
export PKG_CONFIG_PATH=$PWD/there/lib/pkgconfig
cat >line.c <<'END'
#include <netc.h>
#include <stdio.h>
int main(void) {
  NetcStatus status;
  NetcProgram *program;
  NetcSession *session;
  const char *const fetch[] = {"a * 2"};
  NetcRun run = {.fetch = fetch, .fetch_count = 1};
  NetcTensor value;
  if (!netc_open_text("a.net", "param a: f32[] = 21\noutput b = a\n", NULL, &program, &status) ||
      !netc_session_open(program, NULL, &session, &status) ||
      !netc_run(session, &run, &value, &status))
    return fprintf(stderr, "%s\n", status.message), (int)status.code;
  printf("%g\n", *(const float *)value.data);
  netc_session_close(session);
  netc_close(program);
}
END
cat >runtime.c <<'END'
#include <netc_rt.h>
#include <stdio.h>
int main(void) {
  NcrtStatus status = {0};
  NcrtSafetensors file;
  return ncrt_safetensors_read("nothing", &file, &status) ? 1 : puts(status.message) < 0;
}
END
cat >CMakeLists.txt <<END
cmake_minimum_required(VERSION 3.25)
project(line LANGUAGES C)
find_package(netc 0.1 REQUIRED COMPONENTS rt)
string(APPEND CMAKE_C_FLAGS " $SANITIZERS")
add_executable(line line.c)
target_link_libraries(line PRIVATE netc::netc)
add_executable(runtime runtime.c)
target_link_libraries(runtime PRIVATE netc::rt)
END
cmake -S . -B by_cmake -DCMAKE_PREFIX_PATH="$PWD/there" >log
cmake --build by_cmake >>log || fail "$(cat log)"
mkdir by_pkg_config
for program in line:netc runtime:netc_rt; do
  # shellcheck disable=SC2046,SC2086
  gcc $SANITIZERS $(pkg-config --cflags ${program#*:}) ${program%:*}.c -o by_pkg_config/${program%:*} \
    $(pkg-config --libs ${program#*:}) -Wl,-rpath,"$PWD/there/lib"
done
for folder in by_cmake by_pkg_config; do
  [ "$($folder/line)" = 42 ] || fail "$folder: $($folder/line)"
  [ "$($folder/runtime)" = "nothing: cannot open it: No such file or directory" ] || fail "$($folder/runtime)"
done
readelf -d there/lib/libnetc.so | grep -q 'SONAME.*\[libnetc.so.0\]' || fail "$(readelf -d there/lib/libnetc.so)"
others=$(nm -D --defined-only there/lib/libnetc.so | awk '$2 == "T" && $3 !~ /^netc_/')
[ -z "$others" ] || fail "the library exports $others"

# Only the code generator needs LLVM.
! ldd there/lib/libnetc.so | grep -q LLVM || fail "the library itself needs LLVM"
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
by_cmake/line >/dev/null # its code was kept
says "the code generator is missing: no libnetc_llvm.so in" env NETC_CACHE= by_cmake/line
train --out second >/dev/null
cmp first second
says "the code generator is missing: no libnetc_llvm.so in" there/bin/netc dump --stage=llvm "$net"
there/bin/netc check "$net" >/dev/null
echo 'const void *nc_generator_llvm(void) { static const char *const g[3] = {"another"}; return g; }' |
  gcc -shared -fPIC -x c - -o $generator
says "is not of the same build as this command" there/bin/netc dump --stage=llvm "$net"
echo 'int x;' | gcc -shared -fPIC -x c - -o $generator
says "is not of the same build as this command" there/bin/netc dump --stage=llvm "$net"
