import Bytes
import Foundation
import NightjarTesting
import Testing

/// Quoting, held against another reader of JSON.
@Suite struct JSONTextTests {
    @Test(arguments: [
        ("", #""""#), ("a", #""a""#), ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#), ("\u{0}\u{1F}\u{7F}", #""\u0000\u001f\u007f""#),
        ("äöü€ 𝄞", #""äöü€ 𝄞""#), ("\u{8}\u{C}\u{B}", #""\u0008\u000c\u000b""#), ("\n\u{FEFF}\u{2028}", "\"\\n\u{FEFF}\u{2028}\""),
    ])
    func knownAnswers(text: String, quoted: String) {
        #expect(String(decoding: JSONText.string(text), as: UTF8.self) == quoted)
    }

    @Test func objectsAreSortedByName() {
        let text = JSONText.object(["b": "2\n", "a\"": "1", "": "0"])
        #expect(String(decoding: text, as: UTF8.self) == #"{"":"0","a\"":"1","b":"2\n"}"#)
        #expect(String(decoding: JSONText.object([:]), as: UTF8.self) == "{}")
    }

    private static func parse(_ json: [UInt8]) throws -> String? {
        try JSONSerialization.jsonObject(with: Data(json), options: .fragmentsAllowed) as? String
    }

    /// Code units of UTF-16 as they come, surrogates without a partner included; those become U+FFFD in any `String`.
    private static func text(_ random: inout Seeded, count: Int) -> String {
        let units = (0..<count).map { _ -> UInt16 in
            switch Int.random(in: 0..<8, using: &random) {
            case 0: .random(in: 0..<0x20, using: &random)
            case 1: [0x22, 0x5C, 0x2F, 0x7F, 0x80, 0x2028, 0x2029, 0xFFFD, 0xFFFE].randomElement(using: &random)!
            case 2: .random(in: 0xD800...0xDFFF, using: &random)
            case 3: .random(in: 0...UInt16.max, using: &random)
            default: .random(in: 0x20..<0x7F, using: &random)
            }
        }
        // Foundation's reader drops a byte order mark that follows an escape; the known answers have one.
        return String(decoding: units.filter { $0 != 0xFEFF }, as: UTF16.self)
    }

    /// Bytes as they come, much of it no UTF-8: lone continuations, surrogates, overlong forms.
    private static func repaired(_ random: inout Seeded, count: Int) -> String {
        let pieces: [[UInt8]] = [[0xED, 0xA0, 0x80], [0xC0, 0x80], [0xFF], [0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0], [0x22], [0x61]]
        return String(decoding: (0..<count).flatMap { _ in pieces.randomElement(using: &random)! }, as: UTF8.self)
    }

    @Test(arguments: 0..<40)
    func whatIsQuotedIsReadBack(seed: Int) throws {
        var random = Seeded(UInt64(seed))
        for _ in 0..<50 {
            let count = Int.random(in: 0...60, using: &random)
            let text = seed.isMultiple(of: 2) ? Self.text(&random, count: count) : Self.repaired(&random, count: count)
            let json = JSONText.string(text)
            #expect(try Self.parse(json) == text)
            #expect(json.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "one line that a terminal can show")
            #expect(String(validating: json, as: UTF8.self) != nil)
        }
    }

    /// A bounded string is the whole text, or its beginning and `…`, and never longer than it may be.
    @Test(arguments: 0..<40)
    func whatHasNoRoomIsCutBetweenCharacters(seed: Int) throws {
        var random = Seeded(UInt64(seed) &+ 1_000)
        for _ in 0..<50 {
            let text = Self.text(&random, count: .random(in: 0...60, using: &random))
            let bytesMax = Int.random(in: 9...200, using: &random)
            var json = Array("before".utf8)
            json.append(jsonString: text, bytesMax: bytesMax)
            json.removeFirst(6)
            #expect(json.count - 2 <= bytesMax)
            let read = try #require(try Self.parse(json))
            if read == text { continue }
            #expect(JSONText.string(text).count - 2 > bytesMax - 9, "there was room")
            #expect(read.hasSuffix("…") && text.unicodeScalars.starts(with: read.unicodeScalars.dropLast()))
        }
    }

    @Test func whatIsLeftOutCostsNothing() {
        let text = String(repeating: "\u{1}", count: 8 << 20)
        var json: [UInt8] = []
        json.append(jsonString: text, bytesMax: 100)
        #expect(json.count <= 102 && json.capacity < 1_024)
    }
}
