import Foundation
import NightjarTesting
import Testing

@testable import Nightjar

/// The first thing a person reads leads to the page.
@Suite("Start line", .timeLimit(.minutes(4)))
struct StartLineTests {
    @Test(
        "the address can be opened",
        arguments: [
            ("main", "127.0.0.1", false, "Nightjar is listening on http://127.0.0.1:80/"), ("main", "127.0.0.1", true, "Nightjar is listening on https://127.0.0.1:80/"),
            ("main", "0.0.0.0", false, "Nightjar is listening on http://localhost:80/"), ("main", "::", false, "Nightjar is listening on http://localhost:80/"),
            ("main", "::1", true, "Nightjar is listening on https://[::1]:80/"), ("main", "example.org", false, "Nightjar is listening on http://example.org:80/"),
            ("sync", "127.0.0.1", false, "  sync: http://127.0.0.1:80/"),
        ])
    func text(_ listener: String, _ host: String, _ isSecure: Bool, _ line: String) {
        #expect(StartLine.text(listener: listener, host: host, port: 80, isSecure: isSecure) == line)
    }

    @Test("behind the printed address is the lobby, and the log names addresses as people write them")
    func leadsToThePage() async throws {
        let files = try TestFiles()
        let server = try ServerProcess(arguments: ["--ephemeral", "--data-dir", files.path("data"), "--listen", "sync=127.0.0.1:0"], directory: files.url)
        defer { server.kill() }
        let printed = try #require(server.startText.firstMatch(of: /Nightjar is listening on (http:\/\/127\.0\.0\.1:(\d+)\/)\n/), "\(server.startText)")
        #expect(Int(printed.2) == server.port)
        #expect(server.startText.contains(/\n  sync: http:\/\/127\.0\.0\.1:\d+\/\n/), "\(server.startText)")
        let answer = try await HTTPTestClient.request(port: server.port, "GET", "/")
        #expect(answer.status == 200 && answer.text.contains("<title>"), "\(answer.text)")
        _ = server.terminate()
        let lines = try String(contentsOf: server.logPath, encoding: .utf8).split(separator: "\n").filter { $0.contains(#""message":"listening""#) }
        #expect(lines.contains { $0.contains(#""address":"127.0.0.1:\#(server.port)""#) }, "\(lines)")
        #expect(lines.contains { $0.contains("control.sock") && !$0.contains("[UDS]") }, "\(lines)")
        #expect(!lines.contains { $0.contains("IPv4") }, "\(lines)")
    }
}
