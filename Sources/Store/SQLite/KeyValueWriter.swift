/// Keys and values, sorted sets, batches. Owned by the writer thread.
struct KeyValueWriter {
    private let access: WriteAccess
    private let outbox: OutboxWriter
    private var lastVersion: Int64 = 0
    private var versionChanged = false
    /// Some key may have an expiry, so sweeping is worth while.
    private(set) var mayExpire = true

    init(_ access: WriteAccess, outbox: OutboxWriter) {
        self.access = access
        self.outbox = outbox
    }

    mutating func forget() {
        versionChanged = false
        mayExpire = true
    }

    mutating func load() throws(SQLFailure) { lastVersion = try Rows.counter("kv", access.sql) }

    mutating func finish() throws(SQLFailure) {
        guard versionChanged else { return }
        try access.setCounter("kv", lastVersion)
        versionChanged = false
    }

    // MARK: Keys

    private func live(_ key: String, now: Int64) throws(SQLFailure) -> StoreValue? {
        try KeyValueReads.value(key, now: now, access.sql)
    }

    mutating func set(
        _ key: String, _ bytes: [UInt8], expiresAt: Int64?, ifVersion: Int64?, now: Int64
    ) throws(SQLFailure) -> WriteResult {
        if let ifVersion {
            let actual = try live(key, now: now)?.version ?? 0
            guard actual == ifVersion else { return .mismatch(actual: actual) }
        }
        try access.write()
        let row = try access.sql(
            """
            INSERT INTO kv (key, version, expires_at, value) VALUES (?, ?, ?, ?) ON CONFLICT (key)
            DO UPDATE SET version = excluded.version, expires_at = excluded.expires_at, value = excluded.value
            """)
        row.add(key)
        row.add(lastVersion + 1)
        row.add(expiresAt)
        row.add(bytes)
        try row.run()
        lastVersion += 1
        versionChanged = true
        if expiresAt != nil { mayExpire = true }
        return .written(version: lastVersion)
    }

    func delete(_ key: String, ifVersion: Int64?, now: Int64) throws(SQLFailure) -> WriteResult {
        let actual = try live(key, now: now)?.version ?? 0
        guard actual != 0, ifVersion == nil || ifVersion == actual else { return .mismatch(actual: actual) }
        try access.write()
        let row = try access.sql("DELETE FROM kv WHERE key = ?")
        row.add(key)
        try row.run()
        return .written(version: 0)
    }

    mutating func increment(_ key: String, by amount: Int64, ttl: Int64?) throws -> Int64 {
        let now = access.clock()
        let current = try live(key, now: now)
        let sum = try Rules.counter(current?.bytes, adding: amount)
        let expiry = current == nil ? Rules.expiry(ttl, now: now) : current?.expiresAt
        _ = try set(key, Array(String(sum).utf8), expiresAt: expiry, ifVersion: nil, now: now)
        return sum
    }

    /// Removes expired keys, at most `StoreLimits.sweepRows`; answers how many.
    mutating func sweep() throws(SQLFailure) -> Int {
        let row = try access.sql(
            "DELETE FROM kv WHERE rowid IN (SELECT rowid FROM kv WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)")
        row.add(access.clock())
        row.add(Int64(StoreLimits.sweepRows))
        let removed = Int(try row.change())
        let rest = try access.sql("SELECT EXISTS (SELECT 1 FROM kv WHERE expires_at IS NOT NULL)")
        mayExpire = try rest.step() && rest.int(0) != 0
        rest.finish()
        return removed
    }

    // MARK: Sorted sets

    func sortedAdd(_ key: String, _ members: [SortedMember]) throws(SQLFailure) -> Int {
        var added = 0
        for member in members {
            let known = try access.sql("SELECT 1 FROM zset WHERE key = ? AND member = ?")
            known.add(key)
            known.add(member.member)
            if try !known.step() { added += 1 }
            known.finish()
            try access.write()
            let row = try access.sql(
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
            try access.write()
            let row = try access.sql("DELETE FROM zset WHERE key = ? AND member = ?")
            row.add(key)
            row.add(member)
            removed += Int(try row.change())
        }
        return removed
    }

    // MARK: Several at once

    /// Beyond the check at its head it throws nothing but what ends the transaction, so that no change stays alone.
    mutating func apply(_ changes: [StoreChange]) throws {
        let told = changes.compactMap { if case .tell(_, let item) = $0 { item } else { nil } }
        if let problem = try outbox.problem(adding: told) { throw problem }
        try applyAll(changes)
    }

    /// Changes that tell nobody: throws nothing but what ends the transaction.
    mutating func applyAll(_ changes: [StoreChange]) throws(SQLFailure) {
        for change in changes { try apply(change) }
    }

    private mutating func apply(_ change: StoreChange) throws(SQLFailure) {
        switch change {
        case .set(let key, let value, let ttl):
            let now = access.clock()
            _ = try set(key.text, value, expiresAt: Rules.expiry(ttl, now: now), ifVersion: nil, now: now)
        case .delete(let key): _ = try delete(key.text, ifVersion: nil, now: access.clock())
        case .add(let key, let member): _ = try sortedAdd(key.text, [member])
        case .remove(let key, let member): _ = try sortedRemove(key.text, [member])
        case .tell(let realm, let item): try outbox.add(item, realm: realm, at: access.clock())
        }
    }
}
