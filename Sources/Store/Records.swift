/// One entry of the journal.
public struct JournalEntry: Hashable, Sendable {
    /// Position in the journal, rising by one, from 1.
    public let seq: Int64
    public let account: AccountKey
    public let id: StateID
    /// Milliseconds since 1970.
    public let at: Int64
    public let kind: TransitionKind
    public let opensRound: Bool
    /// The account's version after the entry.
    public let version: Int64
    public let delta: Int64
    /// The account's balance after the entry.
    public let credits: Int64
    public let ledger: [LedgerEntry]
    public let body: [UInt8]
}

/// Some of the accounts that have a round open for too long.
public struct OverduePage: Hashable, Sendable {
    public let accounts: [AccountKey]
    /// Where to go on; nil after the last page.
    public let next: Int64?
}

/// The two sums that must be equal at any time. Where 64 bits cannot hold them the store in memory wraps both alike, and the one in a
/// file fails; a check of the file, ``SQLiteStore/verify(path:archives:seal:)``, can add up all there may be.
public struct StoreSums: Hashable, Sendable {
    /// The sum of all ledger entries in the journal.
    public let ledger: Int64
    /// The sum of all balances.
    public let heads: Int64
    /// Journal entries and accounts.
    public let entries: Int64
    public let accounts: Int64
}

/// A registered user.
public struct UserRecord: Hashable, Sendable {
    public let realm: String
    /// The id by which the platform knows the user.
    public let uid: String
    /// The global id.
    public let id: StateID
    /// JSON text of the profile last given.
    public let profile: String
    /// Milliseconds since 1970 of the first registration.
    public let created: Int64
    /// This call registered the user.
    public let isNew: Bool
}

/// An item of the ``Outbox`` that was not accepted yet.
public struct OutboxEntry: Hashable, Sendable {
    /// Rising, and never given to another item, so that whoever is told can see that he was told before.
    public let id: Int64
    public let realm: String
    public let topic: String
    public let key: String
    public let body: [UInt8]
    /// Milliseconds since 1970 at which it was written.
    public let at: Int64
    /// Failed attempts so far.
    public let attempts: Int64
}

/// A key-value entry.
public struct StoreValue: Hashable, Sendable {
    public let bytes: [UInt8]
    /// Changes with every write and never repeats, even after the key was deleted.
    public let version: Int64
    /// Milliseconds since 1970 from which on the entry is absent; nil if it does not expire.
    public let expiresAt: Int64?
}

/// The answer to a `set` or `delete` with a condition.
public enum WriteResult: Hashable, Sendable {
    /// Done; the entry's new version, 0 after a deletion.
    case written(version: Int64)
    /// The entry's version is this one (0: absent). Nothing was changed.
    case mismatch(actual: Int64)
}

/// A member of a sorted set. Equal scores are ordered by the member's UTF-8 bytes.
public struct SortedMember: Hashable, Sendable {
    public let member: String
    /// Finite or infinite, never NaN.
    public let score: Double

    public init(_ member: String, _ score: Double) {
        self.member = member
        self.score = score
    }
}

/// One of several changes to keys, sorted sets and the outbox that are made together.
public enum StoreChange: Hashable, Sendable {
    /// `ttl`: milliseconds until it expires (≥ 1), nil for never.
    case set(StoreKey, [UInt8], ttl: Int64? = nil)
    /// Of an absent entry: nothing.
    case delete(StoreKey)
    case add(StoreKey, SortedMember)
    /// Of an absent member: nothing.
    case remove(StoreKey, member: String)
    /// To be told outside, in the name of a realm.
    case tell(realm: String, OutboxItem)
}

/// Which part of a sorted set to return.
public struct SortedRange: Hashable, Sendable {
    public enum Bounds: Hashable, Sendable {
        /// From rank to rank, both included, 0 is the first in the order asked for; negative ones count from the end.
        case rank(from: Int, through: Int)
        /// From score to score, both included, in rising order whatever `descending` says.
        case score(from: Double, through: Double)
    }

    public var bounds: Bounds
    public var descending: Bool
    /// At most this many, and never more than `StoreLimits.rowsPerRead`.
    public var limit: Int

    public init(_ bounds: Bounds, descending: Bool = false, limit: Int = StoreLimits.rowsPerRead) {
        self.bounds = bounds
        self.descending = descending
        self.limit = limit
    }
}
