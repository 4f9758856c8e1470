/// Bounds of one Lua state. Every loop, table and buffer a script can grow has one.
public struct LuaLimits: Sendable, Equatable {
    /// Bytes the state may hold before its running script is ended with the code `memory`. Soft: exceeded by at most some
    /// per cent, see `LuaState`. 64 MiB: a large package; a runaway one must not take the host.
    public var memoryBytes = 64 << 20
    /// Processor time of one slice: from the start (or the going on) of a handler to its end (or wait), or of
    /// `migrate` and `on_reload` in a swap. 20 ms: the loop serves everybody else, and nobody is to wait longer than 30.
    public var sliceDeadline: Duration = .milliseconds(20)
    /// The same while the state loads (`LuaState.isLoading`), per call. 100 ms: compiling and running all files of a package.
    public var loadDeadline: Duration = .milliseconds(100)
    /// Nested containers in JSON and plain data, 1 ... 128.
    public var depth = 64
    /// Bytes of a JSON text that is decoded or encoded for the host.
    public var jsonBytes = 1 << 20
    /// Bytes of an encoded plain value (`nightjar.state`, `conn.data`).
    public var plainBytes = 16 << 20
    /// Idle coroutines kept for the next messages. 256: what a burst of waits needs; each holds about 1 KiB.
    public var coroutinePool = 256
    /// Handlers that may run or wait at the same time. 65,536: one per connection of a busy worker.
    public var tasks = 65_536

    public init() {}
}
