import NIOCore
import NIOEmbedded
import NightjarTesting
import Testing
@testable import Transport

/// The client against servers that do it wrong.
@Suite(.timeLimit(.minutes(1))) struct WebSocketClientHostileTests {
    private typealias Raw = RawServer

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", .refused),
        ("HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: wrong\r\n\r\n", .badHandshake),
        ("220 mail.example ESMTP\r\n", .badHandshake),
        ("HTTP/1.1 101 x\r\nx: " + String(repeating: "y", count: 20_000), .headTooLarge),
    ] as [(String, WebSocketClientError.Code)])
    func aWrongAnswerIsAFailureAndTheConnectionEnds(_ answer: String, _ code: WebSocketClientError.Code) async throws {
        try await Raw.run({ _ in [.bytes(Array(answer.utf8))] }) { server in
            let recorder = ClientRecorder()
            _ = try await recorder.open("ws://127.0.0.1:\(server.port)/")
            #expect(try await recorder.failure() == code)
            #expect(try await server.ended.next())
        }
    }

    @Test(arguments: [[], [.bytes(Array("HTTP/1.1 101 Switching".utf8))]] as [[RawServer.Step]])
    func anEndDuringTheHandshakeIsAFailure(_ steps: [RawServer.Step]) async throws {
        try await Raw.run({ _ in steps + [.close] }) { server in
            let recorder = ClientRecorder()
            _ = try await recorder.open("ws://127.0.0.1:\(server.port)/")
            #expect(try await recorder.failure() == .lost)
        }
    }

    @Test(arguments: [
        ("masked", WebSocketTestClient.frame(1, [0x61]), 1002),
        ("reserved bit", WebSocketTestClient.frame(1, [0x61], reserved: 4, masked: false), 1002),
        ("unknown opcode", WebSocketTestClient.frame(5, [], masked: false), 1002),
        ("bad text", WebSocketTestClient.frame(1, [0xC0, 0x80], masked: false), 1007),
        ("lost continuation", WebSocketTestClient.frame(0, [0x61], masked: false), 1002),
        ("close code 1005", WebSocketTestClient.frame(8, [0x03, 0xED], masked: false), 1002),
        ("too big", WebSocketTestClient.frame(2, [UInt8](repeating: 0, count: 5_000), masked: false), 1009),
        // Only the header: the announced length is enough.
        ("far too big", [0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0], 1009),
    ] as [(String, [UInt8], UInt16)])
    func violationsEndTheConnectionWithTheirCode(_ name: String, _ bytes: [UInt8], _ code: UInt16) async throws {
        let before = WebSocketTestClient.frame(1, Array("before".utf8), masked: false)
        let after = WebSocketTestClient.frame(1, Array("after".utf8), masked: false)
        try await Raw.run({ [.bytes(Raw.answer($0) + before + bytes + after)] }) { server in
            let recorder = ClientRecorder()
            _ = try await recorder.open("ws://127.0.0.1:\(server.port)/") { $0.maxMessage = 4_096 }
            #expect(try await recorder.events.next() == .opened(subprotocol: nil))
            #expect(try await recorder.events.next() == .text("before"))
            #expect(try await server.nextCloseCode() == code)
            guard case .closed(let end) = try await recorder.events.next() else { throw ServerViolation(reason: "not closed") }
            #expect(end.code == code && end.cause == .violation && !end.wasClean)
        }
    }

    @Test func aHalfCloseWithoutACloseFrameIsLost() async throws {
        let message = WebSocketTestClient.frame(1, Array("only".utf8), masked: false)
        try await Raw.run({ [.bytes(Raw.answer($0) + message), .closeOutput] }) { server in
            let recorder = ClientRecorder()
            _ = try await recorder.open("ws://127.0.0.1:\(server.port)/")
            #expect(try await recorder.events.next() == .opened(subprotocol: nil))
            #expect(try await recorder.events.next() == .text("only"))
            #expect(try await recorder.events.next() == .closed(.init(code: 1006, reason: "", cause: .lost)))
        }
    }

    @Test func fragmentsAndPingsBetweenThemAreUnderstood() async throws {
        let frames = WebSocketTestClient.frame(1, Array("a".utf8), final: false, masked: false)
            + WebSocketTestClient.frame(9, [1, 2], masked: false) + WebSocketTestClient.frame(0, Array("b".utf8), masked: false)
        try await Raw.run({ [.bytes(Raw.answer($0) + frames)] }) { server in
            let recorder = ClientRecorder()
            let client = try await recorder.open("ws://127.0.0.1:\(server.port)/")
            #expect(try await recorder.events.next() == .opened(subprotocol: nil))
            #expect(try await recorder.events.next() == .text("ab"))
            let pong = try await server.received.next()
            #expect(pong.count == 8 && pong[0] == 0x8A && pong[1] == 0x82)
            #expect([pong[6] ^ pong[2], pong[7] ^ pong[3]] == [1, 2])
            try await client.run { $0.close() }
        }
    }

    @Test func whatWasReadBeforeTheEndIsDeliveredToAConsumerThatPaused() async throws {
        var frames: [UInt8] = []
        for index in 0..<500 { frames += WebSocketTestClient.frame(1, Array("\(index)".utf8), masked: false) }
        let all = frames
        try await Raw.run({ [.bytes(Raw.answer($0)), .bytes(all), .close] }) { server in
            let recorder = ClientRecorder(opened: { $0.pauseReading() })
            let client = try await recorder.open("ws://127.0.0.1:\(server.port)/")
            #expect(try await recorder.events.next() == .opened(subprotocol: nil))
            #expect(try await server.ended.next())
            try await client.run { $0.resumeReading() }
            for index in 0..<500 { #expect(try await recorder.events.next() == .text("\(index)")) }
            #expect(try await recorder.events.next() == .closed(.init(code: 1006, reason: "", cause: .lost)))
        }
    }

    @Test func aDelegateThatClosesAtTheFirstMessageStillGetsTheRest() async throws {
        var frames: [UInt8] = []
        for index in 0..<5 { frames += WebSocketTestClient.frame(1, Array("\(index)".utf8), masked: false) }
        let all = frames + WebSocketTestClient.frame(8, [0x03, 0xE8], masked: false)
        try await Raw.run({ [.bytes(Raw.answer($0) + all)] }) { server in
            let recorder = ClientRecorder(received: { client, _ in client.close(code: 4001) })
            _ = try await recorder.open("ws://127.0.0.1:\(server.port)/") { $0.closeTimeout = .seconds(20) }
            #expect(try await recorder.events.next() == .opened(subprotocol: nil))
            for index in 0..<5 { #expect(try await recorder.events.next() == .text("\(index)")) }
            #expect(try await recorder.events.next() == .closed(.init(code: 4001, reason: "", cause: .local, wasClean: true)))
            #expect(try await server.nextCloseCode() == 4001)
        }
    }
}

/// Times, on a clock the test turns.
@Suite struct WebSocketClientDeadlineTests {
    private final class Embedded {
        let loop = EmbeddedEventLoop()
        let channel: EmbeddedChannel
        let client: WebSocketClient
        let recorder = ClientRecorder()

        init(_ configure: (inout WebSocketClientOptions) -> Void = { _ in }) throws {
            var options = WebSocketClientOptions()
            configure(&options)
            channel = EmbeddedChannel(loop: loop)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            client = WebSocketClient(try WebSocketURL("ws://a/b"), options: options, on: loop, delegate: recorder)
            client.startTimeout()
            try channel.pipeline.syncOperations.addHandler(WebSocketClientHandler(client))
        }

        func sent() throws -> [UInt8] {
            loop.run()
            var bytes: [UInt8] = []
            while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
            return bytes
        }

        func receive(_ bytes: [UInt8]) throws { try channel.writeInbound(ByteBuffer(bytes: bytes)) }

        func open() throws {
            let request = String(decoding: try sent(), as: UTF8.self)
            let key = request.split(separator: "\r\n").first { $0.hasPrefix("sec-websocket-key: ") }!.dropFirst(19)
            try receive(RawServer.answer(Handshake.acceptValue(String(key))))
            #expect(events() == [.opened(subprotocol: nil)])
        }

        func events() -> [ClientRecorder.Event] {
            loop.run()
            return recorder.events.takeAll()
        }
    }

    /// Opcodes of the frames; all must be masked and shorter than 126 bytes.
    private func opcodes(_ bytes: [UInt8]) -> [UInt8] {
        var found: [UInt8] = []
        var index = 0
        while index + 6 <= bytes.count {
            #expect(bytes[index + 1] & 0x80 != 0)
            found.append(bytes[index] & 0x0F)
            index += 6 + Int(bytes[index + 1] & 0x7F)
        }
        return found
    }

    @Test func aHandshakeThatStallsIsGivenUp() throws {
        let test = try Embedded { $0.connectTimeout = .seconds(10) }
        _ = try test.sent()
        try test.receive(Array("HTTP/1.1 101 Swit".utf8))
        test.loop.advanceTime(by: .seconds(9))
        try test.receive(Array("ching".utf8))
        #expect(test.events().isEmpty && test.channel.isActive)
        test.loop.advanceTime(by: .seconds(1))
        guard case .failed(let error)? = test.events().first else { throw ServerViolation(reason: "did not fail") }
        #expect(error.code == .timeout)
        #expect(!test.channel.isActive)
    }

    @Test func pingsGoOutAtTheIntervalAndAnyAnswerWillDo() throws {
        let test = try Embedded {
            $0.pingInterval = .seconds(3)
            $0.pongTimeout = .seconds(5)
        }
        try test.open()
        for _ in 0..<20 {
            test.loop.advanceTime(by: .seconds(3))
            #expect(opcodes(try test.sent()) == [Opcode.ping])
            try test.receive(WebSocketTestClient.frame(10, [], masked: false))
        }
        #expect(test.channel.isActive)
    }

    @Test func aSilentServerIsGivenUp() throws {
        let test = try Embedded {
            $0.pingInterval = .seconds(3)
            $0.pongTimeout = .seconds(5)
        }
        try test.open()
        test.loop.advanceTime(by: .seconds(7))
        #expect(test.channel.isActive)
        test.loop.advanceTime(by: .seconds(1))
        #expect(test.events() == [.closed(.init(code: 1006, reason: "", cause: .silent))])
        #expect(!test.channel.isActive)
    }

    @Test func aConsumerThatPausesStillPingsAndDoesNotGiveUp() throws {
        let test = try Embedded {
            $0.pingInterval = .seconds(3)
            $0.pongTimeout = .seconds(5)
        }
        try test.open()
        test.client.pauseReading()
        for _ in 0..<10 {
            test.loop.advanceTime(by: .seconds(3))
            #expect(opcodes(try test.sent()) == [Opcode.ping])
        }
        test.client.resumeReading()
        test.loop.advanceTime(by: .seconds(4))
        #expect(test.channel.isActive)
        test.loop.advanceTime(by: .seconds(1))
        #expect(test.events() == [.closed(.init(code: 1006, reason: "", cause: .silent))])
    }

    @Test func aServerThatDoesNotAnswerTheCloseIsCut() throws {
        let test = try Embedded {
            $0.pingInterval = nil
            $0.closeTimeout = .seconds(5)
        }
        try test.open()
        test.client.close(code: 1001, reason: "bye")
        test.client.close(code: 1002)
        #expect(opcodes(try test.sent()) == [Opcode.close])
        test.loop.advanceTime(by: .seconds(4))
        try test.receive(WebSocketTestClient.frame(1, [0x61], masked: false) + WebSocketTestClient.frame(9, [], masked: false))
        #expect(test.events() == [.text("a")])
        #expect(try test.sent() == [])
        test.loop.advanceTime(by: .seconds(1))
        #expect(test.events() == [.closed(.init(code: 1001, reason: "bye", cause: .local))])
    }

    @Test func aServerThatDoesNotHangUpAfterTheCloseIsCut() throws {
        let test = try Embedded { $0.closeTimeout = .seconds(5) }
        try test.open()
        try test.receive(WebSocketTestClient.frame(8, [], masked: false))
        #expect(opcodes(try test.sent()) == [Opcode.close])
        #expect(test.events().isEmpty && test.channel.isActive)
        test.loop.advanceTime(by: .seconds(5))
        #expect(test.events() == [.closed(.init(code: 1005, reason: "", cause: .remote, wasClean: true))])
    }
}
