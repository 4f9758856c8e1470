import AsyncHTTPClient
public import Bytes
public import Logging
import NIOCore
import NIOPosix
public import Host
public import Store
import Synchronization
import Transport

/// The casino: user sessions, wallets, games (docs/session-protocol.md, docs/casino.md). One per server.
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
    private let outbox: any Outbox
    private let wallets: WalletDirectory
    private let logger: Logger
    private let wallClock: WallClock
    private let peers = Lock<[CasinoPeer]>([])
    private let broken = BrokenGames()
    private let isAskingAgain = Atomic(false)
    /// Nil before the start.
    private let shared = Lock<CasinoShared?>(nil)

    /// - Parameter wallClock: Milliseconds since 1970.
    public init(
        configuration: CasinoConfiguration, host: any UnitHost, ledger: any Ledger, keys: any KeyValue, outbox: any Outbox, logger: Logger,
        wallClock: @escaping WallClock = systemWallClock
    ) {
        self.configuration = configuration
        wallets = WalletDirectory(addressed: Set(configuration.wallets.keys))
        self.host = host
        self.ledger = ledger
        self.keys = keys
        self.outbox = outbox
        self.logger = logger
        self.wallClock = wallClock
    }

    /// Asks for the sites and offers `/session/ws` and `/game/…` on every loop. Once, after the scripts.
    public func start() async {
        let count = host.workers
        let registry = await withCheckedContinuation { continuation in
            host.withWorker(0) { continuation.resume(returning: $0.services.registry) }
        }
        let shared = CasinoShared(
            configuration: configuration, sites: sites, ledger: ledger, keys: keys, outbox: outbox, wallets: wallets, logger: logger, loopCount: count,
            purity: PurityWatch(registry: registry, threadPool: .singleton, everyCall: configuration.debug), wallClock: wallClock)
        self.shared.withLock { $0 = shared }
        await refreshSites()
        var peers: [CasinoPeer] = []
        for index in 0..<count { peers.append(await makeLoop(index, shared)) }
        let all = peers
        for peer in all { peer.run { $0.begin(all) } }
        // After all of them have begun, for what it finds goes to any of them.
        all.first?.run { $0.wallets.begin() }
        self.peers.withLock { $0 = all }
        for case let module as CasinoModule in registry.modules { module.link.set(all, shared) }
        let gamesDirectory = configuration.gamesDirectory
        let broken = broken
        await host.native(owner: configuration.routes.owner, listener: configuration.listener) { worker in
            guard let loop = worker.storage[ObjectIdentifier(CasinoLoop.self)] as? CasinoLoop else { return [] }
            let games = GameRunner(worker: worker)
            return [
                .webSocket("/session/ws", SessionEndpoint(loop: loop)),
                .get(GameFiles.pattern, GameFiles(root: gamesDirectory, threadPool: .singleton) { broken.contains($0) ? games.loaded($0)?.manifest.text : nil }),
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
    /// package has been loaded, and once more after a while when it could not answer; whoever has just reloaded it and must know that
    /// they hold awaits this.
    public func refreshSites() async {
        await refreshWallets()
        let puts = sites.puts
        switch await ask("casino.sites") {
        case .failed(let code) where code == "no_such_function": sites.replace(with: [])
        case .failed(let code):
            logger.error("the sites were not told, they stay as they were", metadata: ["code": "\(code)"])
            askAgain()
        case .results(let values):
            guard let told = values.first.flatMap({ sites.read(list: $0) }) else {
                return logger.error("the sites cannot be read, they stay as they were", metadata: ["code": "bad_sites"])
            }
            if let error = await commit(to: told) {
                logger.error("the jackpots of the sites are not opened, the sites stay as they were", metadata: ["error": "\(error)"])
                askAgain()
            } else if !sites.replace(with: told, after: puts) {
                await refreshSites()  // one was told meanwhile that may not be among them
            }
        }
    }

    /// What must be won by a certain value is committed to before anybody can play for it.
    private func commit(to told: [Site]) async -> StoreError? {
        guard let shared = shared.withLock({ $0 }) else { return nil }
        return await withCheckedContinuation { continuation in
            host.withWorker(0) { worker in
                shared.commitments.make(for: told, on: shared.wallets.platforms, of: shared, loop: worker.eventLoop) { continuation.resume(returning: $0) }
            }
        }
    }

    /// A package that was too busy to answer would else not be asked before it is loaded anew: perhaps never.
    private func askAgain() {
        guard !isAskingAgain.exchange(true, ordering: .relaxed) else { return }
        host.withWorker(0) { [weak self] worker in
            worker.eventLoop.assumeIsolated().scheduleTask(in: CasinoLimits.askAgainPause) {
                guard let self else { return }
                self.isAskingAgain.store(false, ordering: .relaxed)
                Task { await self.refreshSites() }
            }
        }
    }

    /// Without an answer platforms play from where they did; while there never was one, they play from the store, and nobody else may
    /// touch their accounts.
    private func refreshWallets() async {
        switch await ask("casino.wallets") {
        case .results(let values) where values.first.map { wallets.replace($0) } == true: warnOfWallets()
        case .failed(let code) where code == "no_such_function":
            // One that did not load will say it when it does.
            if !(await host.knows(.package("casino"))) { wallets.noteNone() }
        case .results: logger.error("which wallets the platforms have cannot be read, they stay as they were", metadata: ["code": "bad_wallets"])
        case .failed(let code):
            logger.error("the wallets were not told, they stay as they were", metadata: ["code": "\(code)"])
            askAgain()
        }
    }

    /// A wallet that is said in one place only is a slip.
    private func warnOfWallets() {
        for platform in wallets.platforms(playingFrom: .remote) where configuration.wallets[platform] == nil {
            logger.warning(
                "nobody can play on this platform: config.json does not say where its wallet is (\"wallets\")", metadata: ["platform": "\(platform)"])
        }
        for platform in configuration.wallets.keys.sorted() where wallets.named(platform) != .remote {
            logger.warning(
                "config.json has a wallet for this platform, but no file of it says wallet = \"remote\"", metadata: ["platform": "\(platform)"])
        }
    }

    private func ask(_ function: String) async -> ScriptAnswer {
        await withCheckedContinuation { continuation in
            host.withWorker(0) { worker in
                WorkerCaller(worker).call(function, []) { continuation.resume(returning: $0) }
            }
        }
    }

    /// Takes no more commands; returns when those taken are committed and told. What is owed to operators is sent by the next start.
    public func drain() async {
        let peers = peers.withLock { $0 }
        // All at once: what one of them still waits for, an operator's answer, keeps no other from stopping.
        let ends = peers.map { peer in
            let promise = peer.eventLoop.makePromise(of: Void.self)
            peer.run { $0.drain(promise) }
            return promise.futureResult
        }
        for end in ends { try? await end.get() }
        for peer in peers {
            let clients = await withCheckedContinuation { continuation in peer.run { continuation.resume(returning: $0.wallets.end()) } }
            for client in clients { try? await client.shutdown() }
        }
    }

    // MARK: What changes

    private func tell(_ event: ReloadEvent) {
        if event.isLoaded, event.unit == .package("casino") { Task { await refreshSites() } }
        guard let game = event.game else { return }
        let all = peers.withLock { $0 }
        if event.isLoaded {
            let message = EngineMessage.reloaded(game: game, generation: event.generation.number)
            // Everybody was told of the error, and is to hear that it is gone.
            let isForAll = broken.remove(game) && configuration.debug
            for peer in all { peer.run { $0.tell(message, playersOf: isForAll ? nil : game) } }
        } else if let text = event.failureText {
            broken.insert(game)
            guard configuration.debug else { return }
            let shown = String(decoding: text.utf8.prefix(CasinoLimits.shownErrorBytes), as: UTF8.self)
            let message = EngineMessage.error(game: game, event.running == nil ? .firstLoad : .load, text: shown)
            for peer in all { peer.run { $0.tell(message, playersOf: nil) } }
        }
    }
}

/// Games whose files do not load, while the last version that did goes on. Any thread.
private final class BrokenGames: Sendable {
    private let names = Lock<Set<String>>([])

    func contains(_ game: String) -> Bool { names.withLock { $0.contains(game) } }
    func insert(_ game: String) { names.withLock { _ = $0.insert(game) } }
    /// - Returns: Whether it was one.
    func remove(_ game: String) -> Bool { names.withLock { $0.remove(game) != nil } }
}
