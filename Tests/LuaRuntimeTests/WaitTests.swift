import LuaRuntime
import Testing

@Suite struct WaitTests {
    @Test func aWaitReachesTheHostAndItsResultsComeBack() throws {
        let t = try TestState()
        let function = try t.load("local a, b = nightjar.wait('dinner') nightjar.note(a .. b) return a, b, 3")
        let waiting = try task(t.state.start(function, { _ in }))
        #expect(t.recorder.wanted == "dinner")
        #expect(t.state.isWaiting(waiting))
        var results: [String] = []
        let outcome = t.state.resume(waiting, { a in
            a.string("soup")
            a.integer(2)
        }, { results = texts($0) })
        guard case .returned = outcome else { throw Unexpected(what: "\(outcome)") }
        #expect(results == ["soup", "2", "3"])
        #expect(t.recorder.texts == ["soup2"])
    }

    @Test(arguments: [
        "local ok, v = pcall(nightjar.wait, 'x') return v",
        "local ok, v = pcall(function() return nightjar.wait('x') end) return v",
        "local ok, v = xpcall(function() return nightjar.wait('x') end, print) return v",
        "return coroutine.wrap(function() return nightjar.wait('x') end)()",
        "local co = coroutine.create(function() return nightjar.wait('x') end) local _, v = coroutine.resume(co) return v",
        "local function inner() return nightjar.wait('x') end local outer = coroutine.wrap(function() return coroutine.wrap(inner)() end) return outer()",
        "local g = coroutine.wrap(function() for i = 1, 2 do coroutine.yield(nightjar.wait('x')) end end) return g()",
        "for v in coroutine.wrap(function() coroutine.yield(nightjar.wait('x')) end) do return v end",
        "local ok, v = pcall(coroutine.wrap(function() local ok, v = pcall(nightjar.wait, 'x') return v end)) return v",
        "local x = setmetatable({}, {__index = function() return nightjar.wait('x') end}) return x.y",
        "local x = setmetatable({}, {__index = function() return coroutine.wrap(function() return nightjar.wait('x') end)() end}) return x.y",
    ])
    func waitsPassThroughPcallAndCoroutines(source: String) throws {
        let t = try TestState()
        let waiting = try task(t.state.start(try t.load(source), { _ in }))
        var results: [String] = []
        let outcome = t.state.resume(waiting, { $0.integer(42) }, { results = texts($0) })
        guard case .returned = outcome else { throw Unexpected(what: "\(outcome)") }
        #expect(results == ["42"])
    }

    @Test func aGeneratorThatWaitsStillYieldsItsOwnValues() throws {
        let t = try TestState()
        let function = try t.load("""
            local g = coroutine.wrap(function()
              coroutine.yield('first')
              coroutine.yield(nightjar.wait('x'))
              return 'last'
            end)
            return g(), g(), g()
            """)
        let waiting = try task(t.state.start(function, { _ in }))
        var results: [String] = []
        _ = t.state.resume(waiting, { $0.string("second") }, { results = texts($0) })
        #expect(results == ["first", "second", "last"])
    }

    @Test func aWaitCanEndWithAnError() throws {
        let t = try TestState()
        let function = try t.load("\nnightjar.wait('x')")
        let outcome = t.state.raise(try task(t.state.start(function, { _ in })), code: "timeout", "30 s are over")
        guard case .failed(let error) = outcome else { throw Unexpected(what: "\(outcome)") }
        #expect(error.kind == .timeout)
        #expect(error.code == "timeout")
        #expect(error.message == "30 s are over")
        #expect(error.line == 2)
    }

    @Test func aScriptMayCatchTheErrorOfAWait() throws {
        let t = try TestState()
        let function = try t.load("local ok, e = pcall(nightjar.wait, 'x') return ok, e.code, tostring(e)")
        var results: [String] = []
        _ = t.state.raise(try task(t.state.start(function, { _ in })), code: "timeout", "over") { results = texts($0) }
        #expect(results == ["false", "timeout", "over"])
    }

