import Foundation
import Testing

@testable import Nightjar

/// What a server's libraries find in the environment.
@Suite("The environment of a server", .serialized, .timeLimit(.minutes(4)))
struct StartEnvironmentTests {
    private func environment(_ given: [String: String]) throws -> [String] {
        let files = try TestFiles()
        let server = try ServerProcess(
            arguments: ["--ephemeral", "--log-level", "error"], environment: given, directory: files.url)
        defer { server.kill() }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(server.process.processIdentifier)/environ"))
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("a server begins with its settings")
    func settings() throws {
        let found = try environment([:])
        for (name, value) in StartEnvironment.settings { #expect(found.contains("\(name)=\(value)")) }
    }

    @Test("what the operator has set stands, and the other is set beside it")
    func tunables() throws {
        let found = try environment(["GLIBC_TUNABLES": "glibc.malloc.tcache_count=9"])
        #expect(found.contains("GLIBC_TUNABLES=glibc.malloc.tcache_count=9"))
        #expect(found.contains("\(StartEnvironment.settings[0].0)=\(StartEnvironment.settings[0].1)"))
    }

    @Test("a process that has the first setting is not begun anew, whatever else it lacks: it could go on for ever")
    func onlyOnce() throws {
        let found = try environment(["SWIFT_BACKTRACE": "enable=no"])
        #expect(found.contains("SWIFT_BACKTRACE=enable=no"))
        #expect(!found.contains { $0.hasPrefix("GLIBC_TUNABLES=") })
    }
}
