#!/usr/bin/python3
"""A night shift: all shipped packages under load, while somebody saves a script every two seconds.

Usage: run.py NIGHTJAR [--seconds 720] [--seed 1]

Players bet, hunters push to their parties, programs post log lines, services pass messages through the gateway, a stream of game
events comes in, streamers send runs, browsers ask for pages. Scripts are saved meanwhile, now and then a broken one, which is put
right again. What must hold: nothing that was asked stays without its answer, the log has no error but of the broken saves, memory
does not grow once everything is warm, descriptors come back, and the store is sound afterwards.

127.0.0.1 only; stops by itself.
"""
import argparse
import asyncio
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import websockets

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LISTENERS = ["sync", "gateway", "ps2", "argus"]
SECRET = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
# An answer that takes longer has not come. Saves on a busy machine take their time.
PATIENCE = 30
# What memory may grow by from the second quarter of the shift to the last: SQLite's cache, and what the allocator keeps.
GROWTH_MB = 64
# Descriptors that may stay: the stream of events, connections to Twitch that are kept for the next call.
POOLED = 8


class Shift:
    """What everybody knows: where the server is, how long it goes on, what was counted, what went wrong."""

    def __init__(self, ports, seconds):
        self.ports = ports
        self.end = time.monotonic() + seconds
        self.counts = {}
        self.complaints = []

    def goes_on(self):
        return time.monotonic() < self.end and len(self.complaints) < 20

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def complain(self, text):
        self.complaints.append(text)

    def url(self, listener, path):
        return f"ws://127.0.0.1:{self.ports[listener]}{path}"


def connecting(url):
    return websockets.connect(url, ping_interval=None, max_size=4 << 20, open_timeout=PATIENCE, close_timeout=5)


async def heard(socket):
    return await asyncio.wait_for(socket.recv(), PATIENCE)


async def ask(port, method, path, body=b"", headers=""):
    """The status of an answer, and its body."""
    reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), PATIENCE)
    try:
        kind = "content-type: application/json\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n{kind}{headers}content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await asyncio.wait_for(reader.read(-1), PATIENCE)
    finally:
        writer.close()
    head, _, rest = answer.partition(b"\r\n\r\n")
    if b"chunked" in head.lower():
        whole = b""
        while rest:
            size, _, rest = rest.partition(b"\r\n")
            whole, rest = whole + rest[:int(size, 16)], rest[int(size, 16) + 2:]
        rest = whole
    return int(head.split(b" ", 2)[1]), rest


# Those who work the shift. Each is started many times, and again when its socket was closed by itself.


async def player(shift, number, chance):
    """Bets and ends rounds; the balance it is told must be what it computes."""
    while shift.goes_on():
        async with connecting(shift.url("main", "/session/ws")) as socket:
            await socket.send(json.dumps({"auth": {"uid": f"night-{number}"}, "platform": "demo", "site": "demo"}))
            await heard(socket)
            await socket.send('{"t":"gameload","gameid":"joker_bingo"}')
            state = await said_state(socket)
            for _ in range(chance.randrange(50, 400)):
                if not shift.goes_on():
                    return
                game, credits = state["gamestate"], state["wallet"]["credits"]
                if credits < 10 and game["name"] == "idle":
                    return
                bet = game["name"] == "idle"
                action = {"action": "bet", "params": {"amount": 4}} if bet else {"action": "end"}
                await socket.send(json.dumps({"t": "action", "sid": game["id"], **action}))
                state = await said_state(socket)
                wanted = credits - 4 if bet else credits + game["data"]["total_winnings"]
                if state["wallet"]["credits"] != wanted:
                    shift.complain(f"player {number}: {state['wallet']['credits']} credits instead of {wanted}")
                shift.count("bets and ends")
                await asyncio.sleep(chance.random() * 0.05)


async def said_state(socket):
    """The next state; what is said about saves is passed over, an error is not."""
    while True:
        message = json.loads(await heard(socket))
        if message["t"] == "state":
            return message
        if message["t"] == "error":
            raise AssertionError(f"the casino says {message}")


async def party(shift, number, chance):
    """A leader and three hunters: what the leader pushes comes to each, in order."""
    while shift.goes_on():
        members = []
        try:
            for place in range(4):
                socket = await connecting(shift.url("sync", f"/connect?playerName=hunter{number}-{place}"))
                members.append(socket)
                await socket.send(json.dumps({"type": "SetSession", "sessionId": f"night:{number}", "isLeader": place == 0}))
            for sequence in range(chance.randrange(50, 300)):
                if not shift.goes_on():
                    return
                push = json.dumps({"type": "Push", "sessionId": f"night:{number}", "data": [["em001", sequence]]})
                await members[0].send(push)
                for hunter in members[1:]:
                    while True:
                        text = await heard(hunter)
                        if '"Push"' in text:
                            break
                    if text != push:
                        shift.complain(f"party {number}: {text} instead of {push}")
                shift.count("pushes")
                await asyncio.sleep(chance.random() * 0.05)
        finally:
            for socket in members:
                await socket.close()


