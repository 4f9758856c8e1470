import NightjarTesting
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// What reaches one connection on different ways arrives in the order in which a handler sent it.
@Suite("Order of what handlers send", .timeLimit(.minutes(1)))
struct RuntimeOrderTests {
    private func server(_ text: String) async throws -> TestServer {
        try await TestServer(
            packages: ["test": "local nightjar = require \"nightjar\"\nlocal M = {}\n\(text)\nreturn M\n"], workers: 3)
    }

    @Test("messages to a connection and to its room keep their order, also across loops")
    func directAndRoom() async throws {
        let server = try await server(
            """
            nightjar.websocket.endpoint("/order", {message = function(conn)
              local room = nightjar.room("of " .. conn.id)
              room:join(conn)
              for i = 1, 20 do
                conn:send("direct " .. i)
                room:send("room " .. i)
              end
            end})
            """)
        let port = server.port
        try await blocking {
            for _ in 0..<6 {
                let socket = try BlockingWebSocket(port: port, path: "/order")
                try socket.send("go")
                for i in 1...20 {
                    #expect(try socket.receive() == "direct \(i)")
                    #expect(try socket.receive() == "room \(i)")
                }
            }
        }
        await server.stop()
    }

    /// A message and a close frame in one packet.
    private func sayAndClose(_ server: TestServer, _ path: String) async throws -> [TestFrame] {
        let client = try await server.connect(path)
        try await client.sendRaw(WebSocketTestClient.frame(1, Array("last".utf8)) + WebSocketTestClient.frame(8, [0x0F, 0xA1]))
        var frames: [TestFrame] = []
        while true {
            frames.append(try await client.receive())
            if case .close? = frames.last { break }
        }
        _ = try await client.connection.receiveEnd()
        await client.disconnect()
        return frames
    }

    @Test("a close is answered after the replies to what came before it, on whatever loop, also when they take time")
    func closeBehindReplies() async throws {
        let server = try await server(
            """
            local codes = {}
            nightjar.websocket.endpoint("/now", {
              message = function(conn, text) conn:send("you said " .. text) end,
              close = function(_, code) codes[#codes + 1] = code end,
            })
            nightjar.websocket.endpoint("/later", {message = function(conn, text)
              nightjar.sleep(0.001)
              nightjar.store.set("last", text)
              conn:send("you said " .. nightjar.store.get("last"))
            end})
            nightjar.http.get("/codes", function() return table.concat(codes, " ") end)
            """)
        for path in ["/now", "/later"] {
            for _ in 0..<9 {
                let frames = try await sayAndClose(server, path)
                #expect(frames == [.text("you said last"), .close(code: 4001, reason: "")], "\(path)")
            }
        }
        let codes = (0..<9).map { _ in "4001" }.joined(separator: " ")
        try await eventually("every close handler has run") { try await server.get("/codes") == codes }
        await server.stop()
    }

    @Test("a handler that closes the connection itself answers the client's close with its own code")
    func closeOfTheHandler() async throws {
        let server = try await server(
            """
            nightjar.websocket.endpoint("/bye", {message = function(conn)
              nightjar.sleep(0.001)
              conn:send("bye")
              conn:close(4002, "mine")
            end})
            """)
        for _ in 0..<6 {
            #expect(try await sayAndClose(server, "/bye") == [.text("bye"), .close(code: 4002, reason: "mine")])
        }
        await server.stop()
    }

    @Test("messages that several handlers of one turn send keep their order")
    func severalHandlers() async throws {
        let server = try await server(
            """
            nightjar.websocket.endpoint("/order", {message = function(conn, text)
              local room = nightjar.room("of " .. conn.id)
              room:join(conn)
              if text:find("direct") then conn:send(text) else room:send(text) end
            end})
            """)
        let port = server.port
        try await blocking {
            for _ in 0..<6 {
                let socket = try BlockingWebSocket(port: port, path: "/order")
                let texts = (1...100).map { ($0 % 3 == 0 ? "room " : "direct ") + String($0) }
                try socket.send(texts)
                for text in texts { #expect(try socket.receive() == text) }
            }
        }
        await server.stop()
    }

    @Test("a close comes after what was sent before, and 1005 has no code")
    func closeWithoutCode() async throws {
        let server = try await server(
            """
            nightjar.websocket.endpoint("/order", {message = function(conn)
              local room = nightjar.room("of " .. conn.id)
              room:join(conn)
              conn:send("one")
              room:send("two")
              conn:close(1005)
              room:send("never")
            end})
            """)
        let port = server.port
        try await blocking {
            for _ in 0..<6 {
                let socket = try BlockingWebSocket(port: port, path: "/order")
                try socket.send("go")
                #expect(try socket.next() == .message("one"))
                #expect(try socket.next() == .message("two"))
                #expect(try socket.next() == .closed(1005))
            }
        }
        await server.stop()
    }

    @Test("scripts of other sites are let in where a route says so")
    func cors() async throws {
        let server = try await server(
            """
            nightjar.http.get("/open", function() return "open" end, {cors = true})
            nightjar.http.get("/shut", function() return "shut" end)
            """)
        let port = server.port
        try await blocking {
            for _ in 0..<3 {
                let socket = try BlockingWebSocket(port: port)
                let origin = "Origin: https://other.example\r\n"
                let open = try socket.http("GET", "/open", headers: origin)
                #expect(open.body == "open")
                #expect(open.head.lowercased().contains("access-control-allow-origin: *\r\n"))
                let preflight = try socket.http(
                    "OPTIONS", "/open", headers: origin + "Access-Control-Request-Method: GET\r\n")
                #expect(preflight.status == 204)
                #expect(preflight.head.lowercased().contains("access-control-allow-origin: *\r\n"))
                let shut = try socket.http("GET", "/shut", headers: origin)
                #expect(shut.body == "shut")
                #expect(!shut.head.lowercased().contains("access-control"))
            }
        }
        await server.stop()
    }
}
