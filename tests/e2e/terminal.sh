#!/bin/bash
# What the commands print of a real run: no wider than a terminal of 80 columns, and plain in pipes and with NO_COLOR. Lines
# of sources, of the IR and of JSON are as long as they are.
set -euo pipefail

bad=0
fail() {
  echo "$1"
  bad=1
}
cp "$SOURCE_DIR"/examples/mnist/{*.net,digit.png} .
ln -s "$SOURCE_DIR/tests/data" data
sed 's/conv2d(c1, weights.c2/conv2d(c1, weights.c4/' mnist.net >wrong.net
unset LC_ALL LC_CTYPE COLUMNS NO_COLOR
export LANG=C.UTF-8 TERM=xterm-256color
cat >terminal.py <<'END'
import os, pty, re, sys
process, terminal = pty.fork()
if process == 0:
    os.execv(sys.argv[1], sys.argv[1:])
shown = b""
try:
    while data := os.read(terminal, 65536):
        shown += data
except OSError:  # how a terminal ends
    pass
os.waitpid(process, 0)
text = shown.decode().replace("\r\n", "\n")
plain = re.sub(r"\x1b\[[0-9;]*[mK]", "", text)
for line in re.split("[\r\n]", plain):
    if len(line) > 80:
        print(f"{len(line)} columns: {line}")
if os.environ.get("NO_COLOR") and re.search(r"\x1b\[[0-9;]*m", text):
    print("colours in spite of NO_COLOR")
if not plain.strip():
    print("nothing is shown")
END
# shows COMMAND...: as it should on a terminal, with NO_COLOR and in a pipe, whatever it finds.
shows() {
  local said
  said=$(python3 terminal.py "$NETC" "$@" ; NO_COLOR=1 python3 terminal.py "$NETC" "$@")
  [ -z "$said" ] || fail "$*: $said"
  "$NETC" "$@" >out 2>&1 </dev/null || true
  ! grep -q $'\033' out || fail "$*: escapes in a pipe"
}
shows check mnist.net --data data
shows check wrong.net
shows train mnist.net --data data --epochs 2 --batch 50 --show loss,accuracy
shows train two_outputs.net --data data --epochs 1 --batch 500 # two lines an epoch, and at its end
shows train mnist.net --data data --dry-run
[ -e mnist.safetensors ] && [ -e two_outputs.safetensors ] || fail "no checkpoints"
shows eval mnist.safetensors --data data
shows eval two_outputs.safetensors --data data
shows predict mnist.safetensors --data data
shows predict mnist.safetensors --data data --index 3
shows predict mnist.safetensors digit.png # with a note
shows predict two_outputs.safetensors --data data --first 5
shows plot mnist.jsonl
shows plan mnist.net
shows data mnist.net --data data --fetch 'one_hot(label, 10)'
shows run mnist.safetensors --data data --fetch 'loss, weights.d2, adam.m(biases.d1)'
shows replay mnist.safetensors --data data --step 3 --fetch 'loss, grad(loss, biases.d1)'
shows build mnist.safetensors --emit=onnx
shows ckpt show mnist.safetensors # long names are cut
shows ckpt diff mnist.safetensors two_outputs.safetensors
shows explain
shows explain E0203
shows train mnist.net --nonsense
shows predict absent.safetensors
exit $bad
