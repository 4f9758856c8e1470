import NightjarTesting
import Testing
@testable import Transport

@Suite struct UTF8ValidatorTests {
    private func check(_ pieces: [[UInt8]]) -> Bool {
        var validator = UTF8Validator()
        for piece in pieces {
            guard piece.withUnsafeBytes({ validator.check($0) }) else { return false }
        }
        return validator.isComplete
    }

    @Test(arguments: [
        [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80],
        [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xFE], [0xE2, 0x82], [0x61, 0xF0, 0x9F, 0x98, 0x41],
    ] as [[UInt8]])
    func refusesWhatIsNotUTF8(_ bytes: [UInt8]) {
        #expect(!check([bytes]))
        #expect(!check(bytes.map { [$0] }))
    }

    @Test(arguments: ["", "a", "é", "€", "😀", "\u{0}", "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}", "\u{D7FF}\u{E000}"])
    func takesEveryWidth(_ text: String) {
        #expect(check([Array(text.utf8)]))
        #expect(check(text.utf8.map { [$0] }))
    }

    @Test func agreesWithTheStandardLibraryOnRandomBytes() {
        var random = Seeded(1)
        for _ in 0..<20_000 {
            var bytes = Array(random.text(Int.random(in: 0...40, using: &random)).utf8)
            for _ in 0..<Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let expected = String(validating: bytes, as: UTF8.self) != nil
            let cut = Int.random(in: 0...bytes.count, using: &random)
            #expect(check([bytes]) == expected)
            #expect(bytes.withUnsafeBytes { UTF8Validator.isValid($0) } == expected)
            #expect((bytes.withUnsafeBytes { UTF8Validator.firstInvalid(in: $0) } == nil) == expected)
            #expect(check([Array(bytes[..<cut]), Array(bytes[cut...])]) == expected)
        }
    }

    @Test(arguments: [0, 1, 7, 8, 9, 31, 32, 33, 63, 64, 128, 200]) func findsAWrongByteAtEveryPlace(_ count: Int) {
        for place in 0..<count {
            var bytes = [UInt8](repeating: 0x61, count: count)
            bytes[place] = 0xFF
            #expect(!bytes.withUnsafeBytes { UTF8Validator.isValid($0) })
            #expect(bytes.withUnsafeBytes { UTF8Validator.firstInvalid(in: $0) } == place)
        }
        let bytes = [UInt8](repeating: 0x61, count: count)
        #expect(bytes.withUnsafeBytes { UTF8Validator.isValid($0) && UTF8Validator.firstInvalid(in: $0) == nil })
    }

    @Test func aCharacterThatIsCutIsWrongWhereItBegins() {
        let bytes = Array("aé😀".utf8.dropLast())
        #expect(bytes.withUnsafeBytes { UTF8Validator.firstInvalid(in: $0) } == 3)
    }

    @Test func refusesAtTheFirstWrongByte() {
        var validator = UTF8Validator()
        let first = ([0xF4] as [UInt8]).withUnsafeBytes { validator.check($0) }
        let second = ([0x90] as [UInt8]).withUnsafeBytes { validator.check($0) }
        #expect(first && !second)
    }
}
