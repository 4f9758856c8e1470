/// Accounts and transitions.
extension WriteSession {
    /// The head's figures; nil if the account does not exist.
    func remembered(_ key: AccountKey) throws(SQLFailure) -> Remembered? {
        if let known = heads[key] { return known }
        let row = try sql(
            """
            SELECT account, credits, version, last_seq, site, game,
              EXISTS (SELECT 1 FROM parked WHERE parked.account = head.account)
            FROM head WHERE realm = ? AND user = ? AND denom = ?
            """)
        row.add(key.realm)
        row.add(key.user)
        row.add(key.denom)
        guard try row.step() else { return nil }
        let head = Remembered(
            account: row.int(0), credits: row.int(1), version: row.int(2), lastSeq: row.int(3),
            active: row.isNull(4) ? nil : GameKey(site: row.text(4), game: row.text(5)), hasParked: row.int(6) != 0)
        row.finish()
        if heads.count >= StoreLimits.rememberedHeads { heads.removeAll(keepingCapacity: true) }
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
            ledger: Rows.text([LedgerEntry(.opening, initialCredits)]), slot: .keep, game: nil, stateSum: 0, body: [])
        guard try append(row) else { throw SQLFailure(code: 0, message: "a random id came twice") }
        heads[key] = Remembered(
            account: account, credits: initialCredits, version: 1, lastSeq: seq, active: nil, hasParked: false)
        return Account(key: key, credits: initialCredits, version: 1)
    }

    private func account(_ key: AccountKey, _ head: Remembered) throws(SQLFailure) -> Account {
        let row = try sql("SELECT site, game, state_id, engine_version, opened_at, state FROM head WHERE account = ?")
        row.add(head.account)
        let active = try row.step() ? Rows.slot(row, 0) : nil
        row.finish()
        let parked = head.hasParked ? try Rows.parked(of: head.account, sql) : [:]
        return Account(key: key, credits: head.credits, version: head.version, active: active, parked: parked)
    }

    /// Writes the journal row; false (and nothing written) if its id is there already.
    private func append(_ row: JournalRow) throws(SQLFailure) -> Bool {
        try write()
        let next = row.chain(after: chain)
        insertJournal.start()
        row.add(to: insertJournal, chain: next)
        guard try insertJournal.change() == 1 else { return false }
        chain = next
        lastSeq = row.seq
        return true
    }

    /// Everything that can say no comes before the first write, and the first write finds out about a repeated id by
    /// itself. So a transition that is not committed leaves nothing to be undone, and needs no savepoint.
    func commit(_ transition: Transition) throws(SQLFailure) -> CommitResult {
        guard let head = try remembered(transition.account) else {
            return .unavailable(StoreError(.notFound, "account was never opened"))
        }
        guard head.version == transition.expectedVersion else { return try conflict(transition, head) }
        if let reason = Rules.refusal(of: transition, credits: head.credits) {
            return try earlier(transition, otherwise: .refused(reason))
        }
        let parking: Parking?
        switch try self.parking(transition, head) {
        case .success(let needed): parking = needed
        case .failure(let error): return try earlier(transition, otherwise: .unavailable(error))
        }
        guard let pots = try potsAfter(transition) else { return try conflict(transition, head) }
        let row = row(for: transition, head)
        guard try append(row) else { return try conflict(transition, head) }
        try updateHead(transition, row, head)
        if let parking { try write(parking, account: head.account) }
        for (key, pot) in pots {
            self.pots[key] = pot
            changedPots.insert(key)
        }
        try writeExtras(transition, at: row.at)
        var after = head
        after.credits = row.credits
        after.version = row.version
        after.lastSeq = row.seq
        switch transition.slot {
        case .keep: break
        case .set(let slot): after.active = slot.key
        case .clear: after.active = nil
        }
        if let parking { after.hasParked = !parking.after.isEmpty }
        heads[transition.account] = after
        return .committed(credits: row.credits, version: row.version)
    }

    /// The answer of the first time, if the account already has an entry with the transition's id.
    private func earlier(_ transition: Transition, otherwise: CommitResult) throws(SQLFailure) -> CommitResult {
        guard let head = try remembered(transition.account) else { return otherwise }
        let row = try sql("SELECT account, credits, version FROM journal WHERE id = ?")
        row.add(transition.id)
        defer { row.finish() }
        guard try row.step(), row.int(0) == head.account else { return otherwise }
        return .duplicate(credits: row.int(1), version: row.int(2))
    }

    private func conflict(_ transition: Transition, _ head: Remembered) throws(SQLFailure) -> CommitResult {
        let actual = try account(transition.account, head)
        return try earlier(transition, otherwise: .conflict(actual: actual))
    }

    private func row(for transition: Transition, _ head: Remembered) -> JournalRow {
        var row = JournalRow(
            seq: lastSeq + 1, account: head.account, previous: head.lastSeq, id: transition.id, at: clock(),
            kind: transition.kind.rawValue, opensRound: transition.opensRound, version: head.version + 1,
            delta: transition.delta, credits: head.credits + transition.delta, ledger: Rows.text(transition.ledger),
            slot: .keep, game: nil, stateSum: 0, body: transition.body)
        switch transition.slot {
        case .keep: break
        case .set(let slot):
            row.slot = .set
            row.game = slot.key
            row.stateSum = slot.checksum
        case .clear: row.slot = .clear
        }
        return row
    }

    private func updateHead(_ transition: Transition, _ row: JournalRow, _ head: Remembered) throws(SQLFailure) {
        try write()
        let statement: Statement
        if case .keep = transition.slot { statement = updateHead } else { statement = updateHeadAndSlot }
        statement.start()
        statement.add(row.credits)
        statement.add(row.version)
        statement.add(row.seq)
        switch transition.slot {
        case .keep: break
        case .set(let slot): Rows.add(slot, to: statement)
        case .clear: for _ in 0..<6 { statement.addNull() }
        }
        statement.add(head.account)
        statement.add(head.version)
        guard try statement.change() == 1 else {
            throw SQLFailure(code: 0, message: "head \(head.account) is not as remembered")
        }
    }

    // MARK: Parked games

    private struct Parking {
        var before: [GameKey: GameSlot]
        var after: [GameKey: GameSlot]
    }

    /// What happens to the parked games; nil if nothing does. Only a change of game reads them.
    /// A failure is the transition's fault; what SQLite throws ends the whole group.
    private func parking(
        _ transition: Transition, _ head: Remembered
    ) throws(SQLFailure) -> Result<Parking?, StoreError> {
        guard case .set(let slot) = transition.slot, head.active != slot.key, head.active != nil || head.hasParked
        else { return .success(nil) }
        let account = try self.account(transition.account, head)
        do throws(StoreError) {
            let slots = try Rules.slots(after: transition, active: account.active, parked: account.parked)
            return .success(Parking(before: account.parked, after: slots.parked))
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
        for (key, slot) in parking.after where parking.before[key] == nil {
            try write()
            let row = try sql(
                """
                INSERT INTO parked (site, game, state_id, engine_version, opened_at, state, account)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """)
            Rows.add(slot, to: row)
            row.add(account)
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
        for item in transition.outbox {
            try write()
            let row = try sql(
                """
                INSERT INTO outbox (realm, topic, key, at, next_at, attempts, body) VALUES (?, ?, ?, ?, ?, 0, ?)
                ON CONFLICT (realm, key) DO NOTHING
                """)
            row.add(transition.account.realm)
            row.add(item.topic)
            row.add(item.key)
            row.add(at)
            row.add(at)
            row.add(item.body)
            try row.run()
        }
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
