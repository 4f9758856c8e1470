#!/usr/bin/env bash
# How long a healthy package waits beside each misbehaving one (Tests/MisbehaviourTests/cases), in a release build: one process
# per case, the true bounds (p99 of 30 ms on the same worker, 10 ms on another one; no slice of Lua ends more than 50 ms of
# processor time behind its limit), a line each. Arguments: names of cases.
set -uo pipefail
cd "$(dirname "$0")/.."
bad=0
for file in Tests/MisbehaviourTests/cases/*.lua; do
  name=$(basename "$file" .lua)
  [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
  timeout -s KILL 60 .build/release/misbehave case --strict "$name" 2>&1 | tail -15
  status=${PIPESTATUS[0]}
  [ "$status" -eq 0 ] || { echo "    $name ended with status $status"; bad=1; }
done
exit $bad
