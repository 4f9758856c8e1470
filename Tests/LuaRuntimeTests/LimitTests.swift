import Dispatch
import Glibc
import LuaRuntime
import NightjarTesting
import Testing

@Suite(.serialized) struct LimitTests {
    private func short(_ milliseconds: Int = 20) -> LuaLimits {
        var limits = LuaLimits()
        limits.sliceDeadline = .milliseconds(milliseconds)
        return limits
    }

    @Test func anEndlessLoopEndsWithItsPosition() throws {
        let t = try TestState(short())
        let clock = ContinuousClock()
        let start = clock.now
        let error = try t.failure("\nlocal n = 0\nwhile true do n = n + 1 end")
        #expect(error.kind == .timeout)
        #expect(error.code == "timeout")
        #expect(error.message == "the script took longer than 20 ms")
        #expect(error.chunk == "test.lua")
        #expect(error.line == 3)
        #expect(error.traceback?.contains("test.lua:3") == true)
        // Generous: other tests may hold the processors.
        #expect(start.duration(to: clock.now) < .seconds(20))
        #expect(try t.run("return 1") == ["1"])
    }

    @Test func slicesWithinTheDeadlineAreLeftAlone() throws {
        let t = try TestState(short(50))
        let function = try t.load("local n = 0 for i = 1, 1000 do n = n + i end return n")
        for _ in 0..<20_000 {
            guard case .returned = t.state.start(function, { _ in }) else { throw Unexpected(what: "failed") }
        }
    }

    @Test func aCoroutineFromAnEarlierSliceIsEndedAsWell() throws {
        let t = try TestState(short())
        try t.run("rawset(_G, 'co', coroutine.create(function() coroutine.yield() while true do end end)) coroutine.resume(co)")
        #expect(try t.failure("coroutine.resume(co)").kind == .timeout)
        #expect(try t.run("return coroutine.status(co)") == ["dead"])
    }

    @Test func aSuspendedCoroutineSurvivesTheTimeoutOfAnotherSlice() throws {
        let t = try TestState(short())
        try t.run("rawset(_G, 'co', coroutine.create(function() coroutine.yield() return 'fine' end)) coroutine.resume(co)")
        #expect(try t.failure("while true do end").kind == .timeout)
        #expect(try t.run("return coroutine.resume(co)") == ["true", "fine"])
    }

    @Test func aStopEndsWhatRunsAndWhatWouldRunLater() throws {
        let t = try TestState(short(3_600_000))
        let stop = LuaStop()
        t.state.obey(stop)
        #expect(try t.run("return 1") == ["1"] && !stop.isMade)
        DispatchQueue.global().async { stop.make() }
        #expect(try t.failure("while true do pcall(function() while true do end end) end").kind == .timeout)
        #expect(stop.isMade)
        #expect(try t.failure("while true do end").kind == .timeout)
    }

    @Test func itIsKnownByHowMuchSlicesWereOverTheirLimits() throws {
        // The host burns what the watchdog cannot end.
        let table = HostTable(
            functions: [
                HostFunction("burn") { _ in
                    let end = Self.processorTime() + .milliseconds(300)
                    while Self.processorTime() < end {}
                    return .none
                }
            ], types: [])
        let state = try LuaState(name: "burning", limits: short(), owner: nil, functions: table) { _ in
            .failure(ScriptError(kind: .notFound, code: "no_module", message: "there is none"))
        }
        let burn = try state.load("require('nightjar').burn()", chunk: "burn.lua")
        state.isLoading = false
        _ = SliceWatch.takeLongestOver()
        _ = try? state.call(burn)
        #expect(SliceWatch.takeLongestOver() >= .milliseconds(100))
    }

    private static func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    @Test func memoryBombsEndNearTheLimit() throws {
        var limits = LuaLimits()
        limits.memoryBytes = 4 << 20
        // Growing a stack by one argument a call moves it again and again: seconds in a debug build on a busy machine.
        limits.sliceDeadline = .seconds(30)
        for source in [
            "local t = {} while true do t[#t + 1] = {} end",
            "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end",
            "local s = 'x' while true do s = s .. s end",
            "local t = {} for i = 1, 1e9 do t[i] = i end",
            "local function f(...) return f(1, ...) end f()",
            "local t = {} while true do t = {t, t} end",
            "local t = {} while true do t[#t + 1] = coroutine.wrap(function() end) end",
        ] {
            let t = try TestState(limits)
            let error = try t.failure(source)
            #expect(error.kind == .memory || error.message.contains("stack overflow"), "\(source): \(error)")
            #expect(t.state.memoryPeakBytes < limits.memoryBytes * 3, "\(source): \(t.state.memoryPeakBytes)")
            #expect(try t.run("return 1") == ["1"])
        }
    }

    @Test func garbageIsNoReasonToEndAScript() throws {
        var limits = LuaLimits()
        limits.memoryBytes = 8 << 20
        limits.sliceDeadline = .seconds(5)
        let t = try TestState(limits)
        #expect(try t.run("local keep = {} for i = 1, 40000 do keep[i] = {i} end for i = 1, 2000000 do local x = {i} end return #keep") == ["40000"])
    }

