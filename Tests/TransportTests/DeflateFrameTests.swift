import CZlib
import NIOCore
import NightjarTesting
import Testing
@testable import Transport

/// A decoder of a server that agreed on compression, and what it works with.
private struct Receiver: ~Copyable {
    let contexts = CompressionContexts()
    let scratch = ByteStore(capacity: 16)
    let inflater: MessageInflater
    var decoder: FrameDecoder
    private(set) var failed = false

    init(offer: String = "permessage-deflate", takeover: Bool = false, maxMessage: Int = 1 << 20) {
        var setting = Compression()
        setting.contextTakeover = takeover
        let agreement = CompressionAgreement.choose([offer], setting)!
        inflater = MessageInflater(agreement, maxMessage: maxMessage, contexts)
        decoder = FrameDecoder(role: .server, maxMessage: maxMessage, inflater: inflater)
    }

    /// What comes out of the pieces, up to the first failure.
    mutating func take(_ pieces: [[UInt8]]) -> [Decoded] {
        var result: [Decoded] = []
        for piece in pieces where !failed {
            piece.withUnsafeBytes { bytes in
                var input = FrameInput(bytes)
                // Each event takes a byte at least.
                for _ in 0...bytes.count where !failed {
                    switch decoder.next(&input, scratch: scratch) {
                    case .needMore:
                        #expect(input.offset == bytes.count, "everything is taken before more is asked for")
                        return
                    case .message(let kind, let payload): result.append(.message(kind, Array(payload)))
                    case .ping(let payload): result.append(.ping(Array(payload)))
                    case .pong: result.append(.pong)
                    case .close(let payload): result.append(.close(Array(payload)))
                    case .failed(let code, _):
                        result.append(.failed(code))
                        failed = true
                    }
                }
                if !failed {
                    Issue.record("more events than bytes: \(result.suffix(3))")
                    failed = true
                }
            }
        }
        return result
    }
}

private func decodeCompressed(
    _ pieces: [[UInt8]], offer: String = "permessage-deflate", takeover: Bool = false, maxMessage: Int = 1 << 20
) -> [Decoded] {
    var receiver = Receiver(offer: offer, takeover: takeover, maxMessage: maxMessage)
    return receiver.take(pieces)
}

private func frame(_ opcode: UInt8, _ payload: [UInt8], final isFinal: Bool = true, reserved: UInt8 = 0) -> [UInt8] {
    WebSocketTestClient.frame(opcode, payload, final: isFinal, reserved: reserved)
}

private func compressed(_ payload: [UInt8], _ opcode: UInt8 = 1) -> [UInt8] { frame(opcode, payload, reserved: 4) }

@Suite struct DeflateFrameTests {
    static let hello = Array("Hello".utf8)

    /// The examples of RFC 7692, section 7.2.3, and what else is a message.
    static let messages: [(String, [UInt8], [UInt8])] = [
        ("one block", [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], hello),
        ("a block without compression", [0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00], hello),
        ("a final block", [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00], hello),
        ("a final block and nothing after it", [0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00], hello),
        ("two blocks", [0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00], hello),
        ("the tail is there as well", [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0x00], hello),
        ("an empty message", [0x00], []),
        ("an empty message with a fixed block", [0x02, 0x00], []),
        ("an empty message without a byte", [], []),
        ("two final blocks", [0x4B, 0x04, 0x00, 0x4B, 0x04, 0x00, 0x00], Array("aa".utf8)),
    ]

    @Test(arguments: messages)
    func takesWhatIsAMessage(_ name: String, _ payload: [UInt8], _ message: [UInt8]) {
        let bytes = compressed(payload) + compressed(payload, 2) + frame(1, [0x61])
        let expected: [Decoded] = [.message(.text, message), .message(.binary, message), .message(.text, [0x61])]
        for takeover in [false, true] {
            #expect(decodeCompressed([bytes], takeover: takeover) == expected)
            #expect(decodeCompressed(bytes.map { [$0] }, takeover: takeover) == expected)
        }
    }

    static let refused: [(String, [UInt8], UInt16)] = [
        ("RSV1 on a continuation", frame(1, [0xF2], final: false, reserved: 4) + frame(0, [0x48], reserved: 4), 1002),
        ("RSV1 on a continuation of a plain message", frame(1, [0x61], final: false) + frame(0, [0x61], reserved: 4), 1002),
        ("RSV1 on a ping", frame(9, [], reserved: 4), 1002), ("RSV1 on a pong", frame(10, [], reserved: 4), 1002),
        ("RSV1 on a close", frame(8, [], reserved: 4), 1002), ("RSV1 on opcode 3", frame(3, [], reserved: 4), 1002),
        ("RSV2", frame(1, [], reserved: 2), 1002), ("RSV1 and RSV3", frame(1, [0x00], reserved: 5), 1002),
        ("a message within a compressed one", frame(1, [0xF2], final: false, reserved: 4) + compressed([0x00]), 1002),
        ("a block type that does not exist", compressed([0x06]), 1007),
        ("a stored block with wrong lengths", compressed([0x00, 0x05, 0x00, 0x00, 0x00, 0x48]), 1007),
        ("a message that breaks off", compressed([0xF2, 0x48, 0xCD]), 1007),
        ("a stored block that breaks off", compressed([0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48]), 1007),
        ("a look back before the beginning", compressed([0xF2, 0x00, 0x11, 0x00, 0x00], 2), 1007),
        ("text that is not UTF-8", compressed(deflated([0x61, 0xFF])), 1007),
        ("text that ends in a character", compressed(deflated([0x61, 0xC3])), 1007),
    ]

