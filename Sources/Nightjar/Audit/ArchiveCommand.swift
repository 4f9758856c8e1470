import ArgumentParser
import Foundation
import Store

/// Moves old entries of the journal to compressed files.
struct ArchiveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Move old journal entries to compressed files, while the server runs.",
        discussion: """
            The files lie in the folder archive of the data folder and are never changed: back them up once, together with the store. \
            nightjar verify, replay and rounds read them as if the entries were still in the store. The latest 1,024 entries stay. \
            It may be interrupted and started again. Exit status 0: done, also if there was nothing to do; 1: something is wrong with the \
            store; 2: there is none, or it cannot be used.
            """
    )

    @OptionGroup var shared: SharedOptions

    @Option(help: "Entries that are older than so many days, 0 or more.")
    var days = 30

    private static let dayMilliseconds: Int64 = 86_400_000

    func run() async throws {
        umask(0o077)
        let settings = try await shared.settings()
        guard (0...100_000).contains(days) else { throw CommandFailure(code: "range", description: "--days must be 0 or more.") }
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        var progress = Progress()
        let report: ArchiveReport
        do {
            report = try SQLiteStore.archive(path: settings.databasePath, before: now - Int64(days) * Self.dayMilliseconds) { progress.tell($0) }
            progress.end()
        } catch {
            progress.end()
            var failure = AuditStore.failure(error, settings)
            if error.code == .corrupt { failure.status = 1 }
            if error.code == .lost, access(settings.databasePath, F_OK) != 0 {
                failure = CommandFailure(
                    code: "no_store", description: "there is no store \(settings.databasePath). Name the server's data folder with --data-dir.", status: 2)
            }
            throw failure
        }
        let folder = settings.dataDirectory + "/archive"
        guard report.entries > 0 else {
            let before = report.lastSeq > 0 ? "entries up to \(report.lastSeq) are in \(folder)" : "nothing was archived yet"
            return Console.say("nothing to archive: there are fewer than 1,024 entries older than \(days) days behind the latest 1,024; \(before)")
        }
        Console.say("\(folder): \(report.entries) entries in \(report.files.count) files, \(report.bytes) bytes; entries up to \(report.lastSeq) are there now")
        Console.say("\(report.deleted) of them were deleted from \(settings.databasePath); their room is used for new ones")
    }
}
