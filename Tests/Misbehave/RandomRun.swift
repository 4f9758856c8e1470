import Foundation
import Games
import Host
import LuaRuntime
import NightjarTesting
import Reload

/// Loads random programs into four packages and a game, one after the other, pokes them with clients, and looks whether the server
/// lives. The programs follow from the seed; when things happen does not.
struct RandomRun: Sendable {
    let seed: UInt64
    let seconds: Double
    let bounds: Bounds

    private static let names = ["random1", "random2", "random3", "random4"]
    private static let game = "random5"
    /// How much the process may grow, MiB: five units with two generations each, and what lies in queues.
    private static let growthMiB = 512
    private static let patience = Duration.seconds(10)

    func run() async -> Bool {
        say("random: seed \(seed)")
        var tally = Tally()
        do {
            try await run(&tally)
        } catch {
            say("random: FAILED: \(error); running: \(tally.running) (misbehave program NAME --seed N)")
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

    /// Whether the programs know everything that editors are told of.
    private func coversTheHost() throws {
        let folder = TestFolder.project(of: #filePath) + "/Scripts/meta"
        let text = (0..<2_000).map {
            RandomProgram.make(seed: seed &+ $0, name: "random1") + RandomProgram.makeEngine(seed: seed &+ $0, name: Self.game)
        }.joined()
        for file in try FileManager.default.contentsOfDirectory(atPath: folder) where file != "nightjar_casino.lua" {
            let lines = try String(contentsOfFile: folder + "/" + file, encoding: .utf8).split(separator: "\n")
            for line in lines where line.hasPrefix("function ") {
                let name = line.dropFirst(9).prefix { $0 != "(" }
                let call = name.contains(":") ? name.drop { $0 != ":" } + "(" : (name.hasPrefix("nightjar.") ? "" : "nightjar.") + name + "("
                guard text.contains(call) else { throw Finding(description: "no program ever calls \(name)") }
            }
        }
    }

    private func options() -> ServerOptions {
        var options = ServerOptions()
        options.copies = ["Scripts": TestFolder.project(of: #filePath) + "/Scripts"]
        options.listeners = ["main", "sync", "gateway"]
        options.casino = CasinoConfiguration()
        options.packages = ["neighbour": Neighbour.package("neighbour")]
        for name in Self.names {
            options.files["Scripts/\(name)/public/index.html"] = "<p>\(name)</p>"
            options.settings[name] = #"{"k": 1, "k2": [1, 2, 3], "room": "x"}"#
            options.secrets[name] = ["k": "a secret of some length"]
        }
        options.files["games/\(Self.game)/manifest.json"] = #"{"id": "\#(Self.game)", "settings": {"limit": 5}}"#
        options.files["games/\(Self.game)/engine.lua"] = Self.mendedEngine
        options.files["Scripts/casino/sites/bad.json"] = #"{"id":"bad","initial_credits":1000,"games":{"\#(Self.game)":{}}}"#
        options.luaLimits.memoryBytes = 32 << 20
        options.limits.handlerMilliseconds = 2_000
        return options
    }

    private static let mendedEngine = """
        return {
          version = 100, actions = {}, init = function() return { name = "mended", data = {}, actions = {} } end,
          migrate = function(_, state) return state end,
        }
        """

    private func run(_ tally: inout Tally) async throws {
        try coversTheHost()
        let server = try await TestServer(options())
        let port = server.port
        let neighbour = try await blocking { try Neighbour(port: port, path: "/neighbour") }
        let memory = ResidentMemory("random (seed \(seed))")
        var random = Seeded(seed)
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            let units = Self.names + [Self.game]
            let name = units[tally.programs % units.count]
            let number = random.next()
            let text = name == Self.game
                ? RandomProgram.makeEngine(seed: number, name: name) : RandomProgram.make(seed: number, name: name)
            tally.running[name] = number
            tally.programs += 1
            let first = neighbour.count
            let outcome = try await load(server, name, text + "-- \(tally.programs)\n")
            if outcome.hasSuffix(": loaded") { tally.loaded += 1 }
            let triggers = Triggers(port: port, game: Self.game)
            try await poke(triggers, server)
            try await Task.sleep(for: .milliseconds(150))
            triggers.end()
            if let failure = neighbour.failure { throw Finding(description: "the neighbour: \(failure)") }
            let reached = neighbour.latencies(from: first).quantile(bounds.share)
            // The strict bound is for one package that misbehaves; here are up to five.
            guard reached <= bounds.sameWorker * 5 else { throw Finding(description: "the neighbour waited \(reached.milliseconds) ms") }
            guard memory.peakGrowth <= Self.growthMiB else { throw Finding(description: "memory grew by \(memory.peakGrowth) MiB") }
        }
        // Programs that do not even load would prove little.
        guard tally.loaded * 4 >= tally.programs else { throw Finding(description: "only \(tally.loaded) of \(tally.programs) loaded") }
        for name in Self.names + [Self.game] where tally.running[name] != nil {
            let outcome = try await load(server, name, name == Self.game ? Self.mendedEngine : """
                -- its settings: k, k2, room
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
        let isGame = name == Self.game
        return try await finishes("a load of \(name)", within: Self.patience) {
            try await server.save(
                isGame ? "games/\(name)/engine.lua" : "Scripts/\(name)/main.lua", text, andWaitFor: (isGame ? "game " : "package ") + name)
        }
    }

    private func poke(_ triggers: Triggers, _ server: TestServer) async throws {
        for name in Self.names {
            try await finishes("clients of \(name)", within: Self.patience) {
                try await blocking {
                    try triggers.fire(.get("/\(name)", times: 2))
                    for (method, path) in [("POST", ""), ("PUT", "/5"), ("DELETE", "/a/b"), ("GET", "/files/index.html")] {
                        triggers.request(method, "/\(name)\(path)", 100)
                    }
                    // What was refused has no endpoint, and a handler may close: that is no finding.
                    try? triggers.fire(.messages(20, "/\(name)", text: "hello"))
                    try? triggers.fire(.closes(2, "/\(name)"))
                }
            }
        }
        for action in RandomProgram.actions { try triggers.fire(.act(action)) }
    }
}