    @Test(arguments: refused)
    func refusesWhatIsNone(_ name: String, _ bytes: [UInt8], _ code: UInt16) {
        #expect(decodeCompressed([bytes]) == [.failed(code)])
        #expect(decodeCompressed(bytes.map { [$0] }) == [.failed(code)])
    }

    @Test func withoutAnAgreementNothingIsCompressed() {
        #expect(decode([compressed([0x00])]) == [.failed(1002)])
    }

    @Test func onlyAKeptContextKnowsTheMessageBefore() {
        // RFC 7692, section 7.2.3.2: the second "Hello" refers to the first.
        let first = compressed([0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
        let second = compressed([0xF2, 0x00, 0x11, 0x00, 0x00])
        let both: [Decoded] = [.message(.text, Self.hello), .message(.text, Self.hello)]
        #expect(decodeCompressed([first + second], takeover: true) == both)
        #expect(decodeCompressed([first + second]) == [.message(.text, Self.hello), .failed(1007)])
        // Also behind a block marked as the last one, and behind an empty message.
        let final = compressed([0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00])
        #expect(decodeCompressed([final + second], takeover: true) == both)
        #expect(
            decodeCompressed([first + compressed([]) + second], takeover: true)
                == [.message(.text, Self.hello), .message(.text, []), .message(.text, Self.hello)])
    }

    @Test func fragmentsMayBeCutAnywhereAndHavePingsBetween() {
        let text = Array("häß€😀lich ".utf8) + Array(String(repeating: "abc", count: 300).utf8)
        let payload = deflated(text)
        for cut in payload.indices {
            let bytes = frame(1, Array(payload[..<cut]), final: false, reserved: 4) + frame(9, [1]) + frame(0, Array(payload[cut...]))
            #expect(decodeCompressed([bytes]) == [.ping([1]), .message(.text, text)])
        }
    }

    @Test(arguments: [1, 2, 100, 4_096, 70_000])
    func theLimitIsOnWhatComesOut(_ limit: Int) {
        let exact = [UInt8](repeating: 0x61, count: limit)
        for bytes in [compressed(deflated(exact)), compressed(deflated(exact, level: 0))] {
            #expect(decodeCompressed([bytes], maxMessage: limit) == [.message(.text, exact)])
            #expect(decodeCompressed(bytes.map { [$0] }, maxMessage: limit) == [.message(.text, exact)])
        }
        let over = compressed(deflated(exact + [0x61]))
        #expect(decodeCompressed([over], maxMessage: limit) == [.failed(1009)])
        #expect(decodeCompressed(over.map { [$0] }, maxMessage: limit) == [.failed(1009)])
    }

    @Test func emptyBlocksWithoutEndAreTooBig() {
        let blocks = Array(Array(repeating: [0, 0, 0, 0xFF, 0xFF] as [UInt8], count: 1_000).joined())
        #expect(decodeCompressed([compressed(blocks + [0])], maxMessage: 100) == [.failed(1009)])
        let pieces = [frame(1, [], final: false, reserved: 4)] + Array(repeating: frame(0, Array(blocks.prefix(50)), final: false), count: 100)
        #expect(decodeCompressed(pieces, maxMessage: 100) == [.failed(1009)])
    }

    /// 1 GiB from 1 MB, in one frame or in many.
    @Test(arguments: [true, false])
    func aBombIsRefusedWithinTwiceTheLimit(_ isOneFrame: Bool) {
        let limit = 1 << 20
        // A full flush forgets what came before, so a block that was compressed once can be repeated.
        let block = PlainDeflater(level: 9).run([UInt8](repeating: 0, count: 1 << 20), Z_FULL_FLUSH)
        let bomb = Array(Array(repeating: block, count: 1_024).joined())
        var receiver = Receiver(maxMessage: limit)
        if isOneFrame {
            #expect(receiver.take([compressed(bomb, 2)]) == [.failed(1009)])
        } else {
            let whole = frame(2, bomb, reserved: 4)
            let pieces = stride(from: 0, to: whole.count, by: 1_000).map { Array(whole[$0..<min($0 + 1_000, whole.count)]) }
            #expect(receiver.take(pieces) == [.failed(1009)])
        }
        // Growing holds the old and the new memory: together less than twice this.
        #expect(receiver.scratch.capacity <= limit + 1)
        #expect(receiver.decoder.messageCapacity <= limit + 1)
    }

    @Test func aContextIsHeldDuringAMessageOnly() {
        let payload = deflated(Array("something to be said".utf8))
        var forgetful = Receiver()
        #expect(forgetful.contexts.inflaterCount == 0)
        _ = forgetful.take([frame(1, Array(payload[..<5]), final: false, reserved: 4)])
        #expect(forgetful.inflater.isHoldingContext)
        _ = forgetful.take([frame(0, Array(payload[5...]))])
        #expect(!forgetful.inflater.isHoldingContext && forgetful.contexts.inflaterCount == 1)
        _ = forgetful.take([frame(1, Array(payload[..<5]), final: false, reserved: 4)])
        #expect(forgetful.inflater.isHoldingContext && forgetful.contexts.inflaterCount == 0)

        var keeping = Receiver(takeover: true)
        #expect(!keeping.inflater.isHoldingContext)
        _ = keeping.take([compressed(payload)])
        #expect(keeping.inflater.isHoldingContext && keeping.contexts.inflaterCount == 0)
    }

    /// Any stream of frames gives the same messages however it is cut up.
    @Test(arguments: 1...24)
    func cutsDoNotMatter(_ seed: UInt64) {
        var random = Seeded(seed &* 31)
        let takeover = seed % 2 == 0
        let sender = PlainDeflater(windowBits: Int.random(in: 9...15, using: &random), level: Int.random(in: 0...9, using: &random))
        var bytes: [UInt8] = []
        var expected: [Decoded] = []
        for _ in 0..<Int.random(in: 1...10, using: &random) {
            let isText = Bool.random(using: &random)
            let size = [0, 5, 126, 300, 20_000, 66_000].randomElement(using: &random)!
            let message = isText ? Array(random.text(size / 3).utf8) : random.bytes(size / 50).flatMap { [UInt8](repeating: $0, count: 50) }
            let isCompressed = Int.random(in: 0..<4, using: &random) > 0
            let payload = !isCompressed ? message : takeover ? sender.message(message) : deflated(message)
            var rest = payload[...]
            var opcode: UInt8 = isText ? 1 : 2
            var reserved: UInt8 = isCompressed ? 4 : 0
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let cut = Int.random(in: 0...rest.count, using: &random)
                bytes += frame(opcode, Array(rest.prefix(cut)), final: false, reserved: reserved)
                rest = rest.dropFirst(cut)
                (opcode, reserved) = (0, 0)
                if Bool.random(using: &random) {
                    bytes += frame(9, [7])
                    expected.append(.ping([7]))
                }
            }
            bytes += frame(opcode, Array(rest), reserved: reserved)
            expected.append(.message(isText ? .text : .binary, message))
        }
        #expect(decodeCompressed([bytes], takeover: takeover) == expected)
        for _ in 0..<4 {
            #expect(decodeCompressed(cut(bytes, &random), takeover: takeover) == expected)
        }
    }

