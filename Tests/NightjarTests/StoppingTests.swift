import Foundation
import NightjarTesting
import Testing

/// SIGTERM, whatever the scripts do.
@Suite("Stopping", .serialized, .timeLimit(.minutes(5)))
struct StoppingTests {
    private func start(_ main: String, _ files: TestFiles, log: Pipe? = nil) throws -> ServerProcess {
        try files.write("Scripts/stubborn/main.lua", main)
        return try ServerProcess(
            arguments: [
                "--ephemeral", "--data-dir", files.path("data"), "--scripts", files.path("Scripts"), "--games", files.path("games"),
                "--workers", "1",
            ],
            directory: files.url, standardError: log)
    }

    @Test("a package that feeds itself does not keep the server")
    func feeds() async throws {
        let files = try TestFiles()
        let log = Pipe()
        let server = try start("""
            local nightjar = require "nightjar"
            local function again() nightjar.spawn(again) end
            nightjar.http.get("/feed", function()
              nightjar.log.warn("feeding")
              nightjar.spawn(again)
              return { body = "" }
            end)
            return {}
            """, files, log: log)
        defer { server.kill() }
        let client = try await TestConnection.connect(port: server.port)
        try await client.send("GET /feed HTTP/1.1\r\nhost: localhost\r\n\r\n")
        #expect(try Self.read(log, until: "feeding"))
        let began = ContinuousClock.now
        #expect(server.terminate() != nil, "it had to be killed")
        #expect(ContinuousClock.now - began < .seconds(11))
        await client.close()
    }

    /// Reads a log until it holds `text`; false: it ended without.
    private static func read(_ log: Pipe, until text: String) throws -> Bool {
        try log.text("the log line \(text)") { $0.contains(text) }.contains(text)
    }

    @Test("handlers that wait do not keep the server, and the end is in order")
    func waits() async throws {
        let files = try TestFiles()
        let server = try start("""
            local nightjar = require "nightjar"
            nightjar.http.get("/wait", function() nightjar.sleep(25) return { body = "late" } end)
            nightjar.http.get("/", function() return { body = "here" } end)
            return {}
            """, files)
        defer { server.kill() }
        let waiting = try await TestConnection.connect(port: server.port)
        try await waiting.send("GET /wait HTTP/1.1\r\nhost: localhost\r\n\r\n")
        #expect(try await HTTPTestClient.request(port: server.port, "GET", "/").status == 200)
        let began = ContinuousClock.now
        #expect(server.terminate() == 0)
        #expect(ContinuousClock.now - began < .seconds(10))
        await waiting.close()
    }

    @Test("the second signal ends the server at once", arguments: [SIGTERM, SIGINT])
    func twice(_ second: Int32) async throws {
        let files = try TestFiles()
        let log = Pipe()
        let server = try start("""
            local nightjar = require "nightjar"
            nightjar.http.get("/wait", function() nightjar.sleep(25) return { body = "late" } end)
            nightjar.http.get("/", function() return { body = "here" } end)
            return {}
            """, files, log: log)
        defer { server.kill() }
        let waiting = try await TestConnection.connect(port: server.port)
        try await waiting.send("GET /wait HTTP/1.1\r\nhost: localhost\r\n\r\n")
        #expect(try await HTTPTestClient.request(port: server.port, "GET", "/").status == 200)
        server.signal(SIGTERM)
        #expect(try Self.read(log, until: #""message":"stopping""#))
        let began = ContinuousClock.now
        // What comes within a moment after the first counts as the same signal, so it is sent until the end.
        var ended = false
        while !ended, ContinuousClock.now - began < .seconds(15) {
            server.signal(second)
            ended = server.hasEnded(within: 0.05)
        }
        #expect(server.end(within: 5) == 1)
        // Not because the handler was waited for in vain.
        #expect(try Self.read(log, until: "the signal came twice"))
        await waiting.close()
    }
}
