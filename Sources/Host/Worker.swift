import Logging
import LuaRuntime
public import NIOCore
public import Transport

/// Runs the Lua of one event loop: the units that live here, one slice at a time, in rotation.
///
///     sockets ──▶ Unit, Unit, Unit …  what waits to enter Lua, and what runs it
///     Bridge ───▶   │                 other workers' sockets and units
///     clocks ───▶   ▼
///                 Turns               whose input runs next, and until when
///
/// Inputs run in three places only: a message for an idle unit where the socket's bytes are read, the other inputs in
/// `Turns.take`, and a swap's functions in `StagedSwap`. None of them is ever inside another: whatever ends a wait or comes up
/// while a slice runs becomes an input (`Unit.enqueue`). All of a tick together is bounded by the `Scheduler`; what is left
/// waits until the sockets have been served, however fast a unit feeds itself.
///
/// Reached directly by what lives on the loop, by everybody else through its `handle`.
public final class Worker {
    /// Place among the workers; equals the loop's index for those with sockets.
    public let index: Int
    public let eventLoop: any EventLoop
    /// The sockets of the loop; nil for a dedicated worker.
    public let context: LoopContext?
    package let services: HostServices
    package private(set) var handle: WorkerHandle!
    package private(set) var units: [UnitID: Unit] = [:]
    /// By `Unit.place`.
    private var places: [Unit?] = []
    /// Connections whose handlers run here.
    package var records: [ConnectionID: ConnectionRecord] = [:]
    private(set) var bridge: Bridge!
    package private(set) var calls: ProvidedCalls!
    let turns: Turns
    /// What other targets keep per worker (games, home accounts), keyed by their own type.
    public var storage: [ObjectIdentifier: AnyObject] = [:]

    /// Makes a worker and enters it into the group. On its loop, before the loop serves anything.
    package init(index: Int, eventLoop: any EventLoop, context: LoopContext?, services: HostServices) {
        self.index = index
        self.eventLoop = eventLoop
        self.context = context
        self.services = services
        turns = Turns(eventLoop: eventLoop, limits: services.limits.scheduler)
        let handle = WorkerHandle(index: index, eventLoop: eventLoop, worker: self)
        self.handle = handle
        bridge = Bridge(worker: self)
        calls = ProvidedCalls(worker: self)
        services.workers.append(handle)
        handle.execute { worker in LoopTicks.observe { [turns = worker.turns] in turns.tickEnded() } }
    }

    // MARK: Units

    func unit(_ id: UnitID) -> Unit {
        if let unit = units[id] { return unit }
        let unit = Unit(id: id, place: places.count, worker: self)
        places.append(unit)
        units[id] = unit
        return unit
    }

    /// By name, so that what goes to several packages has one order.
    var unitsInOrder: [Unit] { units.values.sorted { $0.id.name < $1.id.name } }

    func forgetIfOver(_ unit: Unit) {
        guard unit.isOver, !unit.isHeld, units[unit.id] === unit else { return }
        unit.stop()
        units[unit.id] = nil
        places[unit.place] = nil
    }

    /// The running generation of a unit, if this worker runs it.
    package func generation(of id: UnitID) -> Generation? { units[id]?.generation }

    /// Ends a wait of a unit of this worker.
    func endWait(_ token: WaitToken, _ result: WaitResult) {
        guard token.job.unit < places.count else { return }
        places[token.job.unit]?.jobs.end(token, result)
    }

    /// Ends a unit on this worker: `on_unload`, then its connections are closed, then its state.
    package func unload(_ id: UnitID) {
        guard let unit = units[id], let generation = unit.generation else { return }
        unit.run("on_unload", of: generation)
        removeRoutes(id, listener: generation.settings.listener)
        unit.routes.clear()
        unit.clients.clear()
        _ = services.directory.replaceFunctions(of: id, worker: index, [])
        services.directory.removeTopics(generation.registrations.subscriptions.keys, worker: index)
        services.logTap?.detach(id, worker: index)
        unit.generation = nil
        unit.retire(generation)
        unit.closeIfDone(generation)
    }

    /// Tells the units of this worker that the server is about to end: `on_stop`, while sockets are still open.
    package func announceStop() {
        for unit in unitsInOrder {
            if let generation = unit.generation { unit.run("on_stop", of: generation) }
        }
    }

    /// Begins to close the connections that packages have opened: the server ends.
    package func closeClients() {
        for unit in unitsInOrder { unit.clients.stop() }
    }

