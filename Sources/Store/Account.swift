/// The head of an account: what is true now. The journal says how it became so.
public struct Account: Hashable, Sendable {
    public let key: AccountKey
    /// Balance in the smallest unit, never negative.
    public var credits: Int64
    /// Number of journal entries of the account, the opening included: 1 when new, plus one with each transition.
    public var version: Int64
    /// The game that is loaded, if any.
    public var active: GameSlot?
    /// Games left for another one, to be taken up again; at most `StoreLimits.parkedPerAccount`.
    public var parked: [GameKey: GameSlot]

    public init(
        key: AccountKey,
        credits: Int64,
        version: Int64,
        active: GameSlot? = nil,
        parked: [GameKey: GameSlot] = [:]
    ) {
        self.key = key
        self.credits = credits
        self.version = version
        self.active = active
        self.parked = parked
    }
}

/// The state of one game of an account.
public struct GameSlot: Hashable, Sendable {
    public var key: GameKey
    /// The id of this state; an action must name it.
    public var id: StateID
    /// The engine's version that made the state, for migration.
    public var engineVersion: Int64
    /// Milliseconds since 1970 at which the open round began; 0 if no round is open.
    public var openedAt: Int64
    /// The game state's JSON, exactly the bytes that are sent to clients.
    public var blob: [UInt8]

    public init(key: GameKey, id: StateID, engineVersion: Int64 = 0, openedAt: Int64 = 0, blob: [UInt8]) {
        self.key = key
        self.id = id
        self.engineVersion = engineVersion
        self.openedAt = openedAt
        self.blob = blob
    }
}
