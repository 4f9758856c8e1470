import Host

/// Failures of saved files that nobody has been told of yet: a file that was half written when it was read is whole a moment
/// later, and an error that disappears by itself teaches people not to look at errors. A value without a clock.
struct HeldFailures {
    private var events: [UnitID: ReloadEvent] = [:]
    private var order: [UnitID] = []

    init() {}

    var isEmpty: Bool { order.isEmpty }

    mutating func hold(_ event: ReloadEvent) {
        forget(event.unit)
        events[event.unit] = event
        order.append(event.unit)
    }

    /// The unit was attempted again, or is gone: what was held is of no interest.
    mutating func forget(_ unit: UnitID) {
        guard events.removeValue(forKey: unit) != nil else { return }
        order.removeAll { $0 == unit }
    }

    /// What is to be told now, in order.
    mutating func take() -> [ReloadEvent] {
        defer {
            events = [:]
            order = []
        }
        return order.compactMap { events[$0] }
    }
}
