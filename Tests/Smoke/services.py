#!/usr/bin/env python3
"""Two services against a running gateway: they identify, one gets a shard, one asks the other.

Usage: services.py http://127.0.0.1:PORT      prints "services answered" when the answer has come back.
"""
import sys
import urllib.parse

from ws import Socket


def identified(base, name):
    ws = Socket(base.hostname, base.port, "/gateway")
    ws.send({"s": name, "t": "gateway:opcode", "d": {"opcode": 0}})
    answer = ws.receive_json()
    assert answer["d"]["opcode"] == 1 and answer["d"]["source"] == name, answer
    return ws


def main():
    base = urllib.parse.urlparse(sys.argv[1])
    web, discord = identified(base, "web"), identified(base, "discord-1")
    discord.send({"s": "discord-1", "t": "gateway:opcode", "d": {"opcode": 10, "bot": "smoke", "shard_count": 4}})
    assert discord.receive_json()["d"]["shard"] == [0, 4]
    web.send('{"s":"web","t":"gateway-proxy:web:discord:guild:get","d":{"id":81384788765712384000001}}')
    text = discord.receive()
    assert '"t":"discord:guild:get"' in text and '{"id":81384788765712384000001}' in text, text
    discord.send({"s": "discord-1", "t": "gateway-proxy:discord-1:web:guild:data", "d": {"name": "x"}})
    assert web.receive_json() == {"s": "discord-1", "t": "web:guild:data", "d": {"name": "x"}}
    print("services answered")


main()
