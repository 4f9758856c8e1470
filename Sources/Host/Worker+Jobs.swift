import LuaRuntime
import NIOCore

// Waiting handlers: their beginning, their end, and their time limit.
extension Worker {
    /// Begins the wait that the slice asked for. A handler that has none to offer (its package is full) gets an error.
    func wait(_ task: LuaTask, _ instance: Generation, _ slot: Unit, _ origin: JobOrigin, _ former: Job?) {
        let wait = instance.pendingWait
        instance.pendingWait = nil
        let job: Job
        if let former {
            job = former
            job.task = task
        } else {
            let deadline = origin.hasDeadline ? NIODeadline.now() + .seconds(services.limits.handlerSeconds) : nil
            job = Job(
                serial: nextSerial, instance: instance, slot: slot, origin: origin, task: task, deadline: deadline)
            nextSerial += 1
            instance.waitingJobs += 1
        }
        jobs[job.serial] = job
        if let deadline = job.deadline { scheduleDeadlineCheck(deadline) }
        guard let wait, instance.waitingJobs <= services.limits.waitingJobs else {
            jobs[job.serial] = nil
            let reason = wait == nil ? "a host function waits for nothing" : "too many waiting handlers in this package"
            return whenIdle { self.raise(job, code: "busy", reason) }
        }
        begin(wait, job)
    }

    private func begin(_ wait: Wait, _ job: Job) {
        let serial = job.serial
        switch wait {
        case .sleep(let nanoseconds):
            job.scheduled = after(nanoseconds) { $0.finishWait(serial, .values([])) }
        case .event(let name, let nanoseconds):
            guard job.slot.waiters[name, default: []].count < services.limits.eventWaiters else {
                return finishWait(serial, .failure(code: "busy", detail: "too many handlers wait for this event"))
            }
            job.event = name
            job.slot.waiters[name, default: []].append(serial)
            if let nanoseconds {
                job.scheduled = after(nanoseconds) {
                    $0.finishWait(serial, .failure(code: "timeout", detail: "the event did not come"))
                }
            }
        case .call(let name, let arguments):
            beginCall(name, arguments, WaitToken(worker: handle, serial: serial))
        case .operation(let start):
            start(self, WaitToken(worker: handle, serial: serial))
        }
    }

    /// Ends a wait. Late, repeated or unknown ends are ignored.
    func finishWait(_ serial: UInt64, _ result: WaitResult) {
        guard let job = takeJob(serial) else { return }
        let go = { self.resume(job) { result.push(&$0) } }
        if job.slot.isHeld {
            if job.slot.hold({ self.whenIdle(go) }) { return }
        }
        whenIdle(go)
    }

    /// Takes a job out of its wait.
    func takeJob(_ serial: UInt64) -> Job? {
        guard let job = jobs.removeValue(forKey: serial) else { return nil }
        job.scheduled?.cancel()
        job.scheduled = nil
        if let event = job.event {
            job.event = nil
            job.slot.waiters[event]?.removeAll { $0 == serial }
            if job.slot.waiters[event]?.isEmpty == true { job.slot.waiters[event] = nil }
        }
        return job
    }

    /// Wakes all that wait for an event in this unit on this worker.
    func wake(_ slot: Unit, _ name: String, _ value: [UInt8]) {
        guard let serials = slot.waiters.removeValue(forKey: name) else { return }
        for serial in serials {
            jobs[serial]?.event = nil
            finishWait(serial, .values([value.isEmpty ? .null : .plain(value)]))
        }
    }

    func jobEnded(_ instance: Generation) { instance.waitingJobs -= 1 }

    /// Runs `work` on this loop later. The isolated view takes what only this loop may touch.
    func after(_ nanoseconds: Int64, _ work: @escaping (Worker) -> Void) -> Scheduled<Void> {
        eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(nanoseconds)) { [unowned self] in work(self) }
    }

    // MARK: Time limit

    /// One check for all jobs. Deadlines are a fixed time away, so one that is scheduled is never too late for a new job.
    private func scheduleDeadlineCheck(_ deadline: NIODeadline) {
        guard deadlineCheck == nil else { return }
        let delay = max(100_000_000, (deadline - .now()).nanoseconds)
        deadlineCheck = after(delay) { worker in
            worker.deadlineCheck = nil
            worker.raiseOverdue()
            if let next = worker.jobs.values.lazy.compactMap(\.deadline).min() { worker.scheduleDeadlineCheck(next) }
        }
    }

    private func raiseOverdue() {
        let now = NIODeadline.now()
        for serial in jobs.values.filter({ $0.deadline.map { $0 <= now } ?? false }).map(\.serial).sorted() {
            guard let job = takeJob(serial) else { continue }
            whenIdle { self.raise(job, code: "timeout", "the handler's time is over") }
        }
    }

    /// Gives jobs of a replaced generation at most the handler's time from now on.
    func limitJobs(of instance: Generation) {
        guard instance.waitingJobs > 0 else { return }
        let last = NIODeadline.now() + .seconds(services.limits.handlerSeconds)
        for job in jobs.values where job.instance === instance {
            job.deadline = min(job.deadline ?? last, last)
        }
        scheduleDeadlineCheck(last)
    }
}

extension WaitResult {
    func push(_ arguments: inout LuaArguments) {
        switch self {
        case .values(let values):
            for value in values { value.push(&arguments) }
        case .failure(let code, let detail):
            arguments.nil()
            arguments.string(code)
            arguments.string(detail)
        }
    }
}

extension WaitValue {
    func push(_ arguments: inout LuaArguments) {
        switch self {
        case .null: arguments.nil()
        case .boolean(let value): arguments.boolean(value)
        case .integer(let value): arguments.integer(value)
        case .number(let value): arguments.number(value)
        case .string(let value): arguments.string(value)
        case .bytes(let value): arguments.bytes(value)
        case .json(let value): arguments.json(value)
        case .plain(let value): arguments.plain(value)
        }
    }
}
