#!/usr/bin/python3
"""What a night does to the machine under the casino: the disk is full, somebody locks the store, the clock jumps.

Usage: faults.py NIGHTJAR [--rounds 12] [--seed 1]

Players bet and end rounds without a pause. In turns the store's disk runs full for some seconds, another program holds the store's
lock, and the wall clock jumps an hour or a day forwards or back. What must hold: a player hears a state or an error with a code, never
nothing; what he has is what he had before a bet or after it; play goes on within seconds once the fault is over; and the store is sound
afterwards, also after a start on it.

It mounts a small disk of its own, in a name space that ends with it, and compiles a clock of its own with gcc; 127.0.0.1 only; stops
by itself.
"""
import argparse
import asyncio
import errno
import json
import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

import websockets

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from run import PATIENCE, ROOT, connecting, heard  # noqa: E402

PLAYERS = 12
DISK_MB = 24
# A fault lasts so long, seconds.
FAULT = 3
# Within so many seconds after a fault everybody must have played again: the store is tried once a second.
RECOVERY = 15
JUMPS = [3600, -3600, 26 * 3600, -26 * 3600]
# What a fault may bring in answer to an action; the state as it stands follows. Any other error is a complaint.
EXPECTED = {"unavailable", "wallet_unavailable", "internal"}

CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Seconds by which the wall clock is wrong; changed from outside. */
static volatile long long *offset;

