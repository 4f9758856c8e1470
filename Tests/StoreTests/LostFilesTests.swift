import Foundation
import NIOPosix
@testable import Store
import Testing

/// The files of a store that is open are deleted, moved or replaced: nothing is acknowledged into nothing.
@Suite struct LostFilesTests {
    private let bet = transition(version: 1, [LedgerEntry(.bet, -4)])

    /// A loss, and what undoes it.
    struct Loss: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let words: String
        let lose: @Sendable (_ folder: String) throws -> Void
        var restore: (@Sendable (_ folder: String) throws -> Void)?
    }

    private static func move(_ from: String, _ to: String) throws { try FileManager.default.moveItem(atPath: from, toPath: to) }

    static let losses: [Loss] = [
        Loss(testDescription: "the folder is moved away", words: "not there any more") {
            try move($0 + "/data", $0 + "/aside")
        } restore: {
            try move($0 + "/aside", $0 + "/data")
        },
        Loss(testDescription: "the folder is deleted", words: "not there any more") {
            try FileManager.default.removeItem(atPath: $0 + "/data")
        },
        Loss(testDescription: "the folder is replaced by a copy", words: "another file") {
            try move($0 + "/data", $0 + "/aside")
            try FileManager.default.copyItem(atPath: $0 + "/aside", toPath: $0 + "/data")
        } restore: {
            try move($0 + "/data", $0 + "/copy")
            try move($0 + "/aside", $0 + "/data")
        },
        Loss(testDescription: "the file is replaced", words: "another file") {
            try move($0 + "/data/store.sqlite", $0 + "/aside")
            try FileManager.default.copyItem(atPath: $0 + "/aside", toPath: $0 + "/data/store.sqlite")
        } restore: {
            try FileManager.default.removeItem(atPath: $0 + "/data/store.sqlite")
            try move($0 + "/aside", $0 + "/data/store.sqlite")
        },
        Loss(testDescription: "the write-ahead log is deleted", words: "store.sqlite-wal is not there") {
            try FileManager.default.removeItem(atPath: $0 + "/data/store.sqlite-wal")
        },
        Loss(testDescription: "the index of the log is deleted", words: "store.sqlite-shm is not there") {
            try FileManager.default.removeItem(atPath: $0 + "/data/store.sqlite-shm")
        },
        Loss(testDescription: "the mark of the folder is deleted", words: "mark is not there") {
            try FileManager.default.removeItem(atPath: $0 + "/data/mark")
        },
    ]

    @Test(arguments: losses)
    func nothingIsAcknowledgedIntoNothing(_ loss: Loss) async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/data", withIntermediateDirectories: true)
            try Data().write(to: URL(fileURLWithPath: folder + "/data/mark"))
            let store = try openSQLite(folder + "/data/store.sqlite", companions: [folder + "/data/mark"])
            _ = try await store.account(alice)
            try loss.lose(folder)
            for _ in 0..<2 {
                guard case .unavailable(let error) = try await store.commit(bet) else {
                    Issue.record("a bet was acknowledged")
                    break
                }
                #expect(error.code == .lost)
                #expect(error.detail.contains(loss.words) && error.detail.contains("server"), "\(error)")
            }
            await #expect(throws: StoreError.self) { try await store.set(StoreKey(realm: "demo", name: "k"), "v") }
            if let restore = loss.restore {
                try restore(folder)
                #expect(try await store.commit(bet) == .committed(credits: 996, version: 2))
                #expect(try await store.commit(bet) == .duplicate(credits: 996, version: 2))
            }
            await store.close()
            if loss.restore != nil { #expect(try verify(folder + "/data/store.sqlite").entries == 2) }
        }
    }

    /// docs/operations.md: as long as the server runs, what was deleted can be copied from its descriptors.
    @Test func whatWasDeletedCanBeSaved() async throws {
        try await withFolder { folder in
            let (data, saved) = (folder + "/data", folder + "/saved")
            for path in [data, saved] { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
            let store = try openSQLite(data + "/store.sqlite")
            _ = try await store.account(alice)
            #expect(try await store.commit(bet) == .committed(credits: 996, version: 2))
            try FileManager.default.removeItem(atPath: data)
            guard case .unavailable = try await store.commit(transition(version: 2, [LedgerEntry(.bet, -4)])) else {
                Issue.record("a bet was acknowledged")
                return
            }
            for end in ["", "-wal"] {
                let descriptor = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").first {
                    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)) == "\(data)/store.sqlite\(end) (deleted)"
                }
                let content = try Data(contentsOf: URL(fileURLWithPath: "/proc/self/fd/" + #require(descriptor)))
                try content.write(to: URL(fileURLWithPath: saved + "/store.sqlite" + end))
            }
            await store.close()
            #expect(try verify(saved + "/store.sqlite").entries == 2)
        }
    }

    /// The files go while a transaction is under way: it is durable nowhere, so it is not acknowledged; when they come back it
    /// may be there or not, and the same id finds out.
    @Test func aCommitThatEndsInAFileThatIsGoneIsNotAcknowledged() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/data", withIntermediateDirectories: true)
            let store = try openSQLite(folder + "/data/store.sqlite")
            _ = try await store.account(alice)
            let (data, aside) = (folder + "/data", folder + "/aside")
            let moving: Void? = try? await store.within { try FileManager.default.moveItem(atPath: data, toPath: aside) }
            #expect(moving == nil, "the group in which the folder went was acknowledged")
            try FileManager.default.moveItem(atPath: aside, toPath: data)
            #expect(try await store.commit(bet) == .committed(credits: 996, version: 2))
            await store.close()
            try verify(data + "/store.sqlite")
        }
    }
}

extension SQLiteStore {
    /// Runs `body` within a transaction of the writer.
    fileprivate func within(_ body: @escaping @Sendable () throws -> Void) async throws {
        try await withCheckedContinuation { (continuation: CheckedContinuation<Result<Void, StoreError>, Never>) in
            write(on: testLoops.next(), { continuation.resume(returning: $0) }) { _ in try body() }
        }.get()
    }
}
