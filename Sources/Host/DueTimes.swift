import NIOCore

/// The timers and the ends of sleeps of one unit: one task of the event loop for all of them. Loop-bound.
final class DueTimes {
    enum Key {
        case wait(Job, UInt32)
        case timer(TimerID, Generation)
    }

    private unowned let unit: Unit
    private var list = DueList<Key>()
    private var scheduled: (task: Scheduled<Void>, due: NIODeadline)?

    init(unit: Unit) { self.unit = unit }

    func add(_ key: Key, in nanoseconds: Int64) { add(key, at: .now() + .nanoseconds(nanoseconds)) }

    func add(_ key: Key, at due: NIODeadline) {
        list.add(key, at: due)
        list.compact { key, due in
            switch key {
            case .wait(let job, let wait): job.isWaiting && job.waits == wait
            case .timer(let id, let generation): generation.phase == .live && generation.timers[id]?.due == due
            }
        }
        schedule()
    }

    private func schedule() {
        guard let first = list.first else { return }
        if let scheduled {
            guard first < scheduled.due else { return }
            scheduled.task.cancel()
        }
        let task = unit.worker.eventLoop.assumeIsolated().scheduleTask(deadline: first) { [unowned self] in
            scheduled = nil
            takeDue()
            unit.worker.takeTurn()
        }
        scheduled = (task, first)
    }

    /// What is due becomes inputs.
    private func takeDue() {
        let now = NIODeadline.now()
        while let (key, due) = list.takeDue(at: now) {
            switch key {
            case .wait(let job, let wait): unit.jobs.isDue(job, wait: wait)
            case .timer(let id, let generation): unit.timers.isDue(id, generation, due)
            }
        }
        schedule()
    }

    /// The unit is forgotten.
    func stop() {
        scheduled?.task.cancel()
        scheduled = nil
    }
}
