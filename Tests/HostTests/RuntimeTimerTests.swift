import LuaRuntime
import NIOCore
import NightjarTesting
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

@Suite("Timers over the wire", .timeLimit(.minutes(2)))
struct RuntimeTimerWireTests {
    private func server(_ text: String) async throws -> TestServer {
        try await TestServer(packages: ["test": "local nightjar = require \"nightjar\"\nlocal M = {}\n" + text + "\nreturn M\n"])
    }

    @Test("timers run, repeat and can be cancelled; on_ready runs once")
    func timers() async throws {
        let server = try await server(
            """
            local count, once = 0, 0
            local timer
            timer = nightjar.timer.every(0.002, function()
              count = count + 1
              if count == 3 then timer:cancel() nightjar.event.notify("three") end
            end)
            nightjar.timer.after("later", 0.001, function() once = once + 1 end)
            local ready = 0
            function M.on_ready() nightjar.sleep(0.001) ready = ready + 1 end
            nightjar.http.get("/t", function()
              if count < 3 then nightjar.event.wait("three", 5) end
              nightjar.sleep(0.02)
              return count .. " " .. once .. " " .. ready
            end)
            """)
        let port = server.port
        let body = try await blocking { try BlockingWebSocket(port: port).http("GET", "/t").body }
        #expect(body == "3 1 1")
        await server.stop()
    }

    @Test("a failed handler has set no timer and replaced none")
    func failedTimer() async throws {
        let server = try await server(
            """
            local fired
            local function fire(name) fired = fired or name nightjar.event.notify("t") end
            nightjar.timer.after("t", 0.3, function() fire("first") end)
            nightjar.http.get("/fail", function()
              nightjar.timer.after("t", 0.001, function() fire("second") end)
              error("no")
            end)
            nightjar.http.get("/wait", function()
              if not fired then nightjar.event.wait("t", 5) end
              return fired
            end)
            """)
        let port = server.port
        let body = try await blocking {
            let socket = try BlockingWebSocket(port: port)
            _ = try socket.http("GET", "/fail")
            return try socket.http("GET", "/wait").body
        }
        #expect(body == "first")
        await server.stop()
    }
}
