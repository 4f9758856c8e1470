import LuaRuntime
import NIOCore
import Transport

// The path of every handler: start, apply the effects, then wait, fail or end.
extension Worker {
    /// Runs one message handler on bytes that are valid during this call. The hot path: no allocation, no lookup.
    @inline(__always)
    func runMessage(
        _ record: ConnectionRecord, _ instance: Generation, _ state: LuaState, _ handler: LuaRef,
        _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind
    ) {
        isRunning = true
        instance.current = record
        let outcome = state.start(
            handler,
            { arguments in
                arguments.object(ConnectionAPI.type, record.id.handle)
                arguments.bytes(bytes)
                arguments.boolean(kind == .binary)
            },
            { _ in })
        if case .returned = outcome, !services.debug {
            applyEffects(of: instance, current: record)
            instance.current = nil
            isRunning = false
            if !runQueue.isEmpty { drainRunQueue() }
        } else {
            record.running += 1
            record.isBusy = true
            settle(outcome, instance, record.endpoint.slot, .connection(record, .message))
        }
    }

    /// Runs any other handler.
    func run(
        _ function: LuaRef, _ instance: Generation, _ slot: Unit, _ origin: JobOrigin,
        _ push: (inout LuaArguments) -> Void
    ) {
        guard instance.phase != .closed else { return abandon(origin, "closed") }
        isRunning = true
        if case .connection(let record, _) = origin {
            instance.current = record
            record.running += 1
            record.isBusy = true
        }
        let outcome = quietly(origin) { instance.state.start(function, push) { self.collect($0, origin) } }
        settle(outcome, instance, slot, origin)
    }

    /// What follows a slice: effects (none after a failure), the wait it asked for, or its end.
    func settle(
        _ outcome: LuaOutcome, _ instance: Generation, _ slot: Unit, _ origin: JobOrigin, _ job: Job? = nil
    ) {
        var current: ConnectionRecord?
        if case .connection(let record, _) = origin { current = record }
        switch outcome {
        case .returned:
            applyEffects(of: instance, current: current)
            instance.current = nil
            isRunning = false
            ended(instance, slot, origin, job, failure: nil)
        case .waiting(let task):
            applyEffects(of: instance, current: current)
            instance.current = nil
            isRunning = false
            wait(task, instance, slot, origin, job)
        case .failed(let error):
            dropEffects(of: instance)
            instance.current = nil
            isRunning = false
            quietly(origin) { report(error, instance) }
            ended(instance, slot, origin, job, failure: error)
        }
        if !runQueue.isEmpty { drainRunQueue() }
    }

    /// Goes on with a waiting handler.
    func resume(_ job: Job, _ push: (inout LuaArguments) -> Void) {
        guard job.instance.phase != .closed else { return abandon(job.origin, "closed") }
        isRunning = true
        if case .connection(let record, _) = job.origin { job.instance.current = record }
        let outcome = quietly(job.origin) { job.instance.state.resume(job.task, push) { self.collect($0, job.origin) } }
        settle(outcome, job.instance, job.slot, job.origin, job)
    }

    /// Ends a wait with an error in the script.
    func raise(_ job: Job, code: String, _ message: String) {
        guard job.instance.phase != .closed else { return abandon(job.origin, "closed") }
        isRunning = true
        if case .connection(let record, _) = job.origin { job.instance.current = record }
        let outcome = quietly(job.origin) { job.instance.state.raise(job.task, code: code, message) }
        settle(outcome, job.instance, job.slot, job.origin, job)
    }

    /// Takes a handler's results while they are on the stack.
    private func collect(_ results: borrowing LuaResults, _ origin: JobOrigin) {
        switch origin {
        case .http(let exchange): exchange.read(results)
        case .call(let done):
            let outcome = CallOutcome.read(results, json: false)
            runQueue.append { done(outcome) }
        case .callJSON(let done):
            let outcome = CallOutcome.read(results, json: true)
            runQueue.append { done(outcome) }
        case .connection, .timer, .spawn, .log, .other: break
        }
    }

    private func ended(
        _ instance: Generation, _ slot: Unit, _ origin: JobOrigin, _ job: Job?, failure: ScriptError?
    ) {
        if job != nil { jobEnded(instance) }
        switch origin {
        case .connection(let record, let stage):
            connectionHandlerEnded(record, stage, instance, failure)
        case .http(let exchange):
            exchange.finish(failure)
        case .call(let done), .callJSON(let done):
            if let failure { done(.failure(code: failure.code, detail: failure.message)) }
        case .timer(let id):
            instance.timers[id]?.isRunning = false
            if let entry = instance.timers[id], !entry.repeats { removeTimer(id, instance) }
        case .log(let id): logHandlerEnded(id)
        case .spawn, .other:
            break
        }
        if instance.phase == .stale { closeIfDone(instance, slot) }
    }

    /// A handler cannot run any more; whoever waits for its result hears so.
    func abandon(_ origin: JobOrigin, _ code: String) {
        switch origin {
        case .connection(let record, let stage):
            connectionHandlerEnded(record, stage, nil, nil)
        case .http(let exchange): exchange.abandon()
        case .call(let done), .callJSON(let done): done(.failure(code: code, detail: "the function's package was closed"))
        case .log(let id): logHandlerEnded(id)
        case .timer, .spawn, .other: break
        }
    }
}
