#!/bin/bash
# Pictures of graphs: complete, nothing over anything else, and in Graphviz's grammar.
set -euo pipefail

check=$SOURCE_DIR/tests/tools/pictures.py
fail() {
  echo "$1"
  exit 1
}
# draws ARGUMENT...: the picture of a graph shows what its text says; prints nodes, results and updates, tags.
draws() {
  "$NETC" dump "$@" >graph.txt 2>err || fail "dump $*: $(cat err)"
  "$NETC" dump --format=svg "$@" >graph.svg 2>err || fail "dump --format=svg $*: $(cat err)"
  "$NETC" dump --format=dot "$@" >graph.dot 2>err || fail "dump --format=dot $*: $(cat err)"
  "$check" graph.txt graph.svg graph.dot || fail "dump $*"
}

# A training step has both colours, dashes where it is backward, and tags for what is computed far away.
for name in mnist/mnist mnist/batchnorm mnist/two_outputs iris/mlp; do
  for graph in train_step predict initialize; do
    draws --stage=graph --graph=$graph "$SOURCE_DIR/examples/$name.net" >/dev/null
    draws --stage=grad --graph=$graph "$SOURCE_DIR/examples/$name.net" >/dev/null
  done
done
mnist=$SOURCE_DIR/examples/mnist/mnist.net
read -r nodes ends tags < <(draws --stage=grad "$mnist")
[ "$nodes" -gt 300 ] && [ "$ends" -eq 40 ] && [ "$tags" -gt 10 ] || fail "mnist.net: $nodes nodes, $ends ends, $tags tags"
for text in '>convnet.c1<' '>grad(convnet.c1)<' '>update weights.c1<' 'class="line backward"' 'class="line"' \
  '.backward.line{stroke:#B84A00;stroke-dasharray' 'href="#n' '<title>%7 = conv' 'mnist.net:24:69'; do
  grep -qF -- "$text" graph.svg || fail "the picture has no $text"
done
grep -q 'subgraph cluster_[0-9]' graph.dot && grep -qF 'style=dashed' graph.dot || fail "the dot has no groups or dashes"
"$NETC" dump --format=svg --graph=predict "$mnist" >forward.svg
! grep -q 'class="line backward"' forward.svg || fail "prediction goes backward"
"$NETC" dump --format=text "$mnist" | cmp - <("$NETC" dump "$mnist") || fail "--format=text is not what there is without it"
draws --after=train_step --graph=train_step "$mnist" >/dev/null

# Names as long as they come, an output that is an input, one that is a constant, one used twice, an unused input.
name=$(printf 'very_long_name_%.0s' {1..20})
cat >odd.net <<END
input $name: f32[N, 3]
input unused: f32[N]
fn f_$name(x) {
  y_$name = x * x + 1
  return y_$name * x
}
output same = $name
output constant = 2.5
output more = f_$name($name)
END
draws --graph=predict odd.net >/dev/null
echo 'output y = 1.0' >one.net
draws --graph=predict one.net >/dev/null

# A deep network: what is used far away is tagged, so that the picture grows no faster than the network.
{
  echo 'input x: f32[N, 8]'
  echo 'y = x'
  echo 'for i in 0..60 { y = relu(Dense(8)(y)) + y }'
  echo 'loss = mean(y)'
  echo 'train { minimize = loss optimizer = adam }'
} >deep.net
draws --stage=grad deep.net >/dev/null

# refuses CODE TEXT ARGUMENT...
refuses() {
  local expected=$1 text=$2 code=0
  shift 2
  "$NETC" dump "$@" >out 2>err || code=$?
  [ $code -eq "$expected" ] && [ ! -s out ] && grep -qF -- "$text" err || fail "dump $*: exit $code: $(head -c 500 out err)"
}
refuses 2 "--format takes text, dot, svg or net, not 'sgv'; did you mean 'svg'?" --format=sgv "$mnist"
refuses 2 "--format takes text, dot, svg or net, not ''" --format= "$mnist"
refuses 2 "missing after '--format'" "$mnist" --format
refuses 2 "--format=svg draws the stages graph and grad only" --format=svg --stage=kernel "$mnist"
refuses 2 "--format=dot draws the stages graph and grad only" --format=dot --stage=ast "$mnist"
refuses 2 "--format=svg takes no --node" --format=svg --node=convnet "$mnist"
refuses 1 "did you mean 'predict'?" --format=svg --graph=predit "$mnist"
refuses 1 "no train block" --format=svg --stage=grad odd.net
refuses 1 "cannot read" --format=svg absent.net
echo 'input x: f32[N, 3' >wrong.net
refuses 1 "E0" --format=svg wrong.net
{
  echo 'input x: f32[N, 8]'
  echo 'y = x'
  for i in 1 2 3 4 5 6; do echo 'for i in 0..1000 { y = y * x + y - x + x * y }'; done
  echo 'output z = y'
} >huge.net
refuses 1 "a picture at most 20000" --format=svg --graph=predict huge.net
