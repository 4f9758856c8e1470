/// Accounts and transitions.
extension WriteSession {
    /// The head's figures; nil if the account does not exist.
    func remembered(_ key: AccountKey) throws(SQLFailure) -> Remembered? {
        if let known = heads[key] { return known }
        let row = try sql(
            """
            SELECT h.account, h.credits, h.version, h.last_seq, h.state_seq, j.site, j.game,
              EXISTS (SELECT 1 FROM parked p WHERE p.account = h.account)
            FROM head h LEFT JOIN journal j ON j.seq = h.state_seq
            WHERE h.realm = ? AND h.user = ? AND h.denom = ?
            """)
        row.add(key.realm)
        row.add(key.user)
        row.add(key.denom)
        guard try row.step() else { return nil }
        let head = Remembered(
            account: row.int(0), credits: row.int(1), version: row.int(2), lastSeq: row.int(3),
            stateSeq: row.int(4), active: row.isNull(5) ? nil : GameKey(site: row.text(5), game: row.text(6)),
            hasParked: row.int(7) != 0)
        row.finish()
        heads[key] = head
        return head
    }

    func account(_ key: AccountKey, initialCredits: Int64) throws(SQLFailure) -> Account {
        if let head = try remembered(key) { return try account(key, head) }
        let seq = lastSeq + 1
        try write()
        let head = try sql(
            "INSERT INTO head (realm, user, denom, credits, version, last_seq) VALUES (?, ?, ?, ?, 1, ?) RETURNING account")
        head.add(key.realm)
        head.add(key.user)
        head.add(key.denom)
        head.add(initialCredits)
        head.add(seq)
        guard try head.step() else { throw SQLFailure(connection) }
        let account = head.int(0)
        try head.run()
        let row = JournalRow(
            seq: seq, account: account, previous: 0, id: .random(), at: clock(), kind: TransitionKind.opening.rawValue,
            opensRound: false, version: 1, delta: initialCredits, credits: initialCredits,
            ledger: Rows.text([LedgerEntry(.opening, initialCredits)]), slot: .keep, body: [])
        try append(row)
        heads[key] = Remembered(
            account: account, credits: initialCredits, version: 1, lastSeq: seq)
        return Account(key: key, credits: initialCredits, version: 1)
    }

    private func account(_ key: AccountKey, _ head: Remembered) throws(SQLFailure) -> Account {
        var parked: [GameKey: GameSlot] = [:]
        if head.hasParked {
            for (key, seq) in try Rows.parked(of: head.account, sql) { parked[key] = try Rows.slot(at: seq, sql) }
        }
        return Account(
            key: key, credits: head.credits, version: head.version, active: try Rows.slot(at: head.stateSeq, sql),
            parked: parked)
    }

    private func append(_ row: JournalRow) throws(SQLFailure) {
        try write()
        let next = row.chain(after: chain)
        insertJournal.start()
        row.add(to: insertJournal, chain: next)
        try insertJournal.run()
        chain = next
        lastSeq = row.seq
    }

