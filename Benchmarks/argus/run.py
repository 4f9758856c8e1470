#!/usr/bin/env python3
"""A storm of runs on the package argus: 200 channels send 10 runs a second each, ten overlays look at every channel.

Usage: run.py NIGHTJAR [--seconds 60] [--channels 200] [--rate 10] [--viewers 10] [--edits 10] [--no-specs]

The server has one core, the generator (storm.c) and the Twitch of the test (twitch/main.lua) have the other. Meanwhile the mapping
and the lists of traits are edited, in turns; --no-specs leaves out the package's specs, which run before every load.
Standard library only; 127.0.0.1 only; stops by itself.
"""
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SECRET = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

RUN = {
    "boonData": "Common;;ZeusWeaponBoon Rare;;ApolloSpecialBoon Epic;;PoseidonCastBoon Heroic;;HermesSpecialBoon Rare;;HeraSprintBoon "
                "Common;;DaggerBlinkAoETrait Rare;;BoltRetaliateBoon Epic;;DoubleRewardBoon",
    "weaponData": "Rare;;DaggerBlockAspect",
    "familiarData": "8;;LastStandFamiliar 2;;LastStandFamiliar 3;;FamiliarCatResourceBonus",
    "extraData": "Epic;;ForceZeusBoonKeepsake Common;;SpellSummonTrait",
    "elementalData": "Fire:@MADE;;Water:0;;Earth:3;;Air:0;;Aether:0",
    "pinData": "LuckyBoon;;GoodStuffBoon",
    "vowData": "4;;BossDifficultyShrineUpgrade 1;;MinibossCountShrineUpgrade",
    "arcanaData": "3;;PanelRerollMetaUpgrade 3;;EffectVulnerabilityMetaUpgrade 1;;CastDamageMetaUpgrade",
}
BODY = json.dumps({"argusProtocolVersion": "2", "argusToken": "@TOKEN", "runData": RUN}, separators=(",", ":"))


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(NoRedirects)


def ask(port, path, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, {"content-type": "application/json"})
    try:
        with OPENER.open(request, timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


class Server:
    """A nightjar on a core, with one package."""

    def __init__(self, binary, core, folder, package, listener, settings, *arguments):
        self.port_file = os.path.join(folder, "port")
        os.makedirs(folder, exist_ok=True)
        config = os.path.join(folder, "config.json")
        with open(config, "w") as file:
            json.dump(settings, file)
        scripts = os.path.join(folder, "Scripts")
        command = ["taskset", "-c", str(core), binary, "serve", "--port", "0", "--workers", "1", "--ephemeral", "--config", config, "--scripts", scripts,
                   "--games", os.path.join(folder, "games"), "--data-dir", os.path.join(folder, "data"), "--port-file", self.port_file, "--log-level", "error"]
        os.makedirs(os.path.join(folder, "games"), exist_ok=True)
        if listener:
            command += ["--listen", f"{listener}=127.0.0.1:0"]
        self.log = open(os.path.join(folder, "log"), "w")
        self.process = subprocess.Popen(command + list(arguments), stdout=self.log, stderr=self.log)
        name = f"{self.port_file}.{listener}" if listener else self.port_file
        for _ in range(600):
            if os.path.exists(self.port_file) and os.path.exists(name):
                break
            if self.process.poll() is not None:
                sys.exit(open(os.path.join(folder, "log")).read())
            time.sleep(0.1)
        self.port = int(open(name).read())

    def cpu(self):
        fields = open(f"/proc/{self.process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
        return 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)


class LoadTime:
    """Milliseconds of processor time of the thread that loads: the one that has taken most when the server has started. Linux."""

    def __init__(self, server):
        folder = f"/proc/{server.process.pid}/task"
        self.file = max((f"{folder}/{thread}/schedstat" for thread in os.listdir(folder)), key=self.taken)
        self.former = 0

    @staticmethod
    def taken(file):
        with open(file) as open_file:
            return int(open_file.read().split()[0])

    def begin(self):
        self.former = self.taken(self.file)

    def end(self):
        return (self.taken(self.file) - self.former) / 1e6


def replace(path, text):
    """As an editor saves."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + "~", "w") as file:
        file.write(text)
    os.rename(path + "~", path)


def swapped(folder, since):
    """Milliseconds from then to the first swap the server's log has, looked for after it must have happened."""
    day = since - since % 86400
    for line in open(os.path.join(folder, "log")):
        found = re.match(r"(\d\d):(\d\d):(\d\d\.\d+) INFO +loaded in ", line)
        if found:
            # The log has times of the day, UTC.
            at = day + int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3])
            if at >= since:
                return (at - since) * 1000
    return None


