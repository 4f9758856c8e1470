/// The rooms a loop owns: who is in them. Used on that loop only.
struct OwnedRooms {
    private struct Room {
        var members: Set<ConnectionID> = []
        /// Members by loop, so that a send reaches only loops that have any.
        var loops: [Int] = []
    }

    private var rooms: [String: Room] = [:]

    init() {}

    mutating func join(
        _ name: String, _ id: ConnectionID, _ context: LoopContext, _ all: Rooms
    ) -> Rooms.JoinOutcome {
        guard !name.isEmpty, name.utf8.count <= Rooms.nameBytesMax else { return .badName }
        let loop = id.loopIndex
        guard loop < context.shared.loopCount else { return .gone }
        if let room = rooms[name] {
            if room.members.contains(id) { return .already }
            if room.members.count >= Rooms.membersMax { return .full }
        } else if rooms.count >= Rooms.roomsMax {
            return .full
        }
        if loop == context.index {
            let outcome = context.localRooms.add(name, id, context)
            if outcome != .joined { return outcome }
        } else {
            all.at(loop) { other in
                if other.localRooms.add(name, id, other) != .joined { all.left(name, id) }
            }
        }
        var room = rooms.removeValue(forKey: name) ?? Room()
        if room.loops.isEmpty { room.loops = Array(repeating: 0, count: context.shared.loopCount) }
        room.members.insert(id)
        room.loops[loop] += 1
        rooms[name] = room
        return .joined
    }

    /// True if it was a member.
    mutating func remove(_ name: String, _ id: ConnectionID) -> Bool {
        guard let index = rooms.index(forKey: name), rooms.values[index].members.remove(id) != nil else { return false }
        rooms.values[index].loops[id.loopIndex] -= 1
        if rooms.values[index].members.isEmpty { rooms.remove(at: index) }
        return true
    }

    func loops(of name: String) -> [Int]? { rooms[name]?.loops }
    func count(_ name: String) -> Int { rooms[name]?.members.count ?? 0 }
    func members(_ name: String) -> [ConnectionID] { rooms[name].map { Array($0.members) } ?? [] }
}
