#!/bin/bash
# Installs the other systems that bench/run.py measures netc beside, in the versions of bench/peers/requirements-*.txt.
#   bench/setup.sh [--venvs DIR] [PEER...]   each of torch, tensorflow, jax, onnxruntime, openvino, litert in a virtual
#   environment in DIR (default: build/bench/venvs), by pip as it is configured; onednn by apt. Without PEER all.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
venvs=$root/build/bench/venvs
peers=()
while [ $# -gt 0 ]; do
  case "$1" in
  -h | --help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;;
  --venvs) venvs=${2:?bench/setup.sh: --venvs takes a folder}; shift ;;
  onednn) peers+=("$1") ;;
  *)
    if [ ! -f "$root/bench/peers/requirements-$1.txt" ]; then
      echo "bench/setup.sh: no peer '$1'; there are torch, tensorflow, jax, onnxruntime, openvino, litert and onednn" >&2
      exit 2
    fi
    peers+=("$1") ;;
  esac
  shift
done
[ ${#peers[@]} -gt 0 ] || peers=(torch tensorflow jax onnxruntime openvino litert onednn)

packages=(python3-venv g++)
for peer in "${peers[@]}"; do
  case "$peer" in
  torch) packages+=(libtcmalloc-minimal4) ;; # faster for it than the C library's allocator
  onednn) packages+=(libdnnl-dev) ;;
  esac
done
"$root/setup.sh" "${packages[@]}"

mkdir -p "$venvs"
for peer in "${peers[@]}"; do
  [ "$peer" = onednn ] && continue
  wanted=$root/bench/peers/requirements-$peer.txt
  cmp -s "$wanted" "$venvs/$peer/requirements.txt" && continue
  echo "bench/setup.sh: installing $peer in $venvs/$peer"
  python3 -m venv "$venvs/$peer"
  "$venvs/$peer/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$venvs/$peer/requirements.txt"
done
