/// The tables. A step, once released, is never changed; a new one follows it. `PRAGMA user_version` counts the steps a file
/// has behind it.
enum Schema {
    private static let steps = [journalAndHeads, usersKeysAndOutbox, packedEntries, slotContents, outboxByTopic, archives, spending, jackpotMeters, everyStake]

    /// The steps of this release.
    static let current = steps.count

    /// The first release marked its steps by name, in a table. Files of its making are taken over; the table stays.
    private static let formerTable = "grdb_migrations"
    private static let formerMarks = ["1: journal and heads", "1: users, keys and outbox"]

    /// Brings a file up to date, in one transaction; a new one gets all tables.
    static func prepare(_ database: Database) throws {
        guard try version(database) < steps.count || database.version() == 0 else { return }
        try database.transaction {
            // Once more: another process may have been faster.
            for step in try version(database)..<steps.count { try database.run(steps[step]) }
            try database.setVersion(steps.count)
        }
    }

    /// The steps behind a file; 0 for a new one.
    /// - Throws: ``StoreError``: `newer`, `foreign`; ``SQLFailure``.
    static func version(_ database: Database) throws -> Int {
        var version = try database.version()
        if version == 0 {
            let tables = try database.tables()
            if tables.isEmpty { return 0 }
            guard tables.contains(formerTable) else { throw StoreError(.foreign, "a database, but not a store of Nightjar") }
            let marks = try formerMarks(in: database)
            version = formerMarks.prefix { marks.contains($0) }.count
            // A mark nobody here knows is of a later release.
            if marks.count > version { version = steps.count + 1 }
        }
        guard version <= steps.count else {
            throw StoreError(
                .newer, "written by a later release (schema \(version), this one knows \(steps.count)); start that release")
        }
        return version
    }

    /// What is not as the steps make it, in words: tables and indexes that are missing or different, and what was added to our
    /// tables. More tables do no harm; a trigger changes what is written, an index may refuse it.
    static func differences(_ database: Database) throws(SQLFailure) -> [String] {
        let model = try Database(path: "", access: .memory, lockWait: .zero)
        // A file of an earlier release is as its steps make it, until it is taken over. (What cannot tell is compared with all.)
        let behind = (try? version(database)).flatMap { $0 > 0 ? $0 : nil } ?? steps.count
        for step in steps.prefix(behind) { try model.run(step) }
        let (wanted, found) = (try definitions(model), try definitions(database))
        var differences: [String] = []
        for (name, part) in wanted.sorted(by: { $0.key < $1.key }) where found[name]?.sql != part.sql {
            let isMissing = found[name] == nil
            let columns = isMissing || !name.hasPrefix("table ") ? "" : try columnsThatDiffer(part.table, model, database)
            differences.append("\(name) is \(isMissing ? "missing" : "not as it was made")\(columns)")
        }
        let tables = Set(wanted.values.map(\.table))
        for (name, part) in found.sorted(by: { $0.key < $1.key }) where wanted[name] == nil && tables.contains(part.table) {
            differences.append("\(name) does not belong here")
        }
        return differences
    }

    /// Does `head` have what an account has spent?
    static func hasSpending(_ database: Database) throws(SQLFailure) -> Bool { try database.columns(of: "head").contains("spent") }

    /// The last entry that `head.spent` has as releases before the step `everyStake` counted; of a file of theirs it is all of them.
    static func stakesSince(_ database: Database) throws(SQLFailure) -> Int64 {
        try database.integer("SELECT value FROM counter WHERE name = 'stakes_since'") ?? .max
    }

    /// Do jackpots have meters?
    static func hasJackpotMeters(_ database: Database) throws(SQLFailure) -> Bool { try database.columns(of: "jackpot").contains("awarded") }

    /// The columns by which a table differs from the model, in words.
    private static func columnsThatDiffer(_ table: String, _ model: Database, _ database: Database) throws(SQLFailure) -> String {
        let (wanted, found) = (try model.columns(of: table), try database.columns(of: table))
        let words = wanted.subtracting(found).sorted().map { "\($0) is missing" } + found.subtracting(wanted).sorted().map { "\($0) was added" }
        return words.isEmpty ? "" : ": column \(words.joined(separator: ", column "))"
    }

