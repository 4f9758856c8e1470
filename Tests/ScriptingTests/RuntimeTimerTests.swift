import LuaRuntime
import NIOCore
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

@Suite("Timers through reloads")
struct RuntimeTimerTests {
    /// A reference for tables; no test calls it.
    private func function() throws -> LuaRef {
        let state = try LuaState(
            name: "test", owner: nil, functions: HostTable(),
            resolve: { .failure(ScriptError(kind: .notFound, code: "no_module", message: $0)) })
        return try state.load("return 1", chunk: "test")
    }

    @Test("a named timer keeps its due time if its interval is the same, else it begins anew")
    func due() throws {
        let function = try function()
        var old = TimerTable()
        var new = TimerTable()
        let due = NIODeadline.uptimeNanoseconds(5_000_000_000)
        for name in ["same", "changed", "gone", "once"] {
            let id = old.add(.init(name: name, interval: 1_000, repeats: true, function: function))
            _ = old.claim(id)
            old[id]?.due = due
        }
        let same = new.add(.init(name: "same", interval: 1_000, repeats: true, function: function))
        let changed = new.add(.init(name: "changed", interval: 2_000, repeats: true, function: function))
        let once = new.add(.init(name: "once", interval: 1_000, repeats: false, function: function))
        let unnamed = new.add(.init(name: nil, interval: 1_000, repeats: true, function: function))
        for id in [same, changed, once, unnamed] { _ = new.claim(id) }
        new.inherit(from: old)
        #expect(new[same]?.due == due)
        #expect(new[changed]?.due == nil)
        #expect(new[once]?.due == nil)
        #expect(new[unnamed]?.due == nil)
        #expect(new.id(named: "gone") == nil)
    }

    @Test("setting a named timer again replaces it and keeps its due time")
    func replace() throws {
        let function = try function()
        var table = TimerTable()
        let first = table.add(.init(name: "x", interval: 1_000, repeats: true, function: function))
        let none = table.claim(first)
        #expect(none == nil)
        table[first]?.due = .uptimeNanoseconds(77)
        let second = table.add(.init(name: "x", interval: 1_000, repeats: true, function: function))
        #expect(table[first] != nil, "nothing is replaced before the effect is applied")
        let replaced = table.claim(second)
        #expect(replaced != nil)
        #expect(table[first] == nil)
        #expect(table[second]?.due == .uptimeNanoseconds(77))
        #expect(table.id(named: "x") == second)
        #expect(table.count == 1)
    }

    @Test("a repeating timer stays on its grid, and leaves out what it missed")
    func grid() {
        let start = NIODeadline.uptimeNanoseconds(1_000)
        #expect(TimerTable.next(after: start, interval: 100, now: start) == start + .nanoseconds(100))
        let late = start + .nanoseconds(350)
        #expect(TimerTable.next(after: start, interval: 100, now: late) == late + .nanoseconds(100))
    }
}
