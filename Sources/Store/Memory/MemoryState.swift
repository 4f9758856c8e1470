/// What a `MemoryStore` holds; reached only under its lock.
struct MemoryState {
    struct Head {
        var credits: Int64
        var version: Int64
        var lastSeq: Int64
        var spent: Int64 = 0
        var active: GameSlot?
        var parked: [GameKey: GameSlot] = [:]
    }

    /// A journal entry and the account's one before it (0: none).
    struct Linked {
        var entry: JournalEntry
        var previous: Int64
    }

    /// Bound of `values` and `sorted` together.
    let bytesMax: Int
    var closed = false
    var heads: [AccountKey: Head] = [:]
    /// A ring: the entry `seq` is at `(seq - 1) % memoryJournalEntries`.
    var ring: [Linked] = []
    var lastSeq: Int64 = 0
    var ledgerSum: Int64 = 0
    var ids: [StateID: Int64] = [:]
    var pots: [RealmJackpot: Jackpot] = [:]
    var users: [[Name]: UserRecord] = [:]
    var userdata: [[Name]: String] = [:]
    var values = MemoryValues()
    private(set) var sorted: [StoreKey: MemorySortedSet] = [:]
    private var sortedBytes = 0
    var outbox = MemoryOutbox()

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    static func path(_ names: String...) -> [Name] { names.map { Name($0) } }

    // MARK: Keys and sorted sets

    /// How much values and sorted sets may still grow, bytes.
    var room: Int { bytesMax - values.bytes - sortedBytes }

    mutating func add(_ members: [SortedMember], to key: StoreKey) throws(StoreError) -> Int {
        let new = members.lazy.filter { [set = sorted[key]] in set?.holds($0.member) != true }
        try MemoryStore.admit(new.reduce(0) { $0 + MemorySortedSet.cost(key, $1.member) }, to: room)
        let added = sorted[key, default: MemorySortedSet()].add(members)
        sortedBytes += added.reduce(0) { $0 + MemorySortedSet.cost(key, $1) }
        return added.count
    }

    mutating func remove(_ members: [String], from key: StoreKey) -> Int {
        let removed = sorted[key]?.remove(members) ?? []
        sortedBytes -= removed.reduce(0) { $0 + MemorySortedSet.cost(key, $1) }
        if sorted[key]?.isEmpty == true { sorted[key] = nil }
        return removed.count
    }

    // MARK: Several at once

    mutating func apply(_ changes: [StoreChange], now: Int64) throws(StoreError) {
        let told = changes.compactMap { if case .tell(_, let item) = $0 { item } else { nil } }
        if let problem = outbox.problem(adding: told) { throw problem }
        try admit(changes, now: now)
        for change in changes { try apply(change, now: now) }
    }

    /// All or nothing, so what they replace does not count.
    private mutating func admit(_ changes: [StoreChange], now: Int64) throws(StoreError) {
        values.sweep(now: now)
        try MemoryStore.admit(changes.reduce(0) { $0 + Self.cost($1) }, to: room)
    }

    private static func cost(_ change: StoreChange) -> Int {
        switch change {
        case .set(let key, let value, _): MemoryValues.cost(key, value)
        case .add(let key, let member): MemorySortedSet.cost(key, member.member)
        case .delete, .remove, .tell: 0
        }
    }

    private mutating func apply(_ change: StoreChange, now: Int64) throws(StoreError) {
        switch change {
        case .set(let key, let value, let ttl):
            _ = try values.set(key, value, expiresAt: Rules.expiry(ttl, now: now), ifVersion: nil, now: now, room: room)
        case .delete(let key): _ = values.delete(key, ifVersion: nil, now: now)
        case .add(let key, let member): _ = try add([member], to: key)
        case .remove(let key, let member): _ = remove([member], from: key)
        case .tell(let realm, let item): outbox.add(item, realm: realm, now: now)
        }
    }

    // MARK: Accounts

    mutating func account(_ key: AccountKey, initialCredits: Int64?, now: Int64) throws(StoreError) -> Account {
        if let head = heads[key] { return MemoryState.account(key, head) }
        guard let initialCredits else { throw StoreError(.notFound, "account was never opened") }
        let entry = JournalEntry(
            seq: lastSeq + 1, account: key, id: .random(), at: now, kind: .opening, opensRound: false, version: 1,
            delta: initialCredits, credits: initialCredits, ledger: [LedgerEntry(.opening, initialCredits)],
            body: OpeningBody.bytes(key, userID: users[MemoryState.path(key.realm, key.user)]?.id))
        append(entry, previous: 0)
        let head = Head(credits: initialCredits, version: 1, lastSeq: entry.seq)
        heads[key] = head
        return MemoryState.account(key, head)
    }

    static func account(_ key: AccountKey, _ head: Head) -> Account {
        Account(key: key, credits: head.credits, version: head.version, spent: head.spent, active: head.active, parked: head.parked)
    }

    /// All of them on one page: looking at an account costs next to nothing here.
    func overdue(openedBefore moment: Int64) -> OverduePage {
        func isOverdue(_ slot: GameSlot) -> Bool { slot.openedAt > 0 && slot.openedAt < moment }
        let found = heads.filter { $0.value.active.map(isOverdue) == true || $0.value.parked.values.contains(where: isOverdue) }
        return OverduePage(accounts: found.map(\.key), next: nil)
    }

