/// How a transition changes an account's parked games: the journal rows of their states, before and after.
struct Parking {
    private var before: [GameKey: Int64]
    private var after: [GameKey: Int64]

    /// - Parameter stateSeq: The journal row of the state of the game that is put aside, if one is.
    init(before: [GameKey: Int64], after games: some Collection<GameKey>, stateSeq: Int64) {
        self.before = before
        after = [:]
        for key in games { after[key] = before[key] ?? stateSeq }
    }

    var leavesSome: Bool { !after.isEmpty }

    func write(_ account: Int64, _ access: WriteAccess) throws(SQLFailure) {
        for key in before.keys where after[key] == nil {
            try access.write()
            let row = try access.sql("DELETE FROM parked WHERE account = ? AND site = ? AND game = ?")
            row.add(account)
            row.add(key.site)
            row.add(key.game)
            try row.run()
        }
        for (key, seq) in after where before[key] == nil {
            try access.write()
            let row = try access.sql("INSERT INTO parked (account, site, game, state_seq) VALUES (?, ?, ?, ?)")
            row.add(account)
            row.add(key.site)
            row.add(key.game)
            row.add(seq)
            try row.run()
        }
    }
}
