import Bytes
import Foundation
import Logging
@testable import Store
import NightjarTesting
import Synchronization
import Testing

/// What a store says of level error.
private final class Errors: Sendable {
    private let lines = Lock<[(message: String, fields: String)]>([])
    var all: [(message: String, fields: String)] { lines.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(errors: self) } }

    private struct Handler: LogHandler {
        let errors: Errors
        var logLevel = Logger.Level.error
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            errors.lines.withLock { $0.append((event.message.description, fields)) }
        }
    }
}

/// Old entries of the journal are moved to compressed files; everything that was known is known afterwards.
@Suite struct ArchiveTests {
    static let bob = AccountKey(realm: "demo", user: "bob \"the\" buílder\n", denom: "credit")
    static let idle = AccountKey(realm: "demo", user: "idle", denom: "credit")

    /// A store with some hundred entries: two who play two games, one who does nothing any more, adjustments, states and bodies that
    /// are no text, a game that was cleared.
    static func makeStore(_ path: String, entries: Int = 400, clock: ManualClock = ManualClock()) async throws {
        let store = try openSQLite(path, clock: clock)
        for key in [alice, bob, idle] { _ = try await store.account(key) }
        _ = try await store.commit(transition(idle, version: 1, [LedgerEntry(.bet, -3)], game: halloween, blob: #"{"idle":true}"#, openedAt: 7))
        var generator = Seeded(3)
        var versions: [AccountKey: Int64] = [alice: 1, bob: 1]
        for number in 4..<entries {
            clock.advance(1_000)
            let key = number % 3 == 0 ? bob : alice
            let id = StateID.random(using: &generator)
            var step = transition(
                key, version: versions[key] ?? 0, [LedgerEntry(number % 4 == 0 ? .win : .bet, number % 4 == 0 ? 3 : -1)], id: id,
                game: number % 50 == 7 ? halloween : joker,
                blob: #"{"id":"\#(id)","text":"\#(String(repeating: "0123456789", count: 30))","n":\#(number),"é":"\n"}"#)
            step.displaces = true
            // Some with a half that the engine keeps to itself, and with an open round.
            if number % 5 == 0, case .set(var slot) = step.slot {
                let round = Round(id: id, startedAt: 1_700_000_000_000, ops: [LedgerEntry(.bet, -1)], marks: number % 10 == 0 ? [.maxWin] : [])
                slot = GameSlot(key: slot.key, id: id, engineVersion: 3, blob: slot.blob, hidden: number % 15 == 0 ? [0xC3, 0] : Array(#"{"deck":[3,1,2]}"#.utf8), round: round)
                step.slot = .set(slot)
            }
            step.body = number % 41 == 0 ? [0xFF, 0, 1, 2] : number % 37 == 0 ? [] : Array(#"{"number":\#(number),"id":"\#(id)","more":"\\"}"#.utf8)
            if number % 29 == 0 { (step.kind, step.slot) = (.adjustment, .keep) }
            if number % 83 == 0 { step.slot = .clear }
            #expect(try await store.commit(step).outcome != nil)
            versions[key, default: 0] += 1
        }
        await store.close()
    }

    /// The whole journal, as a command sees it.
    static func history(_ path: String) throws -> [HistoryEntry] {
        var entries: [HistoryEntry] = []
        try JournalHistory(path: path).forEach {
            entries.append($0)
            return true
        }
        return entries
    }

    static func archiver(_ path: String, fileEntries: Int = 64) throws -> Archiver {
        var archiver = try Archiver(path: path, folder: ArchivedPiece.folder(of: path))
        archiver.bounds = Archiver.Bounds(
            fileEntries: fileEntries, fileEntriesMin: 16, fileBytes: 1 << 20, keptEntries: 20, deletedRows: 50, pause: 0)
        return archiver
    }

    static func rows(_ path: String) throws -> Int64 {
        try Database(path: path, access: .readOnly, lockWait: .zero).integer("SELECT count(*) FROM journal") ?? 0
    }

    /// After a restore the same entries are played otherwise; the files of the store that was put aside stay what they are.
    @Test func aFileOfAnotherStoreIsNotWrittenOver() async throws {
        try await withFolder { folder in
            let (path, other) = (folder + "/s", folder + "/other")
            let clock = ManualClock()
            try await Self.makeStore(path, clock: clock)
            // The same numbers, other entries: the accounts open with other ids.
            try await Self.makeStore(other, clock: clock)
            let first = try Self.archiver(path).run(before: clock.now + 1) { _ in }.files
            let second = try Self.archiver(other).run(before: clock.now + 1) { _ in }.files
            #expect(first.count == second.count && Set(first).isDisjoint(with: second), "\(second)")
            #expect(try verify(path).isSound && verify(other).isSound)
            #expect(try verify(path).archivedEntries == 380)
        }
    }

    @Test func aBackupIsRestoredWithItsArchives() async throws {
        try await withFolder { folder in
            let files = FileManager.default
            for name in ["data", "backups", "fresh", "third"] { try files.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: false) }
            let (path, backup, fresh, third) = ("\(folder)/data/s", "\(folder)/backups/b", "\(folder)/fresh/s", "\(folder)/third/s")
            let clock = ManualClock()
            try await Self.makeStore(path, clock: clock)
            let before = try Self.history(path)
            let names = try Self.archiver(path).run(before: clock.now + 1) { _ in }.files
            _ = try SQLiteStore.copy(path: path, to: backup)

            // Without them nothing happens.
            let missing = #expect(throws: StoreError.self) { try SQLiteStore.restore(path: fresh, from: backup, stamp: "1") }
            #expect(missing?.code == .archiveMissing && missing?.detail.contains(names[0]) == true, "\(String(describing: missing))")
            #expect(try files.contentsOfDirectory(atPath: folder + "/fresh") == [])
            // Another file of that name is not the archive.
            try files.copyItem(atPath: folder + "/data/archive", toPath: folder + "/backups/archive")
            let (first, second) = ("\(folder)/backups/archive/\(names[0])", "\(folder)/backups/archive/\(names[1])")
            try files.moveItem(atPath: first, toPath: first + ".kept")
            try files.copyItem(atPath: second, toPath: first)
            let other = #expect(throws: StoreError.self) { try SQLiteStore.restore(path: fresh, from: backup, stamp: "1") }
            #expect(other?.code == .archiveMissing && other?.detail.contains(first) == true, "\(String(describing: other))")
            #expect(try files.contentsOfDirectory(atPath: folder + "/fresh") == [])
            try files.removeItem(atPath: first)
            try files.moveItem(atPath: first + ".kept", toPath: first)
            // What was brought for a backup that is damaged itself is taken away again.
            let bent = folder + "/backups/bent"
            try files.copyItem(atPath: backup, toPath: bent)
            try Database(path: bent, lockWait: .zero).run("UPDATE head SET credits = credits + 1")
            let damaged = #expect(throws: StoreError.self) { try SQLiteStore.restore(path: fresh, from: bent, stamp: "1") }
            #expect(damaged?.code == .corrupt)
            #expect(try files.contentsOfDirectory(atPath: folder + "/fresh/archive") == [])

            // Nor does anything happen while somebody else writes into the folder.
            do {
                let other = try ArchiveLock(folder: folder + "/fresh/archive")
                let busy = #expect(throws: StoreError.self) { try SQLiteStore.restore(path: fresh, from: backup, stamp: "1") }
                #expect(try busy?.code == .busy && files.contentsOfDirectory(atPath: folder + "/fresh/archive") == [])
                withExtendedLifetime(other) {}
            }

            #expect(try SQLiteStore.restore(path: fresh, from: backup, stamp: "1").report.isSound)
            #expect(try verify(fresh).archivedEntries == 380)
            #expect(try Self.history(fresh) == before)
            // A second time they are there; elsewhere they are where it is said.
            #expect(try SQLiteStore.restore(path: fresh, from: backup, archives: folder, stamp: "2").former != nil)
            #expect(try SQLiteStore.restore(path: third, from: backup, archives: folder + "/data/archive", stamp: "1").report.isSound)
            #expect(try Self.history(third) == before)

            // Who plays on without them is told.
            try files.removeItem(atPath: folder + "/third/archive/" + names[2])
            let errors = Errors()
            try await SQLiteStore(path: third, options: SQLiteStore.Options(), logger: errors.logger).close()
            #expect(errors.all.map(\.fields) == ["first=\(names[2]) folder=\(folder)/third/archive missing=1"])
            #expect(errors.all.first?.message.contains("are not there") == true)
        }
    }

    /// Their archives have the same names and other entries.
    @Test func aBackupIsRestoredBesideTheArchivesOfAnotherStore() async throws {
        try await withFolder { folder in
            let files = FileManager.default
            for name in ["data", "origin", "backups"] { try files.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: false) }
            let (path, origin, backup) = ("\(folder)/data/s", "\(folder)/origin/s", "\(folder)/backups/b")
            let clock = ManualClock()
            for store in [path, origin] { try await Self.makeStore(store, clock: clock) }
            let others = try Self.archiver(path).run(before: clock.now + 1) { _ in }.files
            let names = try Self.archiver(origin).run(before: clock.now + 1) { _ in }.files
            #expect(names == others)
            _ = try SQLiteStore.copy(path: origin, to: backup)
            try files.copyItem(atPath: folder + "/origin/archive", toPath: folder + "/backups/archive")
            let (mine, before) = (try Self.history(path), try Self.history(origin))

            let former = try #require(try SQLiteStore.restore(path: path, from: backup, stamp: "1").former)
            for store in [path, former] { #expect(try verify(store).archivedEntries == 380) }
            #expect(try Self.history(path) == before)
            #expect(try Self.history(former) == mine)
            // A second time they are there, under the names that they have got.
            let archived = try files.contentsOfDirectory(atPath: folder + "/data/archive")
            #expect(archived.count == 2 * names.count)
            #expect(try SQLiteStore.restore(path: path, from: backup, archives: folder, stamp: "2").report.isSound)
            // What has that name as well and is something else is named, and nothing happens.
            let file = try #require(archived.first { !others.contains($0) })
            try Data("something else".utf8).write(to: URL(fileURLWithPath: "\(folder)/data/archive/\(file)"))
            let error = #expect(throws: StoreError.self) { try SQLiteStore.restore(path: path, from: backup, stamp: "3") }
            #expect(error == StoreError(.exists, "\(folder)/data/archive/\(file)"))
            let after = try files.contentsOfDirectory(atPath: folder + "/data/archive")
            #expect(Set(after) == Set(archived))
        }
    }

    @Test func whatWasKnownIsKnownAfterwards() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let clock = ManualClock()
            try await Self.makeStore(path, clock: clock)
            let before = try Self.history(path)
            let sealBefore = try #require(try verify(path).seal)
            var store = try openSQLite(path, clock: clock)
            let accounts = try await [store.account(alice), store.account(Self.bob), store.account(Self.idle)]
            let sums = try await store.sums()
            await store.close()

            var told: [String] = []
            let report = try Self.archiver(path).run(before: clock.now + 1) { told.append($0) }
            #expect(report.entries == 380 && report.lastSeq == 380 && report.files.count == 6)
            #expect(told == report.files && told.first == "journal-0000000001-0000000064.jsonl.gz")
            #expect(report.deleted > 300)
            #expect(try Self.rows(path) == Int64(400 - report.deleted))
            let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/archive").sorted()
            #expect(files == report.files)
            let mode = try FileManager.default.attributesOfItem(atPath: folder + "/archive/" + files[0])[.posixPermissions] as? Int
            #expect(mode == 0o600)

            let checked = try verify(path)
            #expect(checked.entries == 400 && checked.archivedEntries == 380)
            #expect(checked.seal == sealBefore)
            #expect(try Self.history(path) == before)
            // One after the other backwards, across files.
            let history = try JournalHistory(path: path)
            var backwards: [HistoryEntry] = []
            try history.backwards(from: try history.lastSeq(of: alice)) {
                backwards.append($0)
                return true
            }
            #expect(backwards == before.filter { $0.entry.account == alice }.reversed())
            #expect(try history.seq(ofTransition: before[100].entry.id) == 101)
            #expect(try history.entry(77) == before[76])
            #expect(try history.accounts(of: Self.bob.user) == [Self.bob])

            // And the store goes on as if nothing had been.
            store = try openSQLite(path, clock: clock)
            #expect(try await [store.account(alice), store.account(Self.bob), store.account(Self.idle)] == accounts)
            #expect(try await store.sums() == sums)
            #expect(try await store.lastGames(alice, limit: 1_000).allSatisfy { $0.seq > 380 })
            #expect(try await store.journal().map(\.seq) == Array(381...400))
            let adjustment = try #require(before.first { $0.entry.kind == .adjustment && $0.entry.seq < 300 })
            var again = transition(adjustment.entry.account, version: 1, [LedgerEntry(.win, 3)], id: adjustment.entry.id, game: nil)
            again.kind = .adjustment
            #expect(try await store.commit(again) == .duplicate(credits: adjustment.entry.credits, version: adjustment.entry.version))
            #expect(try await store.commit(transition(Self.idle, version: 2, [LedgerEntry(.bet, -1)], game: halloween)).outcome?.version == 3)
            for number in 0..<100 {
                #expect(try await store.commit(transition(version: accounts[0].version + Int64(number), [LedgerEntry(.win, 1)], game: nil)).outcome != nil)
            }
            await store.close()
            try verify(path)

            // The next run goes on behind, and lets go what was still needed then.
            let second = try Self.archiver(path).run(before: clock.now + 1) { _ in }
            #expect(second.lastSeq == 481 && second.files.first == "journal-0000000381-0000000444.jsonl.gz")
            let third = try Self.archiver(path).run(before: clock.now + 1) { _ in }
            #expect(third.entries == 0 && third.deleted == 0)
            #expect(try verify(path).entries == 501)
            #expect(try Self.history(path).prefix(400) == before[...])
        }
    }

    @Test func youngEntriesStay() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            let clock = ManualClock()
            try await Self.makeStore(path, clock: clock)
            // An entry a second.
            let report = try Self.archiver(path).run(before: clock.now - 199 * 1_000) { _ in }
            #expect(report.lastSeq == 192)
            // Eight are left, and four more are fewer than make a file.
            let rest = try Self.archiver(path).run(before: clock.now - 195 * 1_000) { _ in }
            #expect(rest.entries == 0)
            // With the bounds of a server everything is young here.
            let real = try SQLiteStore.archive(path: path, before: .max)
            #expect(real.entries == 0 && real.lastSeq == 192)
            try verify(path)
        }
    }

    /// Wherever a run ends, by a crash say, everything is there, and the next one finishes.
    @Test(arguments: Archiver.Moment.allCases, [1, 3])
    func anInterruptedRunLosesNothing(_ moment: Archiver.Moment, _ passes: Int) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await Self.makeStore(path)
            let before = try Self.history(path)
            var archiver = try Self.archiver(path)
            var left = passes
            archiver.interruption = { (passed: Archiver.Moment) throws(StoreError) in
                if passed == moment { left -= 1 }
                if left == 0 { throw StoreError(.unavailable, "interrupted") }
            }
            let isReached = moment != .rowsNotDeleted || passes == 1
            do {
                _ = try archiver.run(before: .max) { _ in }
                #expect(!isReached)
            } catch { #expect(isReached && (error as? StoreError)?.detail == "interrupted") }
            #expect(try verify(path).entries == 400)
            #expect(try Self.history(path) == before)
            let store = try openSQLite(path)
            #expect(try await store.account(Self.idle).active?.blob == Array(#"{"idle":true}"#.utf8))
            await store.close()
            let report = try Self.archiver(path).run(before: .max) { _ in }
            #expect(report.lastSeq == 380)
            #expect(try verify(path).archivedEntries == 380)
            #expect(try Self.history(path) == before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/archive").allSatisfy { $0.hasSuffix(".gz") })
            #expect(try Self.rows(path) < 100)
        }
    }

