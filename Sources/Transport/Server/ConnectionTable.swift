/// The WebSocket connections of one loop, found by id without hashing.
struct ConnectionTable {
    private struct Slot {
        var connection: Connection?
        /// How often the slot was used; part of the id, so that an old id finds nothing.
        var use: UInt64
    }

    /// What an id has bits for, without the number that connections to other servers have.
    static let slotsMax = ConnectionID.outgoingSlot

    private let loop: Int
    private var slots: [Slot] = []
    private var free: [Int32] = []
    private(set) var count = 0

    init(loop: Int) { self.loop = loop }

    /// A fresh id, or nil if the table is full.
    mutating func reserve() -> ConnectionID? {
        if let slot = free.popLast() {
            slots[Int(slot)].use += 1
            return ConnectionID(loop: loop, use: slots[Int(slot)].use, slot: Int(slot))
        }
        guard slots.count < Self.slotsMax else { return nil }
        slots.append(Slot(connection: nil, use: 1))
        return ConnectionID(loop: loop, use: 1, slot: slots.count - 1)
    }

    mutating func insert(_ connection: Connection) {
        slots[connection.id.slot].connection = connection
        count += 1
    }

    mutating func remove(_ id: ConnectionID) {
        guard self[id] != nil else { return }
        slots[id.slot].connection = nil
        free.append(Int32(id.slot))
        count -= 1
    }

    @inline(__always)
    subscript(id: ConnectionID) -> Connection? {
        let slot = id.slot
        guard slot < slots.count, let connection = slots[slot].connection, connection.id == id else { return nil }
        return connection
    }

    /// `body` must not add or remove any.
    func forEach(_ body: (Connection) -> Void) {
        for slot in slots { if let connection = slot.connection { body(connection) } }
    }

    /// A copy, for walks that close connections.
    var all: [Connection] { slots.compactMap(\.connection) }
}
