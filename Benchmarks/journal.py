#!/usr/bin/env python3
"""How many bytes a round takes in the journal.

Usage: journal.py NIGHTJAR [ROUNDS [PLAYERS]]     plays rounds of Joker Bingo (bet, end) and prints the bytes of the store per round;
status 1: they are 900 or more.
"""
import os
import re
import sqlite3
import subprocess
import sys
import tempfile

# A good deal above the 638 of Benchmarks/README.md, since luck decides what a round holds; far below what entries written whole take.
BYTES_MAX = 900

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "Tests", "Smoke"))
from ws import Socket  # noqa: E402


def state(ws):
    """The next state message."""
    while True:
        message = ws.receive_json()
        if message["t"] == "state":
            return message
        assert message["t"] != "error", message


def play(port, rounds, players):
    """Every player plays his rounds, one player after the other."""
    for player in range(players):
        ws = Socket("127.0.0.1", port, "/session/ws")
        ws.send({"auth": {"uid": "player %d" % player, "token": ""}, "platform": "demo", "site": "demo"})
        state(ws)
        ws.send({"t": "gameload", "gameid": "joker_bingo"})
        sid = state(ws)["gamestate"]["id"]
        for _ in range(rounds // players):
            for action, params in (("bet", {"amount": 4}), ("end", {})):
                ws.send({"t": "action", "action": action, "params": params, "sid": sid})
                sid = state(ws)["gamestate"]["id"]


def main():
    nightjar, rounds, players = sys.argv[1], int((sys.argv + ["1000"])[2]), int((sys.argv + ["", "10"])[3])
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [os.path.abspath(nightjar), "serve", "--port", "0", "--data-dir", folder, "--log-level", "error"], cwd=ROOT,
            stdout=subprocess.PIPE, text=True)
        port = int(re.search(r":(\d+)/", server.stdout.readline()).group(1))
        path = os.path.join(folder, "nightjar.sqlite")
        play(port, players, players)  # engine, settings, first entries
        server.terminate()
        server.wait()
        before = os.path.getsize(path)
        server = subprocess.Popen(
            [os.path.abspath(nightjar), "serve", "--port", "0", "--data-dir", folder, "--log-level", "error"], cwd=ROOT,
            stdout=subprocess.PIPE, text=True)
        port = int(re.search(r":(\d+)/", server.stdout.readline()).group(1))
        play(port, rounds, players)
        server.terminate()
        server.wait()
        size = os.path.getsize(path) - before
        store = sqlite3.connect(path)
        state_bytes, body_bytes, count = store.execute(
            "SELECT avg(length(state)), avg(length(body)), count(*) FROM journal WHERE kind = 'action'").fetchone()
        if len(sys.argv) > 4:
            copy = sqlite3.connect(sys.argv[4])
            store.backup(copy)
    print("%d bytes a round (%d rounds; states %d, bodies %d bytes on average of %d actions)" % (
        size / rounds, rounds, state_bytes or 0, body_bytes, count))
    sys.exit(size / rounds >= BYTES_MAX)


main()
