import NIOCore

/// Development mode: looks now and then, after handlers have run, whether all of a unit's `nightjar.state` would survive a
/// reload. A stored table that is changed afterwards cannot be seen when it is stored. Loop-bound.
final class StateWatch {
    /// Between a handler's end and the look: what an author did a moment ago is told while it is still in mind.
    private static let pause = TimeAmount.milliseconds(300)
    /// A look costs as much as encoding the whole state, so it gets at most this part of the loop's time: less than the one in
    /// a hundred that a neighbour's 99th percentile leaves out.
    private static let share: Int64 = 200

    private unowned let unit: Unit
    private var isPlanned = false
    private var cost = TimeAmount.zero

    init(unit: Unit) { self.unit = unit }

    func handlerEnded() {
        guard !isPlanned else { return }
        isPlanned = true
        let pause = max(Self.pause, cost * Self.share)
        unit.worker.eventLoop.assumeIsolated().scheduleTask(in: pause) { [weak self] in self?.look() }
    }

    private func look() {
        isPlanned = false
        guard let generation = unit.generation, generation.phase == .live, generation.settings.placement != .all else { return }
        let began = NIODeadline.now()
        StateCarrier.lookAtState(of: generation)
        cost = NIODeadline.now() - began
    }
}
