#!/bin/bash
# The Iris examples learn as well as PyTorch: the accuracy and the loss on the test part, over five seeds, are within three
# standard errors of those in tests/fixtures/iris.txt (make_iris.py). What they were trained on, and the classes, are kept.
set -euo pipefail

iris=$SOURCE_DIR/examples/iris
fail() {
  echo "$1"
  exit 1
}

for model in logistic mlp; do
  "$NETC" check "$iris/$model.net" >/dev/null
  for seed in 1 2 3 4 5; do
    "$NETC" train "$iris/$model.net" --seed $seed --out $model.$seed >log
    figures=$("$NETC" eval $model.$seed --data "$iris")
    loss=${figures#*loss } loss=${loss%%,*}
    echo "$model ${figures##*accuracy } $loss"
  done
done >netc.txt

# Both files as MODEL ACCURACY LOSS, PyTorch's first.
awk '{ print $1, $3, $4 }' "$SOURCE_DIR/tests/fixtures/iris.txt" >torch.txt
awk '
  { who = FILENAME == "torch.txt" ? 1 : 2 }
  { n[who, $1]++; for (i = 2; i <= 3; i++) { s[who, $1, i] += $i; q[who, $1, i] += $i * $i }; models[$1] = 1 }
  function mean(w, m, i) { return s[w, m, i] / n[w, m] }
  function variance(w, m, i) { return (q[w, m, i] - n[w, m] * mean(w, m, i)^2) / (n[w, m] - 1) }
  END {
    for (m in models) {
      if (n[1, m] != 5 || n[2, m] != 5) { print m ": not five seeds of each"; exit 1 }
      for (i = 2; i <= 3; i++) {
        error = sqrt(variance(1, m, i) / 5 + variance(2, m, i) / 5)
        difference = mean(2, m, i) - mean(1, m, i)
        printf "%s %s: PyTorch %.4f, netc %.4f, standard error %.4f\n", m, i == 2 ? "accuracy" : "loss", mean(1, m, i), mean(2, m, i), error
        if (difference^2 > 9 * error^2 + 1e-12) bad = 1
      }
      if (mean(2, m, 2) < 0.9) bad = 1
    }
    exit bad
  }' torch.txt netc.txt || fail "not within three standard errors: $(cat netc.txt)"

# Both parts of the split together are the whole.
[[ $("$NETC" eval mlp.1 --data "$iris" --dataset iris_train) = "iris_train, 105 samples: "* ]]
[[ $("$NETC" eval mlp.1 --data "$iris" --dataset iris) = "iris, 150 samples: "* ]]
grep -qaF 'netc.classes":"{\"species\":[\"setosa\",\"versicolor\",\"virginica\"]}"' mlp.1 || fail "no names of classes"

# Data whose classes have other numbers are not evaluated.
mkdir other
sed 's/setosa/zinnia/' "$iris/iris.csv" >other/iris.csv
code=0
"$NETC" eval mlp.1 --data other >out 2>err || code=$?
[ $code -eq 1 ] && grep -qF 'the classes of input species are not those' err || fail "exit $code: $(cat out err)"
# Where the source lists them, the file's names must be among them.
code=0
"$NETC" eval logistic.1 --data other >out 2>err || code=$?
[ $code -eq 1 ] && grep -qF "line 2, column 'species': 'zinnia' is none of the classes listed" err || fail "exit $code: $(cat out err)"
