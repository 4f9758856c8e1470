import Logging
import LuaRuntime
import NightjarTesting
import Synchronization
import Testing
@testable import Host
@testable import HostModules
@testable import Reload

/// State never stands in the way of a reload.
@Suite(.timeLimit(.minutes(1))) struct ControlStateTests {
    /// Warnings with the place they name.
    private func warnings(_ server: TestServer) -> [String] {
        server.log.all.filter { $0.level >= .warning }.map { "\($0.fields["at"] ?? "?"): \($0.message)" }
    }

    /// What the present release could not survive: a stored table that was changed afterwards.
    private func stateful(_ version: Int) -> String {
        """
        local n = require "nightjar"
        local M = {}
        function M.on_ready()
          n.state.set("kept", { list = { 1, 2, 3 }, name = "bob" })
        end
        n.http.get("/spoil", function()
          local kept = n.state.get("kept")
          kept.on_hit = function() end
          kept.self = kept
          kept.list[2] = coroutine.create(print)
          return "spoiled"
        end)
        n.http.get("/p", function()
          local kept = n.state.get("kept")
          return "v\(version) " .. kept.name .. " " .. tostring(kept.on_hit) .. " " .. tostring(kept.list[3])
        end)
        return M
        """
    }

    @Test func whatIsNotPlainInTheStateIsLeftOutAndTheRestIsCarried() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", stateful(1))
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/spoil") == "spoiled")
        folder.write("Scripts/p/main.lua", stateful(2))
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(try await server.get("/p") == "v2 bob nil 3")
        #expect(warnings(server).sorted() == [
            "Scripts/p/main.lua:4: state.kept.list[2] is a coroutine: left out by the reload, everything else was carried",
            "Scripts/p/main.lua:4: state.kept.on_hit is a function: left out by the reload, everything else was carried",
            "Scripts/p/main.lua:4: state.kept.self is a table that contains itself: left out by the reload, everything else was carried",
        ])
        folder.write("Scripts/p/main.lua", stateful(3))
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(warnings(server).count == 3, "what was left out is gone")
        await server.stop()
    }

    @Test func inDevelopmentItIsToldBeforeAnyReload() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", stateful(1))
        let server = try await TestServer(folder: folder, debug: true)
        #expect(try await server.get("/spoil") == "spoiled")
        let told = try await eventually("three warnings") {
            let told = warnings(server)
            return told.count >= 3 ? Set(told) : nil
        }
        #expect(told.contains("Scripts/p/main.lua:4: state.kept.on_hit is a function: a reload will leave it out"), "\(told)")
        await server.stop()
    }

    /// Of many Lua states none is the one to carry: better an error at once than a value that a reload forgets.
    @Test func aPackageOnEveryWorkerHasNoState() async throws {
        let folder = TestFolder()
        func package(_ atLoading: String) -> String {
            """
            local n = require "nightjar"
            \(atLoading)
            n.http.get("/set", function()
              n.state.set("kept", 1)
            end)
            n.http.get("/get", function() return tostring(n.state.get("kept")) .. tostring(n.state.get("kept", 7)) end)
            return { workers = "all" }
            """
        }
        let advice = "has no nightjar.state: it runs in a Lua state on each worker"
        folder.write("Scripts/p/main.lua", package(""))
        let server = try await TestServer(folder: folder)
        #expect(try await server.get("/get") == "nil7")
        #expect(try await server.request("GET", "/set").status == 500)
        let failure = try #require(server.scriptErrors.first)
        #expect(failure.contains("Scripts/p/main.lua:4") && failure.contains(advice), "\(failure)")
        folder.write("Scripts/p/main.lua", package("n.state.set('early', { 1 })"))
        let told = try await server.reload().first ?? ""
        #expect(told.contains("Scripts/p/main.lua:2") && told.contains(advice), "\(told)")
        #expect(try await server.get("/get") == "nil7")
        await server.stop()
    }

    private func talking(_ version: Int, concurrent: Bool) -> String {
        """
        local n = require "nightjar"
        local function say(conn, text) conn:send(n.json.encode { text = text }) end
        n.websocket.endpoint("/ws", {
          concurrent = \(concurrent),
          message = function(conn, text)
            if text == "set" then conn.data = { count = 1, f = nil } end
            if text == "spoil" then conn.data.f = print end
            if text == "wait" then
              conn.data.count = conn.data.count + 1
              n.event.wait("go", 20)
              say(conn, "waited v\(version) " .. tostring(conn.data and conn.data.count))
              return
            end
            say(conn, "v\(version) " .. tostring(conn.data and conn.data.count) .. " " .. tostring(conn.data and conn.data.f))
          end,
        })
        n.http.get("/go", function() n.event.notify("go") return "gone" end)
        return {}
        """
    }

    @Test func whatIsNotPlainInAConnectionsDataIsLeftOutAndTheRestIsCarried() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", talking(1, concurrent: false))
        let server = try await TestServer(folder: folder)
        let port = server.port
        let socket = try await blocking { try Box(BlockingWebSocket(port: port, path: "/ws")) }
        #expect(try await socket.ask("set") == "v1 1 nil")
        #expect(try await socket.ask("spoil")?.hasPrefix("v1 1 function") == true)
        folder.write("Scripts/p/main.lua", talking(2, concurrent: false))
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(try await socket.ask("x") == "v2 1 nil")
        #expect(warnings(server).count == 1 && warnings(server)[0] == "Scripts/p/main.lua:6: conn.data.f is a function: left out by the reload, everything else was carried", "\(warnings(server))")
        await server.stop()
    }

    @Test func theDataOfAConcurrentEndpointSurvivesASwapWhileAnOlderHandlerWaits() async throws {
        let folder = TestFolder()
        folder.write("Scripts/p/main.lua", talking(1, concurrent: true))
        let server = try await TestServer(folder: folder)
        let port = server.port
        let socket = try await blocking { try Box(BlockingWebSocket(port: port, path: "/ws")) }
        #expect(try await socket.ask("set") == "v1 1 nil")
        try await socket.send("wait")
        // Answered after the handler before it has begun to wait.
        #expect(try await socket.ask("x") == "v1 2 nil")
        folder.write("Scripts/p/main.lua", talking(2, concurrent: true))
        #expect(try await server.reload() == ["package p: loaded"])
        #expect(try await socket.ask("x") == "v2 2 nil")
        #expect(try await server.get("/go") == "gone")
        #expect(try await socket.receive() == "waited v1 2", "the older handler has kept its own copy")
        #expect(try await socket.ask("x") == "v2 2 nil")
        await server.stop()
    }

    /// A blocking socket that is used from one task at a time.
    ///
    /// @unchecked Sendable: each call ends before the next one begins.
    private final class Box: @unchecked Sendable {
        private let socket: BlockingWebSocket
        init(_ socket: BlockingWebSocket) { self.socket = socket }
        func send(_ text: String) async throws { try await blocking { try self.socket.send(text) } }
        func receive() async throws -> String? { try await blocking { try self.socket.receiveObject()["text"] as? String } }
        func ask(_ text: String) async throws -> String? {
            try await send(text)
            return try await receive()
        }
    }

    @Test func theStateIsMigratedOnlyWhenTheVersionRises() async throws {
        func text(_ version: Int, _ mark: Int) -> String {
            """
            local nightjar = require "nightjar"
            local M = { version = \(version) }
            function M.on_ready() nightjar.state.set("n", 1) end
            function M.migrate(_, state) state.n = state.n + 10 return state end
            nightjar.http.get("/n", function() return tostring(nightjar.state.get("n")) end)
            return M -- \(mark)
            """
        }
        let server = try await TestServer(packages: ["p": text(2, 0)])
        #expect(try await server.get("/n") == "1")
        for (mark, step) in [(2, "1"), (3, "11"), (3, "11"), (2, "11")].enumerated() {
            server.save("Scripts/p/main.lua", text(step.0, mark + 1))
            #expect(try await server.takeOver() == nil)
            #expect(try await server.get("/n") == step.1, "version \(step.0)")
        }
        await server.stop()
    }
}
