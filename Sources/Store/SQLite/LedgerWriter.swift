/// Accounts and transitions: decides, appends to the journal, keeps what follows in step. Owned by the writer thread.
struct LedgerWriter {
    private let access: WriteAccess
    private let insertion: Statement
    private let users: UserWriter
    private let outbox: OutboxWriter
    private var heads: HeadWriter
    private var jackpots: JackpotWriter
    private var ids = RecentIDs()
    private var packer = JournalPacker()
    /// The journal's last entry and the chain value there.
    private var lastSeq: Int64 = 0
    private var chain: UInt64 = 0

    init(_ access: WriteAccess, users: UserWriter, outbox: OutboxWriter) throws(SQLFailure) {
        self.access = access
        self.users = users
        self.outbox = outbox
        insertion = try Statement(access.sql.connection, JournalRow.insertion)
        heads = HeadWriter(access)
        jackpots = JackpotWriter(access)
    }

    // MARK: Transactions

    mutating func begin() { ids.begin() }

    mutating func finish() throws(SQLFailure) {
        try jackpots.finish()
        try heads.finish(lastSeq: lastSeq)
    }

    /// After a transaction has become durable.
    mutating func trim() { heads.trim() }

    mutating func undo() { ids.undo() }

    /// What is remembered of the data; `load` brings it back.
    mutating func forget() {
        heads.forget()
        jackpots.forget()
        packer.forget()
    }

    mutating func load() throws(SQLFailure) {
        let last = try access.sql("SELECT seq, chain FROM journal ORDER BY seq DESC LIMIT 1")
        if try last.step() {
            lastSeq = last.int(0)
            chain = UInt64(bitPattern: last.int(1))
        } else {
            lastSeq = 0
            chain = 0
        }
        last.finish()
        try heads.load()
    }

    mutating func loadIDs() throws(SQLFailure) { ids = try RecentIDs(access.sql, lastSeq: lastSeq) }

    var hasUnwrittenHeads: Bool { heads.hasUnwritten }

    mutating func writeHeads() throws(SQLFailure) { try heads.write(lastSeq: lastSeq) }

    // MARK: Accounts

    mutating func account(_ key: AccountKey, initialCredits: Int64?) throws -> Account {
        if let head = try heads.head(key) { return try account(key, head) }
        guard let initialCredits else { throw StoreError(.notFound, "account was never opened") }
        let seq = lastSeq + 1
        let head = try heads.open(key, credits: initialCredits, seq: seq)
        try append(
            JournalRow(
                seq: seq, account: head.account, previous: 0, id: .random(), at: access.clock(),
                kind: TransitionKind.opening.rawValue, opensRound: false, version: 1, delta: initialCredits,
                credits: initialCredits, ledger: Rows.text([LedgerEntry(.opening, initialCredits)]), slot: .keep,
                body: OpeningBody.bytes(key, userID: try users.id(realm: key.realm, uid: key.user))))
        return Account(key: key, credits: initialCredits, version: 1)
    }

    private func account(_ key: AccountKey, _ head: HeadWriter.Head) throws(SQLFailure) -> Account {
        let sql = access.sql
        var parked: [GameKey: GameSlot] = [:]
        if head.hasParked {
            for (key, seq) in try Rows.parked(of: head.account, sql) { parked[key] = try Rows.slot(at: seq, sql) }
        }
        return Account(
            key: key, credits: head.credits, version: head.version, spent: head.spent, active: try Rows.slot(at: head.stateSeq, sql),
            parked: parked)
    }

    private mutating func append(_ row: JournalRow) throws(SQLFailure) {
        try access.write()
        let next = row.chain(after: chain)
        insertion.start()
        row.add(to: insertion, chain: next, packed: packer.pack(row))
        try insertion.run()
        chain = next
        lastSeq = row.seq
    }

    mutating func openJackpots(_ openings: [JackpotOpening], realm: String) throws(SQLFailure) -> [Jackpot] {
        try jackpots.open(openings, realm: realm)
    }

    // MARK: Transitions

