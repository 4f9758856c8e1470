import LuaRuntime
import NIOCore

/// The clocks of a unit's timers. A timer that is due becomes an input; it is armed again after its handler has run, so one
/// that is faster than its handler slows itself down. Loop-bound.
final class UnitTimers {
    private unowned let unit: Unit

    init(unit: Unit) { self.unit = unit }

    /// Starts a timer's clock; one that runs goes on. A timer that has a due time (taken over from the generation before)
    /// keeps it.
    func arm(_ id: TimerID, _ generation: Generation) {
        if let replaced = generation.timers.claim(id) { release(replaced, generation) }
        guard generation.phase == .live, var entry = generation.timers[id], !entry.isArmed else { return }
        let due = entry.due ?? .now() + .nanoseconds(entry.interval)
        entry.due = due
        entry.isArmed = true
        generation.timers[id] = entry
        unit.dueTimes.add(.timer(id, generation), at: due)
    }

    /// A timer's time has come. During a swap its input waits; afterwards the successor has the timer, with its due time, if
    /// it declared it again.
    func isDue(_ id: TimerID, _ generation: Generation, _ due: NIODeadline) {
        guard generation.phase == .live, var entry = generation.timers[id], entry.isArmed, entry.due == due else { return }
        entry.isArmed = false
        entry.isQueued = true
        generation.timers[id] = entry
        unit.enqueue(.timer(id, generation))
    }

    /// Runs the handler of a timer that was due.
    func run(_ id: TimerID, _ generation: Generation) {
        guard generation.phase == .live, var entry = generation.timers[id], entry.isQueued else { return }
        entry.isQueued = false
        let isLeftOut = entry.isRunning
        if !entry.repeats { entry.due = nil }
        entry.isRunning = true
        generation.timers[id] = entry
        if !isLeftOut { unit.runner.run(entry.function, generation, .timer(id)) { _ in } }
        guard generation.phase == .live, var again = generation.timers[id], again.repeats, !again.isArmed, let due = again.due else {
            return
        }
        again.due = TimerTable.next(after: due, interval: again.interval, now: .now())
        generation.timers[id] = again
        arm(id, generation)
    }

    /// A timer's handler has ended.
    func ended(_ id: TimerID, _ generation: Generation) {
        generation.timers[id]?.isRunning = false
        if let entry = generation.timers[id], !entry.repeats { remove(id, generation) }
    }

    /// Ends a timer. Its function is released unless it runs right now.
    func remove(_ id: TimerID, _ generation: Generation) {
        if let entry = generation.timers.remove(id) { release(entry, generation) }
    }

    private func release(_ entry: TimerTable.Entry, _ generation: Generation) {
        if generation.phase != .closed { generation.state.release(entry.function) }
    }
}
