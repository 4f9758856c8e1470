import LuaRuntime
import Testing

/// Tables that scripts can read and not write.
@Suite struct ReadOnlyTests {
    private static let settings = #"{"max_bet": 50, "pays": [{"name": "line", "pay": 4}, {"name": "full", "pay": 100}], "numbers": [3, 1, 2], "open": true, "none": null, "empty": []}"#

    private func run(_ source: String) throws -> [String] {
        let t = try TestState()
        let table = try t.state.decodeJSON(Array(Self.settings.utf8), readOnly: true)
        return try t.run(source) { $0.ref(table) }
    }

    private func failure(_ source: String) throws -> ScriptError {
        let t = try TestState()
        let table = try t.state.decodeJSON(Array(Self.settings.utf8), readOnly: true)
        return try t.failure(source) { $0.ref(table) }
    }

    @Test func theyReadLikeAnyTable() throws {
        #expect(try run("local s = ... return s.max_bet, s.pays[2].pay, #s.pays, #s.numbers, s.nothing, type(s), s.none == nightjar.json.null")
            == ["50", "100", "2", "3", "nil", "table", "true"])
        #expect(try run("""
            local s, n, sum, names = ..., 0, 0, ""
            for key, value in pairs(s) do n = n + 1 assert(s[key] == value) end
            for i, pay in ipairs(s.pays) do names = names .. i .. pay.name end
            for key, value in next, s.numbers do sum = sum + key * value end
            return n, names, sum, next(s.empty), next(s.numbers), rawlen(s.numbers), rawget(s, "max_bet"), rawequal(s, s)
            """) == ["6", "1line2full", "11", "nil", "1", "3", "50", "true"])
        #expect(try run("""
            local s = ...
            local copy = table.move(s.numbers, 1, 3, 1, {})
            table.sort(copy)
            return table.concat(s.numbers, ","), table.concat(copy, ","), select("#", table.unpack(s.numbers)), s.pays == s.pays
            """) == ["3,1,2", "1,2,3", "3", "true"])
        #expect(try run("""
            local s = ...
            local again = nightjar.json.decode(nightjar.json.encode(s))
            return again.pays[2].name, #again.numbers, nightjar.json.encode(s.empty), nightjar.random.pick(s.pays).pay ~= nil
            """) == ["full", "3", "[]", "true"])
    }

    @Test(arguments: [
        ("s.max_bet = 1", "max_bet"), ("s.other = 1", "other"), ("s.pays[1].pay = 0", "pay"), ("s.numbers[4] = 9", "4"),
        ("s.pays[2] = nil", "2"), ("rawset(s, 'max_bet', 2)", "max_bet"), ("table.insert(s.numbers, 1)", "4"),
        ("table.remove(s.numbers)", "3"), ("table.sort(s.numbers)", "2"), ("table.move({7}, 1, 1, 1, s.numbers)", "1"),
        ("for k, v in pairs(s) do if k == 'pays' then v[1] = 0 end end", "1"), ("select(2, next(s.pays)).name = 'x'", "name"),
        ("ipairs(s.pays)(s.pays, 0) local _, p = ipairs(s.pays)(s.pays, 0) p.pay = 1", "pay"), ("s[true] = 1", nil),
    ] as [(String, String?)])
    func noWayOfWritingWorks(statement: String, key: String?) throws {
        let error = try failure("local s = ...\n\(statement)")
        #expect(error.message == (key.map { "settings are read-only: cannot set '\($0)'" } ?? "settings are read-only"))
        #expect(error.line == 2 && error.chunk == "test.lua")
    }

    @Test func theContentCannotBeReached() throws {
        #expect(try failure("setmetatable((...), nil)").message == "cannot change a protected metatable")
        #expect(try failure("setmetatable((...), {})").message == "cannot change a protected metatable")
        #expect(try failure("nightjar.json.array((...).numbers)").message.contains("table has a metatable"))
        #expect(try failure("nightjar.random.shuffle((...).numbers)").message.contains("settings are read-only"))
        #expect(try run("local f, state, key = pairs((...)) return getmetatable((...)), rawequal(state, (...)), key") == ["false", "true", "nil"])
        // Whoever derives from it writes into his own table.
        #expect(try run("local t = setmetatable({}, {__index = (...)}) t.max_bet = 1 return t.max_bet, (...).max_bet") == ["1", "50"])
    }

    @Test func theHostReadsThemInPlace() throws {
        let t = try TestState()
        let table = try t.state.decodeJSON(Array(#"{"name": "x", "list": [4, 5], "headers": {"a": "b"}}"#.utf8), readOnly: true)
        try t.run("nightjar.options(...)") { $0.ref(table) }
        #expect(t.recorder.texts == ["name=x", "list=4", "list=5", "a:b"])
        #expect(try t.run("return nightjar.encode(...)") { $0.ref(table) } == [#"{"headers":{"a":"b"},"list":[4,5],"name":"x"}"#])
        #expect(try String(decoding: t.state.encodeJSON(t.state.reference(field: "list", of: table)!), as: UTF8.self) == "[4,5]")
        let again = try t.state.decodePlain(t.state.encodePlain(table))
        #expect(try t.run("local s = ... s.name = 'mine' return s.name, #s.list") { $0.ref(again) } == ["mine", "2"])
    }
}
