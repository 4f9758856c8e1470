package import LuaRuntime
package import Logging
import NIOCore
package import NIOPosix
package import Transport

/// What all workers share. Immutable or safe from any thread.
package final class HostServices: Sendable {
    package let logger: Logger
    /// What scripts can ask for.
    package let registry: HostRegistry
    package let rooms: Rooms?
    /// For file reads.
    let threadPool: NIOThreadPool
    package let limits: RuntimeLimits
    /// Development mode: more is checked and reported.
    package let debug: Bool
    /// Whom outgoing connections trust; nil: whom the system trusts.
    let clientTLS: WebSocketClientTLS?
    package let clientCounts = ClientCounts()
    let directory = ServiceDirectory()
    package let workers = WorkerGroup()
    /// Hears of every error of a script, on the loop where it happened.
    let onScriptError: @Sendable (UnitID, GenerationNumber, ScriptError) -> Void
    /// Milliseconds since 1970.
    package let wallClock: @Sendable () -> Int64
    /// The process's log lines, for packages that listen; nil: there are none to be had.
    let logTap: LogTap?

    package init(
        logger: Logger, registry: HostRegistry, rooms: Rooms?, threadPool: NIOThreadPool, limits: RuntimeLimits = RuntimeLimits(), debug: Bool,
        wallClock: @escaping @Sendable () -> Int64, clientTLS: WebSocketClientTLS? = nil, logTap: LogTap? = nil,
        onScriptError: @escaping @Sendable (UnitID, GenerationNumber, ScriptError) -> Void = { _, _, _ in }
    ) {
        self.logger = logger
        self.registry = registry
        self.rooms = rooms
        self.threadPool = threadPool
        self.limits = limits
        self.debug = debug
        self.wallClock = wallClock
        self.clientTLS = clientTLS
        self.logTap = logTap
        self.onScriptError = onScriptError
    }
}