    @Test func caughtMemoryErrorsEndTheSliceAnyway() throws {
        var limits = LuaLimits()
        limits.memoryBytes = 4 << 20
        let t = try TestState(limits)
        let error = try t.failure("local t = {} while true do pcall(function() while true do t[#t + 1] = {} end end) end")
        #expect(error.kind == .memory)
        #expect(error.line == 1)
    }

    @Test func garbageBetweenMessagesNeverReachesTheLimit() throws {
        var limits = short(10)
        limits.memoryBytes = 16 << 20
        let t = try TestState(limits)
        try t.run("local keep = {} for i = 1, 30000 do keep[i] = {i} end rawset(_G, 'keep', keep)")
        let function = try t.load("local t = {} for i = 1, 100 do t[i] = {i, tostring(i)} end return #t")
        for _ in 0..<5_000 {
            guard case .returned = t.state.start(function, { _ in }) else { throw Unexpected(what: "failed") }
        }
        #expect(t.state.memoryPeakBytes < limits.memoryBytes)
    }

    @Test func aFullStateFailsFast() throws {
        var limits = short(1_000)
        limits.memoryBytes = 2 << 20
        let t = try TestState(limits)
        let filler = try t.load("local t = {} rawset(_G, 'kept', t) while true do t[#t + 1] = {} end")
        let idle = try t.load("return")
        guard case .failed(let error) = t.state.start(filler, { _ in }) else { throw Unexpected(what: "returned") }
        #expect(error.kind == .memory)
        for _ in 0..<1_000 {
            if case .failed(let error) = t.state.start(idle, { _ in }) { #expect(error.kind == .memory) }
        }
    }

    @Test func refusedAllocationsAtAnyPointLeaveTheStateUsable() throws {
        var limits = LuaLimits()
        limits.memoryBytes = 512 << 10
        limits.sliceDeadline = .seconds(10)
        let t = try TestState(limits)
        let function = try t.load("""
            local kind, size, text, value = ...
            local keep = {}
            for i = 1, 20 do
              if kind == 0 then keep[i] = text .. i
              elseif kind == 1 then keep[i] = nightjar.encode(value)
              elseif kind == 2 then keep[i] = text:rep(i)
              elseif kind == 3 then pcall(function() keep[i] = text:upper() .. text:rep(3) end)
              elseif kind == 4 then keep[i] = nightjar.json.decode(nightjar.json.encode({text, value}))
              else keep[i] = table.concat({text, text, i}) end
              nightjar.add(i, size)
            end
            return #keep
            """)
        var generator = Seeded(5)
        var failures = 0
        let text = [UInt8](repeating: 120, count: 40_000)
        for _ in 0..<20_000 {
            let kind = Int.random(in: 0...5, using: &generator), size = Int.random(in: 0...40_000, using: &generator)
            let outcome = text.withUnsafeBytes { raw in
                t.state.start(function, { a in
                    a.integer(kind)
                    a.integer(size)
                    a.bytes(UnsafeRawBufferPointer(rebasing: raw[..<size]))
                    a.json(Array("[\(size),{\"a\":[1,2,3]}]".utf8))
                })
            }
            guard case .failed(let error) = outcome else { continue }
            failures += 1
            #expect(error.kind == .memory, "\(error)")
        }
        #expect(failures > 100)
        #expect(try t.run("return 1 + 1") == ["2"])
    }

    @Test func aHostFunctionMayRunAnotherState() throws {
        let inner = try TestState(short(20))
        let spin = try inner.load("while true do end")
        let box = Box((inner, spin))
        let table = HostTable(functions: [
            HostFunction("enter") { call in
                guard case .failed(let error) = box.value.0.state.start(box.value.1, { _ in }) else { return .none }
                call.returnString(error.code)
                return .values
            },
        ])
        let outer = try LuaState(name: "outer", limits: short(2_000), owner: nil, functions: table) { _ in
            .failure(ScriptError(kind: .notFound, code: "not_found", message: ""))
        }
        let function = try outer.load("return require('nightjar').enter()", chunk: "outer.lua")
        #expect(try outer.call(function, { _ in }) { r throws(ScriptError) in r.string(0) } == "timeout")
    }

    @Test func statesBelongToTheThreadThatAdoptedThem() throws {
        let t = try TestState()
        try t.run("nightjar.state.set('x', 1)")
        let box = Box(t)
        DispatchQueue(label: "other").sync {
            box.value.state.adopt()
            let results = try? box.value.run("return nightjar.state.get('x')")
            #expect(results == ["1"])
            // The limits follow to the new thread.
            #expect((try? box.value.failure("while true do end"))?.kind == .timeout)
        }
        t.state.adopt()
        #expect(try t.run("return nightjar.state.get('x')") == ["1"])
    }

    @Test func statesOnSeveralThreadsAreEndedIndependently() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<4 {
                group.addTask {
                    try await finishes("the end of thread \(index)") {
                        try await blocking {
                            let t = try TestState()
                            var fine = true
                            for round in 0..<10 {
                                let source = round % 2 == index % 2 ? "while true do end" : "pcall(function() while true do end end)"
                                let error = try t.failure(source)
                                fine = fine && error.kind == .timeout
                                fine = try fine && t.run("return 1") == ["1"]
                            }
                            return fine
                        }
                    }
                }
            }
            for try await fine in group { #expect(fine) }
        }
    }
}

/// Carries a state to another thread; the test never uses it on two at once.
final class Box<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}
