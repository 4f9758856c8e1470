#!/usr/bin/env bash
# Compiles the examples of docs/testing.md as somebody outside of this package would: against the built modules, with what is
# public alone. Our tests are of the same package and may use more.
#
#   outside.sh BUILD      BUILD: the folder of the built products, like .build/debug
set -euo pipefail
build=$(cd "$1" && pwd -P)
cd "$(dirname "$0")/../.."
packages=$build
until [ -d "$packages/checkouts" ]; do packages=$(dirname "$packages"); [ "$packages" != / ] || { echo "no checkouts above $build" >&2; exit 1; }; done
options=(-typecheck -swift-version 6 -module-name Outside -I "$build/Modules" -I Sources/CLuaShim/include)
for library in CLua CSQLite CZlib; do options+=(-I "Sources/$library"); done
for flag in $(pkg-config --cflags lua5.4); do options+=(-Xcc "$flag"); done
# What the dependencies have of C.
while read -r map; do options+=(-Xcc "-fmodule-map-file=$map"); done < <(
  find -L "$build" -maxdepth 2 -path '*.build/module.modulemap'
  find -L "$packages/checkouts" -path '*/Sources/*/include/module.modulemap'
)
for example in ExampleTests GameExampleTests; do swiftc "${options[@]}" "Tests/NightjarTestingTests/$example.swift"; done

# That something is missing must be noticed.
inside=$(mktemp --suffix=.swift)
trap 'rm -f "$inside"' EXIT
echo 'import Reload
let check = ScriptHost.check' >"$inside"
if swiftc "${options[@]}" "$inside" 2>/dev/null; then echo "what is of the package alone compiles outside of it" >&2; exit 1; fi
