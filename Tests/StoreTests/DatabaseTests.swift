import Foundation
@testable import Store
import Testing

private struct Refused: Error {}

@Suite struct DatabaseTests {
    private func open(_ path: String, _ access: Database.Access = .readWrite) throws -> Database {
        try Database(path: path, access: access, lockWait: .zero)
    }

    @Test func valuesComeBackAsTheyWentIn() async throws {
        try await withFolder { folder in
            let database = try open(folder + "/a.sqlite")
            try database.run("CREATE TABLE t (n, i, d, s, e, b, z)")
            let row = try database("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)")
            row.add(nil as Int64?)
            row.add(Int64.min)
            row.add(-0.5)
            row.add("caf\u{E9}\0x")
            row.add("")
            row.add([0, 255] as [UInt8])
            row.add([] as [UInt8])
            #expect(try row.change() == 1)
            let back = try database("SELECT * FROM t")
            #expect(try back.step())
            #expect(back.isNull(0))
            #expect(back.int(1) == .min)
            #expect(back.double(2) == -0.5)
            #expect(back.text(3) == "caf\u{E9}\0x")
            #expect(!back.isNull(4) && back.text(4) == "")
            #expect(back.bytes(5) == [0, 255])
            #expect(!back.isNull(6) && back.bytes(6) == [])
            #expect(try !back.step())
        }
    }

    @Test func aTransactionIsMadeWholeOrNotAtAll() async throws {
        try await withFolder { folder in
            let database = try open(folder + "/a.sqlite")
            try database.run("CREATE TABLE t (x)")
            #expect(throws: Refused.self) {
                try database.transaction {
                    try database.run("INSERT INTO t VALUES (1)")
                    throw Refused()
                }
            }
            #expect(throws: SQLFailure.self) {
                try database.transaction { try database.run("INSERT INTO t VALUES (1); INSERT INTO nowhere VALUES (1)") }
            }
            #expect(try database.integer("SELECT count(*) FROM t") == 0)
            #expect(try database.transaction { try database.run("INSERT INTO t VALUES (1)"); return 7 } == 7)
            #expect(try database.integer("SELECT count(*) FROM t") == 1)
            #expect(try database.integer("SELECT x FROM t WHERE x > 1") == nil)
        }
    }

    @Test func aLockedFileIsWaitedForNoLongerThanSaid() async throws {
        try await withFolder { folder in
            let one = try open(folder + "/a.sqlite")
            let other = try open(folder + "/a.sqlite")
            try one.run("CREATE TABLE t (x)")
            try one.transaction {
                let failure = #expect(throws: SQLFailure.self) { try other.transaction {} }
                #expect(failure?.storeError.code == .unavailable)
                #expect(failure?.description.contains("locked") == true)
            }
            try other.transaction { try other.run("INSERT INTO t VALUES (1)") }
        }
    }

    @Test func aFileIsMadeForItsOwnerAloneAndOnlyWhenWriting() async throws {
        try await withFolder { folder in
            let path = folder + "/a.sqlite"
            #expect(throws: SQLFailure.self) { try open(path, .readOnly) }
            #expect(!FileManager.default.fileExists(atPath: path))
            let database = try open(path)
            try database.run("PRAGMA journal_mode = WAL; CREATE TABLE t (x)")
            for name in ["", "-wal", "-shm"] {
                let mode = try FileManager.default.attributesOfItem(atPath: path + name)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(name)")
            }
            let reader = try open(path, .readOnly)
            #expect(throws: SQLFailure.self) { try reader.run("INSERT INTO t VALUES (1)") }
        }
    }

    @Test func tablesColumnsAndVersionAreTold() async throws {
        try await withFolder { folder in
            let path = folder + "/a.sqlite"
            let database = try open(path)
            #expect(try database.version() == 0 && database.tables().isEmpty && database.columns(of: "t").isEmpty)
            try database.run("CREATE TABLE t (One, two TEXT); CREATE TABLE u (id INTEGER PRIMARY KEY AUTOINCREMENT)")
            try database.setVersion(3)
            database.close()
            let again = try open(path)
            #expect(try again.version() == 3)
            #expect(try again.tables() == ["t", "u"])
            #expect(try again.columns(of: "t") == ["one", "two"])
        }
    }

    @Test func aCopyIsOfOneMomentAndTheLogShrinks() async throws {
        try await withFolder { folder in
            let path = folder + "/a.sqlite"
            let database = try open(path)
            try database.run("PRAGMA journal_mode = WAL; CREATE TABLE t (x)")
            for number in 0..<100 { try database.run("INSERT INTO t VALUES (\(number))") }
            let copy = try open(folder + "/copy.sqlite")
            try copy.run("CREATE TABLE other (x)")
            try open(path, .readOnly).backUp(into: copy)
            try database.run("INSERT INTO t VALUES (100)")
            #expect(try copy.integer("SELECT count(*) FROM t") == 100)
            #expect(try copy.tables() == ["t"])
            func logBytes() throws -> Int {
                try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int ?? -1
            }
            #expect(try logBytes() > 0)
            try database.checkpoint()
            #expect(try logBytes() == 0)
            #expect(try database.integer("SELECT count(*) FROM t") == 101)
        }
    }
}
