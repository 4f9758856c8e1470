import Foundation
import NIOCore
import NightjarTesting
import Store
import Testing
import Transport

@testable import Nightjar

/// The dumper against a live server, with a clock that stands still.
@Suite("Log dump", .timeLimit(.minutes(1)))
struct LogDumpTests {
    @Test("arrays and single objects become rows, in order")
    func rows() async throws {
        try await DumpFixture.run { test in
            let listener = try await test.listener()
            try await test.send("[\(entry("a")),\(entry("b", #","extra":{"x":[1]}"#))]", to: listener)
            try await test.send(entry("c"), to: listener)
            try await test.send(#"[{"msg":"d","room":"undefined"},{"msg":"e","room":""}]"#, to: listener)
            try await test.stop()
            #expect(try await test.column("Id") == ["1", "2", "3", "4", "5"])
            #expect(try await test.column("msg") == ["a", "b", "c", "d", "e"])
            #expect(try await test.column("room") == ["r1", "r1", "r1", nil, nil])
            #expect(try await test.column("client_time").last == .some(nil))
            #expect(try await test.column("text").first == "02:13:20:007  [Info] a")
            #expect(try await test.column("seq_number").first == "912345678901")
            #expect(test.lines.count("connected") == 2 && test.lines.count("disconnected reason=local, code 1000 stored=5") == 1, "\(test.lines.all)")
        }
    }

    @Test("malformed frames are logged and skipped")
    func malformed() async throws {
        try await DumpFixture.run { test in
            let listener = try await test.listener()
            for text in ["pong", "[", "7", #"[1,{"msg":"a"}]"#] { try await test.send(text, to: listener) }
            try await test.transport.prepare(0) { context in [0x7B, 0x7D].withUnsafeBytes { context.send(listener, $0, .binary) } }
            try await test.send(entry("b"), to: listener)
            try await test.stop()
            #expect(try await test.column("msg") == ["a", "b"])
            #expect(test.lines.count("skipped a malformed frame") == 3)
            #expect(test.lines.count("skipped what is no entry count=1") == 1)
            #expect(test.lines.count("skipped a binary frame") == 1)
        }
    }

    @Test("what was sent right before the end is stored, and a new connection is made after two seconds, again and again")
    func reconnects() async throws {
        try await DumpFixture.run(greeting: [entry("hello")]) { test in
            for round in 0..<3 {
                let listener = try await test.listener()
                let frame = "[" + (0..<200).map { entry("\(round)-\($0)") }.joined(separator: ",") + "]"
                try await test.send(frame, andClose: listener)
                #expect(try await test.clock.sleeps.next() == .seconds(2))
                test.clock.advance(by: .seconds(2))
            }
            _ = try await test.listener()
            try await test.stop()
            var expected: [String?] = []
            for round in 0..<3 { expected += ["hello"] + (0..<200).map { "\(round)-\($0)" } }
            #expect(try await test.column("msg") == expected + ["hello"])
            #expect(test.lines.count("disconnected reason=remote, code 1012 stored=201") == 3, "\(test.lines.all)")
        }
    }

    @Test("a server that is away is tried every two seconds and spoken of once a minute")
    func serverAway() async throws {
        try await DumpFixture.run { test in
            let listener = try await test.listener()
            await test.transport.stopAccepting()
            try await test.send(entry("a"), andClose: listener)
            for _ in 0..<32 {
                #expect(try await test.clock.sleeps.next() == .seconds(2))
                test.clock.advance(by: .seconds(2))
            }
            #expect(try await test.clock.sleeps.next() == .seconds(2))
            // In the middle of the pause.
            try await test.stop()
            #expect(test.lines.count("cannot connect") == 2, "\(test.lines.all)")
            #expect(try await test.column("msg") == ["a"])
        }
    }

    @Test("while another program locks the file nothing is dropped")
    func locked() async throws {
        try await DumpFixture.run { test in
            let listener = try await test.listener()
            let other = try Self.lock(test.path)
            // More than may wait, so that reading stops as well.
            let padding = String(repeating: "x", count: 20_000)
            let count = 600
            for index in 0..<count { try await test.send(entry("\(index) \(padding)"), to: listener) }
            for _ in 0..<5 {
                #expect(try await test.clock.sleeps.next() == .milliseconds(250))
                test.clock.advance(by: .milliseconds(250))
            }
            #expect(try await test.clock.sleeps.next() == .milliseconds(250))
            #expect(test.lines.count("the database takes no entries") == 1)
            try other.run("ROLLBACK")
            test.clock.advance(by: .milliseconds(250))
            // All of it before the stop: a closing handshake has its own time, which a busy machine may need for the twelve megabytes.
            try await eventually("the entries in the file") { try await test.column("Id").count == count }
            try await test.stop()
            #expect(try await test.column("substr(msg, 1, instr(msg, ' ') - 1)") == (0..<count).map { "\($0)" })
            #expect(test.lines.count("the database takes entries again") == 1)
        }
    }

    @Test("a full disk is waited for, and a frame is stored whole or not at all")
    func full() async throws {
        try await DumpFixture.run { test in
            let listener = try await test.listener()
            try await test.table.onQueue { try $0.run("PRAGMA max_page_count = \($0.integer("PRAGMA page_count")! + 2)") }
            let padding = String(repeating: "x", count: 3_000)
            try await test.send("[" + (0..<50).map { entry("\($0) \(padding)") }.joined(separator: ",") + "]", to: listener)
            #expect(try await test.clock.sleeps.next() == .milliseconds(250))
            #expect(try await test.column("Id") == [])
            try await test.table.onQueue { try $0.run("PRAGMA max_page_count = 100000") }
            test.clock.advance(by: .milliseconds(250))
            try await test.stop()
            #expect(try await test.column("Id").count == 50)
        }
    }

    @Test("a stop does not wait for a locked file for ever and says what is lost")
    func stopWhileLocked() async throws {
        try await DumpFixture.run { test in
            let listener = try await test.listener()
            let other = try Self.lock(test.path)
            try await test.send("[\(entry("a")),\(entry("b"))]", to: listener)
            _ = try await test.clock.sleeps.next()
            test.dumper.stop()
            // The first failure after the stop starts the five seconds.
            test.clock.advance(by: .milliseconds(250))
            _ = try await test.clock.sleeps.next()
            test.clock.advance(by: .seconds(5))
            let error = await #expect(throws: LogDumpError.self) { try await test.stop() }
            #expect(error?.code == "not_stored")
            try other.run("ROLLBACK")
        }
    }

    @Test("how much was stored is said now and then")
    func report() async throws {
        try await DumpFixture.run { test in
            let listener = try await test.listener()
            try await test.send(entry("a"), to: listener)
            test.clock.advance(by: .seconds(61))
            try await test.send("[\(entry("b")),\(entry("c"))]", to: listener)
            try await test.stop()
            #expect(test.lines.count("info storing stored=") == 1, "\(test.lines.all)")
            #expect(test.lines.all.last == "info stopped stored=3")
        }
    }

    /// Another program that writes, until it rolls back.
    private static func lock(_ path: String) throws -> Database {
        let other = try Database(path: path, lockWait: .zero)
        try other.run("BEGIN IMMEDIATE")
        return other
    }

    @Test("pings go out every three seconds on every connection")
    func pings() {
        #expect(LogDumper<TestClock>.clientOptions.pingInterval == .seconds(3))
    }
}
