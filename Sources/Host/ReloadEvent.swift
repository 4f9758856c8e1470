public import LuaRuntime

/// What became of an attempt to load or unload a unit.
public struct ReloadEvent: Sendable {
    public enum Outcome: Sendable {
        /// The generation runs; `milliseconds` from the beginning of the prepare until it took messages.
        case loaded(milliseconds: Double)
        /// Nothing has changed, see ``ReloadEvent/running``.
        case failed(ScriptError)
        case unloaded
    }

    public let unit: UnitID
    /// The generation that was loaded or not; of `unloaded` the one that ran.
    public let generation: GenerationNumber
    public let outcome: Outcome
    /// The generation that takes messages now: of `failed` the one before, which goes on. Nil: nothing of the unit runs.
    public let running: GenerationNumber?

    public init(unit: UnitID, generation: GenerationNumber, outcome: Outcome, running: GenerationNumber?) {
        self.unit = unit
        self.generation = generation
        self.outcome = outcome
        self.running = running
    }

    public var error: ScriptError? {
        if case .failed(let error) = outcome { error } else { nil }
    }

    /// The outcome in one sentence, without the unit.
    public var summary: String {
        switch outcome {
        case .loaded(let milliseconds): "generation \(generation) is live (\(Double(Int(milliseconds * 10)) / 10) ms)"
        case .failed(let error):
            if let running {
                "the new version did not load, generation \(running) goes on: \(error)"
            } else {
                "did not load, nothing of it runs: \(error)"
            }
        case .unloaded: "unloaded"
        }
    }
}
