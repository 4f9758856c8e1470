public import LuaRuntime

/// What became of an attempt to load or unload a unit.
public struct ReloadEvent: Sendable {
    public enum Outcome: Sendable {
        /// The generation runs; `milliseconds` from the beginning of the prepare until it took messages.
        case loaded(milliseconds: Double)
        /// Nothing has changed: the generation before goes on, if there is one.
        case failed(ScriptError)
        case unloaded
    }

    public let unit: UnitID
    /// The generation that was loaded or not; of `unloaded` the one that ran.
    public let generation: GenerationNumber
    public let outcome: Outcome

    package init(unit: UnitID, generation: GenerationNumber, outcome: ReloadEvent.Outcome) {
        self.unit = unit
        self.generation = generation
        self.outcome = outcome
    }

    public var error: ScriptError? {
        if case .failed(let error) = outcome { error } else { nil }
    }
}
