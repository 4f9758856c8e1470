import Transport

/// What `nightjar logs dump` needs to know.
struct LogDumpSettings: Sendable, Equatable {
    /// Where to listen.
    var endpoint: WebSocketURL
    /// The SQLite file.
    var databasePath: String
    /// What a server asks for that shows its own lines only to who has it; nil: none.
    var token: String?

    /// Takes the options, else the environment.
    /// - Throws: ``LogDumpError`` with the code `settings`, saying everything that is missing or wrong.
    init(endpoint: String?, database: String?, environment: [String: String]) throws(LogDumpError) {
        let endpointText = Self.first(endpoint, environment["WS_ENDPOINT"])
        let databaseText = Self.first(database, environment["SQL_CONNECTION_STRING"])
        var problems: [String] = []
        var url: WebSocketURL?
        if let endpointText {
            do throws(WebSocketClientError) {
                url = try WebSocketURL(endpointText)
            } catch {
                problems.append("the endpoint cannot be used: \(error.detail). Example: ws://localhost:5001/logs/listen")
            }
        } else {
            problems.append("where to listen is not set. Give --endpoint or the environment variable WS_ENDPOINT, for instance ws://localhost:5001/logs/listen")
        }
        if let databaseText {
            // Not repeated: a connection string of another database may hold a password.
            if databaseText.contains(";") && databaseText.contains("=") || databaseText.contains("://") {
                problems.append("the database must be the path of an SQLite file, not a connection string of another database")
            } else if databaseText == ":memory:" {
                problems.append("the database must be a file; in memory nothing would be kept")
            }
        } else {
            problems.append("where to store is not set. Give --database or the environment variable SQL_CONNECTION_STRING: the path of an SQLite file, for instance logs.sqlite")
        }
        if let token = environment["LOGS_TOKEN"], !token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            problems.append("LOGS_TOKEN must be made of visible ASCII characters, without blanks")
        }
        guard problems.isEmpty, let url, let databaseText else {
            throw LogDumpError(code: "settings", description: problems.joined(separator: "\nnightjar: "))
        }
        self.endpoint = url
        token = Self.first(nil, environment["LOGS_TOKEN"])
        databasePath = databaseText
    }

    private static func first(_ option: String?, _ variable: String?) -> String? {
        if let option { return option.isEmpty ? nil : option }
        return variable.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Why the dump did not start or did not end well, in words for the operator.
struct LogDumpError: Error, CustomStringConvertible {
    /// Stable code: `settings`, `database_open`, `database_columns`, `not_stored`.
    let code: String
    let description: String
}
