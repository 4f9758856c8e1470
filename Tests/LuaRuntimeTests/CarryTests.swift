import LuaRuntime
import Testing

/// What a reload carries, and what it says about the rest.
@Suite struct CarryTests {
    @Test func aStoredValueThatIsNoPlainDataIsRefusedAtOnceWithPathAndLine() throws {
        let t = try TestState()
        let error = try t.failure("""

            nightjar.state.set("players", {{}, {}, {on_hit = print}})
            """)
        #expect(error.code == "invalid_plain" && error.line == 2)
        #expect(error.message == "state.players[3].on_hit is a function; what is kept in nightjar.state must be plain data")
        #expect(try t.run("return nightjar.state.get('players')") == ["nil"])
        #expect(try t.failure("nightjar.state.set('f', print)").message.hasPrefix("state.f is a function;"))
        #expect(try t.failure("local a = {} a.a = a nightjar.state.set('a b', a)").message
            .hasPrefix("state[\"a b\"].a is a table that contains itself;"))
        #expect(try t.failure("nightjar.state.set('c', (...))") { $0.object(connectionType, 1) }.message.hasPrefix("state.c is a userdata;"))
    }

    @Test func whatIsNotPlainIsLeftOutAndListed() throws {
        let a = try TestState(), b = try TestState()
        let store = try a.load("""
            local shared, class = {1}, setmetatable({}, {})
            local state = {players = {{name = "ann"}, {name = "bob"}, {name = "cy"}}, nan = 0/0, list = {10, 20, 30, 40}}
            nightjar.state.set("a", state)
            nightjar.state.set("n", 1)
            state.players[3].on_hit = print
            state.players[2].thread = coroutine.create(print)
            state.self = state
            state.first, state.second = nil, {shared, shared}
            state.class = class
            state[shared] = 1
            state.list[2] = print
            state.conn = ...
            """, chunk: "lobby.lua")
        try a.state.call(store, { $0.object(connectionType, 1) })
        let carried = a.state.carriedStateTable()
        var kinds: [String: PlainOffence.Kind] = [:]
        for offence in carried.offences {
            kinds[offence.path] = offence.kind
            #expect(offence.place == "lobby.lua:3")
        }
        #expect(kinds == [
            "state.a.players[3].on_hit": .function, "state.a.players[2].thread": .coroutine, "state.a.self": .cycle,
            "state.a.second[2]": .shared, "state.a.class": .metatable, "state.a": .key, "state.a.list[2]": .function,
            "state.a.conn": .userdata,
        ])
        #expect(carried.omitted == 8)
        #expect(carried.offences.contains { $0.description == "state.a.players[3].on_hit is a function (stored at lobby.lua:3)" })
        try b.state.setStateTable(carried.bytes)
        #expect(try b.run("""
            local a = nightjar.state.get("a")
            return nightjar.state.get("n"), #a.players, a.players[3].name, a.players[3].on_hit, a.list[1], a.list[2], a.list[4],
              a.second[1][1], a.nan ~= a.nan
            """) == ["1", "3", "cy", "nil", "10", "nil", "40", "1", "true"])
        // What was carried is plain data from now on.
        #expect(b.state.carriedStateTable().offences.isEmpty)
    }

    @Test func theLineIsThatOfTheLastStoreOrOfTheFirstFetchAfterAReload() throws {
        let a = try TestState(), b = try TestState()
        try a.run("\nnightjar.state.set('x', {})\nnightjar.state.set('x', {})")
        try a.run("nightjar.state.get('x').f = print")
        #expect(a.state.carriedStateTable().offences.map(\.place) == ["test.lua:3"])
        try b.state.setStateTable(a.state.carriedStateTable().bytes)
        try b.run("\n\n\n\nlocal x = nightjar.state.get('x') x.g = print")
        #expect(b.state.carriedStateTable().offences.map(\.description) == ["state.x.g is a function (stored at test.lua:5)"])
    }

    @Test func aTopLevelEntryThatDoesNotFitIsLeftOutWholeAndTheOthersAreCarried() throws {
        var limits = LuaLimits()
        limits.plainBytes = 10_000
        let a = try TestState(limits), b = try TestState()
        try a.run("""
            local big = {}
            nightjar.state.set('before', {'b'}) nightjar.state.set('big', big) nightjar.state.set('after', {'a'})
            for i = 1, 100 do big[i] = {('x'):rep(1000)} end
            nightjar.state.get('after')[2] = big[1]
            """)
        let carried = a.state.carriedStateTable()
        #expect(carried.offences.contains { $0.path == "state.big" && $0.kind == .tooLarge })
        #expect(carried.offences.allSatisfy { $0.kind == .tooLarge || $0.kind == .shared })
        try b.state.setStateTable(carried.bytes)
        // The table that both had goes with the one that fits, unless it was met too late to be carried twice.
        #expect(try b.run("local s = nightjar.state return s.get('before')[1], s.get('after')[1], s.get('after')[2] and #s.get('after')[2][1], s.get('big')")
            == ["b", "a", "1000", "nil"])
    }

    @Test func thirtyTwoOffencesAreDescribedAndAllAreCounted() throws {
        let t = try TestState()
        try t.run("local all = {} nightjar.state.set('all', all) for i = 1, 100 do all[i] = print end")
        let carried = t.state.carriedStateTable()
        #expect(carried.offences.count == 32 && carried.omitted == 100)
    }

    @Test func nestingWithoutEndIsCutWhereItIsTooDeep() throws {
        var limits = LuaLimits()
        limits.depth = 8
        let t = try TestState(limits)
        try t.run("local d = {} nightjar.state.set('d', d) for i = 1, 50 do d.x = {} d = d.x end")
        let carried = t.state.carriedStateTable()
        #expect(carried.offences.map(\.path) == ["state.d.x.x.x.x.x.x.x"] && carried.offences.first?.kind == .tooDeep)
        try t.state.setStateTable(carried.bytes)
        #expect(try t.run("return nightjar.state.get('d').x.x.x.x.x.x.x") == ["nil"])
    }

    @Test func dataOfAnObjectIsCarriedTheSameWay() throws {
        let a = try TestState(), b = try TestState()
        try a.run("local c = ...\nc.data = {name = 'x', f = print}") { $0.object(connectionType, 5) }
        let carried = a.state.carriedData(of: connectionType, 5)
        #expect(carried.offences == [PlainOffence(path: "conn.data.f", kind: .function, reason: "is a function", place: "test.lua:2")])
        try b.state.setPlainData(of: connectionType, 8, carried.bytes)
        #expect(try b.run("local c = ... return c.data.name, c.data.f") { $0.object(connectionType, 8) } == ["x", "nil"])
        try a.run("(...).data = print") { $0.object(connectionType, 5) }
        let nothing = a.state.carriedData(of: connectionType, 5)
        #expect(nothing.bytes.isEmpty && nothing.offences.map(\.path) == ["conn.data"] && nothing.offences.first?.place == "test.lua:1")
        #expect(a.state.carriedData(of: connectionType, 99) == CarriedPlain(bytes: []))
        try b.state.setStateTable([])
        #expect(try b.run("return next(nightjar.state.all())") == ["nil"])
    }
}