async def service_pair(shift, number, chance):
    """Two services of the gateway: what one sends through it comes to the other, in order."""
    names = [f"left{number}", f"right{number}"]
    while shift.goes_on():
        sockets = []
        try:
            for name in names:
                socket = await connecting(shift.url("gateway", "/gateway"))
                sockets.append(socket)
                await socket.send(json.dumps({"s": name, "t": "gateway:opcode", "d": {"opcode": 0}}))
                answer = json.loads(await heard(socket))
                if answer["d"]["opcode"] != 1:
                    raise AssertionError(f"the gateway says {answer}")
            for sequence in range(chance.randrange(50, 300)):
                if not shift.goes_on():
                    return
                topic = f"gateway-proxy:{names[0]}:{names[1]}:night:{sequence}"
                await sockets[0].send(json.dumps({"s": names[0], "t": topic, "d": {"number": sequence}}))
                got = json.loads(await heard(sockets[1]))
                if got.get("d", {}).get("number") != sequence:
                    shift.complain(f"service {names[1]}: {got} instead of number {sequence}")
                shift.count("passed on")
                await asyncio.sleep(chance.random() * 0.05)
        finally:
            for socket in sockets:
                await socket.close()
        # The names must be free again.
        await asyncio.sleep(0.5)


async def poster(shift, number, chance):
    """A program that posts log lines, and one that listens to them."""
    room = f"night{number}"
    async with connecting(shift.url("sync", f"/logs/listen?room={room}")) as listener:
        sequence = 0
        while shift.goes_on():
            line = {"room": room, "level": "info", "msg": f"line {sequence}"}
            status, body = await ask(shift.ports["sync"], "POST", "/logs/add", json.dumps(line).encode())
            if status != 200 and status != 204:
                shift.complain(f"log line: status {status} {body[:200]}")
                return
            while f"line {sequence}" not in await heard(listener):
                pass
            sequence += 1
            shift.count("log lines")
            await asyncio.sleep(chance.random() * 0.1)


async def streamer(shift, number, chance, token):
    """Sends runs, asks for what viewers see."""
    while shift.goes_on():
        boons = " ".join(f"Common;;{name}" for name in chance.sample(["ZeusWeaponBoon", "ApolloSpecialBoon", "PoseidonCastBoon", "HeraSprintBoon"], 2))
        run = {"argusProtocolVersion": "2", "argusToken": token, "runData": {"boonData": boons}}
        status, body = await ask(shift.ports["argus"], "POST", "/run_info", json.dumps(run).encode())
        if status != 200:
            shift.complain(f"run: status {status} {body[:200]}")
        shift.count("runs")
        await asyncio.sleep(0.2 + chance.random() * 0.2)


async def browser(shift, number, chance):
    pages = [("main", "/"), ("main", "/static/app.js"), ("ps2", "/triggers/"), ("argus", "/argus/overlay"), ("gateway", "/gateway/"),
             ("main", "/game/joker_bingo/manifest.json"), ("ops", "/metrics"), ("ops", "/health")]
    while shift.goes_on():
        listener, path = chance.choice(pages)
        status, _ = await ask(shift.ports[listener], "GET", path)
        if status != 200:
            shift.complain(f"page {path}: status {status}")
        shift.count("pages")
        await asyncio.sleep(chance.random() * 0.2)


async def again(shift, work, *arguments):
    """A worker whose socket went away begins anew; any other failure is a complaint."""
    while shift.goes_on():
        try:
            await work(shift, *arguments)
        except (websockets.ConnectionClosed, ConnectionError) as failure:
            shift.complain(f"{work.__name__} {arguments[0]}: the server closed the connection: {failure}")
        except (AssertionError, TimeoutError, asyncio.TimeoutError, KeyError, ValueError) as failure:
            shift.complain(f"{work.__name__} {arguments[0]}: {type(failure).__name__} {failure}")


