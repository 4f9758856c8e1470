#!/bin/sh
# Builds every test_*.c against the shim and runs it, then again with the address and undefined behaviour sanitizers, and
# under valgrind (if there is one).
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

# compile FOLDER FLAG...: the shim's objects.
compile() {
    folder=$1
    shift
    mkdir -p "$folder"
    for file in "$shim"/*/nj_*.c; do
        $compiler $flags "$@" -c "$file" -o "$folder/$(basename "$file" .c).o"
    done
}
compile "$out/plain"
sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
if [ -z "${NJ_NO_SANITIZER:-}" ]; then compile "$out/sanitized" $sanitize; fi

if [ $# -eq 0 ]; then
    for file in "$here"/test_*.c; do set -- "$@" "$(basename "$file" .c)"; done
fi
for name in "$@"; do
    $compiler $flags "$here/$name.c" "$out"/plain/*.o $libraries -o "$out/$name"
    "$out/$name"
    if [ -z "${NJ_NO_SANITIZER:-}" ]; then
        $compiler $flags $sanitize "$here/$name.c" "$out"/sanitized/*.o $libraries -o "$out/$name-sanitized"
        NJ_FUZZ_DIVISOR=4 ASAN_OPTIONS=detect_leaks=1 "$out/$name-sanitized" > /dev/null
    fi
    if command -v valgrind >/dev/null 2>&1 && [ -z "${NJ_NO_VALGRIND:-}" ]; then
        # Fewer rounds of fuzzing: the tool slows them down thirty times. One thread runs at a time there, and a loop in Lua must
        # not keep the watchdog from its turn for minutes.
        NJ_FUZZ_DIVISOR=25 valgrind -q --fair-sched=try --error-exitcode=1 --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect "$out/$name"
    fi
done
echo "shim tests passed"
