#!/usr/bin/env python3
"""Round trips with the library `websockets`: every window size and kind of context takeover against an echo server.

Usage: peer.py PORT      paths /w9 … /w15 (contexts forgotten) and /k9 … /k15 (contexts kept) echo what they get
Exit 0: every message came back as it went; 3: the library is not installed.
"""
import asyncio
import itertools
import random
import sys

try:
    import websockets
    from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
except ImportError:
    sys.exit(3)

LARGEST = 300_000


def messages(rng):
    text = "".join(chr(rng.choice([rng.randint(32, 126), rng.randint(0xA0, 0xD7FF)])) for _ in range(700))
    block = rng.randbytes(300)
    return [
        "", "a", "b" * 49, "c" * 50, text, b"", b"\x00" * 5000, rng.randbytes(3000), block * 3, block * 3,
        "the same again " * 40, "the same again " * 40, b"x" * LARGEST,
        ["frag", "ments ", "of a longer text " * 20, "", "end"],
    ]


async def round_trips(port, path, offer):
    rng = random.Random(f"{path} {offer}")
    factory = ClientPerMessageDeflateFactory(**offer)
    async with websockets.connect(
        f"ws://127.0.0.1:{port}{path}", compression=None, extensions=[factory], max_size=LARGEST, open_timeout=30,
    ) as socket:
        if not socket.extensions:
            raise RuntimeError("no compression was agreed on")
        for message in messages(rng):
            await socket.send(message)
            expected = "".join(message) if isinstance(message, list) else message
            if await asyncio.wait_for(socket.recv(), 30) != expected:
                raise RuntimeError("a message came back changed")


def offers():
    windows = [8, 9, 10, 11, 12, 13, 14, 15, None]
    for server_bits in windows:
        for server_forgets, client_forgets in itertools.product([False, True], repeat=2):
            # The library itself cannot compress with a window of 8.
            client_bits = random.Random(f"{server_bits} {server_forgets}").choice([True, None, 9, 10, 12, 15])
            yield {
                "server_no_context_takeover": server_forgets, "client_no_context_takeover": client_forgets,
                "server_max_window_bits": server_bits, "client_max_window_bits": client_bits,
            }


async def main(port):
    count = 0
    for kind, bits in itertools.product("wk", range(9, 16)):
        path = f"/{kind}{bits}"
        for offer in offers():
            try:
                await round_trips(port, path, offer)
            except Exception as error:  # what went wrong is of use only with where it did
                sys.exit(f"{path} {offer}: {error!r}")
            count += 1
    print(f"{count} connections")


asyncio.run(main(int(sys.argv[1])))
