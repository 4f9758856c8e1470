/// The head of an account: what is true now. The journal says how it became so.
public struct Account: Hashable, Sendable {
    public let key: AccountKey
    /// Balance in the smallest unit, never negative.
    public var credits: Int64
    /// Number of journal entries of the account, the opening included: 1 when new, plus one with each transition.
    public var version: Int64
    /// All that was ever spent on bets and further stakes, see ``Transition/spent``; smallest unit.
    public var spent: Int64
    /// The game that is loaded, if any.
    public var active: GameSlot?
    /// Games left for another one, to be taken up again; at most `StoreLimits.parkedPerAccount`.
    public var parked: [GameKey: GameSlot]

    public init(
        key: AccountKey,
        credits: Int64,
        version: Int64,
        spent: Int64 = 0,
        active: GameSlot? = nil,
        parked: [GameKey: GameSlot] = [:]
    ) {
        self.key = key
        self.credits = credits
        self.version = version
        self.spent = spent
        self.active = active
        self.parked = parked
    }
}

/// The state of one game of an account. A value whose copies share what they say: a head is handed on far more often than a state
/// is made, and a state has a dozen parts.
public struct GameSlot: Sendable {
    private struct Parts: Hashable {
        var key: GameKey
        var id: StateID
        var engineVersion: Int64
        var openedAt: Int64
        var blob: [UInt8]
        var hidden: [UInt8]
        var round: Round?
    }

    private final class Box: Sendable {
        let parts: Parts

        init(_ parts: Parts) { self.parts = parts }
    }

    private var box: Box

    public var key: GameKey { box.parts.key }
    /// The id of this state; an action must name it.
    public var id: StateID { box.parts.id }
    /// The engine's version that made the state, for migration.
    public var engineVersion: Int64 {
        get { box.parts.engineVersion }
        set { change { $0.engineVersion = newValue } }
    }
    /// Milliseconds since 1970 at which the open round began; 0 if no round is open.
    public var openedAt: Int64 {
        get { box.parts.openedAt }
        set { change { $0.openedAt = newValue } }
    }
    /// The game state's JSON, exactly the bytes that are sent to clients.
    public var blob: [UInt8] {
        get { box.parts.blob }
        set { change { $0.blob = newValue } }
    }
    /// What the engine keeps to itself, JSON; empty if it keeps nothing. Never sent to anybody.
    public var hidden: [UInt8] {
        get { box.parts.hidden }
        set { change { $0.hidden = newValue } }
    }
    /// The round that is open. Nil in a slot that a release from before rounds were kept has written, even if one is open: see
    /// ``openRound``.
    public var round: Round? {
        get { box.parts.round }
        set { change { $0.round = newValue } }
    }

    /// - Parameter openedAt: Of a slot without `round`; else it is the round's.
    public init(
        key: GameKey, id: StateID, engineVersion: Int64 = 0, openedAt: Int64 = 0, blob: [UInt8], hidden: [UInt8] = [], round: Round? = nil
    ) {
        box = Box(
            Parts(
                key: key, id: id, engineVersion: engineVersion, openedAt: round?.startedAt ?? openedAt, blob: blob, hidden: hidden,
                round: round))
    }

    private mutating func change(_ body: (inout Parts) -> Void) {
        var parts = box.parts
        body(&parts)
        box = Box(parts)
    }

    /// The open round, if there is one. Of one that began before rounds were kept, what the slot knows: it goes by the id of the
    /// state in which it was found, and what it has cost so far is not in it.
    public var openRound: Round? { round ?? (openedAt > 0 ? Round(id: id, startedAt: openedAt) : nil) }
}

extension GameSlot: Hashable {
    public static func == (left: GameSlot, right: GameSlot) -> Bool { left.box === right.box || left.box.parts == right.box.parts }

    public func hash(into hasher: inout Hasher) { hasher.combine(box.parts) }
}