class Stream:
    """The game's stream of events as far as the package ps2 needs it."""

    def __init__(self):
        self.sent = 0

    async def serve(self, socket, _path=None):
        await socket.send('{"connected":"true","service":"push","type":"connectionStateChanged"}')
        feeding = asyncio.ensure_future(self.feed(socket))
        asked = {"characters": [], "eventNames": [], "worlds": []}
        try:
            async for text in socket:
                message = json.loads(text)
                if message.get("action") == "subscribe":
                    for field in asked:
                        asked[field] = sorted(set(asked[field]) | set(message.get(field, [])))
                    await socket.send(json.dumps({"subscription": {"logicalAndCharactersWithWorlds": False, **asked}}))
        finally:
            feeding.cancel()

    async def feed(self, socket):
        chance = random.Random(7)
        online = {f"EventServerEndpoint_{name}_{number}": "true" for name, number in (("Connery", 1), ("Miller", 10))}
        while True:
            await socket.send(json.dumps({"online": online, "service": "event", "type": "heartbeat"}))
            for _ in range(50):
                for _ in range(4):
                    self.sent += 1
                    await socket.send(json.dumps({"service": "event", "type": "serviceMessage", "payload": {
                        "event_name": "BattleRankUp", "battle_rank": str(chance.randrange(1, 120)),
                        "character_id": str(5428010618000000000 + chance.randrange(1 << 30)), "timestamp": str(int(time.time())),
                        "world_id": "1", "zone_id": "2"}}))
                await asyncio.sleep(0.1)


class Editor:
    """Saves a script every two seconds, each tenth time one that cannot be read, which is put right with the next save."""

    def __init__(self, scripts, chance):
        self.chance = chance
        self.saves = self.broken = 0
        self.files = sorted(
            os.path.join(folder, name) for folder, _, names in os.walk(scripts) for name in names
            if name.endswith(".lua") and "/spec" not in folder and "/meta" not in folder and "/examples" not in folder)
        self.texts = {file: open(file).read() for file in self.files}

    async def work(self, shift):
        wrong = None
        while shift.goes_on():
            await asyncio.sleep(2)
            if wrong:
                self.save(wrong, self.texts[wrong])
                wrong = None
                continue
            file = self.chance.choice(self.files)
            self.saves += 1
            if self.saves % 10 == 0:
                wrong = file
                self.broken += 1
                self.save(file, self.texts[file] + "\nthis is not Lua\n")
            else:
                self.save(file, f"{self.texts[file]}\n-- saved {self.saves} times\n")
        if wrong:
            self.save(wrong, self.texts[wrong])

    def save(self, file, text):
        with open(file + "~", "w") as out:
            out.write(text)
        os.rename(file + "~", file)


