/// A round of a game while it is open: kept with the game's slot from the step that opened it to the one that ends it.
///
/// **When.** The first step that moves credits while no round is open opens one. It ends with the first state in which the
/// player may leave, or with the step before one that bets anew in the same action. So every credit that an engine moves belongs
/// to exactly one round, and a slot has at most one open. How a round ended is its ``RoundOutcome``, which stands in the journal.
///
/// **Text.** In a file it lies as five words: `id started mode ops marks`, for instance
/// `82f304a9-8fd6-4c29-a513-e084b8769df9 1700000000000 - bet:-4;extra:-1 wild,max_win`; `-` where there is nothing.
public struct Round: Hashable, Sendable {
    /// Ops of one round that are kept one by one. Beyond, those of one kind are added up: bingo needs twelve, and the journal
    /// has each step as it was.
    public static let opsMax = 64
    /// Kinds of ops in one round; fewer than `opsMax`, so that there are always two of one kind to be added up.
    public static let kindsMax = 16
    /// Different marks of one round.
    public static let marksMax = 32

    /// The id of the state with which the round began, and so the id of that step in the journal.
    public let id: StateID
    /// Milliseconds since 1970.
    public let startedAt: Int64
    /// Which of the game's modes it is played in, if its engine says so.
    public var mode: Mark?
    /// What moved so far, in order: stakes negative, winnings positive.
    public private(set) var ops: [LedgerEntry]
    /// What happened in it, in the order in which it first did; each once.
    public private(set) var marks: [Mark]

    public init(id: StateID, startedAt: Int64, mode: Mark? = nil, ops: [LedgerEntry] = [], marks: [Mark] = []) {
        self.id = id
        self.startedAt = startedAt
        self.mode = mode
        self.ops = ops
        self.marks = marks
    }

    /// All stakes, positive. What does not fit is not added: `add` has refused it.
    public var staked: Int64 { ops.reduce(0) { $1.amount < 0 ? $0 &- $1.amount : $0 } }

    /// All that was paid.
    public var paid: Int64 { ops.reduce(0) { $1.amount > 0 ? $0 &+ $1.amount : $0 } }

    /// What was won, as a win cap counts it: jackpots have a maximum of their own, and a refund is no win.
    public var won: Int64 {
        ops.reduce(0) { $1.amount > 0 && $1.kind != .jackpot && $1.kind != .refund ? $0 &+ $1.amount : $0 }
    }

    /// Notes a movement. False, and nothing is changed, when the round has too many kinds or its sums would leave 64 bits.
    public mutating func add(_ entry: LedgerEntry) -> Bool {
        let sum = entry.amount < 0 ? staked.subtractingReportingOverflow(entry.amount) : paid.addingReportingOverflow(entry.amount)
        guard !sum.overflow else { return false }
        if ops.count >= Self.kindsMax, !ops.contains(where: { $0.kind == entry.kind }) {
            guard Set(ops.map(\.kind)).count < Self.kindsMax else { return false }
        }
        ops.append(entry)
        if ops.count > Self.opsMax { merge() }
        return true
    }

    /// Notes what happened. False when there are too many different marks already.
    public mutating func add(_ mark: Mark) -> Bool {
        if marks.contains(mark) { return true }
        guard marks.count < Self.marksMax else { return false }
        marks.append(mark)
        return true
    }

    /// Adds up the first two ops that go the same way and are of one kind.
    private mutating func merge() {
        var seen: [LedgerKind: (stake: Int?, win: Int?)] = [:]
        for (place, entry) in ops.enumerated() {
            let isStake = entry.amount < 0
            if let first = isStake ? seen[entry.kind]?.stake : seen[entry.kind]?.win {
                ops[first].amount += entry.amount
                ops.remove(at: place)
                return
            }
            if isStake { seen[entry.kind, default: (nil, nil)].stake = place } else { seen[entry.kind, default: (nil, nil)].win = place }
        }
    }
}

/// How a round has ended.
public struct RoundOutcome: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    /// Nil if the text is not 1 to 32 characters of `a-z`, `0-9` and `_`.
    public init?(rawValue: String) {
        guard LedgerKind.isName(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    private init(known: String) { rawValue = known }

    /// The player has played it to its end.
    public static let settled = RoundOutcome(known: "settled")
    /// Nobody has finished it in time; the house has, through the engine, and paid what it won.
    public static let expired = RoundOutcome(known: "expired")
    /// The house has taken it back: what it cost, less what it had paid, was refunded.
    public static let voided = RoundOutcome(known: "voided")
    /// It began and was taken back before the player saw it, because somebody outside (a wallet of the operator's) refused the stake.
    public static let refused = RoundOutcome(known: "refused")

    /// All of these.
    public static let known = [settled, expired, voided, refused]
}

/// Names something that happened in a round, so that it is found again: `free_spins`. 1 to 32 characters of `a-z`, `0-9` and `_`.
public struct Mark: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    /// Nil if the text is not of the form described.
    public init?(rawValue: String) {
        guard LedgerKind.isName(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    private init(known: String) { rawValue = known }

    /// The step has paid all that the round may pay. Set by the host alone.
    public static let maxWin = Mark(known: "max_win")
}

// MARK: As text

extension Round {
    /// Appends the text described above.
    func write(to bytes: inout [UInt8]) {
        let space = UInt8(ascii: " ")
        let none = UInt8(ascii: "-")
        bytes.append(id)
        bytes.append(space)
        bytes.append(contentsOf: String(startedAt).utf8)
        bytes.append(space)
        if let mode { bytes.append(contentsOf: mode.rawValue.utf8) } else { bytes.append(none) }
        bytes.append(space)
        if ops.isEmpty { bytes.append(none) } else { bytes.append(contentsOf: Rows.text(ops).utf8) }
        bytes.append(space)
        if marks.isEmpty { bytes.append(none) }
        for (place, mark) in marks.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: mark.rawValue.utf8)
        }
    }

    /// Reads the text; nil if it is damaged.
    init?(_ text: ArraySlice<UInt8>) {
        let words = String(decoding: text, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 5, let id = StateID(words[0]), let startedAt = Int64(words[1]),
            let ops = words[3] == "-" ? [] : Rows.ledger(words[3])
        else { return nil }
        let mode = Mark(rawValue: words[2])
        let names = words[4] == "-" ? [] : words[4].split(separator: ",", omittingEmptySubsequences: false)
        let marks = names.compactMap { Mark(rawValue: String($0)) }
        guard mode != nil || words[2] == "-", marks.count == names.count else { return nil }
        self.init(id: id, startedAt: startedAt, mode: mode, ops: ops, marks: marks)
    }
}
