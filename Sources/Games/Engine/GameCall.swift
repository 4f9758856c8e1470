import Glibc
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
    }

    /// Canonical id of the game.
    public var game: String
    public var operation: Operation
    /// The state the operation starts from, with its id, as stored; nil for a start.
    public var state: [UInt8]?
    /// The engine's version that made `state`.
    public var stateVersion: Int64
    public var site: String
    public var settings: GameSettings
    /// Balance before the call, smallest unit.
    public var credits: Int64
    /// Milliseconds since 1970, the only time the engine knows.
    public var now: Int64
    /// Ids and keys of the steps of an earlier call that is to be repeated; empty for a new one.
    public var replayed: [ReplayedStep] = []

    public init(
        game: String, operation: Operation, state: [UInt8]?, stateVersion: Int64, site: String, settings: GameSettings,
        credits: Int64, now: Int64
    ) {
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
    /// Debits and credits in order.
    public var effects: [LedgerEntry]
    /// The generator's key during this step.
    public var key: RandomKey
    /// 64-bit words the engine drew.
    public var draws: UInt64

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
    public var generation = GenerationNumber(number: 0)
    public var engineVersion: Int64 = 0
    /// The files that ran; nil when it is not an engine of files.
    public var engine: EngineContent?
}

/// A key of the random generator, 256 bits, fresh from the operating system for every step.
public struct RandomKey: Sendable, Hashable {
    var words: (UInt64, UInt64, UInt64, UInt64)

    /// A new key from the operating system.
    public static func fresh() -> RandomKey { FreshRandom.take().key }

    init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// From exactly 32 bytes; nil otherwise.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        words = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
    }

    /// Runs `body` with the 32 bytes.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafeBytes(of: words) { body($0) }
    }

    public static func == (a: RandomKey, b: RandomKey) -> Bool { a.words == b.words }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

/// What a new step takes from chance, in one call of the operating system.
struct FreshRandom {
    let key: RandomKey
    let id: StateID

    static func take() -> FreshRandom {
        var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0)
        // Gives all or nothing (getentropy(3)).
        let status = withUnsafeMutableBytes(of: &words) { getentropy($0.baseAddress!, $0.count) }
        precondition(status == 0, "the operating system gives no random numbers")
        var rest = Given(first: words.4, second: words.5)
        return FreshRandom(key: RandomKey(words: (words.0, words.1, words.2, words.3)), id: StateID.random(using: &rest))
    }

    /// Hands out two numbers that were drawn already, for the id's own rules on its bits.
    private struct Given: RandomNumberGenerator {
        let first: UInt64
        let second: UInt64
        var taken = 0

        init(first: UInt64, second: UInt64) { (self.first, self.second) = (first, second) }

        mutating func next() -> UInt64 {
            taken += 1
            precondition(taken <= 2, "an id is made of two numbers")
            return taken == 1 ? first : second
        }
    }
}
