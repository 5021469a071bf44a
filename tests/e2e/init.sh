#!/bin/bash
# Params from another framework's file: the network computes what that framework did (tests/fixtures/make_pytorch.py); what
# does not fit is an error.
set -euo pipefail

fixtures=$SOURCE_DIR/tests/fixtures/pytorch
cp "$fixtures"/* .
fail() {
  echo "$1"
  exit 1
}
# The optimizer changes nothing, so that the figures are those of the params that were read.
cat >net.net <<'END'
input image: f32[N, 8, 12, 2]
input wanted: f32[N, 5]
conv1 = Conv(4, 3)
conv2 = Conv(6, [3, 5])
fc1 = Dense(12)
fc2 = Dense(5)
features = image |> conv1 |> relu |> maxpool(2) |> conv2 |> relu |> maxpool(2)
logits = features |> flatten |> fc1 |> relu |> fc2
loss = mse(logits, wanted)
metric error = max(abs(logits - wanted)) / max(abs(wanted))
optimizer still(lr: f32 = 0.0) {
  state slow = param
  update param = slow - lr * grad
}
dataset known {
  image = npz("convnet.npz", "image")
  wanted = npz("convnet.npz", "logits")
}
train {
  minimize = loss
  optimizer = still
  data = known
}
END
cat >map.json <<'END'
{
  "conv1.kernel": ["conv1.weight", {"permute": [2, 3, 1, 0]}],
  "conv1.bias": "conv1.bias",
  "conv2.kernel": ["conv2.weight", {"permute": [2, 3, 1, 0]}],
  "fc1.kernel": ["fc1.weight", {"reshape": [12, 6, 2, 3]}, {"permute": [2, 3, 1, 0]}, {"reshape": [36, 12]}],
  "fc2.kernel": ["fc2.weight", {"permute": [1, 0]}]
}
END
# small LOG: the error in it is below 1e-5 of the largest logit.
small() {
  local error
  error=$(sed -n 's/.*error \([0-9.e+-]*\).*/\1/p' "$1" | tail -1)
  awk -v e="$error" 'BEGIN { exit !(e != "" && e < 1e-5) }' || fail "$(cat "$1")"
}
"$NETC" train net.net --init convnet.safetensors --init-map map.json >log
grep -q '^8 first values from convnet.safetensors$' log || fail "$(cat log)"
small log
"$NETC" eval net.safetensors >log
small log
# Without the file's params it is not small.
"$NETC" train net.net --out own.safetensors >log
! (small log) >/dev/null || fail "$(cat log)"
# A state that begins as its param does has that value, too.
"$NETC" ckpt show net.safetensors --json | python3 -c '
import json, sys
tensors = {t["name"]: t for t in json.load(sys.stdin)["tensors"]}
for name in "conv1.kernel", "fc2.bias":
    assert tensors[name]["mean"] == tensors["still.slow." + name]["mean"] != 0, tensors
'
# The names of the file itself, and a checkpoint of netc, need no map; what it has besides is passed over.
"$NETC" train net.net --init net.safetensors --out again.safetensors >log
grep -q '^8 first values from net.safetensors; [0-9]* other tensors of it are not used$' log || fail "$(cat log)"
cmp again.safetensors net.safetensors
# null keeps what the source says.
sed 's/"fc2.kernel": .*/"fc2.kernel": null, "fc2.bias": null/' map.json >null.json
"$NETC" train net.net --init convnet.safetensors --init-map null.json --out null.safetensors >log
grep -q '^6 first values from convnet.safetensors; 2 other tensors of it are not used$' log || fail "$(cat log)"
"$NETC" ckpt diff null.safetensors own.safetensors >log || true
! grep -q 'fc2' log && grep -q '^fc1.bias: f32\[12\]: 12 of 12 values differ' log || fail "$(cat log)"

# What any safetensors reader reads is what `netc ckpt show` shows.
python3 - <<'END'
import json, struct
try:
    from safetensors import safe_open
    with safe_open("net.safetensors", "numpy") as file:
        read = {name: [float(v) for v in file.get_tensor(name).ravel()] for name in file.keys()}
except ImportError:
    data = open("net.safetensors", "rb").read()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__")
    letters = {"F32": "f", "F64": "d", "I64": "q"}
    read = {}
    for name, entry in header.items():
        begin, end = (start + offset for offset in entry["data_offsets"])
        read[name] = [v for v, in struct.iter_unpack("<" + letters[entry["dtype"]], data[begin:end])]
