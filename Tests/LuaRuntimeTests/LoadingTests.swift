import LuaRuntime
import Testing

@Suite struct LoadingTests {
    @Test func modulesAreLoadedOnceAndCached() throws {
        let t = try TestState(loading: true, modules: ["a": "nightjarLoads = nil return {}", "b": "local n = require('nightjar') n.note('b') return {x = 1}"])
        #expect(try t.run("return require('b').x, require('b') == require('b')") == ["1", "true"])
        #expect(t.recorder.texts == ["b"])
    }

    @Test func afterLoadingOnlyCachedModulesAreFound() throws {
        let t = try TestState(loading: true, modules: ["a": "return 5", "b": "return 6"])
        #expect(try t.run("return require('a')") == ["5"])
        t.state.isLoading = false
        #expect(try t.run("return require('a')") == ["5"])
        #expect(try t.failure("require('b')").message.contains("is not loaded"))
    }

    @Test func cyclesAreNamed() throws {
        let t = try TestState(loading: true, modules: ["a": "require('b')", "b": "require('c')", "c": "require('a')"])
        #expect { try t.run("require('a')") } throws: { error in
            (error as? ScriptError)?.message == "modules require each other: a -> b -> c -> a"
                && (error as? ScriptError)?.chunk == "c.lua"
        }
    }

    @Test func missingModulesAreNotFound() throws {
        let t = try TestState(loading: true)
        #expect { try t.run("require('x.y')") } throws: { error in
            let error = error as? ScriptError
            return error?.kind == .notFound && error?.code == "module_not_found"
                && error?.message == "module 'x.y' not found: no such file" && error?.line == 1
        }
    }

    @Test func syntaxErrorsInModulesNameTheirFile() throws {
        let t = try TestState(loading: true, modules: ["a": "\n\nlocal x = = 1"])
        #expect { try t.run("require('a')") } throws: { error in
            let error = error as? ScriptError
            return error?.kind == .syntax && error?.chunk == "a.lua" && error?.line == 3 && error?.traceback == nil
        }
    }

    @Test(arguments: [
        ("{ place = 'b.lua:7', message = 'no' }", "b.lua:7: no", false), ("{ place = 'b.lua:7', message = 'b.lua:7: no' }", "b.lua:7: no", false),
        ("{ place = 'x:y.lua:7', message = 'no' }", "x:y.lua:7: no", false), ("{ place = 'b.lua', message = 'no' }", "a.lua:2: no", true),
        ("{ place = ':7', message = 'no' }", "a.lua:2: no", true), ("{ place = 'b.lua:0', message = 'no' }", "a.lua:2: no", true),
        ("{ place = 'b.lua:7x', message = 'no' }", "a.lua:2: no", true), ("{ place = 'b.lua:99999999999999999999', message = 'no' }", "a.lua:2: no", true),
        ("{ place = 7, message = 'no' }", "a.lua:2: no", true),
    ])
    func anErrorMayNameThePlaceOfASlip(_ value: String, _ told: String, _ hasCalls: Bool) throws {
        let t = try TestState(loading: true, modules: ["a": "\nerror(\(value))"])
        #expect { try t.run("require('a')") } throws: { error in
            let error = error as? ScriptError
            return error?.description == told && (error?.traceback != nil) == hasCalls
        }
    }

    @Test func runtimeErrorsInModulesNameTheirFile() throws {
        let t = try TestState(loading: true, modules: ["a": "\nlocal x\nx.y = 1"])
        #expect { try t.run("require('a')") } throws: { error in
            let error = error as? ScriptError
            return error?.chunk == "a.lua" && error?.line == 3 && error?.traceback?.contains("test.lua:1") == true
        }
    }

    @Test func waitsAreErrorsWhileLoading() throws {
        let t = try TestState(loading: true)
        guard case .failed(let error) = t.state.start(try t.load("nightjar.wait('x')"), { _ in }) else {
            throw Unexpected(what: "waited")
        }
        #expect(error.message.contains("not possible here"))
    }

    @Test func nativeModulesAreThere() throws {
        let t = try TestState()
        #expect(try t.run("return nightjar.json.encode({1}), type(nightjar.random.integer(1, 6)), require('nightjar.json') == nightjar.json")
            == ["[1]", "number", "true"])
    }

    @Test(arguments: [
        ("undeclaredName = 1", "assignment to undeclared variable 'undeclaredName' (use 'local')"),
        ("return undeclaredName", "variable 'undeclaredName' is not declared"),
        ("function undeclared() end", "assignment to undeclared variable 'undeclared' (use 'local')"),
    ])
    func undeclaredGlobalsRaiseWithPosition(source: String, message: String) throws {
        let error = try TestState().failure("\n" + source)
        #expect(error.message == message)
        #expect(error.line == 2)
    }

    @Test func stateKeepsValuesAndCarriesThemOver() throws {
        let a = try TestState(), b = try TestState()
        #expect(try a.run("""
            local s = nightjar.state
            return s.get('x'), s.get('x', 5), s.set('x', {1, 2}), s.get('x')[2], s.set(3, 'three'), s.set(true, 1)
            """) == ["nil", "5", "true", "2", "true", "true"])
        try b.state.setStateTable(try a.state.stateTable())
        #expect(try b.run("return nightjar.state.get('x')[1], nightjar.state.get(3), nightjar.state.all()[true]") == ["1", "three", "1"])
    }

    @Test func aSealedStateRefusesWrites() throws {
        let t = try TestState()
        try t.run("nightjar.state.set('x', 1)")
        t.state.isSealed = true
        #expect(try t.run("return nightjar.state.get('x'), nightjar.state.set('x', 2)") == ["1", "nil", "stale_generation"])
    }

    @Test func stateThatIsNoPlainDataIsNamedByItsPath() throws {
        let t = try TestState()
        try t.run("local rooms = {{}} nightjar.state.set('rooms', rooms) rooms[1].open = print")
        #expect { try t.state.stateTable() } throws: { ($0 as? ScriptError)?.message.contains("rooms[1].open") == true }
    }
}
