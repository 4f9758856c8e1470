#!/usr/bin/env python3
"""Measures the trigger engine, and auraxium on the same stream in turns, if its Python is named.

Usage: run.py [--turns 3] [--seconds 3] [--bin .build/release/nightjar] [--auraxium VENV/bin/python]
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
parser = argparse.ArgumentParser()
parser.add_argument("--turns", type=int, default=3)
parser.add_argument("--seconds", type=float, default=3)
parser.add_argument("--bin", default=os.path.join(root, ".build/release/nightjar"))
parser.add_argument("--auraxium", help="Python with auraxium 0.5.0: python3 -m venv V && V/bin/pip install auraxium==0.5.0")
options = parser.parse_args()
pin = ["taskset", "-c", "0"] if shutil.which("taskset") else []


def server(work):
    """One run of all figures, by name."""
    command = pin + [options.bin, "serve", "--ephemeral", "--workers", "1", "--port", "0", "--config", work + "/config.json",
                     "--scripts", work + "/Scripts", "--games", work + "/games", "--data-dir", work + "/data"]
    figures = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout:
            found = re.search(r"RESULT (\S+) ([\d.]+) ([\w/]+)", line)
            if found:
                figures[found[1]] = (float(found[2]), found[3])
            elif "DONE" in line:
                break
            elif '"level":"error"' in line:
                print(line.rstrip(), file=sys.stderr)
                break
        process.terminate()
        process.stdout.read()
    return figures


def auraxium(stream):
    command = pin + [options.auraxium, here + "/auraxium_bench.py", stream, str(options.seconds)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


with tempfile.TemporaryDirectory() as work:
    shutil.copytree(here + "/bench", work + "/Scripts/triggers_bench")
    shutil.copytree(root + "/Scripts/lib", work + "/Scripts/lib")
    os.makedirs(work + "/Scripts/triggers_bench/data")
    os.makedirs(work + "/games")
    stream = work + "/Scripts/triggers_bench/data/stream.jsonl"
    with open(stream, "w") as file:
        subprocess.run([sys.executable, here + "/stream.py"], check=True, stdout=file)
    with open(work + "/config.json", "w") as file:
        json.dump({"packages": {"triggers_bench": {"seconds": options.seconds}}}, file)
    found, other = {}, []
    for _ in range(options.turns):
        for name, (value, unit) in server(work).items():
            found.setdefault((name, unit), []).append(value)
        if options.auraxium:
            other.append(auraxium(stream))
    for (name, unit), values in found.items():
        print(f"{name}: {statistics.median(values):,.1f} {unit}   ({', '.join(f'{value:,.0f}' for value in values)})")
    if other:
        print(f"auraxium: {statistics.median(other):,.0f} events/s   ({', '.join(f'{value:,.0f}' for value in other)})")
