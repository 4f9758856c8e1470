import Foundation
import Logging
import NightjarTesting
import Testing

@testable import Nightjar

/// The log's writer on pipes that are read late, never, or not any more.
@Suite("Log writer", .timeLimit(.minutes(4)))
struct LogWriterTests {
    init() { Console.prepare() }

    private func writer(_ pipe: Pipe, lines: Int = 16_384, bytes: Int = 1 << 20) -> LogWriter {
        LogWriter(descriptor: pipe.fileHandleForWriting.fileDescriptor, limits: .init(lines: lines, bytes: bytes)) { level, message, fields in
            Array("\(level): \(message) \(fields["count"]?.description ?? "")".utf8)
        }
    }

    /// Reads until the other end is closed, on a thread of its own, from now on.
    private func reading(_ pipe: Pipe) -> Letterbox<[String]> {
        let lines = Letterbox<[String]>("the end of the log")
        Thread {
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            lines.put(String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init))
        }.start()
        return lines
    }

    @Test("lines come whole and in order, from many threads")
    func order() async throws {
        let pipe = Pipe()
        let writer = writer(pipe)
        let lines = reading(pipe)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask { for number in 0..<2_000 { writer.write(Array("\(thread) \(number)".utf8)) } }
            }
        }
        writer.finish(within: .seconds(10))
        try pipe.fileHandleForWriting.close()
        let found = try await lines.next().map { $0.split(separator: " ").compactMap { Int($0) } }
        #expect(found.count == 8_000)
        for thread in 0..<4 { #expect(found.filter { $0[0] == thread }.map { $0[1] } == Array(0..<2_000)) }
    }

    @Test("an unread pipe holds nobody up; what was dropped is told where it is missing", arguments: [(16_384, 100_000), (500, 1 << 30)])
    func unread(_ lines: Int, _ bytes: Int) async throws {
        let pipe = Pipe()
        let writer = writer(pipe, lines: lines, bytes: bytes)
        let padding = String(repeating: "x", count: 200)
        let total = 20_000
        for number in 0..<total { writer.write(Array("\(number) \(padding)".utf8)) }
        let reader = reading(pipe)
        // The pipe is read from now on: the last line comes through.
        writer.finish(within: .seconds(10))
        writer.write(Array("late".utf8))
        try pipe.fileHandleForWriting.close()
        var next = 0
        var dropped = 0
        for line in try await reader.next() {
            if line.hasPrefix("warning: ") {
                let count = try #require(line.split(separator: " ").last.flatMap { Int($0) })
                dropped += count
                next += count
            } else {
                #expect(line == "\(next) \(padding)")
                next += 1
            }
        }
        #expect(next == total)
        #expect(dropped > 0)
    }

    @Test("the end waits for an unread pipe no longer than it is told")
    func finishes() {
        let pipe = Pipe()
        let writer = writer(pipe)
        for _ in 0..<2_000 { writer.write([UInt8](repeating: 0x78, count: 200)) }
        let began = ContinuousClock.now
        writer.finish(within: .milliseconds(200))
        #expect(ContinuousClock.now - began < .seconds(20))
        // Never closed: the writer's thread may be at it still, and the next test would be given its number.
        _ = Unmanaged.passRetained(pipe)
    }

    @Test("a reader that is gone is no end and no spin; its successor hears how much is missing")
    func closed() async throws {
        var ends: [CInt] = [0, 0]
        #expect(Glibc.pipe(&ends) == 0)
        close(ends[0])
        let writer = LogWriter(descriptor: ends[1]) { _, _, fields in Array("missing \(fields["count"]?.description ?? "")".utf8) }
        let before = Self.processorTime()
        for number in 0..<100 { writer.write(Array("\(number)".utf8)) }
        let first = LogWriter(descriptor: 1_000_000) { _, _, _ in [] }
        first.write(Array("nobody".utf8))
        first.finish(within: .seconds(5))
        // Put a pipe that is read in the place of the broken one.
        let pipe = Pipe()
        #expect(dup2(pipe.fileHandleForWriting.fileDescriptor, ends[1]) == ends[1])
        try pipe.fileHandleForWriting.close()
        let lines = reading(pipe)
        writer.write(Array("last".utf8))
        writer.finish(within: .seconds(5))
        close(ends[1])
        #expect(Self.processorTime() - before < 10, "of all tests that run beside this one")
        let found = try await lines.next()
        // The writer may have been so slow that the first lines met the second pipe.
        let missing = found.filter { $0.hasPrefix("missing ") }.compactMap { Int($0.dropFirst(8)) }.reduce(0, +)
        #expect(missing + found.count { Int($0) != nil } == 100)
        #expect(found.last == "last")
    }

    @Test("a file that cannot be opened anew is no end of the log: the former one goes on, and says so")
    func reopening() throws {
        let files = try TestFiles(["logs/keep": ""])
        let writer = try LogWriter(path: files.path("logs/log")) { level, message, fields in
            Array("\(level): \(message) \(fields["file"]?.description ?? "")".utf8)
        }
        writer.write(Array("first".utf8))
        try FileManager.default.moveItem(atPath: files.path("logs"), toPath: files.path("moved"))
        writer.reopen()
        writer.write(Array("second".utf8))
        writer.finish(within: .seconds(5))
        let lines = try String(contentsOfFile: files.path("moved/log"), encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(lines.filter { !$0.hasPrefix("error") } == ["first", "second"])
        #expect(lines.contains { $0.hasPrefix("error: the log file cannot be opened anew") && $0.hasSuffix("logs/log") })
        #expect(writer.missing == 0)
        #expect(throws: CommandFailure.self) { try LogWriter(path: files.path("nowhere/log")) { _, _, _ in [] } }
    }

    /// Seconds of all threads of this process.
    private static func processorTime() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
}
