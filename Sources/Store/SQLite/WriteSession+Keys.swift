/// Keys and values, sorted sets.
extension WriteSession {
    func live(_ key: String, now: Int64) throws(SQLFailure) -> StoreValue? {
        try Reads.value(key, now: now, sql)
    }

    func set(
        _ key: String, _ bytes: [UInt8], expiresAt: Int64?, ifVersion: Int64?, now: Int64
    ) throws(SQLFailure) -> WriteResult {
        if let ifVersion {
            let actual = try live(key, now: now)?.version ?? 0
            guard actual == ifVersion else { return .mismatch(actual: actual) }
        }
        try write()
        let row = try sql(
            """
            INSERT INTO kv (key, version, expires_at, value) VALUES (?, ?, ?, ?) ON CONFLICT (key)
            DO UPDATE SET version = excluded.version, expires_at = excluded.expires_at, value = excluded.value
            """)
        row.add(key)
        row.add(lastValueVersion + 1)
        row.add(expiresAt)
        row.add(bytes)
        try row.run()
        lastValueVersion += 1
        valueVersionChanged = true
        if expiresAt != nil { mayExpire = true }
        return .written(version: lastValueVersion)
    }

    func delete(_ key: String, ifVersion: Int64?, now: Int64) throws(SQLFailure) -> WriteResult {
        let actual = try live(key, now: now)?.version ?? 0
        guard actual != 0, ifVersion == nil || ifVersion == actual else { return .mismatch(actual: actual) }
        try write()
        let row = try sql("DELETE FROM kv WHERE key = ?")
        row.add(key)
        try row.run()
        return .written(version: 0)
    }

    func increment(_ key: String, by amount: Int64, ttl: Int64?) throws -> Int64 {
        let now = clock()
        let current = try live(key, now: now)
        let sum = try Rules.counter(current?.bytes, adding: amount)
        let expiry = current == nil ? Rules.expiry(ttl, now: now) : current?.expiresAt
        _ = try set(key, Array(String(sum).utf8), expiresAt: expiry, ifVersion: nil, now: now)
        return sum
    }

    /// Removes expired keys, at most `StoreLimits.sweepRows`; answers how many.
    func sweep() throws(SQLFailure) -> Int {
        let row = try sql(
            "DELETE FROM kv WHERE rowid IN (SELECT rowid FROM kv WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)")
        row.add(clock())
        row.add(Int64(StoreLimits.sweepRows))
        let removed = Int(try row.change())
        let rest = try sql("SELECT EXISTS (SELECT 1 FROM kv WHERE expires_at IS NOT NULL)")
        mayExpire = try rest.step() && rest.int(0) != 0
        rest.finish()
        return removed
    }

    // MARK: Sorted sets

    func sortedAdd(_ key: String, _ members: [SortedMember]) throws(SQLFailure) -> Int {
        var added = 0
        for member in members {
            let known = try sql("SELECT 1 FROM zset WHERE key = ? AND member = ?")
            known.add(key)
            known.add(member.member)
            if try !known.step() { added += 1 }
            known.finish()
            try write()
            let row = try sql(
                """
                INSERT INTO zset (key, member, score) VALUES (?, ?, ?)
                ON CONFLICT (key, member) DO UPDATE SET score = excluded.score
                """)
            row.add(key)
            row.add(member.member)
            row.add(member.score)
            try row.run()
        }
        return added
    }

    func sortedRemove(_ key: String, _ members: [String]) throws(SQLFailure) -> Int {
        var removed = 0
        for member in members {
            try write()
            let row = try sql("DELETE FROM zset WHERE key = ? AND member = ?")
            row.add(key)
            row.add(member)
            removed += Int(try row.change())
        }
        return removed
    }

    // MARK: Several at once

    /// Beyond the check at its head it throws nothing but what ends the transaction, so that no change stays alone.
    func apply(_ changes: [StoreChange]) throws {
        let told = changes.compactMap { if case .tell(_, let item) = $0 { item } else { nil } }
        if let problem = try outbox.problem(adding: told) { throw problem }
        for change in changes { try apply(change) }
    }

    private func apply(_ change: StoreChange) throws(SQLFailure) {
        switch change {
        case .set(let key, let value, let ttl):
            let now = clock()
            _ = try set(key.text, value, expiresAt: Rules.expiry(ttl, now: now), ifVersion: nil, now: now)
        case .delete(let key): _ = try delete(key.text, ifVersion: nil, now: clock())
        case .add(let key, let member): _ = try sortedAdd(key.text, [member])
        case .remove(let key, let member): _ = try sortedRemove(key.text, [member])
        case .tell(let realm, let item): try outbox.add(item, realm: realm, at: clock())
        }
    }
}
