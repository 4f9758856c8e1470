internal import CLuaShim

// Running functions. At most one slice runs at a time; a host function must not start another.
extension LuaState {
    /// Compiles text; binary chunks are refused. `chunk` names it in messages.
    public func load(_ source: some Collection<UInt8>, chunk: String) throws(ScriptError) -> LuaRef {
        let slot = withContiguous(source) { bytes in
            nj_load(handle, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, chunk)
        }
        guard slot != 0 else { throw failure() }
        return LuaRef(slot: slot, state: serial)
    }

    /// `load` of a string.
    public func load(_ source: String, chunk: String) throws(ScriptError) -> LuaRef {
        try load(source.utf8, chunk: chunk)
    }

    /// Calls a function that must not wait (loading, `migrate`, `on_reload`, game engines) and gives its results to `read`.
    ///
    /// - Parameter deadline: processor time; nil for the state's own.
    public func call<T>(
        _ function: LuaRef, deadline: Duration? = nil, _ push: (inout LuaArguments) -> Void = { _ in },
        _ read: (borrowing LuaResults) throws(ScriptError) -> T
    ) throws(ScriptError) -> T {
        let state = handle
        collect(state, push)
        var result = nj_slice_result()
        guard nj_start(state, slot(function), 0, deadline?.nanoseconds ?? 0, &result) == NJ_RETURNED.rawValue else {
            throw failure()
        }
        defer { nj_results_done(state, &result) }
        return try read(LuaResults(view(result)))
    }

    /// Calls a function without wanting its results.
    public func call(
        _ function: LuaRef, deadline: Duration? = nil, _ push: (inout LuaArguments) -> Void = { _ in }
    ) throws(ScriptError) {
        try call(function, deadline: deadline, push) { (_: borrowing LuaResults) throws(ScriptError) in }
    }

    /// Starts a handler in a pooled coroutine. `read` sees its results if it returned at once.
    public func start(
        _ function: LuaRef, _ push: (inout LuaArguments) -> Void, _ read: (borrowing LuaResults) -> Void = { _ in }
    ) -> LuaOutcome {
        let state = handle
        collect(state, push)
        var result = nj_slice_result()
        let outcome = nj_start(state, slot(function), 1, 0, &result)
        return finish(state, outcome, &result, read)
    }

    /// Goes on with a waiting handler; `push` gives the results of its wait.
    public func resume(
        _ task: LuaTask, _ push: (inout LuaArguments) -> Void, _ read: (borrowing LuaResults) -> Void = { _ in }
    ) -> LuaOutcome {
        precondition(task.state == serial, "task of another Lua state")
        let state = handle
        collect(state, push)
        var result = nj_slice_result()
        let outcome = nj_resume(state, task.slot, task.generation, &result)
        return finish(state, outcome, &result, read)
    }

    /// Ends a wait with a Lua error: a table with `code` and `message`, which the script may catch.
    public func raise(
        _ task: LuaTask, code: String, _ message: String, _ read: (borrowing LuaResults) -> Void = { _ in }
    ) -> LuaOutcome {
        precondition(task.state == serial, "task of another Lua state")
        let state = handle
        collect(state) { (arguments: inout LuaArguments) in
            arguments.string(code)
            arguments.string(message)
        }
        var result = nj_slice_result()
        let outcome = nj_raise(state, task.slot, task.generation, &result)
        return finish(state, outcome, &result, read)
    }

    /// Ends a waiting handler without going on with it. Its to-be-closed variables run, within one slice. A stale task is
    /// ignored.
    public func cancel(_ task: LuaTask) {
        precondition(task.state == serial, "task of another Lua state")
        _ = nj_cancel(handle, task.slot, task.generation)
    }

    /// Whether the task still waits.
    public func isWaiting(_ task: LuaTask) -> Bool {
        precondition(task.state == serial, "task of another Lua state")
        return nj_task_waits(handle, task.slot, task.generation) != 0
    }

    @inline(__always)
    func collect(_ state: OpaquePointer, _ push: (inout LuaArguments) -> Void) {
        precondition(nj_state_running(state) == 0, "a Lua state is entered while it runs")
        var arguments = LuaArguments(nj_arguments(state), state: serial)
        push(&arguments)
    }

    @inline(__always)
    private func finish(
        _ state: OpaquePointer, _ outcome: Int32, _ result: inout nj_slice_result, _ read: (borrowing LuaResults) -> Void
    ) -> LuaOutcome {
        if outcome == NJ_RETURNED.rawValue {
            read(LuaResults(view(result)))
            nj_results_done(state, &result)
            return .returned
        }
        if outcome == NJ_WAITING.rawValue {
            return .waiting(LuaTask(slot: result.slot, generation: result.generation, state: serial))
        }
        return .failed(ScriptError(nj_state_failure(state)))
    }

    @inline(__always)
    private func view(_ result: nj_slice_result) -> LuaStackView {
        LuaStackView(stack: result.L, base: 0, count: result.count, state: serial)
    }

    func withContiguous<R>(_ bytes: some Collection<UInt8>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        if let result = bytes.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) { return result }
        return [UInt8](bytes).withUnsafeBytes { body($0) }
    }
}
