# Nightjar: the commands a person needs. `make help` lists them.

SWIFT ?= swift
HOST ?= 127.0.0.1
PORT ?= 8080
# The server takes a variable of this name for the port of the party relay.
unexport PORT
BIN   = .build/release/nightjar
# Tests at a time. Many of them start a server with threads of its own; all at once would be thousands of threads.
# One target after the other for the same reason: thousands of sockets in one are no company for time-outs in another.
TEST_TARGETS = $(sort $(notdir $(patsubst %/,%,$(dir $(wildcard Tests/*/*Tests.swift)))))
# Those whose code runs on several threads without Lua, and with it; the others use the same code.
TSAN_TARGETS = $(filter AuthTests StoreTests TransportTests HostTests HostModulesTests ReloadTests CasinoTests GamesTests,$(TEST_TARGETS))
TEST_WIDTH = --experimental-maximum-parallelization-width 16
# Those that wait for processes do so on the few threads that all tests share: one after the other, so that no other waits with them.
ALONE = NightjarTests ServerProcessTests

.PHONY: help run build smoke test lint soak mutants tsan bench neighbours allocations clean system-packages test-packages

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

run: build ## Build the server and start it with the shipped scripts and games (debug mode: saved scripts are live)
	$(BIN) serve --debug --host $(HOST) --port $(PORT) --listen sync --listen gateway --listen ps2 --listen argus --data-dir data

build: system-packages ## Build the release binary
	$(SWIFT) build -c release --product nightjar

smoke: build ## Start the release binary as a person would, ask for its pages, play, stop
	./.ci/smoke

test: system-packages test-packages lint ## Run all tests
	./Tests/CLuaShimTests/run.sh
	$(SWIFT) build --build-tests
	@for target in $(TEST_TARGETS); do \
	  echo "$$target"; \
	  case " $(ALONE) " in *" $$target "*) width="--experimental-maximum-parallelization-width 1" ;; *) width="$(TEST_WIDTH)" ;; esac; \
	  $(SWIFT) test --skip-build --disable-xctest $$width --filter "^$$target\." || exit 1; \
	done
	./Tests/BrowserTests/run.sh
	./Tests/GodotTests/run.sh

lint: test-packages ## Check the Lua scripts, the arrows between the targets, what docs/architecture.md names, the hosting files
	luacheck --quiet Scripts games Benchmarks
	./Tests/Layout/check.sh
	./Tests/Layout/names.sh
	./Tests/Hosting/check.sh

soak: system-packages test-packages smoke ## The long tests, one after the other: kills, dying services, queues, sessions, misbehaving scripts, 10,000 reloads, a night shift, a full disk, locks and clocks that jump, chance, threads, neighbours, planted bugs (PARTS="soaks chance": only these)
	SWIFT="$(SWIFT)" BIN=$(BIN) ./Tests/soak.sh $(PARTS)

mutants: system-packages test-packages ## Plant bugs one at a time and see that the tests notice (SAMPLE=12: so many of them)
	SWIFT="$(SWIFT)" ./Tests/Mutants/run $(if $(SAMPLE),--sample $(SAMPLE))

tsan: system-packages ## Run the tests of Store, Transport, Host and Games under the thread sanitizer (a build of its own)
	NIGHTJAR_TSAN=1 $(SWIFT) build --build-tests --sanitize=thread --scratch-path .build/tsan
	@for target in $(TSAN_TARGETS); do \
	  echo "$$target"; \
	  NIGHTJAR_TSAN=1 TSAN_OPTIONS="$$TSAN_OPTIONS halt_on_error=0 exitcode=66 suppressions=$(CURDIR)/Tests/thread-sanitizer.txt" \
	    $(SWIFT) test --skip-build --sanitize=thread --scratch-path .build/tsan --disable-xctest $(TEST_WIDTH) \
	    --filter "^$$target\." || exit 1; \
	done

bench: build ## Measure; see Benchmarks/README.md
	./Benchmarks/run.sh

neighbours: system-packages ## Check in a release build that a healthy package waits at most 30 ms (p99) beside each misbehaving one
	$(SWIFT) build -c release --product misbehave
	./Benchmarks/neighbours.sh

allocations: system-packages ## Check in a release build that the way of a message is free of allocations
	$(SWIFT) build -c release --product misbehave
	./Benchmarks/allocations.sh

clean: ## Remove what was built (not the data folder)
	$(SWIFT) package clean

system-packages:
	@./.ci/packages liblua5.4-dev zlib1g-dev libsqlite3-dev pkg-config

test-packages:
	@./.ci/packages lua-check valgrind gcc libc6-dev
	@./.ci/packages $$([ -n "$$CI" ] || echo --optional) python3-websockets
	@./.ci/packages $$([ -n "$$CI" ] || echo --optional) godot3-server
	@if [ -n "$$CI" ]; then ./.ci/packages chromium; command -v node >/dev/null || ./.ci/packages nodejs; command -v tsc >/dev/null || ./.ci/packages node-typescript; fi
