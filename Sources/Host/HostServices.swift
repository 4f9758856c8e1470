import LuaRuntime
import Logging
import NIOCore
import NIOPosix
import Transport

/// What all workers share. Immutable or safe from any thread.
final class HostServices: Sendable {
    let logger: Logger
    /// What scripts can ask for.
    let registry: HostRegistry
    let rooms: Rooms?
    /// For file reads.
    let threadPool: NIOThreadPool
    let limits: RuntimeLimits
    /// Development mode: more is checked and reported.
    let debug: Bool
    let directory = ServiceDirectory()
    let workers = WorkerGroup()
    /// Hears of every error of a script, on the loop where it happened.
    let onScriptError: @Sendable (UnitID, GenerationNumber, ScriptError) -> Void
    /// Milliseconds since 1970.
    let wallClock: @Sendable () -> Int64
    /// The process's log lines, for packages that listen; nil: there are none to be had.
    let logTap: LogTap?

    init(
        logger: Logger, registry: HostRegistry, rooms: Rooms?, threadPool: NIOThreadPool, limits: RuntimeLimits = RuntimeLimits(), debug: Bool,
        wallClock: @escaping @Sendable () -> Int64, logTap: LogTap? = nil,
        onScriptError: @escaping @Sendable (UnitID, GenerationNumber, ScriptError) -> Void = { _, _, _ in }
    ) {
        self.logger = logger
        self.registry = registry
        self.rooms = rooms
        self.threadPool = threadPool
        self.limits = limits
        self.debug = debug
        self.wallClock = wallClock
        self.logTap = logTap
        self.onScriptError = onScriptError
    }
}
