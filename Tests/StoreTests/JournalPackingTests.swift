import Foundation
@testable import Store
import NightjarTesting
import Testing

/// States and bodies of the journal are written as what differs from an earlier entry; they come back to the byte.
@Suite struct JournalPackingTests {
    /// States and bodies as games make them: mostly the same, with numbers that change.
    private func content(_ generator: inout Seeded, _ id: StateID) -> (state: String, body: [UInt8]) {
        let balls = (0..<Int.random(in: 0...40, using: &generator)).map { _ in String(Int.random(in: 1...60, using: &generator)) }
        let cards = (0..<60).map(String.init).joined(separator: ",")
        let state = #"{"id":"\#(id)","name":"game","data":{"balls":[\#(balls.joined(separator: ","))],"cards":[\#(cards)]},"actions":["bet","end"]}"#
        let key = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }.map { String(format: "%02x", $0) }.joined()
        let body = Array(#"{"op":"action","engine":"2df2225520d94940364aaa6e0377d5c5","steps":[{"id":"\#(id)","key":"\#(key)"}]}"#.utf8)
        return switch Int.random(in: 0..<12, using: &generator) {
        case 0: (state, [])
        case 1: (state, [JournalPacking.plainMark] + body)
        case 2: (state, [JournalPacking.packedMark] + body)
        case 3: (state, [UInt8](repeating: UInt8.random(in: 0...255, using: &generator), count: Int.random(in: 1...20_000, using: &generator)))
        case 4: ("{}", [1])
        default: (state, body)
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func comesBackToTheByte(_ seed: UInt64) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            var generator = Seeded(seed)
            let faults = StoreFaults()
            var store = try openSQLite(path, faults: faults)
            let users = ["alice", "bob", "carol"].map { AccountKey(realm: "demo", user: $0, denom: "credit") }
            for user in users { _ = try await store.account(user) }
            var bodies: [[UInt8]] = [[], [], []]
            var versions: [Int64] = [1, 1, 1]
            for number in 0..<300 {
                let place = Int.random(in: 0..<users.count, using: &generator)
                let id = StateID.random(using: &generator)
                let (state, body) = content(&generator, id)
                var step = transition(users[place], version: versions[place], [LedgerEntry(.bet, -1)], id: id, game: number % 7 == 0 ? halloween : joker, blob: state)
                step.displaces = true
                step.body = body
                // An undone transaction must leave no base behind.
                if number % 11 == 0 {
                    faults.fail(.commit, at: 1)
                    _ = try await store.commit(step)
                }
                #expect(try await store.commit(step).outcome?.version == versions[place] + 1)
                versions[place] += 1
                bodies.append(body)
                #expect(try await store.account(users[place]).active?.blob == Array(state.utf8))
                if number % 60 == 59 {
                    await store.close()
                    store = try openSQLite(path, faults: faults)
                    #expect(try await store.account(users[place]).active?.blob == Array(state.utf8))
                }
            }
            #expect(try await store.journal().map(\.body) == bodies)
            #expect(try await store.lastGames(users[0]).first?.body != nil)
            await store.close()
            try verify(path)
        }
    }

    /// A store with entries that are packed, and how many.
    private func makeStore(_ path: String) async throws -> Int64 {
        var generator = Seeded(5)
        let store = try openSQLite(path)
        _ = try await store.account(alice)
        for version in Int64(1)...100 {
            let id = StateID.random(using: &generator)
            var step = transition(version: version, [LedgerEntry(.bet, -1)], id: id, blob: "{}")
            let text = #"{"id":"\#(id)","text":"\#(String(repeating: "0123456789", count: 80))"}"#
            step.slot = .set(GameSlot(key: joker, id: id, blob: Array(text.utf8)))
            _ = try await store.commit(step)
        }
        await store.close()
        let database = try Database(path: path, access: .readOnly, lockWait: .zero)
        return try database.integer("SELECT count(*) FROM journal WHERE substr(body, 1, 1) = x'01'") ?? 0
    }

    @Test func mostEntriesArePacked() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            #expect(try await makeStore(path) == 98)
            let database = try Database(path: path, access: .readOnly, lockWait: .zero)
            let packed = try database.integer("SELECT max(length(body) + length(state)) FROM journal WHERE substr(body, 1, 1) = x'01'")
            #expect(try #require(packed) < 60)
        }
    }

    @Test(arguments: [
        ("UPDATE journal SET body = substr(body, 1, length(body) - 1) WHERE seq = 50", 50),
        ("UPDATE journal SET body = CAST(body || x'00' AS BLOB) WHERE seq = 50", 50),
        ("UPDATE journal SET body = x'01' WHERE seq = 50", 50),
        ("UPDATE journal SET body = x'01ffffffffffffffffff01' WHERE seq = 50", 50),
        ("UPDATE journal SET body = x'0101ffff7fffff7f03' WHERE seq = 50", 50),
        ("UPDATE journal SET state = x'00' WHERE seq = 50", 50),
        // Its base.
        ("UPDATE journal SET state = x'00' WHERE seq = 2", 50),
        ("DELETE FROM journal WHERE seq = 2", 50),
    ])
    func damageIsFound(_ damage: String, _ seq: Int64) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            _ = try await makeStore(path)
            try Database(path: path, lockWait: .zero).run(damage)
            let report = try SQLiteStore.verify(path: path)
            #expect(report.problems.contains { $0.seq == seq && ($0.code == .row || $0.code == .chain) }, "\(report.problems)")
            #expect { try openSQLite(path) } throws: { ($0 as? StoreError)?.code == .corrupt }
        }
    }
}
