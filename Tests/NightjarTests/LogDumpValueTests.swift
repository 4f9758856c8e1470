import Foundation
import Store
import Testing
import Transport

@testable import Nightjar

@Suite("Log rows")
struct LogRowTests {
    private func rows(_ json: String) throws -> [LogRow] { try LogFrame(json: Array(json.utf8)).rows }
    private func row(_ json: String) throws -> LogRow { try #require(try rows(json).first) }

    @Test("an entry becomes a row")
    func whole() throws {
        #expect(
            try rows(entry("hi")) == [
                LogRow(
                    clientTime: "2025-11-13 02:13:20.007", level: "Info", msg: "hi", user: "ann", room: "r1",
                    serverTime: "2025-11-13 02:13:20.100", sequence: 912_345_678_901, text: "02:13:20:007  [Info] hi")
            ])
    }

    @Test("an array becomes one row for each object, in order")
    func array() throws {
        let frame = try LogFrame(json: Array("[\(entry("a")),7,\(entry("b")),null,[],\"x\"]".utf8))
        #expect(frame.rows.map(\.msg) == ["a", "b"])
        #expect(frame.skipped == 4)
        #expect(try LogFrame(json: Array("[]".utf8)).rows == [])
    }

    @Test("what is missing is NULL, and the line is what the client wrote")
    func missing() throws {
        #expect(try row("{}") == LogRow())
        #expect(try row(#"{"msg":"m","level":"Warn"}"#) == LogRow(level: "Warn", msg: "m", text: "m"))
        #expect(try row(#"{"msg":"m","text":"whole line"}"#).text == "whole line")
        #expect(try row(#"{"timestamp":7,"text":"whole line"}"#).text == "whole line")
        #expect(try row(#"{"timestamp":7,"msg":"m"}"#).text == "00:00:00:007  m")
        #expect(try row(#"{"timestamp":null,"msg":null,"room":null,"seqNumber":null}"#) == LogRow())
    }

    @Test("a room that is empty or undefined is NULL", arguments: [("", nil), ("undefined", nil), ("Undefined", "Undefined"), (" ", " "), ("r", "r")])
    func room(_ text: String, _ expected: String?) throws {
        #expect(try row(#"{"room":"\#(text)"}"#).room == expected)
    }

