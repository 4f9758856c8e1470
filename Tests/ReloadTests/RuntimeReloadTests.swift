import LuaRuntime
import NightjarTesting
import Synchronization
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

@Suite("Reloads under traffic", .serialized, .timeLimit(.minutes(3)))
struct RuntimeReloadTests {
    /// Counts every message in the connection's data, in the package's state, and answers with all of it.
    private func script(_ version: Int, placement: String) -> String {
        """
        local nightjar = require "nightjar"
        local M = {}
        M.workers = "\(placement)"
        nightjar.websocket.endpoint("/seq", {
          open = function(conn) conn.data = 0 end,
          message = function(conn, text)
            conn.data = conn.data + 1
            \(placement == "all" ? "" : #"nightjar.state.set("total", nightjar.state.get("total", 0) + 1)"#)
            if \(version) % 3 == 0 and conn.data % 5 == 0 then nightjar.sleep(0.001) end
            conn:send(text .. " " .. conn.data .. " \(version)")
          end,
        })
        nightjar.http.get("/total", function() return tostring(nightjar.state.get("total", 0)) end)
        return M
        """
    }

    private static let broken = [
        "return {", "error('broken on purpose')", "local x = undeclared_name return {}", "return 5",
        "local nightjar = require 'nightjar' local M = {} function M.on_reload() error('not now') end return M",
        "while true do end", "local nightjar = require 'nightjar' nightjar.sleep(1) return {}",
    ]

    @Test(
        "200 reloads under 200 connections: nothing lost, doubled or out of order, broken saves change nothing",
        arguments: ["one", "dedicated", "all"])
    func reloads(placement: String) async throws {
        let server = try await TestServer(packages: ["seq": script(0, placement: placement)], workers: 2) {
            // How long a debug build needs on a busy machine is not what this is about.
            $0.luaLimits.sliceDeadline = .seconds(1)
            $0.luaLimits.loadDeadline = .milliseconds(500)
            $0.configure = { $0.voteMilliseconds = 20_000 }
        }
        let port = server.port
        let stop = Traffic()
        let clients = (0..<4).map { _ in
            Task { try await blocking { try RuntimeReloadTests.traffic(port: port, connections: 50, stop) } }
        }
        var version = 0
        for round in 1...200 {
            if round % 8 == 0 {
                server.save("Scripts/seq/main.lua", Self.broken[round / 8 % Self.broken.count])
                let failure = try await server.takeOver()
                #expect(failure != nil, "a broken save was taken over")
            } else {
                version = round
                server.save("Scripts/seq/main.lua", script(round, placement: placement))
                let failure = try await server.takeOver()
                #expect(failure == nil)
            }
        }
        stop.end()
        #expect(server.scriptErrors == [])
        var sent = 0
        var newest = 0
        for client in clients {
            let result = try await client.value
            sent += result.sent
            newest = max(newest, result.newest)
        }
        #expect(newest == version)
        if placement != "all" {
            let total = try await blocking { try BlockingWebSocket(port: port).http("GET", "/total").body }
            #expect(total == String(sent))
        }
        #expect(server.scriptErrors == [])
        await server.stop()
    }

    final class Traffic: Sendable {
        private let flag = Atomic(false)
        func end() { flag.store(true, ordering: .relaxed) }
        var isOver: Bool { flag.load(ordering: .relaxed) }
    }

    private struct Wrong: Error { let text: String }

    /// Keeps four messages of each connection under way, and once more after the end was said, so the newest code is seen.
    private static func traffic(port: Int, connections: Int, _ stop: Traffic) throws -> (sent: Int, newest: Int) {
        let sockets = try (0..<connections).map { _ in try BlockingWebSocket(port: port, path: "/seq") }
        var next = 0
        var newest = 0
        var isLast = false
        while !isLast {
            isLast = stop.isOver
            let numbers = next..<next + 4
            for socket in sockets { try socket.send(numbers.map { "m\($0)" }) }
            for socket in sockets {
                var version = 0
                for number in numbers {
                    let parts = try socket.receive().split(separator: " ")
                    guard parts.count == 3, parts[0] == "m\(number)", parts[1] == "\(number + 1)", let seen = Int(parts[2]),
                        seen >= version
                    else { throw Wrong(text: "message \(number) was answered with \(parts)") }
                    version = seen
                }
                newest = max(newest, version)
            }
            next += 4
        }
        return (next * connections, newest)
    }

