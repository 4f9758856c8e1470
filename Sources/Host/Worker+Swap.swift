import Logging
import LuaRuntime
import NIOCore
import NIOHTTP1
import Transport

// Replacing one generation by the next. The control loop drives: stage, then commit or abort.
extension Worker {
    /// Takes a loaded candidate to the point where it could go live: adopts its state, carries `nightjar.state`, runs
    /// `migrate` and `on_reload`. From here on the unit's messages are kept until `commit` or `abort`.
    ///
    /// On failure everything is as before, and the candidate is closed.
    func stage(_ candidate: Generation) -> Result<StagedSwap, ScriptError> {
        let slot = slot(candidate.id)
        if slot.isHeld {
            candidate.close()
            return .failure(ScriptError(kind: .argument, code: "busy", message: "another reload is under way"))
        }
        slot.isHeld = true
        candidate.worker = self
        candidate.phase = .staged
        candidate.state.adopt()
        let staged = StagedSwap(slot: slot, candidate: candidate, old: slot.instance)
        do throws(ScriptError) {
            try prepare(candidate, slot.instance)
            return .success(staged)
        } catch {
            abort(staged)
            return .failure(error)
        }
    }

    private func prepare(_ candidate: Generation, _ old: Generation?) throws(ScriptError) {
        isRunning = true
        defer { isRunning = false }
        candidate.state.isLoading = false
        let deadline = candidate.settings.limits.loadDeadline
        if let old, candidate.settings.placement != .all {
            let carried = try old.state.stateTable()
            try candidate.state.setStateTable(carried)
            if candidate.settings.version > old.settings.version, let migrate = candidate.function("migrate") {
                let table = try candidate.state.decodePlain(carried)
                defer { candidate.state.release(table) }
                let from = old.settings.version
                let push = { (arguments: inout LuaArguments) in
                    arguments.integer(from)
                    arguments.ref(table)
                }
                let new = try candidate.state.call(migrate, deadline: deadline, push) {
                    (results: borrowing LuaResults) throws(ScriptError) -> [UInt8]? in
                    results.kind(0) == .table ? try results.plain(0) : nil
                }
                if let new { try candidate.state.setStateTable(new) }
            }
        }
        if let reload = candidate.function("on_reload") { try candidate.state.call(reload, deadline: deadline) }
    }

    /// The candidate becomes the running generation; what was kept goes to it.
    func commit(_ staged: StagedSwap) {
        precondition(!staged.isDone, "a swap ends once")
        staged.isDone = true
        let (slot, new, old) = (staged.slot, staged.candidate, staged.old)
        new.phase = .live
        slot.instance = new
        install(new, slot)
        if let old {
            new.timers.inherit(from: old.timers)
            if old.settings.listener != new.settings.listener { setRoutes(old.id, listener: old.settings.listener, []) }
            retire(old, slot)
        }
        for id in new.timers.ids { arm(id, new) }
        tapLog(new)
        services.directory.addTopics(new.registrations.subscriptions.keys, worker: index)
        for name in services.directory.replaceFunctions(
            of: new.id, worker: index, Array(new.registrations.provided.keys))
        {
            services.logger.error(
                "another package provides this function already", metadata: ["unit": "\(new.id)", "function": "\(name)"])
        }
        // Effects of on_reload; arming is idempotent, so timers it set are armed once.
        isRunning = true
        applyEffects(of: new, current: nil)
        isRunning = false
        if old == nil, let ready = new.function("on_ready") { run(ready, new, slot, .other) { _ in } }
        release(slot)
        drainRunQueue()
        if let old { carryInBackground(slot, old) }
    }

    /// The candidate is dropped; what was kept goes to the running generation.
    func abort(_ staged: StagedSwap) {
        precondition(!staged.isDone, "a swap ends once")
        staged.isDone = true
        staged.candidate.close()
        release(staged.slot)
        drainRunQueue()
        if staged.slot.instance == nil, staged.slot.records.isEmpty { forget(staged.slot) }
    }

