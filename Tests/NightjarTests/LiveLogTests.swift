import Foundation
import NightjarTesting
import Testing

/// The log of a server process, as somebody sees it who listens to it.
@Suite("The live log of a process", .serialized, .timeLimit(.minutes(4)))
struct LiveLogTests {
    @Test("what goes to standard error goes to listeners")
    func lines() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("nightjar-live-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let portFile = directory.appendingPathComponent("port").path
        let server = try ServerProcess(
            arguments: [
                "--ephemeral", "--data-dir", directory.path, "--listen", "sync=127.0.0.1:0", "--port-file", portFile, "--log-level", "info",
            ], directory: directory)
        defer { server.kill() }
        let text = try String(contentsOfFile: portFile + ".sync", encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        let listener = try await WebSocketTestClient.connect(port: try #require(Int(text)), "/logs/listen?room=any")
        #expect(try ServerProcess.run(["reload", "casino", "--data-dir", directory.path]).status == 0)
        var line: [String: Any]?
        while line == nil {
            let frame = try await listener.receiveText()
            let list = try JSONSerialization.jsonObject(with: Data(frame.utf8)) as? [[String: Any]] ?? []
            line = list.first { ($0["msg"] as? String)?.hasPrefix("loaded") == true && $0["unit"] as? String == "casino" }
        }
        #expect(line?["level"] as? String == "INFO" && line?["user"] as? String == "server" && line?["room"] as? String == "")
        let message = try #require(line?["msg"] as? String)
        #expect(message.contains(" unit=casino generation="))
        #expect(try String(contentsOf: server.logPath, encoding: .utf8).contains(message.components(separatedBy: " unit=")[0]))
        await listener.disconnect()
        #expect(server.terminate() == 0)
    }
}