    @Test("nightjar.state, conn.data and named timers survive; migrate and on_reload run")
    func survivors() async throws {
        func text(_ version: Int, _ body: String) -> String {
            """
            local nightjar = require "nightjar"
            local M = {version = \(version)}
            nightjar.websocket.endpoint("/s", {
              message = function(conn, text)
                if text ~= "get" then conn.data = {value = text} end
                conn:send((conn.data and conn.data.value or "nil") .. " " .. tostring(nightjar.state.get("n")))
              end,
            })
            nightjar.timer.every("tick", 1, function() nightjar.state.set("ticks", nightjar.state.get("ticks", 0) + 1) end)
            nightjar.http.get("/ticks", function() return tostring(nightjar.state.get("ticks", 0)) end)
            \(body)
            return M
            """
        }
        let server = try await TestServer(packages: ["s": text(1, #"function M.on_ready() nightjar.state.set("n", 1) end"#)])
        let port = server.port
        let client = try await blocking { Held(try BlockingWebSocket(port: port, path: "/s")) }
        func ask(_ text: String) async throws -> String {
            try await blocking {
                try client.socket.send(text)
                return try client.socket.receive()
            }
        }
        #expect(try await ask("hello") == "hello 1")
        server.save(
            "Scripts/s/main.lua",
            text(
                3,
                """
                function M.migrate(from, state) state.n = state.n + from * 10 return state end
                function M.on_reload() nightjar.state.set("n", nightjar.state.get("n") + 100) end
                """))
        #expect(try await server.takeOver() == nil)
        #expect(try await ask("get") == "hello 111")
        // The timer's clock goes on through reloads, however often they come: one that began anew with each would never be due.
        var round = 0
        try await eventually("a tick between two reloads") {
            round += 1
            server.save("Scripts/s/main.lua", text(3, "-- \(round)"))
            #expect(try await server.takeOver() == nil)
            return try await blocking { try BlockingWebSocket(port: port).http("GET", "/ticks").body } != "0"
        }
        #expect(try await ask("get") == "hello 111")
        await server.stop()
    }

    @Test("a handler that waits ends on its generation and may not write the state any more")
    func stale() async throws {
        func text(_ name: String) -> String {
            """
            local nightjar = require "nightjar"
            local M = {}
            nightjar.websocket.endpoint("/h", {concurrent = true, message = function(conn, text)
              if text == "go" then nightjar.event.notify("go") return end
              conn:send("waits")
              nightjar.event.wait("go", 5)
              local ok, code = nightjar.state.set("x", 1)
              conn:send("\(name) " .. tostring(ok) .. " " .. tostring(code))
            end})
            return M
            """
        }
        let server = try await TestServer(packages: ["h": text("old")])
        let port = server.port
        let client = try await blocking {
            let socket = try BlockingWebSocket(port: port, path: "/h")
            try socket.send("wait")
            #expect(try socket.receive() == "waits")
            return Held(socket)
        }
        server.save("Scripts/h/main.lua", text("new"))
        #expect(try await server.takeOver() == nil)
        try await blocking {
            try client.socket.send("go")
            #expect(try client.socket.receive() == "old nil stale_generation")
            try client.socket.send(["wait", "go"])
            #expect(try client.socket.receive() == "waits")
            #expect(try client.socket.receive() == "new true nil")
        }
        await server.stop()
    }

    @Test("connections of an endpoint that is not declared any more are closed with 1001")
    func removed() async throws {
        let head = "local nightjar = require \"nightjar\"\nlocal M = {}\n"
        let server = try await TestServer(packages: [
            "r": head + #"nightjar.websocket.endpoint("/r", {message = function(conn, text) conn:send(text) end}) return M"#
        ])
        let port = server.port
        let client = try await blocking { Held(try BlockingWebSocket(port: port, path: "/r")) }
        server.save("Scripts/r/main.lua", head + "return M")
        #expect(try await server.takeOver() == nil)
        let end = try await blocking { try client.socket.next() }
        #expect(end == .closed(1001))
        await server.stop()
    }

    /// @unchecked Sendable: one task uses it at a time.
    final class Held: @unchecked Sendable {
        let socket: BlockingWebSocket
        init(_ socket: BlockingWebSocket) { self.socket = socket }
    }
}
