#!/usr/bin/env bash
# Plays in the Godot lobby (clients/godot) without a screen against the server built by `make test`, from the package that the
# server offers; and the shipped package is what the game's folder makes. Skipped, and said so, without godot3-server; where CI is
# set, that is a failure.
set -euo pipefail
cd "$(dirname "$0")/../.."
if ! command -v godot3-server >/dev/null; then
  echo "Godot test SKIPPED: not installed: godot3-server (Debian: apt-get install godot3-server)"
  [ -z "${CI:-}" ] || exit 1
  exit 0
fi
bin=${NIGHTJAR:-.build/debug/nightjar}; [ -x "$bin" ] || bin=.build/release/nightjar
work=$(mktemp -d)
pid= player=
cleanup() { for one in $player $pid; do kill "$one" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$work"; }
trap cleanup EXIT
# Godot keeps what it makes below these; nothing of the user's is touched.
export HOME=$work/home XDG_DATA_HOME=$work/home XDG_CONFIG_HOME=$work/home XDG_CACHE_HOME=$work/home LC_ALL=C.UTF-8
mkdir -p "$HOME"
cp -r clients/godot "$work/project"
cp Tests/GodotTests/lobby_test.gd "$work/project/"

godot() { timeout "$1" godot3-server --path "$work/project" "${@:2}"; }
godot 60 -s res://tools/pack.gd -- joker_bingo "$PWD/games/joker_bingo/godot" "$work/joker_bingo.pck" >"$work/pack" 2>&1 || { cat "$work/pack"; exit 1; }
cmp "$work/joker_bingo.pck" Scripts/casino/public/games-available/joker_bingo.pck || {
  echo "FAIL  the shipped package is not what games/joker_bingo/godot makes; make it anew:"
  echo "  godot3-server --path clients/godot -s res://tools/pack.gd -- joker_bingo \$PWD/games/joker_bingo/godot \$PWD/Scripts/casino/public/games-available/joker_bingo.pck"
  exit 1
}
echo "ok    the shipped package is what the game's folder makes"

port=0
start() {
  rm -f "$work/port"
  "$bin" serve --port "$port" --data-dir "$work/data" --port-file "$work/port" >>"$work/log" 2>&1 &
  pid=$!
  for _ in $(seq 300); do [ -s "$work/port" ] && break; kill -0 "$pid" || { cat "$work/log"; exit 1; }; sleep 0.1; done
  port=$(cat "$work/port")
}
start
godot 150 -s res://lobby_test.gd --server="http://127.0.0.1:$port" --restart="$work/restart" >"$work/out" 2>&1 &
player=$!
while kill -0 "$player" 2>/dev/null; do
  if [ -s "$work/restart" ]; then
    kill "$pid"
    wait "$pid" || true
    start
    rm -f "$work/restart"
  fi
  sleep 0.1
done
status=0
wait "$player" || status=$?
grep -E "^(ok|FAIL|all|[0-9]+ checks|waited|SCRIPT ERROR)" "$work/out" || true
# An error in a script does not end Godot.
if grep -q "SCRIPT ERROR" "$work/out"; then status=1; fi
[ $status = 0 ] || { echo "Godot test failed (status $status)"; tail -30 "$work/out"; tail -20 "$work/log"; }
exit $status
