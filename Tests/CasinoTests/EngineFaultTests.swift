import Foundation
import Logging
import NightjarTesting
import Store
import Testing

@testable import Bytes
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// A mistake of an engine says game, action, file, line and what is wrong.
@Suite(.serialized, .timeLimit(.minutes(1))) struct EngineFaultTests {
    /// Line 5 begins the action.
    private static let head = """
        local M = { version = 1, actions = {} }
        local function idle(data) return { name = "idle", data = data or {}, actions = { "x" } } end
        function M.init() return idle() end


        """

    private func fault(_ action: String, _ rest: String = "") async throws -> GameFault {
        var options = ServerOptions.casino()
        options.workers = 1
        options.files["games/probe/manifest.json"] = #"{"id":"probe"}"#
        options.files["games/probe/engine.lua"] = Self.head + "function M.actions.x(state, params, ctx)\n" + action + "\nend\n" + rest + "\nreturn M"
        let server = try await TestServer(options)
        let idle = Array(#"{"id":"82f304a9-8fd6-4c29-a513-e084b8769df9","name":"idle","data":{},"actions":["x"]}"#.utf8)
        let outcome = try await server.act(GameCall(
            game: "probe", operation: .action("x", params: []), state: idle, stateVersion: 1, site: "s",
            settings: GameSettings(json: Array("{}".utf8)), credits: 100, now: 1_700_000_000_000))
        await server.stop()
        #expect(outcome.steps.isEmpty)
        return try #require(outcome.fault)
    }

    /// Mistakes inside the action, on line 6.
    @Test(arguments: [
        ("error('on purpose')", "runtime", "on purpose"), ("local a = nil; a.b = 1", "runtime", "index"),
        ("ctx:debit(-1)", "bad_amount", "must not be negative, it is -1"), ("ctx:credit(-5)", "bad_amount", "must not be negative, it is -5"),
        ("ctx:debit(1.5)", "bad_amount", "integer expected"), ("ctx:credit(0/0)", "bad_amount", "integer expected"),
        ("ctx:debit(1/0)", "bad_amount", "integer expected"), ("ctx:credit('5')", "bad_amount", "integer expected"),
        ("ctx:debit(2^63)", "bad_amount", "integer expected"), ("ctx:debit()", "bad_amount", "integer expected"),
        ("ctx:debit(1, 'Not A Kind')", "bad_kind", "a-z, 0-9 and _"), ("ctx:debit(1, 'opening')", "bad_kind", "a bet, an extra, or of a kind of the engine's own"),
        ("ctx:debit(1, 'win')", "bad_kind", "no stake of the kind win"), ("pcall(ctx.debit, ctx, 1, 'jackpot') return state", "bad_kind", "a bet, an extra"),
        ("ctx:debit(1, 'refund')", "bad_kind", "a bet, an extra"), ("ctx:debit(1, 'wallet')", "bad_kind", "a bet, an extra"),
        ("ctx:credit(1, 'wallet')", "bad_kind", "a win, a refund"), ("ctx:credit(1, 'opening')", "bad_kind", "a win, a refund"),
        ("ctx.debit(1)", "runtime", "call it with a colon"), ("ctx.credits = 7", "runtime", "cannot set field 'credits'"),
        ("ctx:refund(1)", "runtime", "refund"), ("ctx.balance()", "runtime", "no field 'balance'"),
        ("ctx:credit(math.maxinteger)", "overflow", "too large"),
        ("for _ = 1, 300 do ctx:credit(1) end return state", "too_many_effects", "more than 256"),
        ("for _ = 1, 100 do ctx:step(state) end return state", "too_many_steps", "more than 16 steps"),
        ("ctx:step({ name = 'idle', data = {} }) return state", "bad_state", "actions is missing"),
        ("pcall(ctx.step, ctx, {}) return state", "bad_state", "must be a string"),
        ("ctx:step({ name = 'idle', data = { n = 0/0 }, actions = {'x'} }) return state", "bad_state", "data.n"),
        // What an engine catches has ended its action none the less.
        ("pcall(ctx.credit, ctx, 1.5) return state", "bad_amount", "integer expected"), ("pcall(ctx.credit, ctx, -1) return state", "bad_amount", "negative"),
        ("pcall(ctx.credit, ctx) return state", "bad_amount", "integer expected"), ("pcall(ctx.debit, ctx, 1, 'A') return state", "bad_kind", "a-z"),
        ("pcall(ctx.mark, ctx, 'A B') return state", "bad_mark", "a-z"), ("ctx:mark('max_win') return state", "bad_mark", "server sets"),
        ("pcall(ctx.mode, ctx, 'bonus') return state", "bad_mode", "the settings have no modes"),
        ("for i = 1, 40 do ctx:mark('m' .. i) end return state", "too_many_marks", "more than 16"),
        ("return ctx.credits and state", "not_declared", "reads"), ("pcall(function() return ctx.credits end) return state", "not_declared", "reads"),
        ("ctx:step(nil)", "bad_state", "must be a table"), ("pcall(ctx.mark, ctx, 42) return state", "bad_mark", "a-z"),
        ("local t = {} t[1] = t pcall(ctx.step, ctx, t) return state", "bad_state", "value[1]"),
        ("ctx:step(idle(setmetatable({}, {}))) return state", "bad_state", "data has a metatable"), ("while true do end", "timeout", "took longer than"),
    ])
    func mistakeInsideAnActionIsNamedWithItsLine(_ action: String, _ code: String, _ part: String) async throws {
        let fault = try await fault(action)
        #expect(fault.code == code, "\(fault.message)")
        #expect(fault.message.hasPrefix("game probe, action x: "), "\(fault.message)")
        #expect(fault.position?.hasSuffix("games/probe/engine.lua:6") == true, "\(fault.message)")
        #expect(fault.reason.contains(part), "\(fault.message)")
    }

    /// A number that nothing can hold is the player's doing, not the engine's.
    @Test func parametersThatCannotBeReadAreTheirSendersMistake() async throws {
        var options = ServerOptions.casino()
        options.logLevel = .error
        let server = try await TestServer(options)
        let session = try server.session("ann")
        _ = try session.load("joker_bingo")
        try session.act("bet", #"{"amount":1e999}"#)
        #expect(try session.error() == "bad_params")
        // The same in what the package casino is asked about: data, and who somebody is.
        try session.send(#"{"t":"component","which":"userdata","message":{"what":"set","values":{"a":1e999}}}"#)
        #expect(try session.error() == "component_error")
        let other = try server.session()
        try other.send(#"{"auth":{"uid":"bob","token":"","userinfo":{"a":1e999}},"platform":"demo","site":"demo"}"#)
        #expect(try other.error() == "bad_message")
        try other.start("bob")
        #expect(server.log.all.isEmpty && server.scriptErrors.isEmpty, "\(server.log.all) \(server.scriptErrors)")
        await server.stop()
    }

    /// Then it is not the player's, whose parameters are as they should be; it is in the log.
    @Test func aStoredStateThatCannotBeReadIsAFault() async throws {
        var options = ServerOptions.casino()
        options.workers = 1
        options.files["games/probe/manifest.json"] = #"{"id":"probe"}"#
        options.files["games/probe/engine.lua"] = Self.head + "function M.actions.x(state) return state end function M.timeout(state) return state end return M"
        let server = try await TestServer(options)
        let state = Array(#"{"id":"82f304a9-8fd6-4c29-a513-e084b8769df9","name":"idle","data":{"n":1e999},"actions":["x"]}"#.utf8)
        func outcome(_ operation: GameCall.Operation) async throws -> ActionOutcome {
            try await server.act(GameCall(
                game: "probe", operation: operation, state: state, stateVersion: 1, site: "s",
                settings: GameSettings(json: Array("{}".utf8)), credits: 100, now: 1_700_000_000_000))
        }
        let operations: [GameCall.Operation] = [.action("x", params: []), .action("x", params: Array(#"{"amount":1}"#.utf8)), .timeout]
        for operation in operations {
            let played = try await outcome(operation)
            #expect(played.refusal == nil && played.fault?.code == "unreadable_state", "\(played)")
            #expect(played.fault?.message.contains("\(operation.label): the state as it is stored cannot be read") == true, "\(played)")
        }
        // If neither can be read he can mend his own.
        let both = try await outcome(.action("x", params: Array(#"{"amount":1e999}"#.utf8)))
        #expect(both.refusal?.code == .badParams && both.fault == nil)
        await server.stop()
    }

    /// One write brings many actions that fail after some milliseconds each: whoever asks meanwhile does not wait for all of them.
    @Test func actionsThatFailSlowlyLetOthersIn() async throws {
        var options = ServerOptions.casino()
        options.workers = 1
        options.logLevel = .error
        options.files["games/probe/manifest.json"] = #"{"id":"probe"}"#
        options.files["games/probe/engine.lua"] = Self.head + """
            function M.actions.x()
              local sum = 0
              for i = 1, 300000 do sum = sum + i end
              error("after a while")
            end
            return M
            """
        options.files["Scripts/casino/sites/slow.json"] = #"{"id":"slow","initial_credits":100,"games":{"probe":{}}}"#
        let server = try await TestServer(options)
        let session = try server.session("ann", site: "slow")
        _ = try session.load("probe")
        let count = 400
        try session.send((0..<count).map { _ in #"{"t":"action","action":"x","params":{},"sid":"\#(session.sid)"}"# })
        // The server is at it.
        while try session.receive()["t"] as? String != "error" {}
        #expect(try await server.request("GET", "/game/probe/manifest.json").status == 200)
        let failed = server.log.all.filter { $0.description.contains("after a while") }.count
        #expect(failed > 0 && failed < count, "\(failed)")
        await server.stop()
    }

    /// What an action returns is wrong: the line is the one where the action begins.
    @Test(arguments: [
        ("return idle({ n = 0/0 })", "", "data.n"), ("return idle({ n = 1/0 })", "", "data.n"), ("return idle({ f = print })", "", "data.f"),
        ("local t = {} t.t = t return idle(t)", "", "data.t"), ("return idle({ a = { setmetatable({ 1 }, {}) } })", "", "data.a[1] has a metatable"),
        ("return setmetatable(idle(), { __index = state })", "", "value has a metatable"),
        ("local s = idle() s.private = setmetatable({}, {}) return s", "", "private has a metatable"), ("return 5", "bad_state", "must be a table"),
        ("return {}", "bad_state", "name must be a string"), ("return { name = 'a' }", "bad_state", "data must be a table"),
        ("return { name = 'a', data = { 1 } , actions = {'x'} }", "bad_state", "data must be a table with named fields"),
        ("return { name = 'a', data = {} }", "bad_state", "actions is missing"),
        ("return { name = 'a', data = {}, actions = {} }", "bad_state", "json.array()"),
        ("return { name = 'a', data = {}, actions = { 1 } }", "bad_state", "list of at most"),
        ("return { name = 'a', data = {}, actions = {'x'}, id = 'mine' }", "bad_state", "must not have a field id"),
        ("return idle({ s = ('x'):rep(300000) })", "bad_state", "larger than"),
        ("return", "bad_refusal", "returns nil: it must return a state"), ("return nil, 'no_such_code'", "bad_refusal", "nil and \"no_such_code\""),
        ("return nil, 5", "bad_refusal", "bad_params, action_not_allowed, insufficient_funds"),
    ])
    func mistakeInWhatAnActionReturnsIsNamedWithTheAction(_ action: String, _ code: String, _ part: String) async throws {
        let fault = try await fault(action)
        if !code.isEmpty { #expect(fault.code == code, "\(fault.message)") }
        #expect(fault.message.hasPrefix("game probe, action x: "), "\(fault.message)")
        #expect(fault.position?.hasSuffix("games/probe/engine.lua:5") == true, "\(fault.message)")
        #expect(fault.reason.contains(part), "\(fault.message)")
    }

    @Test func mistakeInCanFinishIsThatOfTheAction() async throws {
        let fault = try await fault("return idle()", "function M.can_finish(state) return state.data.a.b end")
        #expect(fault.message.hasPrefix("game probe, action x: "), "\(fault.message)")
        #expect(fault.position?.hasSuffix("games/probe/engine.lua:8") == true, "\(fault.message)")
    }

    @Test(arguments: [("error('no way')", ":5", "no way"), ("return nil", ":5", "must return the new state"), ("return { name = 1 }", ":5", "name must be a string")])
    func mistakeInAMigrationIsNamedToo(_ body: String, _ line: String, _ part: String) async throws {
        var options = ServerOptions.casino()
        options.workers = 1
        options.files["games/probe/manifest.json"] = #"{"id":"probe"}"#
        options.files["games/probe/engine.lua"] = Self.head + "function M.migrate() \(body) end\nM.version = 3\nreturn M"
        let server = try await TestServer(options)
        let blob = Array(#"{"id":"82f304a9-8fd6-4c29-a513-e084b8769df9","name":"idle","data":{},"actions":[]}"#.utf8)
        let slot = GameSlot(key: GameKey(site: "s", game: "probe"), id: .random(), engineVersion: 2, blob: blob)
        let result: Result<MigratedState?, GameFault> = try await answer("the migrated state") { done in
            server.host.withWorker(0) { done(GameRunner(worker: $0).migrated(slot, settings: GameSettings(json: Array("{}".utf8)))) }
        }
        await server.stop()
        guard case .failure(let fault) = result else {
            Issue.record("migrated")
            return
        }
        #expect(fault.message.hasPrefix("game probe, migrate from version 2: "), "\(fault.message)")
        #expect(fault.position?.hasSuffix("games/probe/engine.lua\(line)") == true, "\(fault.message)")
        #expect(fault.reason.contains(part), "\(fault.message)")
    }
}
