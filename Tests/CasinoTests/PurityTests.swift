import Foundation
import Logging
import NIOPosix
import NightjarTesting
import Store
import Testing

@testable import Bytes
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// An engine is a function of state, parameters and context. Whatever else it asks for is an error with file and line.
@Suite(.serialized, .timeLimit(.minutes(1))) struct PurityTests {
    private static let head = """
        local nightjar = require "nightjar"
        local M = { version = 1, actions = {} }
        function M.init(settings, ctx) return { name = "idle", data = {}, actions = { "x" } } end

        """

    private func server(_ engine: String) async throws -> TestServer {
        var options = ServerOptions.casino()
        options.workers = 1
        options.files["games/probe/manifest.json"] = #"{"id":"probe","settings":{"limits":{"low":1},"list":[3,4]}}"#
        options.files["games/probe/engine.lua"] = engine
        return try await TestServer(options)
    }

    private func call(_ action: String, params: String = "{}") -> GameCall {
        let idle = Array(#"{"id":"82f304a9-8fd6-4c29-a513-e084b8769df9","name":"idle","data":{},"actions":["x"]}"#.utf8)
        return GameCall(
            game: "probe", operation: .action(action, params: Array(params.utf8)), state: idle, stateVersion: 1, site: "s",
            settings: GameSettings(json: Array(#"{"limits":{"low":1},"list":[3,4]}"#.utf8)), credits: 100, now: 1_700_000_000_000)
    }

    /// What an action asks for, and what the error must say besides line 4.
    @Test(arguments: [
        ("nightjar.store.get('x')", "no nightjar.store"), ("nightjar.http.fetch { url = 'http://127.0.0.1/' }", "no nightjar.http"),
        ("nightjar.websocket.connect('x', 'ws://127.0.0.1/', {})", "no nightjar.websocket"), ("nightjar.room('x'):send('y')", "no nightjar.room"),
        ("nightjar.timer.after(1, print)", "no nightjar.timer"), ("nightjar.spawn(print)", "no nightjar.spawn"),
        ("nightjar.sleep(1)", "no nightjar.sleep"), ("nightjar.event.wait('x', 1)", "no nightjar.event"),
        ("nightjar.call('x')", "no nightjar.call"), ("nightjar.publish('x')", "no nightjar.publish"),
        ("nightjar.provide('x', print)", "no nightjar.provide"), ("nightjar.now()", "take ctx.now"),
        ("nightjar.random.integer(1, 6)", "take ctx.random"), ("nightjar.state.set('x', 1)", "no nightjar.state"),
        ("nightjar.crypto.uuid()", "no nightjar.crypto"), ("nightjar.config.get('x')", "take ctx.settings"),
        ("nightjar.metrics.counter('x')", "no nightjar.metrics"), ("nightjar.data('x')", "no nightjar.data"),
        ("print(nightjar.generation)", "no nightjar.generation"), ("print(nightjar.debug)", "no nightjar.debug"),
        ("nightjar.log.listen(print)", "listen"), ("nightjar.kept = 1", "cannot be set"),
        ("os.time()", "take ctx.now"), ("os.clock()", "take ctx.now"), ("os.date('%c')", "take ctx.now"),
        ("math.random(6)", "take ctx.random"), ("math.randomseed(1)", "take ctx.random"), ("collectgarbage('count')", "collectgarbage"),
        ("kept = state", "kept"),
    ])
    func whatIsNotPureRaisesWithItsLine(_ statement: String, _ part: String) async throws {
        let server = try await server(Self.head + "function M.actions.x(state, params, ctx) \(statement) return state end\nreturn M")
        let fault = try #require(try await server.act(call("x")).fault)
        #expect(fault.message.hasPrefix("game probe, action x: "), "\(fault.message)")
        #expect(fault.position?.hasSuffix("games/probe/engine.lua:4") == true, "\(fault.message)")
        #expect(fault.message.contains(part), "\(fault.message)")
        await server.stop()
    }

    @Test(arguments: ["local store = require 'nightjar.store'", "local timer = require('nightjar').timer", "require('nightjar').spawn(function() end)"])
    func whileLoadingTooAndSuchAnEngineDoesNotLoad(_ statement: String) async throws {
        let server = try await server(statement + "\n" + Self.head + "return M")
        #expect(try await server.act(call("x")).fault?.code == "no_such_game")
        let units = await server.host.status()
        let unit = try #require(units.first { $0.unit == .game("probe") })
        let text = unit.error.map { "\($0)" } ?? ""
        #expect(text.contains("engine.lua:1: "), "\(text)")
        #expect(text.contains("an engine has no nightjar."), "\(text)")
        await server.stop()
    }

    /// Settings belong to all players of a site. Whoever writes to them is told where.
    @Test(arguments: [
        "ctx.settings.limits.low = 5", "ctx.settings.list[1] = 9", "ctx.settings.added = true", "table.insert(ctx.settings.list, 9)",
        "rawset(ctx.settings, 'added', 1)", "table.sort(ctx.settings.list, function(a, b) return a > b end)",
        "setmetatable(ctx.settings.limits, {})", "table.remove(ctx.settings.list)", "table.move({ 1 }, 1, 1, 1, ctx.settings.list)",
    ])
    func settingsCannotBeChanged(_ statement: String) async throws {
        let server = try await server(Self.head + """
            function M.actions.x(state, params, ctx) \(statement) return state end
            function M.actions.read(state, params, ctx)
              local names, sum = {}, 0
              for name in pairs(ctx.settings) do names[#names + 1] = name end
              table.sort(names)
              for _, n in ipairs(ctx.settings.list) do sum = sum + n end
              state.data = { names = names, sum = sum, low = ctx.settings.limits.low, count = #ctx.settings.list }
              return state
            end
            return M
            """)
        let fault = try #require(try await server.act(call("x")).fault)
        #expect(fault.position?.hasSuffix("games/probe/engine.lua:4") == true, "\(fault.message)")
        let seen = String(decoding: try await server.act(call("read")).steps.first?.blob ?? [], as: UTF8.self)
        #expect(seen.contains(#""data":{"count":2,"low":1,"names":["limits","list"],"sum":7}"#), "\(seen)")
        await server.stop()
    }

    @Test func whatIsPureIsThere() async throws {
        let server = try await server(Self.head + """
            local json, log = require "nightjar.json", nightjar.log
            function M.actions.x(state, params, ctx)
              log.debug("an action", { n = 1 })
              state.data = { text = json.encode({ a = json.array() }), roll = ctx.random:integer(7, 7), at = ctx.now }
              return state
            end
            return M
            """)
        let outcome = try await server.act(call("x"))
        #expect(outcome.fault == nil)
        let text = String(decoding: outcome.steps.first?.blob ?? [], as: UTF8.self)
        #expect(text.contains(#""data":{"at":1700000000000,"roll":7,"text":"{\"a\":[]}"}"#), "\(text)")
        await server.stop()
    }

    /// What an engine keeps in its variables is noticed while developing, also what it keeps only once.
    @Test(arguments: [
        "count = count + 1 state.data = { n = count }", "first = first or ctx.random:integer(1, 1000000000000) state.data = { n = first }",
        "math.kept = (math.kept or 0) + 1 state.data = { n = math.kept }",
    ])
    func whatAnEngineKeepsBetweenCallsIsTold(_ statement: String) async throws {
        var options = ServerOptions.casino()
        options.workers = 1
        options.files["games/probe/manifest.json"] = #"{"id":"probe"}"#
        options.files["games/probe/engine.lua"] = """
            local M = { version = 1, actions = {} }
            local count, first = 0, nil
            function M.init(settings, ctx) return { name = "idle", data = {}, actions = { "x" } } end
            function M.actions.x(state, params, ctx) \(statement) return state end
            return M
            """
        options.files["Scripts/casino/sites/p.json"] = #"{"id":"p","games":{"probe":{},"joker_bingo":{}}}"#
        let server = try await TestServer(options)
        let player = try server.session("p", site: "p")
        _ = try player.load("probe")
        try player.act("x")
        _ = try player.state()
        try player.act("x")
        // The state of the second action, and what the watch has to say, in whatever order.
        var told: [String: Any]?
        while told == nil {
            let message = try player.receive()
            if message["which"] as? String == "engine" { told = message["message"] as? [String: Any] }
        }
        let text = told?["text"] as? String ?? ""
        #expect(text.hasPrefix("game probe, action x: ") && text.contains("engine.lua:4: ") && text.contains("keeps something between calls"), "\(text)")
        await server.stop()
    }

    /// In production it is one call a second, and the log alone that hears of it.
    @Test func inProductionTheLogSaysWhatAnEngineKeeps() async throws {
        var options = ServerOptions.casino()
        options.workers = 1
        options.debug = false
        options.logLevel = .error
        options.files["games/probe/manifest.json"] = #"{"id":"probe"}"#
        options.files["games/probe/engine.lua"] = """
            local M = { version = 1, actions = {} }
            local seen = { count = 41 }
            function M.init(settings, ctx) seen.count = seen.count + 1 return { name = "idle", data = { n = seen.count }, actions = { "x" } } end
            function M.actions.x(state) seen.count = seen.count + 1 state.data = { n = seen.count } return state end
            return M
            """
        options.files["Scripts/casino/sites/p.json"] = #"{"id":"p","games":{"probe":{},"joker_bingo":{}}}"#
        let clock = ManualClock(now: 1_700_000_000_000)
        options.clock = clock
        let server = try await TestServer(options)
        let player = try server.session("p", site: "p")
        _ = try player.load("probe")
        try player.act("x")
        _ = try player.state()
        clock.advance(1_000)
        try player.act("x")
        _ = try player.state()
        let line = try await eventually("a line about the engine") { server.log.all.first { $0.message.contains("keeps something between calls") } }
        #expect(line.level == .error && line.message.hasPrefix("game probe, action x: ") && line.message.contains("engine.lua:4: "), "\(line)")
        await server.stop()
    }

    @Test func inProductionOneCallASecondIsLookedAt() {
        let watch = PurityWatch(registry: HostRegistry([]), threadPool: .singleton, everyCall: false)
        #expect([0, 0, 999, 1_000, 1_500, 2_000].map { watch.isDue(at: 1_000_000 + $0) } == [true, false, false, true, false, true])
        #expect(watch.isDue(at: 5_000) && !watch.isDue(at: 5_500), "the clock was set back")
        let every = PurityWatch(registry: HostRegistry([]), threadPool: .singleton, everyCall: true)
        #expect(every.isDue(at: 1) && every.isDue(at: 1))
    }

    @Test func cachesAreNoticedByNobody() async throws {
        let registry = HostRegistry(StandardModules(store: MemoryStore()).list() + [EngineModule()])
        var options = ServerOptions.casino()
        options.workers = 1
        let server = try await TestServer(options)
        let settings = GameSettings(json: Array(#"{"cards":4,"numbers":60,"draw":30,"extra_balls":10,"extra_factor":1.25,"min_bet":4,"max_bet":400,"pays":{"line":6}}"#.utf8))
        func call(_ operation: GameCall.Operation, _ state: [UInt8]?) -> GameCall {
            GameCall(game: "joker_bingo", operation: operation, state: state, stateVersion: 1, site: "s", settings: settings, credits: 1_000_000, now: 1)
        }
        var state = try #require(try await server.act(call(.start, nil)).steps.last?.blob)
        for _ in 0..<20 {
            let bet = call(.action("bet", params: Array(#"{"amount":4}"#.utf8)), state)
            let outcome = try await server.act(bet)
            let engine = try #require(outcome.engine)
            let replica = try EngineReplica(engine, game: "joker_bingo", registry: registry)
            var again = bet
            again.replayed = outcome.steps.map { .init(id: $0.id, key: $0.key) }
            #expect(replica.act(again).steps == outcome.steps)
            replica.close()
            state = try #require(outcome.steps.last?.blob)
        }
        await server.stop()
    }

    @Test func anEngineThatWasRunAgainLeavesNothingBehind() async throws {
        var options = ServerOptions.casino()
        options.workers = 1
        let server = try await TestServer(options)
        let start = GameCall(
            game: "joker_bingo", operation: .start, state: nil, stateVersion: 1, site: "s",
            settings: GameSettings(json: Array(#"{"cards":4,"numbers":60,"draw":30,"extra_balls":10}"#.utf8)), credits: 0, now: 1)
        let engine = try #require(try await server.act(start).engine)
        weak var generation: Generation?
        do {
            let replica = try EngineReplica(engine, game: "joker_bingo", registry: HostRegistry(StandardModules(store: MemoryStore()).list() + [EngineModule()]))
            _ = replica.act(start)
            generation = replica.generation
            replica.close()
        }
        #expect(generation == nil, "every call that is looked at would cost some KiB for ever")
        await server.stop()
    }

    @Test func contextAndItsMethodsAreOverWithTheAction() async throws {
        let server = try await server(Self.head + """
            local kept, random
            function M.actions.keep(state, _, ctx) kept, random = ctx, ctx.random return state end
            function M.actions.credit(state) kept:credit(5) return state end
            function M.actions.step(state) kept:step(state) return state end
            function M.actions.settings(state) return kept.settings and state end
            function M.actions.random(state) return kept.random and state end
            function M.can_finish(state) return not random or random:integer(1, 1000) > 500 end
            return M
            """)
        _ = try await server.act(call("keep"))
        for action in ["credit", "step", "settings", "random"] {
            let fault = try #require(try await server.act(call(action)).fault, "\(action)")
            #expect(fault.message.contains("engine.lua:"), "\(fault.message)")
            #expect(fault.reason == "ctx is valid only while an action runs", "\(fault.message)")
        }
        // A kept generator is no source of chance: without an action it gives the same numbers every time.
        let slot = GameSlot(key: GameKey(site: "s", game: "probe"), id: .random(), engineVersion: 1, blob: call("x").state ?? [])
        let answers = try await server.finishable(slot, times: 20)
        #expect(Set(answers).count == 1)
        await server.stop()
    }
}

extension TestServer {
    func finishable(_ slot: GameSlot, times: Int) async throws -> [Bool] {
        try await answer("the engine's answers") { done in
            host.withWorker(0) { worker in
                let runner = GameRunner(worker: worker)
                done((0..<times).map { _ in
                    (try? runner.isFinishable(slot, settings: GameSettings(json: Array("{}".utf8))).get()) ?? false
                })
            }
        }
    }
}
