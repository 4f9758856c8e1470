public import Host
public import Store

/// One call of a game's engine: the start of a game or a player's action. Engines are pure, so the same call with the same
/// ids and keys gives the same outcome.
public struct GameCall: Sendable {
    /// What the engine is asked to do.
    public enum Operation: Sendable, Equatable {
        /// Make the first state (`M.init`).
        case start
        /// Carry out an action; `params` is a JSON object, empty stands for `{}`.
        case action(String, params: [UInt8])
        /// End a round nobody finished (`M.timeout`, else the action `end` if the state offers it).
        case timeout
        /// Take the round back: what it cost, less what it has paid, is refunded, and the game begins anew (`M.init`).
        case void
    }

    /// Canonical id of the game.
    public var game: String
    public var operation: Operation
    /// The state the operation starts from, with its id, as stored; nil for a start.
    public var state: [UInt8]?
    /// What the engine keeps to itself in that state; empty if nothing.
    public var hidden: [UInt8] = []
    /// The engine's version that made `state`.
    public var stateVersion: Int64
    /// The round that is open, if one is.
    public var round: Round?
    public var site: String
    public var settings: GameSettings
    /// Balance before the call, smallest unit.
    public var credits: Int64
    /// Milliseconds since 1970, the only time the engine knows.
    public var now: Int64
    /// Ids and keys of the steps of an earlier call that is to be repeated; empty for a new one.
    public var replayed: [ReplayedStep] = []
    /// The wallet takes no stake: the first one refuses what follows, whatever the balance.
    public var isWithoutStakes = false
    /// Where ids and keys of new steps come from.
    public var entropy: Entropy
    /// The levels of jackpots as they are known, one each of the settings' plan; empty: nothing is known of them.
    var pots: [JackpotPot] = []
    /// The store has just said so.
    var hasFreshPots = false
    /// How often the call was made anew because of jackpots.
    var attempt = 0

    /// A call on a stored state.
    ///
    /// - Parameter credits: Balance before the call, smallest unit.
    public init(
        _ operation: Operation, on slot: GameSlot, settings: GameSettings, credits: Int64, now: Int64, entropy: Entropy = .system
    ) {
        self.init(
            game: slot.key.game, operation: operation, state: slot.blob, stateVersion: slot.engineVersion, site: slot.key.site,
            settings: settings, credits: credits, now: now, entropy: entropy)
        hidden = slot.hidden
        round = slot.openRound
    }

    public init(
        game: String, operation: Operation, state: [UInt8]?, stateVersion: Int64, site: String, settings: GameSettings,
        credits: Int64, now: Int64, entropy: Entropy = .system
    ) {
        self.entropy = entropy
        self.game = game
        self.operation = operation
        self.state = state
        self.stateVersion = stateVersion
        self.site = site
        self.settings = settings
        self.credits = credits
        self.now = now
    }

    /// What a repeated step takes from the journal instead of from chance.
    public struct ReplayedStep: Sendable, Equatable {
        public var id: StateID
        public var key: RandomKey

        public init(id: StateID, key: RandomKey) {
            self.id = id
            self.key = key
        }
    }
}

/// One step of an action: a new state and what it cost or paid.
public struct GameStep: Sendable, Equatable {
    public var id: StateID
    /// The state's JSON, beginning with its id: stored and sent as it is.
    public var blob: [UInt8]
    /// What the engine keeps to itself, JSON; empty if nothing. Stored, and never sent.
    public var hidden: [UInt8] = []
    /// Debits and credits in order.
    public var effects: [LedgerEntry]
    /// The generator's key during this step.
    public var key: RandomKey
    /// 64-bit words the engine drew.
    public var draws: UInt64
    /// What the step does to jackpots, in order.
    var jackpots: [JackpotEffect] = []
    /// The round it belongs to; its own id if it opened it. Nil if none was open and no credits moved.
    public var round: StateID?
    /// How the round ended, if it ended with this step.
    public var outcome: RoundOutcome?
    /// What happened in this step.
    public var marks: [Mark] = []
    /// The mode that the engine has chosen in this step.
    public var mode: Mark?

    /// Change of the balance. Cannot overflow: the runner has added it up already.
    public var delta: Int64 { effects.reduce(0) { $0 &+ $1.amount } }
}

/// Why an engine, or the runner on its behalf, did not carry out an action or the rest of it.
public struct GameRefusal: Sendable, Equatable {
    public enum Code: String, Sendable {
        case badParams = "bad_params"
        case actionNotAllowed = "action_not_allowed"
        case insufficientFunds = "insufficient_funds"
    }

    public var code: Code
    /// May be shown to the player's developer.
    public var detail: String
}

/// What a call of an engine came to. Steps before a refusal stand; a fault leaves nothing.
public struct ActionOutcome: Sendable, Equatable {
    public var steps: [GameStep] = []
    public var refusal: GameRefusal?
    public var fault: GameFault?
    /// May the player leave after the last step (`M.can_finish`)?
    public var isFinishable = false
    /// The round that is open after the last step; goes into the game's slot.
    public var open: Round?
    /// The rounds that ended, in order.
    public var ended: [EndedRound] = []
    public var generation = GenerationNumber(number: 0)
    public var engineVersion: Int64 = 0
    /// The files that ran; nil when it is not an engine of files.
    public var engine: EngineContent?
}

/// A round that is over, with all that moved and happened in it.
public struct EndedRound: Sendable, Equatable {
    public let round: Round
    public let outcome: RoundOutcome
    /// Which step of the call ended it.
    public let step: Int
}

extension ActionOutcome {
    /// Takes over what a call came to.
    ///
    /// - Parameter isFinishable: May the player leave in the last step's state? Then the round is over.
    mutating func take(_ run: GameRun, isFinishable: Bool) {
        if !run.steps.isEmpty { run.finish(isFinishable: isFinishable) }
        steps = run.steps
        refusal = run.refusal
        (open, ended) = (run.rounds.open, run.rounds.ended)
        self.isFinishable = isFinishable
    }

    /// After a fault: nothing of the call counts.
    mutating func dropSteps() {
        (steps, refusal, open, ended) = ([], nil, nil, [])
    }
}

extension GameSlot {
    /// What a call leaves of the game.
    ///
    /// - Parameter outcome: Has at least one step.
    init(_ call: GameCall, _ outcome: ActionOutcome) {
        let last = outcome.steps[outcome.steps.count - 1]
        self.init(
            key: GameKey(site: call.site, game: call.game), id: last.id, engineVersion: outcome.engineVersion, blob: last.blob,
            hidden: last.hidden, round: outcome.open)
    }
}
