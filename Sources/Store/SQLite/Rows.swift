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

    // MARK: Accounts

    static let headColumns = """
        account, realm, user, denom, credits, version, last_seq, site, game, state_id, engine_version, opened_at, state
        """

    /// The slot in six columns from `first`: site, game, state_id, engine_version, opened_at, state.
    static func slot(_ row: Statement, _ first: Int32) -> GameSlot? {
        guard let id = row.id(first + 2) else { return nil }
        return GameSlot(
            key: GameKey(site: row.text(first), game: row.text(first + 1)), id: id,
            engineVersion: row.int(first + 3), openedAt: row.int(first + 4), blob: row.bytes(first + 5))
    }

    static func add(_ slot: GameSlot, to statement: Statement) {
        statement.add(slot.key.site)
        statement.add(slot.key.game)
        statement.add(slot.id)
        statement.add(slot.engineVersion)
        statement.add(slot.openedAt)
        statement.add(slot.blob)
    }

    static func parked(of account: Int64, _ sql: StatementCache) throws(SQLFailure) -> [GameKey: GameSlot] {
        let rows = try sql(
            "SELECT site, game, state_id, engine_version, opened_at, state FROM parked WHERE account = ?")
        rows.add(account)
        var parked: [GameKey: GameSlot] = [:]
        while try rows.step() {
            if let slot = slot(rows, 0) { parked[slot.key] = slot }
        }
        return parked
    }

    // MARK: Journal

    static let entryColumns = """
        j.seq, h.realm, h.user, h.denom, j.id, j.at, j.kind, j.opens_round, j.version, j.delta, j.credits, j.ledger, \
        j.body, j.previous
        """

    /// The entry in `entryColumns`.
    static func entry(_ row: Statement) throws(StoreError) -> JournalEntry {
        guard let id = row.id(4), let kind = TransitionKind(rawValue: row.text(6)), let ledger = ledger(row.text(11))
        else { throw StoreError(.corrupt, "journal entry \(row.int(0))") }
        return JournalEntry(
            seq: row.int(0), account: AccountKey(realm: row.text(1), user: row.text(2), denom: row.text(3)), id: id,
            at: row.int(5), kind: kind, opensRound: row.int(7) != 0, version: row.int(8), delta: row.int(9),
            credits: row.int(10), ledger: ledger, body: row.bytes(12))
    }
}

/// A row of the journal as it is written and checked.
struct JournalRow {
    enum Slot: Int64 {
        case keep = 0
        case set = 1
        case clear = 2
    }

    static let columns = """
        seq, account, previous, id, at, kind, opens_round, version, delta, credits, ledger, slot, site, game, \
        state_sum, chain, body
        """

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
    var slot: Slot
    var game: GameKey?
    var stateSum: UInt64
    var body: [UInt8]

    /// The chain value of this row after the one before it had `previous`.
    func chain(after previous: UInt64) -> UInt64 {
        var sum = Checksum(previous)
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
        sum.add(slot.rawValue)
        if let game {
            sum.add(game.site)
            sum.add(game.game)
        }
        sum.add(stateSum)
        sum.add(body)
        return sum.value
    }

    func add(to statement: Statement, chain: UInt64) {
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
        statement.add(slot.rawValue)
        if let game {
            statement.add(game.site)
            statement.add(game.game)
            statement.add(stateSum)
        } else {
            statement.addNull()
            statement.addNull()
            statement.addNull()
        }
        statement.add(chain)
        statement.add(body)
    }

    /// The row in `columns` and its chain value; nil if a field is damaged beyond reading.
    static func read(_ row: Statement) -> (row: JournalRow, chain: UInt64)? {
        guard let id = row.id(3), let slot = Slot(rawValue: row.int(11)) else { return nil }
        let result = JournalRow(
            seq: row.int(0), account: row.int(1), previous: row.int(2), id: id, at: row.int(4), kind: row.text(5),
            opensRound: row.int(6) != 0, version: row.int(7), delta: row.int(8), credits: row.int(9),
            ledger: row.text(10), slot: slot,
            game: row.isNull(12) ? nil : GameKey(site: row.text(12), game: row.text(13)),
            stateSum: UInt64(bitPattern: row.int(14)), body: row.bytes(16))
        return (result, UInt64(bitPattern: row.int(15)))
    }
}
