import NIOCore
import NIOPosix
import NightjarTesting
import Testing
@testable import Transport

@Suite(.timeLimit(.minutes(1))) struct WebSocketClientStreamTests {
    private let group = MultiThreadedEventLoopGroup.singleton

    @Test func messagesComeAndGo() async throws {
        try await withServer([.webSocket("/echo", TestEndpoint())]) { _, port in
            let stream = try await WebSocketClientStream.connect(to: WebSocketURL("ws://127.0.0.1:\(port)/echo"), on: group)
            @Sendable func next() async throws -> WebSocketMessage? {
                try await finishes("a message") {
                    var messages = stream.makeAsyncIterator()
                    return await messages.next()
                }
            }
            try await stream.send("one")
            #expect(try await next() == WebSocketMessage(.text, Array("one".utf8)))
            try await stream.send(WebSocketMessage(.binary, [1, 2]))
            #expect(try await next()?.bytes == [1, 2])
            #expect(stream.end == nil)
            stream.close(code: 4000)
            #expect(try await next() == nil)
            #expect(stream.end == WebSocketClientEnd(code: 4000, reason: "", cause: .local, wasClean: true))
            let error = await #expect(throws: WebSocketClientError.self) { try await stream.send("late") }
            #expect(error?.code == .notOpen)
        }
    }

    @Test func aSlowReaderStopsTheReadingAndLosesNothing() async throws {
        let count = 3_000, padding = String(repeating: "x", count: 4_000)
        let endpoint = TestEndpoint({ $0.maxUnsent = 64 << 20 }, opened: { connection in
            for index in 0..<count { connection.send("\(index) \(padding)") }
        })
        try await withServer([.webSocket("/e", endpoint)]) { _, port in
            var buffer = WebSocketClientStream.Buffer()
            buffer.messagesMax = 8
            let stream = try await WebSocketClientStream.connect(to: WebSocketURL("ws://127.0.0.1:\(port)/e"), buffer: buffer, on: group)
            let expected = try await finishes("the end of the stream") {
                var expected = 0
                for await message in stream {
                    #expect(message.text.hasPrefix("\(expected) "))
                    expected += 1
                    // The server gives a close 5 seconds, however slow the reader: so it is the reader who closes.
                    if expected == count { stream.close(code: 4000) }
                }
                return expected
            }
            #expect(expected == count)
            #expect(stream.end?.code == 4000)
        }
    }

    @Test func aRefusalIsThrown() async throws {
        try await withServer([]) { _, port in
            let error = await #expect(throws: WebSocketClientError.self) {
                try await WebSocketClientStream.connect(to: WebSocketURL("ws://127.0.0.1:\(port)/"), on: group)
            }
            #expect(error?.code == .refused && error?.status == 404)
        }
    }

    @Test func cancellingTheTaskEndsTheAttempt() async throws {
        // Accepts and never answers.
        try await RawServer.run({ _ in [] }) { server in
            let task = Task { try await WebSocketClientStream.connect(to: WebSocketURL("ws://127.0.0.1:\(server.port)/"), on: group) }
            task.cancel()
            let error = await #expect(throws: WebSocketClientError.self) { try await finishes("the end of the cancelled attempt") { try await task.value } }
            #expect(error?.code == .cancelled)
        }
    }

    @Test func cancellingAReaderEndsItsWaiting() async throws {
        try await withServer([.webSocket("/e", TestEndpoint())]) { _, port in
            let stream = try await WebSocketClientStream.connect(to: WebSocketURL("ws://127.0.0.1:\(port)/e"), on: group)
            let reader = Task { () -> Bool in
                for await _ in stream {}
                return true
            }
            reader.cancel()
            #expect(try await finishes("the end of the cancelled reader") { await reader.value })
            #expect(stream.end == nil)
            stream.close()
        }
    }

    @Test func aStreamThatIsGivenUpCloses() async throws {
        let endpoint = TestEndpoint()
        try await withServer([.webSocket("/e", endpoint)]) { _, port in
            _ = try await WebSocketClientStream.connect(to: WebSocketURL("ws://127.0.0.1:\(port)/e"), on: group)
            #expect(try await endpoint.nextClosed().code == 1000)
        }
    }
}

@Suite struct MessageInboxTests {
    private func message(_ count: Int) -> WebSocketMessage { WebSocketMessage(.binary, [UInt8](repeating: 0, count: count)) }

    @Test func saysWhenItIsFullAndWhenThereIsRoom() async {
        let inbox = MessageInbox(messagesMax: 4, bytesMax: 100)
        let room = Letterbox<Bool>("room in the inbox")
        let results = (0..<4).map { _ in inbox.put(message(1)) }
        #expect(results == [true, true, true, false])
        _ = await inbox.next { room.put(true) }
        #expect(room.isEmpty)
        _ = await inbox.next { room.put(true) }
        #expect(room.takeAll() == [true])
        _ = await inbox.next { room.put(true) }
        #expect(room.isEmpty)
    }

    @Test func bytesCountToo() async {
        let inbox = MessageInbox(messagesMax: 100, bytesMax: 100)
        #expect(inbox.put(message(60)))
        #expect(!inbox.put(message(60)))
        let room = Letterbox<Bool>("room in the inbox")
        _ = await inbox.next { room.put(true) }
        #expect(room.isEmpty)
        _ = await inbox.next { room.put(true) }
        #expect(room.takeAll() == [true])
    }

    @Test func whatCameBeforeTheEndIsReadFirst() async {
        let inbox = MessageInbox(messagesMax: 4, bytesMax: 100)
        _ = inbox.put(message(1))
        inbox.finish(WebSocketClientEnd(code: 1000, reason: "", cause: .remote))
        #expect(await inbox.next {} == message(1))
        #expect(await inbox.next {} == nil)
        #expect(await inbox.next {} == nil)
    }
}
