#!/bin/bash
# Installs what building and testing netc needs and this machine (Debian 12 or newer) lacks.
#   ./setup.sh [PACKAGE...]   with more packages, such as clang-19 libclang-rt-19-dev for the fuzzers
# Says what it installs, uses sudo only when not root, and does nothing where all is there.
set -euo pipefail

case "${1:-}" in -h | --help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;; esac

# Programs may come from anywhere; the package is what would be installed.
missing=()
need_command() { # PACKAGE COMMAND
  command -v "$2" >/dev/null || missing+=("$1")
}
need_package() {
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed || missing+=("$1")
}

need_command gcc gcc
need_command cmake cmake
need_command make make
need_command git git
need_command re2c re2c
need_command bison bison
need_command pkg-config pkg-config
need_command protobuf-c-compiler protoc-c
need_command curl curl
need_command clang-format-19 clang-format-19
command -v wasm-ld-19 >/dev/null || need_command lld-19 wasm-ld
# LLVM compiles, OpenBLAS multiplies large matrices; jansson reads and writes checkpoints' headers,
# zlib, libzip and libpng data files (.gz, .npz, .png), cairo draws pictures, protobuf-c writes ONNX by the schema in
# libonnx-dev; cmocka and llvm-19-tools are for the tests.
for package in libc6-dev ca-certificates llvm-19-dev llvm-19-tools libopenblas-dev libjansson-dev \
  zlib1g-dev libpng-dev libzip-dev libcairo2-dev libprotobuf-c-dev libonnx-dev libcmocka-dev "$@"; do
  need_package "$package"
done
[ ${#missing[@]} -eq 0 ] && exit 0

echo "setup: missing here: ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "setup: no apt-get on this machine; install what these Debian packages hold" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: run me as root, or install sudo" >&2; exit 1; }
  as_root=(sudo)
fi
echo "setup: installing them with apt-get${as_root[0]:+, as root by sudo}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >>"$log" 2>&1; }
# Lists of packages may be older than the packages: they are brought up to date first.
if ! { apt update && apt install --no-install-recommends "${missing[@]}"; }; then
  tail -n 20 "$log" >&2
  echo "setup: apt-get failed" >&2
  exit 1
fi
echo "setup: done"
