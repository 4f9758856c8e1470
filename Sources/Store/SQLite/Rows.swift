import Bytes

/// How values lie in rows; shared by writing, reading and checking.
enum Rows {
    // MARK: Ledger: `bet:-4;win:6`

    static func text(_ ledger: [LedgerEntry]) -> String {
        var text = ""
        for entry in ledger {
            if !text.isEmpty { text.append(";") }
            text.append(entry.kind.rawValue)
            text.append(":")
            text.append(String(entry.amount))
        }
        return text
    }

    /// Nil if the text is damaged.
    static func ledger(_ text: String) -> [LedgerEntry]? {
        var ledger: [LedgerEntry] = []
        for part in text.utf8.split(separator: UInt8(ascii: ";")) {
            guard let colon = part.firstIndex(of: UInt8(ascii: ":")),
                let kind = LedgerKind(rawValue: String(part[..<colon]) ?? ""),
                let amount = Int64(String(part[part.index(after: colon)...]) ?? "")
            else { return nil }
            ledger.append(LedgerEntry(kind, amount))
        }
        return ledger
    }

    // MARK: States

    /// The state that the journal row `seq` set; nil for 0.
    static func slot(at seq: Int64, _ sql: Database) throws(SQLFailure) -> GameSlot? {
        if seq == 0 { return nil }
        let row = try sql("SELECT site, game, state_id, engine_version, opened_at, state, id, body FROM journal WHERE seq = ?")
        row.add(seq)
        defer { row.finish() }
        guard try row.step(), let id = row.id(6),
            let content = try JournalPacking.unpacked(seq: seq, id: id, state: row.bytes(5), body: row.bytes(7), sql),
            let slot = slot(row, 0, content.state, of: id)
        else { throw SQLFailure(code: 0, message: "journal entry \(seq) has no state") }
        return slot
    }

    /// The slot in five columns from `first`: site, game, state_id, engine_version, opened_at; nil if it is damaged. Its id is mostly
    /// that of the entry, and then NULL.
    ///
    /// - Parameter content: The state column, unpacked.
    static func slot(_ row: Statement, _ first: Int32, _ content: [UInt8], of entry: StateID) -> GameSlot? {
        guard let id = row.isNull(first + 2) ? entry : row.id(first + 2), !row.isNull(first), let content = SlotContent(content) else { return nil }
        return GameSlot(
            key: GameKey(site: row.text(first), game: row.text(first + 1)), id: id, engineVersion: row.int(first + 3),
            openedAt: row.int(first + 4), blob: content.blob, hidden: content.hidden, round: content.round)
    }

    /// The journal rows that hold the account's parked states.
    static func parked(of account: Int64, _ sql: Database) throws(SQLFailure) -> [GameKey: Int64] {
        let rows = try sql("SELECT site, game, state_seq FROM parked WHERE account = ?")
        rows.add(account)
        var parked: [GameKey: Int64] = [:]
        while try rows.step() { parked[GameKey(site: rows.text(0), game: rows.text(1))] = rows.int(2) }
        return parked
    }

    /// A row of the table `counter`; 0 if it is not there.
    static func counter(_ name: String, _ sql: Database) throws(SQLFailure) -> Int64 {
        let row = try sql("SELECT value FROM counter WHERE name = ?")
        row.add(name)
        defer { row.finish() }
        return try row.step() ? row.int(0) : 0
    }

    /// The names of an account; nil if there is no such account.
    static func key(of account: Int64, _ sql: Database) throws(SQLFailure) -> AccountKey? {
        let row = try sql("SELECT realm, user, denom FROM head WHERE account = ?")
        row.add(account)
        defer { row.finish() }
        return try row.step() ? AccountKey(realm: row.text(0), user: row.text(1), denom: row.text(2)) : nil
    }

    /// The id that a user has been given; nil if there is no such user, or the id is damaged.
    static func userID(realm: String, uid: String, _ sql: Database) throws(SQLFailure) -> StateID? {
        let row = try sql("SELECT id FROM users WHERE realm = ? AND uid = ?")
        row.add(realm)
        row.add(uid)
        defer { row.finish() }
        return try row.step() ? row.id(0) : nil
    }

    // MARK: Journal

    static let entryColumns = """
        j.seq, h.realm, h.user, h.denom, j.id, j.at, j.kind, j.opens_round, j.version, j.delta, j.credits, j.ledger, \
        j.body, j.previous
        """

    /// The entry in `entryColumns`.
    static func entry(_ row: Statement, _ sql: Database) throws -> JournalEntry {
        guard let id = row.id(4), let kind = TransitionKind(rawValue: row.text(6)), let ledger = ledger(row.text(11)),
            let body = try JournalPacking.unpacked(seq: row.int(0), id: id, state: [], body: row.bytes(12), sql)?.body
        else { throw StoreError(.corrupt, "journal entry \(row.int(0))") }
        return JournalEntry(
            seq: row.int(0), account: AccountKey(realm: row.text(1), user: row.text(2), denom: row.text(3)), id: id,
            at: row.int(5), kind: kind, opensRound: row.int(7) != 0, version: row.int(8), delta: row.int(9),
            credits: row.int(10), ledger: ledger, body: body)
    }
}

