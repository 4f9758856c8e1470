import NIOCore
import NIOPosix
import NightjarTesting
import Testing
@testable import Transport

/// A client that answers the server's close frame when it has done what came before.
@Suite(.timeLimit(.minutes(1))) struct ClientClosingTests {
    private final class Late: WebSocketClientDelegate, Sendable {
        let events = Letterbox<String>("an event of the client")
        func opened(_ client: WebSocketClient) { events.put("opened") }
        func received(_ client: WebSocketClient, _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind) {
            events.put(String(decoding: bytes, as: UTF8.self))
        }
        func closing(_ client: WebSocketClient) { events.put("closing") }
        func closed(_ client: WebSocketClient, _ end: WebSocketClientEnd) { events.put("\(end) \(end.wasClean)") }
        func failed(_ client: WebSocketClient, _ error: WebSocketClientError) { events.put("\(error)") }
        func released(_ client: WebSocketClient) { events.put("released") }
    }

    private func open(_ port: Int, _ delegate: Late, closeTimeout: TimeAmount = .seconds(20)) async throws -> NIOLoopBound<WebSocketClient> {
        let url = try WebSocketURL("ws://127.0.0.1:\(port)/echo")
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        return try await loop.submit {
            var options = WebSocketClientOptions()
            options.closeTimeout = closeTimeout
            return NIOLoopBound(WebSocketClient.open(url, options: options, on: loop, delegate: delegate), eventLoop: loop)
        }.get()
    }

    @Test func whatItSendsBeforeItsAnswerGoesOut() async throws {
        let texts = Letterbox<String>("a text")
        let endpoint = TestEndpoint(received: { connection, bytes, _ in
            texts.put(String(decoding: bytes, as: UTF8.self))
            if bytes.count == 3 { connection.close(code: 4_000, reason: "enough") }
        })
        try await withServer([.webSocket("/echo", endpoint)]) { _, port in
            let delegate = Late()
            let client = try await open(port, delegate)
            #expect(try await delegate.events.next() == "opened")
            try await client.eventLoop.submit { try client.value.send("end") }.get()
            #expect(try await texts.next() == "end")
            #expect(try await delegate.events.next() == "closing")
            // The server has closed and takes nothing in any more; but this side may still speak, and no second close frame goes out.
            try await client.eventLoop.submit {
                #expect(client.value.isOpen)
                try client.value.send("late")
                client.value.answerClose()
                #expect(!client.value.isOpen)
                client.value.answerClose()
                client.value.close(code: 1_000)
            }.get()
            #expect(try await delegate.events.next() == "remote, code 4000: enough true")
            #expect(try await delegate.events.next() == "released")
        }
    }

    @Test func whoDoesNotAnswerInTimeIsAnsweredFor() async throws {
        let endpoint = TestEndpoint(opened: { $0.close(code: 4_001) }, received: { _, _, _ in })
        try await withServer([.webSocket("/echo", endpoint)]) { _, port in
            let delegate = Late()
            _ = try await open(port, delegate, closeTimeout: .milliseconds(50))
            #expect(try await delegate.events.next() == "opened")
            #expect(try await delegate.events.next() == "closing")
            #expect(try await delegate.events.next() == "remote, code 4001 true")
            #expect(try await endpoint.nextClosed().code == 4_001)
        }
    }

    @Test func anAttemptIsReleasedWhenNothingOfItIsUnderWay() async throws {
        try await withServer([]) { _, port in
            let delegate = Late()
            let url = try WebSocketURL("ws://127.0.0.1:\(port)/echo")
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            // In one turn of the loop: else the server's refusal may come first.
            try await loop.submit { WebSocketClient.open(url, on: loop, delegate: delegate).close() }.get()
            #expect(try await delegate.events.next().hasPrefix("cancelled"))
            #expect(try await delegate.events.next() == "released")
        }
    }

    @Test func pingsCanBeChangedWhileItIsOpen() async throws {
        // Answers the handshake and then says nothing, to no ping either.
        try await RawServer.run({ [.bytes(RawServer.answer($0))] }) { server in
            let recorder = ClientRecorder()
            let client = try await recorder.open("ws://127.0.0.1:\(server.port)/") { $0.pingInterval = nil }
            #expect(try await recorder.events.next() == .opened(subprotocol: nil))
            try await client.run { $0.setPings(every: .milliseconds(10), timeout: .milliseconds(20)) }
            guard case .closed(let end) = try await recorder.nextEnd() else { return }
            #expect(end.cause == .silent)
        }
    }
}
