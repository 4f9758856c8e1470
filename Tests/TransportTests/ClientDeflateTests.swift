import NIOCore
import NightjarTesting
import Testing
@testable import Transport

private func setting(takeover: Bool = true, windowBits: Int = 12) -> Compression {
    var setting = Compression()
    setting.contextTakeover = takeover
    setting.windowBits = windowBits
    return setting
}

/// The client's side of permessage-deflate.
@Suite struct ClientDeflateNegotiationTests {
    @Test func offersWhatItCanDo() {
        #expect(CompressionRequest(setting()).offer == "permessage-deflate; client_max_window_bits")
        #expect(
            CompressionRequest(setting(takeover: false)).offer
                == "permessage-deflate; client_max_window_bits; server_no_context_takeover; client_no_context_takeover")
    }

    @Test(arguments: [
        ("permessage-deflate", true, true, 12, 15), ("Permessage-Deflate; server_no_context_takeover", true, false, 12, 15),
        ("permessage-deflate; client_no_context_takeover", false, true, 12, 15),
        ("permessage-deflate; client_max_window_bits=10; server_max_window_bits=11", true, true, 10, 11),
        ("permessage-deflate; client_max_window_bits=15", true, true, 12, 15),
        ("permessage-deflate; client_max_window_bits=\"8\";server_max_window_bits=8 ,", true, true, 9, 9),
    ] as [(String, Bool, Bool, Int, Int)])
    func anAnswerIsTakenAsItSays(_ answer: String, _ sent: Bool, _ received: Bool, _ sentBits: Int, _ receivedBits: Int) throws {
        let agreement = try #require(try CompressionRequest(setting()).agreement([answer]))
        #expect(agreement.keepsSent == sent && agreement.keepsReceived == received)
        #expect(agreement.form.windowBits == sentBits && agreement.receivedWindowBits == receivedBits)
        #expect(try CompressionRequest(setting(takeover: false)).agreement([answer])?.keepsSent == false)
    }

    @Test func noAnswerIsNoCompression() throws {
        #expect(try CompressionRequest(setting()).agreement([]) == nil)
        #expect(try CompressionRequest(setting()).agreement([""]) == nil)
    }

    @Test(arguments: [
        ["permessage-bzip2"], ["permessage-deflate, x"], ["permessage-deflate", "permessage-deflate"], ["permessage-deflate, permessage-deflate"],
        ["permessage-deflate; x"], ["permessage-deflate; server_max_window_bits"], ["permessage-deflate; server_max_window_bits=16"],
        ["permessage-deflate; client_max_window_bits"], ["permessage-deflate; client_max_window_bits=7"],
        ["permessage-deflate; client_max_window_bits=010"], ["permessage-deflate; server_no_context_takeover=1"],
        ["permessage-deflate; server_no_context_takeover; server_no_context_takeover"], ["permessage-deflate; server_max_window_bits=\"1"],
        ["permessage-deflate;"], ["permessage-deflate x"], ["=permessage-deflate"],
    ])
    func anAnswerThatIsNoneIsRefused(_ fields: [String]) {
        #expect(throws: CompressionRequest.Refusal.self) { try CompressionRequest(setting()).agreement(fields) }
    }

    @Test func theHandshakeFailsWithIt() throws {
        let key = "dGhlIHNhbXBsZSBub25jZQ=="
        let start = "HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
        func receive(_ field: String) -> Result<ClientHandshake.Progress, WebSocketClientError> {
            var handshake = ClientHandshake(key: key, subprotocols: [], compression: CompressionRequest(setting()), headBytesMax: 1_000)
            var buffer = ByteBuffer(string: start + "sec-websocket-extensions: \(field)\r\n\r\n")
            return Result { () throws(WebSocketClientError) in try handshake.receive(&buffer) }
        }
        guard case .success(.accepted(_, let agreement?)) = receive("permessage-deflate; client_max_window_bits=9") else {
            Issue.record("not accepted")
            return
        }
        #expect(agreement.form.windowBits == 9)
        guard case .failure(let error) = receive("permessage-deflate; server_max_window_bits=77") else {
            Issue.record("accepted")
            return
        }
        #expect(error.code == .badHandshake)
    }

    /// What a server of ours answers to a client of ours is always taken, and both mean the same by it.
    @Test(arguments: 1...4)
    func bothSidesMeanTheSame(_ seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<500 {
            func any() -> Compression {
                setting(takeover: .random(using: &random), windowBits: .random(in: 9...15, using: &random))
            }
            let wanted = any()
            let request = CompressionRequest(wanted)
            let server = try #require(CompressionAgreement.choose([request.offer], any()))
            let client = try #require(try request.agreement([server.answer]))
            // Who keeps nothing may be sent what refers to nothing; never the other way round.
            #expect(!client.keepsSent || server.keepsReceived)
            #expect(!server.keepsSent || client.keepsReceived)
            #expect(client.form.windowBits <= server.receivedWindowBits || !client.keepsSent)
            #expect(server.form.windowBits <= client.receivedWindowBits)
        }
    }

    /// Whatever a server says, it is refused or something that can be kept to.
    @Test(arguments: 1...4)
    func answersMadeOfAnythingAreBounded(_ seed: UInt64) {
        var random = Seeded(seed)
        let words = [
            "permessage-deflate", "server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits=10",
            "client_max_window_bits=12", "client_max_window_bits", "=", ";", ";", ";", ",", " ", "8", "16", "\"", "\\", "x",
        ]
        var agreed = 0
        for _ in 0..<4_000 {
            var field = Bool.random(using: &random) ? "permessage-deflate" : ""
            for _ in 0..<Int.random(in: 0...7, using: &random) {
                if Bool.random(using: &random) { field += "; " }
                field += words.randomElement(using: &random)!
            }
            guard let agreement = try? CompressionRequest(setting()).agreement([field]) else { continue }
            agreed += 1
            #expect((9...12).contains(agreement.form.windowBits) && (9...15).contains(agreement.receivedWindowBits))
            #expect(ExtensionElement.wholeList(field)?.count == 1, "\(field)")
        }
        #expect(agreed > 100)
    }
}

