/// A change of an account outside of its games: credits bought, set or corrected, and what belongs to them.
///
/// Nothing of it depends on a game's state, so whoever makes it may make it anew when the account has changed meanwhile.
public struct Adjustment: Sendable, Equatable {
    /// A movement of credits.
    public struct Movement: Sendable, Equatable {
        public enum Amount: Sendable, Equatable {
            /// Signed.
            case by(Int64)
            /// The balance is this afterwards, whatever it was; not negative.
            case to(Int64)
        }

        public var kind: LedgerKind
        public var amount: Amount

        public init(kind: LedgerKind, amount: Amount) {
            self.kind = kind
            self.amount = amount
        }
    }

    public var account: AccountKey
    /// One id has one effect, however often it is asked for.
    public var id: StateID
    /// Credits with which the account is opened if there is none; nil: then it is `notFound`.
    public var opening: Int64?
    public var movements: [Movement]
    /// Keys of a script's, changed in the same transaction; none of them may `tell`.
    public var keys: [StoreChange]
    public var outbox: [OutboxItem]
    public var userdata: UserdataPatch?
    /// Who makes it; for the journal's body.
    public var source: String

    public init(
        account: AccountKey, id: StateID, opening: Int64? = nil, movements: [Movement], keys: [StoreChange] = [], outbox: [OutboxItem] = [],
        userdata: UserdataPatch? = nil, source: String
    ) {
        self.account = account
        self.id = id
        self.opening = opening
        self.movements = movements
        self.keys = keys
        self.outbox = outbox
        self.userdata = userdata
        self.source = source
    }
}