import os, subprocess
shown = json.loads(subprocess.check_output([os.environ["NETC"], "ckpt", "show", "net.safetensors", "--json"]))["tensors"]
assert {t["name"] for t in shown} == set(read) and len(shown) > 16
for tensor in shown:
    values = read[tensor["name"]]
    mean = sum(values) / len(values)
    deviation = (sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5
    for key, value in ("min", min(values)), ("max", max(values)), ("mean", mean), ("std", deviation):
        assert abs(tensor[key] - value) <= 1e-7 * max(map(abs, values), default=0), (tensor, value)
END

# refused TEXT MAP: an error that says TEXT.
refused() {
  code=0
  printf '%s' "$2" >wrong.json
  "$NETC" train net.net --init convnet.safetensors --init-map wrong.json --out none.safetensors >log 2>err || code=$?
  [ $code -eq 1 ] && grep -qF -- "$1" err && [ ! -e none.safetensors ] || fail "$2: exit $code: $(cat log err)"
}
refused "wrong.json:1:1: not valid JSON" '{'
refused "not valid JSON" ''
refused "a map is an object" '[]'
refused "not valid JSON: duplicate" '{"fc1.bias": "a", "fc1.bias": "b"}'
refused "conv1.kernal: the program has no such param; did you mean conv1.kernel?" '{"conv1.kernal": "x"}'
refused "still.slow.fc1.bias: the program has no such param" '{"still.slow.fc1.bias": "x"}'
refused "conv1.kernel: a tensor's name is needed" '{"conv1.kernel": 3}'
refused "conv1.kernel: a tensor's name is needed" '{"conv1.kernel": []}'
refused "conv1.kernel: a tensor's name is needed" '{"conv1.kernel": {"tensor": "x"}}'
refused "conv1.kernel: convnet.safetensors has no tensor conv1.wait; it has conv1.bias, " '{"conv1.kernel": "conv1.wait"}'
refused "conv1.kernel: convnet.safetensors has no tensor conv1.kernel" '{}'
refused "f32[3, 3, 2, 4] is needed, but conv1.weight gives f32[4, 2, 3, 3]; more steps" '{"conv1.kernel": "conv1.weight"}'
refused "f32[3, 3, 2, 4] is needed, but conv1.bias gives f32[4]" '{"conv1.kernel": "conv1.bias"}'
refused 'behind the name stand steps such as {"permute"' '{"conv1.kernel": ["conv1.weight", [2, 3, 1, 0]]}'
refused 'behind the name stand steps' '{"conv1.kernel": ["conv1.weight", {"permute": [2, 3, 1, 0], "reshape": [3]}]}'
for axes in '2, 3, 1' '2, 3, 1, 1' '2, 3, 1, 4' '2, 3, 1, -1' '2, 3, 1, "0"' '2, 3, 1, 0.0' ''; do
  refused "permute of f32[4, 2, 3, 3] lists its axes, 0 to 3, each once" "{\"conv1.kernel\": [\"conv1.weight\", {\"permute\": [$axes]}]}"
done
refused "cannot be reshaped to 73 values" '{"conv1.kernel": ["conv1.weight", {"reshape": [73]}]}'
refused "a whole number" '{"conv1.kernel": ["conv1.weight", {"reshape": [-1, 4]}]}'
refused "a whole number" '{"conv1.kernel": ["conv1.weight", {"reshape": [4294967296, 4294967296]}]}'
refused "at most 8 dimensions" '{"conv1.kernel": ["conv1.weight", {"reshape": [72, 1, 1, 1, 1, 1, 1, 1, 1]}]}'
# usage CODE TEXT ARGUMENT...
usage() {
  local wanted=$1 text=$2 code=0
  shift 2
  "$NETC" train net.net "$@" >log 2>err || code=$?
  [ $code -eq "$wanted" ] && grep -qF -- "$text" err || fail "$*: exit $code: $(cat log err)"
}
usage 1 "conv1.kernel: the file has no tensor of that name; it has conv1.bias, " --init convnet.safetensors
usage 1 "--init-map says which is which" --init convnet.safetensors
usage 1 "absent.safetensors: cannot open it" --init absent.safetensors
usage 1 "cannot read absent.json" --init convnet.safetensors --init-map absent.json
usage 1 "not a safetensors file" --init net.net
usage 2 "give --init, too" --init-map map.json
