import LuaRuntime

/// Something every candidate must pass between its loading and its swap.
///
/// A gate looks and answers; it changes nothing that a running generation could notice. Gates are asked in order on the
/// control loop, and the first refusal ends the attempt. A new rule is a new type in the list of `Supervisor.gates`.
protocol Gate {
    /// Where a candidate stands that this gate refused, for the status: `routes`, `specs` …
    var name: String { get }

    /// - Returns: Why the candidate may not go on, or nil.
    nonisolated(nonsending) func examine(_ candidate: Candidate) async -> Refusal?
}

/// A gate's no.
struct Refusal: Error {
    /// Why, with file and line.
    var error: ScriptError
    /// What could make the next attempt pass.
    var cure: PendingReason.Cure

    init(_ error: ScriptError, cure: PendingReason.Cure = .files) {
        self.error = error
        self.cure = cure
    }
}
