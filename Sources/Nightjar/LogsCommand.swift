import ArgumentParser
import Logging
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// The tools around live logs.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Work with the live log of a server.",
        discussion: """
            A server with the sync package relays log entries of its clients, and its own, to whoever listens on /logs/listen.

              nightjar logs dump --endpoint ws://localhost:5001/logs/listen --database logs.sqlite
            """,
        subcommands: [LogsDumpCommand.self]
    )
}

/// Listens to a live log and stores every entry.
struct LogsDumpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dump",
        abstract: "Store every entry of a live log in an SQLite file.",
        discussion: """
            Each entry becomes a row of the table LogEntry, which is made if it is not there: Id, client_time, level, msg, user, room, \
            server_time, seq_number, text. Times are UTC. The file may be read meanwhile, for instance with sqlite3.

            When the connection ends, a new one is made after 2 seconds, for ever. While the file cannot be written, because it \
            is locked or the disk is full, reading pauses and nothing is dropped. SIGTERM and SIGINT store what has arrived and \
            stop; exit status 0. Exit status 1: the settings or the file cannot be used, or the last entries could not be stored.

            Both settings can come from the environment: WS_ENDPOINT and SQL_CONNECTION_STRING. Options win. LOGS_TOKEN holds the \
            token of a server that shows its own lines only to who has it.
            """
    )

    @Option(help: "Where to listen: ws://… or wss://…; with ?room=NAME only to one room.")
    var endpoint: String?

    @Option(help: "Path of the SQLite file.")
    var database: String?

    @Option(help: "Least severe level that is reported: trace, debug, info, notice, warning, error, critical.")
    var logLevel: String = "info"

    func run() async throws {
        guard let level = Logger.Level(rawValue: logLevel) else {
            throw CommandFailure(
                code: "log_level", description: "--log-level must be one of trace, debug, info, notice, warning, error, critical.")
        }
        let output = LogWriter.standardError(.text)
        defer { output.finish(within: LogWriter.farewell) }
        LoggingSystem.bootstrap { JSONLinesLogHandler(label: $0, format: .text, logLevel: level, output: output) }
        let logger = Logger(label: "nightjar.logs")
        do {
            let settings = try LogDumpSettings(endpoint: endpoint, database: database, environment: Console.environment)
            let table = try LogEntryTable(path: settings.databasePath)
            let dumper = LogDumper(
                endpoint: settings.endpoint, token: settings.token, table: table, clock: ContinuousClock(),
                group: MultiThreadedEventLoopGroup.singleton, logger: logger)
            logger.info("storing the live log", metadata: ["endpoint": "\(settings.endpoint)", "database": "\(settings.databasePath)"])
            var group = ServiceGroupConfiguration(
                services: [.init(service: LogDumpService(dumper: dumper), successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
            // More than closing and the last attempts at the file may take together.
            group.maximumGracefulShutdownDuration = .seconds(30)
            try await ServiceGroup(configuration: group).run()
            table.close()
        } catch let error as LogDumpError {
            throw CommandFailure(code: error.code, description: error.description)
        }
    }
}

/// Stops the dumper when the process is asked to end.
private struct LogDumpService: Service, CustomStringConvertible {
    let dumper: LogDumper<ContinuousClock>
    var description: String { "log dump" }

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await dumper.run()
        } onGracefulShutdown: {
            dumper.stop()
        }
    }
}
