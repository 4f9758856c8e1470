import Foundation
@testable import Store
import NightjarTesting
import Testing

/// Files that something has spoilt while no server ran: a start refuses what it can find, `verify` finds the rest, and neither
/// changes or believes it.
@Suite struct DamageTests {
    enum Outcome: Sendable {
        /// Refused with this code.
        case refused(StoreError.Code)
        /// Opens, and everything that was acknowledged is there.
        case whole
        /// Opens, with what was written before a certain moment.
        case earlier
    }

    struct Damage: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let outcome: Outcome
        /// Of the store as it is after a crash: file, log, index of the log.
        let spoil: @Sendable (_ path: String) throws -> Void

        init(_ name: String, _ outcome: Outcome, _ spoil: @escaping @Sendable (_ path: String) throws -> Void) {
            (testDescription, self.outcome, self.spoil) = (name, outcome, spoil)
        }
    }

    private static func change(_ path: String, _ body: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        body(&data)
        try data.write(to: URL(fileURLWithPath: path))
    }

    static let page = Tuning.pageSize

    static let damages: [Damage] = [
        Damage("nothing: as a crash leaves it", .whole) { _ in },
        Damage("the index of the log is gone", .whole) { try FileManager.default.removeItem(atPath: $0 + "-shm") },
        Damage("the index of the log is garbage", .whole) { try change($0 + "-shm") { $0 = Data(repeating: 0xA5, count: $0.count) } },
        Damage("the log is cut in the middle of its last page", .earlier) { try change($0 + "-wal") { $0.removeLast(100) } },
        Damage("the log's end is zeros, as after a power failure", .earlier) {
            try change($0 + "-wal") { $0.replaceSubrange(($0.count - page)..., with: Data(count: page)) }
        },
        Damage("the log is followed by garbage", .whole) { try change($0 + "-wal") { $0.append(Data(repeating: 0x5A, count: 3 * page)) } },
        Damage("the file's beginning is zeros", .refused(.corrupt)) {
            try change($0) { $0.replaceSubrange(0..<100, with: Data(count: 100)) }
            try FileManager.default.removeItem(atPath: $0 + "-wal")
        },
        Damage("the file's first page is garbage", .refused(.corrupt)) {
            try change($0) { $0.replaceSubrange(0..<page, with: Data(repeating: 0x77, count: page)) }
            try FileManager.default.removeItem(atPath: $0 + "-wal")
        },
        Damage("the file is cut in half", .refused(.corrupt)) {
            try change($0) { $0 = $0.prefix($0.count / 2 / page * page) }
            try FileManager.default.removeItem(atPath: $0 + "-wal")
        },
        Damage("the file is cut in the middle of a page", .refused(.corrupt)) {
            try change($0) { $0.removeLast(page + 100) }
            try FileManager.default.removeItem(atPath: $0 + "-wal")
        },
        Damage("the file is a text", .refused(.corrupt)) {
            try Data("this was a store once\n".utf8).write(to: URL(fileURLWithPath: $0))
            try FileManager.default.removeItem(atPath: $0 + "-wal")
        },
        Damage("the file is of a later release", .refused(.newer)) { try Database(path: $0, lockWait: .zero).run("PRAGMA user_version = 99") },
        Damage("the file is a database of somebody else", .refused(.foreign)) {
            for end in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: $0 + end) }
            try Database(path: $0, lockWait: .zero).run("CREATE TABLE customers (name TEXT)")
        },
    ]

    /// A store of which the first half is in the file and the second in the log; as it lies on the disk while it is open, which
    /// is how a crash leaves it.
    private func makeCrashed(_ path: String) async throws {
        let store = try openSQLite(path + ".live")
        _ = try await store.account(alice)
        for version in Int64(1)...40 { _ = try await store.commit(transition(version: version, [LedgerEntry(.bet, -2)], blob: padding)) }
        try await store.setUserdata("alice", #"{"level":2}"#)
        try Database(path: path + ".live", lockWait: .zero).checkpoint()
        for version in Int64(41)...50 { _ = try await store.commit(transition(version: version, [LedgerEntry(.bet, -2)], blob: padding)) }
        for end in ["", "-wal", "-shm"] { try FileManager.default.copyItem(atPath: path + ".live" + end, toPath: path + end) }
        await store.close()
    }

    private let padding = "{\"x\":\"\(String(repeating: "x", count: 1_000))\"}"

    @Test(arguments: damages)
    func aSpoiltFile(_ damage: Damage) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await makeCrashed(path)
            try damage.spoil(path)
            switch damage.outcome {
            case .refused(let code):
                let before = try Data(contentsOf: URL(fileURLWithPath: path))
                let error = try #require(throws: StoreError.self) { try openSQLite(path) }
                #expect(error.code == code, "\(error)")
                #expect(error.detail.contains(path))
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
                #expect(throws: StoreError.self) {
                    let report = try SQLiteStore.verify(path: path)
                    if !report.isSound { throw StoreError(.corrupt) }
                }
            case .whole, .earlier:
                let store = try openSQLite(path)
                let version = try await store.account(alice).version
                if case .whole = damage.outcome { #expect(version == 51) } else { #expect((41...50).contains(version)) }
                #expect(try await store.commit(transition(version: version, [LedgerEntry(.bet, -2)])).outcome?.version == version + 1)
                await store.close()
                try verify(path)
            }
        }
    }

    /// Bytes that turned at any place of the file: nothing ends the process, and what a start does not find `verify` finds,
    /// unless the bytes meant nothing.
    @Test func bytesThatTurn() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await makeCrashed(path)
            let whole = try openSQLite(path)
            let head = try await whole.account(alice)
            await whole.close()
            let intact = try Data(contentsOf: URL(fileURLWithPath: path))
            var generator = Seeded(11)
            var found = 0
            for _ in 0..<60 {
                var damaged = intact
                for _ in 0..<32 { damaged[Int.random(in: 0..<intact.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator) }
                try damaged.write(to: URL(fileURLWithPath: path))
                let isSound = (try? SQLiteStore.verify(path: path))?.isSound ?? false
                do {
                    let store = try openSQLite(path)
                    let now = try? await store.account(alice)
                    await store.close()
                    #expect(!isSound || now == head)
                } catch is StoreError {
                    found += 1
                    #expect(!isSound, "a start found what verify did not")
                }
                for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
            }
            #expect(found > 30, "of 60 damaged files a start found \(found)")
        }
    }
}
