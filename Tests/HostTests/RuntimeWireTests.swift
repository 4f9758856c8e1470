import Foundation
import NightjarTesting
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

@Suite("Packages over the wire", .timeLimit(.minutes(2)))
struct RuntimeWireTests {
    private static let head = "local nightjar = require \"nightjar\"\nlocal M = {}\n"

    private func server(
        _ text: String, workers: Int = 1, limits: RuntimeLimits = RuntimeLimits()
    ) async throws -> TestServer {
        try await TestServer(packages: ["test": Self.head + text + "\nreturn M\n"], workers: workers) { $0.limits = limits }
    }

    static let placements = ["one", "all", "dedicated"]

    @Test("a message is answered, whatever loop its package lives on", arguments: placements)
    func echo(placement: String) async throws {
        let server = try await server(
            """
            M.workers = "\(placement)"
            nightjar.websocket.endpoint("/echo", {message = function(conn, text) conn:send(text) end})
            """, workers: 2)
        let port = server.port
        try await blocking {
            for connection in 0..<6 {
                let socket = try BlockingWebSocket(port: port, path: "/echo")
                for round in 0..<20 {
                    let texts = (0..<16).map { "\(connection) \(round) \($0)" }
                    try socket.send(texts)
                    for text in texts { #expect(try socket.receive() == text) }
                }
                let large = String(repeating: "x", count: 60_000)
                try socket.send(large)
                #expect(try socket.receive() == large)
            }
        }
        await server.stop()
    }

    @Test("open sees the request, close sees the code, and conn.data stays with its connection", arguments: placements)
    func lifecycle(placement: String) async throws {
        let server = try await server(
            """
            M.workers = "\(placement)"
            local closed = {}
            nightjar.websocket.endpoint("/life/:name", {
              open = function(conn, request)
                conn.data = {name = request.params.name, color = request.query.color, n = 0}
                conn:send(request.method .. " " .. request.path .. " " .. (request:header("upgrade") or "?"))
              end,
              message = function(conn, text)
                conn.data.n = conn.data.n + 1
                conn:send(conn.data.name .. " " .. tostring(conn.data.color) .. " " .. conn.data.n)
                if text == "bye" then conn:close(4001, "because") end
              end,
              close = function(conn, code, reason) nightjar.event.notify("closed", code) end,
            })
            nightjar.http.get("/closed", function() return tostring(nightjar.event.wait("closed", 5)) end)
            """, workers: 2)
        let port = server.port
        try await blocking {
            let socket = try BlockingWebSocket(port: port, path: "/life/ann?color=a%20b")
            let other = try BlockingWebSocket(port: port, path: "/life/bob")
            #expect(try socket.receive() == "GET /life/ann websocket")
            _ = try other.receive()
            try socket.send("a")
            try other.send("b")
            try socket.send("bye")
            #expect(try socket.receive() == "ann a b 1")
            #expect(try socket.receive() == "ann a b 2")
            #expect(try socket.next() == .closed(4001))
            #expect(try other.receive() == "bob nil 1")
        }
        await server.stop()
    }

    @Test("the next message waits until the handler has ended, its waits included", arguments: ["one", "dedicated"])
    func order(placement: String) async throws {
        let server = try await server(
            """
            M.workers = "\(placement)"
            nightjar.websocket.endpoint("/slow", {message = function(conn, text)
              conn:send("begin " .. text)
              nightjar.sleep(0.002)
              conn:send("end " .. text)
            end})
            """)
        let port = server.port
        try await blocking {
            let socket = try BlockingWebSocket(port: port, path: "/slow")
            try socket.send((0..<200).map { String($0) })
            for number in 0..<200 {
                #expect(try socket.receive() == "begin \(number)")
                #expect(try socket.receive() == "end \(number)")
            }
        }
        await server.stop()
    }

    @Test("with concurrent = true messages overtake a waiting handler")
    func concurrent() async throws {
        let server = try await server(
            """
            nightjar.websocket.endpoint("/many", {concurrent = true, message = function(conn, text)
              if text == "wait" then conn:send(nightjar.event.wait("go", 5)) else nightjar.event.notify("go", text) end
            end})
            """)
        let port = server.port
        try await blocking {
            let socket = try BlockingWebSocket(port: port, path: "/many")
            try socket.send(["wait", "now"])
            #expect(try socket.receive() == "now")
        }
        await server.stop()
    }

    @Test("a handler that raises sends nothing, keeps the connection, and is reported once with its position")
    func errors() async throws {
        let server = try await server(
            """
            nightjar.websocket.endpoint("/bad", {
              message = function(conn, text)
                conn:send("before")
                if text == "bad" then error("broken on purpose") end
              end,
              error = function(conn, code) conn:send("error " .. code) end,
            })
            """)
        let port = server.port
        try await blocking {
            let socket = try BlockingWebSocket(port: port, path: "/bad")
            try socket.send(["bad", "good"])
            #expect(try socket.receive() == "error runtime")
            #expect(try socket.receive() == "before")
        }
        let errors = server.scriptErrors
        #expect(errors.count == 1)
        #expect(errors.first?.contains("test/main.lua:6: broken on purpose") == true)
        await server.stop()
    }

    @Test("effects before a wait are applied at the wait")
    func effectsAtWait() async throws {
        let server = try await server(
            """
            nightjar.websocket.endpoint("/w", {message = function(conn)
              conn:send("first")
              local value, code = nightjar.event.wait("never", 0.01)
              conn:send(tostring(value) .. " " .. code)
            end})
            """)
        let port = server.port
        try await blocking {
            let socket = try BlockingWebSocket(port: port, path: "/w")
            try socket.send("x")
            #expect(try socket.receive() == "first")
            #expect(try socket.receive() == "nil timeout")
        }
        await server.stop()
    }

    @Test("a handler that waits for too long gets a timeout error", arguments: [1])
    func timeout(seconds: Int64) async throws {
        var limits = RuntimeLimits()
        limits.handlerMilliseconds = seconds * 1_000
        let server = try await server(
            """
            nightjar.websocket.endpoint("/t", {message = function(conn)
              local ok, problem = pcall(nightjar.sleep, 60)
              conn:send(tostring(ok) .. " " .. problem.code)
            end})
            """, limits: limits)
        let port = server.port
        try await blocking {
            let socket = try BlockingWebSocket(port: port, path: "/t")
            try socket.send("x")
            #expect(try socket.receive() == "false timeout")
        }
        await server.stop()
    }

    @Test("rooms reach all members on all loops, in order, and count exactly", arguments: placements)
    func rooms(placement: String) async throws {
        let server = try await server(
            """
            M.workers = "\(placement)"
            nightjar.websocket.endpoint("/room", {
              message = function(conn, text)
                local room = nightjar.room("lobby")
                if text == "join" then
                  room:join(conn)
                  conn:send("joined " .. room:count())
                elseif text == "leave" then
                  room:leave(conn)
                  conn:send("left " .. room:count() .. " " .. #room:members())
                else
                  room:send(text, {except = conn})
                end
              end,
            })
            """, workers: 2)
        let port = server.port
        try await blocking {
            let sockets = try (0..<8).map { _ in try BlockingWebSocket(port: port, path: "/room") }
            for (index, socket) in sockets.enumerated() {
                try socket.send("join")
                #expect(try socket.receive() == "joined \(index + 1)")
            }
            try sockets[0].send((0..<50).map { "news \($0)" })
            for socket in sockets[1...] {
                for number in 0..<50 { #expect(try socket.receive() == "news \(number)") }
            }
            try sockets[0].send("leave")
            #expect(try sockets[0].receive() == "left 7 7")
        }
        await server.stop()
    }

    @Test("HTTP handlers answer with text, tables and JSON, and may wait", arguments: placements)
    func http(placement: String) async throws {
        let server = try await server(
            """
            M.workers = "\(placement)"
            nightjar.http.get("/hello", function() return "hello" end)
            nightjar.http.get("/item/:id", function(r) nightjar.sleep(0.001) return {json = {id = r.params.id, q = r.query.q}} end)
            nightjar.http.post("/post", function(r)
              return {status = 201, headers = {["x-size"] = tostring(#r.body)}, body = r.method .. r.body}
            end)
            nightjar.http.delete("/nothing", function() end)
            nightjar.http.get("/broken", function() error("oops") end)
            """, workers: 2)
        let port = server.port
        try await blocking {
            for _ in 0..<4 {
                let socket = try BlockingWebSocket(port: port)
                #expect(try socket.http("GET", "/hello").body == "hello")
                let item = try socket.http("GET", "/item/a%2Fb?q=1")
                #expect(item.body == #"{"id":"a/b","q":"1"}"# || item.body == #"{"q":"1","id":"a/b"}"#)
                let post = try socket.http("POST", "/post", body: "body")
                #expect(post.status == 201 && post.body == "POSTbody" && post.head.lowercased().contains("x-size: 4"))
                #expect(try socket.http("DELETE", "/nothing").status == 204)
                let broken = try socket.http("GET", "/broken")
                #expect(broken.status == 500 && broken.body.contains(#""code":"internal","id":""#))
                #expect(try socket.http("GET", "/unknown").status == 404)
            }
        }
        await server.stop()
    }

    @Test("packages call each other, publish and subscribe, over loops")
    func packages() async throws {
        let head = Self.head
        let server = try await TestServer(
            packages: [
                "adder": head + """
                    M.workers = "dedicated"
                    nightjar.provide("adder.add", function(a, b) nightjar.sleep(0.001) return a + b, {list = {a, b}} end)
                    nightjar.provide("adder.bad", function() error("no") end)
                    nightjar.subscribe("topic", function(value, topic) nightjar.publish("echo", {topic = topic, value = value}) end)
                    return M
                    """,
                "user": head + """
                    nightjar.subscribe("echo", function(value) nightjar.event.notify("echo", value) end)
                    nightjar.http.get("/add", function()
                      local sum, lists = nightjar.call("adder.add", 20, 22)
                      return sum .. " " .. lists.list[2]
                    end)
                    nightjar.http.get("/bad", function() local v, code = nightjar.call("adder.bad") return tostring(v) .. " " .. code end)
                    nightjar.http.get("/none", function() local v, code = nightjar.call("nobody") return tostring(v) .. " " .. code end)
                    nightjar.http.get("/publish", function()
                      nightjar.spawn(function(n) nightjar.sleep(0.01) nightjar.publish("topic", {n = n}) end, 5)
                      local value = nightjar.event.wait("echo", 5)
                      return value.topic .. " " .. value.value.n
                    end)
                    return M
                    """,
            ], workers: 2)
        let port = server.port
        try await blocking {
            let socket = try BlockingWebSocket(port: port)
            #expect(try socket.http("GET", "/add").body == "42 22")
            #expect(try socket.http("GET", "/bad").body == "nil runtime")
            #expect(try socket.http("GET", "/none").body == "nil no_such_function")
            #expect(try socket.http("GET", "/publish").body == "topic 5")
        }
        await server.stop()
    }

    @Test("what is not allowed while loading fails the load with its position")
    func loading() async throws {
        let server = try await server(#"nightjar.http.get("/v", function() return "1" end)"#)
        for (text, message) in [
            (#"nightjar.publish("x", 1)"#, "publish is not available while the script is being loaded"),
            ("nightjar.sleep(1)", "main.lua:3"),
            (#"nightjar.event.notify("x")"#, "M.on_reload"),
            (#"nightjar.websocket.endpoint("/a", {message = 5})"#, "function expected"),
            (#"nightjar.http.get("a", function() end)"#, "beginning with '/'"),
        ] {
            server.save("Scripts/test/main.lua", Self.head + text + "\nreturn M\n")
            let failure = try await server.takeOver()
            #expect(failure?.contains(message) == true, "\(text): \(failure ?? "loaded")")
        }
        let port = server.port
        let body = try await blocking { try BlockingWebSocket(port: port).http("GET", "/v").body }
        #expect(body == "1")
        await server.stop()
    }

    @Test("thousands of messages to a slow handler are all handled, in order, while reading is held back", arguments: placements)
    func flood(placement: String) async throws {
        let server = try await server(
            """
            M.workers = "\(placement)"
            local n = 0
            nightjar.websocket.endpoint("/slow", {message = function(conn, text)
              n = n + 1
              if n % 100 == 1 then nightjar.sleep(0.001) end
              conn:send(text)
            end})
            """)
        let port = server.port
        try await blocking {
            let socket = try BlockingWebSocket(port: port, path: "/slow")
            let writer = Held(try BlockingWebSocket(sharing: socket))
            let sent = Thread {
                for start in stride(from: 0, to: 6_000, by: 50) { try? writer.socket.send((start..<start + 50).map { String($0) }) }
            }
            sent.start()
            for number in 0..<6_000 { #expect(try socket.receive() == String(number)) }
        }
        await server.stop()
    }

    @Test("in development mode a conn.data that would not survive is reported once, with its path")
    func plainData() async throws {
        let server = try await TestServer(
            packages: [
                "test": Self.head + """
                    nightjar.websocket.endpoint("/d", {message = function(conn, text)
                      conn.data = {list = {1, function() end}}
                      conn:send(text)
                    end})
                    return M
                    """
            ], debug: true)
        let port = server.port
        try await blocking {
            let socket = try BlockingWebSocket(port: port, path: "/d")
            for _ in 0..<3 {
                try socket.send("x")
                _ = try socket.receive()
            }
        }
        let errors = server.scriptErrors
        #expect(errors.count == 1)
        // The line that set it: the head has as many lines as it has.
        let line = Self.head.split(separator: "\n", omittingEmptySubsequences: false).count + 1
        #expect(errors.first?.contains("list[2]") == true && errors.first?.contains("Scripts/test/main.lua:\(line)") == true, "\(errors)")
        await server.stop()
    }

    /// @unchecked Sendable: one thread uses it.
    private final class Held: @unchecked Sendable {
        let socket: BlockingWebSocket
        init(_ socket: BlockingWebSocket) { self.socket = socket }
    }
}