/// Compressed messages between the client and servers, over a live port.
@Suite(.timeLimit(.minutes(1))) struct ClientDeflateWireTests {
    /// Messages of all kinds come back as they went, whatever was agreed on.
    @Test(arguments: [
        (true, true, 12, 12), (true, false, 15, 12), (false, true, 9, 15), (false, false, 12, 9), (true, true, 9, 9), (true, true, 15, 15),
    ] as [(Bool, Bool, Int, Int)])
    func messagesComeBackAsTheyWent(_ clientKeeps: Bool, _ serverKeeps: Bool, _ clientBits: Int, _ serverBits: Int) async throws {
        let echo = TestEndpoint {
            $0.maxUnsent = 16 << 20
            $0.compression = setting(takeover: serverKeeps, windowBits: serverBits)
        }
        try await withServer([.webSocket("/echo", echo)]) { _, port in
            let recorder = ClientRecorder()
            let client = try await recorder.open("ws://127.0.0.1:\(port)/echo") {
                $0.compression = setting(takeover: clientKeeps, windowBits: clientBits)
                $0.maxUnsent = 16 << 20
            }
            #expect(try await recorder.events.next() == .opened(subprotocol: nil))
            #expect(try await client.run { $0.isCompressed })
            var random = Seeded(UInt64(clientBits * 16 + serverBits))
            for round in 0..<60 {
                let count = [0, 1, 49, 50, 300, 5_000, 70_000].randomElement(using: &random)!
                let isAlike = Bool.random(using: &random)
                let bytes = (0..<count).map { isAlike ? UInt8($0 % 7) : UInt8.random(in: 0...255, using: &random) }
                if round % 2 == 0 {
                    try await client.run { client in try bytes.withUnsafeBytes { try client.send($0, .binary) } }
                    #expect(try await recorder.events.next() == .binary(bytes))
                } else {
                    let text = String(decoding: bytes.map { $0 & 0x3F | 0x20 }, as: UTF8.self)
                    try await client.run { try $0.send(text) }
                    #expect(try await recorder.events.next() == .text(text))
                }
            }
            try await client.run { $0.close() }
            guard case .closed(let end) = try await recorder.nextEnd() else { return }
            #expect(end.wasClean)
        }
    }

    /// A small frame that becomes a large message is refused while it is inflated.
    @Test func whatInflatesTooFarEndsTheConnection() async throws {
        let bomb = deflated([UInt8](repeating: 0, count: 4 << 20))
        #expect(bomb.count < 10_000)
        let frame = WebSocketTestClient.frame(2, bomb, reserved: 4, masked: false)
        try await RawServer.run({ [.bytes(RawServer.answer($0, "Sec-WebSocket-Extensions: permessage-deflate\r\n") + frame)] }) { server in
            let recorder = ClientRecorder()
            _ = try await recorder.open("ws://127.0.0.1:\(server.port)/") { $0.compression = Compression() }
            guard case .closed(let end) = try await recorder.nextEnd() else {
                Issue.record("another end")
                return
            }
            #expect(end.cause == .violation && end.code == 1009)
            #expect(try await server.nextCloseCode() == 1009)
        }
    }

    @Test(arguments: [
        ("", WebSocketTestClient.frame(1, [1, 2, 3], reserved: 4, masked: false), 1002),
        ("permessage-deflate", WebSocketTestClient.frame(1, [0xFF, 0xFF, 0xFF], reserved: 4, masked: false), 1007),
        ("permessage-deflate", WebSocketTestClient.frame(1, [1], reserved: 2, masked: false), 1002),
    ] as [(String, [UInt8], UInt16)])
    func whatIsNotAsAgreedEndsTheConnection(_ answer: String, _ frame: [UInt8], _ code: UInt16) async throws {
        try await RawServer.run({ [.bytes(RawServer.answer($0, "Sec-WebSocket-Extensions: \(answer)\r\n") + frame)] }) { server in
            let recorder = ClientRecorder()
            _ = try await recorder.open("ws://127.0.0.1:\(server.port)/") { $0.compression = Compression() }
            guard case .closed(let end) = try await recorder.nextEnd() else {
                Issue.record("another end")
                return
            }
            #expect(end.cause == .violation && end.code == code)
        }
    }

    @Test func anAnswerThatWasNotOfferedIsNoConnection() async throws {
        try await RawServer.run({ [.bytes(RawServer.answer($0, "Sec-WebSocket-Extensions: permessage-deflate; x=1\r\n"))] }) { server in
            let recorder = ClientRecorder()
            _ = try await recorder.open("ws://127.0.0.1:\(server.port)/") { $0.compression = Compression() }
            #expect(try await recorder.failure() == .badHandshake)
            #expect(try await server.ended.next())
        }
    }

    /// Bytes of a compressed stream, changed at random: an end of some kind, never a crash, never too much.
    @Test(arguments: 1...3)
    func brokenStreamsEndTheConnection(_ seed: UInt64) async throws {
        var random = Seeded(seed)
        for _ in 0..<8 {
            let deflater = PlainDeflater()
            var bytes: [UInt8] = []
            for _ in 0..<4 {
                let text = (0..<Int.random(in: 1...600, using: &random)).map { _ in UInt8.random(in: 97...102, using: &random) }
                bytes += WebSocketTestClient.frame(1, deflater.message(text), reserved: 4, masked: false)
            }
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let stream = bytes
            try await RawServer.run({
                [.bytes(RawServer.answer($0, "Sec-WebSocket-Extensions: permessage-deflate\r\n") + stream), .close]
            }) { server in
                let recorder = ClientRecorder()
                _ = try await recorder.open("ws://127.0.0.1:\(server.port)/") {
                    $0.compression = Compression()
                    $0.maxMessage = 10_000
                    $0.closeTimeout = .milliseconds(200)
                }
                _ = try await recorder.nextEnd()
            }
        }
    }
}
