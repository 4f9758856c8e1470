import LuaRuntime

/// All that scripts see of the host: built once, shared by all Lua states.
enum HostAPI {
    static let table = HostTable(functions: functions, types: types)

    private static let functions: [HostFunction] =
        [now] + HTTPAPI.functions + FetchAPI.functions + WebSocketAPI.functions + ConnectionLookupAPI.functions
        + RoomAPI.functions + StoreAPI.functions + TimerAPI.functions + EventAPI.functions + CallAPI.functions + CryptoAPI.functions + LogAPI.functions
        + MetricsAPI.functions + ConfigAPI.functions + DataAPI.functions

    private static let types: [HostType] =
        [ConnectionAPI.hostType, RequestAPI.hostType, RoomAPI.hostType, TimerAPI.hostType] + MetricsAPI.types
        + [GameContext.hostType]

    private static let now = HostFunction(
        "now", returns: [HostReturn("milliseconds", .integer, "Since 1970, UTC.")],
        "Gives the time. Not for games: they take `ctx.now`."
    ) { call in
        call.returnInteger(call.instance.services.wallClock())
        return .values
    }

    /// Values of `nightjar` itself, one each per state.
    static let constants = [
        HostReturn("package", .string, "Name of this package or game."),
        HostReturn("generation", .integer, "Number of this load."),
        HostReturn("debug", .boolean, "Development mode."),
    ]

    /// Gives a new state its constants.
    static func defineConstants(_ instance: Generation, in state: LuaState) throws(ScriptError) {
        try state.define("package") { $0.string(instance.id.name) }
        try state.define("generation") { $0.integer(Int64(instance.generation.number)) }
        try state.define("debug") { $0.boolean(instance.services.debug) }
    }

    /// Annotations for editors, file name → text.
    static var annotations: [String: String] {
        Annotations(
            functions: functions + NativeModules.functions, types: types + NativeModules.types, constants: constants,
            fields: NativeModules.fields
        ).files
    }
}
