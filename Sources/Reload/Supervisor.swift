import Host
import LuaRuntime
import Logging
import NIOCore
import NIOPosix
import Transport

/// Owns the units: finds them, loads them, swaps them, one thing at a time. Lives on the control loop, which serves no sockets,
/// so reading files and compiling may block it.
actor Supervisor {
    /// Packages with a loop of their own; each costs a thread, for as long as the server runs.
    static let dedicatedMax = 32

    nonisolated let eventLoop: any EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    /// A unit with what became of the last attempt to load it.
    struct Record {
        var source: UnitSource
        /// Nil until the first good load.
        var running: Running?
        var error: ScriptError?
    }

    struct Running {
        var generation: GenerationNumber
        var settings: UnitSettings
        var manifest: RouteManifest
        var workers: [Int]
    }

    let configuration: ScriptHostConfiguration
    let layout: ProjectLayout
    let services: HostServices
    let loader: UnitLoader
    private(set) var socketWorkers: [WorkerHandle] = []
    var records: [UnitID: Record] = [:]
    var graph = DependencyGraph()
    var owners = RouteOwners()
    private var nextGeneration: UInt64 = 1
    private var observers: [@Sendable (ReloadEvent) -> Void] = []
    private var reportedFolders: Set<Problem> = []
    private var dedicated: [UnitID: (worker: WorkerHandle, group: MultiThreadedEventLoopGroup)] = [:]
    private var isBusy = false
    private var queue: [CheckedContinuation<Void, Never>] = []
    private(set) var isClosed = false
    var settle: SettleMachine
    var settleTask: Scheduled<Void>?
    var watcher: DirectoryWatcher?

    init(
        eventLoop: any EventLoop, configuration: ScriptHostConfiguration, services: HostServices
    ) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        self.services = services
        layout = configuration.layout
        settle = SettleMachine(timing: configuration.settleTiming)
        loader = UnitLoader(
            services: services, layout: layout, limits: configuration.luaLimits, listeners: configuration.listeners)
    }

    func observe(_ observer: @escaping @Sendable (ReloadEvent) -> Void) { observers.append(observer) }

    // MARK: One thing at a time

    /// Runs `body` after everything that was asked for before, waits included.
    func exclusively<T: Sendable>(_ body: () async -> T) async -> T {
        if isBusy {
            await withCheckedContinuation { queue.append($0) }
        } else {
            isBusy = true
        }
        let result = await body()
        if queue.isEmpty { isBusy = false } else { queue.removeFirst().resume() }
        return result
    }

    // MARK: What is asked for

    /// Loads everything onto the workers that have sockets.
    func start(workers: [WorkerHandle]) async -> [Problem] {
        await exclusively {
            socketWorkers = workers
            let (units, problems) = layout.discover()
            reportedFolders = Set(problems)
            var events: [ReloadEvent] = []
            let snapshot = SourceSnapshot()
            for unit in units { events.append(await load(unit, snapshot)) }
            return problems + events.compactMap { event in event.error.map { problem(event.unit, $0) } }
        }
    }

    /// Loads again what has changed, or the named units whether they have or not.
    func reload(_ names: [String]?) async -> [ReloadEvent] {
        await exclusively {
            guard let names else { return await takeOver(.init(paths: [], isComplete: false)) }
            let units = layout.discover().units
            let snapshot = SourceSnapshot()
            var events: [ReloadEvent] = []
            for name in names {
                let wanted = units.filter { $0.id.name == name || $0.id.description == name }
                for unit in wanted { events.append(await load(unit, snapshot)) }
                guard wanted.isEmpty else { continue }
                let error = ScriptError(kind: .notFound, code: "no_unit", message: "there is no package or game \(name)")
                events.append(ReloadEvent(unit: .package(name), generation: GenerationNumber(number: 0), outcome: .failed(error)))
            }
            return events
        }
    }

    /// Takes over what a batch of file changes means: changed units, new ones, and ones that are gone.
    func takeOver(_ batch: SettleMachine.Batch) async -> [ReloadEvent] {
        guard !isClosed else { return [] }
        let snapshot = SourceSnapshot()
        let (units, problems) = layout.discover()
        for problem in problems where !reportedFolders.contains(problem) { services.logger.error("\(problem)") }
        reportedFolders = Set(problems)
        let written = batch.isComplete ? batch.paths : records.keys.reduce(into: []) { $0.formUnion(graph.paths(of: $1)) }
        let changed = graph.changed(written: written, snapshot: snapshot)
        var events: [ReloadEvent] = []
        for unit in units where changed.contains(unit.id) || records[unit.id] == nil {
            events.append(await load(unit, snapshot))
        }
        let found = Set(units.map(\.id))
        for (id, record) in records.sorted(by: { $0.key.name < $1.key.name }) where !found.contains(id) {
            if !Files.isDirectory(record.source.folder.path) {
                events.append(await unload(id))
            } else if changed.contains(id) {
                // The folder is there without its main file: a mistake rather than a farewell.
                events.append(await load(record.source, snapshot))
            }
        }
        return events
    }

    func status() -> [UnitStatus] {
        records.values.sorted { ($0.source.id.kind.rawValue, $0.source.id.name) < ($1.source.id.kind.rawValue, $1.source.id.name) }.map {
            UnitStatus(
                unit: $0.source.id, generation: $0.running?.generation, error: $0.error, workers: $0.running?.workers ?? [],
                files: graph.paths(of: $0.source.id).sorted())
        }
    }

    // MARK: One unit

    /// Prepares and swaps one unit. Whatever goes wrong, the generation before goes on.
    private func load(_ source: UnitSource, _ snapshot: SourceSnapshot) async -> ReloadEvent {
        let began = NIODeadline.now()
        let generation = GenerationNumber(number: nextGeneration)
        nextGeneration += 1
        var record = records[source.id] ?? Record(source: source)
        record.source = source
        do throws(ScriptError) {
            let unit = try prepare(source, generation, record, snapshot)
            if let failure = await UnitSwap.run(unit, timer: eventLoop, voteMilliseconds: configuration.voteMilliseconds) {
                throw failure
            }
            await distributeRoutes(unit, former: record.running)
            owners.replace(owner: source.id.description, keys(unit.manifest, unit.settings))
            record.running = Running(
                generation: generation, settings: unit.settings, manifest: unit.manifest,
                workers: unit.participants.map(\.worker.index))
            record.error = nil
            records[source.id] = record
            let milliseconds = Double((NIODeadline.now() - began).nanoseconds) / 1_000_000
            return tell(ReloadEvent(unit: source.id, generation: generation, outcome: .loaded(milliseconds: milliseconds)))
        } catch {
            record.error = error
            records[source.id] = record
            return tell(ReloadEvent(unit: source.id, generation: generation, outcome: .failed(error)))
        }
    }

    /// Everything that can be done off the loops: files compiled and run for each worker, clashes looked for.
    private func prepare(
        _ source: UnitSource, _ generation: GenerationNumber, _ record: Record, _ snapshot: SourceSnapshot
    ) throws(ScriptError) -> PreparedUnit {
        let first = loader.load(source, generation: generation, snapshot: snapshot)
        graph.record(source.id, first.files)
        let instance = try first.result.get()
        var instances = [instance]
        do throws(ScriptError) {
            let settings = instance.settings
            if let running = record.running, running.settings.placement != settings.placement {
                throw ScriptError(
                    kind: .argument, code: "placement_changed",
                    message: "M.workers was \"\(running.settings.placement.rawValue)\" and is \"\(settings.placement.rawValue)\" now: that needs a restart",
                    chunk: source.entry.label)
            }
            let manifest = instance.registrations.manifest
            if let clash = owners.clash(owner: source.id.description, keys(manifest, settings)) {
                throw ScriptError(
                    kind: .argument, code: "route_taken",
                    message: "the route \(clash.key.method) \(clash.key.pattern) on the listener \"\(clash.key.listener)\" belongs to \(clash.owner)",
                    chunk: source.entry.label)
            }
            let workers = try workers(of: source.id, settings.placement, source)
            while instances.count < workers.count {
                instances.append(try loader.load(source, generation: generation, snapshot: snapshot).result.get())
            }
            return PreparedUnit(
                source: source, generation: generation, settings: settings, manifest: manifest,
                participants: zip(workers, instances).map { (worker: $0, instance: $1) })
        } catch {
            for instance in instances { instance.close() }
            throw error
        }
    }

    private func workers(of id: UnitID, _ placement: Placement, _ source: UnitSource) throws(ScriptError) -> [WorkerHandle] {
        switch placement {
        case .all: return socketWorkers
        case .one:
            // By name, so that packages spread over the loops and stay where they are.
            let hash = id.name.utf8.reduce(UInt64(5_381)) { ($0 &* 33) ^ UInt64($1) }
            return [socketWorkers[Int(hash % UInt64(socketWorkers.count))]]
        case .dedicated:
            if let known = dedicated[id] { return [known.worker] }
            guard dedicated.count < Self.dedicatedMax else {
                throw ScriptError(
                    kind: .argument, code: "too_many_loops", message: "at most \(Self.dedicatedMax) packages may be \"dedicated\"",
                    chunk: source.entry.label)
            }
            let group = LoopTicks.group(numberOfThreads: 1)
            let worker = Worker(index: services.workers.all.count, eventLoop: group.next(), context: nil, services: services)
            let handle: WorkerHandle = worker.handle
            dedicated[id] = (handle, group)
            return [handle]
        }
    }

    private func unload(_ id: UnitID) async -> ReloadEvent {
        let running = records.removeValue(forKey: id)?.running
        graph.remove(id)
        owners.replace(owner: id.description, [])
        if let running {
            await everywhere { worker in
                if running.workers.contains(worker.index) {
                    worker.unload(id)
                } else {
                    worker.removeRoutes(id, listener: running.settings.listener)
                }
            }
        }
        return tell(ReloadEvent(unit: id, generation: running?.generation ?? GenerationNumber(number: 0), outcome: .unloaded))
    }

    // MARK: Routes

    private func keys(_ manifest: RouteManifest, _ settings: UnitSettings) -> [RouteOwners.Key] {
        manifest.keys.map { RouteOwners.Key(listener: settings.listener, method: $0.method, pattern: $0.pattern) }
    }

    /// The workers that run the unit have set their routes with the swap; the others forward.
    private func distributeRoutes(_ unit: PreparedUnit, former: Running?) async {
        let id = unit.source.id
        let settings = unit.settings
        let manifest = unit.manifest
        let moved = former.flatMap { $0.settings.listener != settings.listener ? $0.settings.listener : nil }
        let homes = Set(unit.participants.map(\.worker.index))
        guard let home = unit.participants.first?.worker else { return }
        await everywhere { worker in
            if let moved {
                worker.dropRoutes(id, listener: moved)
            }
            if !homes.contains(worker.index) { worker.forward(id, listener: settings.listener, manifest, to: home) }
        }
    }

    /// Runs `body` on every worker's loop and waits for all.
    func everywhere(_ body: @escaping @Sendable (Worker) -> Void) async {
        let workers = services.workers.all
        let done = Countdown(workers.count)
        for worker in workers {
            worker.execute { worker in
                body(worker)
                done.tick()
            }
        }
        await done.wait()
    }

    /// Routes the host itself has on every loop. Claims them, so that packages cannot take them.
    func setNative(owner: String, listener: String, _ make: @escaping @Sendable (Worker) -> [Route]) async {
        let found = NativeRoutes()
        await everywhere { worker in
            guard worker.context != nil else { return }
            let routes = make(worker)
            if worker.index == 0 { found.set(routes.map { RouteOwners.Key(listener: listener, route: $0) }) }
            worker.setNativeRoutes(owner: owner, listener: listener, routes)
        }
        owners.replace(owner: owner, found.keys)
    }

    // MARK: Telling

    private func tell(_ event: ReloadEvent) -> ReloadEvent {
        let metadata: Logger.Metadata = ["unit": "\(event.unit)", "generation": "\(event.generation)"]
        switch event.outcome {
        case .loaded(let milliseconds):
            services.logger.info("loaded in \(Double(Int(milliseconds * 10)) / 10) ms", metadata: metadata)
        case .failed(let error):
            services.logger.error(
                "not loaded: \(error)",
                metadata: metadata.merging(["code": "\(error.code)", "traceback": "\(error.traceback ?? "")"]) { $1 })
        case .unloaded:
            services.logger.info("unloaded", metadata: metadata)
        }
        for observer in observers { observer(event) }
        return event
    }

    func problem(_ unit: UnitID, _ error: ScriptError) -> Problem {
        Problem(
            file: error.chunk ?? records[unit]?.source.entry.label ?? unit.description, line: error.line, unit: unit.description,
            code: error.code, message: error.message)
    }

    // MARK: End

    /// `on_stop` of every unit. From here on no unit is loaded any more.
    func announceStop() async {
        isClosed = true
        watcher?.stop()
        settleTask?.cancel()
        await everywhere { $0.announceStop() }
    }

    /// Ends all units: `on_unload`, then what still waits gets until the deadline.
    func shutdown(until deadline: NIODeadline) async {
        isClosed = true
        watcher?.stop()
        settleTask?.cancel()
        await exclusively {
            let units = records.compactMap { id, record in record.running.map { (id, $0.workers) } }
            await everywhere { worker in
                for (id, workers) in units where workers.contains(worker.index) { worker.unload(id) }
            }
            while NIODeadline.now() < deadline, await waitingJobs() > 0 {
                await withCheckedContinuation { continuation in
                    _ = eventLoop.scheduleTask(in: .milliseconds(20)) { continuation.resume() }
                }
            }
            records = [:]
        }
        for (_, entry) in dedicated { try? await entry.group.shutdownGracefully() }
        dedicated = [:]
    }

    private func waitingJobs() async -> Int {
        let sum = JobSum()
        await everywhere { sum.add($0.waitingJobs()) }
        return sum.value
    }
}
