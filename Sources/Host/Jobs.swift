import LuaRuntime
import NIOCore

/// The handlers of one unit that wait: the beginning of their waits, their ends, and their time limit. Loop-bound.
///
/// The end of a wait is an input of the unit like any other. Nothing here enters Lua.
final class Jobs {
    private unowned let unit: Unit
    /// Those that wait, by number.
    private var waiting: [UInt64: Job] = [:]
    /// By event name; they may be of different generations.
    private var waiters: [String: EventWaiters] = [:]
    private var nextNumber: UInt64 = 1
    private var deadlineCheck: Scheduled<Void>?

    init(unit: Unit) { self.unit = unit }

    private var limits: RuntimeLimits { unit.worker.services.limits }

    var count: Int { waiting.count }

    // MARK: Beginning

    /// Begins the wait that a slice of the generation asked for.
    ///
    /// - Parameter former: The handler, if it has waited before.
    func wait(_ task: LuaTask, _ generation: Generation, _ origin: JobOrigin, _ former: Job?) {
        let wait = generation.pendingWait
        generation.pendingWait = nil
        let job = former ?? make(task, generation, origin)
        job.task = task
        if job.isOverdue { return unit.runner.end(job, code: "timeout", "the handler went on waiting after its time was over") }
        if let last = deadline(of: job) {
            // Waits that end at once leave no time in which somebody could look at the clock.
            guard former == nil || .now() < last else { return isOver(job) }
            scheduleDeadlineCheck(last)
        }
        guard let wait, generation.waitingJobs <= limits.waitingJobs else {
            let reason = wait == nil ? "a host function waits for nothing" : "too many waiting handlers in this package"
            return unit.enqueue(.waitEnd(job, .raise(code: "busy", message: reason)))
        }
        job.isWaiting = true
        job.waits &+= 1
        waiting[job.id.number] = job
        begin(wait, job)
    }

    /// Nil: as long as its generation runs. What a former generation has begun does not outlive its time.
    private func deadline(of job: Job) -> NIODeadline? {
        guard job.generation.phase == .stale, let last = job.generation.lastDeadline else { return job.deadline }
        return min(job.deadline ?? last, last)
    }

    private func make(_ task: LuaTask, _ generation: Generation, _ origin: JobOrigin) -> Job {
        let deadline = origin.hasDeadline ? NIODeadline.now() + .milliseconds(limits.handlerMilliseconds) : nil
        let job = Job(
            id: JobID(unit: unit.place, number: nextNumber), generation: generation, origin: origin, task: task,
            deadline: deadline)
        nextNumber += 1
        generation.waitingJobs += 1
        return job
    }

    private func begin(_ wait: Wait, _ job: Job) {
        switch wait {
        case .sleep(let nanoseconds):
            guard nanoseconds > 0 else { return end(job, .values([])) }
            unit.dueTimes.add(.wait(job, job.waits), in: nanoseconds)
        case .event(let name, let nanoseconds):
            if nanoseconds == 0 { return end(job, .failure(code: "timeout", detail: "the event did not come")) }
            guard waiters[name]?.count ?? 0 < limits.eventWaiters else {
                return end(job, .failure(code: "busy", detail: "too many handlers wait for this event"))
            }
            job.event = name
            waiters[name, default: EventWaiters()].add(job)
            if let nanoseconds { unit.dueTimes.add(.wait(job, job.waits), in: nanoseconds) }
        case .call(let name, let arguments):
            let token = token(job)
            unit.worker.calls.call(name, ProvidedCall(arguments: arguments.map { .plain($0) }, form: .plain) { outcome in
                switch outcome {
                case .values(let values): token.finish(.values(values))
                case .failure(let code, let detail): token.finish(.failure(code: code, detail: detail))
                }
            })
        case .operation(let start):
            start(unit.worker, token(job))
        }
    }

    private func token(_ job: Job) -> WaitToken { WaitToken(worker: unit.worker.handle, job: job.id, wait: job.waits) }

    // MARK: Ending

    /// Ends a wait. Late, repeated or unknown ends are ignored.
    func end(_ token: WaitToken, _ result: WaitResult) {
        guard let job = waiting[token.job.number], job.waits == token.wait else { return }
        end(job, result)
    }

    private func end(_ job: Job, _ result: WaitResult) {
        take(job)
        unit.enqueue(.waitEnd(job, .result(result)))
    }

    /// The time of a sleep, or of waiting for an event, is over.
    func isDue(_ job: Job, wait: UInt32) {
        guard job.isWaiting, job.waits == wait else { return }
        end(job, job.event == nil ? .values([]) : .failure(code: "timeout", detail: "the event did not come"))
    }

    /// Takes a handler out of its wait.
    private func take(_ job: Job) {
        job.isWaiting = false
        waiting[job.id.number] = nil
        guard let event = job.event else { return }
        job.event = nil
        waiters[event]?.left()
        if waiters[event]?.count == 0 { waiters[event] = nil }
    }

    /// Wakes all that wait for an event.
    func wake(_ name: String, _ value: [UInt8]) {
        guard let list = waiters.removeValue(forKey: name) else { return }
        let result = WaitResult.values([value.isEmpty ? .null : .plain(value)])
        for job in list.waiting {
            job.event = nil
            end(job, result)
        }
    }

    // MARK: Time limit

    /// One check for all. Deadlines are a fixed time away, so one that is scheduled is never too late for a new handler.
    private func scheduleDeadlineCheck(_ deadline: NIODeadline) {
        guard deadlineCheck == nil else { return }
        let delay = max(.milliseconds(limits.deadlineCheckMilliseconds), deadline - .now())
        deadlineCheck = unit.worker.eventLoop.assumeIsolated().scheduleTask(in: delay) { [unowned self] in
            deadlineCheck = nil
            raiseOverdue()
            if let next = waiting.values.lazy.compactMap({ self.deadline(of: $0) }).min() { scheduleDeadlineCheck(next) }
            unit.worker.takeTurn()
        }
    }

    private func raiseOverdue() {
        let now = NIODeadline.now()
        let overdue = waiting.values.filter { deadline(of: $0).map { $0 <= now } ?? false }
        for job in overdue.sorted(by: { $0.id.number < $1.id.number }) {
            take(job)
            isOver(job)
        }
    }

    /// The handler is told that its time is over, and may tidy up.
    private func isOver(_ job: Job) {
        job.isOverdue = true
        unit.enqueue(.waitEnd(job, .raise(code: "timeout", message: "the handler's time is over")))
    }

    /// Gives handlers of a replaced generation at most the handler's time from now on.
    func limit(_ generation: Generation) {
        let last = NIODeadline.now() + .milliseconds(limits.handlerMilliseconds)
        generation.lastDeadline = last
        // A check that was scheduled for a deadline of its own comes before this one.
        if generation.waitingJobs > 0 { scheduleDeadlineCheck(last) }
    }

    /// The unit is forgotten.
    func stop() {
        deadlineCheck?.cancel()
        deadlineCheck = nil
    }
}
