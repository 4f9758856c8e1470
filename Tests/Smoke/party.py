#!/usr/bin/env python3
"""A leader and a peer of one hunt against a running party relay.

Usage: party.py http://127.0.0.1:PORT      prints "party complete" when the peer has got what the leader pushed.
"""
import sys
import urllib.parse

from ws import Socket


def main():
    base = urllib.parse.urlparse(sys.argv[1])
    leader = Socket(base.hostname, base.port, "/connect?playerName=leader")
    peer = Socket(base.hostname, base.port, "/connect")
    leader.send('{"sessionId":"s1:leader","type":"SetSession","isLeader":true}')
    assert leader.receive() == '{"type":"sessionstate","leaderConnected":true,"playersCount":1}'
    peer.send({"type": "setsession", "sessionId": "s1:leader", "isLeader": False})
    state = '{"type":"sessionstate","leaderConnected":true,"playersCount":2}'
    assert (leader.receive(), peer.receive()) == (state, state)
    push = '{"type":"Push","sessionId":"s1:leader", "data":[["em001",[[0,120.50]],[[1,0]]]]}'
    leader.send(push)
    assert peer.receive() == push
    print("party complete")


main()
