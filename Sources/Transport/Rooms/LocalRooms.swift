/// Members of a room on one loop.
final class LocalRoom {
    let name: String
    fileprivate var members: ContiguousArray<Connection> = []
    fileprivate var places: [ConnectionID: Int] = [:]

    fileprivate init(_ name: String) { self.name = name }

    fileprivate func remove(_ id: ConnectionID) {
        guard let place = places.removeValue(forKey: id) else { return }
        let last = members.removeLast()
        if place < members.count {
            members[place] = last
            places[last.id] = place
        }
    }
}

/// The part of the rooms that is on one loop: the members' connections. Used on that loop only.
struct LocalRooms {
    private var rooms: [String: LocalRoom] = [:]

    init() {}

    mutating func add(_ name: String, _ id: ConnectionID, _ context: LoopContext) -> Rooms.JoinOutcome {
        guard let connection = context.connection(id), !connection.isGone else { return .gone }
        guard connection.memberships.count < Rooms.roomsPerConnectionMax else { return .full }
        let room = rooms[name] ?? LocalRoom(name)
        rooms[name] = room
        guard room.places.updateValue(room.members.count, forKey: id) == nil else {
            // Cannot happen: the owner lets a member join once.
            room.places[id] = room.members.firstIndex { $0.id == id }
            return .joined
        }
        room.members.append(connection)
        connection.memberships.append(room)
        return .joined
    }

    mutating func remove(_ name: String, _ id: ConnectionID, _ context: LoopContext) {
        guard let room = rooms[name] else { return }
        room.remove(id)
        if let connection = context.connection(id), let index = connection.memberships.firstIndex(where: { $0 === room }) {
            connection.memberships.remove(at: index)
        }
        if room.members.isEmpty { rooms[name] = nil }
    }

    /// A connection has ended: it leaves all its rooms.
    mutating func leaveAll(_ connection: Connection) {
        for room in connection.memberships {
            room.remove(connection.id)
            if room.members.isEmpty { rooms[room.name] = nil }
        }
        connection.memberships = []
    }

    func deliver(_ name: String, _ frame: SharedFrame, _ except: ConnectionID?) {
        guard let room = rooms[name] else { return }
        // A copy of the array: a send that fails may end a connection, which leaves the room.
        let members = room.members
        for member in members where member.id != except { member.send(frame) }
    }
}
