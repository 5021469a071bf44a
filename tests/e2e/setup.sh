#!/bin/bash
# setup.sh: finds all there where the tests run, and asks apt-get for packages by their names, as root, where they are not.
set -euo pipefail
command -v dpkg-query >/dev/null || exit 0 # no Debian: setup.sh is not how netc got here

fail() {
  echo "$1"
  exit 1
}
mkdir stubs
printf '#!/bin/sh\necho "$@" >>"$CALLS"\n' >stubs/apt-get
printf '#!/bin/sh\nexec "$@"\n' >stubs/sudo
chmod +x stubs/*
export CALLS=$PWD/calls PATH=$PWD/stubs:$PATH

"$SOURCE_DIR/setup.sh" >out 2>&1 || fail "exit $?: $(cat out)"
[ ! -s out ] && [ ! -e calls ] || fail "something is missing where netc was built: $(cat out)"

# Where nothing is there it asks for all, by names of packages: those that dpkg knows here, or programs from elsewhere.
for tool in bash env id sed grep mktemp rm tail cat; do ln -s "$(command -v $tool)" stubs; done
printf '#!/bin/sh\nexit 1\n' >stubs/dpkg-query
chmod +x stubs/dpkg-query
PATH=$PWD/stubs "$SOURCE_DIR/setup.sh" >out 2>&1 || fail "with nothing there: exit $?: $(cat out)"
grep -q '^setup: missing here: gcc ' out && grep -q '^setup: done$' out || fail "$(cat out)"
rm -r stubs
mapfile -t packages < <(sed -n 's/.* --no-install-recommends //p' calls | tr ' ' '\n')
[ ${#packages[@]} -gt 20 ] || fail "few packages: ${packages[*]}"
for package in "${packages[@]}"; do
  dpkg-query -W "$package" >/dev/null 2>&1 || command -v "$package" >/dev/null || fail "there is no package $package"
done
