import LuaRuntime
import Testing

@Suite struct CallTests {
    @Test func argumentsOfEveryKindArriveAndResultsComeBack() throws {
        let t = try TestState()
        let ref = try t.state.make { (a: inout LuaArguments) in a.string("kept") }
        let results = try t.run("local a = {...} return a[1], a[2], a[3], a[4], a[5].x[2], a[6], a[7].id, select('#', ...)") { a in
            a.integer(Int64.min)
            a.boolean(true)
            a.number(1.5)
            a.string("text")
            a.json(Array(#"{"x":[1,9007199254740993]}"#.utf8))
            a.ref(ref)
            a.object(connectionType, 77)
            a.nil()
        }
        #expect(results == ["\(Int64.min)", "true", "1.5", "text", "9007199254740993", "kept", "77", "8"])
    }

    @Test func borrowedBytesArriveUntouched() throws {
        let t = try TestState()
        let bytes: [UInt8] = [0, 255, 10, 0]
        let results = try bytes.withUnsafeBytes { raw in try t.run("return #..., (...):byte(2)") { $0.bytes(raw) } }
        #expect(results == ["4", "255"])
    }

    @Test func nineArgumentsAreRefused() throws {
        let t = try TestState()
        let error = try t.failure("return") { a in for i in 0..<9 { a.integer(i) } }
        #expect(error.message.contains("more values"))
    }

    @Test func runtimeErrorsCarryChunkLineAndTraceback() throws {
        let t = try TestState()
        let error = try t.failure("\nlocal function inner() local x = nil; return x.y end\ninner()")
        #expect(error.kind == .runtime)
        #expect(error.code == "runtime")
        #expect(error.chunk == "test.lua")
        #expect(error.line == 2)
        #expect(error.message == "attempt to index a nil value (local 'x')")
        #expect(error.traceback?.contains("test.lua:2: in upvalue 'inner'") == true || error.traceback?.contains("'inner'") == true)
        #expect(error.traceback?.contains("test.lua:3") == true)
    }

    @Test func errorLevelsMoveThePosition() throws {
        let t = try TestState()
        let error = try t.failure("\nlocal function check(x) error('bad ' .. x, 2) end\n\ncheck('luck')")
        #expect(error.line == 4)
        #expect(error.message == "bad luck")
    }

    @Test func syntaxErrorsCarryChunkAndLine() throws {
        let t = try TestState()
        do {
            _ = try t.state.load("local x = 1\nlocal = 2\n", chunk: "folder/file.lua")
            Issue.record("compiled")
        } catch {
            #expect(error.kind == .syntax)
            #expect(error.code == "syntax")
            #expect(error.chunk == "folder/file.lua")
            #expect(error.line == 2)
            #expect(error.message.hasPrefix("<name> expected"))
        }
    }

    @Test func errorTablesGiveTheirCodeAndMessage() throws {
        let t = try TestState()
        let error = try t.failure("error({code = 'no_money', message = 'not enough credits'})")
        #expect(error.code == "no_money")
        #expect(error.message == "not enough credits")
        #expect(error.line == 1)
    }

    @Test(arguments: [("error()", "nil"), ("error(nil)", "nil"), ("error(12)", "12"), ("error(print)", "function")])
    func errorsOfAnyTypeAreReported(source: String, part: String) throws {
        let error = try TestState().failure(source)
        #expect(error.message.contains(part))
    }

    @Test func binaryChunksAreRefused() throws {
        let t = try TestState()
        #expect(throws: ScriptError.self) { try t.state.load("\u{1b}Lua", chunk: "binary") }
    }

    @Test func invalidJSONArgumentsAreNamed() throws {
        let error = try TestState().failure("return") { $0.json(Array("{".utf8)) }
        #expect(error.kind == .argument)
        #expect(error.code == "unreadable_json")
    }

    @Test func aClosedStateIsClosedOnce() throws {
        let t = try TestState()
        t.state.close()
        t.state.close()
        #expect(t.state.isClosed)
    }

    @Test func referencesReachFieldsOfTables() throws {
        let t = try TestState()
        let module = try t.state.call(t.load("return {on_ready = function() return 5 end, n = 3}")) { r throws(ScriptError) in r.ref(0)! }
        let ready = try #require(t.state.reference(field: "on_ready", of: module))
        #expect(t.state.kind(ready) == .function)
        #expect(t.state.reference(field: "absent", of: module) == nil)
        #expect(try t.state.call(ready) { r throws(ScriptError) in r.integer(0) } == 5)
        try t.state.setField("n", of: module) { $0.integer(4) }
        #expect(try t.state.encodeJSON(t.state.reference(field: "n", of: module)!) == Array("4".utf8))
    }

    @Test func constantsOfTheAPICanBeDefined() throws {
        let t = try TestState()
        try t.state.define("generation") { $0.integer(12) }
        try t.state.define("limit", module: "http") { $0.integer(3) }
        #expect(try t.run("return nightjar.generation, nightjar.http.limit") == ["12", "3"])
    }

    @Test func aMillionFailingCallbacksRunInConstantMemory() throws {
        let t = try TestState()
        let function = try t.load("nightjar.add('x')")
        let round = { (count: Int) in
            for _ in 0..<count {
                guard case .failed = t.state.start(function, { _ in }) else { return false }
            }
            return true
        }
        #expect(round(1_000))
        t.state.collect(full: true)
        let before = t.state.memoryBytes
        #expect(round(1_000_000))
        t.state.collect(full: true)
        #expect(t.state.memoryBytes <= before + 1_024)
    }
}
