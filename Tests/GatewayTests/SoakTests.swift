import Foundation
import Logging
import NIOCore
import NightjarTesting
import Store
import Testing

/// Long runs with services that die at random. `NIGHTJAR_SOAK=1` runs them, `NIGHTJAR_SOAK_SECONDS` says how long (default 60).
@Suite(.enabled(if: ProcessInfo.processInfo.environment["NIGHTJAR_SOAK"] == "1"))
struct GatewaySoakTests {
    private static var seconds: Int { ProcessInfo.processInfo.environment["NIGHTJAR_SOAK_SECONDS"].flatMap(Int.init) ?? 60 }

    /// Services take shards, die, come back and talk, scripts are saved, the store fails now and then; the shard invariants are
    /// checked all the time.
    @Test func soakShardsWithServicesDyingAtRandom() async throws {
        let faults = StoreFaults()
        let path = FileManager.default.temporaryDirectory.path + "/nightjar-gateway-soak-\(UUID().uuidString).sqlite"
        defer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) } }
        var storeOptions = SQLiteStore.Options()
        storeOptions.faults = faults
        let store = try SQLiteStore(path: path, options: storeOptions, logger: .init(label: "test"))
        try await withGateway(.init(loops: 2, store: store)) { server in
            let end = ContinuousClock.now + .seconds(Self.seconds)
            let model = ShardModel(count: 32)
            let rounds = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        var random = Seeded(UInt64(index))
                        while ContinuousClock.now < end {
                            var racer = SoakRacer(name: "bot-\(index)", model: model, server: server, random: random)
                            try await racer.live()
                            random = racer.random
                            rounds.add()
                        }
                    }
                }
                group.addTask {
                    var random = Seeded(777)
                    while ContinuousClock.now < end {
                        try server.save("ops/shard_death.lua", server.read("ops/shard_death.lua") + "\n-- \n")
                        if let problem = try await server.take() { throw Unexpected(text: problem) }
                        faults.fail(.commit, at: 1 + random.below(200), times: random.below(4))
                        let stats = try await server.stats()
                        let used = stats.at("pools.soak.used") as? [Int] ?? []
                        if Set(used).count != used.count || used.contains(where: { !(0..<32).contains($0) }) { throw Unexpected(text: stats.text) }
                        if let violation = model.violations.first { throw Unexpected(text: violation) }
                    }
                }
                try await group.waitForAll()
            }
            faults.clear()
            #expect(model.violations.isEmpty, "\(model.violations.prefix(5))")
            #expect(rounds.value > 200)
            _ = try await server.stats { ($0.at("clients") as? [Any])?.isEmpty == true && $0.at("pools.soak") == nil }
        }
        await store.close()
    }
}

/// One life of a service in the soak; the store may refuse it.
struct SoakRacer {
    let name: String
    let model: ShardModel
    let server: GatewayServer
    var random: Seeded

    mutating func live() async throws {
        let client = try await server.stranger()
        try await client.identify(name)
        let answer = try await client.next(within: .seconds(60))
        guard answer.number("opcode") == 1 else {
            guard answer.rejects("already_connected") else { throw Unexpected(text: answer.text) }
            return await client.vanish()
        }
        for _ in 0..<(1 + random.below(6)) {
            let shard = try await client.shard(name, #""bot":"soak","shard_count":32"#)
            if shard.number("opcode") == 11 {
                model.enter(name, shard)
                for number in 0..<random.below(10) {
                    try await client.pass(name, "bot@\(name):x", #"{"n":\#(number)}"#)
                    let message = try await client.next()
                    guard message.number("n") == number else { throw Unexpected(text: message.text) }
                }
                model.leave(name)
                if random.below(2) == 0 { try await client.op(name, 12) } else { break }
            } else if !shard.rejects("no_shards"), !shard.rejects("unavailable") {
                throw Unexpected(text: shard.text)
            }
        }
        if random.below(2) == 0 { await client.vanish() } else { try await client.socket.close() }
    }
}
