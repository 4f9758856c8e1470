/// What the relay has to do, in the simplest words: who is told what by each message. Sockets are numbers.
struct RelayModel {
    /// Texts and who gets them, in the order of sending.
    typealias Telling = [(socket: Int, text: String)]

    struct Session {
        var members: [Int] = []
        var leaders: Set<Int> = []
        /// The last push of a leader, for members that join late.
        var late: (sender: Int, text: String)?

        var stateText: String { state(members.count, leader: !leaders.isEmpty) }
        var told: Telling { members.map { ($0, stateText) } }
    }

    private(set) var sessions: [String: Session] = [:]
    private(set) var places: [Int: String] = [:]

    mutating func enter(_ socket: Int, _ id: String, leader: Bool) -> Telling {
        var telling: Telling = []
        let isNew = places[socket] != id
        if isNew { telling = leave(socket) }
        var session = sessions[id] ?? Session()
        if isNew { session.members.append(socket) }
        if leader {
            session.leaders.insert(socket)
        } else {
            session.leaders.remove(socket)
            if session.late?.sender == socket { session.late = nil }
        }
        sessions[id] = session
        places[socket] = id
        telling += session.told
        if isNew, !leader, let late = session.late { telling.append((socket, late.text)) }
        return telling
    }

    mutating func leave(_ socket: Int) -> Telling {
        guard let id = places.removeValue(forKey: socket), var session = sessions[id] else { return [] }
        session.members.removeAll { $0 == socket }
        session.leaders.remove(socket)
        if session.late?.sender == socket { session.late = nil }
        sessions[id] = session.members.isEmpty ? nil : session
        return session.told
    }

    mutating func push(_ socket: Int, _ id: String, _ text: String) -> Telling {
        guard let session = sessions[id] else { return [] }
        if session.leaders.contains(socket) { sessions[id]!.late = (socket, text) }
        return session.members.filter { $0 != socket && !session.leaders.contains($0) }.map { ($0, text) }
    }
}
