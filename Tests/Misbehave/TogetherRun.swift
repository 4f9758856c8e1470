import Foundation
import Games
import Host
import LuaRuntime
import NightjarTesting
import Reload

/// All cases, games too, at once on one server with two workers: loaded, set off, mended and loaded again, in random order.
struct TogetherRun: Sendable {
    let files: [CaseFile]
    let seconds: Double
    let seed: UInt64

    /// With a hundred units that all want everything, a neighbour waits for its turn; it must come.
    private static let neighbourMax = Duration.seconds(10)
    private static let patience = Duration.seconds(60)
    /// What a store in memory may hold (256), what the few hold that fill their 8 MiB of Lua on both workers, what lies in queues and
    /// on its way to clients. Far below where the process would be ended.
    private static let growthMiB = 768

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

    private func options() -> ServerOptions {
        var options = ServerOptions()
        options.packages = ["neighbour": Neighbour.package("neighbour", placement: "all")]
        options.copies = ["Scripts": TestFolder.project(of: #filePath) + "/Scripts"]
        options.listeners = ["main", "sync", "gateway"]
        options.casino = CasinoConfiguration()
        let games = files.filter(\.isGame).map { "\"\($0.name)\": {}" }.joined(separator: ", ")
        options.files["Scripts/casino/sites/bad.json"] = #"{"id": "bad", "initial_credits": 1000, "games": {\#(games)}}"#
        options.workers = 2
        options.luaLimits.memoryBytes = 8 << 20
        options.limits.handlerMilliseconds = 2_000
        return options
    }

    private func runAll() async throws {
        let server = try await TestServer(options())
        let port = server.port
        let neighbours = try await blocking { try (0..<4).map { _ in try Neighbour(port: port, path: "/neighbour") } }
        let memory = ResidentMemory("together (seed \(seed))")
        var random = Seeded(seed)
        let end = ContinuousClock.now + .seconds(seconds)
        var rounds = 0
        while ContinuousClock.now < end {
            rounds += 1
            for file in files.shuffled(using: &random) where ContinuousClock.now < end {
                try await once(file, server, isMended: Int.random(in: 0..<4, using: &random) == 0)
                try judge(neighbours, memory)
            }
        }
        for file in files where server.folder.contains(file.mainPath) {
            server.folder.remove(file.isGame ? "games/\(file.name)" : "Scripts/\(file.name)")
        }
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
        let text = isMended ? file.mended : file.files[file.mainPath] ?? ""
        let outcome = try await finishes("a load of \(file.unit)", within: Self.patience) {
            try await server.save(file.mainPath, text + "\n-- \(UUID().uuidString)\n", andWaitFor: file.unit)
        }
        guard !isMended || outcome.hasSuffix(": loaded") else { throw Finding(description: "mended: \(outcome)") }
        guard outcome.hasSuffix(": loaded") else { return }
        let triggers = Triggers(port: server.port, game: file.name)
        for trigger in file.steps.map(\.trigger) {
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
