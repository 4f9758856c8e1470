public import Store

/// A round as the journal tells it: every step of it, and how it ended. For people who look back; not on the path of a bet.
public struct PlayedRound: Sendable, Equatable {
    /// The id of the state with which it began.
    public let id: StateID
    public let account: AccountKey
    public let place: GameKey
    /// At least one, in their order.
    public let steps: [PlayedStep]

    /// How it ended; nil: it is open.
    public var outcome: String? { steps.last { $0.outcome != nil }?.outcome }
    /// Milliseconds since 1970.
    public var startedAt: Int64 { steps[0].at }
    /// Nil while it is open.
    public var endedAt: Int64? { steps.last { $0.outcome != nil }?.at }
    /// What happened in it, each once, in order.
    public var marks: [String] {
        var marks: [String] = []
        for mark in steps.flatMap(\.marks) where !marks.contains(mark) { marks.append(mark) }
        return marks
    }
    /// All stakes, positive.
    public var staked: Int64 { steps.flatMap(\.effects).reduce(0) { $1.amount < 0 ? $0 &- $1.amount : $0 } }
    /// All that was paid.
    public var paid: Int64 { steps.flatMap(\.effects).reduce(0) { $1.amount > 0 ? $0 &+ $1.amount : $0 } }
    /// The journal entries that tell of it, in their order.
    public var entries: [Int64] {
        var entries: [Int64] = []
        for step in steps where entries.last != step.seq { entries.append(step.seq) }
        return entries
    }
}

/// A step of a round.
public struct PlayedStep: Sendable, Equatable {
    /// The journal entry that tells of it.
    public var seq: Int64
    /// Milliseconds since 1970.
    public var at: Int64
    /// The action's name; `timeout` and the like for what the house did.
    public var operation: String
    /// What the player sent along, a JSON object; empty for none.
    public var params: [UInt8] = []
    /// The state's id after it.
    public var id: StateID
    /// What moved, in order: stakes negative.
    public var effects: [LedgerEntry] = []
    /// The balance after it.
    public var credits: Int64
    public var round: StateID?
    /// How the round ended, if it ended with this step.
    public var outcome: String?
    public var marks: [String] = []
    /// What the player saw, a JSON object; nil where the journal has only its fingerprint: of all but the last step of an action.
    public var state: [UInt8]?
    /// Why the rest of the action was refused.
    public var refused: String?
}

/// Which rounds are looked for. Nil: whatever it is.
public struct RoundFilter: Sendable, Equatable {
    /// What stands for rounds that are not over.
    public static let open = "open"

    public var outcome: String?
    public var mark: String?
    public var site: String?
    public var game: String?

    public init(outcome: String? = nil, mark: String? = nil, site: String? = nil, game: String? = nil) {
        self.outcome = outcome
        self.mark = mark
        self.site = site
        self.game = game
    }

    func takes(_ round: PlayedRound) -> Bool {
        (outcome == nil || outcome == round.outcome ?? Self.open) && (mark.map { round.marks.contains($0) } ?? true)
            && (site == nil || site == round.place.site) && (game == nil || game == round.place.game)
    }
}
