internal import CLuaShim
internal import Synchronization

/// One Lua state: a sandbox with limits, used by one thread at a time.
///
/// Every function checks that the calling thread is the owner, in debug and release builds, and traps if it is not.
/// Nothing of Lua is ever reached but through functions that cannot jump over Swift frames.
///
/// The memory limit is soft: the allocator refuses only new strings and userdata above 4 KiB, everything else ends the
/// running script at its next instruction, so the limit is exceeded by some per cent for a moment. In-process limits
/// protect against mistakes and ordinary abuse, not against a hostile author.
public final class LuaState {
    public let name: String
    let context: HostContext
    let serial: UInt32
    /// Nil once closed.
    private(set) var native: OpaquePointer?
    /// Kept as long as the state may look at it.
    private var stop: LuaStop?

    private static let serials = Atomic<UInt32>(0)

    /// Makes a state whose sandbox is ready: `require "nightjar"` gives the API. The calling thread is its owner.
    ///
    /// - Parameters:
    ///   - name: for messages.
    ///   - owner: found by host functions as `HostCall.owner`; not retained, must outlive the state.
    ///   - functions: what the host offers.
    ///   - isPure: a game's engine, whose actions can be replayed: the clock, chance, `nightjar.state` and every function of
    ///     the host that is not `HostFunction.isPure` raise with the line and what to take instead (`ctx.now`, `ctx.random`).
    ///   - chunks: what need not be compiled again; asked while `isLoading`, on the thread that loads.
    ///   - resolve: finds the source of a module that a script requires; called only while `isLoading`.
    public init(
        name: String, limits: LuaLimits = LuaLimits(), owner: AnyObject?, functions: HostTable, isPure: Bool = false, chunks: CompiledChunks? = nil,
        resolve: @escaping (String) -> Result<ModuleSource, ScriptError>
    ) throws(ScriptError) {
        self.name = name
        serial = LuaState.serials.wrappingAdd(1, ordering: .relaxed).newValue
        context = HostContext(table: functions, serial: serial, chunks: chunks, resolve: resolve)
        var options = nj_options()
        options.memory_bytes = limits.memoryBytes
        options.slice_nanoseconds = limits.sliceDeadline.nanoseconds
        options.load_nanoseconds = limits.loadDeadline.nanoseconds
        options.json = nj_limits(depth: Int32(limits.depth), bytes: limits.jsonBytes, stop: nil)
        options.plain = nj_limits(depth: Int32(limits.depth), bytes: limits.plainBytes, stop: nil)
        options.pool = Int32(limits.coroutinePool)
        options.tasks = Int32(limits.tasks)
        options.pure = isPure ? 1 : 0
        let table = functions.native
        options.functions = UnsafePointer(table.functions.baseAddress)
        options.function_count = Int32(table.functions.count)
        options.types = UnsafePointer(table.types.baseAddress)
        options.type_count = Int32(table.types.count)
        options.host = Unmanaged.passUnretained(context).toOpaque()
        options.owner = owner.map { Unmanaged.passUnretained($0).toOpaque() }
        options.dispatch = { dispatchHostCall($0, $1, $2) }
        options.resolve = { resolveModule($0, $1, $2, $3, $4) }
        if chunks != nil {
            options.find_code = { findCode($0, $1, $2, $3, $4) }
            options.keep_code = { keepCode($0, $1, $2, $3, $4, $5) }
        }
        native = nj_state_new(&options)
        guard native != nil else {
            throw ScriptError(kind: .memory, code: "memory", message: "no memory for a Lua state")
        }
    }

    deinit {
        if let native { nj_state_close(native) }
    }

    /// The calling thread becomes the owner: a state is made and loaded on one thread and used on another. The hand-over
    /// itself must be ordered (an event loop's `execute` is). Traps while a script runs.
    public func adopt() {
        guard let native else { return }
        precondition(nj_state_running(native) == 0, "a Lua state is adopted while it runs")
        nj_state_adopt(native)
    }

    /// Ends the state and frees its memory; waiting handlers are dropped without going on. Repeating it does nothing.
    public func close() {
        guard let native else { return }
        precondition(nj_state_owned(native) != 0, "Lua state used by a thread that does not own it")
        precondition(nj_state_running(native) == 0, "a Lua state is closed while it runs")
        nj_state_close(native)
        self.native = nil
        context.resolve = nil
        context.chunks = nil
    }

    public var isClosed: Bool { native == nil }

    /// True at first. While it is, `require` finds new modules, waits are errors, and `LuaLimits.loadDeadline` holds.
    public var isLoading = true {
        didSet {
            nj_state_set_loading(handle, isLoading ? 1 : 0)
            if !isLoading { context.chunks = nil }
        }
    }

    /// Whether `nightjar.state` refuses writes with `nil, "stale_generation"`.
    public var isSealed = false {
        didSet { nj_state_set_sealed(handle, isSealed ? 1 : 0) }
    }

    /// What runs here ends as soon as `stop` is made, and what would run here later ends at once.
    public func obey(_ stop: LuaStop) {
        nj_state_obey(handle, stop.native)
        self.stop = stop
    }

    /// Bytes in use by Lua.
    public var memoryBytes: Int { nj_state_memory(handle) }

    /// Most bytes in use since this was last read.
    public var memoryPeakBytes: Int { nj_state_memory_peak(handle) }

    /// Runs the collector: one step, or a whole cycle.
    public func collect(full: Bool = false) { nj_state_collect(handle, full ? 1 : 0) }

    /// Whether a script of this state runs now, i.e. the caller is a host function of it.
    public var isRunning: Bool { native.map { nj_state_running($0) != 0 } ?? false }

    /// The C state of an open, owned state.
    @inline(__always)
    var handle: OpaquePointer {
        guard let native else { preconditionFailure("Lua state used after close()") }
        precondition(nj_state_owned(native) != 0, "Lua state used by a thread that does not own it")
        return native
    }

    @inline(__always)
    func slot(_ ref: LuaRef) -> Int32 {
        precondition(ref.state == serial, "reference of another Lua state")
        return ref.slot
    }

    func failure() -> ScriptError { ScriptError(nj_state_failure(handle)) }
}

extension Duration {
    /// Saturates at about 292 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return .max }
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? .max : sum
    }
}
