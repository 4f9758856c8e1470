import Host
import LuaRuntime
import Transport

/// `nightjar.room(name)`: groups of connections, ordered for everybody.
struct RoomAPI: HostModule {
    static let type = ObjectTypes.register("room")
    var functions: [HostFunction] { [Self.room] }
    var types: [HostType] { [Self.hostType] }

    private static let hostType = HostType(
        id: type, name: "room", methods: [join, leave, send, count, members],
        "A group of connections of this package, on all loops. A closed connection leaves by itself.")

    /// As long as room names may be, together with the package's name.
    private static let nameBytes = 256

    private static let room = HostFunction(
        "room", [HostParameter("name", .string, "At most 200 bytes.")],
        returns: [HostReturn("room", .object(type), "The room; it need not exist yet.")],
        "Gives the room of this name. Rooms of different packages are different rooms."
    ) { call in
        let generation = call.generation
        guard call.length(0) <= nameBytes else {
            return .raise("bad argument #1 to 'room' (the name is longer than \(nameBytes) bytes)")
        }
        let name = generation.roomPrefix + (call.string(0) ?? "")
        guard name.utf8.count <= nameBytes else {
            return .raise("bad argument #1 to 'room' (the name is longer than \(nameBytes) bytes)")
        }
        let number = generation.rooms.number(of: name) { _ in }
        call.returnObject(type, number)
        return .values
    }

    private static let join = HostFunction(
        "join", [HostParameter("conn", .object(ConnectionAPI.type))], "Takes a connection into the room."
    ) { call in
        record(&call, "room:join") { .roomJoin(room: $0, ConnectionID(rawValue: UInt64(bitPattern: $1))) }
    }

    private static let leave = HostFunction(
        "leave", [HostParameter("conn", .object(ConnectionAPI.type))], "Takes a connection out of the room."
    ) { call in
        record(&call, "room:leave") { .roomLeave(room: $0, ConnectionID(rawValue: UInt64(bitPattern: $1))) }
    }

    private static func record(
        _ call: inout HostCall, _ what: StaticString, _ effect: (Int64, Int64) -> Effect
    ) -> HostResult {
        if let refusal = call.refusal(what) { return refusal }
        let generation = call.generation
        guard generation.rooms.name(of: call.handle) != nil else { return forgotten }
        guard let connection = call.object(0, ConnectionAPI.type) else { return .raise("bad argument #1 to '\(what)'") }
        // A room's messages are for clients of this server; a service that gets one by mistake would be told too much.
        if ConnectionID(rawValue: UInt64(bitPattern: connection)).isOutgoing {
            return .raise("bad argument #1 to '\(what)' (a connection that a client has opened expected; this one leads to another server)")
        }
        generation.effects.append(effect(call.handle, connection))
        return .none
    }

    private static var forgotten: HostResult {
        .raise("this room object was kept for too long; call nightjar.room again")
    }

    private static let send = HostFunction(
        "send",
        [
            HostParameter("text", .string, "The message."),
            HostParameter(
                "options", .table, optional: true, as: "nightjar.RoomSendOptions",
                fields: [
                    HostField("except", .object(ConnectionAPI.type), as: "nightjar.Connection", about: "Who does not get it."),
                    HostField("binary", .boolean, about: "Send a binary message: any bytes. A text message is UTF-8."),
                ]),
        ],
        "Sends a message to all members."
    ) { call in
        if let refusal = call.refusal("room:send") { return refusal }
        let generation = call.generation
        guard generation.rooms.name(of: call.handle) != nil else { return forgotten }
        var kind = MessageKind.text
        var except: Int64 = 0
        if call.kind(1) == .table {
            if call.boolean(field: "binary", of: 1) == true { kind = .binary }
            except = call.object(field: "except", of: 1, type: ConnectionAPI.type) ?? 0
        }
        guard let bytes = call.bytes(0) else { return .none }
        if kind == .text, !UTF8Validator.isValid(bytes) { return ConnectionAPI.notText(bytes, "room:send") }
        let range = generation.effects.arena.append(bytes)
        generation.effects.append(.roomSend(room: call.handle, range, kind, except: UInt64(bitPattern: except)))
        return .none
    }

    private static let count = HostFunction(
        "count", returns: [HostReturn("count", .integer)], waits: true,
        "Waits for the number of members, after what was asked before."
    ) { call in
        ask(&call) { rooms, name, worker, token in
            rooms.count(name, on: worker.eventLoop) { token.finish(.values([.integer(Int64($0))])) }
        }
    }

    private static let members = HostFunction(
        "members", returns: [HostReturn("ids", .table, "List of connection ids.", as: "integer[]")], waits: true,
        "Waits for the ids of the members, in no particular order."
    ) { call in
        ask(&call) { rooms, name, worker, token in
            rooms.members(name, on: worker.eventLoop) { ids in
                let list = ids.map { String($0.rawValue) }.joined(separator: ",")
                token.finish(.values([.json(Array("[\(list)]".utf8))]))
            }
        }
    }

    private static func ask(
        _ call: inout HostCall, _ question: @escaping (Rooms, String, Worker, WaitToken) -> Void
    ) -> HostResult {
        let generation = call.generation
        guard let name = generation.rooms.name(of: call.handle) else { return forgotten }
        guard let rooms = generation.services.rooms else { return .failure(code: "unavailable", detail: "no sockets") }
        generation.pendingWait = .operation { worker, token in question(rooms, name, worker, token) }
        return .wait
    }
}
