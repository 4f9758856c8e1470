import ArgumentParser
import Foundation
import Store

/// Copies the store of a server, running or not, into a file.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store into a file, while the server runs.",
        discussion: """
            The copy is one moment of the store and is checked as by nightjar verify before it gets its name. It is one file, with \
            mode 0600. Exit status 0: the backup is there and sound; 1: there is none.
            """
    )

    @OptionGroup var shared: SharedOptions

    @Argument(help: "File to make; it must not be there yet.")
    var file: String

    func run() async throws {
        umask(0o077)
        let settings = try await shared.settings()
        let began = ContinuousClock.now
        do {
            let report = try SQLiteStore.copy(path: settings.databasePath, to: file)
            let seconds = (ContinuousClock.now - began).components.seconds
            Console.say("\(file): a sound copy of \(settings.databasePath) (\(report.entries) journal entries, \(report.accounts) accounts, \(seconds) s)")
        } catch {
            throw CommandFailure(code: error.code.rawValue, description: Self.words(error, of: settings.databasePath, to: file))
        }
    }

    private static func words(_ error: StoreError, of path: String, to file: String) -> String {
        switch error.code {
        case .exists: "\(file) is there already. Name another file, or move it away."
        case .corrupt: "no backup: the store \(path) is damaged. nightjar verify lists what is wrong; keep the backups that you have."
        case .newer: "no backup: the store \(path) was written by a later release. Use the nightjar of that one."
        case .foreign: "no backup: \(path) is no store of this server. Name the data folder with --data-dir."
        case _ where access(path, R_OK) != 0:
            "no backup: there is no store \(path) that this user may read. Name the data folder with --data-dir."
        case _ where access(folder(of: file), F_OK) != 0:
            "no backup: there is no folder \(folder(of: file)). Make it first, or name a file in another one."
        default: "no backup: \(file) cannot be written, or \(path) not be read. Is there room, and are both this user's?"
        }
    }

    private static func folder(of file: String) -> String { URL(fileURLWithPath: file).deletingLastPathComponent().path }
}

/// Puts a backup in the place of the store.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup in the place of the store.",
        discussion: """
            The server must be stopped. The backup is checked first and stays as it is; the store that was there is kept beside the \
            new one, as nightjar.sqlite.before-TIME. Archives that the backup refers to come along. Exit status 0: the store is the \
            backup's; 1: nothing was changed.
            """
    )

    @OptionGroup var shared: SharedOptions

    @Argument(help: "A file made by nightjar backup.")
    var file: String

    @Option(help: "Folder of the backup's archives. Default: archive, beside the file.")
    var archives: String?

    func run() async throws {
        umask(0o077)
        let settings = try await shared.settings()
        guard access(file, R_OK) == 0 else {
            throw CommandFailure(code: "no_backup", description: "\(file): there is no such file that this user may read. Name a file made by nightjar backup.")
        }
        var status = stat()
        guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw CommandFailure(code: "no_backup", description: "\(file): is no file but a folder, a pipe or a device. Name a file made by nightjar backup.")
        }
        try DataFolder.make(settings.dataDirectory)
        let lock = try DataFolderLock(folder: settings.dataDirectory)
        defer { withExtendedLifetime(lock) {} }
        do {
            let stamp = LogClock.utc().filter { $0.isNumber || $0 == "T" }.prefix(15)
            let (report, former) = try SQLiteStore.restore(path: settings.databasePath, from: file, archives: archives, stamp: String(stamp))
            Console.say("\(settings.databasePath): is now \(file) (\(report.entries) journal entries, \(report.accounts) accounts)")
            if let former { Console.say("the former store is \(former)") }
        } catch {
            let words = switch error.code {
            case .corrupt: "\(file) is no sound backup; nothing was changed. nightjar verify says all that is wrong with it. \(error.detail)"
            case .foreign: "\(file) is no sound backup; nothing was changed. nightjar verify says what is wrong with it."
            case .exists: "\(error.detail) is in the way of an archive of the backup; nothing was changed. Move that file away, and restore again."
            case .newer: "\(file) was written by a later release; nothing was changed. Use the nightjar of that one."
            case .busy: "\(error.detail)."
            case .archiveMissing: "\(file): \(error.detail). Nothing was changed. Name the folder they are in with --archives."
            default: "\(settings.databasePath) cannot be replaced: \(error.detail). Is there room, and is the folder this user's?"
            }
            throw CommandFailure(code: error.code.rawValue, description: words)
        }
    }
}
