import Foundation
import NightjarTesting
import Testing

/// A server whose log nobody reads, as a process of its own.
@Suite("A log that is not read", .serialized, .timeLimit(.minutes(5)))
struct LogPipeTests {
    /// Answers every request with an error whose message names it and is long.
    private static let failing = """
        local nightjar = require "nightjar"
        nightjar.http.get("/fail/:number", function(request)
          error(("%06d "):format(request.params.number) .. ("x"):rep(6000), 0)
        end)
        nightjar.http.get("/big", function()
          local big = ("\\255"):rep(4 << 20)
          nightjar.log.error(big, { big = big, [big] = 1, list = { big } })
          return { body = "logged" }
        end)
        -- What it costs is seen in the log; a slow machine takes longer than 20 ms to make the text alone.
        return { limits = { slice_ms = 500 } }
        """

    private func start(_ files: TestFiles, _ pipe: Pipe?) throws -> ServerProcess {
        try ServerProcess(
            arguments: [
                "--ephemeral", "--data-dir", files.path("data"), "--scripts", files.path("Scripts"), "--games", files.path("games"),
                "--workers", "1",
            ],
            directory: files.url, standardError: pipe)
    }

    private func fail(_ port: Int, _ numbers: Range<Int>) async throws {
        let client = try await HTTPTestClient.connect(port: port)
        for number in numbers { #expect(try await client.request("GET", "/fail/\(number)").status == 500) }
        await client.connection.close()
    }

    @Test("failing requests go on being answered, and SIGTERM ends the server")
    func unread() async throws {
        let files = try TestFiles(["Scripts/loud/main.lua": Self.failing])
        let pipe = Pipe()
        let server = try start(files, pipe)
        defer { server.kill() }
        // More than the pipe, the queue and the writer hold.
        try await fail(server.port, 0..<1_000)
        #expect(server.terminate() == 0)
        withExtendedLifetime(pipe) {}
    }

    @Test("whoever reads again gets the lines in order and is told how many are missing")
    func readLate() async throws {
        let files = try TestFiles(["Scripts/loud/main.lua": Self.failing])
        let pipe = Pipe()
        let server = try start(files, pipe)
        defer { server.kill() }
        try await fail(server.port, 0..<1_000)
        let reader = Letterbox<String>("a line of the log")
        Thread {
            var rest = Data()
            while true {
                let data = pipe.fileHandleForReading.availableData
                if data.isEmpty { break }
                rest += data
                while let end = rest.firstIndex(of: 0x0A) {
                    reader.put(String(decoding: rest[..<end], as: UTF8.self))
                    rest = Data(rest[(end + 1)...])
                }
            }
        }.start()
        var numbers: [Int] = []
        var dropped = 0
        // Waits for the word about the dropped lines, then for a line that comes after it.
        while dropped == 0 {
            let line = try await Self.object(reader)
            if let number = Self.number(line) { numbers.append(number) }
            if let count = (line["count"] as? String).flatMap({ Int($0) }) { dropped = count }
        }
        #expect(numbers.count > 50 && numbers == numbers.sorted())
        #expect(numbers.last.map { $0 < 999 } == true)
        try await fail(server.port, 5_000..<5_001)
        while numbers.last != 5_000 {
            if let number = Self.number(try await Self.object(reader)) { numbers.append(number) }
        }
        #expect(numbers == numbers.sorted())
        #expect(server.terminate() == 0)
    }

    private static func object(_ reader: Letterbox<String>) async throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(try await reader.next().utf8)) as? [String: Any] ?? [:]
    }

    private static func number(_ line: [String: Any]) -> Int? { (line["message"] as? String).flatMap { Int($0.prefix(6)) } }

    @Test("a log whose reader has gone ends nothing")
    func closed() async throws {
        let files = try TestFiles(["Scripts/loud/main.lua": Self.failing])
        let pipe = Pipe()
        let server = try start(files, pipe)
        defer { server.kill() }
        try pipe.fileHandleForReading.close()
        try await fail(server.port, 0..<200)
        #expect(server.terminate() == 0)
    }

    @Test("megabytes of binary in a line cost the server nothing to speak of")
    func large() async throws {
        let files = try TestFiles(["Scripts/loud/main.lua": Self.failing])
        let server = try start(files, nil)
        defer { server.kill() }
        let response = try await HTTPTestClient.request(port: server.port, "GET", "/big")
        #expect(response.status == 200)
        #expect(server.terminate() == 0)
        let log = try Data(contentsOf: server.logPath)
        #expect(log.count < 128 * 1_024)
        #expect(String(validating: log, as: UTF8.self)?.contains("\u{FFFD}") == true)
    }
}