    private func cut(_ bytes: [UInt8], _ random: inout Seeded) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 1...[3, 40, 5_000].randomElement(using: &random)!, using: &random))
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    /// Damaged and invented deflate data ends in a message within the limit or in a refusal, the same however it is cut.
    @Test(arguments: 1...8)
    func survivesGarbage(_ seed: UInt64) {
        var random = Seeded(seed &* 104_729)
        var messages = 0
        for _ in 0..<600 {
            let takeover = Bool.random(using: &random)
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                var payload: [UInt8]
                if Int.random(in: 0..<3, using: &random) == 0 {
                    payload = random.bytes(Int.random(in: 0...120, using: &random))
                } else {
                    payload = deflated(Array(random.text(Int.random(in: 0...400, using: &random)).utf8), level: Int.random(in: 0...9, using: &random))
                    for _ in 0..<Int.random(in: 0...2, using: &random) where !payload.isEmpty {
                        payload[Int.random(in: payload.indices, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
                    }
                }
                bytes += compressed(payload, Bool.random(using: &random) ? 1 : 2)
            }
            let whole = decodeCompressed([bytes], takeover: takeover, maxMessage: 1_000)
            #expect(whole == decodeCompressed(bytes.map { [$0] }, takeover: takeover, maxMessage: 1_000))
            #expect(whole == decodeCompressed(cut(bytes, &random), takeover: takeover, maxMessage: 1_000))
            for case .message(_, let message) in whole {
                messages += 1
                #expect(message.count <= 1_000)
            }
        }
        #expect(messages > 100)
    }
}
