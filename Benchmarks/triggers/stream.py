#!/usr/bin/env python3
"""Writes a made-up recording of the PlanetSide 2 event stream, one message a line: the same for the same seed.

Usage: stream.py [COUNT] [SEED]      default: 5000 1
"""
import json
import random
import sys

count = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)

players = [5428010618000000000 + rng.randrange(1 << 40) for _ in range(2000)]
worlds, zones = [1, 10, 13, 17], [2, 4, 6, 8, 344]
weapons = [rng.randrange(1, 805000) for _ in range(300)]
clock = 1763000000


def player():
    # Few play much: the busy ones come again and again.
    return players[int(len(players) * rng.random() ** 2)]


def death():
    return {
        "attacker_character_id": player(), "attacker_fire_mode_id": rng.choice(weapons), "attacker_loadout_id": rng.randrange(1, 22),
        "attacker_team_id": rng.randrange(1, 4), "attacker_vehicle_id": rng.choice([0, 0, 0, 4, 8]), "attacker_weapon_id": rng.choice(weapons),
        "character_id": player(), "character_loadout_id": rng.randrange(1, 22), "is_critical": 0, "is_headshot": int(rng.random() < 0.25),
        "team_id": rng.randrange(1, 4), "zone_id": rng.choice(zones),
    }


def experience():
    return {
        "amount": rng.choice([10, 20, 50, 100, 150, 250]), "character_id": player(), "experience_id": rng.randrange(1, 600),
        "loadout_id": rng.randrange(1, 22), "other_id": player(), "team_id": rng.randrange(1, 4), "zone_id": rng.choice(zones),
    }


def vehicle():
    return {
        "attacker_character_id": player(), "attacker_loadout_id": rng.randrange(1, 22), "attacker_team_id": rng.randrange(1, 4),
        "attacker_vehicle_id": rng.randrange(0, 20), "attacker_weapon_id": rng.choice(weapons), "character_id": player(),
        "facility_id": 0, "faction_id": rng.randrange(1, 4), "team_id": rng.randrange(1, 4), "vehicle_id": rng.randrange(1, 20),
        "zone_id": rng.choice(zones),
    }


def control():
    return {
        "duration_held": rng.randrange(1, 9000), "facility_id": rng.randrange(2000, 300000), "new_faction_id": rng.randrange(1, 4),
        "old_faction_id": rng.randrange(1, 4), "outfit_id": 37500000000000000 + rng.randrange(1 << 30), "zone_id": rng.choice(zones),
    }


def capture():
    return {
        "character_id": player(), "facility_id": rng.randrange(2000, 300000), "outfit_id": 37500000000000000 + rng.randrange(1 << 30),
        "zone_id": rng.choice(zones),
    }


def login():
    return {"character_id": player()}


def skill():
    return {"character_id": player(), "skill_id": rng.randrange(1, 9000), "zone_id": rng.choice(zones)}


def item():
    return {"character_id": player(), "context": "GuildBankWithdrawal", "item_count": 1, "item_id": rng.randrange(1, 9000), "zone_id": rng.choice(zones)}


# Shares as they were seen on a busy evening, roughly.
kinds = [
    ("GainExperience", 60, experience), ("Death", 22, death), ("VehicleDestroy", 6, vehicle), ("PlayerLogin", 3, login),
    ("PlayerLogout", 3, login), ("ItemAdded", 2, item), ("SkillAdded", 1, skill), ("PlayerFacilityCapture", 1, capture),
    ("PlayerFacilityDefend", 1, capture), ("FacilityControl", 1, control),
]
weights = [weight for _, weight, _ in kinds]
for _ in range(count):
    name, _, make = rng.choices(kinds, weights)[0]
    if rng.random() < 0.01:
        clock += 1
    payload = dict(make(), event_name=name, timestamp=clock, world_id=rng.choice(worlds))
    # As the service does: every value a text, members in the order of their names.
    payload = {key: str(payload[key]) for key in sorted(payload)}
    print(json.dumps({"payload": payload, "service": "event", "type": "serviceMessage"}, separators=(",", ":")))
