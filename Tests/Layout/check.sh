#!/usr/bin/env bash
# The arrows between the targets: which module may import which of ours, and who may touch C.
set -euo pipefail
cd "$(dirname "$0")/../.."
bad=0
allow() { # folder, regular expression of the modules of this project that it may import
  local hits
  hits=$(grep -rnE '^(public |internal |package |private |fileprivate )?(@testable )?import (CLua|CLuaShim|CZlib|LuaRuntime|Transport|Store|Scripting|Casino|Nightjar)\b' "Sources/$1" --include='*.swift' \
    | grep -vE "import ($2)\b" || true)
  [ -z "$hits" ] || { echo "layout: $1 may import only: $2"; echo "$hits"; bad=1; }
}
allow LuaRuntime 'CLua|CLuaShim'
allow Transport 'CZlib'
allow Store 'none'
for part in Host HostModules Reload Games/Engine; do allow $part 'LuaRuntime|Transport|Store'; done
for part in Home Journal Platform Session Sites Wallet; do allow Games/$part 'Scripting|Store|Transport'; done
allow Nightjar 'Casino|Scripting|Store|Transport'
exit $bad
