import Bytes
import Foundation
public import Games
public import Host
import HostModules
public import Logging
import LuaRuntime
import NIOCore
import NIOPosix
public import Reload
public import Store
import Synchronization
public import Transport

/// A whole server in the test's process: real sockets on 127.0.0.1, scripts and games from a folder of its own.
///
///     let server = try await TestServer(packages: ["votes": text])
///     #expect(try await server.get("/votes") == "{}")
///     await server.stop()
///
/// `withTestServer` stops it whatever happens. Several may run side by side: every port is the system's choice. Any thread.
public final class TestServer: Sendable {
    /// Its scripts and games; a saved file is taken over by `reload`, or by itself with `debug`.
    public let folder: TestFolder
    /// Runs packages and games.
    public let host: ScriptHost
    /// Has the sockets.
    public let transport: TransportServer
    /// Where money and keys are.
    public let store: any Store
    /// Nil without ``ServerOptions/casino``.
    public let casino: Casino?
    /// What the server and its scripts have logged.
    public let log: TestLog
    /// Writes into ``log``, as the server's own parts do.
    public let logger: Logger
    /// What scripts have written on standard output (`nightjar.output`).
    public let output = OutputLines()
    /// Where `nightjar.log.listen` gets its lines from.
    public let tap: LogTap
    /// What became of loads and reloads.
    public let reloads = ReloadList()
    /// Ports by listener.
    public let ports: [String: Int]
    /// Port of the first listener.
    public let port: Int
    private let options: ServerOptions
    private let group: MultiThreadedEventLoopGroup
    private let errors = ErrorList()
    private let faults: StoreFaults

    /// Starts a server with packages.
    ///
    /// - Parameters:
    ///   - packages: Name → text of `main.lua`.
    ///   - folder: Where they go, with what is in it already; nil: a fresh one.
    ///   - set: Says the rest, see ``ServerOptions``.
    public convenience init(
        packages: [String: String] = [:], folder: TestFolder? = nil, workers: Int = 1, debug: Bool = false,
        _ set: (inout ServerOptions) -> Void = { _ in }
    ) async throws {
        var options = ServerOptions()
        options.folder = folder
        options.packages = packages
        options.workers = workers
        options.debug = debug
        set(&options)
        try await self.init(options)
    }

    /// Starts a server; it serves when this returns.
    ///
    /// - Throws: ``StartFailure`` if a script is wrong, outside of `debug`; what goes wrong with files and sockets.
    public init(_ options: ServerOptions) async throws {
        self.options = options
        let folder = options.folder ?? TestFolder()
        self.folder = folder
        try Self.fill(folder, options)
        let clock = Self.clock(options)
        let log = TestLog(observer: options.onLog), tap = LogTap(clock: clock)
        self.log = log
        self.tap = tap
        let logger = Logger(label: "test") { _ -> any LogHandler in
            guard let level = options.logLevel else { return SwiftLogNoOpLogHandler() }
            return TestLogHandler(log: log, tap: tap, logLevel: level)
        }
        self.logger = logger
        group = LoopTicks.group(numberOfThreads: options.workers)
        // That a listener is open is no news in a test.
        var quiet = logger
        quiet.logLevel = max(.warning, logger.logLevel)
        transport = TransportServer(group: group, logger: quiet)
        faults = options.faults ?? StoreFaults()
        store = options.store ?? MemoryStore(clock: clock, faults: faults)
        let errors = errors, reloads = reloads, output = output
        host = ScriptHost(
            configuration: Self.configuration(folder, options, tap), transport: transport,
            modules: Self.modules(options, folder, store: store, outgoing: group, output: output), logger: logger, clock: clock
        ) { unit, generation, error in errors.add(ScriptFailure(unit: unit, generation: generation, error: error)) }
        await host.onReload { reloads.add($0) }
        do { try await finishes("the start of the scripts") { [host] in try await host.start() } } catch {
            try? await group.shutdownGracefully()
            throw error
        }
        casino = options.casino.map { [host, store] settings in
            var settings = settings
            settings.debug = options.debug
            settings.gamesDirectory = folder.path + "/games"
            return Casino(
                configuration: settings, host: host, ledger: store, keys: store, outbox: store, logger: logger, wallClock: clock)
        }
        await casino?.start()
        var ports: [String: Int] = [:]
        for name in options.listeners { ports[name] = try await transport.listen(ListenerConfiguration(name: name)).port }
        self.ports = ports
        port = options.listeners.first.flatMap { ports[$0] } ?? 0
    }

    private static func clock(_ options: ServerOptions) -> WallClock {
        guard let manual = options.clock else { return systemWallClock }
        return { manual.now }
    }

    private static func fill(_ folder: TestFolder, _ options: ServerOptions) throws {
        for (name, source) in options.copies where !folder.contains(name) { try folder.copy(source, to: name) }
        for (name, text) in options.packages { folder.write("Scripts/\(name)/main.lua", text) }
        for (name, text) in options.files { folder.write(name, text) }
    }

    private static func configuration(_ folder: TestFolder, _ options: ServerOptions, _ tap: LogTap) -> ScriptHostConfiguration {
        var configuration = ScriptHostConfiguration(
            scriptsDirectories: [folder.path + "/Scripts"], gamesDirectory: folder.path + "/games", debug: options.debug)
        configuration.luaLimits = options.luaLimits
        configuration.runtimeLimits = options.limits
        configuration.listeners = Set(options.listeners + ["main"])
        configuration.logTap = tap
        if let casino = options.casino { configuration.reservedRoutes = [casino.routes] }
        options.configure(&configuration)
        return configuration
    }