    /// Everything that can say no comes before the first write, so a transition that is not committed leaves nothing
    /// to be undone, and needs no savepoint.
    mutating func commit(_ transition: Transition) throws(SQLFailure) -> CommitResult {
        guard let head = try heads.head(transition.account) else {
            return .unavailable(StoreError(.notFound, "account was never opened"))
        }
        if let first = try repeated(transition, head) {
            return first.account == head.account
                ? .duplicate(credits: first.credits, version: first.version)
                : .conflict(actual: try account(transition.account, head))
        }
        guard head.version == transition.expectedVersion else {
            return .conflict(actual: try account(transition.account, head))
        }
        if let reason = Rules.refusal(of: transition, credits: head.credits) { return .refused(reason) }
        if let problem = try outbox.problem(adding: transition.outbox) { return .unavailable(problem) }
        let parking: Parking?
        switch try self.parking(transition, head) {
        case .success(let needed): parking = needed
        case .failure(let error): return .unavailable(error)
        }
        guard let changedJackpots = try jackpots.after(transition) else {
            return .conflict(actual: try account(transition.account, head))
        }
        let row = row(for: transition, head)
        try append(row)
        try parking?.write(head.account, access)
        jackpots.set(changedJackpots)
        for item in transition.outbox { try outbox.add(item, realm: transition.account.realm, at: row.at) }
        if let patch = transition.userdata {
            try users.setUserdata(
                realm: transition.account.realm, user: transition.account.user, site: patch.site, json: patch.json)
        }
        remember(transition, row, head, parking)
        return .committed(credits: row.credits, version: row.version)
    }

    private func row(for transition: Transition, _ head: HeadWriter.Head) -> JournalRow {
        JournalRow(
            seq: lastSeq + 1, account: head.account, previous: head.lastSeq, id: transition.id, at: access.clock(),
            kind: transition.kind.rawValue, opensRound: transition.opensRound, version: head.version + 1,
            delta: transition.delta, credits: head.credits + transition.delta, ledger: Rows.text(transition.ledger),
            slot: transition.slot, body: transition.body)
    }

    private mutating func remember(
        _ transition: Transition, _ row: JournalRow, _ head: HeadWriter.Head, _ parking: Parking?
    ) {
        head.credits = row.credits
        head.version = row.version
        head.spent = Rules.spent(head.spent, transition.spent)
        head.lastSeq = row.seq
        switch transition.slot {
        case .keep: break
        case .set(let slot):
            head.active = slot.key
            head.stateSeq = row.seq
        case .clear:
            head.active = nil
            head.stateSeq = 0
        }
        if let parking { head.hasParked = parking.leavesSome }
        heads.noteChange(head)
        ids.add(
            transition.id, RecentIDs.Answer(account: head.account, credits: row.credits, version: row.version))
    }

    /// The first answer, if the transition is committed already.
    ///
    /// An index over all ids would cost a page write per transition, for random ids fall anywhere. It is not needed:
    /// a transition that comes again unchanged expects the version before the entry it made, so that entry is found
    /// by counting back. A latest id is recognized whatever it expects. Only ids given by others, those of
    /// adjustments, may come again at any time with any expectation, and those have an index.
    private func repeated(_ transition: Transition, _ head: HeadWriter.Head) throws(SQLFailure) -> RecentIDs.Answer? {
        if let known = ids[transition.id] { return known }
        if transition.kind == .adjustment {
            let row = try access.sql("SELECT account, credits, version FROM journal WHERE id = ? AND kind = 'adjustment'")
            row.add(transition.id)
            defer { row.finish() }
            if try row.step() { return RecentIDs.Answer(account: row.int(0), credits: row.int(1), version: row.int(2)) }
        }
        let back = head.version - transition.expectedVersion
        guard back > 0, back <= StoreLimits.retryDepth else { return nil }
        var seq = head.lastSeq
        for _ in 0..<back {
            let row = try access.sql("SELECT id, previous, credits, version FROM journal WHERE seq = ?")
            row.add(seq)
            defer { row.finish() }
            guard try row.step() else { return nil }
            if row.id(0) == transition.id {
                return RecentIDs.Answer(account: head.account, credits: row.int(2), version: row.int(3))
            }
            seq = row.int(1)
        }
        return nil
    }

    /// What happens to the parked games; nil if nothing does. Only a change of game reads them. A failure is the
    /// transition's fault; what SQLite throws ends the whole group.
    private func parking(
        _ transition: Transition, _ head: HeadWriter.Head
    ) throws(SQLFailure) -> Result<Parking?, StoreError> {
        guard case .set(let slot) = transition.slot, head.active != slot.key, head.active != nil || head.hasParked
        else { return .success(nil) }
        let before = try Rows.parked(of: head.account, access.sql)
        let account = try self.account(transition.account, head)
        do throws(StoreError) {
            let slots = try Rules.slots(after: transition, active: account.active, parked: account.parked)
            return .success(Parking(before: before, after: slots.parked.keys, stateSeq: head.stateSeq))
        } catch {
            return .failure(error)
        }
    }
}