class Server:
    def __init__(self, binary, folder, stream_port):
        self.folder = folder
        for name in ("Scripts", "games"):
            shutil.copytree(os.path.join(ROOT, name), os.path.join(folder, name))
        sites = os.path.join(folder, "Scripts/casino/sites/demo.json")
        site = json.load(open(sites))
        site["initial_credits"] = 1000000
        # What a jackpot pays is not told in the state that the players go by.
        site.pop("jackpots", None)
        json.dump(site, open(sites, "w"))
        self.settings = {
            "packages": {"ps2": {"ess_url": f"ws://127.0.0.1:{stream_port}", "census": False, "triggers": ["rank_up"]}},
            "secrets": {"argus": {"client": "secret", "extension": SECRET}},
        }
        self.log_path = os.path.join(folder, "log")
        self.binary = binary
        self.twitch = None

    def spawn(self, name, arguments):
        folder = os.path.join(self.folder, name)
        os.makedirs(folder, exist_ok=True)
        return subprocess.Popen(
            [self.binary, "serve", "--port", "0", "--port-file", folder + "/port", "--data-dir", folder + "/data", *arguments],
            stdout=open(self.log_path + "." + name, "w"), stderr=subprocess.STDOUT)

    def port(self, name, listener=None):
        path = os.path.join(self.folder, name, "port") + (f".{listener}" if listener else "")
        for _ in range(1200):
            if os.path.exists(path):
                return int(open(path).read())
            time.sleep(0.1)
        raise SystemExit(f"the server {name} does not start:\n" + open(self.log_path + "." + name).read()[-4000:])

    def start(self):
        twitch = os.path.join(self.folder, "twitch-scripts")
        shutil.copytree(os.path.join(ROOT, "Benchmarks/argus/twitch"), twitch + "/twitch")
        os.makedirs(self.folder + "/no-games")
        self.twitch = self.spawn("twitch", ["--ephemeral", "--scripts", twitch, "--games", self.folder + "/no-games", "--workers", "1"])
        url = f"http://127.0.0.1:{self.port('twitch')}"
        self.settings["packages"]["argus"] = {"auth_url": url, "api_url": url, "public_url": "http://127.0.0.1"}
        config = os.path.join(self.folder, "config.json")
        json.dump(self.settings, open(config, "w"))
        listeners = [part for name in LISTENERS + ["ops"] for part in ("--listen", f"{name}=127.0.0.1:0")]
        self.process = self.spawn("night", [
            "--debug", "--log-level", "warning", "--config", config, "--scripts", self.folder + "/Scripts", "--games", self.folder + "/games", *listeners])
        ports = {name: self.port("night", name) for name in LISTENERS + ["ops"]}
        ports["main"] = self.port("night")
        return ports

    def memory_mb(self):
        for line in open(f"/proc/{self.process.pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        for process in (self.process, self.twitch):
            process.send_signal(signal.SIGTERM)
        for process in (self.process, self.twitch):
            process.wait(timeout=60)

    def errors(self):
        """Lines of the log that report an error which is not of a broken save."""
        found = []
        for line in open(self.log_path + ".night"):
            is_error = re.match(r"[\d:.]+ (ERROR|CRITICAL) ", line) or "panic" in line or "Fatal error" in line
            if is_error and not is_of_broken_save(line):
                found.append(line.rstrip()[:400])
        return found


def is_of_broken_save(line):
    """Lua's words for the line that `Editor` adds."""
    return re.search(r"syntax error near 'is'|near 'this'|syntax_error|'=' expected near|<eof> expected near", line) is not None


async def token_of(port, number):
    state = f"night{number}"
    await ask(port, "GET", f"/oauth_token?code={200000 + number}&state={state}")
    _, token = await ask(port, "POST", "/get_argus_token", json.dumps({"argusProtocolVersion": "1", "state": state}).encode())
    return token.decode()


async def work(options, server, stream):
    ports = server.start()
    await asyncio.sleep(1)
    idle = server.descriptors()
    shift = Shift(ports, options.seconds)
    editor = Editor(server.folder + "/Scripts", random.Random(options.seed))
    tokens = [await token_of(ports["argus"], number) for number in range(5)]
    tasks = [] if options.no_saves else [editor.work(shift)]
    for kind, count in ((player, 40), (party, 10), (service_pair, 10), (poster, 4), (browser, 6), (streamer, len(tokens))):
        for number in range(count if options.only in (None, kind.__name__) else 0):
            more = [tokens[number]] if kind is streamer else []
            tasks.append(again(shift, kind, number, random.Random(options.seed * 1000 + number), *more))
    memory = []

    async def watch():
        while shift.goes_on():
            memory.append(server.memory_mb())
            left = shift.end - time.monotonic()
            print(f"{left:6.0f} s left  {memory[-1]:6.0f} MB  {server.descriptors():4d} descriptors  {editor.saves} saves  "
                  + "  ".join(f"{what} {count}" for what, count in sorted(shift.counts.items())), flush=True)
            await asyncio.sleep(min(10, max(left, 0.1)))

    await asyncio.gather(watch(), *tasks)
    # Everybody has gone home; sockets that close say good-bye first.
    for _ in range(200):
        if server.descriptors() <= idle + POOLED:
            break
        await asyncio.sleep(0.1)
    return shift, editor, memory, idle, server.descriptors()


def judged(options, shift, editor, memory, idle, left, errors, verified, stream):
    wrong = list(shift.complaints)
    if left > idle + POOLED:
        wrong.append(f"{left} descriptors at the end, {idle} before the shift")
    quarter = len(memory) // 4
    if quarter >= 3:
        early, late = max(memory[quarter:2 * quarter]), max(memory[-quarter:])
        if late > early + GROWTH_MB:
            wrong.append(f"memory grew from {early:.0f} to {late:.0f} MB")
    wrong += [f"log: {line}" for line in errors[:10]]
    if verified.returncode != 0:
        wrong.append("the store is not sound: " + verified.stdout[-500:])
    for what in () if options.only else ("bets and ends", "pushes", "passed on", "log lines", "runs", "pages"):
        if shift.counts.get(what, 0) == 0:
            wrong.append(f"no {what} at all")
    if stream.sent == 0:
        wrong.append("the stream was never asked for")
    return wrong


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("nightjar")
    parser.add_argument("--seconds", type=float, default=720)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one kind of load, to find what a figure comes from: player, party, service_pair, poster, browser, streamer")
    parser.add_argument("--no-saves", action="store_true")
    options = parser.parse_args()
    stream = Stream()
    folder = tempfile.mkdtemp(prefix="night-shift-")
    async with websockets.serve(stream.serve, "127.0.0.1", 0, ping_interval=None) as listener:
        server = Server(os.path.abspath(options.nightjar), folder, listener.sockets[0].getsockname()[1])
        try:
            shift, editor, memory, idle, left = await work(options, server, stream)
        finally:
            server.stop()
    verified = subprocess.run([options.nightjar, "verify", folder + "/night/data/nightjar.sqlite"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wrong = judged(options, shift, editor, memory, idle, left, server.errors(), verified, stream)
    print(f"{editor.saves} saves, {editor.broken} of them broken; {shift.counts}; {stream.sent} events; descriptors {idle} → {left}; "
          f"memory {memory[len(memory) // 4]:.0f} → {memory[-1]:.0f} MB")
    if wrong:
        print("\n".join(wrong))
        print(f"the log is in {folder}")
        sys.exit(1)
    shutil.rmtree(folder, ignore_errors=True)
    print("the night was quiet")


if __name__ == "__main__":
    asyncio.run(main())
