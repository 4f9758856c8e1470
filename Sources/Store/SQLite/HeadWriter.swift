/// What is true now of each account, ahead of the table `head`, which is written behind: many changes as one. Owned by the
/// writer thread.
struct HeadWriter {
    /// The figures of a head that decide about a transition. An object, so that a transition looks it up once.
    final class Head {
        let account: Int64
        var credits: Int64
        var version: Int64
        var spent: Int64
        var lastSeq: Int64
        /// The journal row that holds the active game's state; 0 for none.
        var stateSeq: Int64
        var active: GameKey?
        var hasParked: Bool
        /// The head in the database is older than this.
        fileprivate var isUnwritten = false

        init(
            account: Int64, credits: Int64, version: Int64, spent: Int64 = 0, lastSeq: Int64, stateSeq: Int64 = 0,
            active: GameKey? = nil, hasParked: Bool = false
        ) {
            self.account = account
            self.credits = credits
            self.version = version
            self.spent = spent
            self.lastSeq = lastSeq
            self.stateSeq = stateSeq
            self.active = active
            self.hasParked = hasParked
        }
    }

    private let access: WriteAccess
    private var heads: [AccountKey: Head] = [:]
    private var unwritten: [Head] = []
    /// All journal entries up to this one are contained in the database's heads.
    private var writtenSeq: Int64 = 0

    init(_ access: WriteAccess) { self.access = access }

    var hasUnwritten: Bool { !unwritten.isEmpty }

    /// Nil if the account does not exist.
    mutating func head(_ key: AccountKey) throws(SQLFailure) -> Head? {
        if let known = heads[key] { return known }
        let row = try access.sql(
            """
            SELECT h.account, h.credits, h.version, h.last_seq, h.state_seq, j.site, j.game,
              EXISTS (SELECT 1 FROM parked p WHERE p.account = h.account), h.spent
            FROM head h LEFT JOIN journal j ON j.seq = h.state_seq
            WHERE h.realm = ? AND h.user = ? AND h.denom = ?
            """)
        row.add(key.realm)
        row.add(key.user)
        row.add(key.denom)
        guard try row.step() else { return nil }
        let head = Head(
            account: row.int(0), credits: row.int(1), version: row.int(2), spent: row.int(8), lastSeq: row.int(3),
            stateSeq: row.int(4), active: row.isNull(5) ? nil : GameKey(site: row.text(5), game: row.text(6)),
            hasParked: row.int(7) != 0)
        row.finish()
        heads[key] = head
        return head
    }

    /// Makes the head of a new account whose opening is the journal's entry `seq`.
    mutating func open(_ key: AccountKey, credits: Int64, seq: Int64) throws(SQLFailure) -> Head {
        try access.write()
        let row = try access.sql(
            "INSERT INTO head (realm, user, denom, credits, version, last_seq) VALUES (?, ?, ?, ?, 1, ?) RETURNING account")
        row.add(key.realm)
        row.add(key.user)
        row.add(key.denom)
        row.add(credits)
        row.add(seq)
        guard try row.step() else { throw SQLFailure(access.sql.connection) }
        let head = Head(account: row.int(0), credits: credits, version: 1, lastSeq: seq)
        try row.run()
        heads[key] = head
        return head
    }

    /// To be called after every change of a head.
    mutating func noteChange(_ head: Head) {
        if head.isUnwritten { return }
        head.isUnwritten = true
        unwritten.append(head)
    }

    /// At the end of a transaction: writes if enough has gathered. `lastSeq` is the journal's last entry.
    mutating func finish(lastSeq: Int64) throws(SQLFailure) {
        if lastSeq - writtenSeq >= StoreLimits.unwrittenEntries || heads.count > StoreLimits.rememberedHeads {
            try write(lastSeq: lastSeq)
        }
    }

    /// After a transaction has become durable.
    mutating func trim() {
        if heads.count > StoreLimits.rememberedHeads, unwritten.isEmpty { heads.removeAll(keepingCapacity: true) }
    }

    /// Brings the heads of the database up to the end of the journal.
    mutating func write(lastSeq: Int64) throws(SQLFailure) {
        if unwritten.isEmpty { return }
        try access.write()
        // In the order of the table, so that neighbors are written into the same page at once.
        for head in unwritten.sorted(by: { $0.account < $1.account }) {
            // OR FAIL: without it SQLite copies the page before each row, to be able to undo the statement alone.
            let row = try access.sql(
                "UPDATE OR FAIL head SET credits = ?, version = ?, spent = ?, last_seq = ?, state_seq = ? WHERE account = ?")
            row.add(head.credits)
            row.add(head.version)
            row.add(head.spent)
            row.add(head.lastSeq)
            row.add(head.stateSeq)
            row.add(head.account)
            guard try row.change() == 1 else { throw SQLFailure(code: 0, message: "account \(head.account) is gone") }
        }
        try access.setCounter("heads", lastSeq)
        writtenSeq = lastSeq
        for head in unwritten { head.isUnwritten = false }
        unwritten.removeAll(keepingCapacity: true)
    }

    mutating func forget() {
        heads.removeAll(keepingCapacity: true)
        unwritten.removeAll(keepingCapacity: true)
    }

    /// Takes the heads that were not written from the end of the journal.
    mutating func load() throws(SQLFailure) {
        writtenSeq = try Rows.counter("heads", access.sql)
        let rows = try access.sql(
            """
            SELECT j.seq, h.realm, h.user, h.denom, j.credits, j.version, j.slot, j.site, j.game, j.ledger, j.kind
            FROM journal j JOIN head h ON h.account = j.account WHERE j.seq > ? ORDER BY j.seq
            """)
        rows.add(writtenSeq)
        while try rows.step() {
            let key = AccountKey(realm: rows.text(1), user: rows.text(2), denom: rows.text(3))
            guard let head = try head(key), head.lastSeq < rows.int(0) else { continue }
            head.lastSeq = rows.int(0)
            head.credits = rows.int(4)
            head.version = rows.int(5)
            head.spent = Rules.spent(head.spent, Rows.ledger(rows.text(9))?.spent(in: TransitionKind(rawValue: rows.text(10))) ?? 0)
            switch rows.int(6) {
            case 1:
                head.stateSeq = head.lastSeq
                head.active = GameKey(site: rows.text(7), game: rows.text(8))
            case 2:
                head.stateSeq = 0
                head.active = nil
            default: break
            }
            noteChange(head)
        }
    }
}