    /// Everything scripts can ask for in a whole server.
    private static func modules(
        _ options: ServerOptions, _ folder: TestFolder, store: any Store, outgoing: any EventLoopGroup, output: OutputLines
    ) -> [any HostModule] {
        var standard = StandardModules(store: store)
        standard.settings = options.settings.mapValues { Array($0.utf8) }
        standard.secrets = options.secrets.mapValues { $0.compactMapValues { Secret($0) } }
        standard.outgoing = outgoing
        standard.output = { output.add($0) }
        standard.exposition = options.exposition
        let modules = standard.list() + [EngineModule()]
        guard options.casino != nil else { return modules }
        let sites = SiteFiles(SourceFolder(path: folder.path + "/Scripts/casino/sites", label: "sites"))
        return modules + [CasinoModule(sites: sites, games: SourceFolder(path: folder.path + "/games", label: "games"), isCheck: false, isExpected: true)]
    }

    /// Stops the server as the executable does: clients are told, scripts end, sockets close. Once. A part that does not end
    /// is named on standard error and left.
    public func stop() async {
        let patience = TimeAmount.nanoseconds(Int64(options.patience / .nanoseconds(1)))
        let (host, transport, casino, store, group) = (host, transport, casino, store, group)
        await end("the listeners") { await transport.stopAccepting() }
        await end("the announcement of the stop") { await host.announceStop() }
        await end("the players' homes") { await casino?.drain() }
        await end("the connections") { await transport.drain(within: patience) }
        await end("the scripts") { await host.shutdown(deadline: patience) }
        await end("the transport") { await transport.shutdown() }
        if options.store == nil { await end("the store") { await store.close() } }
        await end("the loops") { try? await group.shutdownGracefully() }
    }

    private func end(_ part: String, _ work: @escaping @Sendable () async -> Void) async {
        do { try await finishes("the end of \(part)", work) } catch {
            FileHandle.standardError.write(Data("a test's server does not stop: \(error)\n".utf8))
        }
    }

    // MARK: Scripts

    /// Errors that handlers of scripts raised so far, in words; at most the first 10,000.
    public var scriptErrors: [String] { errors.all.map(\.error.description) }

    /// The same with the unit and the generation they are of.
    public var scriptFailures: [ScriptFailure] { errors.all }

    /// Replaces a file of the server's folder. In development mode the server finds it by itself.
    public func save(_ path: String, _ text: String) { folder.replace(path, text) }

    /// Takes over what has changed, or loads the named units again. What became of each, in words, see ``ReloadList/text(_:)``.
    /// - Throws: ``WaitedInVain`` when the reload does not end.
    @discardableResult
    public func reload(_ units: [String]? = nil) async throws -> [String] { try await reloadEvents(units).map(ReloadList.text) }

    /// The same with all that is known of each attempt.
    @discardableResult
    public func reloadEvents(_ units: [String]? = nil) async throws -> [ReloadEvent] {
        try await finishes("the end of the reload") { [host] in await host.reload(units) }
    }

    /// Takes over what has changed.
    ///
    /// - Returns: What is wrong with the first unit that could not be loaded; nil if all went well.
    /// - Throws: ``WaitedInVain`` when the reload does not end.
    @discardableResult
    public func takeOver() async throws -> String? {
        for event in try await reloadEvents() {
            if case .failed(let error) = event.outcome { return error.description }
        }
        return nil
    }

    /// Replaces a file and waits until the server has taken it over, by itself in development mode, because it is told to otherwise.
    ///
    /// - Parameter unit: `package votes`, `game dice`: whose load is waited for.
    /// - Returns: What became of it, see ``ReloadList/text(_:)``.
    /// - Throws: ``WaitedInVain``.
    @discardableResult
    public func save(_ path: String, _ text: String, andWaitFor unit: String) async throws -> String {
        reloads.skip()
        save(path, text)
        if !options.debug { try await reload() }
        return try await reloads.wait(for: "the load of \(unit)") { $0.hasPrefix(unit + ": ") }
    }

    // MARK: Store

    /// Lets the next requests to the store fail with `unavailable`; nothing of them is done. For a server whose store is its own.
    public func failStore(requests: Int) {
        precondition(options.store == nil || options.faults != nil, "give the faults of the store with it")
        faults.fail(.call, at: 1, times: requests)
    }

    // MARK: Clients

    /// GET on the first listener: the body of a 200, else status and body.
    public func get(_ path: String) async throws -> String {
        let response = try await request("GET", path)
        return response.status == 200 ? response.text : "\(response.status) \(response.text)"
    }

    /// One request on a connection of its own.
    public func request(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: String? = nil
    ) async throws -> TestResponse {
        try await HTTPTestClient.request(port: port, method, path, headers: headers, body: body.map { Array($0.utf8) })
    }

    /// Opens a WebSocket on the first listener.
    public func connect(_ path: String, headers: [(String, String)] = []) async throws -> WebSocketTestClient {
        try await WebSocketTestClient.connect(port: port, path, headers: headers)
    }
}
