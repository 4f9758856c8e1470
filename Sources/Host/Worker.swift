import Logging
import LuaRuntime
public import NIOCore
public import Transport

/// Runs the Lua of one event loop: one state per unit, one handler at a time.
///
/// Loop-bound: reached directly by what lives on the loop, by everybody else through its `handle`.
public final class Worker {
    /// Place among the workers; equals the loop's index for those with sockets.
    public let index: Int
    public let eventLoop: any EventLoop
    /// The sockets of the loop; nil for a dedicated worker.
    public let context: LoopContext?
    let services: HostServices
    private(set) var handle: WorkerHandle!
    private(set) var slots: [UnitID: Unit] = [:]
    /// Connections whose handlers run here.
    var records: [ConnectionID: ConnectionRecord] = [:]
    /// Waiting handlers by serial.
    var jobs: [UInt64: Job] = [:]
    var nextSerial: UInt64 = 1
    /// A slice runs or its effects are being applied: nothing else may enter Lua.
    @exclusivity(unchecked) var isRunning = false
    /// What came up meanwhile.
    @exclusivity(unchecked) var runQueue: [() -> Void] = []
    private var isDraining = false
    /// Answers to other loops that are collected until the end of the turn, by loop index.
    var outboxes: [Outbox?] = []
    var outboxesFlushScheduled = false
    /// Ways to the workers that run packages for this loop's sockets, by worker index.
    var links: [Int: ForwardLink] = [:]
    /// Routes of packages that other workers run.
    var forwards: [UnitID: ForwardedUnit] = [:]
    var deadlineCheck: Scheduled<Void>?
    /// Answers to calls of functions that live on other workers.
    var openCalls = 0
    /// What other targets keep per worker (games, home accounts), keyed by their own type.
    public var storage: [ObjectIdentifier: AnyObject] = [:]

    /// Makes a worker and enters it into the group. Before its loop serves anything.
    init(index: Int, eventLoop: any EventLoop, context: LoopContext?, services: HostServices) {
        self.index = index
        self.eventLoop = eventLoop
        self.context = context
        self.services = services
        let handle = WorkerHandle(index: index, eventLoop: eventLoop, worker: self)
        self.handle = handle
        services.workers.append(handle)
    }

    func slot(_ id: UnitID) -> Unit {
        if let slot = slots[id] { return slot }
        let slot = Unit(id: id, worker: self)
        slots[id] = slot
        return slot
    }

    func existingSlot(_ id: UnitID) -> Unit? { slots[id] }

    /// By name, so that what goes to several packages has one order.
    var slotsInOrder: [Unit] { slots.values.sorted { $0.id.name < $1.id.name } }

    func forget(_ slot: Unit) { slots[slot.id] = nil }

    /// The running generation of a unit, if this worker runs it.
    func instance(of id: UnitID) -> Generation? { slots[id]?.instance }

    /// Does `work` as soon as no slice runs: at once, or after the running one's effects are applied.
    func whenIdle(_ work: @escaping () -> Void) {
        if isRunning {
            runQueue.append(work)
        } else {
            work()
        }
    }

    /// Runs what queued up behind a slice. Work that comes up meanwhile runs in the same pass, in order.
    func drainRunQueue() {
        guard !isRunning, !isDraining else { return }
        isDraining = true
        var next = 0
        while next < runQueue.count {
            let work = runQueue[next]
            next += 1
            work()
        }
        runQueue.removeAll(keepingCapacity: runQueue.capacity <= 1_024)
        isDraining = false
    }

    /// Logs an error of a script, once, with all that is known, and tells the observers.
    func report(_ error: ScriptError, _ instance: Generation) {
        services.logger.error("\(error.message)", metadata: [
            "unit": "\(instance.id)", "generation": "\(instance.generation)", "code": "\(error.code)",
            "at": "\(error.chunk ?? "?"):\(error.line ?? 0)", "traceback": "\(error.traceback ?? "")",
        ])
        services.onScriptError(instance.id, instance.generation, error)
    }
}
