import Games
import Foundation
import HostModules
import Logging
import NIOCore
import NIOPosix
import Host
import Reload
import ServiceLifecycle
import Store
import Transport
import UnixSignals

/// The whole server: store, sockets, scripts, casino. Started in this order, stopped in the reverse one.
struct Server: Service, CustomStringConvertible {
    let settings: Settings
    let logger: Logger
    let log: LogWriter
    /// What scripts write on standard output goes here.
    let output: LogWriter
    let logTap: LogTap
    let exitWatch: ExitWatch

    /// What the service group's log shows; without this it would print all settings.
    var description: String { "nightjar" }

    /// How long the parts of stopping may take, each after the other; see ``StopClock`` for all together.
    private enum Patience {
        static let announcement: Duration = .seconds(1)
        static let casino: Duration = .seconds(2)
        static let clients: TimeAmount = .seconds(3)
        static let scripts: TimeAmount = .seconds(3)
        /// What a part with a deadline of its own needs beyond it.
        static let slack: Duration = .milliseconds(500)
    }

    func run() async throws {
        exitWatch.begin()
        try DataFolder.make(settings.dataDirectory)
        try DataFolder.make(settings.operatorDirectory)
        for warning in settings.warnings + settings.exposureWarnings + DataFolder.warnings(settings) { logger.warning("\(warning)") }
        // Before anything in the folder is touched, and until the very end.
        let lock = try DataFolderLock(folder: settings.dataDirectory)
        defer { withExtendedLifetime(lock) {} }
        let store = try openStore()
        let group = LoopTicks.group(numberOfThreads: settings.workers ?? System.coreCount)
        var limits = TransportLimits()
        if let megabytes = settings.buffersMB { limits.bufferedBytesMax = megabytes << 20 }
        let transport = TransportServer(
            group: group, logger: logger, limits: limits, accessLog: AccessLog.listener(isOn: settings.accessLog))
        let figures = ServerFigures(log: log)
        var scripts = settings.scriptHost
        scripts.logTap = logTap
        let host = ScriptHost(
            configuration: scripts, transport: transport,
            modules: settings.hostModules(store: store, outgoing: group, exposition: figures.exposition, startsCasino: true) { [output] in output.write(Array($0.utf8)) },
            logger: logger,
            onScriptError: { unit, _, _ in figures.noteScriptError(of: unit) })
        let operations = OperationsEndpoint(host: host, transport: transport, store: store, figures: figures)
        let casino = Casino(configuration: settings.casino, host: host, ledger: store, keys: store, outbox: store, logger: logger)

        // Before anybody is told that the server is there: whoever hears it may send a signal at once, which would end the process.
        let (hangups, reopenings) = (await UnixSignalsSequence(trapping: .sighup), await UnixSignalsSequence(trapping: .sigusr1))
        do {
            // The ports first: a script's first words to another service are too late to find out that they are taken.
            let bound = try await listen(transport)
            try await startScripts(host)
            await casino.start()
            try await openControl(transport, host, casino, operations)
            await transport.startAccepting()
            let units = await host.status()
            warnOfClosedListeners(units, open: Set(bound.map(\.name)))
            announce(bound, broken: units.count { $0.error != nil })
        } catch {
            await stop(transport, host, store, group) { _ in }
            throw error
        }
        // Not awaited at the end: a reload may wait for a loop that hangs.
        let reloading = Task { for await _ in hangups { await reload(host, transport) } }
        let certificates = settings.cert == nil ? nil : Task { [logger] in await CertificateWatch.run(transport, logger) }
        let reopening = Task { [log] in for await _ in reopenings { log.reopen() } }
        try? await gracefulShutdown()
        reloading.cancel()
        certificates?.cancel()
        reopening.cancel()
        logger.info("stopping")
        await stop(transport, host, store, group) { clock in
            await clock.part("telling the packages", within: Patience.announcement) {
                await transport.stopAccepting()
                await host.announceStop()
            }
            await clock.part("the casino", within: Patience.casino) { await casino.drain() }
            await clock.part("the clients", within: Patience.clients.duration + Patience.slack) {
                await transport.drain(code: 1012, within: Patience.clients)
            }
        }
        try? FileManager.default.removeItem(atPath: settings.controlSocketPath)
        logger.info("stopped")
    }

    /// Ends all parts; ends the process where one of them does not come to an end.
    private func stop(
        _ transport: TransportServer, _ host: ScriptHost, _ store: any Store, _ group: MultiThreadedEventLoopGroup,
        first: (inout StopClock) async -> Void
    ) async {
        var clock = StopClock()
        await first(&clock)
        await clock.part("the scripts", within: Patience.scripts.duration + Patience.slack) {
            await host.shutdown(deadline: Patience.scripts)
        }
        await clock.part("the sockets", within: .seconds(1)) { await transport.shutdown() }
        await clock.last("the store") { await store.close() }
        await clock.part("the loops", within: .seconds(1)) { try? await group.shutdownGracefully() }
        guard clock.late.isEmpty else {
            exitWatch.end("stopped, but not in order: \(clock.late.joined(separator: ", ")) did not end in time")
        }
    }

