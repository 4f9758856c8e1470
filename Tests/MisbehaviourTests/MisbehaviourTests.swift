import Foundation
import NightjarTesting
import Testing

/// One case in a process of its own: whatever it does, the test goes on and names it.
@Suite struct MisbehaviourTests {
    static let names: [String] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("cases")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".lua") }.map { String($0.dropLast(4)) }.sorted()
    }()

    @Test func thereAreEnoughCases() { #expect(Self.names.count >= 80) }

    @Test(.timeLimit(.minutes(2)), arguments: names)
    func theServerSurvives(_ name: String) async throws {
        let child = try await Misbehave.run(["case", name], within: .seconds(60))
        #expect(child.status == 0, "\(child.output)")
    }

    /// The seed is printed with whatever goes wrong.
    @Test("programs made at random from the whole host API do no harm, for a minute", .timeLimit(.minutes(5)))
    func theServerSurvivesRandomPrograms() async throws {
        let child = try await Misbehave.run(["random", "--seconds", "60"], within: .seconds(180))
        #expect(child.status == 0, "\(child.output)")
    }
}

/// What takes hours: `make soak`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["NIGHTJAR_SOAK"] == "1"))
struct MisbehaviourSoakTests {
    @Test("programs made at random, for an hour", .timeLimit(.minutes(70)))
    func soakRandomPrograms() async throws {
        let child = try await Misbehave.run(["random", "--seconds", "3600"], within: .seconds(3_700))
        #expect(child.status == 0, "\(child.output)")
    }

    @Test("all cases at once, for ten minutes", .timeLimit(.minutes(20)))
    func soakAllCasesAtOnce() async throws {
        let child = try await Misbehave.run(["together", "--seconds", "600"], within: .seconds(900))
        #expect(child.status == 0, "\(child.output)")
    }

    @Test("10,000 reloads under 1,000 clients, all of them within an hour and a half", .timeLimit(.minutes(100)))
    func soakReloads() async throws {
        let child = try await Misbehave.run(
            ["reloads", "--count", "10000", "--clients", "1000", "--seconds", "5400"], within: .seconds(5_600))
        #expect(child.status == 0, "\(child.output)")
    }
}
