#!/usr/bin/env python3
"""The same stream and the same hundred triggers through auraxium's own way from text to conditions.

Usage: auraxium_bench.py STREAM SECONDS      prints events per second of processor time
"""
import asyncio
import logging
import sys
import time

from auraxium import event

NAMES = [
    "AchievementAdded", "BattleRankUp", "ContinentLock", "ContinentUnlock", "Death", "FacilityControl", "GainExperience", "ItemAdded",
    "MetagameEvent", "PlayerFacilityCapture", "PlayerFacilityDefend", "PlayerLogin", "PlayerLogout", "SkillAdded", "VehicleDestroy",
    "Other1", "Other2", "Other3", "Other4", "Other5",
]


async def main():
    logging.disable(logging.CRITICAL)
    with open(sys.argv[1]) as file:
        texts = file.read().splitlines()
    seconds = float(sys.argv[2])
    client = event.EventClient(service_id="s:example")
    friends = [5428010618000000000 + i * 7919 for i in range(1, 101)]
    for name in NAMES:
        conditions = [lambda e: e.world_id == 99, lambda e: e.timestamp.timestamp() < 5,
                      lambda e: e.world_id == 17 and e.timestamp.timestamp() < 5]
        # add_trigger would open a connection.
        client.triggers.append(event.Trigger(name, characters=friends, action=lambda e: None))
        client.triggers.append(event.Trigger(name, worlds=[40], action=lambda e: None))
        for condition in conditions:
            client.triggers.append(event.Trigger(name, conditions=[condition], action=lambda e: None))
    # Processor time, as in the other half: nothing else runs in this process.
    count, began = 0, time.process_time()
    while time.process_time() - began < seconds:
        for text in texts[count % len(texts):][:500]:
            client._process_payload(text)
        count += 500
    print(f"{count / (time.process_time() - began):.0f}")
    await client.close()


asyncio.run(main())