__attribute__((constructor)) static void begin(void) {
  int file = open(getenv("NIGHT_CLOCK"), O_RDONLY);
  if (file < 0) abort();
  offset = mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
  close(file);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int status = real(clock, time);
  if (offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += *offset;
  return status;
}

int gettimeofday(struct timeval *restrict value, void *restrict zone) {
  struct timespec now;
  (void)zone;
  int status = clock_gettime(CLOCK_REALTIME, &now);
  value->tv_sec = now.tv_sec;
  value->tv_usec = now.tv_nsec / 1000;
  return status;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}
"""


class Night:
    """The server, its disk and its clock."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder
        self.data = folder + "/data"
        os.makedirs(self.data)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=0700", "tmpfs", self.data], check=True)
        with open(folder + "/clock.c", "w") as source:
            source.write(CLOCK)
        subprocess.run(["gcc", "-O1", "-shared", "-fPIC", "-o", folder + "/clock.so", folder + "/clock.c", "-ldl"], check=True)
        self.set_clock(0)
        for name in ("Scripts", "games"):
            shutil.copytree(os.path.join(ROOT, name), os.path.join(folder, name))
        path = folder + "/Scripts/casino/sites/demo.json"
        site = json.load(open(path))
        site["initial_credits"] = 1000000
        # What a jackpot pays is not told in the state that the players go by.
        site.pop("jackpots", None)
        json.dump(site, open(path, "w"))

    def set_clock(self, seconds):
        with open(self.folder + "/clock", "r+b" if os.path.exists(self.folder + "/clock") else "wb") as file:
            file.write(struct.pack("q", seconds))

    def start(self):
        if os.path.exists(self.folder + "/port"):
            os.remove(self.folder + "/port")
        environment = dict(os.environ, LD_PRELOAD=self.folder + "/clock.so", NIGHT_CLOCK=self.folder + "/clock")
        self.log = open(self.folder + "/log", "a")
        self.process = subprocess.Popen(
            [self.binary, "serve", "--port", "0", "--port-file", self.folder + "/port", "--data-dir", self.data,
             "--scripts", self.folder + "/Scripts", "--games", self.folder + "/games"],
            env=environment, stdout=self.log, stderr=subprocess.STDOUT)
        for _ in range(600):
            if os.path.exists(self.folder + "/port"):
                return int(open(self.folder + "/port").read())
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        raise SystemExit("the server does not start:\n" + open(self.folder + "/log").read()[-4000:])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def verify(self):
        return subprocess.run([self.binary, "verify", self.data + "/nightjar.sqlite"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    # The faults; each ends with what it was given back.

    async def disk_full(self, chance):
        path = self.data + "/filler"
        with open(path, "wb", buffering=0) as filler:
            # What others free meanwhile is taken as well.
            end = time.monotonic() + FAULT
            while time.monotonic() < end:
                try:
                    filler.write(b"x" * 4096)
                except OSError as failure:
                    if failure.errno != errno.ENOSPC:
                        raise
                    await asyncio.sleep(0.01)
        os.remove(path)

    async def lock(self, chance):
        store = sqlite3.connect(self.data + "/nightjar.sqlite", timeout=20, isolation_level=None)
        store.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(FAULT + chance.random() * 5)
        store.execute("ROLLBACK")
        store.close()

    async def clock_jump(self, chance):
        self.set_clock(chance.choice(JUMPS))
        await asyncio.sleep(FAULT)
        self.set_clock(0)


class Player:
    """Bets and ends rounds; knows what it must have."""

    def __init__(self, number, watch):
        self.number, self.watch = number, watch
        # Credits it may have: one value, or two while it does not know whether a bet stands.
        self.possible = None
        self.refused = None
        self.played = 0

    async def work(self, port):
        while self.watch["on"]:
            try:
                async with connecting(f"ws://127.0.0.1:{port}/session/ws") as socket:
                    await self.session(socket)
            except (websockets.ConnectionClosed, ConnectionError) as failure:
                self.watch["closed"] += 1
                await asyncio.sleep(0.2)
                if not self.watch["faulty"]:
                    self.watch["wrong"].append(f"player {self.number}: disconnected while all was well: {failure}")
            except (TimeoutError, asyncio.TimeoutError):
                self.watch["wrong"].append(f"player {self.number}: no answer within {PATIENCE} s")

    async def session(self, socket):
        await socket.send(json.dumps({"auth": {"uid": f"night-{self.number}"}, "platform": "demo", "site": "demo"}))
        if json.loads(await heard(socket))["t"] == "error":
            return
        await socket.send('{"t":"gameload","gameid":"joker_bingo"}')
        state = await self.told(socket)
        while self.watch["on"]:
            if not state.get("gamestate"):
                # The store did not give it out.
                await asyncio.sleep(0.2)
                await socket.send('{"t":"gameload","gameid":"joker_bingo"}')
                state = await self.told(socket)
                continue
            game, credits = state["gamestate"], state["wallet"]["credits"]
            if self.possible and credits not in self.possible:
                self.watch["wrong"].append(f"player {self.number}: {credits} credits instead of {self.possible}")
            is_bet = game["name"] == "idle"
            after = credits - 4 if is_bet else credits + game["data"]["total_winnings"]
            self.possible = {credits, after}
            action = {"action": "bet", "params": {"amount": 4}} if is_bet else {"action": "end"}
            await socket.send(json.dumps({"t": "action", "sid": game["id"], **action}))
            state = await self.told(socket)
            if state.get("gamestate", {}).get("id", game["id"]) != game["id"]:
                self.played += 1
                self.possible = {after}
            await asyncio.sleep(0.01 if self.refused is None else 0.2)

    async def told(self, socket):
        """The next state; of an error that comes before it, the code is kept."""
        self.refused = None
        while True:
            message = json.loads(await heard(socket))
            if message["t"] == "state":
                return message
            if message["t"] == "error":
                code = self.refused = message["code"]
                self.watch["errors"][code] = self.watch["errors"].get(code, 0) + 1
                if code not in EXPECTED or not self.watch["faulty"]:
                    self.watch["wrong"].append(f"player {self.number}: {message}")


async def recovered(players, watch):
    """Everybody plays again."""
    before = [player.played for player in players]
    began = time.monotonic()
    while any(player.played <= count + 1 for player, count in zip(players, before)):
        if time.monotonic() - began > RECOVERY:
            late = [player.number for player, count in zip(players, before) if player.played <= count + 1]
            watch["wrong"].append(f"players {late} do not play {RECOVERY} s after the fault")
            break
        await asyncio.sleep(0.05)
    return time.monotonic() - began


async def work(options, night):
    port = night.start()
    watch = {"on": True, "faulty": False, "errors": {}, "closed": 0, "noticed": 0, "wrong": []}
    chance = random.Random(options.seed)
    players = [Player(number, watch) for number in range(PLAYERS)]
    tasks = [asyncio.ensure_future(player.work(port)) for player in players]
    await recovered(players, watch)
    for number in range(options.rounds):
        fault = (night.disk_full, night.lock, night.clock_jump)[number % 3]
        watch["faulty"] = True
        errors = sum(watch["errors"].values())
        await fault(chance)
        seconds = await recovered(players, watch)
        watch["faulty"] = False
        print(f"{fault.__name__}: {sum(watch['errors'].values()) - errors} refusals, all play again after {seconds:.1f} s", flush=True)
        # The write-ahead log may have room enough for one of them, not for all.
        watch["noticed"] += fault == night.disk_full and sum(watch["errors"].values()) > errors
        if night.process.poll() is not None:
            watch["wrong"].append(f"the server ended with {night.process.returncode}")
            break
    if not watch["noticed"]:
        watch["wrong"].append("no full disk was noticed by anybody")
    watch["on"] = False
    await asyncio.wait(tasks, timeout=PATIENCE)
    return players, watch


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("nightjar")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if "NIGHT_FAULTS" not in os.environ:
        # The disk that is mounted belongs to this run only and goes with it.
        os.execvpe("unshare", ["unshare", "--map-root-user", "--mount", sys.executable, *sys.argv], dict(os.environ, NIGHT_FAULTS="1"))
    folder = tempfile.mkdtemp(prefix="night-faults-")
    night = Night(os.path.abspath(options.nightjar), folder)
    try:
        players, watch = asyncio.run(work(options, night))
    finally:
        if night.process.poll() is None:
            status = night.stop()
    wrong = watch["wrong"][:20]
    if status != 0:
        wrong.append(f"the server ended with {status}")
    for when in ("after the night", "after a start on it"):
        verified = night.verify()
        if verified.returncode != 0:
            wrong.append(f"the store is not sound {when}: {verified.stdout[-500:]}")
        night.start()
        night.stop()
    print(f"{sum(player.played for player in players)} bets and ends; refusals {watch['errors']}; {watch['closed']} disconnected")
    if wrong:
        print("\n".join(wrong))
        print(f"the log is {folder}/log")
        sys.exit(1)
    subprocess.run(["umount", night.data], check=False)
    shutil.rmtree(folder, ignore_errors=True)
    print("the night was survived")


if __name__ == "__main__":
    main()
