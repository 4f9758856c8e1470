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
    public let sites: SiteDirectory
    private let configuration: CasinoConfiguration
    private let host: any UnitHost
    private let ledger: any Ledger
    private let keys: any KeyValue
    private let logger: Logger
    private let wallClock: WallClock
    private let peers = Lock<[CasinoPeer]>([])
    private let watch = Lock<Task<Void, Never>?>(nil)

    /// - Parameters:
    ///   - sites: Where the local sites are; loaded by ``start()``.
    ///   - wallClock: Milliseconds since 1970.
    public init(
        configuration: CasinoConfiguration, host: any UnitHost, sites: SiteDirectory, ledger: any Ledger, keys: any KeyValue, logger: Logger,
        wallClock: @escaping WallClock = systemWallClock
    ) {
        self.configuration = configuration
        self.host = host
        self.sites = sites
        self.ledger = ledger
        self.keys = keys
        self.logger = logger
        self.wallClock = wallClock
    }

    /// Loads the sites and offers `/session/ws` and `/game/…` on every loop. Once. Not on an event loop: reads files.
    ///
    /// Broken site files are logged and left out, see ``reloadSites()``.
    public func start() async {
        reloadSites()
        let count = host.workers
        let shared = CasinoShared(
            configuration: configuration, sites: sites, ledger: ledger, keys: keys, logger: logger, loopCount: count, wallClock: wallClock)
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
        if configuration.debug { watchSites() }
    }

    private func makeLoop(_ index: Int, _ shared: CasinoShared) async -> CasinoPeer {
        await withCheckedContinuation { continuation in
            host.withWorker(index) { worker in
                guard let context = worker.context else { preconditionFailure("worker \(index) has no sockets") }
                let loop = CasinoLoop(
                    index: index, sockets: context, games: GameRunner(worker: worker), components: ScriptComponents(worker: worker),
                    shared: shared)
                worker.storage[ObjectIdentifier(CasinoLoop.self)] = loop
                continuation.resume(returning: CasinoPeer(loop))
            }
        }
    }

    /// Reads the site files again. A broken file leaves its site as it was. Not on an event loop: reads files.
    ///
    /// - Returns: What is wrong; logged as well.
    @discardableResult
    public func reloadSites() -> [SiteProblem] {
        let problems = sites.load()
        for problem in problems { logger.error("\(problem)", metadata: ["code": "bad_site"]) }
        return problems
    }

    /// Takes no more commands; returns when those taken are committed and told.
    public func drain() async {
        watch.withLock { $0?.cancel() }
        for peer in peers.withLock({ $0 }) {
            let promise = peer.eventLoop.makePromise(of: Void.self)
            peer.run { $0.drain(promise) }
            try? await promise.futureResult.get()
        }
    }

    // MARK: What changes

    private func tell(_ event: ReloadEvent) {
        guard let game = event.game else { return }
        let all = peers.withLock { $0 }
        if event.isLoaded {
            let message = EngineMessage.reloaded(game: game, generation: event.generation.number)
            for peer in all { peer.run { $0.tell(message, playersOf: game) } }
        } else if let text = event.failureText, configuration.debug {
            let shown = String(decoding: text.utf8.prefix(CasinoLimits.shownErrorBytes), as: UTF8.self)
            let message = EngineMessage.error(game: game, event.running == nil ? .firstLoad : .load, text: shown)
            for peer in all { peer.run { $0.tell(message, playersOf: nil) } }
        }
    }

    /// Looks for changed site files once a second, off the loops.
    private func watchSites() {
        let task = Task { [weak self] in
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                guard let self else { return }
                guard let problems = self.sites.loadIfChanged() else { continue }
                for problem in problems { self.logger.error("\(problem)", metadata: ["code": "bad_site"]) }
                self.logger.info("sites read again", metadata: ["sites": "\(self.sites.all.count)"])
            }
        }
        watch.withLock { $0 = task }
    }
}
