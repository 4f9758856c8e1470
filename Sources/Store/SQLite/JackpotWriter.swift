/// The jackpots' values, written once per transaction however many transitions feed them. Owned by the writer thread.
struct JackpotWriter {
    private let access: WriteAccess
    private var values: [RealmJackpot: Jackpot] = [:]
    /// Changed in this transaction; written at its end.
    private var changed: Set<RealmJackpot> = []

    init(_ access: WriteAccess) { self.access = access }

    mutating func forget() {
        values.removeAll(keepingCapacity: true)
        changed.removeAll(keepingCapacity: true)
    }

    /// The jackpots that `transition` changes, as it leaves them; nil if a take conflicts, or if one of them would have to be won
    /// by it and is not.
    mutating func after(_ transition: Transition) throws(SQLFailure) -> [RealmJackpot: Jackpot]? {
        if transition.jackpots.isEmpty { return [:] }
        var after: [RealmJackpot: Jackpot] = [:]
        for change in transition.jackpots {
            let key = RealmJackpot(realm: Name(transition.account.realm), key: change.parts.key)
            var current = after[key]
            if current == nil { current = try value(of: key) }
            guard let jackpot = Rules.jackpot(after: change, current: current) else { return nil }
            after[key] = jackpot
        }
        return after.values.contains(where: Rules.isDue) ? nil : after
    }

    mutating func set(_ jackpots: [RealmJackpot: Jackpot]) {
        for (key, jackpot) in jackpots {
            values[key] = jackpot
            changed.insert(key)
        }
    }

    /// Makes jackpots what their terms want them to be; all of them as they are then.
    mutating func open(_ openings: [JackpotOpening], realm: String) throws(SQLFailure) -> [Jackpot] {
        var jackpots: [Jackpot] = []
        for opening in openings {
            let key = RealmJackpot(realm: Name(realm), key: opening.key)
            let current = try value(of: key)
            if let opened = Rules.jackpot(opening: opening, current: current) {
                set([key: opened])
                jackpots.append(opened)
            } else if let current {
                jackpots.append(current)
            }
        }
        return jackpots
    }

    private mutating func value(of key: RealmJackpot) throws(SQLFailure) -> Jackpot? {
        if let known = values[key] { return known }
        let row = try access.sql("SELECT \(JackpotRows.columns) FROM jackpot WHERE realm = ? AND site = ? AND id = ?")
        row.add(key.realm.text)
        row.add(key.key.site)
        row.add(key.key.id)
        guard try row.step() else { return nil }
        let jackpot = JackpotRows.jackpot(key.key, row, 0)
        row.finish()
        values[key] = jackpot
        return jackpot
    }

    mutating func finish() throws(SQLFailure) {
        for key in changed {
            guard let jackpot = values[key] else { continue }
            try access.write()
            try JackpotRows.write(jackpot, realm: key.realm.text, access.sql)
        }
        changed.removeAll(keepingCapacity: true)
        if values.count > StoreLimits.rememberedJackpots { values.removeAll() }
    }
}
