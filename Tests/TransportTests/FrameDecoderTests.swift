import NIOCore
import NightjarTesting
import Testing
@testable import Transport

/// What a decoder said, with copied payloads.
enum Decoded: Equatable {
    case message(MessageKind, [UInt8])
    case ping([UInt8])
    case pong
    case close([UInt8])
    case failed(UInt16)
}

/// Feeds the pieces one after the other.
func decode(_ pieces: [[UInt8]], role: FrameDecoder.Role = .server, maxMessage: Int = 1 << 20) -> [Decoded] {
    var decoder = FrameDecoder(role: role, maxMessage: maxMessage)
    let scratch = ByteStore(capacity: 16)
    var result: [Decoded] = []
    for piece in pieces {
        let failed = piece.withUnsafeBytes { bytes -> Bool in
            var input = FrameInput(bytes)
            // Each event takes a byte at least.
            for _ in 0...bytes.count {
                switch decoder.next(&input, scratch: scratch) {
                case .needMore:
                    #expect(input.offset == bytes.count, "everything is taken before more is asked for")
                    return false
                case .message(let kind, let payload): result.append(.message(kind, Array(payload)))
                case .ping(let payload): result.append(.ping(Array(payload)))
                case .pong: result.append(.pong)
                case .close(let payload): result.append(.close(Array(payload)))
                case .failed(let code, _):
                    result.append(.failed(code))
                    return true
                }
            }
            Issue.record("more events than bytes: \(result.suffix(3))")
            return true
        }
        if failed { break }
    }
    return result
}

private func frame(
    _ opcode: UInt8, _ payload: [UInt8] = [], final isFinal: Bool = true, reserved: UInt8 = 0, masked: Bool = true
) -> [UInt8] {
    WebSocketTestClient.frame(opcode, payload, final: isFinal, reserved: reserved, masked: masked)
}

@Suite struct FrameDecoderTests {
    @Test(arguments: [0, 1, 7, 8, 9, 125, 126, 127, 128, 65_535, 65_536, 70_000])
    func takesMessagesOfEveryLengthForm(_ count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        #expect(decode([frame(2, payload)]) == [.message(.binary, payload)])
        #expect(decode([frame(2, payload, masked: false)], role: .client) == [.message(.binary, payload)])
    }

