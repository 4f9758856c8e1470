package import LuaRuntime
import Transport

/// Connection objects: `conn.id`, `conn.remote`, `conn.data`, `conn:send`, `conn:close`.
package enum ConnectionAPI {
    package static let type = ObjectTypes.connection

    static let hostType = HostType(
        id: type, name: "connection", methods: [send, close], properties: [id, remote], hasData: true,
        """
        A WebSocket connection. `data` holds any plain value the package wants to remember with it; it survives reloads.
        """)

    private static let send = HostFunction(
        "send",
        [
            HostParameter("text", .string, "The message."),
            HostParameter(
                "options", .table, optional: true, as: "nightjar.SendOptions",
                fields: [HostField("binary", .boolean, about: "Send a binary message: any bytes. A text message is UTF-8.")]),
        ],
        "Sends a message, after the handler has returned or when it next waits. A connection that is gone ignores it."
    ) { call in
        let id = ConnectionID(rawValue: UInt64(bitPattern: call.handle))
        let kind: MessageKind = call.count > 1 && call.boolean(field: "binary", of: 1) == true ? .binary : .text
        let bytes = call.bytes(0)
        return call.withGeneration { generation in
            if let refusal = generation.refusal("conn:send") { return refusal }
            guard let bytes else { return .none }
            // Here, where the mistake is made: a client would drop the connection.
            if kind == .text, !UTF8Validator.isValid(bytes) { return notText(bytes, "conn:send") }
            generation.effects.send(id, bytes, kind)
            return .none
        }
    }

    /// The error for a text message that is none.
    package static func notText(_ bytes: UnsafeRawBufferPointer, _ what: StaticString) -> HostResult {
        let place = (UTF8Validator.firstInvalid(in: bytes) ?? 0) + 1
        return .raise(
            "bad argument #1 to '\(what)' (a text message is UTF-8, but byte \(place) of \(bytes.count) is not; send other bytes with {binary = true})")
    }

    private static let close = HostFunction(
        "close", closeParameters, "Closes the connection after what was sent before."
    ) { call in
        if let refusal = call.refusal("conn:close") { return refusal }
        let id = ConnectionID(rawValue: UInt64(bitPattern: call.handle))
        return recordClose(call, "connection:close") { .close(id, code: $0, reason: $1) }
    }

    package static let closeParameters = [
        HostParameter("code", .integer, optional: true, "1000 or 3000…4999; 1005 closes without a code; default 1000."),
        HostParameter("reason", .string, optional: true, "At most 123 bytes."),
    ]

    /// Reads a close code and a reason, the first two arguments of a method, and records the effect made of them.
    package static func recordClose(
        _ call: borrowing HostCall, _ what: StaticString, _ effect: (UInt16, ArenaRange) -> Effect
    ) -> HostResult {
        let code = call.integer(0) ?? 1_000
        guard code == 1_000 || code == 1_001 || code == 1_005 || (1_008...1_013).contains(code) || (3_000...4_999).contains(code) else {
            return .raise("bad argument #1 to '\(what)' (close code 1000, 1001, 1005, 1008…1013 or 3000…4999 expected)")
        }
        let generation = call.generation
        var reason = ArenaRange.empty
        if let bytes = call.bytes(1) {
            guard bytes.count <= 123 else { return .raise("bad argument #2 to '\(what)' (at most 123 bytes expected)") }
            if !UTF8Validator.isValid(bytes) { return .raise("bad argument #2 to '\(what)' (UTF-8 expected)") }
            reason = generation.effects.arena.append(bytes)
        }
        generation.effects.append(effect(UInt16(code), reason))
        return .none
    }

    private static let id = HostProperty("id", .integer, "Names the connection; never used twice.") { call in
        call.returnInteger(call.handle)
        return .values
    }

    private static let remote = HostProperty(
        "remote", .string, "The other side's address; empty once the connection is gone."
    ) { call in
        let id = ConnectionID(rawValue: UInt64(bitPattern: call.handle))
        let generation = call.generation
        call.returnString(generation.phase == .loading ? "" : generation.worker.records[id]?.remote ?? "")
        return .values
    }
}
