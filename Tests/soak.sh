#!/usr/bin/env bash
# The long tests, one after the other (`make soak`). A part that fails does not keep the others from their turn: hours later the list of
# those that failed is worth more than the first one's name.
# Usage: Tests/soak.sh [PART...]     parts: allocations soaks nightshift faults chance tsan neighbours mutants (default: all)
#   SWIFT=swift  BIN=.build/release/nightjar
set -uo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift} bin=${BIN:-.build/release/nightjar}
failed=
part() { # name, command
  local name=$1 began=$SECONDS; shift
  echo "== $name"
  if "$@"; then echo "== $name passed after $((SECONDS - began)) s"; else failed="$failed $name"; echo "== $name FAILED after $((SECONDS - began)) s"; fi
}
soaks() {
  $swift build --build-tests \
    && NIGHTJAR_SOAK=1 $swift test --skip-build --disable-xctest --experimental-maximum-parallelization-width 1 --filter soak
}
parts="allocations soaks nightshift faults chance tsan neighbours mutants"
# Before any of them: a misspelt one is not found only hours later.
for name in "$@"; do
  [[ " $parts " == *" $name "* ]] || { echo "there is no part $name; there are: $parts"; exit 2; }
done
for name in ${*:-$parts}; do
  case $name in
    allocations|tsan|neighbours) part "$name" make "$name" SWIFT="$swift" ;;
    soaks) part soaks soaks ;;
    nightshift) part nightshift /usr/bin/python3 Tests/NightShift/run.py "$bin" ;;
    faults) part faults /usr/bin/python3 Tests/NightShift/faults.py "$bin" ;;
    chance) part chance env NJ_CHANCE=full NJ_NO_SANITIZER=1 NJ_NO_VALGRIND=1 ./Tests/CLuaShimTests/run.sh test_chance ;;
    mutants) part mutants env SWIFT="$swift" ./Tests/Mutants/run ;;
  esac
done
[ -z "$failed" ] || { echo "soak: failed:$failed"; exit 1; }
echo "soak: all passed"
