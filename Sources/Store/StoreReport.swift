/// What a check of a store found.
public struct StoreReport: Hashable, Sendable {
    public struct Problem: Hashable, Sendable, CustomStringConvertible {
        /// Stable codes of what can be wrong.
        public enum Code: String, Hashable, Sendable {
            /// SQLite's own check of the file complains.
            case file
            /// A table or index is missing or was changed, or there is a trigger.
            case schema
            /// A user's data or profile is no JSON, or larger than allowed.
            case userdata
            /// An account is another user's than its first entry says, or that user is another one; data of a user whom nothing else
            /// knows.
            case owner
            /// A counter is behind what it counts, so that a number would be given twice.
            case counter
            /// A journal row's checksum, which covers the row and all before it, does not fit.
            case chain
            /// A journal row cannot be read.
            case row
            /// Two journal rows have the same id.
            case repeatedID = "repeated_id"
            /// A journal row contradicts the account's row before it, or itself.
            case fold
            /// A head (or a parked game) is not what the journal says.
            case head
            /// The meters of a jackpot do not add up to what it holds.
            case jackpot
            /// The sum of the ledger is not the sum of the balances.
            case sums
            /// A file of archived entries is missing, or not as it was made.
            case archive
            /// The journal is not what it was when its seal was noted.
            case seal
        }

        public let code: Code
        /// The journal row concerned, if it is one.
        public let seq: Int64?
        public let detail: String

        public var description: String {
            "\(code.rawValue)\(seq.map { " at journal entry \($0)" } ?? ""): \(detail)"
        }
    }

    /// Those in archives included.
    public internal(set) var entries: Int64 = 0
    public internal(set) var archivedEntries: Int64 = 0
    /// Of the whole journal; nil if not all of it could be read.
    public internal(set) var seal: JournalSeal?
    public internal(set) var accounts: Int64 = 0
    /// The sum of all ledger entries. A balance has 64 bits, and there are many.
    public internal(set) var ledger: Int128 = 0
    /// The sum of all balances.
    public internal(set) var heads: Int128 = 0
    /// The first `StoreLimits.listedProblems`.
    public internal(set) var problems: [Problem] = []
    public internal(set) var problemCount = 0

    public var isSound: Bool { problemCount == 0 }

    mutating func note(_ code: Problem.Code, seq: Int64? = nil, _ detail: String) {
        problemCount += 1
        guard problems.count < StoreLimits.listedProblems else { return }
        problems.append(Problem(code: code, seq: seq, detail: detail))
    }
}
