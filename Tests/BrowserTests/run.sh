#!/usr/bin/env bash
# Plays bingo, slots and keno, logs in, reads live logs and looks at the pages of the gateway, of the back office, of the triggers and of Argus in headless
# Chromium against the server
# built by `make test`. Skipped, and said so, without chromium or node; where CI is set, missing parts are a failure. Options go to
# play.mjs, games.mjs, logs.mjs, gateway.mjs, triggers.mjs, login.mjs and argus.mjs (--screenshots DIR WIDTHS).
set -euo pipefail
cd "$(dirname "$0")/../.."
missing=
for tool in chromium node; do command -v $tool >/dev/null || missing="$missing $tool"; done
if [ -n "$missing" ]; then
  echo "browser test SKIPPED: not installed:$missing (Debian: apt-get install chromium nodejs)"
  [ -z "${CI:-}" ] || exit 1
  exit 0
fi

# What the client's JSDoc says of its types, where TypeScript is installed (Debian: node-typescript); CI has it.
if command -v tsc >/dev/null; then
  tsc --allowJs --checkJs --noEmit --strict --target es2022 --module es2022 --lib es2022,dom clients/js/nightjar.js
  echo "ok    the types of clients/js/nightjar.js"
else
  echo "types of clients/js/nightjar.js SKIPPED: not installed: tsc"
  [ -z "${CI:-}" ] || exit 1
fi
node --test Tests/BrowserTests/logs_units.mjs Tests/BrowserTests/argus_units.mjs Tests/BrowserTests/client_units.mjs

bin=.build/debug/nightjar; [ -x $bin ] || bin=.build/release/nightjar
work=$(mktemp -d)
pid= second= third=
cleanup() { for one in $pid $second $third; do kill "$one" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
cp -r Scripts games "$work/"
GATEWAY_ADMIN_TOKEN=browser-test LOGS_TOKEN=browser-logs "$bin" serve --debug --port 0 --ephemeral --data-dir "$work/data" --scripts "$work/Scripts" --games "$work/games" --port-file "$work/port" --listen sync=127.0.0.1:0 --listen gateway=127.0.0.1:0 --packages Tests/BrowserTests/streams >"$work/log" 2>&1 &
pid=$!
for _ in $(seq 200); do [ -s "$work/port" ] && [ -s "$work/port.sync" ] && [ -s "$work/port.gateway" ] && break; kill -0 "$pid" || { cat "$work/log"; exit 1; }; sleep 0.1; done
timeout 120 node Tests/BrowserTests/play.mjs "http://127.0.0.1:$(cat "$work/port")/" --engine "$work/Scripts/engines/bingo.lua" "$@" || { tail -40 "$work/log"; exit 1; }
timeout 240 node Tests/BrowserTests/games.mjs "http://127.0.0.1:$(cat "$work/port")/" --project "$work" "$@" || { tail -40 "$work/log"; exit 1; }
timeout 60 node Tests/BrowserTests/error_page.mjs "http://127.0.0.1:$(cat "$work/port")/" "$work/Scripts" || { tail -40 "$work/log"; exit 1; }
timeout 240 node Tests/BrowserTests/logs.mjs "http://127.0.0.1:$(cat "$work/port.sync")/" --token browser-logs --script "$work/Scripts/sync/late.lua" "$@" || { tail -40 "$work/log"; exit 1; }
timeout 120 node Tests/BrowserTests/gateway.mjs "http://127.0.0.1:$(cat "$work/port.gateway")/gateway/" --admin browser-test "$@" || { tail -40 "$work/log"; exit 1; }
# A server of its own for the triggers: the stream it connects to is the first one's.
mkdir -p "$work/triggers"
cp -r Scripts/ps2 Scripts/lib "$work/triggers/"
echo 'require("ps2").trigger { event = "Death" }' >"$work/triggers/ps2/triggers/broken.lua"
PS2_ESS_URL="ws://127.0.0.1:$(cat "$work/port")/streaming" PS2_BACKOFF_INITIAL=0.2 "$bin" serve --debug --port 0 --ephemeral --data-dir "$work/data2" --config Tests/BrowserTests/triggers.json --scripts "$work/triggers" --games "$work/games" --port-file "$work/port2" --listen ps2=127.0.0.1:0 >"$work/log2" 2>&1 &
second=$!
for _ in $(seq 200); do [ -s "$work/port2" ] && [ -s "$work/port2.ps2" ] && break; kill -0 "$second" || { cat "$work/log2"; exit 1; }; sleep 0.1; done
timeout 240 node Tests/BrowserTests/triggers.mjs "http://127.0.0.1:$(cat "$work/port2.ps2")/triggers/" "http://127.0.0.1:$(cat "$work/port")" "$work/triggers" "$@" || { tail -40 "$work/log2"; exit 1; }
"$bin" backoffice --port 0 --ephemeral --data-dir "$work/data3" --port-file "$work/port3" >"$work/log3" 2>&1 &
third=$!
for _ in $(seq 200); do [ -s "$work/port3" ] && break; kill -0 "$third" || { cat "$work/log3"; exit 1; }; sleep 0.1; done
timeout 120 node Tests/BrowserTests/backoffice.mjs "http://127.0.0.1:$(cat "$work/port3")/" "$@" || { tail -40 "$work/log3"; exit 1; }
# These start servers of their own, and stop and start them again.
timeout 240 node Tests/BrowserTests/client.mjs "$bin"
timeout 120 node Tests/BrowserTests/login.mjs "$bin" "$@"
timeout 280 node Tests/BrowserTests/argus.mjs "$bin" "$@"
