import Foundation
import Logging
import Testing

@testable import Nightjar

@Suite("Log lines")
struct LogLineTests {
    private func json(_ message: String, _ fields: Logger.Metadata = [:]) throws -> [String: Any] {
        let bytes = JSONLinesLogHandler.line(.json, .info, "test", message, fields)
        return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test("a line is one JSON object whatever is in it")
    func escapes() throws {
        let text = "a\u{0}b\u{1B}[31m\n\"\\\t\u{7F}é\u{2028}😀"
        let line = try json(text, ["k\"\n": "\(text)"])
        #expect(line["message"] as? String == text)
        #expect(line["k\"\n"] as? String == text)
        #expect(!JSONLinesLogHandler.line(.json, .info, "test", text, [:]).contains { $0 < 0x20 || $0 == 0x7F })
        #expect(!JSONLinesLogHandler.line(.text, .info, "test", text, ["a": "\(text)"]).contains { $0 < 0x20 && $0 != 0x0A })
    }

    @Test("megabytes are cut before they are formatted, between characters, and the line stays JSON", arguments: ["x", "é", "😀", "\u{1}", "\"", "\u{FFFD}"])
    func cut(_ character: String) throws {
        let huge = String(repeating: character, count: 4 << 20)
        let began = Self.processorTime()
        let fields = Logger.Metadata(uniqueKeysWithValues: (0..<100).map { ("field-\($0)", .string(huge)) })
        for format in [JSONLinesLogHandler.Format.json, .text] {
            let bytes = JSONLinesLogHandler.line(format, .error, "test", huge, fields)
            #expect(bytes.count < 32 * 1_024)
            #expect(String(validating: bytes, as: UTF8.self) != nil)
        }
        // Formatting all of it first would take half a minute.
        #expect(Self.processorTime() - began < 5)
        let line = try json(huge, fields)
        #expect((line["message"] as? String)?.hasSuffix("…") == true)
        #expect(line["fields_left_out"] as? Int ?? 0 > 90)
    }

    /// Seconds of this thread, whatever else the machine does.
    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test("lists and objects are bounded as well")
    func nested() throws {
        let huge = Logger.Metadata.Value.string(String(repeating: "x", count: 1 << 20))
        let list = Logger.Metadata.Value.array(Array(repeating: .array([huge, .dictionary(["a": huge])]), count: 1_000))
        #expect(JSONLinesLogHandler.line(.json, .error, "test", "m", ["list": list]).count < 8 * 1_024)
        #expect(try json("m", ["list": .array(["1", "a", .dictionary(["b": "c"])])])["list"] as? String == "[1, a, [b: c]]")
    }
}
