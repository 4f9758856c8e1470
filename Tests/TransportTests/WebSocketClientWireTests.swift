import NIOCore
import NIOHTTP1
import NIOPosix
import NightjarTesting
import Testing
@testable import Transport

/// The client against our own server.
@Suite(.timeLimit(.minutes(1))) struct WebSocketClientWireTests {
    @Test func messagesOfAllSizesComeBack() async throws {
        let endpoint = TestEndpoint {
            $0.maxMessage = 1 << 20
            $0.maxUnsent = 4 << 20
        }
        try await withServer([.webSocket("/echo", endpoint)]) { _, port in
            let recorder = ClientRecorder()
            let client = try await recorder.open("ws://127.0.0.1:\(port)/echo")
            #expect(try await recorder.events.next() == .opened(subprotocol: nil))
            var random = Seeded(3)
            for count in [0, 1, 125, 126, 65_535, 65_536, 300_000] {
                let bytes = random.bytes(count), text = random.text(count / 4)
                try await client.run {
                    try $0.send(bytes)
                    try $0.send(text)
                }
                #expect(try await recorder.events.next() == .binary(bytes))
                #expect(try await recorder.events.next() == .text(text))
            }
            try await client.run { $0.close(code: 4000, reason: "done") }
            #expect(try await recorder.nextEnd() == .closed(.init(code: 4000, reason: "done", cause: .local, wasClean: true)))
            let closed = try await endpoint.nextClosed()
            #expect(closed.code == 4000 && closed.reason == "done")
        }
    }

    @Test func theHandshakeCarriesHeadersAndSubprotocols() async throws {
        let endpoint = TestEndpoint({ $0.subprotocols = ["b"] }, opened: { connection in
            let request = connection.request
            connection.send("\(request?.path ?? "") \(request?.query ?? "") \(request?.headers["x-test"] ?? []) \(request?.headers["host"] ?? [])")
        })
        try await withServer([.webSocket("/e/*", endpoint)]) { _, port in
            let recorder = ClientRecorder()
            let client = try await recorder.open("ws://127.0.0.1:\(port)/e/x?room=1") {
                $0.subprotocols = ["a", "b"]
                $0.headers = [("X-Test", "yes")]
            }
            #expect(try await recorder.events.next() == .opened(subprotocol: "b"))
            #expect(try await recorder.events.next() == .text("/e/x room=1 [\"yes\"] [\"127.0.0.1:\(port)\"]"))
            try await client.run { $0.close() }
        }
    }

    @Test func theServersCloseIsToldAfterTheLastMessage() async throws {
        let endpoint = TestEndpoint(opened: { connection in
            for index in 0..<50 { connection.send("\(index)") }
            connection.close(code: 1012, reason: "restart")
        })
        try await withServer([.webSocket("/e", endpoint)]) { _, port in
            let recorder = ClientRecorder()
            _ = try await recorder.open("ws://127.0.0.1:\(port)/e")
            #expect(try await recorder.events.next() == .opened(subprotocol: nil))
            for index in 0..<50 { #expect(try await recorder.events.next() == .text("\(index)")) }
            #expect(try await recorder.events.next() == .closed(.init(code: 1012, reason: "restart", cause: .remote, wasClean: true)))
            #expect(try await endpoint.nextClosed().code == 1012)
        }
    }

    @Test func messagesOnTheirWayAreDeliveredAfterOurClose() async throws {
        // The answer to "last" and our close frame leave together.
        let endpoint = TestEndpoint(received: { connection, bytes, kind in
            for _ in 0..<100 { connection.send(bytes, kind) }
        })
        try await withServer([.webSocket("/e", endpoint)]) { _, port in
            let recorder = ClientRecorder()
            let client = try await recorder.open("ws://127.0.0.1:\(port)/e")
            #expect(try await recorder.events.next() == .opened(subprotocol: nil))
            try await client.run { client in
                try client.send("last")
                client.close()
                #expect(throws: WebSocketClientError.self) { try client.send("too late") }
            }
            for _ in 0..<100 { #expect(try await recorder.events.next() == .text("last")) }
            #expect(try await recorder.events.next() == .closed(.init(code: 1000, reason: "", cause: .local, wasClean: true)))
        }
    }

    @Test func aConsumerThatPausesAfterEachMessageGetsAllInOrder() async throws {
        let endpoint = TestEndpoint({ $0.maxUnsent = 64 << 20 }, opened: { connection in
            let padding = String(repeating: "x", count: 3_000)
            for index in 0..<1_000 { connection.send("\(index) \(padding)") }
            connection.close(code: 1000)
        })
        try await withServer([.webSocket("/e", endpoint)]) { _, port in
            let recorder = ClientRecorder(received: { client, _ in
                client.pauseReading()
                let client = NIOLoopBound(client, eventLoop: client.eventLoop)
                client.eventLoop.execute { client.value.resumeReading() }
            })
            _ = try await recorder.open("ws://127.0.0.1:\(port)/e")
            #expect(try await recorder.events.next() == .opened(subprotocol: nil))
            for index in 0..<1_000 {
                guard case .text(let text) = try await recorder.events.next() else { throw ServerViolation(reason: "no text") }
                #expect(text.hasPrefix("\(index) "))
            }
            #expect(try await recorder.events.next() == .closed(.init(code: 1000, reason: "", cause: .remote, wasClean: true)))
        }
    }

    @Test func whatCannotBeSentYetIsRefusedAndTheConnectionGoesOn() async throws {
        let hold = TestEndpoint({ $0.maxMessage = 1 << 20 }, received: { connection, bytes, _ in
            // Reads nothing more after the first message.
            if bytes.count == 1 { connection.pauseReading() }
        })
        try await withServer([.webSocket("/e", hold)]) { _, port in
            let recorder = ClientRecorder()
            let client = try await recorder.open("ws://127.0.0.1:\(port)/e") { $0.maxUnsent = 100_000 }
            #expect(try await recorder.events.next() == .opened(subprotocol: nil))
            let code = try await client.run { client -> WebSocketClientError.Code? in
                try client.send("1")
                let block = String(repeating: "x", count: 50_000)
                do throws(WebSocketClientError) {
                    for _ in 0..<1_000 { try client.send(block) }
                    return nil
                } catch {
                    #expect(client.isOpen)
                    #expect(client.unsentBytes <= 100_000 + 64)
                    return error.code
                }
            }
            #expect(code == .backlog)
            try await client.run { $0.close() }
        }
    }

    @Test func nobodyThereIsToldAndSoIsARefusal() async throws {
        try await withServer([.webSocket("/e", TestEndpoint { $0.origins = .list([]) })]) { server, port in
            let missing = ClientRecorder()
            _ = try await missing.open("ws://127.0.0.1:\(port)/nothing")
            guard case .failed(let error) = try await missing.events.next() else { throw ServerViolation(reason: "opened") }
            #expect(error.code == .refused && error.status == 404)
            let foreign = ClientRecorder()
            _ = try await foreign.open("ws://127.0.0.1:\(port)/e") { $0.headers = [("origin", "http://evil.example")] }
            guard case .failed(let other) = try await foreign.events.next() else { throw ServerViolation(reason: "opened") }
            #expect(other.status == 403)
            await server.stopAccepting()
            let late = ClientRecorder()
            _ = try await late.open("ws://127.0.0.1:\(port)/e")
            #expect(try await late.failure() == .connectFailed)
        }
    }

    @Test func aClientThatIsClosedBeforeItIsOpenFails() async throws {
        try await withServer([.webSocket("/e", TestEndpoint())]) { _, port in
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let recorder = ClientRecorder()
            let url = try WebSocketURL("ws://127.0.0.1:\(port)/e")
            try await loop.submit { WebSocketClient.open(url, on: loop, delegate: recorder).close() }.get()
            #expect(try await recorder.failure() == .cancelled)
        }
    }

    // MARK: TLS

    @Test func speaksTLSWithWhomItTrusts() async throws {
        try await withCertificate { tls in
            try await withServer(tls: tls, [.webSocket("/echo", TestEndpoint { $0.maxUnsent = 4 << 20 })]) { _, port in
                let trust = try WebSocketClientTLS(trustingFile: tls.certificatePath)
                let recorder = ClientRecorder()
                let client = try await recorder.open("wss://localhost:\(port)/echo") { $0.tls = trust }
                #expect(try await recorder.events.next() == .opened(subprotocol: nil))
                let text = String(repeating: "tls", count: 100_000)
                try await client.run { try $0.send(text) }
                #expect(try await recorder.events.next() == .text(text))
                try await client.run { $0.close() }
                #expect(try await recorder.nextEnd() == .closed(.init(code: 1000, reason: "", cause: .local, wasClean: true)))
            }
        }
    }

    @Test func doesNotSpeakTLSWithAnybodyElse() async throws {
        try await withCertificate { tls in
            try await withServer(tls: tls, [.webSocket("/echo", TestEndpoint())]) { _, port in
                // Nobody known vouches for the certificate.
                let unknown = ClientRecorder()
                _ = try await unknown.open("wss://localhost:\(port)/echo")
                #expect(try await unknown.failure() == .tlsFailed)
                // The certificate is another host's.
                let trust = try WebSocketClientTLS(trustingFile: tls.certificatePath)
                let other = ClientRecorder()
                _ = try await other.open("wss://127.0.0.1:\(port)/echo") { $0.tls = trust }
                #expect(try await other.failure() == .tlsFailed)
            }
            try await withServer([.webSocket("/echo", TestEndpoint())]) { _, port in
                // No TLS there at all.
                let trust = try WebSocketClientTLS(trustingFile: tls.certificatePath)
                let recorder = ClientRecorder()
                _ = try await recorder.open("wss://localhost:\(port)/echo") { $0.tls = trust }
                #expect(try await recorder.failure() == .tlsFailed)
            }
        }
    }

    @Test func aTrustFileThatIsNoneIsRefused() throws {
        let error = try #require(throws: WebSocketClientError.self) { try WebSocketClientTLS(trustingFile: "/nonexistent") }
        #expect(error.code == .tlsFailed)
    }
}

extension WebSocketClient {
    fileprivate func send(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try send($0, .binary) } }
}
