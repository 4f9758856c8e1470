import Foundation
@testable import Store
import NightjarTesting
import Testing

@Suite struct VerificationTests {
    /// A sound store with 21 entries of two accounts.
    private func makeStore(_ path: String) async throws {
        let store = try openSQLite(path)
        let bob = AccountKey(realm: "demo", user: "bob", denom: "credit")
        _ = try await store.user("alice")
        _ = try await store.account(alice)
        _ = try await store.account(bob)
        for version in Int64(1)...10 {
            var step = transition(version: version, [LedgerEntry(.bet, -2)], game: version % 4 == 0 ? halloween : joker)
            step.displaces = true
            _ = try await store.commit(step)
            _ = try await store.commit(transition(bob, version: version, [LedgerEntry(.win, 1)]))
        }
        try await store.setUserdata("alice", #"{"level":2}"#)
        try await store.set(StoreKey(realm: "demo", name: "k"), "v")
        await store.close()
        #expect(try verify(path).entries == 22)
    }

    /// What a start finds in a second is refused with what is wrong and what to do, and the file is left as it is.
    @Test(arguments: [
        ("UPDATE head SET credits = credits + 1 WHERE account = 1", "account of alice"),
        ("UPDATE head SET version = version + 1 WHERE account = 2", "account of bob"),
        ("UPDATE head SET state_seq = 4 WHERE account = 1", "account of alice"),
        ("UPDATE head SET last_seq = 3, credits = 998, version = 2, state_seq = 3 WHERE account = 1", "older"),
        ("DELETE FROM head WHERE account = 1", "missing"),
        ("UPDATE journal SET body = x'00' WHERE seq = 9", "checksum of journal entry 9"),
        ("UPDATE journal SET id = x'00' WHERE seq = 9", "journal entry 9 cannot be read"),
        ("UPDATE journal SET at = at + 1 WHERE seq = 22", "checksum of journal entry 22"),
        ("DELETE FROM journal WHERE seq = 9", "journal entry 9 is missing"),
        ("DELETE FROM journal WHERE seq = 22", "journal ends at entry 21"),
        ("DROP INDEX journal_adjustment", "index journal_adjustment is missing"),
        ("DROP TABLE userdata", "table userdata is missing"),
        ("ALTER TABLE kv ADD COLUMN owner TEXT", "table kv is not as it was made: column owner was added"),
        ("ALTER TABLE users DROP COLUMN created", "table users is not as it was made: column created is missing"),
        ("CREATE UNIQUE INDEX one_each ON journal (seq)", "index one_each does not belong"),
        ("UPDATE userdata SET json = '{'", "userdata has of user alice is no JSON"),
        ("UPDATE users SET profile = 'x'", "users has of user alice is no JSON"),
        ("CREATE TRIGGER tip AFTER UPDATE ON head BEGIN UPDATE head SET credits = 0; END", "trigger tip does not belong"),
    ])
    func aDamagedStoreDoesNotStart(_ damage: String, _ words: String) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await makeStore(path)
            try Database(path: path, lockWait: .zero).run(damage)
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            let error = try #require(throws: StoreError.self) { try openSQLite(path) }
            #expect(error.code == .corrupt)
            for part in [path, words, "nightjar verify"] { #expect(error.detail.contains(part), "\(error)") }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    /// Pages that say nothing any more: SQLite's own check, of what no chain covers.
    @Test func damagedPagesDoNotStart() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await makeStore(path)
            let page = try #require(
                try Database(path: path, access: .readOnly, lockWait: .zero)
                    .integer("SELECT rootpage FROM sqlite_schema WHERE name = 'zset_order'"))
            var data = try Data(contentsOf: URL(fileURLWithPath: path))
            let start = (Int(page) - 1) * Tuning.pageSize
            data.replaceSubrange(start..<start + 64, with: Data(repeating: 0xAA, count: 64))
            try data.write(to: URL(fileURLWithPath: path))
            let error = try #require(throws: StoreError.self) { try openSQLite(path) }
            #expect(error.code == .corrupt)
        }
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
        // With 64 bits the same sum.
        ("UPDATE journal SET ledger = ledger || ';win:9223372036854775807;win:9223372036854775807;win:2' WHERE seq = 9", ["chain", "fold", "sums"]),
        ("UPDATE journal SET id = x'00' WHERE seq = 9", ["row", "fold"]),
        ("UPDATE journal SET id = (SELECT id FROM journal WHERE seq = 8) WHERE seq = 9", ["chain", "repeated_id"]),
        ("DELETE FROM journal WHERE seq = 9", ["chain", "fold", "sums"]),
        ("DELETE FROM journal WHERE seq = 22", ["head", "sums"]),
        ("UPDATE counter SET value = 10 WHERE name = 'heads'", ["head"]),
        ("UPDATE counter SET value = 23 WHERE name = 'heads'", ["counter"]),
        ("UPDATE counter SET value = 0 WHERE name = 'kv'", ["counter"]),
        ("UPDATE userdata SET json = '{'", ["userdata"]),
        ("UPDATE userdata SET json = '\"' || hex(zeroblob(9000)) || '\"'", ["userdata"]),
        ("UPDATE users SET profile = 'x'", ["userdata"]),
        ("UPDATE users SET id = x'00'", ["userdata"]),
        // Whose an account is, its first entry says.
        ("UPDATE head SET user = 'carol' WHERE account = 2", ["owner"]),
        ("UPDATE head SET realm = 'facebook' WHERE account = 1", ["owner"]),
        ("UPDATE head SET denom = 'usd' WHERE account = 2", ["owner"]),
        ("UPDATE head SET user = user || ' ' ; UPDATE head SET user = iif(account = 1, 'bob', 'alice')", ["owner"]),
        // And which user that is.
        ("UPDATE users SET uid = 'carol'", ["owner"]),
        ("UPDATE users SET realm = 'facebook'", ["owner"]),
        ("UPDATE users SET id = x'00112233445566778899aabbccddeeff'", ["owner"]),
        ("DELETE FROM users", ["owner"]),
        ("UPDATE userdata SET user = 'carol'", ["owner"]),
        ("UPDATE userdata SET realm = 'facebook'", ["owner"]),
        ("DROP INDEX journal_adjustment", ["schema"]),
        ("DROP TABLE userdata", ["schema"]),
        ("ALTER TABLE kv ADD COLUMN owner TEXT", ["schema"]),
        ("ALTER TABLE users DROP COLUMN created", ["schema"]),
        ("CREATE INDEX by_time ON journal (at)", ["schema"]),
        ("CREATE TRIGGER tip AFTER UPDATE ON head BEGIN UPDATE head SET credits = 0; END", ["schema"]),
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

