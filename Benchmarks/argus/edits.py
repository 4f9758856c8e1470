#!/usr/bin/env python3
"""How long a save of the package argus takes to go live, on a server that has nothing else to do.

Usage: edits.py NIGHTJAR [--edits 20] [--no-specs] [--scripts FOLDER]

Saves the lists of traits and the operator's mapping in turns, as an editor does, and asks every three milliseconds whether the change is
there; tells the time from the save, and of that what is left of the load once nothing more has been written for 15 ms, as the
server's log has it (package and specs are loaded meanwhile); and the processor time of the thread that loads. Standard library only;
127.0.0.1 only; stops by itself.
"""
import argparse
import http.client
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from run import ROOT, LoadTime, Server, replace  # noqa: E402


def wait(port, path, is_live):
    """Milliseconds until an answer says so."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        while time.monotonic() - began < 10:
            connection.request("GET", path)
            answer = connection.getresponse()
            if is_live(answer, answer.read().decode()):
                return (time.monotonic() - began) * 1000
            time.sleep(0.003)
    finally:
        connection.close()
    sys.exit(f"{path}: the change is not live after 10 s")


def figures(times):
    return {"best": round(min(times), 1), "median": round(statistics.median(times), 1), "worst": round(max(times), 1)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("nightjar")
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--no-specs", action="store_true")
    parser.add_argument("--scripts", default=os.path.join(ROOT, "Scripts"))
    options = parser.parse_args()
    folder = tempfile.mkdtemp()
    server = None
    try:
        for name in ("argus", "lib"):
            shutil.copytree(os.path.join(options.scripts, name), os.path.join(folder, "Scripts", name))
        if options.no_specs:
            shutil.rmtree(os.path.join(folder, "Scripts/argus/spec"))
        server = Server(os.path.abspath(options.nightjar), 0, folder, "argus", "argus", {"packages": {"argus": {"offline": True}}}, "--debug",
                        "--log-level", "info")
        lists_file = os.path.join(folder, "Scripts/argus/traits.lua")
        lists = open(lists_file).read()
        mapping = open(os.path.join(folder, "Scripts/argus/data/ui_mappings.json")).read()
        own = os.path.join(folder, "data/packages/argus/data/ui_mappings.json")
        of_lists, of_mapping, loads_of_lists, loads_of_mapping = [], [], [], []
        cpu_of_lists, cpu_of_mapping = [], []
        spent = LoadTime(server)

        def load():
            """Milliseconds of the last load, as the log has them."""
            return float(re.findall(r"loaded in ([0-9.]+) ms", open(os.path.join(folder, "log")).read())[-1])

        for number in range(options.edits + 1):
            time.sleep(0.3)
            name = f"EditedBoon{number}"
            spent.begin()
            replace(lists_file, lists.replace('"ZeusWeaponBoon"', f'"ZeusWeaponBoon", "{name}"', 1))
            of_lists.append(wait(server.port, f"/argus/explain?trait={name}", lambda _, text: '"rule":"none"' not in text))
            time.sleep(0.05)
            loads_of_lists.append(load())
            cpu_of_lists.append(spent.end())
            time.sleep(0.3)
            mark = f"Edit {number}"
            spent.begin()
            replace(own, mapping.replace('"name":', f'"name": "{mark}", "old_name":', 1))
            of_mapping.append(wait(server.port, "/argus/mapping", lambda _, text: mark in text))
            time.sleep(0.05)
            loads_of_mapping.append(load())
            cpu_of_mapping.append(spent.end())
        # The first edit of each kind finds the specs not yet run, or brings the operator's file.
        print(json.dumps({
            "lists_ms": figures(of_lists[1:]), "mapping_ms": figures(of_mapping[1:]),
            "load_of_lists_ms": figures(loads_of_lists[1:]), "load_of_mapping_ms": figures(loads_of_mapping[1:]),
            "cpu_of_lists_ms": figures(cpu_of_lists[1:]), "cpu_of_mapping_ms": figures(cpu_of_mapping[1:]),
        }))
    finally:
        if server:
            if os.environ.get("SHOW_LOG"):
                print(open(os.path.join(folder, "log")).read()[-3000:])
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