    // MARK: Starting

    private func openStore() throws(CommandFailure) -> any Store {
        if settings.ephemeral { return MemoryStore() }
        do {
            var options = SQLiteStore.Options()
            // Without the mark a second server would take the folder for free.
            options.companions = [DataFolderLock.path(in: settings.dataDirectory)]
            return try SQLiteStore(path: settings.databasePath, options: options, logger: logger)
        } catch {
            logger.debug("the store was not opened", metadata: ["error": "\(error)"])
            throw CommandFailure(code: "store", description: "the store \(settings.databasePath) \(Self.remedy(error))")
        }
    }

    private static func remedy(_ error: StoreError) -> String {
        switch error.code {
        case .corrupt:
            "is damaged, or not a store. Look at it with nightjar verify; restore a backup, or give another folder with --data-dir."
        case .foreign:
            "is the file of another program, not a store. Give another folder with --data-dir."
        case .newer:
            "was written by a later release. Start that one, or give another folder with --data-dir."
        case .unavailable:
            "cannot be opened for writing. Is it locked by another program, the disk full, or the folder not this user's?"
        default:
            "cannot be opened (\(error.code.rawValue)). Look at it with nightjar verify, or give another folder with --data-dir."
        }
    }

    private func startScripts(_ host: ScriptHost) async throws(CommandFailure) {
        do {
            try await host.start()
        } catch {
            throw CommandFailure(
                code: "scripts",
                description: "the scripts have problems; nothing was started:\n\(error)\nMend them (nightjar check shows them again), or start with --debug.")
        }
    }

    /// Opens the main listener and the further ones; who connects waits for `startAccepting`. Returns what people and programs
    /// must know.
    private func listen(_ transport: TransportServer) async throws(CommandFailure) -> [Bound] {
        func configuration(_ name: String, _ host: String, _ port: Int) -> ListenerConfiguration {
            let address = ListenerConfiguration.Address.tcp(host: host, port: port)
            return ListenerConfiguration(name: name, address: address, hosts: HostPolicy(address, names: settings.hosts))
        }
        var main = configuration(settings.mainListener, settings.host, settings.httpPort)
        if let cert = settings.cert, let key = settings.certKey {
            main.tls = ListenerConfiguration.TLS(certificatePath: cert, keyPath: key)
        }
        var bound = [try await open(main, settings.host, settings.httpPort, "--host and --port", transport)]
        for (name, listener) in settings.listeners.sorted(by: { $0.key < $1.key }) {
            bound.append(try await open(configuration(name, listener.host, listener.port), listener.host, listener.port, "--listen \(name)=HOST:PORT", transport))
        }
        return bound
    }

    /// What supervisors ask, and what the commands of this user ask.
    private func openControl(
        _ transport: TransportServer, _ host: ScriptHost, _ casino: Casino, _ operations: OperationsEndpoint
    ) async throws(CommandFailure) {
        await host.native(owner: "operations", listener: OperationsEndpoint.listener) { _ in operations.routes }
        let control = ControlEndpoint(host: host, casino: casino, transport: transport)
        await host.native(owner: "control", listener: "control") { _ in control.routes }
        do {
            _ = try await transport.listen(ListenerConfiguration(name: "control", address: .unix(path: settings.controlSocketPath)))
        } catch {
            let detail = (error as? ListenFailure)?.detail ?? settings.controlSocketPath
            throw CommandFailure(code: "control", description: "cannot open the control socket \(detail). Give another folder with --data-dir.")
        }
    }

    /// A listener with the port it has got.
    private struct Bound {
        var name: String
        var host: String
        var port: Int
    }

    private func open(
        _ listener: ListenerConfiguration, _ host: String, _ port: Int, _ option: String, _ transport: TransportServer
    ) async throws(CommandFailure) -> Bound {
        do {
            return Bound(name: listener.name, host: host, port: try await transport.listen(listener, accepting: false).port ?? port)
        } catch {
            let failure = error as? ListenFailure
            let detail = failure?.detail ?? "the system refuses it"
            throw switch failure?.code {
            case .badCertificate:
                CommandFailure(code: "certificate", description: "HTTPS is not possible: \(detail). Give PEM files that fit with --cert and --certkey.")
            case .addressInUse:
                CommandFailure(
                    code: "listen",
                    description: "cannot listen on \(host):\(port): another program has this port. Stop it, or give another port with \(option).")
            default:
                CommandFailure(
                    code: "listen", description: "cannot listen on \(host):\(port): \(detail). Give another address with \(option).")
            }
        }
    }

    /// A package whose listener is not open answers nobody. The shipped ones have listeners that are opened on request.
    private func warnOfClosedListeners(_ units: [UnitStatus], open: Set<String>) {
        for unit in units {
            guard let listener = unit.listener, !open.contains(listener), Settings.knownListeners[listener] == nil else { continue }
            logger.warning(
                "nobody reaches \(unit.unit): its listener \"\(listener)\" is not open. Start with --listen \(listener)=127.0.0.1:PORT, or leave M.listener out.")
        }
    }

