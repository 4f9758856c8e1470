import Host
import LuaRuntime
import Transport

/// `nightjar.websocket.connection`: how a package finds its connections again after a reload.
struct ConnectionLookupAPI: HostModule {
    var functions: [HostFunction] { [Self.connection] }

    private static let connection = HostFunction(
        module: "websocket", "connection", [HostParameter("id", .integer, "A connection's `id`.")],
        returns: [HostReturn("conn", .object(ConnectionAPI.type), optional: true, "nil if it is gone, or belongs to another package.")],
        """
        Gives the connection with this number: ids survive a reload in `nightjar.state`, connection objects do not. \
        In `M.on_reload` its `data` is not there yet.
        """
    ) { call in
        if let refusal = call.refusal("websocket.connection") { return refusal }
        let generation = call.generation
        let handle = call.integer(0) ?? 0
        let id = ConnectionID(rawValue: UInt64(bitPattern: handle))
        // A connection of another package is none of this one's business.
        if let record = generation.worker?.records[id], record.endpoint.unit.id == generation.id {
            call.returnObject(ConnectionAPI.type, handle)
        } else {
            call.returnNil()
        }
        return .values
    }
}
