import Bytes
import Foundation
import NIOCore
import NightjarTesting
import Store
import Synchronization
import Testing

/// What the clients of one pool believe to hold. A client enters a number when it hears SHARD_ACCEPT and leaves it before it
/// says or does anything that gives it back, so whatever the gateway does in between must never give it to anybody else.
final class ShardModel: Sendable {
    private struct State {
        var holders: [Int: String] = [:]
        var violations: [String] = []
        var given = 0
        /// What each name held last, for those who have given it back.
        var last: [String: Int] = [:]
    }

    private let state = Lock(State())
    let count: Int

    init(count: Int) { self.count = count }

    func enter(_ name: String, _ accept: Message) {
        let id = accept.number("shard_id") ?? -1
        state.withLock { state in
            state.given += 1
            if let other = state.holders[id] { state.violations.append("\(id) is given to \(name) while \(other) holds it") }
            if !(0..<count).contains(id) || accept.number("shard_count") != count { state.violations.append("\(name) got \(accept)") }
            if let other = state.holders.first(where: { $0.value == name }) { state.violations.append("\(name) holds \(other.key) and gets \(id)") }
            state.holders[id] = name
        }
    }

    /// Before the number is given back.
    func leave(_ name: String) {
        state.withLock { state in
            for (id, holder) in state.holders where holder == name { state.holders[id] = nil }
        }
    }

    var violations: [String] { state.withLock { $0.violations } }
    var given: Int { state.withLock { $0.given } }
    var held: [Int] { state.withLock { $0.holders.keys.sorted() } }
}

/// One client of the race: takes shards, lets them die, dies itself, comes back.
struct Racer {
    let name: String
    let model: ShardModel
    let server: GatewayServer
    var random: Seeded

    /// - Returns: The connection, if it holds a shard in the end.
    mutating func run(steps: Int) async throws -> ServiceClient? {
        var client = try await server.stranger()
        try await identify(&client)
        var holds = false
        for _ in 0..<steps {
            if !holds {
                let answer = try await client.shard(name, #""bot":"race","shard_count":\#(model.count)"#)
                if answer.number("opcode") == 11 {
                    model.enter(name, answer)
                    holds = true
                } else if !answer.rejects("no_shards") {
                    throw Unexpected(text: answer.text)
                }
            }
            switch random.below(8) {
            case 0...2 where holds:
                model.leave(name)
                try await client.op(name, 12)
                holds = false
            case 3, 4:
                model.leave(name)
                if random.below(2) == 0 { await client.vanish() } else { try await client.socket.sendClose() }
                client = try await server.stranger()
                try await identify(&client)
                holds = false
            case 5 where holds:
                // Asking again gives the same one.
                model.leave(name)
                let answer = try await client.shard(name, #""bot":"race""#)
                model.enter(name, answer)
            default:
                await Task.yield()
            }
        }
        if holds { return client }
        await client.vanish()
        return nil
    }

    /// The former connection may not be gone yet when the new one says its name.
    private func identify(_ client: inout ServiceClient) async throws {
        while true {
            try await client.identify(name)
            let answer = try await client.next(within: .seconds(60))
            if answer.number("opcode") == 1 { return }
            guard answer.rejects("already_connected") else { throw Unexpected(text: answer.text) }
            await client.vanish()
            client = try await server.stranger()
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct RaceTests {
    /// 1,000 clients race for 64 shards, dying and coming back at random: each number is held by one at most, always.
    @Test func eachShardIsHeldByOneAtMost() async throws {
        try await withGateway(.init(loops: 2)) { server in try await race(server, clients: 1_000, shards: 64, steps: 5, seed: 1) }
    }

    /// The same while the scripts are saved again and again: a reload neither loses nor doubles a number.
    @Test func reloadsDoNotDisturbTheRace() async throws {
        try await withGateway(.init(loops: 2)) { server in
            let isOver = Flag()
            let reloads = Task {
                var count = 0
                while !isOver.isSet {
                    count += 1
                    try server.save("ops/shard_connect.lua", server.read("ops/shard_connect.lua") + "\n-- \(count)\n")
                    if let problem = try await server.take() { throw Unexpected(text: problem) }
                }
                return count
            }
            defer { isOver.set() }
            try await race(server, clients: 150, shards: 16, steps: 12, seed: 2)
            isOver.set()
            #expect(try await reloads.value > 3)
        }
    }

    private func race(
        _ server: GatewayServer, clients: Int, shards: Int, steps: Int, seed: UInt64
    ) async throws {
        let model = ShardModel(count: shards)
        let held = try await withThrowingTaskGroup(of: ServiceClient?.self) { group in
            for index in 0..<clients {
                group.addTask {
                    var racer = Racer(
                        name: "bot-\(index)", model: model, server: server, random: Seeded(seed &* 1_000_003 &+ UInt64(index)))
                    return try await racer.run(steps: steps)
                }
            }
            var held: [ServiceClient] = []
            for try await client in group { if let client { held.append(client) } }
            return held
        }
        #expect(model.violations.isEmpty, "\(model.violations.prefix(5))")
        #expect(model.given > shards, "the race was none: \(model.given)")
        // What the gateway believes is what the clients hold, once it has heard of everybody who left.
        let used = model.held
        let stats = try await server.stats { ($0.at("clients") as? [Any])?.count == held.count }
        #expect((stats.at("pools.race.used") as? [Int] ?? []) == used)
        #expect(used.count == held.count)
    }
}
