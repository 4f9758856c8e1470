import Foundation
import NightjarTesting
import Testing

/// A server that has no descriptors left.
@Suite("Exhaustion", .serialized, .timeLimit(.minutes(1)))
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
        var held: [TestConnection] = []
        for _ in 0..<80 { held.append(try await .connect(port: server.port)) }
        try await eventually("the server says that connections wait") { count("connections have to wait") >= 2 }
        for connection in held { await connection.close() }
        #expect(try await HTTPTestClient.request(port: server.port, "GET", "/").text == "here")
        try await eventually("the server says that they are accepted again") { count("connections are accepted again") >= 2 }
        // Not one line for each connection that had to wait; on a slow machine there can be more than one such time.
        #expect(count("connections have to wait") <= 5)
        #expect(server.terminate() == 0)
    }
}
