import Foundation
import Logging
import NIOCore
import NightjarTesting
import Store
import Testing

extension ServiceClient {
    /// Asks for a shard and returns the answer.
    func shard(_ name: String, _ fields: String = "") async throws -> Message {
        try await op(name, 10, fields)
        return try await next()
    }

    /// Gives the shard back. There is no answer; the next one to a harmless question tells that it was handled.
    func die(_ name: String, _ fields: String = "") async throws {
        try await op(name, 12, fields)
        try await pass(name, "\(name)@\(name):done")
        let answer = try await next()
        if answer.at("t") as? String != "\(name):done" { throw Unexpected(text: answer.text) }
    }
}

/// Section 4: numbers for shards.
@Suite(.timeLimit(.minutes(2))) struct ShardTests {
    private static func accept(_ bot: String, _ id: Int, _ count: Int) -> String {
        #"{"s":"gateway","t":"gateway:opcode","d":{"opcode":11,"bot":"\#(bot)","shard_id":\#(id),"shard_count":\#(count),"shard":[\#(id),\#(count)]}}"#
    }

    @Test func theExampleOfTheProtocol() async throws {
        try await withGateway { server in
            let client = try await server.service("discord-1")
            try await client.send(#"{"s":"discord-1","t":"gateway:opcode","d":{"opcode":10,"bot":"main","shard_count":4}}"#)
            #expect(try await client.next().equals(Self.accept("main", 0, 4)))
        }
    }

    @Test func theLowestFreeNumberIsGivenUntilThereAreNone() async throws {
        try await withGateway { server in
            var clients: [ServiceClient] = []
            for id in 0..<3 {
                clients.append(try await server.service("d-\(id)"))
                #expect(try await clients[id].shard("d-\(id)", #""shard_count":3"#).equals(Self.accept("default", id, 3)))
            }
            let fourth = try await server.service("d-3")
            let refusal = try await fourth.shard("d-3")
            #expect(refusal.rejects("no_shards"))
            try await clients[1].die("d-1")
            #expect(try await fourth.shard("d-3").equals(Self.accept("default", 1, 3)))
        }
    }

    @Test func withoutACountAPoolHasOneShard() async throws {
        try await withGateway { server in
            let client = try await server.service("d")
            #expect(try await client.shard("d", #""bot":null,"shard_count":null"#).equals(Self.accept("default", 0, 1)))
        }
    }

    @Test func theSettingWinsOverTheFirstCount() async throws {
        try await withGateway(.init(settings: ["shard_count": "6"])) { server in
            let client = try await server.service("d")
            let refusal = try await client.shard("d", #""shard_count":4"#)
            #expect(refusal.rejects("shard_count_mismatch") && refusal.number("shard_count") == 6)
            #expect(try await client.shard("d").equals(Self.accept("default", 0, 6)))
        }
    }

    @Test func anotherCountIsRefusedUntilThePoolIsEmpty() async throws {
        try await withGateway { server in
            let first = try await server.service("d-1")
            let second = try await server.service("d-2")
            #expect(try await first.shard("d-1", #""shard_count":4"#).number("shard_id") == 0)
            let refusal = try await second.shard("d-2", #""shard_count":5"#)
            #expect(refusal.rejects("shard_count_mismatch"))
            #expect(refusal.number("shard_count") == 4)
            #expect(try await second.shard("d-2").equals(Self.accept("default", 1, 4)))
            try await first.die("d-1")
            try await second.die("d-2")
            #expect(try await second.shard("d-2", #""shard_count":5"#).equals(Self.accept("default", 1, 5)))
        }
    }

    @Test(arguments: [
        #""shard_count":0"#, #""shard_count":-1"#, #""shard_count":1.5"#, #""shard_count":"4""#, #""shard_count":[]"#, #""shard_count":1025"#,
        #""bot":"""#, #""bot":7"#, #""bot":"a:b""#, #""bot":"a b""#, #""bot":{}"#,
    ])
    func fieldsThatMakeNoSenseAreInvalid(_ fields: String) async throws {
        try await withGateway { server in
            let client = try await server.service("d")
            #expect(try await client.shard("d", fields).rejects("invalid"))
            #expect(try await client.shard("d").number("opcode") == 11)
        }
    }

    @Test func askingAgainGivesTheSameAnswer() async throws {
        try await withGateway { server in
            let client = try await server.service("d")
            let first = try await client.shard("d", #""bot":"main","shard_count":4"#)
            for _ in 0..<3 { #expect(try await client.shard("d", #""bot":"main""#).equals(first.text)) }
        }
    }

    @Test func aNameGetsTheNumberItHadLastIfThatIsFree() async throws {
        try await withGateway { server in
            let clients = [try await server.service("d-0"), try await server.service("d-1"), try await server.service("d-2")]
            for (index, client) in clients.enumerated() {
                #expect(try await client.shard("d-\(index)", #""shard_count":4"#).number("shard_id") == index)
            }
            for (index, client) in clients.enumerated() { try await client.die("d-\(index)") }
            let keeper = try await server.service("keeper")
            #expect(try await keeper.shard("keeper", #""shard_count":4"#).number("shard_id") == 0)
            #expect(try await clients[2].shard("d-2").number("shard_id") == 2)
            #expect(try await clients[0].shard("d-0").number("shard_id") == 1)
            #expect(try await clients[1].shard("d-1").number("shard_id") == 3)
        }
    }

    @Test func aClientMayHoldOneShardOfEachPool() async throws {
        try await withGateway { server in
            let client = try await server.service("d")
            #expect(try await client.shard("d", #""bot":"one""#).equals(Self.accept("one", 0, 1)))
            #expect(try await client.shard("d", #""bot":"two""#).equals(Self.accept("two", 0, 1)))
            try await client.op("d", 12)
            #expect(try await client.next().rejects("not_your_shard"), "it does not say which")
            try await client.die("d", #""bot":"one","shard_id":0"#)
            try await client.die("d")
            try await client.op("d", 12)
            #expect(try await client.next().rejects("not_your_shard"))
        }
    }

    @Test(arguments: [#""shard_id":1"#, #""shard_id":"0""#, #""bot":"other""#, #""shard_id":0,"bot":"other""#, #""shard_id":{}"#])
    func aShardOfSomebodyElseIsNotGivenBack(_ fields: String) async throws {
        try await withGateway { server in
            let client = try await server.service("d")
            let other = try await server.service("e")
            _ = try await client.shard("d", #""shard_count":2"#)
            _ = try await other.shard("e")
            try await client.op("d", 12, fields)
            #expect(try await client.next().rejects("not_your_shard"))
            #expect(try await server.used("default") == [0, 1])
        }
    }

    @Test func withoutGraceAShardIsFreeWhenItsHolderIsGone() async throws {
        try await withGateway { server in
            let first = try await server.service("d-1")
            _ = try await first.shard("d-1")
            await first.vanish()
            _ = try await server.stats { $0.at("pools.default") == nil }
            let second = try await server.service("d-2")
            #expect(try await second.shard("d-2").number("shard_id") == 0)
        }
    }

    @Test func withinTheGraceAShardWaitsForItsHolder() async throws {
        try await withGateway(.init(settings: ["shard_grace_ms": "5000"])) { server in
            var first = try await server.service("d-1")
            _ = try await first.shard("d-1")
            await first.vanish()
            _ = try await server.stats { ($0.at("pools.default.away") as? [Int]) == [0] }
            let second = try await server.service("d-2")
            server.clock.advance(4_999)
            #expect(try await second.shard("d-2").rejects("no_shards"))
            // Identifying is coming back: from here on there is no hurry.
            first = try await server.service("d-1")
            server.clock.advance(60_000)
            #expect(try await first.shard("d-1").number("shard_id") == 0)
            await first.vanish()
            _ = try await server.stats { ($0.at("pools.default.away") as? [Int]) == [0] }
            server.clock.advance(5_000)
            _ = try await server.stats { $0.at("pools.default") == nil }
            #expect(try await second.shard("d-2").number("shard_id") == 0)
        }
    }

    @Test(arguments: [StoreFaults.Point.call, .commit])
    func whatCannotBeStoredIsNotGiven(_ point: StoreFaults.Point) async throws {
        let faults = StoreFaults()
        try await withGateway(.init(store: MemoryStore(faults: faults))) { server in
            let first = try await server.service("d-1")
            let second = try await server.service("d-2")
            faults.fail(point, at: 1, times: 1_000_000)
            #expect(try await first.shard("d-1", #""shard_count":2"#).rejects("unavailable"))
            #expect(try await first.shard("d-1", #""shard_count":3"#).rejects("unavailable"), "the pool is empty, its count open")
            faults.clear()
            #expect(try await second.shard("d-2", #""shard_count":2"#).equals(Self.accept("default", 0, 2)))
            #expect(try await first.shard("d-1").equals(Self.accept("default", 1, 2)))
            // What could not be written is written later.
            faults.fail(point, at: 1, times: 1_000_000)
            try await first.die("d-1")
            faults.clear()
            #expect(try await server.used("default") == [0])
        }
    }
}

/// Shards survive a restart of the whole gateway.
@Suite(.timeLimit(.minutes(2))) struct RestartTests {
    /// Runs servers one after the other on the same database.
    private func restarts(grace: Int, _ bodies: [@Sendable (GatewayServer) async throws -> Void]) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/nightjar-gateway-\(UUID().uuidString).sqlite"
        let clock = ManualClock()
        for body in bodies {
            let store = try SQLiteStore(path: path, logger: .init(label: "test"))
            try await withGateway(.init(store: store, clock: clock, settings: ["shard_grace_ms": "\(grace)"]), body)
            await store.close()
        }
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }

    private static func fill(_ server: GatewayServer) async throws {
        for index in [2, 0, 1] {
            let client = try await server.service("d-\(index)")
            _ = try await client.shard("d-\(index)", #""bot":"main","shard_count":3"#)
        }
        let early = try await server.service("early")
        _ = try await early.shard("early", #""bot":"other","shard_count":8"#)
    }

    @Test func whoComesBackWithinTheGraceKeepsItsShard() async throws {
        try await restarts(grace: 5_000, [
            Self.fill,
            { server in
                server.clock.advance(4_900)
                let stranger = try await server.service("stranger")
                #expect(try await stranger.shard("stranger", #""bot":"main""#).rejects("no_shards"))
                #expect(try await stranger.shard("stranger", #""bot":"other""#).number("shard_id") == 1)
                for (index, id) in [(0, 1), (1, 2), (2, 0)] {
                    let client = try await server.service("d-\(index)")
                    let answer = try await client.shard("d-\(index)", #""bot":"main""#)
                    #expect(answer.number("shard_id") == id && answer.number("shard_count") == 3, "\(answer)")
                }
            },
        ])
    }

    @Test func whoComesTooLateHasLostIt() async throws {
        try await restarts(grace: 5_000, [
            Self.fill,
            { server in
                let first = try await server.service("d-0")
                _ = try await first.shard("d-0", #""bot":"main""#)
                server.clock.advance(5_000)
                _ = try await server.stats { ($0.at("pools.main.used") as? [Int]) == [1] && $0.at("pools.other") == nil }
                let stranger = try await server.service("stranger")
                #expect(try await stranger.shard("stranger", #""bot":"main""#).number("shard_id") == 0)
                // Its own number has gone to somebody else; the one that is left is another.
                let late = try await server.service("d-2")
                #expect(try await late.shard("d-2", #""bot":"main""#).number("shard_id") == 2)
            },
            { server in
                // What was freed is free after one more start too. The grace begins when the pools have been read.
                _ = try await server.stats { $0.at("pools.main") != nil }
                server.clock.advance(5_000)
                _ = try await server.stats { $0.at("pools.main") == nil }
            },
        ])
    }

    @Test func withoutGraceShardsAreFreeAfterAStartButRemembered() async throws {
        try await restarts(grace: 0, [
            Self.fill,
            { server in
                let client = try await server.service("d-1")
                #expect(try await client.shard("d-1", #""bot":"main","shard_count":4"#).number("shard_id") == 2)
                let stranger = try await server.service("stranger")
                #expect(try await stranger.shard("stranger", #""bot":"main""#).number("shard_id") == 0)
            },
        ])
    }
}