    /// Outgoing connections that are not gone yet.
    package func openClients() -> Int { units.values.reduce(0) { $0 + $1.clients.links } }

    /// Number of handlers that wait; for draining at the end.
    package func waitingJobs() -> Int { units.values.reduce(0) { $0 + $1.jobs.count } }

    // MARK: Turns

    /// Runs work of the host in some later tick.
    func later(_ chore: @escaping () -> Void) { turns.later(chore) }

    /// Takes inputs from the units in rotation, as long as the tick's share lasts. A task of the loop, never inside Lua.
    package func takeTurn() { turns.take() }

    // MARK: Routes

    /// Sends the routes of a unit that another worker runs there.
    package func forward(_ unit: UnitID, listener: String, _ manifest: RouteManifest, to home: WorkerHandle) {
        guard context != nil else { return }
        setRoutes(unit, listener: listener, bridge.forward(unit, manifest, to: home) + folderRoutes(manifest))
    }

    /// Takes a unit's routes off this loop.
    package func removeRoutes(_ unit: UnitID, listener: String) {
        bridge.forget(unit)
        setRoutes(unit, listener: listener, [])
    }

    /// Files are served by every loop itself.
    func folderRoutes(_ manifest: RouteManifest) -> [Route] {
        let redirects = manifest.redirects.map { Route.get($0, SlashRedirect()) }
        return redirects + manifest.folders.map { folder in
            var policy = StaticFiles.Policy()
            if let index = folder.index { policy.index = index }
            if folder.isOpen { policy.cors = CORSPolicy() }
            let roots = [folder.operatorDirectory, folder.directory].compactMap { $0 }
            let files = StaticFiles(roots: roots, policy: policy, threadPool: services.threadPool)
            let prefix = folder.prefix.hasSuffix("/") ? folder.prefix : folder.prefix + "/"
            return .get(prefix + "*", files)
        }
    }

    package func setRoutes(_ unit: UnitID, listener: String, _ routes: [Route]) {
        do throws(RouteClash) {
            try context?.setRoutes(listener: listener, owner: unit.description, routes)
        } catch {
            // Clashes were looked for before the swap; what is left is a race with another unit, which the log has to tell.
            services.logger.error("routes not taken: \(error)", metadata: ["unit": "\(unit)"])
        }
    }

    // MARK: Calls, log

    /// For other targets: calls a function that some package provides, with JSON arguments and JSON results.
    ///
    /// - Parameters:
    ///   - arguments: JSON texts, at most 8.
    ///   - done: On this loop, in a later turn. Results are JSON texts, or a stable code with detail for the log.
    public func call(
        provided name: String, json arguments: [[UInt8]], _ done: @escaping (Result<[[UInt8]], CallFailure>) -> Void
    ) {
        let home = handle!
        let answer = NIOLoopBound(done, eventLoop: eventLoop)
        calls.call(name, ProvidedCall(arguments: arguments.map { .json($0) }, form: .json) { outcome in
            home.execute { _ in
                switch outcome {
                case .values(let values):
                    answer.value(.success(values.map { if case .json(let bytes) = $0 { bytes } else { Array("null".utf8) } }))
                case .failure(let code, let detail): answer.value(.failure(CallFailure(code: code, detail: detail)))
                }
            }
        })
    }

    /// A generation goes live: its unit listens to the log from now on, or no more. Lines that wait stay for the next
    /// generation.
    func tapLog(_ generation: Generation) {
        if generation.registrations.logListener != nil {
            services.logTap?.attach(generation.id, handle)
        } else {
            services.logTap?.detach(generation.id, worker: index)
        }
    }

    /// Gives a unit the lines that wait for it.
    func deliverLog(to id: UnitID) {
        units[id]?.enqueue(.logLines)
        takeTurn()
    }

    /// Logs an error of a script, once, with all that is known, and tells the observers.
    ///
    /// - Parameter request: The number a client was told in place of the error.
    func report(_ error: ScriptError, _ generation: Generation, request: String? = nil) {
        var metadata: Logger.Metadata = [
            "unit": "\(generation.id)", "generation": "\(generation.number)", "code": "\(error.code)",
            "at": "\(error.chunk ?? "?"):\(error.line ?? 0)", "traceback": "\(error.traceback ?? "")",
        ]
        if let request { metadata["id"] = "\(request)" }
        services.logger.error("\(error.message)", metadata: metadata)
        services.onScriptError(generation.id, generation.number, error)
    }
}