    /// Points the unit's endpoints and routes on this loop at the new handlers.
    private func install(_ new: Generation, _ slot: Unit) {
        let declared = new.registrations
        var endpoints: [String: ScriptEndpoint] = [:]
        var responders: [String: ScriptResponder] = [:]
        for endpoint in declared.endpoints {
            let object = slot.endpoints[endpoint.path] ?? ScriptEndpoint(slot: slot, path: endpoint.path)
            object.handlers = endpoint.handlers
            object.settings = endpoint.settings
            endpoints[endpoint.path] = object
        }
        for route in declared.routes {
            let key = route.key
            let object = slot.responders[key] ?? ScriptResponder(slot: slot)
            object.handler = route.handler
            object.options = route.options
            responders[key] = object
        }
        for (path, endpoint) in slot.endpoints where endpoints[path] == nil { close(endpoint) }
        for (key, responder) in slot.responders where responders[key] == nil { responder.handler = nil }
        slot.endpoints = endpoints
        slot.responders = responders
        if new.settings.placement == .one, context != nil { services.rooms?.own(prefix: new.roomPrefix, loopIndex: index) }
        guard context != nil else { return }
        var routes = endpoints.map { Route.webSocket($0.key, $0.value) }
        for route in declared.routes {
            routes.append(.method(.init(rawValue: route.method), route.pattern, responders[route.key]!))
        }
        setRoutes(new.id, listener: new.settings.listener, routes + folderRoutes(declared.folders))
    }

    /// An endpoint that is not declared any more: its connections have nobody to talk to.
    private func close(_ endpoint: ScriptEndpoint) {
        endpoint.handlers = EndpointHandlers()
        endpoint.retarget()
        for record in endpoint.slot.records where record.endpoint === endpoint {
            close(record.id, 1001, UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }

    /// The former generation ends what it began.
    private func retire(_ old: Generation, _ slot: Unit) {
        old.phase = .stale
        old.state.isSealed = true
        cancelTimers(of: old)
        services.directory.removeTopics(old.registrations.subscriptions.keys, worker: index)
        slot.draining.append(old)
        limitJobs(of: old)
    }

    /// Closes a former generation that has neither jobs nor connections' data.
    func closeIfDone(_ instance: Generation, _ slot: Unit) {
        guard instance.phase == .stale, instance.waitingJobs == 0, instance.attachedConnections == 0, !isRunning else {
            return
        }
        slot.draining.removeAll { $0 === instance }
        instance.close()
    }

    /// What was kept during a swap goes on, in its order.
    private func release(_ slot: Unit) {
        slot.isHeld = false
        let deferred = slot.deferred
        slot.deferred = []
        let backlog = slot.backlog
        slot.backlog = []
        for record in backlog {
            record.isListed = false
            runQueue.append { self.drainQueue(record) }
        }
        for work in deferred { runQueue.append(work) }
    }

    /// Carries `conn.data` over, some connections per turn, so that the former generation can close.
    private func carryInBackground(_ slot: Unit, _ old: Generation, from start: Int = 0) {
        guard old.phase == .stale else { return }
        let records = slot.records
        var index = start
        let end = min(records.count, start + services.limits.carriedPerTurn)
        while index < end {
            let record = records[index]
            if record.dataInstance === old, !record.isBusy, let current = slot.instance, current !== old {
                carryData(of: record, to: current)
            }
            index += 1
        }
        if index < records.count {
            eventLoop.assumeIsolated().execute { self.carryInBackground(slot, old, from: index) }
        } else {
            // Records can have changed places meanwhile; whoever is left is carried by the next turn or by its own handler.
            closeIfDone(old, slot)
            guard old.phase == .stale, slot.records.contains(where: { $0.dataInstance === old && !$0.isBusy }) else { return }
            eventLoop.assumeIsolated().execute { self.carryInBackground(slot, old) }
        }
    }
}

extension Generation {
    /// A function of the module table.
    func function(_ name: String) -> LuaRef? {
        guard let module else { return nil }
        return state.reference(field: name, of: module)
    }

    /// What the unit's room names begin with, so packages cannot meet by accident.
    var roomPrefix: String { id.name + ":" }
}

extension Registrations.HTTPRoute {
    var key: String { method + " " + pattern }

    var options: HTTPOptions {
        RouteManifest.HTTPRoute(method: method, pattern: pattern, maxBodyBytes: maxBodyBytes, cors: cors).options
    }
}

extension RouteManifest.HTTPRoute {
    var key: String { method + " " + pattern }

    var options: HTTPOptions {
        var options = HTTPOptions()
        if let maxBodyBytes { options.maxBody = maxBodyBytes }
        if cors { options.cors = CORSPolicy() }
        return options
    }
}
