#!/bin/bash
# Data files that are wrong end a training before it starts, with exit 1, the file's name and the byte's offset.
set -euo pipefail

net=$SOURCE_DIR/examples/mnist/mnist.net
images=train-images-idx3-ubyte
labels=train-labels-idx1-ubyte
bad=0

fresh() {
  rm -rf data
  mkdir data
  for name in $images $labels t10k-images-idx3-ubyte t10k-labels-idx1-ubyte; do
    gzip -dc "$SOURCE_DIR/tests/data/$name.gz" >data/$name
  done
}

# put FILE OFFSET BYTES: overwrites bytes, given as printf's escapes.
put() { printf "$3" | dd of="data/$1" bs=1 seek="$2" conv=notrunc status=none; }

# expect NAME TEXT...: the training fails, and its message holds every text.
expect() {
  local name=$1 code=0
  shift
  timeout 60 "$NETC" train "$net" --data data --epochs 1 --out out.safetensors >out 2>err || code=$?
  if [ $code -ne 1 ]; then
    echo "$name: exit $code instead of 1"
    bad=1
  fi
  for text in "$@"; do
    if ! grep -qF -- "$text" err; then
      echo "$name: the message lacks '$text':"
      bad=1
    fi
  done
  if [ -e out.safetensors ] || grep -q epoch out; then
    echo "$name: the training had started"
    bad=1
  fi
  if grep -qE 'Sanitizer|runtime error|Assertion|LLVM' err; then bad=1; fi
  if [ $bad -ne 0 ]; then cat err; exit 1; fi
}

fresh; rm data/$images
expect "missing file" $images "no file"
fresh; truncate -s 1000 data/$images
expect "truncated" "data/$images" "offset 1000" truncated
fresh; truncate -s 9 data/$images
expect "truncated header" "data/$images" "offset 9" truncated
fresh; : >data/$labels
expect "empty" "data/$labels" "is empty"
fresh; printf x >>data/$labels
expect "trailing byte" "data/$labels" "offset 2008" "more bytes follow"
fresh; put $images 0 '\x01'
expect "wrong magic" "data/$images" "offset 0" "not an idx file"
fresh; put $images 2 '\x09'
expect "signed bytes" "data/$images" "offset 2" "i8"
fresh; put $images 4 '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff'
expect "absurd dimensions" "data/$images" "offset 4" "too large"
fresh; put $labels 107 '\x0a'
expect "label out of range" "data/$labels" "offset 107" "sample 99" "value 10" "0..10"
fresh; put $labels 4 '\x00\x00\x07\xcf'; truncate -s 2007 data/$labels
expect "count mismatch" $labels 1999 2000
fresh; put $images 8 '\x00\x00\x00\x1b'; truncate -s $((16 + 2000 * 27 * 28)) data/$images
expect "images of another size" $images 27
fresh; gzip data/$images; truncate -s 100000 data/$images.gz
expect "truncated gzip" "data/$images.gz" "compressed offset 100000" truncated
fresh; gzip data/$images; put $images.gz 50000 '\x00\x01\x02\x03\x04\x05\x06\x07'
expect "corrupt gzip" "data/$images.gz" "compressed offset" corrupt
fresh; rm data/$images; mkdir data/$images
expect "a folder" "data/$images" "is a folder"
