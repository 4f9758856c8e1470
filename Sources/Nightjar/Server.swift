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

/// Why the server did not start, in words for the operator.
struct ServerStartError: Error, CustomStringConvertible {
    /// Stable code.
    let code: String
    let description: String
}

/// The whole server: store, sockets, scripts, casino. Started in this order, stopped in the reverse one.
struct Server: Service, CustomStringConvertible {
    let settings: Settings
    let logger: Logger
    let logTap: LogTap

    /// What the service group's log shows; without this it would print all settings.
    var description: String { "nightjar" }

    /// How long stopping may take, each part after the other: below the 10 s after which a process manager kills.
    private enum Patience {
        static let clients: TimeAmount = .seconds(3)
        static let scripts: TimeAmount = .seconds(3)
    }

    func run() async throws {
        try makeDataDirectory()
        let store = try openStore()
        let group = LoopTicks.group(numberOfThreads: settings.workers ?? System.coreCount)
        let transport = TransportServer(group: group, logger: logger)
        var scripts = settings.scriptHost
        scripts.logTap = logTap
        let host = ScriptHost(
            configuration: scripts, transport: transport, modules: settings.hostModules(store: store, outgoing: group), logger: logger)
        let sites = SiteDirectory(path: settings.effectiveSitesDirectory)
        let casino = Casino(configuration: settings.casino, host: host, sites: sites, ledger: store, keys: store, logger: logger)

        do {
            try await startScripts(host)
            await casino.start()
            announce(try await listen(transport, host, casino))
        } catch {
            await transport.shutdown()
            await host.shutdown(deadline: Patience.scripts)
            await store.close()
            try? await group.shutdownGracefully()
            throw error
        }

        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await reloadOnSignal(host, casino) }
            tasks.addTask { try? await gracefulShutdown() }
            await tasks.next()
            tasks.cancelAll()
        }

        logger.info("stopping")
        await transport.stopAccepting()
        await host.announceStop()
        await casino.drain()
        await transport.drain(code: 1012, within: Patience.clients)
        await host.shutdown(deadline: Patience.scripts)
        await transport.shutdown()
        await store.close()
        try? await group.shutdownGracefully()
        try? FileManager.default.removeItem(atPath: settings.controlSocketPath)
        logger.info("stopped")
    }

    // MARK: Starting

    private func makeDataDirectory() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: settings.dataDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ServerStartError(
                code: "data_dir",
                description: "the data folder \(settings.dataDirectory) cannot be made (\(error.localizedDescription)). Give another with --data-dir.")
        }
    }

    private func openStore() throws -> any Store {
        if settings.ephemeral { return MemoryStore() }
        do {
            return try SQLiteStore(path: settings.databasePath, logger: logger)
        } catch {
            throw ServerStartError(
                code: "store",
                description: "the store \(settings.databasePath) cannot be opened: \(error). Check the folder's rights, or try --ephemeral.")
        }
    }

    private func startScripts(_ host: ScriptHost) async throws(ServerStartError) {
        do {
            try await host.start()
        } catch {
            throw ServerStartError(
                code: "scripts",
                description: "the scripts have problems; nothing was started:\n\(error)\nMend them (nightjar check shows them again), or start with --debug.")
        }
    }

    /// Opens the main listener, the further ones and the control socket. Returns what people and programs must know.
    private func listen(_ transport: TransportServer, _ host: ScriptHost, _ casino: Casino) async throws -> [Bound] {
        var main = ListenerConfiguration(name: "main", address: .tcp(host: settings.host, port: settings.httpPort))
        if let cert = settings.cert, let key = settings.certKey {
            main.tls = ListenerConfiguration.TLS(certificatePath: cert, keyPath: key)
        }
        var bound = [try await open(main, settings.host, settings.httpPort, "--port", transport)]
        for (name, listener) in settings.listeners.sorted(by: { $0.key < $1.key }) {
            let configuration = ListenerConfiguration(name: name, address: .tcp(host: listener.host, port: listener.port))
            bound.append(try await open(configuration, listener.host, listener.port, "--listen \(name)=HOST:PORT", transport))
        }
        let control = ControlEndpoint(host: host, casino: casino)
        await host.native(owner: "control", listener: "control") { _ in control.routes }
        do {
            _ = try await transport.listen(ListenerConfiguration(name: "control", address: .unix(path: settings.controlSocketPath)))
        } catch {
            throw ServerStartError(
                code: "control",
                description: "cannot open the control socket \(settings.controlSocketPath): \(error).")
        }
        return bound
    }

    /// A listener with the port it has got.
    private struct Bound {
        var name: String
        var host: String
        var port: Int
    }

    private func open(
        _ listener: ListenerConfiguration, _ host: String, _ port: Int, _ option: String, _ transport: TransportServer
    ) async throws(ServerStartError) -> Bound {
        do {
            return Bound(name: listener.name, host: host, port: try await transport.listen(listener).port ?? port)
        } catch {
            throw ServerStartError(
                code: "listen",
                description: "cannot listen on \(host):\(port): \(error). Is another server running there? Give another port with \(option).")
        }
    }

    /// Tells where the server is: people by standard output, programs by the port files. The main listener's file comes last:
    /// whoever waits for it finds the others.
    private func announce(_ listeners: [Bound]) {
        for listener in listeners.reversed() {
            guard let portFile = settings.portFile.map({ listener.name == "main" ? $0 : "\($0).\(listener.name)" }) else { break }
            do {
                try "\(listener.port)\n".write(toFile: portFile, atomically: true, encoding: .utf8)
            } catch {
                logger.error("cannot write the port file", metadata: ["file": "\(portFile)", "error": "\(error)"])
            }
        }
        for listener in listeners {
            let isMain = listener.name == "main"
            let scheme = isMain && settings.cert != nil ? "https" : "http"
            let shown = listener.host == "0.0.0.0" || listener.host == "::" ? "localhost" : listener.host
            let address = "\(scheme)://\(shown.contains(":") ? "[\(shown)]" : shown):\(listener.port)/"
            let line = isMain ? "Nightjar is listening on \(address)\n" : "  \(listener.name): \(address)\n"
            FileHandle.standardOutput.write(Data(line.utf8))
        }
    }

    /// SIGHUP: take over what has changed, scripts and sites.
    private func reloadOnSignal(_ host: ScriptHost, _ casino: Casino) async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            casino.reloadSites()
            let events = await host.reload(nil)
            logger.info("reloaded on SIGHUP", metadata: ["units": "\(events.count)", "failed": "\(events.count { $0.error != nil })"])
        }
    }
}

extension Settings {
    var scriptHost: ScriptHostConfiguration {
        var configuration = ScriptHostConfiguration(
            scriptsDirectories: [scriptsDirectory] + packageDirectories, gamesDirectory: gamesDirectory, debug: debug)
        configuration.listeners = Set(["main"] + Settings.knownListeners.keys + listeners.keys)
        configuration.configuredPackages = Set(packageObjects.keys).union(packageSecrets.keys)
        configuration.reservedRoutes = [casino.routes]
        return configuration
    }

    /// What scripts can ask for; a new list for each server.
    ///
    /// - Parameter outgoing: Loops of what scripts fetch; nil: nothing goes out.
    func hostModules(store: any Store, outgoing: (any EventLoopGroup)?) -> [any HostModule] {
        var standard = StandardModules(store: store)
        standard.settings = packageObjects
        standard.secrets = packageSecrets
        standard.outgoing = outgoing
        return standard.list() + [EngineModule()]
    }

    var casino: CasinoConfiguration {
        var configuration = CasinoConfiguration()
        configuration.debug = debug
        configuration.sessionIdle = .seconds(Int64(sessionIdleSeconds))
        configuration.gamesDirectory = gamesDirectory
        return configuration
    }
}
