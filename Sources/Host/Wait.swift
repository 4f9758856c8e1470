import LuaRuntime
import NIOCore

/// What a handler waits for: the last effect of its slice. A host function records it as `Generation.pendingWait` and answers
/// `.wait`; it begins after the slice's other effects are applied, so it never runs inside Lua.
package enum Wait {
    case sleep(nanoseconds: Int64)
    /// Ends with the value given to `notify`, or with nil and "timeout".
    case event(name: String, nanoseconds: Int64?)
    /// A function provided by some package; arguments encoded as plain data.
    case call(name: String, arguments: [[UInt8]])
    /// Anything else: begun on the worker's loop, ended by `WaitToken.finish` from any thread.
    case operation((Worker, WaitToken) -> Void)
}

/// A value that ends a wait.
package enum WaitValue: Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case bytes([UInt8])
    case string(String)
    case json([UInt8])
    case plain([UInt8])
}

/// How a wait ends.
package enum WaitResult: Sendable {
    /// At most 8 values, returned by the waiting call.
    case values([WaitValue])
    /// Returned as nil, code, detail.
    case failure(code: String, detail: String)
}

/// Names one wait of one handler. Ending it twice, or after its time has run out, does nothing.
package struct WaitToken: Sendable {
    let worker: WorkerHandle
    let job: JobID
    let wait: UInt32

    /// Ends the wait. Any thread. The handler goes on when it is its turn, never inside this call.
    package func finish(_ result: WaitResult) {
        if worker.eventLoop.inEventLoop {
            worker.local.endWait(self, result)
        } else {
            let token = self
            worker.execute { worker in
                worker.endWait(token, result)
                worker.takeTurn()
            }
        }
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
