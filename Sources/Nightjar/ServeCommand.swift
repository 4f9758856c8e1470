import ArgumentParser
import Foundation
import Logging
import Host
import ServiceLifecycle
import UnixSignals

/// Starts the server and runs it until SIGTERM or SIGINT.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Start the server.",
        discussion: """
            SIGHUP takes over changed scripts, SIGUSR1 opens the log file anew. SIGTERM and SIGINT stop it in order, within 10 seconds whatever the scripts do; the \
            second one stops it at once. Exit status 1: it did not start, or did not stop in order.
            """
    )

    @OptionGroup var shared: SharedOptions

    @Flag(help: "Development mode: saved scripts become live, errors are shown in the browser.")
    var debug = false

    @Option(help: "Address to listen on.")
    var host: String?

    @Option(help: "Port to listen on; 0 lets the system choose.")
    var port: Int?

    @Option(
        name: .customLong("listen"),
        help: "Open a further listener: NAME, NAME=PORT, NAME=HOST or NAME=HOST:PORT, like sync=0.0.0.0:5001; may be repeated.")
    var listeners: [String] = []

    @Option(
        name: .customLong("hosts"),
        help: "A name that a proxy in front passes on, like play.example.org; may be repeated. See docs/hosting.md.")
    var hosts: [String] = []

    @Option(help: "PEM file of the certificate (with --certkey: HTTPS and WSS).")
    var cert: String?

    @Option(help: "PEM file of the certificate's key.")
    var certkey: String?

    @Option(help: "Folder with local sites.")
    var sites: String?

    @Flag(help: "Keep everything in memory.")
    var ephemeral = false

    @Option(help: "Event loops that serve sockets.")
    var workers: Int?

    @Option(help: "Write the bound port to this file; those of further listeners to FILE.NAME.")
    var portFile: String?

    @Option(help: "Least severe level that is logged: trace, debug, info, notice, warning, error, critical.")
    var logLevel: String?

    @Option(help: "Write the log to this file instead of standard error; SIGUSR1 opens it anew.")
    var logFile: String?

    @Flag(help: "Log every answered request.")
    var accessLog = false

    func run() async throws {
        // What the server makes is its user's alone: store, sockets, logs, port files.
        umask(0o077)
        var settings = try await shared.settings()
        if debug { settings.debug = true }
        if let host { settings.host = host }
        if let port { settings.httpPort = port }
        for listener in listeners { try settings.addListener(listener) }
        if !hosts.isEmpty { settings.hosts = hosts }
        if let cert { settings.cert = cert }
        if let certkey { settings.certKey = certkey }
        if let sites { settings.sitesDirectory = sites }
        if ephemeral { settings.ephemeral = true }
        if let workers { settings.workers = workers }
        if let portFile { settings.portFile = portFile }
        if let logLevel { settings.logLevel = logLevel }
        if let logFile { settings.logFile = logFile }
        if accessLog { settings.accessLog = true }
        try settings.validate()
        try settings.checkFolders()

        let logging = settings
        let format: JSONLinesLogHandler.Format = logging.debug ? .text : .json
        let output = try logging.logFile.map { (path) throws(CommandFailure) in try LogWriter.file(path, format) } ?? .standardError(format)
        defer { output.finish(within: LogWriter.farewell) }
        let standardOutput = LogWriter.standardOutput()
        defer { standardOutput.finish(within: LogWriter.farewell) }
        let tap = LogTap()
        LoggingSystem.bootstrap { label in
            // Requests are no concern of packages that listen: their own would be among them.
            let tap = label == AccessLog.label ? nil : tap
            return JSONLinesLogHandler(label: label, format: format, logLevel: logging.effectiveLogLevel, output: output, tap: tap)
        }
        let logger = Logger(label: "nightjar")
        let server = Server(settings: settings, logger: logger, log: output, output: standardOutput, logTap: tap, exitWatch: ExitWatch(log: output))
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)  // its own steps are nobody's concern
        let group = ServiceGroupConfiguration(
            services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
        // The server bounds its own end (`StopClock`, `ExitWatch`).
        try await ServiceGroup(configuration: group).run()
    }
}

extension Settings {
    var effectiveLogLevel: Logger.Level {
        logLevel.flatMap(Logger.Level.init(rawValue:)) ?? (debug ? .debug : .info)
    }
}
