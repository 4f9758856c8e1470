/// The ids of the latest transitions and the answers to them, so that one that comes again is recognized whatever it
/// expects. Owned by the writer thread.
struct RecentIDs {
    /// The answer to a transition.
    struct Answer {
        var account: Int64
        var credits: Int64
        var version: Int64
    }

    private var answers: [StateID: Answer] = [:]
    /// The keys of `answers` as a ring, oldest at `oldest`.
    private var ring: [StateID] = []
    private var oldest = 0
    /// Those of the transaction that is open.
    private var new: [StateID] = []

    subscript(_ id: StateID) -> Answer? { answers[id] }

    mutating func begin() { new.removeAll(keepingCapacity: true) }

    mutating func add(_ id: StateID, _ answer: Answer) {
        new.append(id)
        keep(id, answer)
    }

    /// Forgets what the open transaction added.
    mutating func undo() {
        for id in new { answers[id] = nil }
        begin()
    }

    private mutating func keep(_ id: StateID, _ answer: Answer) {
        if ring.count < StoreLimits.rememberedIDs {
            ring.append(id)
        } else {
            answers[ring[oldest]] = nil
            ring[oldest] = id
            oldest = (oldest + 1) % StoreLimits.rememberedIDs
        }
        answers[id] = answer
    }

    /// Takes them from the end of a journal whose last entry is `lastSeq`.
    init(_ sql: Database, lastSeq: Int64) throws(SQLFailure) {
        let rows = try sql("SELECT id, account, credits, version FROM journal WHERE seq > ? ORDER BY seq")
        rows.add(lastSeq - Int64(StoreLimits.rememberedIDs))
        while try rows.step() {
            guard let id = rows.id(0) else { continue }
            keep(id, Answer(account: rows.int(1), credits: rows.int(2), version: rows.int(3)))
        }
    }

    init() {}
}