    static let refused: [(String, [UInt8], UInt16)] = [
        ("unmasked frame", frame(1, [0x61], masked: false), 1002),
        ("RSV1", frame(1, [0x61], reserved: 4), 1002),
        ("RSV2", frame(1, [0x61], reserved: 2), 1002),
        ("RSV3", frame(1, [0x61], reserved: 1), 1002),
        ("opcode 3", frame(3), 1002), ("opcode 7", frame(7), 1002), ("opcode 11", frame(11), 1002),
        ("opcode 15", frame(15), 1002),
        ("fragmented ping", frame(9, final: false), 1002),
        ("fragmented close", frame(8, final: false), 1002),
        ("long ping", frame(9, [UInt8](repeating: 0, count: 126)), 1002),
        ("long close", frame(8, [UInt8](repeating: 0, count: 126)), 1002),
        ("continuation of nothing", frame(0, [0x61]), 1002),
        ("new message within a message", frame(1, [0x61], final: false) + frame(1, [0x61]), 1002),
        ("length 125 in 16 bits", [0x82, 0xFE, 0, 125, 0, 0, 0, 0], 1002),
        ("length 65535 in 64 bits", [0x82, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0], 1002),
        ("64-bit length with the top bit", [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1002),
        ("message above the limit", [0x82, 0xFF, 0, 0, 0, 0, 0, 0x10, 0, 1, 0, 0, 0, 0], 1009),
        ("huge length", [0x82, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0], 1009),
        ("text that is not UTF-8", frame(1, [0x61, 0xFF]), 1007),
        ("text with half a character", frame(1, [0xC3]), 1007),
        ("text fragments with half a character", frame(1, [0xC3], final: false) + frame(0, []), 1007),
    ]

    @Test(arguments: refused)
    func refuses(_ name: String, _ bytes: [UInt8], _ code: UInt16) {
        #expect(decode([bytes]) == [.failed(code)], "\(name)")
        #expect(decode(bytes.map { [$0] }) == [.failed(code)], "\(name), byte by byte")
    }

    @Test func clientRefusesMaskedFrames() {
        #expect(decode([frame(1, [0x61])], role: .client) == [.failed(1002)])
    }

    @Test func putsFragmentsTogetherAroundControlFrames() {
        let text = Array("häß€😀lich".utf8)
        var bytes = frame(1, Array(text[..<2]), final: false) + frame(9, [1, 2])
        bytes += frame(0, [], final: false) + frame(10, [3]) + frame(0, Array(text[2..<7]), final: false)
        bytes += frame(0, Array(text[7...])) + frame(2, [9])
        let expected: [Decoded] = [.ping([1, 2]), .pong, .message(.text, text), .message(.binary, [9])]
        #expect(decode([bytes]) == expected)
        #expect(decode(bytes.map { [$0] }) == expected)
    }

    @Test func limitCountsAllFragments() {
        let part = [UInt8](repeating: 1, count: 6)
        #expect(decode([frame(2, part, final: false) + frame(0, part)], maxMessage: 12) == [.message(.binary, part + part)])
        #expect(decode([frame(2, part, final: false) + frame(0, part)], maxMessage: 11) == [.failed(1009)])
    }

    @Test func textIsRefusedBeforeItsFrameIsComplete() {
        let whole = frame(1, [0x61, 0xFF] + [UInt8](repeating: 0x61, count: 50))
        #expect(decode([Array(whole[..<10])]) == [.failed(1007)])
    }

    @Test func announcedLengthCostsNoMemory() {
        // A header that announces a megabyte, and one byte of it.
        var decoder = FrameDecoder(role: .server, maxMessage: 1 << 20)
        let bytes: [UInt8] = [0x82, 0xFF, 0, 0, 0, 0, 0, 0x0F, 0, 0, 0, 0, 0, 0, 7]
        let scratch = ByteStore(capacity: 16)
        bytes.withUnsafeBytes {
            var input = FrameInput($0)
            guard case .needMore = decoder.next(&input, scratch: scratch) else {
                Issue.record("the frame is not complete")
                return
            }
        }
        #expect(scratch.capacity == 16)
    }

    /// Any stream of frames gives the same messages however it is cut up.
    @Test(arguments: 1...40)
    func cutsDoNotMatter(_ seed: UInt64) {
        var random = Seeded(seed)
        var bytes: [UInt8] = []
        var expected: [Decoded] = []
        for _ in 0..<Int.random(in: 1...12, using: &random) {
            let isText = Bool.random(using: &random)
            let size = [0, 5, 126, 300, 66_000].randomElement(using: &random)!
            let payload = isText ? Array(random.text(size / 3).utf8) : random.bytes(size)
            var rest = payload[...]
            var opcode: UInt8 = isText ? 1 : 2
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let cut = Int.random(in: 0...rest.count, using: &random)
                bytes += frame(opcode, Array(rest.prefix(cut)), final: false)
                rest = rest.dropFirst(cut)
                opcode = 0
                if Bool.random(using: &random) {
                    let ping = random.bytes(Int.random(in: 0...125, using: &random))
                    bytes += frame(9, ping)
                    expected.append(.ping(ping))
                }
            }
            bytes += frame(opcode, Array(rest))
            expected.append(.message(isText ? .text : .binary, payload))
        }
        #expect(decode([bytes]) == expected)
        for _ in 0..<5 {
            var pieces: [[UInt8]] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let cut = min(rest.count, Int.random(in: 1...[3, 40, 5_000].randomElement(using: &random)!, using: &random))
                pieces.append(Array(rest.prefix(cut)))
                rest = rest.dropFirst(cut)
            }
            #expect(decode(pieces) == expected)
        }
    }

    /// Garbage and damaged frames end in a message or a refusal, the same one however they are cut.
    @Test(arguments: 1...8)
    func survivesGarbage(_ seed: UInt64) {
        var random = Seeded(seed &* 7_919)
        for _ in 0..<1_500 {
            var bytes: [UInt8] = []
            if Bool.random(using: &random) {
                bytes = random.bytes(Int.random(in: 0...200, using: &random))
            } else {
                for _ in 0..<Int.random(in: 1...6, using: &random) {
                    bytes += frame(
                        [0, 1, 2, 8, 9, 10].randomElement(using: &random)!, random.bytes(Int.random(in: 0...140, using: &random)),
                        final: Bool.random(using: &random))
                }
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
                }
            }
            let whole = decode([bytes], maxMessage: 1_000)
            let single = decode(bytes.map { [$0] }, maxMessage: 1_000)
            // A bad text is refused earlier when it comes in pieces, never differently.
            #expect(whole == single)
        }
    }
}

@Suite struct FrameCodecTests {
    @Test func maskingTwiceIsTheIdentityAtEveryPhaseAndLength() {
        var random = Seeded(5)
        for count in 0..<70 {
            for phase in 0..<4 {
                let source = random.bytes(count + 1)
                let key = UInt32.random(in: 0...UInt32.max, using: &random)
                let keyBytes = withUnsafeBytes(of: key) { Array($0) }
                var target = [UInt8](repeating: 0, count: count + 1)
                source.withUnsafeBytes { from in
                    target.withUnsafeMutableBytes { to in
                        FrameMask.copy(from: from.baseAddress!, to: to.baseAddress!, count: count, key: key, phase: phase)
                    }
                }
                let expected = (0..<count).map { source[$0] ^ keyBytes[($0 + phase) % 4] }
                #expect(Array(target[..<count]) == expected)
                #expect(target[count] == 0, "nothing beyond the end is written")
            }
        }
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536])
    func encodedFramesDecode(_ count: Int) {
        let payload = [UInt8](repeating: 0x61, count: count)
        for mask in [nil, 0x1234_5678] as [UInt32?] {
            var buffer = ByteBuffer()
            payload.withUnsafeBytes { FrameEncoder.append(Opcode.text, $0, mask: mask, to: &buffer) }
            let role: FrameDecoder.Role = mask == nil ? .client : .server
            #expect(decode([Array(buffer.readableBytesView)], role: role) == [.message(.text, payload)])
        }
    }

    @Test func closeReasonIsCutBetweenCharacters() {
        var buffer = ByteBuffer()
        FrameEncoder.appendClose(1000, String(repeating: "€", count: 60), to: &buffer)
        let expected: [UInt8] = [0x03, 0xE8] + Array(String(repeating: "€", count: 41).utf8)
        #expect(decode([Array(buffer.readableBytesView)], role: .client) == [.close(expected)])
    }
}
