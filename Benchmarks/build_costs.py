#!/usr/bin/env python3
"""Where the time of a clean `swift build --build-tests` went: run it right after one. It goes by the order in which the
compiled files appeared and gives each the time since the one before, so the sum is the build's time on the clock."""
import collections
import glob
import os
import sys

OURS = {name for name in os.listdir("Sources")} | {"misbehave"}


def group(target):
    if "BoringSSL" in target:
        return "BoringSSL, twice (swift-crypto, swift-nio-ssl)"
    if target.lstrip("_C").startswith("NIO"):
        return "SwiftNIO"
    if target.endswith("Tests"):
        return "the tests"
    return "the project's sources" if target in OURS else "other libraries"


def main():
    events = []
    for folder in glob.glob(".build/debug/*.build"):
        for root, _, files in os.walk(folder):
            events += [(os.path.getmtime(os.path.join(root, name)), os.path.basename(folder)[:-6])
                       for name in files if name.endswith((".o", ".swiftmodule"))]
    events += [(os.path.getmtime(path), os.path.basename(path)[:-12]) for path in glob.glob(".build/debug/Modules/*.swiftmodule")]
    if not events:
        sys.exit("There is no debug build here. Run `swift build --build-tests` in a clean clone first.")
    events.sort()
    shares = collections.Counter()
    for (before, _), (now, target) in zip(events, events[1:]):
        shares[group(target)] += now - before
    total = events[-1][0] - events[0][0]
    for name, seconds in shares.most_common():
        print(f"{seconds:7.0f} s {100 * seconds / total:4.0f} %  {name}")
    print(f"{total:7.0f} s")


main()
