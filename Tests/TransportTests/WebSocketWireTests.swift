import NIOCore
import NIOHTTP1
import NightjarTesting
import Testing
@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct WebSocketWireTests {
    @Test func echoesTextAndBinaryOfManySizes() async throws {
        let echo = TestEndpoint { $0.maxUnsent = 4 << 20 }
        try await withServer([.webSocket("/echo", echo)]) { _, port in
            let client = try await WebSocketTestClient.connect(port: port, "/echo")
            for count in [0, 1, 125, 126, 5_000, 65_535, 65_536, 300_000, 1 << 20] {
                let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                try await client.send(binary: bytes)
                #expect(try await client.receive() == .binary(bytes))
            }
            try await client.send("grüße 😀")
            #expect(try await client.receive() == .text("grüße 😀"))
            try await client.close()
            #expect(try await echo.nextClosed().code == 1000)
        }
    }

    @Test func framesSentWithTheHandshakeArrive() async throws {
        try await withServer([.webSocket("/echo", TestEndpoint())]) { _, port in
            let connection = try await TestConnection.connect(port: port)
            let frames = WebSocketTestClient.frame(1, [0x61]) + WebSocketTestClient.frame(2, [1, 2])
            try await connection.send(Array(WebSocketTestClient.handshake("/echo").utf8) + frames)
            let response = try await HTTPTestClient(connection).receive()
            #expect(response.status == 101)
            let client = WebSocketTestClient(connection: connection, response: response)
            #expect(try await client.receive() == .text("a"))
            #expect(try await client.receive() == .binary([1, 2]))
            try await client.close()
        }
    }

    @Test func greetingComesAfterTheHandshake() async throws {
        let endpoint = TestEndpoint(opened: { connection in
            connection.send("hello \(connection.request?.parameters["name"] ?? "?") \(connection.request?.query ?? "")")
            connection.releaseRequest()
        })
        try await withServer([.webSocket("/hi/:name", endpoint)]) { _, port in
            let client = try await WebSocketTestClient.connect(port: port, "/hi/J%20B?x=1")
            #expect(try await client.receiveText() == "hello J B x=1")
            try await client.close()
        }
    }

    @Test(arguments: [
        ("unmasked", WebSocketTestClient.frame(1, [0x61], masked: false), 1002),
        ("reserved bit", WebSocketTestClient.frame(1, [0x61], reserved: 4), 1002),
        ("unknown opcode", WebSocketTestClient.frame(5, []), 1002),
        ("bad text", WebSocketTestClient.frame(1, [0xC0, 0x80]), 1007),
        ("close code 1005", WebSocketTestClient.frame(8, [0x03, 0xED]), 1002),
        ("too big", WebSocketTestClient.frame(2, [UInt8](repeating: 0, count: 5_000)), 1009),
    ] as [(String, [UInt8], UInt16)])
    func violationsAreAnsweredWithTheirCodeAndTheEnd(_ name: String, _ bytes: [UInt8], _ code: UInt16) async throws {
        let endpoint = TestEndpoint { $0.maxMessage = 4_096 }
        try await withServer([.webSocket("/echo", endpoint)]) { _, port in
            let client = try await WebSocketTestClient.connect(port: port, "/echo")
            try await client.sendRaw(bytes)
            #expect(try await client.receiveClose().code == code)
            _ = try await client.connection.receiveEnd()
            await client.disconnect()
            #expect(try await endpoint.nextClosed().code == code)
        }
    }

    @Test(arguments: [nil, 1000, 1001, 3000, 4999] as [UInt16?])
    func closeIsEchoed(_ code: UInt16?) async throws {
        let endpoint = TestEndpoint()
        try await withServer([.webSocket("/echo", endpoint)]) { _, port in
            let client = try await WebSocketTestClient.connect(port: port, "/echo")
            try await client.sendClose(code, code == nil ? "" : "bye")
            #expect(try await client.receiveClose().code == code)
            _ = try await client.connection.receiveEnd()
            let closed = try await endpoint.nextClosed()
            #expect(closed.code == code ?? 1005)
            #expect(closed.reason == (code == nil ? "" : "bye"))
        }
    }

    @Test func pingIsAnsweredInOrder() async throws {
        try await withServer([.webSocket("/echo", TestEndpoint())]) { _, port in
            let client = try await WebSocketTestClient.connect(port: port, "/echo")
            try await client.sendRaw(
                WebSocketTestClient.frame(1, [0x61]) + WebSocketTestClient.frame(9, [7]) + WebSocketTestClient.frame(1, [0x62]))
            #expect(try await client.receive() == .text("a"))
            #expect(try await client.receive() == .pong([7]))
            #expect(try await client.receive() == .text("b"))
            try await client.close()
        }
    }

    @Test func serverCloseWaitsForTheAnswer() async throws {
        let endpoint = TestEndpoint(received: { connection, _, _ in
            connection.send("last")
            connection.close(code: 4000, reason: "done")
            connection.send("never")
            connection.close(code: 4001)
        })
        try await withServer([.webSocket("/e", endpoint)]) { _, port in
            let client = try await WebSocketTestClient.connect(port: port, "/e")
            try await client.send("x")
            #expect(try await client.receive() == .text("last"))
            #expect(try await client.receive() == .close(code: 4000, reason: "done"))
            #expect(endpoint.events.isEmpty == false)
            try await client.sendClose(4000)
            _ = try await client.connection.receiveEnd()
            let closed = try await endpoint.nextClosed()
            #expect(closed.code == 4000 && closed.reason == "done")
        }
    }

    @Test func aLostConnectionIs1006() async throws {
        let endpoint = TestEndpoint()
        try await withServer([.webSocket("/e", endpoint)]) { server, port in
            let client = try await WebSocketTestClient.connect(port: port, "/e")
            let id = try await endpoint.nextOpened()
            await client.disconnect()
            #expect(try await endpoint.nextClosed().code == 1006)
            let isKnown = try await server.prepare(0) { $0.connection(id) != nil }
            #expect(!isKnown)
        }
    }

    @Test func aPausedConnectionKeepsWhatItReadAndGoesOn() async throws {
        let endpoint = TestEndpoint(received: { connection, bytes, kind in
            connection.send(bytes, kind)
            connection.pauseReading()
            let id = connection.id
            let context = NIOLoopBound(connection.context, eventLoop: connection.context.eventLoop)
            connection.context.eventLoop.execute { context.value.connection(id)?.resumeReading() }
        })
        try await withServer([.webSocket("/e", endpoint)]) { _, port in
            let client = try await WebSocketTestClient.connect(port: port, "/e")
            var bytes: [UInt8] = []
            for index in 0..<2_000 { bytes += WebSocketTestClient.frame(1, Array("\(index)".utf8)) }
            try await client.sendRaw(bytes)
            for index in 0..<2_000 { #expect(try await client.receiveText() == "\(index)") }
            try await client.close()
        }
    }

    @Test func aSlowReaderIsClosedAndOthersAreNot() async throws {
        let endpoint = TestEndpoint({ $0.maxUnsent = 256 * 1024 }, received: { connection, bytes, _ in
            let block = [UInt8](repeating: 0x61, count: 64 * 1024)
            for _ in 0..<(bytes.count > 1 ? 200 : 1) { block.withUnsafeBytes { connection.send($0, .text) } }
        })
        try await withServer([.webSocket("/e", endpoint)]) { _, port in
            let slow = try await WebSocketTestClient.connect(port: port, "/e", receiveBufferBytes: 8 * 1024)
            try await slow.connection.setReading(false)
            let good = try await WebSocketTestClient.connect(port: port, "/e")
            try await slow.send("many")
            try await good.send("1")
            guard case .text(let block) = try await good.receive() else { throw ServerViolation(reason: "no text") }
            #expect(block.utf8.count == 64 * 1024)
            await slow.disconnect()
            #expect(try await endpoint.nextClosed().code == 1013)
            try await good.close()
        }
    }

    @Test func oneMessageLargerThanTheUnsentLimitIsSent() async throws {
        let endpoint = TestEndpoint({ $0.maxUnsent = 70_000 }, received: { connection, _, _ in
            [UInt8](repeating: 1, count: 3_000_000).withUnsafeBytes { connection.send($0, .binary) }
        })
        try await withServer([.webSocket("/e", endpoint)]) { _, port in
            let client = try await WebSocketTestClient.connect(port: port, "/e")
            try await client.send("x")
            guard case .binary(let bytes) = try await client.receive() else { throw ServerViolation(reason: "no message") }
            #expect(bytes.count == 3_000_000)
            try await client.close()
        }
    }

    @Test func subprotocolIsTheServersFirstThatIsOffered() async throws {
        let endpoint = TestEndpoint { $0.subprotocols = ["b", "a"] }
        try await withServer([.webSocket("/e", endpoint)]) { _, port in
            let both = try await WebSocketTestClient.connect(port: port, "/e", headers: [("sec-websocket-protocol", "a, b")])
            #expect(both.response["sec-websocket-protocol"] == "b")
            try await both.close()
            let none = try await WebSocketTestClient.connect(port: port, "/e", headers: [("sec-websocket-protocol", "c")])
            #expect(none.response["sec-websocket-protocol"] == nil)
            try await none.close()
        }
    }

    @Test(arguments: [
        ([("origin", "http://evil.example")], 403),
        ([("sec-websocket-version", "12")], 426), ([("sec-websocket-key", "short")], 400), ([("content-length", "3")], 400),
    ] as [([(String, String)], Int)])
    func badHandshakesAreRefused(_ headers: [(String, String)], _ status: Int) async throws {
        try await withServer([.webSocket("/e", TestEndpoint())]) { _, port in
            let refused = try await #require(throws: HandshakeRefused.self) {
                try await WebSocketTestClient.connect(port: port, "/e", headers: headers)
            }
            #expect(refused.response.status == status)
        }
    }

    @Test func sameOriginMayConnect() async throws {
        try await withServer([.webSocket("/e", TestEndpoint())]) { _, port in
            try await WebSocketTestClient.connect(port: port, "/e", headers: [("origin", "https://localhost")]).close()
        }
    }

    @Test func plainRequestsToAnEndpointAreTold() async throws {
        try await withServer([.webSocket("/e", TestEndpoint())]) { _, port in
            let answer = try await HTTPTestClient.request(port: port, "GET", "/e")
            #expect(answer.status == 426)
            #expect(answer["upgrade"] == "websocket")
        }
    }

    @Test(arguments: ["/page", "/nothing", "/e/", "/E"])
    func handshakesElsewhereAreNotFound(_ path: String) async throws {
        let page = TestResponder { _, reply in reply.send(text: "page") }
        try await withServer([.webSocket("/e", TestEndpoint()), .http(.GET, "/page", page)]) { _, port in
            let refused = try await #require(throws: HandshakeRefused.self) {
                try await WebSocketTestClient.connect(port: port, path)
            }
            #expect(refused.response.status == 404)
        }
    }

    @Test func garbageAfterTheHandshakeHarmsNobody() async throws {
        let endpoint = TestEndpoint()
        try await withServer([.webSocket("/e", endpoint)]) { _, port in
            let good = try await WebSocketTestClient.connect(port: port, "/e")
            var random = Seeded(42)
            for _ in 0..<60 {
                let client = try await WebSocketTestClient.connect(port: port, "/e")
                client.connection.post(random.bytes(Int.random(in: 1...3_000, using: &random)))
                await client.disconnect()
            }
            try await good.send("still here")
            #expect(try await good.receiveText() == "still here")
            try await good.close()
        }
    }
}
