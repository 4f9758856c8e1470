import LuaRuntime

/// A generation that is ready to replace the running one on one worker, while that worker holds the unit's messages.
///
/// Loop-bound; ends with exactly one of `Worker.commit` and `Worker.abort`.
final class StagedSwap {
    let slot: UnitSlot
    let candidate: UnitInstance
    /// Nil when the unit starts for the first time.
    let old: UnitInstance?
    var isDone = false

    init(slot: UnitSlot, candidate: UnitInstance, old: UnitInstance?) {
        self.slot = slot
        self.candidate = candidate
        self.old = old
    }
}
