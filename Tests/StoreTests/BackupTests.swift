import Foundation
import NIOPosix
@testable import Store
import Testing

@Suite struct BackupTests {
    private func fill(_ store: SQLiteStore, _ versions: ClosedRange<Int64>) async throws {
        for version in versions { _ = try await store.commit(transition(version: version, [LedgerEntry(.bet, -2)])) }
    }

    /// Without what reading a store leaves beside it.
    private func files(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
    }

    @Test func aCopyIsOneMomentAndOneFile() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path)
            _ = try await store.account(alice)
            try await fill(store, 1...10)
            #expect(try SQLiteStore.copy(path: path, to: folder + "/copy").entries == 11)
            try await fill(store, 11...12)
            #expect(throws: StoreError(.exists, folder + "/copy")) { try SQLiteStore.copy(path: path, to: folder + "/copy") }
            await store.close()
            let (report, former) = try SQLiteStore.restore(path: path, from: folder + "/copy", stamp: "now")
            #expect(report.entries == 11 && former == path + ".before-now")
            #expect(try verify(path + ".before-now").entries == 13)
            #expect(try files(folder) == ["copy", "store.sqlite", "store.sqlite.before-now"])
            let again = try openSQLite(path)
            #expect(try await again.account(alice).version == 11)
            #expect(try await again.commit(transition(version: 11, [LedgerEntry(.bet, -2)])).outcome?.version == 12)
            await again.close()
            try verify(path)
        }
    }

    @Test func twoRestoresWithinASecondKeepBothFormerStores() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path)
            _ = try await store.account(alice)
            try await fill(store, 1...5)
            _ = try SQLiteStore.copy(path: path, to: folder + "/copy")
            try await fill(store, 6...9)
            await store.close()
            let first = try SQLiteStore.restore(path: path, from: folder + "/copy", stamp: "now").former
            let second = try SQLiteStore.restore(path: path, from: folder + "/copy", stamp: "now").former
            #expect(first == path + ".before-now" && second == path + ".before-now-2")
            #expect(try verify(path + ".before-now").entries == 10)
            #expect(try verify(path + ".before-now-2").entries == 6)
        }
    }

    @Test func nothingIsMadeOfADamagedStore() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path)
            _ = try await store.account(alice)
            try await fill(store, 1...10)
            await store.close()
            try Database(path: path, lockWait: .zero).run("UPDATE head SET credits = credits + 1")
            #expect { try SQLiteStore.copy(path: path, to: folder + "/copy") } throws: { ($0 as? StoreError)?.code == .corrupt }
            #expect { try SQLiteStore.restore(path: folder + "/other", from: path, stamp: "now") } throws: { ($0 as? StoreError)?.code == .corrupt }
            #expect(try files(folder) == ["store.sqlite"])
        }
    }

    /// What a crash leaves: the restored store's log must not be applied to the other one, nor the other way round.
    @Test func aStoreWithALogIsPutAsideWithItsLog() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path)
            _ = try await store.account(alice)
            try await fill(store, 1...5)
            _ = try SQLiteStore.copy(path: path, to: folder + "/copy")
            try await fill(store, 6...9)
            for end in ["", "-wal", "-shm"] { try FileManager.default.copyItem(atPath: path + end, toPath: folder + "/crashed" + end) }
            await store.close()
            _ = try SQLiteStore.restore(path: folder + "/crashed", from: folder + "/copy", stamp: "now")
            #expect(try verify(folder + "/crashed").entries == 6)
            #expect(try verify(folder + "/crashed.before-now").entries == 10)
        }
    }

    /// A long reader (a backup, a check) lets the log grow; afterwards it is short again without a restart.
    @Test func theLogShrinksAfterALongReader() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let store = try openSQLite(path)
            func size() -> Int { ((try? FileManager.default.attributesOfItem(atPath: path + "-wal"))?[.size] as? Int) ?? 0 }
            let value = String(repeating: "x", count: 1 << 20)
            let reader = try Database(path: path, access: .readOnly, lockWait: .zero)
            try reader.run("BEGIN")
            _ = try reader.integer("SELECT count(*) FROM journal")
            for number in 0..<60 { try await store.set(StoreKey(realm: "demo", name: "\(number)"), value) }
            #expect(size() > 60 << 20)
            try reader.run("COMMIT")
            reader.close()
            for number in 0..<3 { try await store.set(StoreKey(realm: "demo", name: "after \(number)"), value) }
            #expect(size() <= Tuning.logBytes, "\(size())")
            await store.close()
            try verify(path)
        }
    }
}
