import Foundation
import Logging
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

@Suite("Lines for packages that listen")
struct LogTapQueueTests {
    private func object(_ line: LogLine) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(line.json)) as? [String: Any])
    }

    private func list(_ json: [UInt8]?) throws -> [Int] {
        try #require(JSONSerialization.jsonObject(with: Data(json ?? [])) as? [Int])
    }

    private func none(_ dropped: Int) -> [UInt8] { Array("-\(dropped)".utf8) }

    @Test("a line has time, level, message, text and fields, sorted")
    func line() throws {
        let line = LogLine(time: 45_296_007, level: .notice, message: "listening", metadata: ["port": "5001", "address": "::1"])
        #expect(line.text == "12:34:56:007 [INFO] listening address=::1 port=5001")
        #expect(String(decoding: line.json, as: UTF8.self) == #"""
            {"time":45296007,"level":"info","message":"listening","text":"12:34:56:007 [INFO] listening address=::1 port=5001","fields":{"address":"::1","port":"5001"}}
            """#)
    }

    @Test("lines of scripts say which: packages by name, games with their kind")
    func units() throws {
        let package = LogLine(time: 0, level: .error, message: "m", metadata: ["unit": "package sync", "generation": "12", "a": "1"])
        #expect(package.unit == "sync" && package.generation == 12 && package.fields.map(\.name) == ["a"])
        #expect(package.text == "00:00:00:000 [ERROR] m unit=sync generation=12 a=1")
        let object = try object(package)
        #expect(object["unit"] as? String == "sync" && object["generation"] as? Int == 12)
        #expect(LogLine(time: 0, level: .info, message: "m", metadata: ["unit": "game dice"]).unit == "game dice")
        #expect(try self.object(LogLine(time: 0, level: .info, message: "m", metadata: ["generation": "x"]))["generation"] == nil)
    }

    @Test("seven levels become five names", arguments: [
        (Logger.Level.trace, "trace"), (.debug, "debug"), (.info, "info"), (.notice, "info"), (.warning, "warn"), (.error, "error"),
        (.critical, "error"),
    ])
    func levels(_ level: Logger.Level, _ name: String) {
        let line = LogLine(time: 0, level: level, message: "m", metadata: [:])
        #expect(line.levelName == name && line.text == "00:00:00:000 [\(name.uppercased())] m")
    }

    @Test("no control character gets through, and no line looks like another one")
    func controls() throws {
        let line = LogLine(
            time: 0, level: .info, message: "a\u{1B}[2J\r\n12:00:00:000 [ERROR] forged\u{0}\u{2028}b", metadata: ["k\n": "v\u{7F}\"\\\n\u{85}"])
        #expect(line.message == "a?[2J?\n12:00:00:000 [ERROR] forged??b")
        #expect(line.text == "00:00:00:000 [INFO] a?[2J?\n    12:00:00:000 [ERROR] forged??b k\n    =v?\"\\\n    ?")
        #expect(try object(line)["message"] as? String == line.message)
        #expect((try object(line)["fields"] as? [String: String])?["k\n"] == "v?\"\\\n?")
    }

    @Test("long messages, values and many fields are cut, between characters")
    func bounds() throws {
        let line = LogLine(time: 0, level: .info, message: String(repeating: "ü", count: 100_000), metadata: ["f": .string(String(repeating: "x", count: 100_000))])
        #expect(line.message.utf8.count <= LogLine.messageBytesMax + 3 && line.message.hasSuffix("ü…"))
        #expect(line.fields[0].value.utf8.count == LogLine.valueBytesMax + 3)
        var many: Logger.Metadata = [:]
        for index in 0..<1_000 { many["field\(index)"] = "0123456789" }
        let wide = LogLine(time: 0, level: .info, message: String(repeating: "x", count: 100_000), metadata: many)
        #expect(!wide.fields.isEmpty && wide.text.utf8.count < 16 * 1_024)
        #expect(try object(wide)["text"] as? String == wide.text)
    }

    @Test("lines are delivered once, in order, one delivery at a time")
    func order() throws {
        var queue = LogQueue()
        func add(_ text: String) -> Bool { queue.add(Array(text.utf8), isOwn: false) }
        func take() -> [UInt8]? { queue.take(none) }
        func finished() -> Bool { queue.finished() }
        #expect(take() == nil, "nothing was scheduled")
        #expect(add("1"))
        #expect(!add("2"), "a delivery is coming")
        #expect(try list(take()) == [1, 2])
        #expect(!add("3"), "the handler still runs")
        #expect(take() == nil)
        #expect(finished(), "there is more")
        #expect(try list(take()) == [3])
        #expect(!finished())
        #expect(add("4"))
    }

    @Test("what does not fit is counted, in lines and in bytes")
    func limits() throws {
        var queue = LogQueue()
        for index in 0..<LogQueue.linesMax + 7 { _ = queue.add(Array("\(index)".utf8), isOwn: false) }
        let first = queue.take(none)
        #expect(try list(first) == Array(0..<LogQueue.linesMax) + [-7])
        let hasMore = queue.finished()
        #expect(!hasMore, "the count begins anew")
        let half = Array(String(repeating: " ", count: LogQueue.bytesMax / 2).utf8) + Array("1".utf8)
        for _ in 0..<4 { _ = queue.add(half, isOwn: false) }
        let json = queue.take(none)
        #expect(try list(json) == [1, -3])
        #expect(json!.count <= LogQueue.bytesMax + 16)
    }

    @Test("lines of listeners stay a trickle")
    func own() throws {
        var queue = LogQueue()
        for index in 0..<100 { _ = queue.add(Array("\(index)".utf8), isOwn: index % 2 == 0) }
        let got = try list(queue.take(none))
        #expect(got.count { $0 >= 0 && $0 % 2 == 0 } == LogQueue.ownLinesMax)
        #expect(got.count { $0 % 2 == 1 } == 50 && got.last == -45)
    }

    @Test("a line costs nothing while nobody listens")
    func nobody() {
        let tap = LogTap(clock: { fatalError("not asked") })
        func never() -> String { fatalError("not made") }
        tap.add(.error, never(), [:])
        #expect(!tap.isListening)
    }
}