def edit(folder, port, count, pause, figures, spent):
    """Edits the mapping and the lists in turns, and notes when the server had swapped, when an answer was the new one, and what the load took."""
    scripts = os.path.join(folder, "Scripts/argus")
    with open(os.path.join(scripts, "data/ui_mappings.json")) as file:
        mapping = json.load(file)
    lists = open(os.path.join(scripts, "traits.lua")).read()
    for number in range(count):
        time.sleep(pause)
        # Made before the clock starts: a person has the file in an editor.
        mapping["boons"]["ZeusWeaponBoon"]["name"] = "Mark-0000000000000000"
        text = json.dumps(mapping)
        began = time.time()
        replace(os.path.join(folder, "data/packages/argus/data/ui_mappings.json"),
                text.replace("Mark-0000000000000000", f"Mark-{int(began * 1e6):016d}"))
        time.sleep(pause)
        figures["swaps_of_mapping_ms"].append(swapped(folder, began))
        name = f"StormBoon{number}"
        changed = lists.replace('"ZeusWeaponBoon"', f'"ZeusWeaponBoon", "{name}"', 1)
        spent.begin()
        began = time.time()
        replace(os.path.join(scripts, "traits.lua"), changed)
        while '"rule":"none"' in ask(port, f"/argus/explain?trait={name}"):
            if time.time() - began > 10:
                break
            time.sleep(0.002)
        figures["edits_of_lists_ms"].append((time.time() - began) * 1000)
        time.sleep(0.05)
        figures["cpu_of_lists_ms"].append(spent.end())
        figures["swaps_of_lists_ms"].append(swapped(folder, began))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("nightjar")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--channels", type=int, default=200)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--viewers", type=int, default=10)
    parser.add_argument("--edits", type=int, default=0)
    parser.add_argument("--no-specs", action="store_true")
    options = parser.parse_args()
    binary = os.path.abspath(options.nightjar)
    work = tempfile.mkdtemp()
    servers = []
    try:
        storm = os.path.join(work, "storm")
        subprocess.run(["gcc", "-O2", "-o", storm, os.path.join(HERE, "storm.c")], check=True)
        other = 1 if os.cpu_count() > 1 else 0
        twitch_folder, folder = os.path.join(work, "twitch"), os.path.join(work, "argus")
        shutil.copytree(os.path.join(HERE, "twitch"), os.path.join(twitch_folder, "Scripts/twitch"))
        shutil.copytree(os.path.join(ROOT, "Scripts/argus"), os.path.join(folder, "Scripts/argus"))
        shutil.copytree(os.path.join(ROOT, "Scripts/lib"), os.path.join(folder, "Scripts/lib"))
        if options.no_specs:
            shutil.rmtree(os.path.join(folder, "Scripts/argus/spec"))
        twitch = Server(binary, other, twitch_folder, "twitch", None, {})
        servers.append(twitch)
        url = f"http://127.0.0.1:{twitch.port}"
        server = Server(binary, 0, folder, "argus", "argus", {
            "packages": {"argus": {"auth_url": url, "api_url": url, "public_url": "http://127.0.0.1"}},
            "secrets": {"argus": {"client": "secret", "extension": SECRET}},
        }, "--debug", *(["--log-level", "info"] if options.edits else []))
        servers.append(server)
        # Before it serves anybody.
        spent = LoadTime(server)
        lines = []
        for number in range(options.channels):
            channel = str(100000 + number)
            ask(server.port, f"/oauth_token?code={channel}&state=s{channel}")
            token = ask(server.port, "/get_argus_token", {"argusProtocolVersion": "1", "state": f"s{channel}"})
            key = json.loads(ask(server.port, "/argus/view_key", {"argusToken": token}))["key"]
            lines.append(f"{channel} {token} {key}\n")
        with open(os.path.join(work, "channels"), "w") as file:
            file.writelines(lines)
        with open(os.path.join(work, "body"), "w") as file:
            file.write(BODY)
        edits = {name: [] for name in ("swaps_of_mapping_ms", "swaps_of_lists_ms", "edits_of_lists_ms", "cpu_of_lists_ms")}
        editor = threading.Thread(target=edit, args=(folder, server.port, options.edits, options.seconds / (2 * options.edits + 2), edits, spent)) if options.edits else None
        cpu, began = server.cpu(), time.time()
        if editor:
            editor.start()
        result = subprocess.run(["taskset", "-c", str(other), storm, str(server.port), os.path.join(work, "channels"), str(options.rate), str(options.viewers),
                                 str(options.seconds), os.path.join(work, "body")], stdout=subprocess.PIPE, text=True)
        figures = json.loads(result.stdout or "{}")
        figures["server_cpu_pct"] = round((server.cpu() - cpu) * 100 / (time.time() - began))
        figures["server_mb"] = server.memory()
        if editor:
            editor.join()
            figures |= {name: [round(one, 1) if one is not None else None for one in times] for name, times in edits.items()}
        # The newest state of each channel has its second, and a little more.
        time.sleep(2)
        figures["twitch"] = json.loads(ask(twitch.port, "/figures"))
        newest = json.loads(ask(twitch.port, "/newest"))
        figures["twitch"]["channels"] = len(newest)
        figures["twitch"]["spread_of_newest_ms"] = max(newest.values()) - min(newest.values()) if newest else None
        print(json.dumps(figures))
        sys.exit(result.returncode)
    finally:
        for one in reversed(servers):
            one.stop()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
