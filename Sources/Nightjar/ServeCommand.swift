import ArgumentParser
import Foundation
import Logging

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

    @OptionGroup var server: ServingOptions

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

    @Option(help: "Event loops that serve sockets.")
    var workers: Int?

    @Flag(help: "Log every answered request.")
    var accessLog = false

    func run() async throws {
        // What the server makes is its user's alone: store, sockets, logs, port files.
        umask(0o077)
        var settings = try await shared.settings()
        server.apply(to: &settings)
        for listener in listeners { try settings.addListener(listener) }
        if !hosts.isEmpty { settings.hosts = hosts }
        if let cert { settings.cert = cert }
        if let certkey { settings.certKey = certkey }
        if let sites { settings.sitesDirectory = sites }
        if let workers { settings.workers = workers }
        if accessLog { settings.accessLog = true }
        try settings.validate()
        try settings.checkFolders()

        try await Server.run(settings)
    }
}

extension Settings {
    var effectiveLogLevel: Logger.Level {
        logLevel.flatMap(Logger.Level.init(rawValue:)) ?? (debug ? .debug : .info)
    }
}