    mutating func commit(_ transition: Transition, now: Int64) throws(StoreError) -> CommitResult {
        guard let index = heads.index(forKey: transition.account) else {
            throw StoreError(.notFound, "account was never opened")
        }
        if let seq = ids[transition.id], let earlier = linked(seq)?.entry {
            return earlier.account == transition.account
                ? .duplicate(credits: earlier.credits, version: earlier.version)
                : .conflict(actual: MemoryState.account(transition.account, heads.values[index]))
        }
        let head = heads.values[index]
        guard head.version == transition.expectedVersion else {
            return .conflict(actual: MemoryState.account(transition.account, head))
        }
        if let reason = Rules.refusal(of: transition, credits: head.credits) { return .refused(reason) }
        if let problem = outbox.problem(adding: transition.outbox) { throw problem }
        if !transition.keys.isEmpty { try admit(transition.keys, now: now) }
        let slots = try Rules.slots(after: transition, active: head.active, parked: head.parked)
        guard let changedPots = potsAfter(transition) else {
            return .conflict(actual: MemoryState.account(transition.account, head))
        }
        let credits = head.credits + transition.delta
        let entry = JournalEntry(
            seq: lastSeq + 1, account: transition.account, id: transition.id, at: now, kind: transition.kind,
            opensRound: transition.opensRound, version: head.version + 1, delta: transition.delta, credits: credits,
            ledger: transition.ledger, body: transition.body)
        append(entry, previous: head.lastSeq)
        heads.values[index] = Head(
            credits: credits, version: entry.version, lastSeq: entry.seq, spent: Rules.spent(head.spent, transition.spent),
            active: slots.active, parked: slots.parked)
        for (key, pot) in changedPots { pots[key] = pot }
        for item in transition.outbox { outbox.add(item, realm: transition.account.realm, now: now) }
        for change in transition.keys { try apply(change, now: now) }
        if let patch = transition.userdata {
            userdata[MemoryState.path(transition.account.realm, transition.account.user, patch.site)] = patch.json
        }
        return .committed(credits: credits, version: entry.version)
    }

    /// The jackpots a transition changes; nil if a take conflicts, or if one of them would have to be won by it and is not.
    private func potsAfter(_ transition: Transition) -> [RealmJackpot: Jackpot]? {
        if transition.jackpots.isEmpty { return [:] }
        var changed: [RealmJackpot: Jackpot] = [:]
        for change in transition.jackpots {
            let key = RealmJackpot(realm: Name(transition.account.realm), key: change.parts.key)
            guard let pot = Rules.jackpot(after: change, current: changed[key] ?? pots[key]) else { return nil }
            changed[key] = pot
        }
        return changed.values.contains(where: Rules.isDue) ? nil : changed
    }

    mutating func openJackpots(realm: String, _ openings: [JackpotOpening]) -> [Jackpot] {
        openings.compactMap { opening in
            let key = RealmJackpot(realm: Name(realm), key: opening.key)
            if let opened = Rules.jackpot(opening: opening, current: pots[key]) { pots[key] = opened }
            return pots[key]
        }
    }

    func jackpots(realm: String, site: String) -> [Jackpot] {
        pots.filter { $0.key.realm == Name(realm) && Name($0.key.key.site) == Name(site) }
            .map(\.value)
            .sorted { Name.precedes($0.key.id, $1.key.id) }
    }

    mutating func user(realm: String, uid: String, profile: String, now: Int64) -> UserRecord {
        let path = MemoryState.path(realm, uid)
        let known = users[path]
        let record = UserRecord(
            realm: realm, uid: uid, id: known?.id ?? .random(), profile: profile, created: known?.created ?? now,
            isNew: known == nil)
        users[path] = record
        return record
    }

    // MARK: Journal

    private mutating func append(_ entry: JournalEntry, previous: Int64) {
        let linked = Linked(entry: entry, previous: previous)
        let capacity = StoreLimits.memoryJournalEntries
        if ring.count < capacity {
            ring.append(linked)
        } else {
            let place = Int((entry.seq - 1) % Int64(capacity))
            ids[ring[place].entry.id] = nil
            ring[place] = linked
        }
        ids[entry.id] = entry.seq
        lastSeq = entry.seq
        // Balances are never negative, but their sum may exceed 64 bits; both sums then wrap alike.
        ledgerSum &+= entry.delta
    }

    private func linked(_ seq: Int64) -> Linked? {
        guard seq >= 1, seq <= lastSeq, seq > lastSeq - Int64(ring.count) else { return nil }
        return ring[Int((seq - 1) % Int64(StoreLimits.memoryJournalEntries))]
    }

    func journal(since seq: Int64, limit: Int) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        var budget = ReadBudget(rows: limit)
        var next = max(seq + 1, lastSeq - Int64(ring.count) + 1)
        while next <= lastSeq, let entry = linked(next)?.entry, budget.admits(entry.body.count) {
            entries.append(entry)
            next += 1
        }
        return entries
    }

    func lastGames(_ key: AccountKey, limit: Int) -> [JournalEntry] {
        var entries: [JournalEntry] = []
        var budget = ReadBudget(rows: limit * StoreLimits.rowsPerGame)
        var rounds = 0
        var seq = heads[key]?.lastSeq ?? 0
        while rounds < limit, let found = linked(seq), budget.admits(found.entry.body.count) {
            entries.append(found.entry)
            if found.entry.opensRound { rounds += 1 }
            seq = found.previous
        }
        return entries
    }

    func sums() throws(StoreError) -> StoreSums {
        let total = heads.values.reduce(Int64(0)) { $0 &+ $1.credits }
        return StoreSums(ledger: ledgerSum, heads: total, entries: lastSeq, accounts: Int64(heads.count))
    }
}
