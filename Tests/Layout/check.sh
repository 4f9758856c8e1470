#!/usr/bin/env bash
# The arrows between the targets: which module may import which of ours, and who may touch C; files that stand twice; parts of the soak.
set -euo pipefail
cd "$(dirname "$0")/../.."
bad=0
ours='CLua|CLuaShim|CSQLite|CZlib|Bytes|LuaRuntime|Transport|Store|Auth|Host|HostModules|Reload|Games|NightjarTesting|Nightjar'
allow() { # folder, regular expression of the modules of this project that it may import
  local hits
  hits=$(grep -rnE "^(public |internal |package |private |fileprivate )?(@testable )?import ($ours)\b" "Sources/$1" --include='*.swift' \
    | grep -vE "import ($2)\b" || true)
  [ -z "$hits" ] || { echo "layout: $1 may import only: $2"; echo "$hits"; bad=1; }
}
allow Bytes 'none'
allow LuaRuntime 'CLua|CLuaShim'
allow Transport 'CZlib|Bytes'
allow Store 'CSQLite|CZlib|Bytes'
allow Auth 'Store|Bytes'
allow Host 'LuaRuntime|Transport|Bytes'
allow HostModules 'Auth|Host|Store|LuaRuntime|Transport|Bytes'
allow Reload 'Host|LuaRuntime|Transport|Bytes'
allow Games 'Host|Store|LuaRuntime|Transport|Bytes'
allow NightjarTesting 'Games|Reload|HostModules|Host|Store|LuaRuntime|Transport|Bytes'
allow Nightjar 'Auth|Games|Reload|HostModules|Host|Store|LuaRuntime|Transport|Bytes'
# A target that no line above names has not been thought about.
for folder in Sources/*/; do
  name=$(basename "$folder")
  grep -qE "^allow $name |^allow $name\$" "$0" || case $name in
    CLua|CLuaShim|CSQLite|CZlib) ;;
    *) echo "layout: Sources/$name has no line in $0"; bad=1 ;;
  esac
done
# The rooms of the shim: runtime may use the other two, sandbox uses codec, codec uses nobody.
room() { # room, rooms that it may not include anything from
  local hits
  hits=$(grep -rnE "#include \"([.]{2}/)*(include/)?(($2)/|CLuaShim.h)" "Sources/CLuaShim/$1" "Sources/CLuaShim/include/$1" || true)
  [ -z "$hits" ] || { echo "layout: the room $1 of CLuaShim includes what it may not"; echo "$hits"; bad=1; }
}
room codec 'runtime|sandbox'
room sandbox 'runtime'
room runtime 'nobody'
# And no room but these, so that every file is in one.
rooms=$(cd Sources/CLuaShim && find . -name '*.[ch]' | cut -d/ -f2 | sort -u | tr '\n' ' ')
[ "$rooms" = "codec include runtime sandbox " ] || { echo "layout: CLuaShim has other rooms: $rooms"; bad=1; }
# Lock is a class of Bytes in the build with the thread sanitizer, and Mutex in all others, where an import that is missing goes unnoticed.
unlocked=$(grep -rlE "\.withLock \{|Lock<" Sources Tests --include='*.swift' | xargs grep -LE "^((public|package|internal|private) |@testable )*import Bytes" \
  | grep -v "^Sources/Bytes/" | xargs -r grep -l "^import Synchronization" || true)
[ -z "$unlocked" ] || { echo "layout: who uses Lock imports Bytes, or \`make tsan\` does not build:"; echo "$unlocked"; bad=1; }
# The client for JavaScript is one file that a server offers and that others take from clients/: the same to the byte, and no link,
# which checkouts on Windows and patches do not keep.
cmp -s clients/js/nightjar.js Scripts/casino/public/client/nightjar.js \
  || { echo "layout: clients/js/nightjar.js must be a copy of Scripts/casino/public/client/nightjar.js"; bad=1; }
links=$(git ls-files -s 2>/dev/null | awk '$1 == 120000 { print $4 }')
[ -z "$links" ] || { echo "layout: symbolic links do not survive every checkout: $links"; bad=1; }
# Whoever misspells a part of the long tests hears so before the first of them begins.
status=0
said=$(SWIFT=false ./Tests/soak.sh soaks mutnats 2>&1) || status=$?
{ [ $status = 2 ] && [[ "$said" == *"no part mutnats"* && "$said" != *"== "* ]]; } \
  || { echo "layout: Tests/soak.sh with a part that is not there ends with status $status:"; echo "$said"; bad=1; }
exit $bad
