import Host
import LuaRuntime

/// What the control loop knows of each unit: where it is, what runs of it, and why its last attempt came to nothing. A value.
struct UnitRegistry {
    struct Record {
        var source: UnitSource
        /// Nil until the first good load.
        var running: RunningUnit?
        /// Nil after a good load.
        var pending: PendingReason?
    }

    private(set) var records: [UnitID: Record] = [:]

    init() {}

    subscript(_ id: UnitID) -> Record? { records[id] }

    var ids: Set<UnitID> { Set(records.keys) }

    /// By kind and name.
    var inOrder: [Record] { records.values.sorted { Self.precedes($0.source.id, $1.source.id) } }

    mutating func loaded(_ source: UnitSource, _ running: RunningUnit) {
        records[source.id] = Record(source: source, running: running, pending: nil)
    }

    /// What ran goes on.
    mutating func refused(_ source: UnitSource, _ reason: PendingReason) {
        var record = records[source.id] ?? Record(source: source)
        record.source = source
        record.pending = reason
        records[source.id] = record
    }

    /// Why the unit is not loaded, and whether the one it waits for waits for it in turn.
    func pending(_ id: UnitID) -> PendingReason? {
        guard var reason = records[id]?.pending, case .release(_, let holder) = reason.cure else { return records[id]?.pending }
        reason.isMutual = records.values.contains { other in
            guard other.source.id.description == holder, case .release(_, let awaited) = other.pending?.cure else { return false }
            return awaited == id.description
        }
        return reason
    }

    /// What ran has been taken off.
    mutating func evicted(_ id: UnitID, _ reason: PendingReason) {
        records[id]?.running = nil
        records[id]?.pending = reason
    }

    mutating func remove(_ id: UnitID) -> Record? { records.removeValue(forKey: id) }

    mutating func removeAll() { records = [:] }

    /// Units whose last attempt failed.
    var pending: Set<UnitID> { Set(records.filter { $0.value.pending != nil }.keys) }

    /// Units that were refused because somebody else had one of these.
    func waiting(for released: Set<Claimed>) -> [UnitSource] {
        inOrder.filter {
            guard case .release(let claimed, _) = $0.pending?.cure else { return false }
            return released.contains(claimed)
        }.map(\.source)
    }

    func status(files: (UnitID) -> Set<String>) -> [UnitStatus] {
        inOrder.map {
            UnitStatus(
                unit: $0.source.id, generation: $0.running?.generation, pending: pending($0.source.id), workers: $0.running?.workers ?? [],
                listener: $0.running?.settings.listener, files: files($0.source.id).sorted())
        }
    }

    private static func precedes(_ a: UnitID, _ b: UnitID) -> Bool { (a.kind.rawValue, a.name) < (b.kind.rawValue, b.name) }
}
