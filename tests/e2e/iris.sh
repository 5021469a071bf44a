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
    figures=${figures#*: }
    echo "$model $seed ${figures//,/}"
  done
done >figures
python3 "$SOURCE_DIR/tests/tools/compare_figures.py" "$SOURCE_DIR/tests/fixtures/iris.txt" figures accuracy=0.9

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
