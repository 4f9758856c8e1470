public import Games
public import Host
package import HostModules
public import Logging
public import LuaRuntime
public import Reload
public import Store

/// What a ``TestServer`` is made of. The default is a server without scripts, in memory, with one event loop.
public struct ServerOptions: Sendable {
    /// Packages: name → text of `main.lua`.
    public var packages: [String: String] = [:]
    /// Further files: path below the server's folder (`Scripts/votes/tally.lua`, `games/dice/engine.lua`) → text.
    public var files: [String: String] = [:]
    /// Files and folders of a project that are copied: path below the server's folder → path on disk. What is there already stays. Done
    /// before `packages` and `files`, so that those may replace some of it.
    public var copies: [String: String] = [:]
    /// The folder with all this; nil: a fresh one. Hand over the folder (and the store) of a server that was stopped to start it again.
    public var folder: TestFolder?
    /// Event loops that serve sockets, 1 …; a thread each.
    public var workers = 1
    /// Development mode: saved files are taken over by themselves, broken units do not keep the server from starting.
    public var debug = false
    /// Nil: a store in memory of its own. A store that is given is not closed.
    public var store: (any Store)?
    /// Orders failures of the store, more finely than ``TestServer/failStore(requests:)``.
    public var faults: StoreFaults?
    /// Nil: the system's clock.
    public var clock: ManualClock?
    /// Settings by package, a JSON object each.
    public var settings: [String: String] = [:]
    /// Secrets by package and name.
    public var secrets: [String: [String: String]] = [:]
    /// Where `nightjar.metrics` is shown.
    package var exposition = Exposition()
    /// Bounds of what scripts may ask for and keep waiting.
    public var limits = RuntimeLimits()
    /// Time and memory of a Lua state.
    public var luaLimits = LuaLimits()
    /// Named listeners, each with a port of its own on 127.0.0.1. The first one is ``TestServer/port``.
    public var listeners = ["main"]
    /// Least severe line of the log; nil: nothing is logged.
    public var logLevel: Logger.Level? = .info
    /// Hears of every line of the log, on the thread that logs it, and must not block.
    public var onLog: (@Sendable (TestLog.Line) -> Void)?
    /// With sessions, wallets and games (`/session/ws`); nil: packages alone. The folder of games and the clock are filled in.
    public var casino: CasinoConfiguration?
    /// How long clients, and then scripts, may take when the server stops, each.
    public var patience = Duration.seconds(2)
    /// Last word on how scripts are found and run.
    public var configure: @Sendable (inout ScriptHostConfiguration) -> Void = { _ in }

    public init() {}
}
