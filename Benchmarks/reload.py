#!/usr/bin/env python3
"""Measures the time from saving a script to the first message handled by the new code, while another package is under load.

Usage: reload.py NIGHTJAR WSLOAD [RELOADS]
Prints percentiles of the reload time, and the p99 of the loaded package with and without reloads going on.
Standard library only; 127.0.0.1 only; stops by itself.
"""
import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SCRIPT = """
local nightjar = require "nightjar"
local M = {}
local VERSION = %d
nightjar.websocket.endpoint("/version", { message = function(conn, text) conn:send(text .. " " .. VERSION) end })
return M
"""


def save(folder, version):
    """As an editor does it: write beside, then rename."""
    path = os.path.join(folder, "main.lua")
    with open(path + ".new", "w") as file:
        file.write(SCRIPT % version)
    os.rename(path + ".new", path)


class Client:
    def __init__(self, port, path):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.socket.recv(4096)
        self.buffer = self.buffer.split(b"\r\n\r\n", 1)[1]

    def ask(self, text):
        payload = text.encode()
        self.socket.sendall(bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload)
        while len(self.buffer) < 2 or len(self.buffer) < 2 + self.buffer[1]:
            data = self.socket.recv(4096)
            if not data:
                raise SystemExit("the connection was dropped")
            self.buffer += data
        size = self.buffer[1]
        answer, self.buffer = self.buffer[2:2 + size], self.buffer[2 + size:]
        return answer.decode()


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def start_load(wsload, port, seconds):
    return subprocess.Popen(["taskset", "-c", "1", wsload, "echo", "--port", str(port), "--path", "/echo", "-c", "64", "-p", "1",
                             "--payload", "x" * 128, "--verify", "-d", str(seconds)], stdout=subprocess.PIPE, text=True)


def main():
    nightjar, wsload = sys.argv[1], sys.argv[2]
    reloads = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    work = tempfile.mkdtemp()
    try:
        package = os.path.join(work, "packages", "versioned")
        os.makedirs(package)
        save(package, 0)
        port_file = os.path.join(work, "port")
        server = subprocess.Popen(
            ["taskset", "-c", "0", nightjar, "serve", "--debug", "--ephemeral", "--workers", "1", "--port", "0", "--port-file", port_file,
             "--data-dir", os.path.join(work, "data"), "--packages", "Benchmarks", "--packages", os.path.join(work, "packages"),
             "--log-level", "error"], stdout=subprocess.DEVNULL)
        try:
            while not os.path.exists(port_file):
                time.sleep(0.05)
            port = int(open(port_file).read())
            quiet = json.loads(start_load(wsload, port, 5).communicate()[0])
            client = Client(port, "/version")
            load = start_load(wsload, port, reloads * 0.15 + 2)
            time.sleep(1)
            times, asked = [], 0
            for version in range(1, reloads + 1):
                began = time.perf_counter()
                save(package, version)
                while True:
                    asked += 1
                    token, seen = client.ask(str(asked)).split()
                    if token != str(asked):
                        raise SystemExit(f"message {asked} was answered with {token}: lost or doubled")
                    if int(seen) == version:
                        break
                    if time.perf_counter() - began > 5:
                        raise SystemExit(f"version {version} did not become live within 5 s")
                times.append((time.perf_counter() - began) * 1000)
                time.sleep(0.05)
            during = json.loads(load.communicate()[0])
        finally:
            server.terminate()
            server.wait()
        print(f"reload, saved to live, {reloads} times: p50 {percentile(times, .5):.1f} ms, p99 {percentile(times, .99):.1f} ms, "
              f"max {max(times):.1f} ms; {asked} messages, none lost or doubled")
        for name, result in (("without", quiet), ("with", during)):
            latency = next(v for v in result.values() if isinstance(v, dict) and "p99" in v)
            print(f"the loaded package {name} reloads: {result['msgs_per_s']} msg/s, p50 {latency['p50']} us, p99 {latency['p99']} us, "
                  f"missing {result['missing']}, bad {result['bad']}")
    finally:
        shutil.rmtree(work)


main()
