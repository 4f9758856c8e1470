import NightjarTesting
import Testing
@testable import Transport

@Suite struct DeflateContextTests {
    private func message(_ random: inout Seeded) -> [UInt8] {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return random.bytes(Int.random(in: 0...3_000, using: &random))
        case 1: return Array(random.text(Int.random(in: 0...2_000, using: &random)).utf8)
        case 2: return [UInt8](repeating: 0x61, count: Int.random(in: 0...5_000, using: &random))
        default:
            // Repeats from every distance.
            let block = random.bytes(Int.random(in: 1...700, using: &random))
            return Array(Array(repeating: block, count: Int.random(in: 2...5, using: &random)).joined())
        }
    }

    /// What is sent can be inflated by a client with exactly the window that was agreed on, 8 included: byte by byte, so that
    /// there is nothing to look back to but that window.
    @Test(arguments: [8, 9, 10, 11, 12, 13, 14, 15], [true, false])
    func messagesLookBackNoFurtherThanTheirWindow(_ bits: Int, _ takeover: Bool) throws {
        var random = Seeded(UInt64(bits) &* 77 &+ (takeover ? 1 : 0))
        for level in [1, 4, 6, 9] {
            var setting = Compression()
            (setting.contextTakeover, setting.windowBits, setting.level) = (takeover, 15, level)
            setting.memoryLevel = Int.random(in: 1...9, using: &random)
            let agreement = try #require(
                CompressionAgreement.choose(["permessage-deflate; server_max_window_bits=\(bits)"], setting))
            let deflater = MessageDeflater(agreement, CompressionContexts())
            var inflater = PlainInflater(windowBits: bits)
            for _ in 0..<12 {
                let message = message(&random)
                let payload = try #require(message.withUnsafeBytes { deflater.compress($0).map { Array($0) } })
                if !takeover { inflater = PlainInflater(windowBits: bits) }
                #expect(inflater.message(payload, step: 1) == message)
            }
        }
    }

    @Test func withoutTakeoverTheSameMessageIsAlwaysTheSame() throws {
        let contexts = CompressionContexts()
        let form = Compression().form
        let message = Array("a message of some length, of some length".utf8)
        func packed() -> [UInt8]? { message.withUnsafeBytes { contexts.compress($0, form).map { Array($0) } } }
        let first = try #require(packed())
        #expect(first.count < message.count && PlainInflater().message(first) == message)
        for _ in 0..<5 { #expect(packed() == first) }
        #expect(contexts.deflaterCount == 1)
    }

    @Test func withTakeoverTheSecondIsShort() throws {
        var setting = Compression()
        setting.contextTakeover = true
        let deflater = MessageDeflater(CompressionAgreement(CompressionOffer(), setting), CompressionContexts())
        var random = Seeded(3)
        let message = random.bytes(200)
        let first = message.withUnsafeBytes { deflater.compress($0).map { Array($0) } }
        let second = message.withUnsafeBytes { deflater.compress($0).map { Array($0) } }
        let empty = [UInt8]().withUnsafeBytes { deflater.compress($0).map { Array($0) } }
        let third = message.withUnsafeBytes { deflater.compress($0).map { Array($0) } }
        #expect(try #require(first).count > 200 && #require(second).count < 20 && empty == [0] && #require(third).count < 20)
        let inflater = PlainInflater()
        for payload in [first, second, third] { #expect(inflater.message(try #require(payload)) == message) }
    }

    @Test func theNumberOfKeptContextsIsBounded() throws {
        let contexts = CompressionContexts()
        let message = [UInt8](repeating: 7, count: 300)
        for _ in 0..<2 {
            for bits in 9...15 {
                for level in 1...3 {
                    let payload = message.withUnsafeBytes {
                        contexts.compress($0, DeflateForm(windowBits: bits, memoryLevel: 4, level: level)).map { Array($0) }
                    }
                    #expect(PlainInflater(windowBits: bits).message(try #require(payload)) == message)
                }
            }
        }
        #expect(contexts.deflaterCount == CompressionContexts.deflatersMax)
        let taken = (0..<20).compactMap { _ in contexts.takeInflater() }
        #expect(taken.count == 20)
        for context in taken { contexts.giveBack(context) }
        #expect(contexts.inflaterCount == CompressionContexts.inflatersMax)
    }

    @Test func aSharedFrameIsCompressedOncePerForm() {
        let frame = SharedFrame(String(repeating: "round and round ", count: 20))
        let one = CompressionContexts(), other = CompressionContexts()
        let form = Compression().form
        let first = frame.compressed(form, one)
        #expect(frame.compressed(form, other) == first)
        #expect(other.deflaterCount == 0, "the second loop finds it done")
        var wide = form
        wide.windowBits = 15
        _ = frame.compressed(wide, other)
        #expect(frame.formCount == 2)
    }
}
