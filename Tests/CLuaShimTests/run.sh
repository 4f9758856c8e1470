#!/bin/sh
# Builds every test_*.c against the shim and runs it, then again under valgrind (if there is one).
# Usage: run.sh [test ...]      e.g. run.sh test_json
set -eu
here=$(cd "$(dirname "$0")" && pwd)
shim=$here/../../Sources/CLuaShim
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
compiler=${CC:-gcc}
# Without the pool of small blocks, so that valgrind sees each of them.
flags="-DNJ_POOL_MAX=0 -Wall -Wextra -Werror -O1 -g -I$shim/include -I$shim -I$here $(pkg-config --cflags lua5.4)"
libraries="$(pkg-config --libs lua5.4) -lm -lpthread"

export NJ_ESCAPES="${NJ_ESCAPES:-$here/../SandboxTests/escapes}"

objects=
for file in "$shim"/*/nj_*.c; do
    object=$out/$(basename "$file" .c).o
    $compiler $flags -c "$file" -o "$object"
    objects="$objects $object"
done

if [ $# -eq 0 ]; then
    for file in "$here"/test_*.c; do set -- "$@" "$(basename "$file" .c)"; done
fi
for name in "$@"; do
    $compiler $flags "$here/$name.c" $objects $libraries -o "$out/$name"
    "$out/$name"
    if command -v valgrind >/dev/null 2>&1 && [ -z "${NJ_NO_VALGRIND:-}" ]; then
        # Fewer rounds of fuzzing: the tool slows them down thirty times.
        NJ_FUZZ_DIVISOR=25 valgrind -q --error-exitcode=1 --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect "$out/$name"
    fi
done
echo "shim tests passed"
