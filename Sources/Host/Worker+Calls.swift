import LuaRuntime
import NIOCore

// Functions that packages offer to each other and to Swift, by name.
extension Worker {
    /// Calls a provided function; `done` gets the outcome on this loop, in this turn or a later one.
    ///
    /// The function runs on this worker if its package does, else where it lives. A handler's wall time bounds it.
    func call(_ name: String, _ arguments: [WaitValue], _ done: @escaping (CallOutcome) -> Void) {
        guard let target = services.directory.worker(offering: name, preferred: index) else {
            return done(.failure(code: "no_such_function", detail: name))
        }
        if target == index { return callHere(name, arguments, done) }
        guard openCalls < services.limits.openCalls, let other = services.workers[target] else {
            return done(.failure(code: "busy", detail: "too many calls to other workers"))
        }
        openCalls += 1
        let home = handle!
        let answer = NIOLoopBound(done, eventLoop: eventLoop)
        other.execute { worker in
            worker.callHere(name, arguments) { outcome in
                home.execute { origin in
                    origin.openCalls -= 1
                    answer.value(outcome)
                }
            }
        }
    }

    /// Runs a provided function of this worker, as soon as nothing else runs.
    private func callHere(
        _ name: String, _ arguments: [WaitValue], json: Bool = false, _ done: @escaping (CallOutcome) -> Void
    ) {
        let provider = slots.values.first { $0.instance?.registrations.provided[name] != nil }
        guard let slot = provider else { return done(.failure(code: "no_such_function", detail: name)) }
        let work = {
            self.whenIdle {
                guard let instance = slot.instance, let function = instance.registrations.provided[name] else {
                    return done(.failure(code: "no_such_function", detail: name))
                }
                self.run(function, instance, slot, json ? .callJSON(done) : .call(done)) { list in
                    for argument in arguments { argument.push(&list) }
                }
            }
        }
        if slot.isHeld {
            if !slot.hold(work) { done(.failure(code: "busy", detail: "the package is being reloaded")) }
        } else {
            work()
        }
    }

    func beginCall(_ name: String, _ arguments: [[UInt8]], _ token: WaitToken) {
        call(name, arguments.map { .plain($0) }) { outcome in
            switch outcome {
            case .values(let values): token.finish(.values(values))
            case .failure(let code, let detail): token.finish(.failure(code: code, detail: detail))
            }
        }
    }

    /// For other targets: calls a function that some package provides, with JSON arguments and JSON results.
    ///
    /// - Parameters:
    ///   - arguments: JSON texts, at most 8.
    ///   - done: On this loop. Results are JSON texts, or a stable code with detail for the log.
    public func call(
        provided name: String, json arguments: [[UInt8]], _ done: @escaping (Result<[[UInt8]], CallFailure>) -> Void
    ) {
        guard let target = services.directory.worker(offering: name, preferred: index) else {
            return done(.failure(CallFailure(code: "no_such_function", detail: name)))
        }
        let home = handle!
        let answer = NIOLoopBound(done, eventLoop: eventLoop)
        let finish: @Sendable (Result<[[UInt8]], CallFailure>) -> Void = { result in
            home.run { _ in answer.value(result) }
        }
        let call: @Sendable (Worker) -> Void = { worker in
            worker.callHere(name, arguments.map { .json($0) }, json: true) { outcome in
                switch outcome {
                case .values(let values):
                    finish(.success(values.map { if case .json(let bytes) = $0 { bytes } else { Array("null".utf8) } }))
                case .failure(let code, let detail): finish(.failure(CallFailure(code: code, detail: detail)))
                }
            }
        }
        if target == index { call(self) } else { services.workers[target]?.execute(call) }
    }
}

/// Why a provided function gave no result.
public struct CallFailure: Error, Sendable, Equatable {
    /// Stable: `no_such_function`, `busy`, `closed`, `timeout`, or the code of a script's error.
    public let code: String
    /// For the log.
    public let detail: String
}
