import Host
import LuaRuntime

/// What stands in `nightjar` itself: the time, and who is asking.
struct CoreAPI: HostModule {
    var functions: [HostFunction] { [Self.now] }

    private static let now = HostFunction(
        "now", returns: [HostReturn("milliseconds", .integer, "Since 1970, UTC.")],
        "Gives the time. Not for games: they take `ctx.now`."
    ) { call in
        call.returnInteger(call.generation.services.wallClock())
        return .values
    }

    var constants: [HostReturn] {
        [
            HostReturn("package", .string, "Name of this package or game."),
            HostReturn("generation", .integer, "Number of this load; 0 for what is only tried: by `nightjar check`, by a spec."),
            HostReturn("debug", .boolean, "Development mode."),
        ]
    }

    func begin(_ generation: Generation) throws(ScriptError) {
        guard let state = generation.state else { return }
        try state.define("package") { $0.string(generation.id.name) }
        try state.define("generation") { $0.integer(Int64(generation.number.number)) }
        try state.define("debug") { $0.boolean(generation.services.debug) }
    }
}
