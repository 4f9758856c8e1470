import NIOCore
import NightjarTesting
import Testing

/// permessage-deflate on `/connect`. That what is compressed is right is the transport's to test; here: what is agreed on,
/// what is compressed, and that receivers with and without it get the same text.
@Suite(.timeLimit(.minutes(1))) struct CompressionTests {
    /// Opcode with RSV1 (0x40), and payload, of the next frame.
    private func frame(_ player: Player) async throws -> (head: UInt8, payload: [UInt8]) {
        try await player.socket.connection.receive { buffer -> (UInt8, [UInt8])? in
            let start = buffer.readerIndex
            guard let head = buffer.getInteger(at: start, as: UInt8.self), let short = buffer.getInteger(at: start + 1, as: UInt8.self)
            else { return nil }
            var (length, size) = (Int(short), 2)
            if short == 126 {
                guard let long = buffer.getInteger(at: start + 2, as: UInt16.self) else { return nil }
                (length, size) = (Int(long), 4)
            }
            guard let payload = buffer.getBytes(at: start + size, length: length) else { return nil }
            buffer.moveReaderIndex(forwardBy: size + length)
            return (head, payload)
        }
    }

    /// A message as a stored block (RFC 1951, section 3.2.4), its end cut off as RFC 7692 asks.
    private func stored(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let (low, high) = (UInt8(bytes.count & 255), UInt8(bytes.count >> 8))
        return [0, low, high, ~low, ~high] + bytes + [0]
    }

    private static let offer = [("sec-websocket-extensions", "permessage-deflate; client_max_window_bits")]

    @Test func whatIsAgreedOn() async throws {
        try await withRelay { server async throws in
            let with = try await Player(server, headers: Self.offer)
            #expect(
                with.socket.response["sec-websocket-extensions"]
                    == "permessage-deflate; server_no_context_takeover; client_no_context_takeover")
            let other = try await Player(server, headers: [("sec-websocket-extensions", "x-other")])
            #expect(other.socket.response["sec-websocket-extensions"] == nil)
        }
    }

    @Test func messagesFrom50BytesOnAreCompressedAndPushesAreTheSameForEverybody() async throws {
        try await withRelay(loops: 3) { server async throws in
            let (leader, with, plain) = (
                try await Player(server, headers: Self.offer), try await Player(server, headers: Self.offer),
                try await Player(server)
            )
            try await plain.enter("s")
            try await with.send(#"{"type":"SetSession","sessionId":"s"}"#)
            let told = try await frame(with)
            #expect(told.head == 0xC1)
            try await plain.expect(state(2, leader: false))

            let short = #"{"type":"push","sessionId":"s","data":"\#(String(repeating: "x", count: 8))"}"#
            #expect(short.utf8.count == 49)
            let long = #"{"type":"push","sessionId":"s","data":"\#(String(repeating: "x", count: 9))"}"#
            try await leader.send(short)
            let plainShort = try await frame(with)
            #expect(plainShort.head == 0x81 && plainShort.payload == Array(short.utf8))
            try await plain.expect(short)

            // The sender may compress or not.
            try await leader.socket.sendFrame(1, stored(long), reserved: 4)
            try await leader.send(long)
            try await plain.expect(long, long)
            let first = try await frame(with)
            let second = try await frame(with)
            #expect(first.head == 0xC1 && second.head == 0xC1)
            #expect(first.payload == second.payload, "nothing is kept from one message to the next")
            #expect(first.payload.count < long.utf8.count)

            // What the peer got compressed says the same: it goes back as it came.
            try await with.socket.sendFrame(1, first.payload, reserved: 4)
            try await plain.expect(long)
            try await leader.send("ping")
            #expect(try await frame(leader).head == 0x81)
        }
    }

    @Test func theLimitCountsAfterDecompression() async throws {
        try await withRelay { server async throws in
            let a = try await Player(server, headers: Self.offer)
            // 17 blocks of 65,535 bytes of one message.
            var message: [UInt8] = []
            for _ in 0..<17 { message += [0, 0xFF, 0xFF, 0, 0] + [UInt8](repeating: 0x20, count: 65_535) }
            try await a.socket.sendFrame(1, message + [0], reserved: 4)
            #expect(try await a.socket.receiveClose().code == 1009)
        }
    }
}
