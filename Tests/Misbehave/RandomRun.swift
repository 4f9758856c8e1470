import Host
import LuaRuntime
import NightjarTesting
import Reload

/// Loads random programs into three packages, one after the other, pokes them with clients, and looks whether the server lives.
struct RandomRun: Sendable {
    let seed: UInt64
    let seconds: Double
    let bounds: Bounds

    private static let names = ["random1", "random2", "random3"]
    /// How much the process may grow, MiB: three packages with two generations each, and what lies in queues.
    private static let growthMiB = 512
    private static let patience = Duration.seconds(10)

    func run() async -> Bool {
        say("random: seed \(seed)")
        var tally = Tally()
        do {
            try await run(&tally)
        } catch {
            say("random: FAILED: \(error); running: \(tally.running)")
            return false
        }
        say("random: ok: \(tally.programs) programs, \(tally.loaded) loaded, \(tally.errors) script errors, p99 \(tally.p99.milliseconds) ms, max \(tally.longest.milliseconds) ms, +\(tally.growth) MiB")
        return true
    }

    private struct Tally {
        var programs = 0, loaded = 0, errors = 0, growth = 0
        var p99 = Duration.zero, longest = Duration.zero
        var running: [String: UInt64] = [:]
    }

    private struct Finding: Error, CustomStringConvertible { let description: String }

    private func run(_ tally: inout Tally) async throws {
        var options = ServerOptions()
        options.packages = ["neighbour": Neighbour.package("neighbour")]
        options.luaLimits.memoryBytes = 32 << 20
        options.limits.handlerMilliseconds = 2_000
        let server = try await TestServer(options)
        let port = server.port
        let neighbour = try await blocking { try Neighbour(port: port, path: "/neighbour") }
        let memory = ResidentMemory("random (seed \(seed))")
        var random = Seeded(seed)
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            let name = Self.names[tally.programs % Self.names.count]
            let number = random.next()
            tally.running[name] = number
            tally.programs += 1
            let first = neighbour.count
            let outcome = try await load(server, name, RandomProgram.make(seed: number, name: name) + "-- \(tally.programs)\n")
            if outcome.hasSuffix(": loaded") { tally.loaded += 1 }
            let triggers = Triggers(port: port)
            try await poke(triggers, server)
            try await Task.sleep(for: .milliseconds(150))
            triggers.end()
            if let failure = neighbour.failure { throw Finding(description: "the neighbour: \(failure)") }
            let reached = neighbour.latencies(from: first).quantile(bounds.share)
            // The strict bound is for one package that misbehaves; here are up to three.
            guard reached <= bounds.sameWorker * 3 else { throw Finding(description: "the neighbour waited \(reached.milliseconds) ms") }
            guard memory.peakGrowth <= Self.growthMiB else { throw Finding(description: "memory grew by \(memory.peakGrowth) MiB") }
        }
        for name in Self.names where tally.running[name] != nil {
            let outcome = try await load(server, name, """
                return { version = 100, workers = "\(RandomProgram.placement(of: name))", migrate = function(_, state) return state end }
                """)
            guard outcome.hasSuffix(": loaded") else { throw Finding(description: "mended: \(outcome)") }
        }
        tally.errors = server.scriptErrors.count
        tally.growth = memory.peakGrowth
        tally.p99 = neighbour.latencies(from: 0).quantile(0.99)
        tally.longest = neighbour.latencies(from: 0).max() ?? .zero
        neighbour.end()
        try await finishes("the end of the server", within: Self.patience) { await server.stop() }
    }

    private func load(_ server: TestServer, _ name: String, _ text: String) async throws -> String {
        try await finishes("a load of \(name)", within: Self.patience) {
            try await server.save("Scripts/\(name)/main.lua", text, andWaitFor: "package \(name)")
        }
    }

    private func poke(_ triggers: Triggers, _ server: TestServer) async throws {
        for name in Self.names {
            try await finishes("clients of \(name)", within: Self.patience) {
                try await blocking {
                    try triggers.fire(.get("/\(name)", times: 3))
                    // What was refused has no endpoint, and a handler may close: that is no finding.
                    try? triggers.fire(.messages(20, "/\(name)", text: "hello"))
                    try? triggers.fire(.closes(2, "/\(name)"))
                }
            }
        }
    }
}
