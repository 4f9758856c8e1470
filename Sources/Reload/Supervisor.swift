import Host
import LuaRuntime
import Logging
import NIOCore
import NIOPosix
import Transport

/// Owns the units: finds them, loads them, swaps them, one thing at a time. Lives on the control loop, which serves no sockets,
/// so reading files and compiling may block it.
///
/// The way of a unit:
///
///     files settle ─▸ prepare ─▸ gates ─▸ swap ─▸ runs
///                        │         │        │
///                        └─────────┴────────┴──▸ pending reason: kept and shown until an attempt succeeds;
///                                                what ran goes on
actor Supervisor {
    nonisolated let eventLoop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }
    /// Cuts off the specs that are being run and lets no further unit be loaded: this loop is busy until they end, and a stop of
    /// the server must not wait for them.
    private nonisolated let stop = LuaStop()

    private let configuration: ScriptHostConfiguration
    private let layout: ProjectLayout
    private let services: HostServices
    private let loader: UnitLoader
    /// Makes states that are thrown away: for specs, and for trying `migrate`.
    private let trial: UnitLoader
    private let specs: SpecRunner
    private let headStart: HeadStart
    private var registry = UnitRegistry()
    private var graph = DependencyGraph()
    private let fleet: WorkerFleet
    private var claims: ClaimBook
    private var retries = SwapRetries()
    private var nextGeneration: UInt64 = 1
    private var news: ReloadNews
    private var reportedFolders: Set<Problem> = []
    private var placement: WorkerPlacement
    private var turnstile = Turnstile()
    private var isClosed = false
    private let saves: SaveWatch

    init(eventLoop: any EventLoop, configuration: ScriptHostConfiguration, services: HostServices) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.services = services
        layout = configuration.layout
        saves = SaveWatch(on: eventLoop, timing: configuration.settleTiming)
        loader = UnitLoader(services: services, layout: layout, limits: configuration.luaLimits, listeners: configuration.listeners)
        trial = UnitLoader.trial(configuration, services.registry.forTrial, chunks: loader.chunks)
        specs = SpecRunner(loader: trial, passed: PassedSpecs(), stop: stop)
        headStart = HeadStart(loader: loader, specs: specs)
        claims = ClaimBook(reserved: configuration.reservedRoutes)
        fleet = WorkerFleet(workers: services.workers)
        placement = WorkerPlacement(services: services)
        news = ReloadNews(logger: services.logger)
    }

    func observe(_ observer: @escaping @Sendable (ReloadEvent) -> Void) { news.observe(observer) }

    /// Runs `body` after everything that was asked for before, waits included.
    func exclusively<T: Sendable>(_ body: () async -> T) async -> T {
        if !turnstile.enter() { await withCheckedContinuation { turnstile.append($0) } }
        let result = await body()
        turnstile.leave()
        return result
    }

    /// Saved files become live by themselves from here on: all of them in development mode, else those of the operator.
    func startWatching() {
        let own = layout.operatorRoots
        let roots = configuration.debug ? layout.roots + configuration.watchedDirectories + own : own
        guard !roots.isEmpty else { return }
        let watcher = DirectoryWatcher(roots: roots, pollMilliseconds: configuration.pollMilliseconds) { [weak self] events in
            guard let self else { return }
            let now = SaveWatch.now()
            eventLoop.execute { self.assumeIsolated { $0.saves.noticed(events, at: now) } }
        }
        saves.start(
            watcher,
            begin: { [weak self] paths in self?.assumeIsolated { $0.begin(paths) } },
            takeOver: { [weak self] batch in Task { await self?.exclusively { await self?.settled(batch) } } },
            tell: { [weak self] event in self?.assumeIsolated { $0.news.tell(event) } })
    }

    /// Failures of saved files wait for being told.
    var isHoldingFailures: Bool { saves.isHolding }
    var headStarts: Int { headStart.loads }

    // MARK: What is asked for

    /// Loads everything onto the workers that have sockets.
    func start(workers: [WorkerHandle]) async -> [Problem] {
        await exclusively {
            placement.socketWorkers = workers
            let (units, problems) = layout.discover()
            reportedFolders = Set(problems)
            for problem in problems { services.logger.error("\(problem)") }
            let events = await load(units, SourceSnapshot())
            return problems + events.compactMap { event in event.error.map { problem(event.unit, $0) } }
        }
    }

    /// Loads again what has changed and what failed the last time, or the named units whether they have changed or not.
    func reload(_ names: [String]?) async -> [ReloadEvent] {
        await exclusively {
            guard let names else { return await takeOver(nil) }
            let units = layout.discover().units
            let snapshot = SourceSnapshot()
            var events: [ReloadEvent] = []
            for name in names {
                let wanted = units.filter { $0.id.name == name || $0.id.description == name }
                events += await load(wanted, snapshot)
                guard wanted.isEmpty else { continue }
                let error = ScriptError(kind: .notFound, code: "no_unit", message: "there is no package or game \(name)")
                events.append(ReloadEvent(unit: .package(name), generation: GenerationNumber(number: 0), outcome: .failed(error), running: nil))
            }
            return events
        }
    }

    /// Takes over what has changed: changed units, new ones, and ones that are gone.
    ///
    /// - Parameter batch: What the watcher saw, whose failures are told a little later; nil: look at everything, and try what
    ///   failed again.
    func takeOver(_ batch: SettleMachine.Batch?) async -> [ReloadEvent] {
        guard !isClosed else { return [] }
        let snapshot = headStart.snapshot(written: batch.flatMap { $0.isComplete ? $0.paths : nil })
        defer { headStart.end() }
        let (units, problems) = layout.discover()
        for problem in problems where !reportedFolders.contains(problem) { services.logger.error("\(problem)") }
        reportedFolders = Set(problems)
        let written: Set<String> =
            if let batch, batch.isComplete { batch.paths } else { registry.ids.reduce(into: []) { $0.formUnion(graph.paths(of: $1)) } }
        var changed = graph.changed(written: written, snapshot: snapshot)
        if batch == nil { changed.formUnion(registry.pending) }
        var wanted = units.filter { changed.contains($0.id) || registry[$0.id] == nil }
        var events: [ReloadEvent] = []
        let found = Set(units.map(\.id))
        for record in registry.inOrder where !found.contains(record.source.id) {
            let source = record.source
            if !Files.isDirectory(source.folder.path) {
                let (event, waiting) = await unload(source.id)
                events.append(event)
                wanted += waiting.filter { unit in !wanted.contains { $0.id == unit.id } }
            } else if changed.contains(source.id) {
                // The folder is there without its main file: a mistake rather than a farewell.
                wanted.append(source)
            }
        }
        return await load(wanted, snapshot, holdsFailures: batch != nil) + events
    }

    /// Begins with what has changed while it is still being written, perhaps. Only if nothing else goes on.
    private func begin(_ paths: Set<String>) {
        guard !isClosed, !turnstile.isBusy else { return }
        let snapshot = headStart.snapshot(written: paths)
        let changed = graph.changed(written: paths, snapshot: snapshot, onlyWritten: true)
        let running = registry.inOrder.compactMap { record in record.running.map { (source: record.source, running: $0) } }
        headStart.begin(running.filter { changed.contains($0.source.id) }, snapshot, next: nextGeneration)
    }

    private func settled(_ batch: SettleMachine.Batch) async {
        if configuration.debug { _ = await takeOver(batch) } else { await takeOverOperatorFiles(batch) }
    }

    /// Takes over what the operator has changed beside the scripts: the packages that have read it are loaded anew.
    private func takeOverOperatorFiles(_ batch: SettleMachine.Batch) async {
        guard !isClosed, !layout.operatorRoots.isEmpty else { return }
        let snapshot = headStart.snapshot(written: batch.isComplete ? batch.paths : nil)
        defer { headStart.end() }
        let written = batch.isComplete ? batch.paths : registry.ids.reduce(into: []) { $0.formUnion(graph.paths(of: $1)) }
        let changed = graph.changed(written: written, snapshot: snapshot, below: layout.operatorRoots.map { $0 + "/" })
        _ = await load(registry.inOrder.map(\.source).filter { changed.contains($0.id) }, snapshot, holdsFailures: true)
    }

    /// Tries a unit again whose swap ran out of time.
    private func retry(_ id: UnitID) async {
        guard !isClosed, let record = registry[id], record.pending?.cure == .time else { return }
        _ = await load([record.source], SourceSnapshot())
    }

    var nothingRuns: Bool { registry.inOrder.allSatisfy { $0.running == nil } }

    func status() -> [UnitStatus] { registry.status(files: graph.paths) }

    // MARK: Units

    /// Loads units in order. One that another of them stands in the way of gets its turn after that one; those that had been
    /// refused for something that is free now are tried as well.
    private func load(_ units: [UnitSource], _ snapshot: SourceSnapshot, holdsFailures: Bool = false) async -> [ReloadEvent] {
        var queue = units
        var postponed: Set<UnitID> = []
        var events: [ReloadEvent] = []
        while !queue.isEmpty, !stop.isMade {
            let source = queue.removeFirst()
            let began = NIODeadline.now()
            let generation = GenerationNumber(number: nextGeneration)
            nextGeneration += 1
            saves.forget(source.id)
            let outcome: ReloadEvent.Outcome
            do throws(Refused) {
                let released = try await attempt(source, generation, snapshot)
                retries.ended(source.id)
                queue += registry.waiting(for: released).filter { unit in !queue.contains { $0.id == unit.id } }
                outcome = .loaded(milliseconds: Double((NIODeadline.now() - began).nanoseconds) / 1_000_000)
            } catch {
                // Not the unit's fault, if it was cut off.
                guard !stop.isMade else { break }
                let reason = error.reason
                if case .release(_, let holder) = reason.cure, queue.contains(where: { $0.id.description == holder }),
                    postponed.insert(source.id).inserted
                {
                    queue.append(source)
                    continue
                }
                registry.refused(source, planRetry(source.id, reason))
                outcome = .failed((registry.pending(source.id) ?? reason).explained)
            }
            let event = ReloadEvent(
                unit: source.id, generation: generation, outcome: outcome, running: registry[source.id]?.running?.generation)
            events.append(event)
            if holdsFailures, event.error != nil { saves.hold(event) } else { news.tell(event) }
        }
        return events
    }

    /// Why an attempt ended.
    private struct Refused: Error {
        var reason: PendingReason
    }

    /// Prepares, examines and swaps one unit. Whatever goes wrong, the generation before goes on.
    ///
    /// - Returns: What the unit has given up.
    private func attempt(
        _ source: UnitSource, _ number: GenerationNumber, _ snapshot: SourceSnapshot
    ) async throws(Refused) -> Set<Claimed> {
        func refused(_ error: ScriptError, _ stage: String, _ cure: PendingReason.Cure = .files) -> Refused {
            Refused(reason: PendingReason(error, generation: number, cure: cure, stage: stage))
        }
        let former = registry[source.id]?.running
        let first = headStart.take(source.id, number, snapshot)
            ?? loader.load(source, number: number, snapshot: snapshot, likely: former?.settings.limits)
        graph.record(source.id, first.files)
        let generation: Generation
        do throws(ScriptError) { generation = try first.result.get() } catch { throw refused(ManifestCheck.completed(error, of: source, in: snapshot), "load") }
        let candidate = Candidate(
            source: source, number: number, former: former, snapshot: snapshot, generation: generation, files: first.files)
        for gate in gates {
            let refusal = await gate.examine(candidate)
            graph.record(source.id, candidate.files)
            guard let refusal else { continue }
            generation.close()
            throw refused(refusal.error, gate.name, refusal.cure)
        }
        let unit: PreparedUnit
        do throws(ScriptError) { unit = try prepare(candidate) } catch { throw refused(error, "load") }
        let wanted = candidate.claims
        if let error = await UnitSwap.run(unit, timer: eventLoop, voteMilliseconds: configuration.voteMilliseconds) {
            throw refused(error, "swap", error.code == "vote_timeout" ? .time : .files)
        }
        await fleet.distributeRoutes(of: unit, former: former)
        registry.loaded(
            source,
            RunningUnit(
                generation: number, settings: unit.settings, manifest: unit.manifest,
                workers: unit.participants.map(\.worker.index)))
        // The gates have seen to it that nobody else has any of this.
        return (try? claims.replace(owner: source.id.description, wanted)) ?? []
    }

    /// What every candidate must pass, the cheap ones first. What the last one tells of a candidate is told of one that runs.
    private var gates: [any Gate] {
        [
            PlacementGate(), RouteGate(claims: claims), FunctionGate(claims: claims), ManifestGate(), SpecGate(runner: specs),
            MigrationGate(loader: trial, workers: services.workers),
            VersionGate(logger: services.logger),
        ]
    }

    /// A generation for each worker. On failure all are closed.
    private func prepare(_ candidate: Candidate) throws(ScriptError) -> PreparedUnit {
        var generations = [candidate.generation]
        do throws(ScriptError) {
            let workers = try placement.workers(of: candidate)
            while generations.count < workers.count {
                let more = loader.load(
                    candidate.source, number: candidate.number, snapshot: candidate.snapshot, likely: candidate.settings.limits)
                generations.append(try more.result.get())
            }
            return PreparedUnit(
                source: candidate.source, number: candidate.number, settings: candidate.settings,
                manifest: candidate.generation.registrations.manifest,
                participants: zip(workers, generations).map { (worker: $0, generation: $1) })
        } catch {
            for generation in generations { generation.close() }
            throw error
        }
    }

    /// - Returns: The reason, with another cure if time has had its chances.
    private func planRetry(_ id: UnitID, _ reason: PendingReason) -> PendingReason {
        guard reason.cure == .time, !isClosed else {
            retries.ended(id)
            return reason
        }
        guard let pause = retries.failed(id) else {
            return PendingReason(reason.error, generation: reason.generation, cure: .files, stage: reason.stage)
        }
        eventLoop.scheduleTask(in: pause) { [weak self] in
            Task { await self?.exclusively { await self?.retry(id) } }
        }
        return reason
    }

    /// - Returns: Units that can be tried now that this one has given up what it had.
    private func unload(_ id: UnitID) async -> (event: ReloadEvent, waiting: [UnitSource]) {
        let running = registry.remove(id)?.running
        graph.remove(id)
        retries.ended(id)
        saves.forget(id)
        let released = (try? claims.replace(owner: id.description, nil)) ?? []
        if let running { await fleet.takeOff(id, running) }
        let event = ReloadEvent(
            unit: id, generation: running?.generation ?? GenerationNumber(number: 0), outcome: .unloaded, running: nil)
        news.tell(event)
        return (event, registry.waiting(for: released))
    }

    // MARK: Routes

    /// Routes the host itself has on every loop. Nothing of the host's gives way to a script: a unit that has one of them,
    /// because they were not reserved before it was loaded, is taken off and waits.
    func setNative(owner: String, listener: String, _ make: @escaping @Sendable (Worker) -> [Route]) async {
        await exclusively {
            let wanted = UnitClaims(listener: listener, routes: await fleet.nativeRoutes(make))
            let others = claims.owners(of: wanted).subtracting([owner])
            for record in registry.inOrder where others.contains(record.source.id.description) {
                await evict(record, owner, wanted)
            }
            reserve(owner, wanted)
            await fleet.setNative(owner: owner, listener: listener, make)
        }
    }

    private func reserve(_ owner: String, _ wanted: UnitClaims) {
        do throws(RouteClash) { try claims.replace(owner: owner, wanted) } catch {
            services.logger.error("routes not taken: \(error)", metadata: ["owner": "\(owner)"])
        }
    }

    private func evict(_ record: UnitRegistry.Record, _ owner: String, _ wanted: UnitClaims) async {
        let id = record.source.id
        guard let running = record.running else { return }
        var book = ClaimBook()
        _ = try? book.replace(owner: owner, wanted)
        let own = UnitClaims(listener: running.settings.listener, routes: running.manifest.claims)
        guard let clash = book.clash(owner: id.description, own) else { return }
        let error = ScriptError(
            kind: .argument, code: clash.code.rawValue, message: clash.description, chunk: record.source.entry.label)
        _ = try? claims.replace(owner: id.description, nil)
        await fleet.takeOff(id, running)
        registry.evicted(id, PendingReason(error, generation: running.generation, cure: .files, stage: "routes"))
        news.tell(ReloadEvent(unit: id, generation: running.generation, outcome: .failed(error), running: nil))
    }

    private func problem(_ unit: UnitID, _ error: ScriptError) -> Problem {
        Problem(
            file: error.chunk ?? registry[unit]?.source.entry.label ?? unit.description, line: error.line, unit: unit.description,
            code: error.code, message: error.message)
    }

    // MARK: End

    /// What is being loaded is given up, and no unit is loaded any more. Any thread.
    nonisolated func cutLoads() { stop.make() }

    /// `on_stop` of every unit. From here on no unit is loaded any more.
    func announceStop() async {
        close()
        await fleet.everywhere { $0.announceStop() }
    }

    /// Ends all units: `on_unload`, then what still waits gets until the deadline.
    func shutdown(until deadline: NIODeadline) async {
        close()
        await exclusively {
            await fleet.closeClients(until: deadline, on: eventLoop)
            let units = registry.inOrder.compactMap { record in record.running.map { (record.source.id, $0.workers) } }
            await fleet.everywhere { worker in
                for (id, workers) in units where workers.contains(worker.index) { worker.unload(id) }
            }
            await fleet.waitForHandlers(until: deadline, on: eventLoop)
            registry.removeAll()
        }
        for group in placement.removeDedicated() { try? await group.shutdownGracefully() }
    }

    private func close() {
        isClosed = true
        saves.stop()
        headStart.end()
    }
}
