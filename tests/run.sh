#!/bin/bash
# Sets up, builds, and runs all tests, on the build that users have and on the one with sanitizers.
#   tests/run.sh [ARGUMENT...]   arguments go to ctest, such as -R golden
set -euo pipefail

cd "$(dirname "$0")/.."
# What tests of code for other machines need: compilers for aarch64 and Cortex-M, and QEMU.
./setup.sh gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
for preset in release dev; do
  cmake --preset "$preset"
  cmake --build --preset "$preset" --parallel "$(nproc)"
done
# One ctest over both builds, so that its summary is the last word.
mkdir -p build-all
echo 'subdirs("../build" "../build-dev")' >build-all/CTestTestfile.cmake
exec ctest --test-dir build-all --parallel "$(nproc)" --output-on-failure "$@"
