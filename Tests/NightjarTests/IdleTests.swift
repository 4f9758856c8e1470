import Foundation
import NightjarTesting
import Testing

@testable import Nightjar

/// What a server costs that has nothing to do.
@Suite("Idle", .timeLimit(.minutes(2)))
struct IdleTests {
    /// How often the threads of a process have waited for something so far.
    private func waits(_ process: Int32) -> Int {
        let folder = "/proc/\(process)/task"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return threads.reduce(0) { sum, thread in
            let status = (try? String(contentsOfFile: "\(folder)/\(thread)/status", encoding: .utf8)) ?? ""
            let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
            return sum + (line?.split(whereSeparator: \.isWhitespace).last.flatMap { Int($0) } ?? 0)
        }
    }

    /// 35 a second; 171 when packages looked at what is due ten and twenty times a second and the watchdog three times for each look.
    @Test("the shipped packages wake the processor some tens of times a second")
    func wakes() async throws {
        let files = try TestFiles()
        let server = try ServerProcess(arguments: ["--data-dir", files.path("data")], directory: files.url)
        defer { server.kill() }
        let process = server.process.processIdentifier
        let clock = ContinuousClock()
        var (began, count) = (clock.now, waits(process))
        // Stretches of a second until one is quiet: a start leaves something to do.
        try await eventually("a second with fewer than 80 wake-ups") {
            let elapsed = clock.now - began
            if elapsed < .seconds(1) { return false }
            let now = waits(process)
            let perSecond = Double(now - count) / (elapsed / .seconds(1))
            (began, count) = (clock.now, now)
            return perSecond < 80
        }
        #expect(server.terminate() == 0)
    }
}