    /// Tells where the server is: people by standard output, programs by the port files. The main listener's file comes last:
    /// whoever waits for it finds the others.
    private func announce(_ listeners: [Bound], broken: Int) {
        for listener in listeners.reversed() {
            guard let portFile = settings.portFile.map({ listener.name == settings.mainListener ? $0 : "\($0).\(listener.name)" }) else { break }
            do {
                try "\(listener.port)\n".write(toFile: portFile, atomically: true, encoding: .utf8)
            } catch {
                logger.error("cannot write the port file", metadata: ["file": "\(portFile)", "error": "\(error)"])
            }
        }
        var lines = listeners.map { listener in
            StartLine.text(
                listener: listener.name == settings.mainListener ? "main" : listener.name, host: listener.host, port: listener.port,
                isSecure: listener.name == settings.mainListener && settings.cert != nil)
        }
        if settings.packageNames.isEmpty {
            lines.append("  there is no package yet; a folder with a main.lua in \(settings.scriptsDirectory) is taken over when it is saved")
        }
        if broken > 0 { lines.append("  \(broken) of the packages and games did not load; the log says why. A mended script is loaded when it is saved, a changed config.json by a restart") }
        Console.say(lines.joined(separator: "\n"))
    }

    /// SIGHUP: take over what has changed, scripts, sites and certificates.
    private func reload(_ host: ScriptHost, _ transport: TransportServer) async {
        let events = await host.reload(nil)
        let certificates = transport.renewCertificates()
        let report = ReloadReport(events: events, status: await host.status(), certificates: certificates)
        for problem in report.problems { logger.error("\(problem)", metadata: ["signal": "SIGHUP"]) }
        logger.info("reloaded on SIGHUP", metadata: [
            "loaded": "\(events.count { $0.error == nil })", "failed": "\(report.problems.count)",
            "certificates": "\(certificates.count { $0.hasChanged })",
        ])
    }
}

extension TimeAmount {
    fileprivate var duration: Duration { .nanoseconds(nanoseconds) }
}

extension Settings {
    var scriptHost: ScriptHostConfiguration {
        var configuration = ScriptHostConfiguration(
            scriptsDirectories: [scriptsDirectory] + packageDirectories, gamesDirectory: onlyPackages == nil ? effectiveGamesDirectory : nil,
            debug: debug)
        configuration.packages = onlyPackages
        // The usual folder of sites lies among the scripts, which are watched anyway.
        if sitesDirectory ?? resourcesDirectory != nil {
            configuration.watchedDirectories = [SourceFolder(configured: effectiveSitesDirectory).path]
        }
        configuration.operatorDirectory = operatorDirectory
        if let directory = effectiveTemplatesDirectory {
            configuration.operatorFolders.append(OperatorFolder(place: "casino/templates", directory: directory, isWatched: true))
        }
        if let staticDirectory {
            configuration.operatorFolders.append(OperatorFolder(place: "casino/public", directory: staticDirectory, isWatched: false))
        }
        configuration.listeners = Set(["main"] + Settings.knownListeners.keys + listeners.keys)
        configuration.configuredPackages = Set(packageObjects.keys).union(packageSecrets.keys)
        configuration.reservedRoutes = [casino.routes]
        return configuration
    }

    /// What scripts can ask for; a new list for each server.
    ///
    /// - Parameters:
    ///   - outgoing: Loops of what scripts fetch; nil: nothing goes out.
    ///   - exposition: Where their metrics are shown.
    ///   - isCheck: For `nightjar check`: what is found in the sites is collected.
    ///   - startsCasino: A casino starts with them.
    ///   - output: Gets the lines of `nightjar.output`, on the scripts' loops; must not wait there.
    func hostModules(
        store: any Store, outgoing: (any EventLoopGroup)?, exposition: Exposition = Exposition(), isCheck: Bool = false, startsCasino: Bool = false,
        output: @escaping @Sendable (String) -> Void = { _ in }
    ) -> [any HostModule] {
        var standard = StandardModules(store: store)
        standard.exposition = exposition
        standard.settings = packageObjects
        standard.settingPlaces = settingPlaces
        standard.secrets = packageSecrets
        standard.outgoing = outgoing
        standard.output = output
        let casino = CasinoModule(sites: siteFiles, games: SourceFolder(configured: effectiveGamesDirectory), isCheck: isCheck, isExpected: startsCasino)
        return standard.list() + [EngineModule(), casino]
    }

    var siteFiles: SiteFiles { SiteFiles(SourceFolder(configured: effectiveSitesDirectory)) }

    var casino: CasinoConfiguration {
        var configuration = CasinoConfiguration()
        configuration.debug = debug
        configuration.sessionIdle = .seconds(Int64(sessionIdleSeconds))
        configuration.gamesDirectory = effectiveGamesDirectory
        configuration.reportsToBackOffice = rgsBase != nil
        configuration.wallets = wallets
        return configuration
    }
}
