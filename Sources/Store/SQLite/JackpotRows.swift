/// How jackpots lie in their table.
enum JackpotRows {
    static let columns = "value, version, reserve, overflow, hit_at, secret, start, contributed, hidden, seeded, drawn, awarded, overflowed, carried"

    /// The jackpot in ``columns`` from `first` on.
    static func jackpot(_ key: JackpotKey, _ row: Statement, _ first: Int32) -> Jackpot {
        var jackpot = Jackpot(
            key: key, value: row.int(first), version: row.int(first + 1), reserve: row.int(first + 2), overflow: row.int(first + 3),
            threshold: row.isNull(first + 4) ? nil : JackpotThreshold(hitAt: row.int(first + 4), secret: row.text(first + 5)))
        jackpot.meters.start = row.int(first + 6)
        jackpot.meters.contributed = row.int(first + 7)
        jackpot.meters.hidden = row.int(first + 8)
        jackpot.meters.seeded = row.int(first + 9)
        jackpot.meters.drawn = row.int(first + 10)
        jackpot.meters.awarded = row.int(first + 11)
        jackpot.meters.overflowed = row.int(first + 12)
        jackpot.meters.carried = row.int(first + 13)
        return jackpot
    }

    static func write(_ jackpot: Jackpot, realm: String, _ sql: Database) throws(SQLFailure) {
        let row = try sql("INSERT OR REPLACE INTO jackpot (realm, site, id, \(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        row.add(realm)
        row.add(jackpot.key.site)
        row.add(jackpot.key.id)
        row.add(jackpot.value)
        row.add(jackpot.version)
        row.add(jackpot.reserve)
        row.add(jackpot.overflow)
        row.add(jackpot.threshold?.hitAt)
        row.add(jackpot.threshold?.secret)
        let meters = jackpot.meters
        for meter in [
            meters.start, meters.contributed, meters.hidden, meters.seeded, meters.drawn, meters.awarded, meters.overflowed, meters.carried,
        ] {
            row.add(meter)
        }
        try row.run()
    }
}
