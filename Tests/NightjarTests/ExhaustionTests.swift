import Foundation
import NightjarTesting
import Testing

/// A server that has no descriptors left.
@Suite("Exhaustion", .serialized, .timeLimit(.minutes(5)))
struct ExhaustionTests {
    @Test("without descriptors connections wait, and come in once there are some again; the log has one line of each")
    func descriptors() async throws {
        let files = try TestFiles(["Scripts/a/main.lua": """
            local nightjar = require "nightjar"
            nightjar.http.get("/", function() return "here" end)
            return {}
            """])
        let server = try ServerProcess(
            arguments: [
                "--ephemeral", "--data-dir", files.path("data"), "--scripts", files.path("Scripts"), "--games", files.path("games"),
                "--workers", "1",
            ],
            directory: files.url, openFiles: 64)
        defer { server.kill() }
        func count(_ text: String) -> Int { (try? String(contentsOf: server.logPath, encoding: .utf8))?.components(separatedBy: text).count ?? 1 }
        // Together: one after the other, on a busy machine, the first would have to go as half open before the last has come.
        let port = server.port
        let held = try await withThrowingTaskGroup(of: TestConnection.self) { group in
            for _ in 0..<80 { group.addTask { try await .connect(port: port) } }
            return try await group.reduce(into: [TestConnection]()) { $0.append($1) }
        }
        try await eventually("the server says that connections wait") { count("connections have to wait") >= 2 }
        // Whoever asks the system for the next connection again and again takes a whole core, and on a busy machine what it gets.
        let (before, began) = (try processorTime(server), ContinuousClock.now)
        try await Task.sleep(for: .seconds(2))
        let (taken, passed) = (try processorTime(server) - before, ContinuousClock.now - began)
        #expect(taken < passed / 3, "\(taken) of \(passed) while it waits for descriptors")
        for connection in held { await connection.close() }
        #expect(try await HTTPTestClient.request(port: server.port, "GET", "/").text == "here")
        try await eventually("the server says that they are accepted again") { count("connections are accepted again") >= 2 }
        // Not one line for each connection that had to wait; on a slow machine there can be more than one such time.
        #expect(count("connections have to wait") <= 5)
        #expect(server.terminate() == 0)
    }

    /// What all threads of the server have taken so far.
    private func processorTime(_ server: ServerProcess) throws -> Duration {
        let text = try String(contentsOfFile: "/proc/\(server.process.processIdentifier)/stat", encoding: .utf8)
        // After the name in parentheses: the state, ten other fields, the user's and the system's time in ticks.
        let fields = try #require(text.split(separator: ")").last).split(separator: " ")
        let ticks = try #require(Int(fields[11])) + #require(Int(fields[12]))
        return .seconds(ticks) / sysconf(Int32(_SC_CLK_TCK))
    }
}
