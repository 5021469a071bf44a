#!/bin/bash
# netc fmt: what it writes, when it writes, and that it loses nothing.
set -euo pipefail

bad=0
fail() {
  echo "$1"
  bad=1
}
# expect CODE TEXT COMMAND...: runs a command line; its standard error holds the text (or nothing, if that is empty).
expect() {
  local code=$1 text=$2 got=0
  shift 2
  "$@" >out 2>err || got=$?
  [ $got -eq "$code" ] || fail "$*: exit $got instead of $code: $(cat err)"
  if [ -z "$text" ]; then
    [ ! -s err ] || fail "$*: complains: $(cat err)"
  else
    grep -qF -- "$text" err || fail "$*: does not say '$text': $(cat err)"
  fi
}

# The sanitizers' build is slow to start.
mutants=150 every=1
[ "${NETC_DEV:-0}" = 1 ] && mutants=60 every=5 # 5 and the 3 ways of a text have no common divisor
python3 "$SOURCE_DIR/tests/tools/format.py" "$NETC" $mutants $every || bad=1

cat >messy.net <<'END'
input x:f32[N,4]

  
fn f( a,b ) { c=a+b   return 2*c @ w }
param w: f32[4,2]=xavier  # two
train { minimize  = mean(f(x,1))
        optimizer = adam(lr=- 1e-3)
        checkpoint_every = 3
  group "*.w" {lr=1 eps=2}}
END
cat >neat.net <<'END'
input x: f32[N, 4]

fn f(a, b) {
  c = a + b
  return 2*c @ w
}
param w: f32[4, 2] = xavier  # two
train {
  minimize         = mean(f(x, 1))
  optimizer        = adam(lr = -1e-3)
  checkpoint_every = 3
  group "*.w" { lr = 1 eps = 2 }
}
END
"$NETC" fmt - <messy.net | diff neat.net - || fail "another layout"

# In place, through a link, with the file's mode; nothing is printed or left over.
cp messy.net a.net
chmod 640 a.net
ln -s a.net link.net
expect 1 "a.net is not formatted, from line 1 on" "$NETC" fmt a.net --check
cmp -s messy.net a.net || fail "--check wrote"
expect 0 "" "$NETC" fmt link.net
[ ! -s out ] || fail "fmt prints: $(cat out)"
cmp -s neat.net a.net || fail "not written"
[ -L link.net ] || fail "the link is gone"
[ "$(stat -c %a a.net)" = 640 ] || fail "another mode: $(stat -c %a a.net)"
[ "$(echo a.net*)" = a.net ] || fail "left over: $(echo a.net*)"
expect 0 "" "$NETC" fmt --check a.net
touch -d 2001-01-01 a.net
expect 0 "" "$NETC" fmt a.net
[ "$(date -r a.net +%Y)" = 2001 ] || fail "what is formatted was written again"

# What is not valid is left alone.
printf 'input x:f32[N,4]\noutput y = (x\n' >broken.net
cp broken.net before
expect 1 'error[E0004]' "$NETC" fmt broken.net
expect 1 'error[E0004]' "$NETC" fmt --check broken.net
cmp -s broken.net before || fail "a broken file was changed"
expect 1 'error[E0004]' "$NETC" fmt - <broken.net
[ ! -s out ] || fail "a broken file was printed"
expect 1 '"code":"E0004"' "$NETC" fmt broken.net --message-format=json

# Types: of what has none, and is the same in training; not within blocks.
cat >types.net <<'END'
input x: f32[2*N, 4]
fn pair(v) {
  return v, sum(v, axis = 1)
}
fn odd(v) {
  if training { return v }
  return sum(v, axis = 1)
}
three = 3
net = Dense(6)
a, b = pair(x)
y: f32[2*N, 4] = a
for i in 0..2 { y = three * relu(y) }
odd_one = odd(x)
output last = net(y) # [0]
metric count = size(x)
metric level = mean(b) + mean(odd_one)
train {
  minimize  = mean(last)
  optimizer = sgd
}
END
sed -e 's/^a, b = /a: f32[2*N, 4], b: f32[2*N] = /' -e 's/^output last = net(y) /output last: f32[2*N, 6] = net(y)  /' \
  -e 's/^metric level =/metric level: f32[] =/' types.net >wanted.net
expect 0 "" "$NETC" fmt --shapes types.net
diff wanted.net types.net || fail "other types"
expect 0 "" "$NETC" fmt --shapes --check types.net
grep -v checkpoint_every neat.net | sed 's/"\*.w"/"w"/; s/eps = 2/beta1 = 0.5/' >valid.net
printf 'output z = relu(w)\n' >>valid.net
expect 1 "valid.net is not formatted, from line" "$NETC" fmt --shapes --check valid.net
printf 'output u = rellu(w)\n' >>valid.net
cp valid.net before
expect 1 'error[E0101]' "$NETC" fmt --shapes valid.net
cmp -s valid.net before || fail "an invalid file was changed"

# Odd files, and no place to write.
expect 1 "cannot read" "$NETC" fmt missing.net
mkdir folder.net
expect 1 "cannot read" "$NETC" fmt folder.net
expect 2 "a file is missing" "$NETC" fmt
expect 2 "no value goes with" "$NETC" fmt --check=1 a.net
: >empty.net
expect 0 "" "$NETC" fmt --check empty.net
printf '# only a comment' | "$NETC" fmt - | cmp - <(echo '# only a comment') || fail "a comment alone"
printf '\xef\xbb\xbfx = 1\r\ny = "\xc3\xa4"\r\n' | "$NETC" fmt - | cmp - <(printf 'x = 1\ny = "\xc3\xa4"\n') || fail "line ends"
expect 3 "cannot write the output" bash -c '"$0" fmt - <messy.net >/dev/full' "$NETC"
if [ "$(id -u)" != 0 ]; then
  mkdir locked
  cp messy.net locked
  chmod 555 locked
  expect 3 "cannot create it in the folder" "$NETC" fmt locked/messy.net
  chmod 755 locked
fi
exit $bad
