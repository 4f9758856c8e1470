package import Bytes
public import Host
package import LuaRuntime
package import Logging
public import NIOCore
import NIOPosix
import Synchronization
public import Transport

/// Runs packages and games: the façade of this module. Any thread.
///
/// Make it before the server listens, `start` it, then listen.
public final class ScriptHost: UnitHost {
    /// Internal, so that tests can see what it holds.
    let supervisor: Supervisor
    private let services: HostServices
    private let group: MultiThreadedEventLoopGroup
    private let threadPool: NIOThreadPool
    private let configuration: ScriptHostConfiguration
    private let transport: TransportServer
    private let hasEnded = Atomic(false)

    /// - Parameters:
    ///   - transport: Its loops become the workers. It must not listen before ``start()`` has returned.
    ///   - modules: What scripts can ask for; the list belongs to this host alone.
    ///   - clock: Milliseconds since 1970.
    ///   - onScriptError: Hears of every error of a running script, on the loop where it happened.
    package init(
        configuration: ScriptHostConfiguration, transport: TransportServer, modules: [any HostModule], logger: Logger,
        clock: @escaping WallClock = systemWallClock,
        onScriptError: @escaping @Sendable (UnitID, GenerationNumber, ScriptError) -> Void = { _, _, _ in }
    ) {
        self.configuration = configuration
        self.transport = transport
        threadPool = NIOThreadPool(numberOfThreads: 2)
        threadPool.start()
        services = HostServices(
            logger: logger, registry: HostRegistry(modules), rooms: transport.rooms, threadPool: threadPool, limits: configuration.runtimeLimits,
            debug: configuration.debug, wallClock: clock, clientTLS: configuration.clientTLS, logTap: configuration.logTap, onScriptError: onScriptError)
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        supervisor = Supervisor(eventLoop: group.next(), configuration: configuration, services: services)
    }

    /// Loads all units and, in development mode, begins to watch their files. Once.
    ///
    /// A broken unit is logged and waits to be mended, see ``status()``; the others run.
    ///
    /// - Throws: ``StartFailure`` if there are units and none could be loaded, outside of development mode; the host has been
    ///   shut down then.
    public func start() async throws(StartFailure) {
        for index in 0..<transport.loopCount { await makeWorker(index) }
        // Watch first: what is saved while the units load is taken over afterwards.
        await supervisor.startWatching()
        let problems = await supervisor.start(workers: services.workers.all)
        guard !problems.isEmpty, !configuration.debug, await supervisor.nothingRuns else { return }
        await shutdown(deadline: .zero)
        throw StartFailure(problems: problems)
    }

    private func makeWorker(_ index: Int) async {
        await withCheckedContinuation { continuation in
            transport.withContext(index) { [services] context in
                // Enters itself into the group, which keeps it.
                _ = Worker(index: index, eventLoop: context.eventLoop, context: context, services: services)
                continuation.resume()
            }
        }
    }

    /// Takes over changed scripts.
    ///
    /// - Parameter units: Names (`casino`, `game joker_bingo`) to load again whether they have changed or not; nil: everything
    ///   that has changed, come or gone.
    /// - Returns: What became of each unit that was touched.
    public func reload(_ units: [String]? = nil) async -> [ReloadEvent] { await supervisor.reload(units) }

    /// All units as they are now.
    public func status() async -> [UnitStatus] { await supervisor.status() }

    /// Is there such a unit, whether it runs or has not loaded yet?
    public func knows(_ unit: UnitID) async -> Bool { await status().contains { $0.unit == unit } }

    /// How many connections that packages have opened are in which state.
    package var clientCounts: [(state: String, count: Int)] { services.clientCounts.byState }

    /// Hears of every load, failure and unload, in order. `observer` is called on the control thread and must not block.
    public func onReload(_ observer: @escaping @Sendable (ReloadEvent) -> Void) async { await supervisor.observe(observer) }

    /// Sets routes that are implemented by the host, on every loop with sockets, and keeps packages from taking them.
    ///
    /// - Parameter make: Called once on each loop.
    public func native(
        owner: String, listener: String = "main", _ make: @escaping @Sendable (Worker) -> [Route]
    ) async {
        await supervisor.setNative(owner: owner, listener: listener, make)
    }

    /// Number of workers with sockets; their indices are below it.
    public var workers: Int { transport.loopCount }

    /// Runs `body` on a worker's loop, in a later turn. After ``start()``.
    ///
    /// - Parameter index: 0 ..< `workers`.
    public func withWorker(_ index: Int, _ body: @escaping @Sendable (Worker) -> Void) {
        guard let worker = services.workers[index] else { preconditionFailure("there is no worker \(index) (yet)") }
        worker.execute(body)
    }

    /// Calls a function that some package provides (`nightjar.provide`). After ``start()``.
    ///
    /// - Parameters:
    ///   - name: Its name, like `ps2.triggers`.
    ///   - arguments: JSON texts, at most 8, 4 MiB together.
    /// - Returns: JSON texts of its results.
    /// - Throws: ``CallFailure``: `no_such_function`, `busy`, `timeout`, or the code of a script's error.
    public func call(_ name: String, json arguments: [[UInt8]]) async throws(CallFailure) -> [[UInt8]] {
        let outcome = await withCheckedContinuation { continuation in
            withWorker(0) { worker in
                worker.call(provided: name, json: arguments) { continuation.resume(returning: $0) }
            }
        }
        return try outcome.get()
    }

    /// Tells all packages that the server is about to end (`on_stop`), while their sockets are still open. Before the transport
    /// is drained.
    public func announceStop() async {
        supervisor.cutLoads()
        await supervisor.announceStop()
    }

    /// Ends all units: `on_unload`, then waiting handlers get at most `deadline`. After the transport has been drained. Must not
    /// be awaited on an event loop. Does nothing the second time.
    public func shutdown(deadline: TimeAmount) async {
        guard !hasEnded.exchange(true, ordering: .acquiringAndReleasing) else { return }
        configuration.logTap?.close()
        supervisor.cutLoads()
        await supervisor.shutdown(until: .now() + deadline)
        await services.registry.shutdown()
        try? await threadPool.shutdownGracefully()
        try? await group.shutdownGracefully()
    }

    /// Looks for everything that can be found wrong without running the server: folders, manifests, syntax, errors while
    /// loading, clashing routes, undeclared global variables, failing specs. Reads files and runs scripts in their sandbox on
    /// the calling thread; not on an event loop.
    ///
    /// - Parameters:
    ///   - modules: What scripts can ask for: without a network, and with a store of its own.
    ///   - further: What only others know of a unit, like the sites that offer a game. Called for each with the loaded unit, which
    ///     is closed afterwards; nil if it does not load.
    /// - Returns: What is wrong, by file and line; empty if nothing is.
    package static func check(
        _ configuration: ScriptHostConfiguration, modules: [any HostModule],
        further: (UnitID, Generation?) -> [Problem] = { _, _ in [] }
    ) -> [Problem] {
        var check = ProjectCheck(configuration, modules)
        return check.run(further)
    }

    /// Annotations for editors (LuaCATS) of everything scripts can call: file name → text, for `Scripts/meta`.
    package static func annotations(of modules: [any HostModule]) -> [String: String] { Annotations(HostRegistry(modules)).files }
}
