/// The accepted steps of one action: one journal row and one new head, together or not at all.
///
/// It has exactly one realm, that of its account; jackpots, outbox items and user data belong to the same realm.
public struct Transition: Hashable, Sendable {
    public var account: AccountKey
    /// The idempotency key: the id of the last step's state. One id has one effect, however often it is sent.
    public var id: StateID
    /// The head's version this transition was computed from; the new one is one higher.
    public var expectedVersion: Int64
    /// Change of the balance, the sum of all ledger entries.
    public var delta: Int64
    /// The lowest running sum of the ledger entries, at most 0 and at most `delta`: the balance must not be
    /// negative at any step, so `credits + lowest >= 0` is required.
    public var lowest: Int64
    public var slot: SlotChange
    /// The head's active slot belongs to another game than `slot` sets: it is moved to the parked ones. If this is
    /// false and the active slot is another game's, the transition is invalid, for that state would be lost.
    public var displaces: Bool
    /// What kind of entry the journal shows.
    public var kind: TransitionKind
    /// A game round begins in this transition; `Store.lastGames` counts these.
    public var opensRound: Bool
    /// The journal body: JSON made by the caller, kept as it is.
    public var body: [UInt8]
    /// What the balance change consists of, in order. Must add up to `delta`.
    public var ledger: [LedgerEntry]
    public var jackpots: [JackpotDelta]
    public var outbox: [OutboxItem]
    public var userdata: UserdataPatch?
    /// Keys of scripts, changed together with the account; none of them may ``StoreChange/tell(realm:_:)``.
    public var keys: [StoreChange]

    public init(
        account: AccountKey,
        id: StateID,
        expectedVersion: Int64,
        delta: Int64 = 0,
        lowest: Int64 = 0,
        slot: SlotChange = .keep,
        displaces: Bool = false,
        kind: TransitionKind = .action,
        opensRound: Bool = false,
        body: [UInt8] = [],
        ledger: [LedgerEntry] = [],
        jackpots: [JackpotDelta] = [],
        outbox: [OutboxItem] = [],
        userdata: UserdataPatch? = nil,
        keys: [StoreChange] = []
    ) {
        self.account = account
        self.id = id
        self.expectedVersion = expectedVersion
        self.delta = delta
        self.lowest = lowest
        self.slot = slot
        self.displaces = displaces
        self.kind = kind
        self.opensRound = opensRound
        self.body = body
        self.ledger = ledger
        self.jackpots = jackpots
        self.outbox = outbox
        self.userdata = userdata
        self.keys = keys
    }
}

extension Transition {
    /// What it adds to ``Account/spent``: all stakes, whatever they bring.
    public var spent: Int64 { ledger.spent(in: kind) }
}

extension [LedgerEntry] {
    /// The stakes among the entries, as a sum that is not negative: in games all that is taken, of whatever kind; outside of them, where
    /// there are fees and corrections as well, what says that it is one (`bet`, `extra`).
    ///
    /// - Parameter kind: The transition's; nil: one that is not known.
    func spent(in kind: TransitionKind?) -> Int64 {
        let isOfGame = kind == .action || kind == .load || kind == .settlement
        var sum: Int64 = 0
        for entry in self where entry.amount < 0 {
            let isStake = isOfGame ? entry.kind != .wallet : entry.kind == .bet || entry.kind == .extra
            if isStake { sum &-= entry.amount }
        }
        return sum
    }
}

/// What becomes of the head's active game.
public enum SlotChange: Hashable, Sendable {
    case keep
    /// A parked slot of the same game is taken out.
    case set(GameSlot)
    case clear
}

/// The kind of a journal entry.
public enum TransitionKind: String, Hashable, Sendable, CaseIterable {
    /// Made by the store at an account's first use, with the initial credits.
    case opening
    /// A game action.
    case action
    /// A game was loaded, migrated or put aside.
    case load
    /// A round was ended or voided by the house.
    case settlement
    /// Credits were bought, set or corrected outside a game.
    case adjustment
}

/// One movement of credits.
public struct LedgerEntry: Hashable, Sendable {
    public var kind: LedgerKind
    /// Signed: stakes are negative, winnings positive.
    public var amount: Int64

    public init(_ kind: LedgerKind, _ amount: Int64) {
        self.kind = kind
        self.amount = amount
    }
}

/// The accounting operation of a ledger entry: 1 to 32 characters of `a-z`, `0-9` and `_`.
public struct LedgerKind: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    /// Nil if the text is not of the form described.
    public init?(rawValue: String) {
        guard Self.isName(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    /// The form that the journal's names of operations, marks and outcomes have.
    static func isName(_ text: String) -> Bool {
        let bytes = text.utf8
        return (1...32).contains(bytes.count) && bytes.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
    }

    private init(known: String) { rawValue = known }

    /// The initial credits of an account; made by the store alone.
    public static let opening = LedgerKind(known: "opening")
    public static let bet = LedgerKind(known: "bet")
    /// A further stake within a round, for instance an extra ball.
    public static let extra = LedgerKind(known: "extra")
    public static let win = LedgerKind(known: "win")
    public static let jackpot = LedgerKind(known: "jackpot")
    public static let refund = LedgerKind(known: "refund")
    /// An account follows what an operator's wallet says of it; nobody has paid or won it here.
    public static let wallet = LedgerKind(known: "wallet")
}

/// Something to be told outside, kept by the ``Outbox`` until it was accepted.
public struct OutboxItem: Hashable, Sendable {
    public var topic: String
    /// Unique in the realm: of a second item with the key of one that still waits, ``replaces`` says what becomes.
    public var key: String
    public var body: [UInt8]
    /// It takes the place of one with its key that still waits, under an id of its own: for news of which only the latest
    /// counts. Otherwise it is dropped.
    public var replaces: Bool

    public init(topic: String, key: String, body: [UInt8], replaces: Bool = false) {
        self.topic = topic
        self.key = key
        self.body = body
        self.replaces = replaces
    }
}

/// A user's new data on one site.
public struct UserdataPatch: Hashable, Sendable {
    public var site: String
    /// The merged JSON text, at most `StoreLimits.userdataBytes`.
    public var json: String

    public init(site: String, json: String) {
        self.site = site
        self.json = json
    }
}

/// The answer to a commit.
public enum CommitResult: Hashable, Sendable {
    /// Durable. The balance and version after the transition.
    case committed(credits: Int64, version: Int64)
    /// The id was committed before; the figures are those of the first answer.
    case duplicate(credits: Int64, version: Int64)
    /// The head's version is not the expected one, or (if it is) a jackpot was taken by somebody else.
    /// Nothing was changed.
    case conflict(actual: Account)
    /// The balance does not cover the stakes, or would leave the range of 64 bits. Nothing was changed.
    case refused(RefusalReason)
    /// Not committed as far as the store knows; a retry must carry the same id.
    case unavailable(StoreError)

    /// Balance and version if the transition stands, whether this request made it so or an earlier one.
    public var outcome: (credits: Int64, version: Int64)? {
        switch self {
        case .committed(let credits, let version), .duplicate(let credits, let version): (credits, version)
        default: nil
        }
    }
}

/// Why a transition was refused.
public enum RefusalReason: String, Hashable, Sendable {
    case insufficient = "insufficient_credits"
    case overflow = "credits_overflow"
}
