#!/bin/bash
# The tutorial: its commands, what they print and draw, on all of MNIST.
#   tutorial.sh [--update]   writes what differs into the tutorial
set -euo pipefail
if [ ! -e "$MNIST/train-images-idx3-ubyte" ]; then
  echo "skipped: MNIST is not in $MNIST"
  exit 77
fi
# Its programs in C are built against an installation.
cmake --install "$(dirname "$NETC")" --prefix "$PWD/there" >log
export PKG_CONFIG_PATH=$PWD/there/lib/pkgconfig LD_LIBRARY_PATH=$PWD/there/lib
python3 "$SOURCE_DIR/tests/docs/transcripts.py" "$@" --mnist "$MNIST" "$NETC" "$SOURCE_DIR/docs/tutorial.md"
# Every picture that lies beside it is shown.
for picture in "$SOURCE_DIR"/docs/tutorial/*; do
  grep -qF "](tutorial/$(basename "$picture"))" "$SOURCE_DIR/docs/tutorial.md" || { echo "nothing shows $picture"; exit 1; }
done
