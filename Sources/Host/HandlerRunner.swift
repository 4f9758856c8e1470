import LuaRuntime
import NIOCore
import Transport

/// The way of every handler of one unit: a slice of Lua, its effects, then its wait, its failure or its end. Loop-bound.
final class HandlerRunner {
    // The unit has this object to itself, and the worker the unit.
    unowned(unsafe) var unit: Unit! {
        didSet { effects.unit = unit }
    }
    private unowned(unsafe) let worker: Worker
    private let turns: Turns
    private let effects: EffectApplier
    private let isDebug: Bool

    init(worker: Worker) {
        self.worker = worker
        turns = worker.turns
        effects = EffectApplier(worker: worker)
        isDebug = worker.services.debug
    }

    // MARK: Beginning

    /// Runs one message handler on bytes that are valid during this call. The hot path: no allocation, no lookup.
    @inline(__always)
    func runMessage(
        _ record: ConnectionRecord, _ generation: Generation, _ state: LuaState, _ handler: LuaRef,
        _ bytes: UnsafeRawBufferPointer, _ kind: MessageKind
    ) {
        turns.obstacles.insert(.running)
        generation.current = record
        let outcome = state.start(
            handler,
            { arguments in
                arguments.object(ConnectionAPI.type, record.id.handle)
                arguments.bytes(bytes)
                arguments.boolean(kind == .binary)
            },
            { _ in })
        if case .returned = outcome, !isDebug {
            effects.apply(generation, answering: record)
            generation.current = nil
            turns.obstacles.remove(.running)
        } else {
            record.running += 1
            record.isBusy = true
            settle(outcome, generation, .connection(record, .message))
        }
    }

    /// Runs any other handler.
    func run(_ function: LuaRef, _ generation: Generation, _ origin: JobOrigin, _ push: (inout LuaArguments) -> Void) {
        guard generation.phase != .closed else {
            if case .connection = origin { return }
            return abandon(origin, "closed")
        }
        turns.obstacles.insert(.running)
        if case .connection(let record, _) = origin {
            generation.current = record
            record.running += 1
            record.isBusy = true
        }
        let outcome = quietly(origin) { generation.state.start(function, push) { self.collect($0, origin) } }
        settle(outcome, generation, origin)
    }

    /// Goes on with a handler whose wait is over.
    func goOn(_ job: Job, _ end: Input.WaitEnd) {
        let generation = job.generation
        guard generation.phase != .closed else { return abandon(job.origin, "closed") }
        turns.obstacles.insert(.running)
        if case .connection(let record, _) = job.origin { generation.current = record }
        let outcome = quietly(job.origin) {
            switch end {
            case .result(let result):
                generation.state.resume(job.task, { result.push(&$0) }) { self.collect($0, job.origin) }
            case .raise(let code, let message):
                generation.state.raise(job.task, code: code, message) { self.collect($0, job.origin) }
            }
        }
        settle(outcome, generation, job.origin, job)
    }

    /// Ends a handler that waits without going on with it, as failed.
    func end(_ job: Job, code: String, _ message: String) {
        let generation = job.generation
        guard generation.phase != .closed else { return abandon(job.origin, "closed") }
        turns.obstacles.insert(.running)
        generation.state.cancel(job.task)
        settle(.failed(ScriptError(kind: .timeout, code: code, message: message)), generation, job.origin, job)
    }

    // MARK: After a slice

    /// What follows a slice: effects (none after a failure), the wait it asked for, or its end.
    private func settle(_ outcome: LuaOutcome, _ generation: Generation, _ origin: JobOrigin, _ job: Job? = nil) {
        var current: ConnectionRecord?
        if case .connection(let record, _) = origin { current = record }
        switch outcome {
        case .returned:
            effects.apply(generation, current: current)
            generation.current = nil
            turns.obstacles.remove(.running)
            ended(generation, origin, job, failure: nil)
        case .waiting(let task):
            effects.apply(generation, current: current)
            generation.current = nil
            turns.obstacles.remove(.running)
            unit.jobs.wait(task, generation, origin, job)
        case .failed(let error):
            effects.drop(generation)
            generation.current = nil
            turns.obstacles.remove(.running)
            // A request's exchange reports by itself, with the number that its client is told; what a caller has given is his mistake.
            if !origin.isRequest, !(origin.isCall && job == nil && error.isUnreadableArgument) {
                quietly(origin) { worker.report(error, generation) }
            }
            ended(generation, origin, job, failure: error)
        }
    }

    /// Takes a handler's results while they are on the stack.
    private func collect(_ results: borrowing LuaResults, _ origin: JobOrigin) {
        switch origin {
        case .http(let exchange): exchange.read(results)
        case .call(let call): call.outcome = CallOutcome(results, call.form)
        case .connection, .timer, .spawn, .log, .other: break
        }
    }

    private func ended(_ generation: Generation, _ origin: JobOrigin, _ job: Job?, failure: ScriptError?) {
        if job != nil { generation.waitingJobs -= 1 }
        switch origin {
        case .connection(let record, let stage):
            unit.connections.handlerEnded(record, stage, generation, failure)
        case .http(let exchange):
            exchange.finish(failure)
        case .call(let call):
            if let failure {
                call.fail(failure.code, failure.message)
            } else {
                call.finish(call.outcome ?? .values([]))
            }
        case .timer(let id): unit.timers.ended(id, generation)
        case .log: worker.services.logTap?.finished(unit.id, worker: worker.index)
        case .spawn, .other: break
        }
        if generation.phase == .stale { unit.closeIfDone(generation) }
        unit.stateWatch?.handlerEnded()
    }

    /// A handler cannot run any more; whoever waits for its result hears so.
    private func abandon(_ origin: JobOrigin, _ code: String) {
        switch origin {
        case .connection(let record, let stage): unit.connections.handlerEnded(record, stage, nil, nil)
        case .http(let exchange): exchange.abandon()
        case .call(let call): call.fail(code, "the function's package was closed")
        case .log: worker.services.logTap?.finished(unit.id, worker: worker.index)
        case .timer, .spawn, .other: break
        }
    }

    /// Applies what `on_reload` asked for.
    func applyEffects(of generation: Generation) {
        turns.obstacles.insert(.running)
        effects.apply(generation, current: nil)
        turns.obstacles.remove(.running)
    }

    /// Runs a piece of a handler; if it is one that gets lines of the log, those it writes itself are not delivered.
    @inline(__always)
    private func quietly<Result>(_ origin: JobOrigin, _ body: () -> Result) -> Result {
        guard case .log = origin else { return body() }
        return LogTap.$isMuted.withValue(true, operation: body)
    }
}
