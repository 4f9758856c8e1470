import LuaRuntime
import NIOCore

extension Worker {
    /// Starts a timer's clock. One that has a due time (taken over from the generation before) keeps it.
    func arm(_ id: TimerID, _ instance: Generation) {
        if let replaced = instance.timers.claim(id) { dropTimer(replaced, instance) }
        guard instance.phase == .live, var entry = instance.timers[id] else { return }
        entry.scheduled?.cancel()
        let due = entry.due ?? .now() + .nanoseconds(entry.interval)
        entry.due = due
        entry.scheduled = eventLoop.assumeIsolated().scheduleTask(deadline: due) { [unowned self] in
            self.fire(id, instance)
        }
        instance.timers[id] = entry
    }

    private func fire(_ id: TimerID, _ instance: Generation) {
        let slot = slot(instance.id)
        if slot.isHeld {
            // After the swap the successor has the timer if it declared it again; the due time is kept either way.
            if slot.hold({ if instance.phase == .live { self.fire(id, instance) } }) { return }
        }
        whenIdle { self.runTimer(id, instance, slot) }
    }

    private func runTimer(_ id: TimerID, _ instance: Generation, _ slot: Unit) {
        guard instance.phase == .live, var entry = instance.timers[id], let due = entry.due else { return }
        entry.scheduled = nil
        if entry.repeats {
            let wasRunning = entry.isRunning
            entry.due = TimerTable.next(after: due, interval: entry.interval, now: .now())
            entry.isRunning = true
            instance.timers[id] = entry
            arm(id, instance)
            if wasRunning { return }
        } else {
            entry.due = nil
            entry.isRunning = true
            instance.timers[id] = entry
        }
        run(entry.function, instance, slot, .timer(id)) { _ in }
    }

    /// Ends a timer. Its function is released unless it runs right now.
    func removeTimer(_ id: TimerID, _ instance: Generation) {
        guard let entry = instance.timers.remove(id) else { return }
        entry.scheduled?.cancel()
        if instance.phase != .closed { instance.state.release(entry.function) }
    }

    /// A timer that was replaced by one of the same name.
    func dropTimer(_ entry: TimerTable.Entry, _ instance: Generation) {
        entry.scheduled?.cancel()
        if instance.phase != .closed { instance.state.release(entry.function) }
    }

    func cancelTimers(of instance: Generation) {
        for id in instance.timers.ids { instance.timers[id]?.scheduled?.cancel() }
    }
}
