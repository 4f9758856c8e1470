import LuaRuntime

/// What a handler waits for. A host function puts it into `Generation.pendingWait` and answers `.wait`; the worker begins
/// it after the slice's effects are applied, so it never runs inside Lua.
enum Wait {
    case sleep(nanoseconds: Int64)
    /// Ends with the value given to `notify`, or with nil and "timeout".
    case event(name: String, nanoseconds: Int64?)
    /// A function provided by some package; arguments encoded as plain data.
    case call(name: String, arguments: [[UInt8]])
    /// Anything else: begun on the worker's loop, ended by `WaitToken.finish` from any thread.
    case operation((Worker, WaitToken) -> Void)
}

/// A value that ends a wait.
enum WaitValue: Sendable {
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
enum WaitResult: Sendable {
    /// At most 8 values, returned by the waiting call.
    case values([WaitValue])
    /// Returned as nil, code, detail.
    case failure(code: String, detail: String)
}

/// Names one waiting handler. Ending it twice, or after its time has run out, does nothing.
struct WaitToken: Sendable {
    let worker: WorkerHandle
    let serial: UInt64

    /// Ends the wait. Any thread; the handler goes on at once if this is its worker's loop, else after a hop.
    func finish(_ result: WaitResult) {
        let serial = serial
        worker.run { $0.finishWait(serial, result) }
    }
}
