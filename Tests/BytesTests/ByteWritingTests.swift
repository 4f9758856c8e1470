import Bytes
import Foundation
import NightjarTesting
import Testing

@Suite struct ByteWritingTests {
    @Test(arguments: [0, 1, -1, 9, 10, -10, 99, 100, 1_234_567_890, .max, .min] as [Int64])
    func decimalText(value: Int64) {
        var bytes = Array("x".utf8)
        bytes.append(decimal: value)
        #expect(String(decoding: bytes, as: UTF8.self) == "x\(value)")
    }

    @Test func decimalTextOfManyNumbers() {
        var random = Seeded(7)
        for _ in 0..<5_000 {
            let value = Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<64, using: &random)
            var bytes: [UInt8] = []
            bytes.append(decimal: value)
            #expect(String(decoding: bytes, as: UTF8.self) == String(value))
        }
    }

    @Test func hexadecimalTextThereAndBack() {
        let all = [UInt8](0...255)
        var text: [UInt8] = []
        all.withUnsafeBytes { text.append(hex: $0) }
        #expect(String(decoding: text, as: UTF8.self) == all.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        #expect(Hex.bytes(text) == all)
        #expect(Hex.bytes(String(decoding: text, as: UTF8.self).uppercased().utf8) == all)
        #expect(Hex.bytes("".utf8) == [])
    }

    @Test(arguments: ["0", "0g", "g0", "00 ", " 00", "0x", "é"])
    func whatIsNoHexadecimalText(text: String) {
        #expect(Hex.bytes(text.utf8) == nil)
    }

    @Test func everyDigitHasItsValue() {
        for byte in UInt8.min...UInt8.max {
            let expected = Character(UnicodeScalar(byte)).isASCII ? Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init) : nil
            #expect(Hex.value(byte) == expected)
        }
        #expect((0..<16).allSatisfy { Hex.value(Hex.digit($0)) == $0 })
    }

    @Test func theClockTellsMilliseconds() {
        let before = Int64(Date().timeIntervalSince1970 * 1_000) - 1
        let time = systemWallClock()
        let after = Int64(Date().timeIntervalSince1970 * 1_000) + 1
        #expect(before <= time && time <= after)
    }
}
