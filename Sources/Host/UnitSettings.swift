package import LuaRuntime

/// Where a unit's Lua states live (`M.workers`).
package enum Placement: String, Sendable {
    /// One worker runs the package; connections of the other loops are forwarded to it.
    case one
    /// Every worker runs it.
    case all
    /// A loop and a thread of its own, without sockets.
    case dedicated
}

/// What a unit's module table says about how it is to be run.
package struct UnitSettings: Sendable {
    package var placement: Placement = .one
    /// Name of the listener its routes live on (`M.listener`).
    package var listener: String = "main"
    /// `M.version`; when it rises, `M.migrate` is called with the former number.
    package var version: Int64 = 0
    package var limits = LuaLimits()

    package init() {}
}
