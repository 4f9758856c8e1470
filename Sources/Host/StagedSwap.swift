import LuaRuntime

/// A generation that is ready to replace the running one on one worker, while that worker holds the unit's messages.
///
/// Loop-bound; ends with exactly one of `Worker.commit` and `Worker.abort`.
final class StagedSwap {
    let slot: Unit
    let candidate: Generation
    /// Nil when the unit starts for the first time.
    let old: Generation?
    var isDone = false

    init(slot: Unit, candidate: Generation, old: Generation?) {
        self.slot = slot
        self.candidate = candidate
        self.old = old
    }
}
