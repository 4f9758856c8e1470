import Foundation
import NIOPosix
import NightjarTesting
@testable import Store
import Testing

@Suite struct SQLiteStoreTests {
    @Test func everythingIsThereAfterReopening() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            var store = try openSQLite(path)
            _ = try await store.account(alice)
            let first = transition(version: 1, [LedgerEntry(.bet, -4)], blob: "1")
            _ = try await store.commit(first)
            var second = transition(version: 2, game: halloween, blob: "2")
            second.displaces = true
            _ = try await store.commit(second)
            try await store.set(StoreKey(realm: "demo", name: "k"), "v")
            let head = try await store.account(alice)
            await store.close()
            store = try openSQLite(path)
            #expect(try await store.account(alice) == head)
            #expect(head.parked[joker]?.blob == Array("1".utf8))
            #expect(try await store.commit(first) == .duplicate(credits: 996, version: 2))
            guard case .written(let version) = try await store.set(StoreKey(realm: "demo", name: "k"), "w") else {
                Issue.record("not written")
                return
            }
            #expect(version == 2)
            #expect(try await store.commit(transition(version: 3, game: halloween)).outcome?.version == 4)
            await store.close()
            #expect(try verify(path).entries == 4)
        }
    }

    /// What lies on the disk at any moment, heads not yet written included, is a sound store.
    @Test func theFilesOfARunningStoreAreSound() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path)
            _ = try await store.account(alice)
            for version in Int64(1)...50 {
                var step = transition(
                    version: version, [LedgerEntry(.bet, -1)], game: version % 3 == 0 ? halloween : joker)
                step.displaces = true
                _ = try await store.commit(step)
                if version % 10 != 0 { continue }
                let copy = folder + "/copy-\(version).sqlite"
                for ending in ["", "-wal"] {
                    try FileManager.default.copyItem(atPath: path + ending, toPath: copy + ending)
                }
                #expect(try verify(copy).entries == version + 1)
                let reopened = try openSQLite(copy)
                #expect(try await reopened.account(alice) == (try await store.account(alice)))
                #expect(try await reopened.lastGames(alice, limit: 1_000).count == Int(version) + 1)
                let sums = try await reopened.sums()
                #expect(sums.heads == 1_000 - version)
                #expect(sums.ledger == sums.heads)
                #expect(try await reopened.commit(step).outcome?.version == version + 1)
                #expect(try await reopened.commit(transition(version: version + 1, game: nil)).outcome != nil)
                await reopened.close()
                try verify(copy)
            }
            await store.close()
            try verify(path)
        }
    }

    /// The head on the disk still names the game then; only the journal's end knows that it was cleared.
    @Test func aCrashRightAfterAGameWasClearedDoesNotBringItBack() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            var store = try openSQLite(path)
            _ = try await store.account(alice)
            _ = try await store.commit(transition(version: 1))
            // Closing writes the heads, so this one names the game.
            await store.close()
            store = try openSQLite(path)
            var clearing = transition(version: 2, [LedgerEntry(.win, 2)], game: nil)
            clearing.slot = .clear
            #expect(try await store.commit(clearing).outcome?.version == 3)
            let copy = folder + "/copy.sqlite"
            for ending in ["", "-wal"] { try FileManager.default.copyItem(atPath: path + ending, toPath: copy + ending) }
            let head = try Database(path: copy, lockWait: .zero).integer("SELECT state_seq FROM head")
            #expect(head == 2)
            let reopened = try openSQLite(copy)
            #expect(try await reopened.account(alice) == Account(key: alice, credits: 1_002, version: 3))
            // Not a change of game: nothing is parked.
            #expect(try await reopened.commit(transition(version: 3, game: halloween)).outcome?.version == 4)
            #expect(try await reopened.account(alice).parked.isEmpty)
            await reopened.close()
            try verify(copy)
            await store.close()
        }
    }

    /// Beyond the ids remembered, the entry is found by counting back along the account.
    @Test func aRetryIsRecognizedAfterMoreTransitionsThanAreRemembered() async throws {
        try await withFolder { folder in
            let store = try openSQLite(folder + "/store.sqlite")
            _ = try await store.account(alice)
            let step = transition(version: 1, [LedgerEntry(.bet, -4)])
            #expect(try await store.commit(step) == .committed(credits: 996, version: 2))
            #expect(try await store.commit(transition(version: 2, [LedgerEntry(.win, 1)])).outcome?.version == 3)
            let each = Int64(StoreLimits.rememberedIDs / 64 + 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for user in 0..<64 {
                    group.addTask {
                        let key = AccountKey(realm: "demo", user: "u\(user)", denom: "credit")
                        _ = try await store.account(key)
                        for version in 1...each { _ = try await store.commit(transition(key, version: version, game: nil)) }
                    }
                }
                try await group.waitForAll()
            }
            let sums = try await store.sums()
            #expect(sums.entries > Int64(StoreLimits.rememberedIDs) + 3)
            #expect(try await store.commit(step) == .duplicate(credits: 996, version: 2))
            #expect(try await store.account(alice).credits == 997)
            await store.close()
        }
    }

    @Test func headsAreWrittenOftenEnough() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path)
            _ = try await store.account(alice)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for user in 0..<90 {
                    group.addTask {
                        let key = AccountKey(realm: "demo", user: "u\(user)", denom: "credit")
                        _ = try await store.account(key)
                        for version in Int64(1)...100 { _ = try await store.commit(transition(key, version: version)) }
                    }
                }
                try await group.waitForAll()
            }
            let written = try Database(path: path, access: .readOnly, lockWait: .seconds(1))
                .integer("SELECT value FROM counter WHERE name = 'heads'")
            #expect(try #require(written) >= 9_000 - StoreLimits.unwrittenEntries)
            let report = try verify(path)
            #expect(report.entries == 9_091)
            await store.close()
        }
    }

    @Test func aFileThatCannotGrowRefusesAndRecovers() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path)
            _ = try await store.account(alice)
            func limit(_ pages: Int) async throws {
                try await answer("the limit of the file") { done in store.limit(pages: pages, on: testLoops.next()) { _ in done(()) } }
            }
            try await limit(40)
            var version: Int64 = 1
            var refusal: StoreError?
            var last = transition(version: version)
            while refusal == nil, version < 1_000 {
                last = transition(version: version, [LedgerEntry(.bet, -1)], blob: String(repeating: "x", count: 9_000))
                switch try await store.commit(last) {
                case .committed(_, let next): version = next
                case .unavailable(let error): refusal = error
                default: Issue.record("unexpected answer")
                }
            }
            #expect(refusal?.code == .unavailable)
            #expect(try await store.account(alice).version == version)
            try await limit(1_000_000)
            #expect(try await store.commit(last) == .committed(credits: 1_000 - version, version: version + 1))
            await store.close()
            try verify(path)
        }
    }

    @Test func aLockedDatabaseRefusesAndRecovers() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path, lockWait: 20)
            _ = try await store.account(alice)
            // The store may still be tidying up after the account was made.
            let other = try Database(path: path, lockWait: .seconds(10))
            try other.run("BEGIN IMMEDIATE")
            let step = transition(version: 1, [LedgerEntry(.bet, -4)])
            guard case .unavailable(let error) = try await store.commit(step) else {
                Issue.record("not refused")
                return
            }
            #expect(error.code == .unavailable)
            try other.run("ROLLBACK")
            #expect(try await store.commit(step) == .committed(credits: 996, version: 2))
            await store.close()
        }
    }

    @Test func anotherProcessIsNoticed() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let one = try openSQLite(path)
            let two = try openSQLite(path)
            _ = try await one.account(alice)
            for version in stride(from: Int64(1), to: 40, by: 2) {
                #expect(try await one.commit(transition(version: version, [LedgerEntry(.bet, -1)])).outcome != nil)
                #expect(try await two.commit(transition(version: version + 1, [LedgerEntry(.win, 1)])).outcome != nil)
            }
            await one.close()
            await two.close()
            #expect(try verify(path).entries == 41)
        }
    }

    @Test func expiredKeysAreSwept() async throws {
        try await withFolder { folder in
            let clock = ManualClock()
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path, clock: clock)
            for number in 0..<300 {
                try await store.set(StoreKey(realm: "demo", name: "k\(number)"), "v", ttl: number < 290 ? 10 : 5_000)
            }
            clock.advance(500)
            var removed = 0
            for _ in 0..<3 {
                removed += try await answer("the sweep") { store.sweep(on: testLoops.next(), $0) }.get()
            }
            await store.close()
            let left = try Database(path: path, access: .readOnly, lockWait: .zero).integer("SELECT count(*) FROM kv")
            #expect(left == 10)
            #expect(removed <= 290)
        }
    }

    @Test func aFileThatIsNoDatabaseIsRefused() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try Data(repeating: 65, count: 40_000).write(to: URL(fileURLWithPath: path))
            #expect { try openSQLite(path) } throws: { ($0 as? StoreError)?.code == .corrupt }
            #expect { try SQLiteStore.verify(path: path) } throws: { ($0 as? StoreError)?.code == .corrupt }
            #expect { try openSQLite(folder + "/no/store.sqlite") } throws: { ($0 as? StoreError)?.code == .unavailable }
        }
    }

    @Test func aFullQueueIsBusy() throws {
        struct Item: Request { var bytes: Int }
        let queue = RequestQueue<Item>()
        for _ in 0..<StoreLimits.queuedRequests { #expect(queue.push(Item(bytes: 1)) == nil) }
        #expect(queue.push(Item(bytes: 1))?.code == .busy)
        #expect(queue.take(timeout: nil)?.count == StoreLimits.groupRequests)
        #expect(queue.push(Item(bytes: StoreLimits.queuedBytes))?.code == .busy)
        #expect(queue.push(Item(bytes: 1)) == nil)
        var rest = 0
        queue.close()
        #expect(queue.push(Item(bytes: 1))?.code == .closed)
        while let group = queue.take(timeout: nil) { rest += group.count }
        #expect(rest == StoreLimits.queuedRequests - StoreLimits.groupRequests + 1)
    }

    @Test func aGroupIsBoundedInBytes() {
        struct Item: Request { var bytes: Int }
        let queue = RequestQueue<Item>()
        for _ in 0..<5 { _ = queue.push(Item(bytes: StoreLimits.groupBytes / 2)) }
        _ = queue.push(Item(bytes: StoreLimits.groupBytes * 2))
        #expect((0..<4).map { _ in queue.take(timeout: nil)?.count } == [2, 2, 1, 1])
        #expect(queue.take(timeout: 0)?.isEmpty == true)
    }
}
