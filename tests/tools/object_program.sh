#!/bin/bash
# Writes the program of NAME.c, which `netc build --emit=c --main` wrote, for the same network as an object with OTHER.h.
#   object_program.sh NAME.c OTHER.h >program.c
set -euo pipefail
name=$(basename "$1" .c) other=$(basename "$2" .h)
sed -n '1,/^$/p; /---- The program/,$p' "$1" |
  sed "0,/^#include \"$name.h\"/s//#include \"$other.h\"\n#include <stddef.h>\n#include <string.h>/
    s/\b${name}_/${other}_/g; s/\b${name^^}_/${other^^}_/g"
