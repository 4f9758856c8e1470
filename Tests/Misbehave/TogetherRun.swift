import Foundation
import Host
import LuaRuntime
import NightjarTesting
import Reload

/// All cases at once on one server with two workers: loaded, set off, mended and loaded again, in random order.
struct TogetherRun: Sendable {
    let files: [CaseFile]
    let seconds: Double
    let seed: UInt64

    /// With a hundred units that all want everything, a neighbour waits for its turn; it must come.
    private static let neighbourMax = Duration.seconds(10)
    private static let patience = Duration.seconds(60)
    private static let growthMiB = 3_072

    func run() async -> Bool {
        say("together: seed \(seed)")
        do {
            try await runAll()
            return true
        } catch {
            say("together: FAILED: \(error)")
            return false
        }
    }

    private struct Finding: Error, CustomStringConvertible { let description: String }

    private func runAll() async throws {
        var options = ServerOptions()
        options.packages = ["neighbour": Neighbour.package("neighbour", placement: "all")]
        options.workers = 2
        options.luaLimits.memoryBytes = 8 << 20
        options.limits.handlerMilliseconds = 2_000
        let server = try await TestServer(options)
        let port = server.port
        let neighbours = try await blocking { try (0..<4).map { _ in try Neighbour(port: port, path: "/neighbour") } }
        let memory = ResidentMemory("together (seed \(seed))")
        var random = Seeded(seed)
        let packages = files.filter { !$0.isGame }
        let end = ContinuousClock.now + .seconds(seconds)
        var rounds = 0
        while ContinuousClock.now < end {
            rounds += 1
            for file in packages.shuffled(using: &random) where ContinuousClock.now < end {
                try await once(file, server, isMended: Int.random(in: 0..<4, using: &random) == 0)
                try judge(neighbours, memory)
            }
        }
        for file in packages where server.folder.contains(file.mainPath) { server.folder.remove("Scripts/\(file.name)") }
        _ = try await finishes("the unload of all", within: Self.patience) { try await server.reload() }
        let answer = try await finishes("the neighbour's last answer", within: Self.patience) { try await server.get("/neighbour") }
        guard answer == "well" else { throw Finding(description: "the neighbour answers \(answer)") }
        let all = neighbours.flatMap { $0.latencies(from: 0) }
        say("together: ok: \(rounds) rounds, p50 \(all.quantile(0.5).milliseconds) ms, p99 \(all.quantile(0.99).milliseconds) ms, max \((all.max() ?? .zero).milliseconds) ms, +\(memory.peakGrowth) MiB")
        for neighbour in neighbours { neighbour.end() }
        try await finishes("the end of the server", within: Self.patience) { await server.stop() }
    }

    /// Loads a case, or its mended form, and sets it off.
    private func once(_ file: CaseFile, _ server: TestServer, isMended: Bool) async throws {
        for (path, text) in file.files where path != file.mainPath { server.folder.write(path, text) }
        let text = isMended ? "return { version = 1000000, migrate = function(_, state) return state end }" : file.files[file.mainPath] ?? ""
        let outcome = try await finishes("a load of \(file.unit)", within: Self.patience) {
            try await server.save(file.mainPath, text + "\n-- \(UUID().uuidString)\n", andWaitFor: file.unit)
        }
        guard !isMended || outcome.hasSuffix(": loaded") else { throw Finding(description: "mended: \(outcome)") }
        guard outcome.hasSuffix(": loaded") else { return }
        let triggers = Triggers(port: server.port)
        for trigger in file.triggers {
            // A case may close or refuse its own clients: that is no finding here.
            try? await finishes("\(trigger)", within: Self.patience) { try await blocking { try triggers.fire(trigger) } }
        }
        try await Task.sleep(for: .milliseconds(100))
        triggers.end()
    }

    private func judge(_ neighbours: [Neighbour], _ memory: ResidentMemory) throws {
        for neighbour in neighbours {
            if let failure = neighbour.failure { throw Finding(description: "the neighbour: \(failure)") }
            let longest = neighbour.latencies(from: 0).max() ?? .zero
            guard longest <= Self.neighbourMax else { throw Finding(description: "the neighbour waited \(longest.milliseconds) ms") }
        }
        guard memory.peakGrowth <= Self.growthMiB else { throw Finding(description: "memory grew by \(memory.peakGrowth) MiB") }
    }
}
