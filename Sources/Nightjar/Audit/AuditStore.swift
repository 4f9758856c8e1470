import Foundation
import Store

/// How commands that look into a store open it, and what they say when they cannot.
enum AuditStore {
    static func history(_ settings: Settings) throws(CommandFailure) -> JournalHistory {
        guard access(settings.databasePath, F_OK) == 0 else { throw missing(settings) }
        do { return try JournalHistory(path: settings.databasePath) } catch { throw failure(error, settings) }
    }

    /// Runs what reads the store, and says what is wrong with it if it cannot be read.
    static func reading<Value>(_ settings: Settings, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as StoreError { throw failure(error, settings) }
    }

    static func failure(_ error: StoreError, _ settings: Settings) -> CommandFailure {
        let words = switch error.code {
        case .corrupt: "\(error.detail). nightjar verify \(settings.databasePath) lists what is wrong; restore a backup."
        case .lost: "\(error.detail). Put the file back: nightjar verify \(settings.databasePath) says which are missing."
        case .newer: "\(settings.databasePath) was written by a later release. Use the nightjar of that one."
        case .foreign: "\(settings.databasePath) is no store of this server. Name the data folder with --data-dir."
        case .invalid, .busy: "\(error.detail)."
        default: "\(settings.databasePath) cannot be used now: \(error.detail). Is there room, and are the files this user's?"
        }
        return CommandFailure(code: error.code.rawValue, description: words, status: 2)
    }

    private static func missing(_ settings: Settings) -> CommandFailure {
        CommandFailure(
            code: "no_store", description: "there is no store \(settings.databasePath). Name the server's data folder with --data-dir.", status: 2)
    }
}
