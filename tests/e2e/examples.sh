#!/bin/bash
# The MNIST examples learn as well as PyTorch: loss and metrics on the test images of tests/data, over five seeds, are within
# three standard errors of those in tests/fixtures/examples.txt (make_examples.py, which knows the number of epochs, too).
# mnist_layers.net is not there: it is mnist.net, bit for bit (layers.sh).
set -euo pipefail

models="mnist lenet autoencoder batchnorm two_outputs own"
[ "${NETC_DEV:-0}" != 1 ] || models="mnist own" # the sanitizers' build is slow, and learns the same
for model in $models; do
  more=()
  [ $model != mnist ] || more=(--epochs 20)
  for seed in 1 2 3 4 5; do
    "$NETC" train "$SOURCE_DIR/examples/mnist/$model.net" --data "$SOURCE_DIR/tests/data" --seed $seed "${more[@]}" \
      --out $model.$seed >log
    figures=$("$NETC" eval $model.$seed --data "$SOURCE_DIR/tests/data")
    figures=${figures#*: }
    echo "$model $seed ${figures//,/}"
  done
done >figures
grep -E "^(${models// /|}) " "$SOURCE_DIR/tests/fixtures/examples.txt" >expected
python3 "$SOURCE_DIR/tests/tools/compare_figures.py" expected figures accuracy=0.85