    @Test func staleTasksAreDetected() throws {
        let t = try TestState()
        let function = try t.load("nightjar.wait('x')")
        let waiting = try task(t.state.start(function, { _ in }))
        _ = t.state.resume(waiting, { _ in })
        #expect(!t.state.isWaiting(waiting))
        guard case .failed(let error) = t.state.resume(waiting, { _ in }) else { throw Unexpected(what: "went on") }
        #expect(error.code == "stale_task")
        t.state.cancel(waiting)
    }

    @Test func cancellingRunsToBeClosedVariablesOnly() throws {
        let t = try TestState()
        let function = try t.load("""
            local x <close> = setmetatable({}, {__close = function() nightjar.note('closed') end})
            nightjar.wait('x')
            nightjar.note('went on')
            """)
        let waiting = try task(t.state.start(function, { _ in }))
        t.state.cancel(waiting)
        #expect(t.recorder.texts == ["closed"])
        #expect(!t.state.isWaiting(waiting))
    }

    @Test func cancellingEndsACloseThatNeverEnds() throws {
        let t = try TestState()
        let function = try t.load("""
            local x <close> = setmetatable({}, {__close = function() while true do end end})
            nightjar.wait('x')
            """)
        t.state.cancel(try task(t.state.start(function, { _ in })))
        #expect(try t.run("return 1") == ["1"])
    }

    @Test func callRefusesToWait() throws {
        let t = try TestState()
        #expect { try t.run("nightjar.wait('x')") } throws: { ($0 as? ScriptError)?.message.contains("not possible here") == true }
        #expect(t.recorder.wanted == nil)
    }

    @Test(arguments: [
        "table.sort({3, 2, 1}, function(a, b) nightjar.wait('x') return a < b end)",
        "string.gsub('abc', '%w', function() nightjar.wait('x') end)",
        "return tostring(setmetatable({}, {__tostring = function() return coroutine.wrap(function() return nightjar.wait('x') end)() end}))",
    ])
    func waitingWhereLuaCannotYieldIsAnErrorBeforeTheHostHears(source: String) throws {
        let t = try TestState()
        #expect(try t.failure(source).message.contains("not possible inside"))
        #expect(t.recorder.wanted == nil)
    }

    @Test func scriptsCannotResumeWhatWaitsForTheHost() throws {
        let t = try TestState()
        let function = try t.load("""
            rawset(_G, 'co', coroutine.create(function() return nightjar.wait('x') end))
            return select(2, coroutine.resume(co))
            """)
        let waiting = try task(t.state.start(function, { _ in }))
        #expect(try t.run("return coroutine.status(co), coroutine.resume(co)") == ["normal", "false", "cannot resume non-suspended coroutine"])
        #expect(try t.run("return pcall(coroutine.close, co)")[0] == "false")
        var results: [String] = []
        _ = t.state.resume(waiting, { $0.integer(5) }, { results = texts($0) })
        #expect(results == ["5"])
    }

    @Test func scriptsNeverHoldTheHostsCoroutine() throws {
        let t = try TestState()
        #expect(try t.run("""
            local co, main = coroutine.running()
            return main, coroutine.isyieldable(), coroutine.resume(co)
            """) == ["true", "false", "false", "cannot resume non-suspended coroutine"])
        #expect(try t.failure("coroutine.yield(1)").message == "attempt to yield from outside a coroutine")
    }

    @Test func manyHandlersWaitAtOnce() throws {
        let t = try TestState()
        let function = try t.load("local n = ... return n + nightjar.wait('x')")
        let tasks = try (0..<2_000).map { n in try task(t.state.start(function, { $0.integer(n) })) }
        for (n, waiting) in tasks.enumerated().reversed() {
            var result: Int64?
            _ = t.state.resume(waiting, { $0.integer(1) }, { result = $0.integer(0) })
            #expect(result == Int64(n) + 1)
        }
    }

    @Test func theNumberOfHandlersIsBounded() throws {
        var limits = LuaLimits()
        limits.tasks = 3
        let t = try TestState(limits)
        let function = try t.load("nightjar.wait('x')")
        let tasks = try (0..<3).map { _ in try task(t.state.start(function, { _ in })) }
        guard case .failed(let error) = t.state.start(function, { _ in }) else { throw Unexpected(what: "started") }
        #expect(error.code == "too_many_tasks")
        t.state.cancel(tasks[1])
        _ = try task(t.state.start(function, { _ in }))
    }
}
