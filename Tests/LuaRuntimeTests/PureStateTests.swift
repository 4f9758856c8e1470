import LuaRuntime
import Testing

/// States of game engines: nothing in them differs from one run to the next.
@Suite struct PureStateTests {
    private static let table = HostTable(functions: [
        HostFunction(module: "clock", "read") { _ in .none },
        HostFunction(module: "text", "size", [HostParameter("text", .string)], isPure: true) { call in
            call.returnInteger(call.length(0))
            return .values
        },
        HostFunction(module: "log", "print", [HostParameter("text", .string)], isPure: true) { _ in .none },
    ])

    private func outcome(_ source: String) throws -> ScriptError? {
        let state = try LuaState(name: "engine", owner: nil, functions: Self.table, isPure: true) { _ in
            .failure(ScriptError(kind: .notFound, code: "not_found", message: "no modules here"))
        }
        let function = try state.load("local nightjar = require 'nightjar'\n" + source, chunk: "engine.lua")
        guard case .failed(let error) = state.start(function, { _ in }) else { return nil }
        return error
    }

    @Test(arguments: [
        ("os.time()", "'os.time' is not available in a game's engine: take ctx.now"),
        ("os.clock()", "'os.clock' is not available in a game's engine: take ctx.now"),
        ("os.date('%c')", "'os.date' is not available in a game's engine: take ctx.now"),
        ("local r = math.random(6)", "'math.random' is not available in a game's engine: take ctx.random"),
        ("math.randomseed(1)", "'math.randomseed' is not available in a game's engine: take ctx.random"),
        ("nightjar.random.integer(1, 6)", "'random.integer' is not available in a game's engine: take ctx.random"),
        ("nightjar.random:shuffle({1, 2})", "'random.shuffle' is not available in a game's engine: take ctx.random"),
        ("nightjar.state.set('x', 1)", "'state.set' is not available in a game's engine: return the new state instead"),
        ("collectgarbage('count')", "'collectgarbage' is not available in a game's engine: memory differs from run to run"),
        ("nightjar.clock.read()", "'clock.read' is not available in a game's engine"),
    ])
    func whatIsNotPureRaisesWithTheLine(statement: String, message: String) throws {
        let error = try #require(try outcome(statement))
        #expect(error.message == message && error.line == 2 && error.chunk == "engine.lua")
    }

    @Test func theRestIsThere() throws {
        #expect(try outcome("""
            assert(math.floor(2.5) == 2 and os.difftime(3, 1) == 2 and nightjar.text.size('abc') == 3)
            assert(nightjar.json.encode({1}) == '[1]' and coroutine.wrap(function() return 7 end)() == 7)
            print('hello')
            """) == nil)
    }
}