    /// What defines each table, index and so on, by kind and name, and the table it belongs to.
    private static func definitions(_ database: Database) throws(SQLFailure) -> [String: (table: String, sql: String)] {
        let rows = try Statement(
            database.connection, "SELECT type || ' ' || name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        var definitions: [String: (table: String, sql: String)] = [:]
        while try rows.step() {
            let sql = rows.text(2).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            definitions[rows.text(0)] = (rows.text(1), sql)
        }
        return definitions
    }

    private static func formerMarks(in database: Database) throws(SQLFailure) -> Set<String> {
        let rows = try Statement(database.connection, "SELECT identifier FROM \(formerTable)")
        var marks: Set<String> = []
        while try rows.step() { marks.insert(rows.text(0)) }
        return marks
    }

    /// The journal is the truth. A transition writes its row and nothing else that grows with the number of accounts:
    /// the heads are written behind, many changes as one, up to the entry that `counter.heads` names; what came later
    /// is read from the journal again at a start.
    ///
    /// `head.account` stands for realm, user and denomination in the other tables. `journal.previous` is the account's
    /// entry before (0: none) and `head.last_seq` its last one, so an account's history is found without an index that
    /// every transition would have to write to at a random place; nor do ids have one, but for adjustments, whose ids
    /// come from outside (see `WriteSession.repeated`). `slot`: 0 keep, 1 set, 2 clear; a state lies in the row that
    /// set it, and `state_seq` names that row (0: no game). `chain`: checksum of the row and all before it.
    private static let journalAndHeads = """
        CREATE TABLE head (
          account INTEGER PRIMARY KEY,
          realm TEXT NOT NULL, user TEXT NOT NULL, denom TEXT NOT NULL,
          credits INTEGER NOT NULL CHECK (credits >= 0),
          version INTEGER NOT NULL, last_seq INTEGER NOT NULL, state_seq INTEGER NOT NULL DEFAULT 0,
          UNIQUE (realm, user, denom)
        ) STRICT;
        CREATE TABLE journal (
          seq INTEGER PRIMARY KEY,
          account INTEGER NOT NULL, previous INTEGER NOT NULL, id BLOB NOT NULL, at INTEGER NOT NULL,
          kind TEXT NOT NULL, opens_round INTEGER NOT NULL, version INTEGER NOT NULL,
          delta INTEGER NOT NULL, credits INTEGER NOT NULL, ledger TEXT NOT NULL, chain INTEGER NOT NULL,
          slot INTEGER NOT NULL, site TEXT, game TEXT, state_id BLOB, engine_version INTEGER, opened_at INTEGER,
          state BLOB, body BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX journal_adjustment ON journal (id) WHERE kind = 'adjustment';
        CREATE TABLE counter (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE parked (
          account INTEGER NOT NULL, site TEXT NOT NULL, game TEXT NOT NULL, state_seq INTEGER NOT NULL,
          PRIMARY KEY (account, site, game)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE jackpot (
          realm TEXT NOT NULL, site TEXT NOT NULL, id TEXT NOT NULL,
          value INTEGER NOT NULL, version INTEGER NOT NULL,
          PRIMARY KEY (realm, site, id)
        ) STRICT, WITHOUT ROWID;
        """

    /// No table changes, but what lies in them: a release that does not know packed entries (``JournalPacking``) must not start.
    private static let packedEntries = ""

    /// Likewise for states that have a round or a hidden half with them (``SlotContent``).
    private static let slotContents = ""

    /// Each topic has a deliverer of its own, which must not read through what waits for another.
    private static let outboxByTopic = "CREATE INDEX outbox_topic ON outbox (topic, id);"

    /// Where entries of the journal are that are not in it any more (``ArchivedPiece``). And since this step entries are packed in
    /// another way, and the column `state_id` is NULL where it would be the same as `id`.
    private static let archives = """
        CREATE TABLE archive (
          first INTEGER PRIMARY KEY, last INTEGER NOT NULL, name TEXT NOT NULL,
          delta INTEGER NOT NULL, chain INTEGER NOT NULL, seal TEXT NOT NULL
        ) STRICT;
        """

    /// `head.spent`: all stakes of the account, as its journal has them (``Transition/spent``). Accounts of earlier releases begin
    /// at 0, for their journal would have to be read as a whole; entries after `spent_since` count.
    private static let spending = """
        ALTER TABLE head ADD COLUMN spent INTEGER NOT NULL DEFAULT 0;
        INSERT INTO counter (name, value) SELECT 'spent_since', coalesce(max(value), 0) FROM counter WHERE name = 'heads';
        """

    /// Reserve, overflow, threshold and meters of jackpots. Those of earlier releases begin to count with the value they have.
    private static let jackpotMeters = """
        ALTER TABLE jackpot ADD COLUMN reserve INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jackpot ADD COLUMN overflow INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jackpot ADD COLUMN hit_at INTEGER;
        ALTER TABLE jackpot ADD COLUMN secret TEXT;
        ALTER TABLE jackpot ADD COLUMN start INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jackpot ADD COLUMN contributed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jackpot ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jackpot ADD COLUMN seeded INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jackpot ADD COLUMN drawn INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jackpot ADD COLUMN awarded INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jackpot ADD COLUMN overflowed INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE jackpot ADD COLUMN carried INTEGER NOT NULL DEFAULT 0;
        UPDATE jackpot SET start = value;
        """

    /// Since this step ``Transition/spent`` has stakes of every kind. Entries up to `stakes_since` lie in `head.spent` as the releases
    /// before counted them, `bet` and `extra` alone, and stay so: what is archived could not be counted anew.
    private static let everyStake = """
        INSERT INTO counter (name, value) SELECT 'stakes_since', coalesce(max(value), 0) FROM counter WHERE name = 'heads';
        """

    private static let usersKeysAndOutbox = """
        CREATE TABLE users (
          realm TEXT NOT NULL, uid TEXT NOT NULL, id BLOB NOT NULL UNIQUE, profile TEXT NOT NULL,
          created INTEGER NOT NULL,
          PRIMARY KEY (realm, uid)
        ) STRICT;
        CREATE TABLE userdata (
          realm TEXT NOT NULL, user TEXT NOT NULL, site TEXT NOT NULL, json TEXT NOT NULL,
          PRIMARY KEY (realm, user, site)
        ) STRICT;
        CREATE TABLE kv (
          key TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, expires_at INTEGER, value BLOB NOT NULL
        ) STRICT;
        CREATE INDEX kv_expiry ON kv (expires_at) WHERE expires_at IS NOT NULL;
        CREATE TABLE zset (
          key TEXT NOT NULL, member TEXT NOT NULL, score REAL NOT NULL,
          PRIMARY KEY (key, member)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX zset_order ON zset (key, score, member);
        CREATE TABLE outbox (
          id INTEGER PRIMARY KEY AUTOINCREMENT,
          realm TEXT NOT NULL, topic TEXT NOT NULL, key TEXT NOT NULL,
          at INTEGER NOT NULL, next_at INTEGER NOT NULL, attempts INTEGER NOT NULL, body BLOB NOT NULL,
          UNIQUE (realm, key)
        ) STRICT;
        """
}
