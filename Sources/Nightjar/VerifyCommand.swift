import ArgumentParser
import Foundation
import Store

/// Checks a store: journal, balances and sums. May run beside a server.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that a store's journal, balances and sums agree.",
        discussion: """
            Entries in archives are checked as those in the store. Prints the seal of the journal: note it somewhere else, and ask later with \
            --seal whether anything up to there was changed. Exit status 0: consistent; 1: problems, which are printed; 2: the file is no \
            store or cannot be read.
            """
    )

    @Argument(help: "The SQLite file, for instance data/nightjar.sqlite.")
    var path: String

    @Option(help: "Folder of the archives. Default: archive, beside the file.")
    var archives: String?

    @Option(help: "A seal that was noted, like 1200:9f86d0…")
    var seal: String?

    func run() async throws {
        try checkFile()
        let noted = try seal.map { text throws(CommandFailure) in
            guard let seal = JournalSeal(text) else {
                throw CommandFailure(code: "no_seal", description: "\(text) is no seal; one is an entry's number, a colon and 64 hexadecimal digits.")
            }
            return seal
        }
        let report: StoreReport
        do {
            report = try SQLiteStore.verify(path: path, archives: archives, seal: noted)
        } catch {
            throw unusable(Self.reason(error))
        }
        for problem in report.problems { Console.say("\(path): \(problem)") }
        let archived = report.archivedEntries > 0 ? " (\(report.archivedEntries) in archives)" : ""
        let facts = "\(report.entries) journal entries\(archived), \(report.accounts) accounts, ledger \(report.ledger), balances \(report.heads)"
        guard report.isSound else {
            if report.archivedEntries == 0, report.problems.contains(where: { $0.description.contains("are missing") }) {
                Console.say("\(path): entries that were archived lie in files of their own; if these were, name their folder with --archives")
            }
            Console.say("\(path): NOT consistent, \(report.problemCount) problems (\(facts))")
            throw ExitCode(1)
        }
        Console.say("\(path): consistent (\(facts))")
        if let noted { Console.say("\(path): up to entry \(noted.seq) as when the seal \(noted) was noted") }
        if let seal = report.seal { Console.say("seal \(seal)") }
    }

    /// Looks at what can be told apart without SQLite, whose words would not help.
    private func checkFile() throws(CommandFailure) {
        var info = stat()
        guard stat(path, &info) == 0 else { throw unusable("there is no such file. Name the server's store, like data/nightjar.sqlite.") }
        guard info.st_mode & S_IFMT == S_IFREG else {
            throw unusable("is not a file. Name the store in the data folder, like data/nightjar.sqlite.")
        }
        guard info.st_size > 0 else { throw unusable("is empty: no server has written to it. Is it the right file?") }
        guard let file = FileHandle(forReadingAtPath: path) else { throw unusable("may not be read by this user. Run this as the server's user.") }
        defer { try? file.close() }
        guard let head = try? file.read(upToCount: 16), head == Data("SQLite format 3\0".utf8) else {
            throw unusable("is not an SQLite file, or its beginning is destroyed. Is it the right file?")
        }
    }

    private static func reason(_ error: StoreError) -> String {
        switch error.code {
        case .corrupt: "is too damaged to be read. Restore a backup."
        case .newer: "was written by a newer release. Use that one, or restore a backup from before the upgrade."
        case .foreign, .invalid, .notFound: "is an SQLite file, but not a store of this server. Is it the right file?"
        default: "cannot be read now (\(error.code.rawValue)). Is it locked, or is the folder not writable?"
        }
    }

    private func unusable(_ reason: String) -> CommandFailure {
        CommandFailure(code: "no_store", description: "\(path): \(reason)", status: 2)
    }
}
