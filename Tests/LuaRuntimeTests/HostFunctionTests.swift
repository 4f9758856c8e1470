import LuaRuntime
import Testing

@Suite struct HostFunctionTests {
    @Test func argumentsAndResultsPass() throws {
        #expect(try TestState().run("return nightjar.add(1, 2), nightjar.add(5)") == ["3", "105"])
    }

    @Test func failuresAreNilCodeAndDetail() throws {
        #expect(try TestState().run("return nightjar.fail()") == ["nil", "not_today", "the host has no time"])
    }

    @Test func raisedMessagesHaveThePositionOfTheCall() throws {
        let error = try TestState().failure("\n\nnightjar.boom()")
        #expect(error.line == 3)
        #expect(error.message == "this is no way to call boom")
    }

    @Test(arguments: [
        ("nightjar.add()", "bad argument #1 to 'add' (integer expected, got no value)"),
        ("nightjar.add('1')", "bad argument #1 to 'add' (integer expected, got string)"),
        ("nightjar.add(1.5)", "bad argument #1 to 'add' (integer expected, got 1.5)"),
        ("nightjar.add(1, {})", "bad argument #2 to 'add' (integer expected, got table)"),
        ("nightjar.http.get('/', 1)", "bad argument #2 to 'http.get' (function expected, got number)"),
        ("nightjar.union(true)", "bad argument #1 to 'union' (string, function or connection expected, got boolean)"),
        ("nightjar.union(nightjar.ticket(1))", "bad argument #1 to 'union' (string, function or connection expected, got ticket)"),
        ("(...).send('x')", "bad self of 'connection:send' (connection expected, got string; call it with a colon)"),
        ("(...):send(nil)", "bad argument #1 to 'connection:send' (string expected, got nil)"),
        ("(...).nothing()", "connection has no field 'nothing'"),
        ("local c = ...; c.id = 5", "cannot set field 'id' of connection; what belongs to it goes into 'data'"),
    ])
    func wrongTypesAreNamed(source: String, message: String) throws {
        let error = try TestState().failure(source) { $0.object(connectionType, 9) }
        #expect(error.message == message)
        #expect(error.line == 1)
    }

    @Test func integersMayBeFloatsWithoutFraction() throws {
        #expect(try TestState().run("return nightjar.add(1.0, 2.0)") == ["3"])
    }

    @Test func optionTablesAreReadWithoutRunningTheScript() throws {
        let t = try TestState()
        try t.run("""
            local trap = setmetatable({}, {__index = function() error('run') end})
            nightjar.options({name = 'x', list = {4, 5}, headers = {A = 'b'}})
            nightjar.options(trap)
            """)
        #expect(t.recorder.texts == ["name=x", "list=4", "list=5", "A:b"])
    }

    @Test func functionsCanBeKept() throws {
        let t = try TestState()
        try t.run("nightjar.http.get('/', function(x) return x + 1 end)")
        let ref = try #require(t.recorder.refs.first)
        #expect(try t.state.call(ref, { $0.integer(4) }) { r throws(ScriptError) in r.integer(0) } == 5)
        t.state.release(ref)
    }

    @Test func methodsSendBytes() throws {
        let t = try TestState()
        try t.run("local conn, text = ...; conn:send(text)") { a in
            a.object(connectionType, 3)
            a.string("hello")
        }
        #expect(t.recorder.sent == Array("hello".utf8))
    }

    @Test func objectsWithDataAreOneValuePerHandle() throws {
        let t = try TestState()
        try t.run("local c = ...; c.data = {seen = 1}") { $0.object(connectionType, 5) }
        #expect(try t.run("local c, d, e = ...; return c.data.seen, c == d, c == e, e.data, rawequal(c, d)") { a in
            a.object(connectionType, 5)
            a.object(connectionType, 5)
            a.object(connectionType, 6)
        } == ["1", "true", "false", "nil", "true"])
    }

    @Test func objectsWithoutDataAreEqualByHandle() throws {
        #expect(try TestState().run("""
            local t = nightjar.ticket
            return t(1) == t(1), t(1) == t(2), t(7):number(), tostring(t(3))
            """) == ["true", "false", "7", "ticket 3"])
    }

    @Test func droppedObjectsLoseTheirData() throws {
        let t = try TestState()
        let keep = try t.load("kept = ...; return kept", chunk: "keep.lua")
        _ = keep
        try t.run("local c = ...; c.data = 'x'; rawset(_G, 'kept', c)") { $0.object(connectionType, 5) }
        t.state.dropObject(connectionType, 5)
        t.state.dropObject(connectionType, 5)
        #expect(try t.run("local c = ...; return c.data, kept.data, rawequal(c, kept)") { $0.object(connectionType, 5) }
            == ["nil", "nil", "false"])
    }

    @Test func dataTravelsAsPlainBytes() throws {
        let a = try TestState(), b = try TestState()
        try a.run("(...).data = {name = 'x', list = {1, 2.5, false}}") { $0.object(connectionType, 5) }
        let bytes = try a.state.plainData(of: connectionType, 5)
        try b.state.setPlainData(of: connectionType, 8, bytes)
        #expect(try b.run("local d = (...).data return d.name, d.list[2], d.list[3]") { $0.object(connectionType, 8) }
            == ["x", "2.5", "false"])
        #expect(try a.state.plainData(of: connectionType, 999).isEmpty)
        try b.state.setPlainData(of: connectionType, 8, [])
        #expect(try b.run("return (...).data") { $0.object(connectionType, 8) } == ["nil"])
    }

    @Test func dataThatIsNoPlainDataIsNamedByItsPath() throws {
        let t = try TestState()
        try t.run("(...).data = {game = {callback = print}}") { $0.object(connectionType, 5) }
        #expect { try t.state.plainData(of: connectionType, 5) } throws: { error in
            (error as? ScriptError)?.code == "invalid_plain" && (error as? ScriptError)?.message.contains("game.callback") == true
        }
    }

    @Test func valuesBecomeJSON() throws {
        let t = try TestState()
        #expect(try t.run("return nightjar.encode({b = {1, 2}, a = 'x'})") == [#"{"a":"x","b":[1,2]}"#])
        #expect(try t.run("return nightjar.encode({f = print})")[1] == "invalid_json")
    }

    @Test func printGoesToTheHost() throws {
        let t = try TestState()
        try t.run("print('a', 1, nil, true)")
        #expect(t.recorder.texts == ["a\t1\tnil\ttrue"])
    }

    @Test func theCallerIsKnown() throws {
        #expect(try TestState().run("\nreturn nightjar.caller()") == ["test.lua@2"])
    }

    @Test func randomObjectsObeyTheirKey() throws {
        let t = try TestState()
        let random = try t.state.makeRandom()
        let key = [UInt8](repeating: 7, count: 32)
        let draw = try t.load("local rng = ... return rng:integer(1, 1000000), rng:integer(1, 1000000)")
        var seen: Set<[String]> = []
        for _ in 0..<2 {
            key.withUnsafeBytes { t.state.seedRandom(random, key: $0) }
            seen.insert(try t.state.call(draw, { $0.ref(random) }) { r throws(ScriptError) in texts(r) })
            #expect(t.state.randomDraws(random) >= 2)
        }
        #expect(seen.count == 1)
    }
}
