public import Bytes
public import Logging
import NIOCore
import NIOPosix
public import Host
public import Store
import Synchronization
import Transport

/// The casino: user sessions, wallets, games (webingo protocol). One per server.
///
/// Start it after the scripts and before the listeners; drain it after the listeners have stopped and before the scripts and
/// the store are closed. Any thread.
public final class Casino: Sendable {
    /// The sites, as the package `casino` has described them.
    public let sites = SiteDirectory()
    private let configuration: CasinoConfiguration
    private let host: any UnitHost
    private let ledger: any Ledger
    private let keys: any KeyValue
    private let logger: Logger
    private let wallClock: WallClock
    private let peers = Lock<[CasinoPeer]>([])
    /// Games of whose errors everybody was told: everybody is to hear that they are gone.
    private let broken = Lock<Set<String>>([])

    /// - Parameter wallClock: Milliseconds since 1970.
    public init(
        configuration: CasinoConfiguration, host: any UnitHost, ledger: any Ledger, keys: any KeyValue, logger: Logger,
        wallClock: @escaping WallClock = systemWallClock
    ) {
        self.configuration = configuration
        self.host = host
        self.ledger = ledger
        self.keys = keys
        self.logger = logger
        self.wallClock = wallClock
    }

    /// Asks for the sites and offers `/session/ws` and `/game/…` on every loop. Once, after the scripts.
    public func start() async {
        await refreshSites()
        let count = host.workers
        let registry = await withCheckedContinuation { continuation in
            host.withWorker(0) { continuation.resume(returning: $0.services.registry) }
        }
        let shared = CasinoShared(
            configuration: configuration, sites: sites, ledger: ledger, keys: keys, logger: logger, loopCount: count,
            purity: PurityWatch(registry: registry, threadPool: .singleton, everyCall: configuration.debug), wallClock: wallClock)
        var peers: [CasinoPeer] = []
        for index in 0..<count { peers.append(await makeLoop(index, shared)) }
        let all = peers
        for peer in all { peer.run { $0.begin(all) } }
        self.peers.withLock { $0 = all }
        let gamesDirectory = configuration.gamesDirectory
        await host.native(owner: configuration.routes.owner, listener: configuration.listener) { worker in
            guard let loop = worker.storage[ObjectIdentifier(CasinoLoop.self)] as? CasinoLoop else { return [] }
            return [
                .webSocket("/session/ws", SessionEndpoint(loop: loop)),
                .get(GameFiles.pattern, GameFiles(root: gamesDirectory, threadPool: .singleton)),
            ]
        }
        await host.onReload { [weak self] in self?.tell($0) }
    }

    private func makeLoop(_ index: Int, _ shared: CasinoShared) async -> CasinoPeer {
        await withCheckedContinuation { continuation in
            host.withWorker(index) { worker in
                guard let context = worker.context else { preconditionFailure("worker \(index) has no sockets") }
                let loop = CasinoLoop(
                    index: index, sockets: context, games: GameRunner(worker: worker),
                    scripts: CasinoScripts(WorkerCaller(worker)), shared: shared)
                worker.storage[ObjectIdentifier(CasinoLoop.self)] = loop
                continuation.resume(returning: CasinoPeer(loop))
            }
        }
    }

    /// Asks the package `casino` for the sites again; without such a package there are none. It does so by itself whenever the
    /// package has been loaded; whoever has just reloaded it and must know that they hold awaits this.
    public func refreshSites() async {
        let answer: ScriptAnswer = await withCheckedContinuation { continuation in
            host.withWorker(0) { worker in
                WorkerCaller(worker).call("casino.sites", []) { continuation.resume(returning: $0) }
            }
        }
        switch answer {
        case .results(let values) where values.first.map { sites.replace($0) } == true: break
        case .failed(let code) where code == "no_such_function": _ = sites.replace(Array("[]".utf8))
        case .results: logger.error("the sites cannot be read, they stay as they were", metadata: ["code": "bad_sites"])
        case .failed(let code): logger.error("the sites were not told, they stay as they were", metadata: ["code": "\(code)"])
        }
    }

    /// Takes no more commands; returns when those taken are committed and told.
    public func drain() async {
        for peer in peers.withLock({ $0 }) {
            let promise = peer.eventLoop.makePromise(of: Void.self)
            peer.run { $0.drain(promise) }
            try? await promise.futureResult.get()
        }
    }

    // MARK: What changes

    private func tell(_ event: ReloadEvent) {
        if event.isLoaded, event.unit == .package("casino") { Task { await refreshSites() } }
        guard let game = event.game else { return }
        let all = peers.withLock { $0 }
        if event.isLoaded {
            let message = EngineMessage.reloaded(game: game, generation: event.generation.number)
            let wasBroken = broken.withLock { $0.remove(game) != nil }
            for peer in all { peer.run { $0.tell(message, playersOf: wasBroken ? nil : game) } }
        } else if let text = event.failureText, configuration.debug {
            let shown = String(decoding: text.utf8.prefix(CasinoLimits.shownErrorBytes), as: UTF8.self)
            let message = EngineMessage.error(game: game, event.running == nil ? .firstLoad : .load, text: shown)
            broken.withLock { _ = $0.insert(game) }
            for peer in all { peer.run { $0.tell(message, playersOf: nil) } }
        }
    }
}
