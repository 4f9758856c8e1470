import Logging
import LuaRuntime
import NIOCore
import Transport

/// One package or game on one worker, through all its generations: what waits to enter its Lua, what its handlers wait for,
/// its connections, timers, routes and clients. Loop-bound.
///
///                  ┌──────────────────────── Unit ─────────────────────────┐
///     sockets ───▶ │ connections ─┐                                        │
///     clocks ────▶ │ dueTimes ────┤                                        │
///     others ────▶ │ calls … ─────┼─▶ mailbox ─▶ runner ─▶ Generation (Lua)│ ──▶ effects ─▶ sockets, rooms, other units
///     ends of  ──▶ │ jobs ────────┘   (inputs)     │                       │
///     waits        │   ▲                           ▼                       │
///                  │   └─────────────── a handler that waits               │
///                  └───────────────────────────────────────────────────────┘
///
/// Everything that is to enter Lua is an `Input` in the `mailbox`, which the worker takes from its units in rotation. There is
/// one short cut: what comes from a socket while nothing waits and nothing runs (`isIdle`) runs at once. The `runner` knows
/// the way of a handler: a slice of Lua, then its effects, then its wait (`jobs`), its failure or its end.
///
/// While a swap is under way (`isHeld`), inputs stay where they are, in their order, and go to whichever generation runs
/// afterwards. A former generation (`draining`) ends the handlers it began, for a bounded time, and closes.
package final class Unit: SchedulerMember {
    package let id: UnitID
    /// Number among the units the worker has had, in the ids of its jobs.
    let place: Int
    // The worker has the unit.
    unowned(unsafe) let worker: Worker
    /// The running generation; nil before the first and after the last.
    package var generation: Generation? {
        didSet { retarget() }
    }
    package private(set) var mailbox: Mailbox
    /// A swap is under way.
    private(set) var isHeld = false {
        didSet { retarget() }
    }
    /// See ``SchedulerMember/owes``.
    var owes = false {
        didSet { if owes != oldValue { retarget() } }
    }
    /// In the worker's rotation.
    private var isInRotation = false
    /// Former generations that still have work.
    private(set) var draining: [Generation] = []
    // Constants, so that the path of a message reaches them without counting references.
    let turns: Turns
    let connections: UnitConnections
    let runner: HandlerRunner
    private(set) var routes: UnitRoutes!
    private(set) var clients: UnitClients!
    private(set) var jobs: Jobs!
    private(set) var timers: UnitTimers!
    private(set) var dueTimes: DueTimes!
    /// Development mode only.
    private(set) var stateWatch: StateWatch?
    /// Inputs that found no room, by kind, since they were last told.
    private var droppedCounts: [String: Int] = [:]
    private var droppedTold = NIODeadline.uptimeNanoseconds(0)

    init(id: UnitID, place: Int, worker: Worker) {
        self.id = id
        self.place = place
        self.worker = worker
        mailbox = Mailbox(limits: worker.services.limits)
        turns = worker.turns
        runner = HandlerRunner(worker: worker)
        connections = UnitConnections(worker: worker, runner: runner)
        runner.unit = self
        connections.unit = self
        routes = UnitRoutes(unit: self, worker: worker)
        clients = UnitClients(unit: self)
        jobs = Jobs(unit: self)
        timers = UnitTimers(unit: self)
        dueTimes = DueTimes(unit: self)
        if worker.services.debug { stateWatch = StateWatch(unit: self) }
    }

    private func retarget() {
        routes.retarget()
        clients.retarget()
    }

    // MARK: Inputs

    /// Nothing runs on the worker, nothing waits here, and the unit need not stand back: what comes may run at once.
    @inline(__always)
    var isIdle: Bool { turns.obstacles.isEmpty && mailbox.isEmpty && !isHeld && !owes }

    /// Adds an input that must not be lost. It runs in its turn, never inside this call.
    func enqueue(_ input: Input) {
        mailbox.append(input)
        wake()
    }

    /// Adds an input; false if too much waits already.
    func offer(_ input: Input) -> Bool {
        guard mailbox.offer(input) else { return false }
        wake()
        return true
    }

    private func wake() {
        guard !isInRotation, !isHeld else { return }
        isInRotation = true
        turns.add(self)
    }

    /// Runs the oldest input. For the worker, when it is the unit's turn.
    func takeInput() {
        guard !isHeld, let input = mailbox.takeFirst() else { return }
        switch input {
        case .connection(let record): connections.takeTurn(record)
        case .request(let responder, let request, let exchange): responder.run(request, exchange)
        case .timer(let id, let generation): timers.run(id, generation)
        case .waitEnd(let job, let end): runner.goOn(job, end)
        case .call(let call): run(call)
        case .publication(let topic, let value, let place): run(topic, value, place)
        case .spawn(let generation, let function, let arguments): run(generation, function, arguments)
        case .logLines: runLogListener()
        case .clientFailed(let client, let failure, let retryAfter): run(client, failure, retryAfter)
        }
    }

    /// Whether it wants another turn. For the worker, after `takeInput`.
    func staysInRotation() -> Bool {
        isInRotation = !isHeld && !mailbox.isEmpty
        return isInRotation
    }

    private func run(_ call: ProvidedCall) {
        guard let generation, let function = generation.registrations.provided[call.function] else {
            return call.fail("no_such_function", call.function)
        }
        runner.run(function, generation, .call(call)) { list in
            for argument in call.arguments { argument.push(&list) }
        }
    }

    private func run(_ topic: String, _ value: [UInt8], _ place: Int) {
        guard let generation, let functions = generation.registrations.subscriptions[topic], place < functions.count else { return }
        runner.run(functions[place], generation, .other) {
            if value.isEmpty { $0.nil() } else { $0.plain(value) }
            $0.string(topic)
        }
    }

    private func run(_ generation: Generation, _ function: LuaRef, _ arguments: [LuaRef]) {
        generation.waitingSpawns -= 1
        guard generation.phase != .closed else { return }
        runner.run(function, generation, .spawn) { list in
            for argument in arguments { list.ref(argument) }
        }
        for argument in arguments { generation.state?.release(argument) }
        generation.state?.release(function)
        if generation.phase == .stale { closeIfDone(generation) }
    }

    private func run(_ client: ScriptClient, _ failure: ClientFailure, _ retryAfter: Double?) {
        guard let generation, let handler = client.failedHandler else { return }
        runner.run(handler, generation, .other) {
            $0.plain(failure.plain)
            if let retryAfter { $0.number(retryAfter) } else { $0.nil() }
        }
    }

    private func runLogListener() {
        guard let tap = worker.services.logTap, let generation, let handler = generation.registrations.logListener,
            let lines = tap.take(id, worker: worker.index)
        else { return }
        runner.run(handler, generation, .log) { $0.json(lines) }
    }

    /// Runs a function of the module table (`on_ready`, `on_stop`, `on_unload`), if there is one.
    func run(_ name: String, of generation: Generation) {
        if let function = generation.function(name) { runner.run(function, generation, .other) { _ in } }
    }

    /// Something found no room and is lost: counted, and told once a second.
    func dropped(_ what: String) {
        droppedCounts[what, default: 0] += 1
        let now = NIODeadline.now()
        guard now >= droppedTold else { return }
        droppedTold = now + .seconds(1)
        for (what, count) in droppedCounts.sorted(by: { $0.key < $1.key }) {
            worker.services.logger.warning(
                "\(what) were dropped: too much waits for this package", metadata: ["unit": "\(id)", "count": "\(count)"])
        }
        droppedCounts = [:]
    }

    // MARK: Generations

    /// Before another generation takes over: what the running one has spawned begins in it, with what came before in the
    /// mailbox, as far as that fits into a unit's share of a tick. Else it would begin in a generation that is replaced already.
    func beginSpawned() {
        guard let generation, turns.obstacles.isDisjoint(with: [.running, .turn]) else { return }
        turns.obstacles.insert(.turn)
        let limits = worker.services.limits.scheduler
        let end = NIODeadline.now() + .nanoseconds(limits.nanosecondsPerTick)
        var inputs = 0
        while generation.waitingSpawns > 0, inputs < limits.inputsPerTick, NIODeadline.now() < end {
            takeInput()
            inputs += 1
        }
        turns.obstacles.remove(.turn)
    }

    /// From here on inputs are kept.
    func hold() { isHeld = true }

    /// What was kept goes on, in its order.
    func release() {
        isHeld = false
        if !mailbox.isEmpty { wake() }
    }

    /// A generation is not the running one any more: it ends what it began.
    func retire(_ old: Generation) {
        old.phase = .stale
        old.state.isSealed = true
        draining.append(old)
        jobs.limit(old)
    }

    /// Closes a former generation that has neither handlers at work nor connections' data.
    func closeIfDone(_ generation: Generation) {
        guard generation.phase == .stale, generation.waitingJobs == 0, generation.waitingSpawns == 0,
            generation.attachedConnections == 0, !turns.obstacles.contains(.running)
        else { return }
        draining.removeAll { $0 === generation }
        generation.close()
    }

    /// Nothing of the unit is left on this worker.
    var isOver: Bool {
        generation == nil && connections.records.isEmpty && clients.isOver && draining.isEmpty && mailbox.isEmpty && jobs.count == 0
    }

    /// The worker forgets the unit.
    func stop() {
        jobs.stop()
        dueTimes.stop()
    }
}
