#!/usr/bin/env bash
# How many allocations the loop makes for a thousand echoed messages, in a release build (`misbehave allocations`): it fails when
# there are more than a few. Only in a release build: an unoptimized one allocates where the optimizer does not.
set -euo pipefail
cd "$(dirname "$0")/.."
library=$(mktemp --suffix=.so)
trap 'rm -f "$library"' EXIT
gcc -O2 -shared -fPIC -o "$library" Benchmarks/allocations/count.c
LD_PRELOAD=$library .build/release/misbehave allocations