    @Test("a level has at most ten characters")
    func level() throws {
        let row = try row(#"{"timestamp":0,"level":"ABCDEFGHIJKL","msg":"m"}"#)
        #expect(row.level == "ABCDEFGHIJ")
        #expect(row.text == "00:00:00:000  [ABCDEFGHIJKL] m")
        #expect(try self.row(#"{"level":"ÄÖÜäöüßéèêx"}"#).level == "ÄÖÜäöüßéèê")
    }

    @Test(
        "times are UTC to the millisecond",
        arguments: [
            ("0", "1970-01-01 00:00:00.000"), ("-1", "1969-12-31 23:59:59.999"), ("1709210096789", "2024-02-29 12:34:56.789"),
            ("1763000000007.9", "2025-11-13 02:13:20.007"), ("1.763e12", "2025-11-13 02:13:20.000"),
            ("253402300799999", "9999-12-31 23:59:59.999"), ("-62167219200000", "0000-01-01 00:00:00.000"),
            ("253402300800000", nil), ("-62167219200001", nil), ("1e300", nil), ("\"1763000000007\"", nil), ("true", nil), ("{}", nil),
        ] as [(String, String?)])
    func times(_ number: String, _ expected: String?) throws {
        #expect(try row(#"{"timestamp":\#(number)}"#).clientTime == expected)
        #expect(try row(#"{"serverTime":\#(number)}"#).serverTime == expected)
    }

    @Test(
        "sequence numbers keep all their digits",
        arguments: [("9223372036854775807", 9_223_372_036_854_775_807), ("-5", -5), ("1e3", 1_000), ("1.5", nil), ("1e30", nil), ("\"7\"", nil)]
            as [(String, Int64?)])
    func sequence(_ number: String, _ expected: Int64?) throws {
        #expect(try row(#"{"seqNumber":\#(number)}"#).sequence == expected)
    }

    @Test("texts of another kind are kept as their JSON, and a NUL ends no text")
    func otherKinds() throws {
        #expect(try row(#"{"msg":12,"user":true,"room":{"b":[1,null,1.5],"a":"x/y"}}"#) == LogRow(msg: "12", user: "true", room: #"{"a":"x/y","b":[1,null,1.5]}"#, text: "12"))
        #expect(try row(#"{"msg":"a\u0000b"}"#).msg == "a\u{FFFD}b")
    }

    @Test("what is no entry is refused", arguments: ["", "7", "null", "\"x\"", "{", "[{]", "pong", "{\"a\":1}x"])
    func malformed(_ text: String) {
        #expect(throws: (any Error).self) { try LogFrame(json: Array(text.utf8)) }
    }

    @Test("no bytes make it trap")
    func fuzz() throws {
        var random = SplitMix(state: 11)
        let good = Array("[\(entry("a")),\(entry("b"))]".utf8)
        var understood = 0
        for _ in 0..<2_000 {
            var bytes = good
            for _ in 0...Int(random.next() % 4) { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
            if let frame = try? LogFrame(json: bytes) {
                understood += 1
                #expect(frame.rows.count + frame.skipped <= 4)
                for row in frame.rows { #expect(row.level?.count ?? 0 <= 10 && row.room != "") }
            }
        }
        #expect(understood > 0)
    }
}

@Suite("Reconnecting")
struct ReconnectMachineTests {
    @Test("connects, listens, waits, for ever")
    func forEver() {
        var machine = ReconnectMachine(pause: .seconds(2))
        #expect(machine.first == .connect)
        for _ in 0..<1_000 {
            #expect(machine.next(after: .failed) == .wait(.seconds(2)))
            #expect(machine.next(after: .waited) == .connect)
        }
        #expect(machine.failures == 1_000)
        #expect(machine.next(after: .opened) == .listen)
        #expect(machine.failures == 0)
        #expect(machine.next(after: .ended) == .wait(.seconds(2)))
        #expect(machine.next(after: .waited) == .connect)
    }

    @Test("a stop ends it wherever it is, but a connection is listened to until it ends", arguments: [.failed, .ended, .waited] as [ReconnectMachine.Event])
    func stop(_ event: ReconnectMachine.Event) {
        var machine = ReconnectMachine(pause: .seconds(2))
        machine.stop()
        #expect(machine.first == .finish)
        #expect(machine.next(after: .opened) == .listen)
        #expect(machine.next(after: event) == .finish)
    }

    @Test("the first failure is news, then one in thirty")
    func news() {
        var machine = ReconnectMachine(pause: .seconds(2))
        var news: [Int] = []
        for index in 0..<61 {
            if machine.isFailureNews { news.append(index) }
            _ = machine.next(after: .failed)
        }
        #expect(news == [0, 30, 60])
    }
}

@Suite("Log dump settings")
struct LogDumpSettingsTests {
    private func refusal(_ endpoint: String?, _ database: String?, _ environment: [String: String] = [:]) -> String {
        do throws(LogDumpError) {
            _ = try LogDumpSettings(endpoint: endpoint, database: database, environment: environment)
            return ""
        } catch {
            #expect(error.code == "settings")
            return error.description
        }
    }

    @Test("options win over the environment")
    func sources() throws {
        let environment = ["WS_ENDPOINT": "ws://a:1/x", "SQL_CONNECTION_STRING": "/tmp/a.sqlite"]
        let both = try LogDumpSettings(endpoint: nil, database: nil, environment: environment)
        #expect(both.endpoint.host == "a" && both.databasePath == "/tmp/a.sqlite")
        let options = try LogDumpSettings(endpoint: "wss://b/y?room=r", database: "b.sqlite", environment: environment)
        #expect(options.endpoint.target == "/y?room=r" && options.databasePath == "b.sqlite")
    }

    @Test("everything that is missing is named with its remedy")
    func missing() {
        let both = refusal(nil, nil)
        for part in ["--endpoint", "WS_ENDPOINT", "--database", "SQL_CONNECTION_STRING"] { #expect(both.contains(part)) }
        #expect(!refusal("ws://a", nil).contains("WS_ENDPOINT"))
        #expect(!refusal(nil, "a.sqlite").contains("SQL_CONNECTION_STRING"))
        #expect(refusal(nil, "", ["WS_ENDPOINT": ""]).contains("WS_ENDPOINT"))
    }

    @Test("what cannot be used is refused and secrets are not repeated")
    func unusable() {
        #expect(refusal("http://a", "a.sqlite").contains("ws://"))
        for text in ["Server=db;Database=logs;User Id=sa;Password=hush", "postgres://user:hush@db/logs"] {
            let refusal = refusal("ws://a", text)
            #expect(refusal.contains("SQLite") && !refusal.contains("hush"))
        }
        #expect(refusal("ws://a", ":memory:").contains("must be a file"))
    }
}

@Suite("Log table")
struct LogEntryTableTests {
    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nightjar-table-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    @Test("the table has the documented columns, and rows survive a second opening")
    func columns() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.sqlite").path
            let first = try LogEntryTable(path: path)
            let columns = try await first.onQueue { database in
                let rows = try database("SELECT name || ' ' || type FROM pragma_table_info('LogEntry') ORDER BY cid")
                var columns: [String] = []
                while try rows.step() { columns.append(rows.text(0)) }
                return columns
            }
            #expect(
                columns == [
                    "Id INTEGER", "client_time DATETIME", "level VARCHAR(10)", "msg TEXT", "user TEXT", "room TEXT", "server_time DATETIME",
                    "seq_number BIGINT", "text TEXT",
                ])
            try await first.insert([LogRow(msg: "a"), LogRow(msg: "b", sequence: .max)])
            first.close()
            let second = try LogEntryTable(path: path)
            try await second.insert([LogRow(msg: "c")])
            let rows = try await second.onQueue { database in
                let rows = try database("SELECT Id || msg || coalesce(seq_number, '') FROM LogEntry ORDER BY Id")
                var texts: [String] = []
                while try rows.step() { texts.append(rows.text(0)) }
                return texts
            }
            #expect(rows == ["1a", "2b9223372036854775807", "3c"])
            second.close()
        }
    }

    @Test("a file that is no database, a missing folder and another table of that name are explained")
    func refusals() async throws {
        try await withFolder { folder in
            let text = folder.appendingPathComponent("text")
            try String(repeating: "no database ", count: 100).write(to: text, atomically: true, encoding: .utf8)
            let other = folder.appendingPathComponent("other.sqlite").path
            try Database(path: other, lockWait: .zero).run("CREATE TABLE LogEntry (Id INTEGER, msg TEXT)")
            for (path, code) in [(text.path, "database_open"), (folder.path + "/no/a.sqlite", "database_open"), (other, "database_columns")] {
                let error = try #require(throws: LogDumpError.self) { try LogEntryTable(path: path) }
                #expect(error.code == code)
                #expect(error.description.contains(path))
            }
        }
    }
}