/// A row of the journal as it is written and checked.
struct JournalRow: Equatable {
    static let columns = """
        seq, account, previous, id, at, kind, opens_round, version, delta, credits, ledger, chain, \
        slot, site, game, state_id, engine_version, opened_at, state, body
        """
    static let insertion =
        "INSERT INTO journal (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

    var seq: Int64
    var account: Int64
    var previous: Int64
    var id: StateID
    var at: Int64
    var kind: String
    var opensRound: Bool
    var version: Int64
    var delta: Int64
    var credits: Int64
    var ledger: String
    var slot: SlotChange
    /// The slot's ``SlotContent`` as bytes; empty without one.
    let state: [UInt8]
    var body: [UInt8]

    init(
        seq: Int64, account: Int64, previous: Int64, id: StateID, at: Int64, kind: String, opensRound: Bool, version: Int64, delta: Int64,
        credits: Int64, ledger: String, slot: SlotChange, body: [UInt8]
    ) {
        self.seq = seq
        self.account = account
        self.previous = previous
        self.id = id
        self.at = at
        self.kind = kind
        self.opensRound = opensRound
        self.version = version
        self.delta = delta
        self.credits = credits
        self.ledger = ledger
        self.slot = slot
        if case .set(let slot) = slot { state = SlotContent(slot).bytes } else { state = [] }
        self.body = body
    }

    /// The chain value of this row after the one before it had `previous`.
    func chain(after previous: UInt64) -> UInt64 {
        var sum = StableHash(previous)
        sum.add(seq)
        sum.add(account)
        sum.add(self.previous)
        sum.add(id)
        sum.add(at)
        sum.add(kind)
        sum.add(opensRound ? Int64(1) : 0)
        sum.add(version)
        sum.add(delta)
        sum.add(credits)
        sum.add(ledger)
        switch slot {
        case .keep: sum.add(Int64(0))
        case .clear: sum.add(Int64(2))
        case .set(let slot):
            sum.add(Int64(1))
            sum.add(slot.key.site)
            sum.add(slot.key.game)
            sum.add(slot.id)
            sum.add(slot.engineVersion)
            sum.add(slot.openedAt)
            sum.add(state)
        }
        sum.add(body)
        return sum.value
    }

    /// - Parameter packed: State and body in one; nil: they are written as they are.
    func add(to statement: Statement, chain: UInt64, packed: [UInt8]?) {
        statement.add(seq)
        statement.add(account)
        statement.add(previous)
        statement.add(id)
        statement.add(at)
        statement.add(kind)
        statement.add(opensRound ? Int64(1) : 0)
        statement.add(version)
        statement.add(delta)
        statement.add(credits)
        statement.add(ledger)
        statement.add(chain)
        if case .set(let slot) = slot {
            statement.add(Int64(1))
            statement.add(slot.key.site)
            statement.add(slot.key.game)
            if slot.id == id { statement.addNull() } else { statement.add(slot.id) }
            statement.add(slot.engineVersion)
            statement.add(slot.openedAt)
            statement.add(packed == nil ? state : [])
        } else {
            statement.add(Int64(slot == .keep ? 0 : 2))
            for _ in 0..<6 { statement.addNull() }
        }
        statement.add(packed ?? JournalPacking.plain(body))
    }

    /// The row in `columns` and its chain value; nil if a field is damaged beyond reading.
    static func read(_ row: Statement, _ sql: Database) throws(SQLFailure) -> (row: JournalRow, chain: UInt64)? {
        let change: SlotChange
        let seq = row.int(0)
        guard let id = row.id(3),
            let content = try JournalPacking.unpacked(seq: seq, id: id, state: row.bytes(18), body: row.bytes(19), sql)
        else { return nil }
        switch row.int(12) {
        case 0: change = .keep
        case 2: change = .clear
        case 1:
            guard let slot = Rows.slot(row, 13, content.state, of: id) else { return nil }
            change = .set(slot)
        default: return nil
        }
        let result = JournalRow(
            seq: seq, account: row.int(1), previous: row.int(2), id: id, at: row.int(4), kind: row.text(5),
            opensRound: row.int(6) != 0, version: row.int(7), delta: row.int(8), credits: row.int(9),
            ledger: row.text(10), slot: change, body: content.body)
        return (result, UInt64(bitPattern: row.int(11)))
    }
}

extension StableHash {
    fileprivate mutating func add(_ id: StateID) {
        add(id.high)
        add(id.low)
    }
}
