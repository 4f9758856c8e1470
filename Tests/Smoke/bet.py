#!/usr/bin/env python3
"""Plays one bet against a running server.

Usage: bet.py http://127.0.0.1:PORT      prints "bet accepted" when the balance and the state obey the rules.
"""
import sys
import urllib.parse

from ws import Socket


def state(ws):
    """The next state message."""
    while True:
        message = ws.receive_json()
        if message["t"] == "state":
            return message
        assert message["t"] != "error", message


def main():
    base = urllib.parse.urlparse(sys.argv[1])
    ws = Socket(base.hostname, base.port, "/session/ws")
    ws.send({"auth": {"uid": "smoke", "token": ""}, "platform": "demo", "site": "demo"})
    first = state(ws)
    ws.send({"t": "gameload", "gameid": "joker_bingo"})
    idle = state(ws)
    assert idle["gamestate"]["name"] == "idle", idle
    ws.send({"t": "action", "action": "bet", "params": {"amount": 4}, "sid": idle["gamestate"]["id"]})
    game = state(ws)
    assert game["gamestate"]["name"] == "game", game
    assert len(game["gamestate"]["data"]["balls"]) == 30, game
    assert game["wallet"]["credits"] == first["wallet"]["credits"] - 4, game
    print("bet accepted")


main()
