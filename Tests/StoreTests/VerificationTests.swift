import Foundation
@testable import Store
import Testing

@Suite struct VerificationTests {
    /// A sound store with 21 entries of two accounts.
    private func makeStore(_ path: String) async throws {
        let store = try openSQLite(path)
        let bob = AccountKey(realm: "demo", user: "bob", denom: "credit")
        _ = try await store.account(alice)
        _ = try await store.account(bob)
        for version in Int64(1)...10 {
            var step = transition(version: version, [LedgerEntry(.bet, -2)], game: version % 4 == 0 ? halloween : joker)
            step.displaces = true
            _ = await store.commit(step)
            _ = await store.commit(transition(bob, version: version, [LedgerEntry(.win, 1)]))
        }
        await store.close()
        #expect(try verify(path).entries == 22)
    }

    @Test(arguments: [
        ("UPDATE head SET credits = credits + 1 WHERE account = 1", ["head", "sums"]),
        ("UPDATE head SET version = version + 1 WHERE account = 2", ["head"]),
        ("UPDATE head SET state_seq = 3 WHERE account = 1", ["head"]),
        ("DELETE FROM head WHERE account = 1", ["head", "sums"]),
        ("DELETE FROM parked", ["head"]),
        ("UPDATE parked SET state_seq = state_seq - 1", ["head"]),
        ("UPDATE journal SET body = x'00' WHERE seq = 9", ["chain"]),
        ("UPDATE journal SET state = x'00' WHERE seq = 9", ["chain"]),
        ("UPDATE journal SET at = at + 1 WHERE seq = 22", ["chain"]),
        ("UPDATE journal SET delta = delta + 1 WHERE seq = 9", ["chain", "fold"]),
        ("UPDATE journal SET ledger = 'bet:x' WHERE seq = 9", ["chain", "row", "sums"]),
        ("UPDATE journal SET id = x'00' WHERE seq = 9", ["row", "fold"]),
        ("UPDATE journal SET id = (SELECT id FROM journal WHERE seq = 8) WHERE seq = 9", ["chain", "repeated_id"]),
        ("DELETE FROM journal WHERE seq = 9", ["chain", "fold", "sums"]),
        ("DELETE FROM journal WHERE seq = 22", ["head", "sums"]),
        ("UPDATE counter SET value = 10 WHERE name = 'heads'", ["head"]),
    ])
    func namesWhatIsWrong(_ damage: String, _ codes: [String]) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await makeStore(path)
            try Database(path: path, lockWait: .zero).run(damage)
            let report = try SQLiteStore.verify(path: path)
            #expect(!report.isSound)
            let found = Set(report.problems.map(\.code.rawValue))
            #expect(found.isSuperset(of: codes), "\(report.problems)")
            if damage.contains("seq = 9"), damage.contains("UPDATE") {
                #expect(report.problems.contains { $0.seq == 9 })
            }
        }
    }

    @Test func flippedBitsInTheFileAreFound() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await makeStore(path)
            let intact = try Data(contentsOf: URL(fileURLWithPath: path))
            let places = bodies(in: intact)
            #expect(places.count == 20)
            var generator = SeededGenerator(7)
            for place in places.shuffled(using: &generator).prefix(10) {
                var damaged = intact
                damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                try damaged.write(to: URL(fileURLWithPath: path))
                let report = try SQLiteStore.verify(path: path)
                #expect(report.problems.contains { $0.code == .chain && $0.seq != nil })
            }
        }
    }

    /// Where the bodies of the journal are in the file.
    private func bodies(in data: Data) -> [Int] {
        let body = Data(#"{"action":"bet"}"#.utf8)
        var places: [Int] = []
        var from = data.startIndex
        while let range = data.range(of: body, in: from..<data.endIndex) {
            places.append(range.lowerBound + 3)
            from = range.upperBound
        }
        return places
    }
}
