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
            var bodies = users.map { OpeningBody.bytes($0, userID: nil) }
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
        return try database.integer("SELECT count(*) FROM journal WHERE substr(body, 1, 1) = x'02'") ?? 0
    }

    @Test func mostEntriesArePacked() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            #expect(try await makeStore(path) == 98)
            let database = try Database(path: path, access: .readOnly, lockWait: .zero)
            let packed = try database.integer("SELECT max(length(body) + length(state)) FROM journal WHERE substr(body, 1, 1) = x'02'")
            #expect(try #require(packed) < 60)
        }
    }

    @Test(arguments: [
        ("UPDATE journal SET body = substr(body, 1, length(body) - 1) WHERE seq = 50", 50),
        ("UPDATE journal SET body = CAST(body || x'00' AS BLOB) WHERE seq = 50", 50),
        ("UPDATE journal SET body = x'01' WHERE seq = 50", 50),
        ("UPDATE journal SET body = x'02' WHERE seq = 50", 50),
        ("UPDATE journal SET body = x'02ffffffffffffffffff01' WHERE seq = 50", 50),
        ("UPDATE journal SET body = x'0201ffff7fffff7f03' WHERE seq = 50", 50),
        // A copy from before the reference, of nothing, and from an alphabet without its bytes.
        ("UPDATE journal SET body = x'02300a001f01' WHERE seq = 50", 50),
        ("UPDATE journal SET body = x'02300a000300' WHERE seq = 50", 50),
        ("UPDATE journal SET body = x'02300a0029' WHERE seq = 50", 50),
        ("UPDATE journal SET body = x'01ffffffffffffffffff01' WHERE seq = 50", 50),
        ("UPDATE journal SET body = x'0101ffff7fffff7f03' WHERE seq = 50", 50),
        ("UPDATE journal SET state = x'00' WHERE seq = 50", 50),
        // Numbers beside which there are no others.
        ("UPDATE journal SET seq = 9223372036854775807 WHERE seq = 50", 9_223_372_036_854_775_807),
        ("UPDATE journal SET version = 9223372036854775807 WHERE seq = 49", 49),
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

    /// Digits, lists of numbers and everything else, against references that have some of it.
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func deltasComeBackToTheByte(_ seed: UInt64) throws {
        var generator = Seeded(seed)
        func piece() -> [UInt8] {
            let count = Int.random(in: 0...40, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: return (0..<count).map { _ in Array("0123456789abcdef".utf8)[Int.random(in: 0..<16, using: &generator)] }
            case 1: return Array((0..<count).map { _ in String(Int.random(in: -9...60, using: &generator)) }.joined(separator: ",").utf8)
            case 2: return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            case 3: return Array(#"","total_winnings":"#.utf8)
            default: return Array(#"{"name":"game","data":{"balls":["#.utf8)
            }
        }
        var delta = Delta()
        for _ in 0..<300 {
            let pieces = (0..<Int.random(in: 0...30, using: &generator)).map { _ in piece() }
            let reference = pieces.shuffled(using: &generator).dropLast(pieces.count / 4).flatMap(\.self)
            let target = pieces.flatMap { Int.random(in: 0..<3, using: &generator) == 0 ? piece() : $0 }
            var output: [UInt8] = []
            delta.encode(target, reference, to: &output)
            #expect(Delta.decoded(output[...], count: target.count, reference) == target)
            // A shorter one is damaged, and none that is damaged crashes.
            if !output.isEmpty {
                #expect(Delta.decoded(output.dropLast(), count: target.count, reference) != target)
                output[Int.random(in: 0..<output.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                _ = Delta.decoded(output[...], count: target.count, reference)
            }
        }
    }

    @Test func digitsTakeHalfTheirRoom() {
        var delta = Delta()
        func size(_ text: String) -> Int {
            var output: [UInt8] = []
            delta.encode(Array(text.utf8), [], to: &output)
            return output.count
        }
        #expect(size(String(repeating: "0123456789abcdef", count: 4)) == 34)
        #expect(size("[12,7,45,33,60,1,22,9]") == 12)
        #expect(size("a word of letters") == 18)
    }

    /// Entries as earlier releases have packed them, ids of states in each row, are read as they were.
    @Test func entriesOfTheFormerPackingAreRead() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            _ = try await makeStore(path)
            let before = try ArchiveTests.history(path)
            let sql = try Database(path: path, lockWait: .zero)
            let base = before[1]
            func content(_ entry: HistoryEntry) throws -> (state: [UInt8], body: [UInt8]) {
                guard case .set(let slot) = entry.slot else { throw StoreError(.invalid) }
                return (slot.blob, entry.entry.body)
            }
            let reference = try content(base)
            for entry in before[2...40] {
                let (state, body) = try content(entry)
                let target = state + body
                let common = zip(target, reference.state + reference.body).prefix { $0 == $1 }.count
                var packed: [UInt8] = [JournalPacking.formerMark]
                for number in [Int(entry.entry.seq - base.entry.seq), state.count, body.count, 0, common, 0, target.count - common] { Delta.append(number, to: &packed) }
                packed += target[common...]
                let row = try sql("UPDATE journal SET body = ?, state_id = id WHERE seq = ?")
                row.add(packed)
                row.add(entry.entry.seq)
                #expect(try row.change() == 1)
            }
            sql.close()
            #expect(try ArchiveTests.history(path) == before)
            try verify(path)
            let store = try openSQLite(path)
            #expect(try await store.account(alice).version == 101)
            await store.close()
            // Their bases stay when the others go.
            _ = try ArchiveTests.archiver(path).run(before: .max) { _ in }
            #expect(try ArchiveTests.history(path) == before)
            try verify(path)
        }
    }
}
