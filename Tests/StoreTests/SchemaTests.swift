import Foundation
@testable import Store
import NightjarTesting
import Testing

@Suite struct SchemaTests {
    /// Unpacks the store that the first release made, with GRDB: two accounts, five journal entries, and one of everything else.
    private func unpackFirstRelease(_ path: String) throws {
        let packed = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures/first-release.sqlite.gz"
        try #require(try EndedProcess.run(URL(fileURLWithPath: "/bin/gzip"), ["-dc", packed], output: path).status == 0)
    }

    private func edit(_ path: String, _ sql: String) throws { try Database(path: path, lockWait: .zero).run(sql) }

    private func version(_ path: String) throws -> Int {
        try Database(path: path, access: .readOnly, lockWait: .zero).version()
    }

    /// 2023-11-14, the time of all that is in the file.
    private let clock = ManualClock()

    @Test func aStoreOfTheFirstReleaseIsTakenOverWithAllThatIsInIt() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try unpackFirstRelease(path)
            #expect(try verify(path).entries == 5)
            let store = try openSQLite(path, clock: clock)
            #expect(try version(path) == Schema.current)
            let account = try await store.account(alice)
            #expect(account.credits == 1_002 && account.version == 3)
            #expect(account.active?.key == halloween && account.active?.blob == Array(#"{"n":2}"#.utf8))
            #expect(account.parked[joker]?.blob == Array(#"{"n":1}"#.utf8) && account.parked[joker]?.openedAt == 77)
            #expect(try await store.account(AccountKey(realm: "demo", user: "bob", denom: "credit")).credits == 525)
            #expect(try await store.journal().map(\.kind) == [.opening, .opening, .action, .action, .adjustment])
            #expect(try await store.lastGames(alice).map(\.body) == [Array(#"{"action":"end"}"#.utf8), Array(#"{"action":"bet"}"#.utf8), []])
            let jackpot = try #require(try await store.jackpots().first)
            #expect(jackpot.key.id == "jp" && jackpot.value == 140 && jackpot.meters.start == 140 && jackpot.fault == nil)
            #expect(try await store.userdata("alice") == #"{"level":2}"#)
            #expect(try await !store.user("alice", profile: #"{"name":"A"}"#).isNew)
            #expect(try await store.get(StoreKey(realm: "demo", name: "k"))?.bytes == Array("v".utf8))
            #expect(try await store.get(StoreKey(realm: "demo", name: "gone"))?.expiresAt == clock.now + 1_000)
            #expect(try await store.increment(StoreKey(realm: "demo", name: "count")) == 8)
            let members = try await store.sortedRange(StoreKey(realm: "demo", name: "set"), SortedRange(.rank(from: 0, through: -1)))
            #expect(members == [SortedMember("a", 1), SortedMember("b", 2)])
            #expect(try await store.pending(now: clock.now).map(\.key) == ["r2"])
            #expect(try await store.pending(now: clock.now + 60_000).map(\.attempts) == [1, 0])
            // What was done then is known now.
            let id = try #require(StateID("00000000-0000-4000-8000-000000000002"))
            var again = transition(version: 2, [LedgerEntry(.win, 6)], id: id, game: halloween)
            again.displaces = true
            #expect(try await store.commit(again) == .duplicate(credits: 1_002, version: 3))
            #expect(try await store.commit(transition(version: 3, [LedgerEntry(.bet, -2)], game: halloween)).outcome?.credits == 1_000)
            await store.close()
            #expect(try verify(path).entries == 6)
        }
    }

    /// What a release of schema 8 left: `double` was no stake then. Some of its entries are archived.
    @Test(arguments: [false, true])
    func whatTheReleaseBeforeCountedAsSpentIsSound(isArchived: Bool) async throws {
        try await withFolder { folder in
            let (path, copy) = (folder + "/store.sqlite", folder + "/copy.sqlite")
            let double = try #require(LedgerKind(rawValue: "double"))
            var store = try openSQLite(path, clock: clock)
            _ = try await store.account(alice)
            for version in 1...40 as ClosedRange<Int64> {
                _ = try await store.commit(transition(version: version, [LedgerEntry(.bet, -1), LedgerEntry(double, -1)]))
            }
            await store.close()
            let archived = isArchived ? try ArchiveTests.archiver(path, fileEntries: 16).run(before: clock.now + 1) { _ in }.entries : 0
            #expect(archived == (isArchived ? 16 : 0))
            try edit(path, "DELETE FROM counter WHERE name = 'stakes_since'; UPDATE head SET spent = 40; PRAGMA user_version = 8")

            // Before a server of this release has taken it over, and after that.
            try verify(path)
            _ = try SQLiteStore.copy(path: path, to: copy)
            store = try openSQLite(path, clock: clock)
            #expect(try version(path) == Schema.current)
            #expect(try await store.account(alice).spent == 40)
            _ = try await store.commit(transition(version: 41, [LedgerEntry(.bet, -1), LedgerEntry(double, -1)]))
            #expect(try await store.account(alice).spent == 42)
            await store.close()
            try verify(path)
            #expect(try SQLiteStore.restore(path: path, from: copy, stamp: "now").report.isSound)
            // Other sums are noticed as before.
            try edit(path, "UPDATE head SET spent = 80")
            #expect(try SQLiteStore.verify(path: path).problems.map(\.code) == [.head])
        }
    }

    /// The first release made its tables in two steps; a crash between them leaves the first alone.
    @Test func aHalfMadeStoreOfTheFirstReleaseIsFinished() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try unpackFirstRelease(path)
            try edit(path, "DROP TABLE users; DROP TABLE userdata; DROP TABLE kv; DROP TABLE zset; DROP TABLE outbox")
            try edit(path, "DELETE FROM grdb_migrations WHERE identifier = '1: users, keys and outbox'")
            let store = try openSQLite(path)
            #expect(try await store.account(alice).version == 3)
            try await store.set(StoreKey(realm: "demo", name: "k"), "v")
            await store.close()
            #expect(try version(path) == Schema.current)
            try verify(path)
        }
    }

    @Test(arguments: ["PRAGMA user_version = \(Schema.current + 1)", "PRAGMA user_version = 0; INSERT INTO grdb_migrations VALUES ('2: more')"])
    func aStoreOfALaterReleaseIsRefusedAndLeftAsItIs(_ change: String) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try unpackFirstRelease(path)
            try edit(path, change)
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            for attempt in [{ _ = try openSQLite(path) }, { _ = try SQLiteStore.verify(path: path) }] {
                let error = try #require(throws: StoreError.self) { try attempt() }
                #expect(error.code == .newer)
                #expect(error.detail.contains(path) && error.detail.contains("later release"))
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    @Test func aDatabaseOfSomebodyElseIsRefused() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try edit(path, "CREATE TABLE customers (name TEXT)")
            #expect { try openSQLite(path) } throws: { ($0 as? StoreError)?.code == .foreign }
            #expect { try SQLiteStore.verify(path: path) } throws: { ($0 as? StoreError)?.code == .foreign }
            #expect(try Database(path: path, access: .readOnly, lockWait: .zero).tables() == ["customers"])
            #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
        }
    }

    @Test func anEmptyFileBecomesAStoreButIsNoneForACheck() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try Data().write(to: URL(fileURLWithPath: path))
            #expect { try SQLiteStore.verify(path: path) } throws: { ($0 as? StoreError)?.code == .foreign }
            let store = try openSQLite(path)
            _ = try await store.account(alice)
            await store.close()
            #expect(try version(path) == Schema.current)
            #expect(try verify(path).entries == 1)
        }
    }
}