    @Test(arguments: Archiver.Moment.allCases)
    func aSecondRunBesideOneTouchesNothing(_ moment: Archiver.Moment) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await Self.makeStore(path)
            let before = try Self.history(path)
            func files() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder + "/archive").sorted()) ?? [] }
            var seconds = 0
            var archiver = try Self.archiver(path)
            archiver.interruption = { (passed: Archiver.Moment) throws(StoreError) in
                guard passed == moment else { return }
                let there = files()
                seconds += 1
                let refused = #expect(throws: StoreError.self) { try Self.archiver(path).run(before: .max) { _ in } }
                #expect(refused?.code == .busy && refused?.detail.contains("another nightjar archive") == true)
                #expect(files() == there)
            }
            let report = try archiver.run(before: .max) { _ in }
            #expect(seconds > 0 && report.lastSeq == 380)
            #expect(try verify(path).archivedEntries == 380 && Self.history(path) == before)
            // Afterwards there is nothing in the way.
            #expect(try Self.archiver(path).run(before: .max) { _ in }.entries == 0)
        }
    }

    @Test func aServerWritesMeanwhile() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await Self.makeStore(path, entries: 1_500)
            let store = try openSQLite(path, lockWait: 20_000)
            let first = try await store.account(alice).version
            let writing = Task {
                var version = first
                while !Task.isCancelled {
                    let step = transition(version: version, [LedgerEntry(.win, 1)], blob: #"{"n":\#(version),"text":"\#(String(repeating: "0123456789", count: 30))"}"#)
                    guard case .committed(_, let next) = try await store.commit(step) else {
                        Issue.record("not committed")
                        return version
                    }
                    #expect(try await store.commit(step).outcome?.version == next)
                    version = next
                }
                return version
            }
            defer { writing.cancel() }
            // Several runs, so that heads and bases move on between them.
            for _ in 0..<4 {
                try await blocking {
                    var archiver = try Self.archiver(path, fileEntries: 128)
                    archiver.bounds.pause = 1
                    _ = try archiver.run(before: .max) { _ in }
                }
            }
            writing.cancel()
            let last = try await writing.value
            #expect(last > first)
            #expect(try await store.account(alice).version == last)
            await store.close()
            let report = try verify(path)
            #expect(report.entries == 1_500 + last - first && report.archivedEntries > 1_400)
            let reopened = try openSQLite(path)
            #expect(try await reopened.account(alice).version == last)
            await reopened.close()
        }
    }

    // MARK: Damage

    private static func repack(_ file: String, _ change: (String) -> String) throws {
        let packed = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        let text = try #require(Gzip.decompressed(packed, limit: .max))
        let changed = try #require(Gzip.compressed(Array(change(String(decoding: text, as: UTF8.self)).utf8)))
        try Data(changed).write(to: URL(fileURLWithPath: file))
    }

    struct Damage: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let code: StoreReport.Problem.Code
        let seq: Int64
        let words: String
        let spoil: @Sendable (_ folder: String, _ file: String, _ path: String) throws -> Void
    }

    static let damages: [Damage] = [
        Damage(testDescription: "a file is gone", code: .archive, seq: 65, words: "is not there") { _, file, _ in
            try FileManager.default.removeItem(atPath: file)
        },
        Damage(testDescription: "a bit has flipped", code: .archive, seq: 65, words: "gzip") { _, file, _ in
            var data = try Data(contentsOf: URL(fileURLWithPath: file))
            data[data.count / 2] ^= 4
            try data.write(to: URL(fileURLWithPath: file))
        },
        Damage(testDescription: "a file is cut", code: .archive, seq: 65, words: "gzip") { _, file, _ in
            let data = try Data(contentsOf: URL(fileURLWithPath: file))
            try data.prefix(data.count - 9).write(to: URL(fileURLWithPath: file))
        },
        Damage(testDescription: "an entry was changed and packed again", code: .chain, seq: 100, words: "checksum") { _, file, _ in
            try repack(file) { $0.replacingOccurrences(of: #"{\"number\":99,"#, with: #"{\"number\":98,"#) }
        },
        Damage(testDescription: "an entry was taken out", code: .chain, seq: 101, words: "100 to 100 are missing") { _, file, _ in
            try repack(file) { $0.split(separator: "\n").filter { !$0.hasPrefix(#"{"seq":100,"#) }.joined(separator: "\n") + "\n" }
        },
        Damage(testDescription: "an entry has the largest number", code: .chain, seq: 101, words: "100 to 100 are missing") { _, file, _ in
            try repack(file) { $0.replacingOccurrences(of: "\n{\"seq\":100,", with: "\n{\"seq\":9223372036854775807,") }
        },
        Damage(testDescription: "a file is a pipe", code: .archive, seq: 65, words: "it is no file") { _, file, _ in
            try FileManager.default.removeItem(atPath: file)
            #expect(mkfifo(file, 0o600) == 0)
        },
        Damage(testDescription: "a line is none", code: .archive, seq: 65, words: "line 2 cannot be read") { _, file, _ in
            try repack(file) { $0.replacingOccurrences(of: #""previous""#, with: #""previous" "#) }
        },
        Damage(testDescription: "of a later format", code: .archive, seq: 65, words: "later release") { _, file, _ in
            try repack(file) { $0.replacingOccurrences(of: #"{"nightjar_journal":1"#, with: #"{"nightjar_journal":2"#) }
        },
        Damage(testDescription: "another file has its name", code: .archive, seq: 65, words: "not as it was made") { folder, file, _ in
            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.copyItem(atPath: folder + "/archive/journal-0000000129-0000000192.jsonl.gz", toPath: file)
        },
        Damage(testDescription: "what is left of an entry in the journal is another one", code: .archive, seq: 4, words: "another one") { _, _, path in
            try Database(path: path, lockWait: .zero).run("UPDATE journal SET credits = credits + 1 WHERE seq = 4")
        },
        Damage(testDescription: "the store says otherwise of a file", code: .archive, seq: 65, words: "not as it was made") { _, _, path in
            try Database(path: path, lockWait: .zero).run("UPDATE archive SET delta = delta + 1 WHERE first = 65")
        },
    ]

    @Test(arguments: damages) func damageIsNamed(_ damage: Damage) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await Self.makeStore(path)
            _ = try Self.archiver(path).run(before: .max) { _ in }
            try damage.spoil(folder, folder + "/archive/journal-0000000065-0000000128.jsonl.gz", path)
            let report = try SQLiteStore.verify(path: path)
            let first = try #require(report.problems.first)
            #expect(report.problems.contains { $0.code == damage.code && $0.seq == damage.seq && $0.detail.contains(damage.words) }, "\(report.problems)")
            #expect(first.seq == damage.seq, "\(report.problems)")
            // Who reads on is told as well, and gets nothing that was changed.
            if damage.code == .archive, damage.seq == 65, !damage.testDescription.hasPrefix("the store") {
                #expect(throws: StoreError.self) { try Self.history(path) }
            }
        }
    }

    /// Somebody who can write to the store changes an entry and calculates all checksums behind it anew: only a seal tells.
    @Test(arguments: [true, false]) func aForgedJournalIsFoundByItsSeal(isArchived: Bool) async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await Self.makeStore(path)
            let seal = try #require(try verify(path).seal)
            #expect(JournalSeal("\(seal)") == seal && seal.seq == 400)
            #expect(try SQLiteStore.verify(path: path, seal: seal).isSound)
            let database = try Database(path: path, lockWait: .zero)
            try database.run("UPDATE journal SET at = at - 1 WHERE seq = 200")
            var chain = UInt64(bitPattern: try #require(try database.integer("SELECT chain FROM journal WHERE seq = 199")))
            for seq in 200...400 {
                let rows = try Statement(database.connection, "SELECT \(JournalRow.columns) FROM journal WHERE seq = \(seq)")
                try #require(try rows.step())
                chain = try #require(try JournalRow.read(rows, database)).row.chain(after: chain)
                rows.finish()
                try database.run("UPDATE journal SET chain = \(Int64(bitPattern: chain)) WHERE seq = \(seq)")
            }
            if isArchived { _ = try Self.archiver(path).run(before: .max) { _ in } }
            #expect(try SQLiteStore.verify(path: path).isSound)
            let report = try SQLiteStore.verify(path: path, seal: seal)
            #expect(report.problems.map(\.code) == [.seal], "\(report.problems)")
            // Of the part before nothing was changed; of a part that is not there nothing can be said.
            let sooner = try #require(JournalSeal("0:" + String(repeating: "0", count: 64)))
            #expect(try SQLiteStore.verify(path: path, seal: sooner).isSound)
            let later = try #require(JournalSeal("401:" + String(repeating: "0", count: 64)))
            #expect(try SQLiteStore.verify(path: path, seal: later).problems.map(\.code) == [.seal])
        }
    }

    @Test func whatIsNoSealIsNone() {
        let digits = String(repeating: "ab", count: 32)
        #expect(JournalSeal("12:\(digits)")?.seq == 12)
        #expect(JournalSeal("12:\(digits.uppercased())")?.description == "12:\(digits)")
        for text in ["", "12", "12:", ":\(digits)", "-1:\(digits)", "12:\(digits)0", "12:\(digits.dropLast())", "12:\(digits):1", "x:\(digits)"] {
            #expect(JournalSeal(text) == nil, "\(text)")
        }
    }

    /// A backup is checked with the archives of the store it is of; checked elsewhere, it says that they are missing.
    @Test func aBackupNeedsTheArchives() async throws {
        try await withFolder { folder in
            let path = folder + "/data/store.sqlite"
            try FileManager.default.createDirectory(atPath: folder + "/data", withIntermediateDirectories: false)
            try await Self.makeStore(path)
            _ = try Self.archiver(path).run(before: .max) { _ in }
            let copy = folder + "/copy.sqlite"
            #expect(try SQLiteStore.copy(path: path, to: copy).entries == 400)
            #expect(try SQLiteStore.verify(path: copy).problems.first?.code == .archive)
            #expect(try SQLiteStore.verify(path: copy, archives: folder + "/data/archive").isSound)
        }
    }

    /// The program of docs/casino-audit.md that needs nothing of this server calculates the same seal.
    @Test func anybodyCanCalculateTheSeal() async throws {
        try await withFolder { folder in
            let path = folder + "/store.sqlite"
            try await Self.makeStore(path)
            _ = try Self.archiver(path).run(before: .max) { _ in }
            let archived = try Database(path: path, access: .readOnly, lockWait: .zero)
            let pieces = try ArchivedPiece.all(archived)
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
            let page = try String(contentsOfFile: root + "/docs/casino-audit.md", encoding: .utf8)
            let start = try #require(page.range(of: "```python\n"))
            let end = try #require(page.range(of: "```", range: start.upperBound..<page.endIndex))
            let python = try EndedProcess.run(
                URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-c", String(page[start.upperBound..<end.lowerBound]), folder + "/archive"])
            #expect(python.output == "\(try #require(pieces.last).seal)\n")
        }
    }
}
