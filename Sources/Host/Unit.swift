import LuaRuntime
import Transport

/// One unit on one worker, through all its generations. Loop-bound.
final class Unit {
    let id: UnitID
    unowned let worker: Worker
    /// The running generation; nil before the first and after the last.
    var instance: Generation? {
        didSet { retarget() }
    }
    /// By path. An endpoint object stays the same as long as its path is declared, so connections need not be told of a swap.
    var endpoints: [String: ScriptEndpoint] = [:] {
        didSet { retarget() }
    }
    /// By method and pattern, likewise.
    var responders: [String: ScriptResponder] = [:]
    /// A swap is under way: what comes in is kept until it ends.
    var isHeld = false {
        didSet { retarget() }
    }
    /// Connections with events that were kept.
    var backlog: [ConnectionRecord] = []
    /// Other things that were kept: requests, timers, answers.
    var deferred: [() -> Void] = []
    /// All connections of the unit whose handlers run here.
    private(set) var records: [ConnectionRecord] = []
    /// Former generations that still have work.
    var draining: [Generation] = []
    /// Handlers waiting for `nightjar.event`, by name; they may be of different generations.
    var waiters: [String: [UInt64]] = [:]

    init(id: UnitID, worker: Worker) {
        self.id = id
        self.worker = worker
    }

    private func retarget() {
        for endpoint in endpoints.values { endpoint.retarget() }
    }

    func add(_ record: ConnectionRecord) {
        record.listIndex = records.count
        records.append(record)
    }

    func remove(_ record: ConnectionRecord) {
        let index = record.listIndex
        guard index >= 0 else { return }
        let last = records.removeLast()
        if last !== record {
            records[index] = last
            last.listIndex = index
        }
        record.listIndex = -1
    }

    /// Keeps `work` until the swap ends; false if too much is kept already.
    func hold(_ work: @escaping () -> Void) -> Bool {
        guard deferred.count < worker.services.limits.heldEvents else { return false }
        deferred.append(work)
        return true
    }
}