    /// Everything that can say no comes before the first write, so a transition that is not committed leaves nothing
    /// to be undone, and needs no savepoint.
    func commit(_ transition: Transition) throws(SQLFailure) -> CommitResult {
        guard let head = try remembered(transition.account) else {
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
        guard let pots = try potsAfter(transition) else {
            return .conflict(actual: try account(transition.account, head))
        }
        let row = row(for: transition, head)
        try append(row)
        if let parking { try write(parking, account: head.account) }
        for (key, pot) in pots {
            self.pots[key] = pot
            changedPots.insert(key)
        }
        try writeExtras(transition, at: row.at)
        remember(transition, row, head, parking)
        return .committed(credits: row.credits, version: row.version)
    }

    private func remember(_ transition: Transition, _ row: JournalRow, _ head: Remembered, _ parking: Parking?) {
        head.credits = row.credits
        head.version = row.version
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
        if let parking { head.hasParked = !parking.after.isEmpty }
        noteUnwritten(head)
        remember(
            transition.id, Answered(account: head.account, credits: row.credits, version: row.version))
    }

    /// The first answer, if the transition is committed already.
    ///
    /// An index over all ids would cost a page write per transition, for random ids fall anywhere. It is not needed:
    /// a transition that comes again unchanged expects the version before the entry it made, so that entry is found
    /// by counting back. A latest id is recognized whatever it expects. Only ids given by others, those of
    /// adjustments, may come again at any time with any expectation, and those have an index.
    private func repeated(_ transition: Transition, _ head: Remembered) throws(SQLFailure) -> Answered? {
        if let known = answer(transition.id) { return known }
        if transition.kind == .adjustment {
            let row = try sql("SELECT account, credits, version FROM journal WHERE id = ? AND kind = 'adjustment'")
            row.add(transition.id)
            defer { row.finish() }
            if try row.step() { return Answered(account: row.int(0), credits: row.int(1), version: row.int(2)) }
        }
        let back = head.version - transition.expectedVersion
        guard back > 0, back <= StoreLimits.retryDepth else { return nil }
        var seq = head.lastSeq
        for _ in 0..<back {
            let row = try sql("SELECT id, previous, credits, version FROM journal WHERE seq = ?")
            row.add(seq)
            defer { row.finish() }
            guard try row.step() else { return nil }
            if row.id(0) == transition.id {
                return Answered(account: head.account, credits: row.int(2), version: row.int(3))
            }
            seq = row.int(1)
        }
        return nil
    }

    private func row(for transition: Transition, _ head: Remembered) -> JournalRow {
        JournalRow(
            seq: lastSeq + 1, account: head.account, previous: head.lastSeq, id: transition.id, at: clock(),
            kind: transition.kind.rawValue, opensRound: transition.opensRound, version: head.version + 1,
            delta: transition.delta, credits: head.credits + transition.delta, ledger: Rows.text(transition.ledger),
            slot: transition.slot, body: transition.body)
    }

    // MARK: Parked games

    /// The journal rows of the parked states.
    private struct Parking {
        var before: [GameKey: Int64]
        var after: [GameKey: Int64]
    }

    /// What happens to the parked games; nil if nothing does. Only a change of game reads them. A failure is the
    /// transition's fault; what SQLite throws ends the whole group.
    private func parking(
        _ transition: Transition, _ head: Remembered
    ) throws(SQLFailure) -> Result<Parking?, StoreError> {
        guard case .set(let slot) = transition.slot, head.active != slot.key, head.active != nil || head.hasParked
        else { return .success(nil) }
        let before = try Rows.parked(of: head.account, sql)
        let account = try self.account(transition.account, head)
        do throws(StoreError) {
            let slots = try Rules.slots(after: transition, active: account.active, parked: account.parked)
            var after: [GameKey: Int64] = [:]
            for key in slots.parked.keys { after[key] = before[key] ?? head.stateSeq }
            return .success(Parking(before: before, after: after))
        } catch {
            return .failure(error)
        }
    }

    private func write(_ parking: Parking, account: Int64) throws(SQLFailure) {
        for key in parking.before.keys where parking.after[key] == nil {
            try write()
            let row = try sql("DELETE FROM parked WHERE account = ? AND site = ? AND game = ?")
            row.add(account)
            row.add(key.site)
            row.add(key.game)
            try row.run()
        }
        for (key, seq) in parking.after where parking.before[key] == nil {
            try write()
            let row = try sql("INSERT INTO parked (account, site, game, state_seq) VALUES (?, ?, ?, ?)")
            row.add(account)
            row.add(key.site)
            row.add(key.game)
            row.add(seq)
            try row.run()
        }
    }

    // MARK: What belongs to a transition

    /// The jackpots it changes; nil if a take conflicts.
    private func potsAfter(_ transition: Transition) throws(SQLFailure) -> [RealmJackpot: Jackpot]? {
        if transition.jackpots.isEmpty { return [:] }
        var changed: [RealmJackpot: Jackpot] = [:]
        for change in transition.jackpots {
            let key = RealmJackpot(realm: Name(transition.account.realm), key: change.parts.key)
            var current = changed[key]
            if current == nil { current = try self.pot(key) }
            guard let pot = Rules.jackpot(after: change, current: current) else { return nil }
            changed[key] = pot
        }
        return changed
    }

    private func writeExtras(_ transition: Transition, at: Int64) throws(SQLFailure) {
        for item in transition.outbox { try outbox.add(item, realm: transition.account.realm, at: at) }
        if let patch = transition.userdata {
            try setUserdata(
                realm: transition.account.realm, user: transition.account.user, site: patch.site, json: patch.json)
        }
    }

    func setUserdata(realm: String, user: String, site: String, json: String) throws(SQLFailure) {
        try write()
        let row = try sql(
            """
            INSERT INTO userdata (realm, user, site, json) VALUES (?, ?, ?, ?)
            ON CONFLICT (realm, user, site) DO UPDATE SET json = excluded.json
            """)
        row.add(realm)
        row.add(user)
        row.add(site)
        row.add(json)
        try row.run()
    }

    func user(realm: String, uid: String, profile: String) throws -> UserRecord {
        let known = try sql("SELECT id, created, profile FROM users WHERE realm = ? AND uid = ?")
        known.add(realm)
        known.add(uid)
        if try known.step() {
            defer { known.finish() }
            guard let id = known.id(0) else { throw StoreError(.corrupt, "id of user \(uid)") }
            let record = UserRecord(
                realm: realm, uid: uid, id: id, profile: profile, created: known.int(1), isNew: false)
            if known.text(2) != profile { try updateProfile(record) }
            return record
        }
        let record = UserRecord(realm: realm, uid: uid, id: .random(), profile: profile, created: clock(), isNew: true)
        try write()
        let row = try sql("INSERT INTO users (realm, uid, id, profile, created) VALUES (?, ?, ?, ?, ?)")
        row.add(realm)
        row.add(uid)
        row.add(record.id)
        row.add(profile)
        row.add(record.created)
        try row.run()
        return record
    }

    private func updateProfile(_ record: UserRecord) throws(SQLFailure) {
        try write()
        let row = try sql("UPDATE users SET profile = ? WHERE realm = ? AND uid = ?")
        row.add(record.profile)
        row.add(record.realm)
        row.add(record.uid)
        try row.run()
    }
}
