/// A change of a jackpot, in storage units (denomination units times the storage multiplier).
public enum JackpotDelta: Hashable, Sendable {
    /// Adds `amount` ≥ 0 to the value and `hidden` ≥ 0 to the reserve. Commutative: nobody needs to know the value. A jackpot
    /// first heard of begins with `minimum`; of what would exceed `maximum` the overflow is kept.
    ///
    /// One that brings the value to the jackpot's threshold is a conflict, unless the same transition takes it: whose
    /// contribution reaches the threshold wins, nobody else.
    case contribute(JackpotKey, amount: Int64, hidden: Int64 = 0, minimum: Int64, maximum: Int64)
    /// Pays out: requires that nobody took the jackpot since `expectedVersion` was read and that the value is at
    /// least `amount`, else the transition is a conflict. Afterwards the value is what was left, with a new seed of `minimum`
    /// (from the reserve as far as that goes) and as much of the overflow as `maximum` leaves room for, below the threshold. `next`: its
    /// new threshold.
    case take(JackpotKey, expectedVersion: Int64, amount: Int64, minimum: Int64, maximum: Int64, next: JackpotThreshold? = nil)
}

/// The value at which a jackpot must be won, drawn when it was seeded.
public struct JackpotThreshold: Hashable, Sendable {
    /// Storage units.
    public var hitAt: Int64
    /// The text whose hash was made public when the jackpot was seeded; told when it is won.
    public var secret: String

    public init(hitAt: Int64, secret: String) {
        self.hitAt = hitAt
        self.secret = secret
    }
}

/// What a jackpot begins with when nobody has fed it yet.
public struct JackpotOpening: Hashable, Sendable {
    public var key: JackpotKey
    /// Storage units, like `maximum`.
    public var minimum: Int64
    public var maximum: Int64
    /// Of one that must be won by then; also for one that is there already and has none. Nil takes it away.
    public var threshold: JackpotThreshold?
    /// Where the threshold must lie, storage units. One that was committed to and lies there stays; any other, drawn for terms that are
    /// others now, is replaced by ``threshold``: it could not be reached, or not be paid. Nil: anywhere.
    public var thresholds: ClosedRange<Int64>?

    public init(
        key: JackpotKey, minimum: Int64, maximum: Int64, threshold: JackpotThreshold? = nil, thresholds: ClosedRange<Int64>? = nil
    ) {
        self.key = key
        self.minimum = minimum
        self.maximum = maximum
        self.threshold = threshold
        self.thresholds = thresholds
    }
}

/// A jackpot as it is. Amounts in storage units.
public struct Jackpot: Hashable, Sendable {
    public let key: JackpotKey
    /// What is to be won.
    public var value: Int64
    /// Number of times it was taken; contributions do not count.
    public var version: Int64
    /// Hidden contributions, from which the next seeds come.
    public var reserve: Int64
    /// What came above the maximum, kept for after the next win.
    public var overflow: Int64
    public var threshold: JackpotThreshold?
    public var meters: JackpotMeters

    public init(
        key: JackpotKey, value: Int64, version: Int64, reserve: Int64 = 0, overflow: Int64 = 0, threshold: JackpotThreshold? = nil,
        meters: JackpotMeters = JackpotMeters()
    ) {
        self.key = key
        self.value = value
        self.version = version
        self.reserve = reserve
        self.overflow = overflow
        self.threshold = threshold
        self.meters = meters
    }

    /// What is wrong with the sums of its meters, in words; nil: they add up.
    public var fault: String? {
        let value = meters.start &+ meters.contributed &+ meters.seeded &+ meters.drawn &+ meters.carried &- meters.awarded &- meters.overflowed
        if value != self.value { return "the meters come to a value of \(value), it is \(self.value)" }
        let reserve = meters.hidden &- meters.drawn
        if reserve != self.reserve { return "the meters come to a reserve of \(reserve), it is \(self.reserve)" }
        let overflow = meters.overflowed &- meters.carried
        return overflow == self.overflow ? nil : "the meters come to an overflow of \(overflow), it is \(self.overflow)"
    }
}

/// All that ever went into a jackpot and came out of it, storage units.
///
///     value    = start + contributed + seeded + drawn + carried − awarded − overflowed
///     reserve  = hidden − drawn
///     overflow = overflowed − carried
public struct JackpotMeters: Hashable, Sendable {
    /// The value when counting began: 0, but for jackpots of releases that had no meters.
    public var start: Int64 = 0
    /// Contributions that players see.
    public var contributed: Int64 = 0
    /// And those for the reserve.
    public var hidden: Int64 = 0
    /// Seeds that the house has given.
    public var seeded: Int64 = 0
    /// Seeds that the reserve has given.
    public var drawn: Int64 = 0
    public var awarded: Int64 = 0
    /// What went above the maximum.
    public var overflowed: Int64 = 0
    /// And came back after a win.
    public var carried: Int64 = 0

    public init() {}
}