    /// Each balance has 64 bits; what all players have together may have more.
    @Test func sumsHoldMoreThanSixtyFourBits() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path)
            for name in ["ann", "bob", "eve"] {
                let key = AccountKey(realm: "demo", user: name, denom: "credit")
                _ = try await store.account(key, initialCredits: .max)
                _ = try await store.commit(transition(key, version: 1, [LedgerEntry(.bet, -1)]))
            }
            await store.close()
            let report = try SQLiteStore.verify(path: path)
            let all = 3 * (Int128(Int64.max) - 1)
            #expect(report.isSound && report.ledger == all && report.heads == all, "\(report)")
        }
    }

    /// Accounts of earlier releases were opened by entries that name nobody.
    @Test func anOpeningNamesItsOwner() throws {
        let id = try #require(StateID("82f304a9-8fd6-4c29-a513-e084b8769df9"))
        let other = AccountKey(realm: alice.realm, user: alice.user + "\"", denom: alice.denom)
        for key in [alice, other] {
            #expect(OpeningBody.verdict(OpeningBody.bytes(key, userID: id), on: key) == .fits(userID: id))
            #expect(OpeningBody.verdict(OpeningBody.bytes(key, userID: nil), on: key) == .fits(userID: nil))
        }
        #expect(OpeningBody.verdict(OpeningBody.bytes(alice, userID: id), on: other) == .differs)
        #expect(OpeningBody.verdict([], on: alice) == .silent)
        let whole = OpeningBody.bytes(alice, userID: id)
        for count in 1..<whole.count { #expect(OpeningBody.verdict(Array(whole.prefix(count)), on: alice) == .differs, "\(count)") }
        #expect(OpeningBody.verdict(whole + [0x20], on: alice) == .differs)
    }

    /// What no check can see without a seal, as docs/casino-audit.md says. Who mends it writes so there.
    @Test(arguments: [
        "UPDATE userdata SET json = '{\"level\":99}'", "UPDATE userdata SET user = 'bob'", "UPDATE users SET profile = '{\"name\":\"Bob\"}'",
        "UPDATE users SET created = 1", "DELETE FROM userdata", "DELETE FROM kv", "UPDATE userdata SET site = 'other'",
    ])
    func whatTheJournalDoesNotSayIsNotChecked(_ change: String) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await makeStore(path)
            try Database(path: path, lockWait: .zero).run(change)
            #expect(try SQLiteStore.verify(path: path).isSound)
        }
    }

    @Test func flippedBitsInTheFileAreFound() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await makeStore(path)
            let intact = try Data(contentsOf: URL(fileURLWithPath: path))
            let places = bodies(in: intact)
            #expect(places.count == 20)
            var generator = Seeded(7)
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
