#!/usr/bin/env bash
# Measures the rows of Benchmarks/README.md: the server on one core, the load generator on another.
# Usage: Benchmarks/run.sh [ROW...]     rows: echo forward bingo bingo-disk jackpot jackpot-disk fanout idle churn http reload sync sync-deflate gateway (default: all)
#   RUNS=3      runs of each figure; the median is what to quote
#   SECONDS_EACH=5
#   SYNC_RATE=80    pushes a second to 1,000 members, in the open-loop figure of the sync rows
#   BIN=.build/release/nightjar
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${RUNS:-3} seconds=${SECONDS_EACH:-5}
rows=${*:-echo forward bingo bingo-disk jackpot jackpot-disk fanout idle churn http reload sync sync-deflate gateway}
bin=${BIN:-$PWD/.build/release/nightjar}
work=$(mktemp -d) pid=
stop() { [ -z "$pid" ] || { kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; }; pid=; }
trap 'stop; rm -rf "$work"' EXIT
gcc -O2 -o "$work/wsload" Benchmarks/wsload/*.c -lz
ulimit -n 65536 2>/dev/null || true
nproc=$(nproc)
generator_core=$((nproc > 1 ? 1 : 0))
sites=Benchmarks/sites

start() { # arguments of serve
  stop
  rm -rf "$work/data" "$work/port" "$work"/port.*
  taskset -c 0 "$bin" serve --port 0 --data-dir "$work/data" --port-file "$work/port" --packages Benchmarks --sites "$sites" \
    --log-level error "$@" >"$work/log" 2>&1 &
  pid=$!
  for _ in $(seq 100); do [ -s "$work/port" ] && break; kill -0 "$pid" || { cat "$work/log"; exit 1; }; sleep 0.1; done
  port=$(cat "$work/port")
}
listener() { # name: goes on with that listener's port in place of main's
  for _ in $(seq 100); do [ -s "$work/port.$1" ] && break; sleep 0.1; done
  port=$(cat "$work/port.$1")
}
load() { taskset -c $generator_core "$work/wsload" "$@" --port "$port" --server-pid "$pid"; }
show() { # label; picks the figures out of wsload's line of JSON
  python3 -c '
import json, sys
label = sys.argv[1]
keys = ["msgs_per_s", "deliveries_per_s", "connects_per_s", "p50_us", "p99_us", "max_us", "server_cpu_pct", "gen_cpu_pct", "server_rss_kb", "rss_per_conn_bytes", "missing", "extra", "bad", "errors"]
for line in sys.stdin:
    line = line.strip()
    if not line.startswith("{"): continue
    result = json.loads(line)
    flat = {}
    def walk(value, name=""):
        if isinstance(value, dict):
            for key, inner in value.items(): walk(inner, (name + "_" if name else "") + key)
        else: flat[name] = value
    walk(result)
    print(label + ": " + "  ".join(f"{k}={v}" for k, v in flat.items() if any(part in k for part in ("per_s", "p50", "p99", "cpu", "rss", "wire_bytes", "missing", "extra", "bad", "contains"))), flush=True)
' "$1"
}
measure() { local label=$1; shift; for _ in $(seq "$runs"); do load "$@" -d "$seconds" | show "$label" || true; done; }
payload=$(head -c 128 /dev/zero | tr '\0' x)

bingo_first='{"auth":{"uid":"@-%d","token":""},"platform":"demo","site":"bench"}'
bingo_load='{"t":"gameload","gameid":"joker_bingo"}'
bingo() { # label, lines file, replies per line, further arguments
  local label=$1 lines=$2 replies=$3; shift 3
  for run in $(seq "$runs"); do # each run with users of its own, so that no round is open
    load echo -d "$seconds" --path /session/ws -c 64 --first-msg "${bingo_first/@/$RANDOM-$run}" --first-msg "$bingo_load" "$@" \
      --payload-lines "$lines" --replies "$replies" --roll 'gamestate":{"id' --roll-last --count-contains '"t":"error"' | show "$label" || true
  done
}
bet='{"t":"action","action":"bet","params":{"amount":4},"sid":"%s"}'
end='{"t":"action","action":"end","sid":"%s"}'
printf '%s\n' "$bet" > "$work/bets"
printf '%s\n%s\n' "$bet" "$end" > "$work/bet-end"

for row in $rows; do
  case $row in
    echo)
      start --ephemeral --workers 1
      measure "echo depth 1" echo --path /echo -c 64 -p 1 --payload "$payload"
      measure "echo depth 16" echo --path /echo -c 64 -p 16 --payload "$payload" ;;
    forward)
      start --ephemeral --workers 1
      measure "forwarded echo depth 1" echo --path /forwarded -c 64 -p 1 --payload "$payload"
      measure "forwarded echo depth 16" echo --path /forwarded -c 64 -p 16 --payload "$payload" ;;
    bingo)
      start --ephemeral --workers 1
      bingo "bingo, bet and end, memory" "$work/bet-end" 1
      bingo "bingo, bets only, memory" "$work/bets" 2 --first-msg "$bet" --first-replies 1,1,1 ;;
    bingo-disk)
      start --workers 1
      bingo "bingo, bet and end, fsync" "$work/bet-end" 1
      bingo "bingo, bets only, fsync" "$work/bets" 2 --first-msg "$bet" --first-replies 1,1,1 ;;
    jackpot|jackpot-disk) # in turns without and with a jackpot of four levels
      [ "$row" = jackpot ] && store=--ephemeral where=memory || store='' where=fsync
      for turn in $(seq "$runs"); do
        for sites in Benchmarks/sites Benchmarks/sites-jackpot; do
          start $store --workers 1
          runs=1 bingo "turn $turn, ${sites#Benchmarks/}, bet and end, $where" "$work/bet-end" 1
          runs=1 bingo "turn $turn, ${sites#Benchmarks/}, bets only, $where" "$work/bets" 2 --first-msg "$bet" --first-replies 1,1,1
        done
      done
      sites=Benchmarks/sites ;;
    fanout)
      start --ephemeral --workers 1
      for _ in $(seq "$runs"); do load fanout --path /fanout -c 1000 -m 300 -d 20 --pub-first hello --pub-first-replies 0 --message "$(head -c 500 /dev/zero | tr '\0' y)" | show "fan-out 1 to 1,000" || true; done ;;
    idle)
      start --ephemeral --workers 1
      load idle --path /echo -c 10000 -d 3 --sources 4 | show "10,000 idle" || true ;;
    churn)
      start --ephemeral --workers 1
      measure "connect, upgrade, close" churn --path /echo -c 64 --sources 16 ;;
    http)
      start --ephemeral --workers 1
      for _ in $(seq "$runs"); do taskset -c $generator_core wrk -t1 -c64 -d"${seconds}s" --latency "http://127.0.0.1:$port/hello" | grep -E 'Requests/sec|50%|99%' | tr '\n' ' '; echo "  (GET /hello)"; done ;;
    sync|sync-deflate)
      start --ephemeral --workers 1 --listen sync=127.0.0.1:0
      listener sync
      offer='' name="party push 1 to 1,000"
      [ "$row" = sync ] || { offer=--deflate; name="$name, deflate"; }
      measure "$name" sync $offer
      measure "$name, ${SYNC_RATE:-80} pushes a second" sync $offer --rate "${SYNC_RATE:-80}" ;;
    gateway)
      start --ephemeral --workers 1 --listen gateway=127.0.0.1:0
      listener gateway
      measure "gateway, random peers, depth 16" gateway -c 64 -p 16
      measure "gateway, random peers, depth 1" gateway -c 64 -p 1 ;;
    reload)
      python3 Benchmarks/reload.py "$bin" "$work/wsload" ;;
    *) echo "unknown row $row" >&2; exit 2 ;;
  esac
done
