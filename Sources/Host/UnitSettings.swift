import LuaRuntime

/// Where a unit's Lua states live (`M.workers`).
enum Placement: String, Sendable {
    /// One worker runs the package; connections of the other loops are forwarded to it.
    case one
    /// Every worker runs it.
    case all
    /// A loop and a thread of its own, without sockets.
    case dedicated
}

/// What a unit's module table says about how it is to be run.
struct UnitSettings: Sendable {
    var placement: Placement = .one
    /// Name of the listener its routes live on (`M.listener`).
    var listener: String = "main"
    /// `M.version`; when it rises, `M.migrate` is called with the former number.
    var version: Int64 = 0
    var limits = LuaLimits()

    init() {}
}
