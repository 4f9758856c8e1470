#!/usr/bin/env bash
# Plays a round, reads live logs and looks at the gateway's page in headless Chromium against the server built by `make test`.
# Skipped, and said so, without chromium or node; where CI is set, missing parts are a failure. Options go to play.mjs, logs.mjs and
# gateway.mjs (--screenshots DIR WIDTHS).
set -euo pipefail
cd "$(dirname "$0")/../.."
missing=
for tool in chromium node; do command -v $tool >/dev/null || missing="$missing $tool"; done
if [ -n "$missing" ]; then
  echo "browser test SKIPPED: not installed:$missing (Debian: apt-get install chromium nodejs)"
  [ -z "${CI:-}" ] || exit 1
  exit 0
fi

node --test Tests/BrowserTests/logs_units.mjs

bin=.build/debug/nightjar; [ -x $bin ] || bin=.build/release/nightjar
work=$(mktemp -d)
pid=
cleanup() { [ -z "$pid" ] || kill "$pid" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
cp -r Scripts games "$work/"
GATEWAY_ADMIN_TOKEN=browser-test "$bin" serve --debug --port 0 --ephemeral --data-dir "$work/data" --scripts "$work/Scripts" --games "$work/games" --port-file "$work/port" --listen sync=127.0.0.1:0 --listen gateway=127.0.0.1:0 >"$work/log" 2>&1 &
pid=$!
for _ in $(seq 200); do [ -s "$work/port" ] && [ -s "$work/port.sync" ] && [ -s "$work/port.gateway" ] && break; kill -0 "$pid" || { cat "$work/log"; exit 1; }; sleep 0.1; done
timeout 120 node Tests/BrowserTests/play.mjs "http://127.0.0.1:$(cat "$work/port")/" --engine "$work/Scripts/engines/bingo.lua" "$@" || { tail -40 "$work/log"; exit 1; }
timeout 60 node Tests/BrowserTests/error_page.mjs "http://127.0.0.1:$(cat "$work/port")/" "$work/Scripts" || { tail -40 "$work/log"; exit 1; }
timeout 240 node Tests/BrowserTests/logs.mjs "http://127.0.0.1:$(cat "$work/port.sync")/" "$@" || { tail -40 "$work/log"; exit 1; }
timeout 120 node Tests/BrowserTests/gateway.mjs "http://127.0.0.1:$(cat "$work/port.gateway")/gateway/" --admin browser-test "$@" || { tail -40 "$work/log"; exit 1; }
