#!/usr/bin/env python3
"""Plays one bet against a running server with nothing but the standard library.

Usage: bet.py http://127.0.0.1:PORT      prints "bet accepted" when the balance and the state obey the rules.
"""
import base64
import json
import os
import socket
import struct
import sys
import urllib.parse


class Socket:
    """A minimal RFC 6455 client: text frames under 64 KiB, no fragments."""

    def __init__(self, host, port, path):
        self.socket = socket.create_connection((host, port), timeout=10)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        assert b" 101 " in head.split(b"\r\n")[0], head

    def fill(self):
        data = self.socket.recv(65536)
        assert data, "the server closed the connection"
        self.buffer += data

    def take(self, count):
        while len(self.buffer) < count:
            self.fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def send(self, message):
        payload = json.dumps(message).encode()
        mask = os.urandom(4)
        head = bytes([0x81, 0x80 | len(payload)]) if len(payload) < 126 else struct.pack("!BBH", 0x81, 0xFE, len(payload))
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def receive(self):
        while True:
            first, second = self.take(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack("!H", self.take(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", self.take(8))[0]
            payload = self.take(size)
            if first & 0x0F == 1:
                return json.loads(payload)

    def state(self):
        while True:
            message = self.receive()
            if message["t"] == "state":
                return message
            assert message["t"] != "error", message


def main():
    base = urllib.parse.urlparse(sys.argv[1])
    ws = Socket(base.hostname, base.port, "/session/ws")
    ws.send({"auth": {"uid": "smoke", "token": ""}, "platform": "demo", "site": "demo"})
    first = ws.state()
    ws.send({"t": "gameload", "gameid": "joker_bingo"})
    idle = ws.state()
    assert idle["gamestate"]["name"] == "idle", idle
    ws.send({"t": "action", "action": "bet", "params": {"amount": 4}, "sid": idle["gamestate"]["id"]})
    game = ws.state()
    assert game["gamestate"]["name"] == "game", game
    assert len(game["gamestate"]["data"]["balls"]) == 30, game
    assert game["wallet"]["credits"] == first["wallet"]["credits"] - 4, game
    print("bet accepted")


main()
