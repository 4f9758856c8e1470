/// What both stores decide in the same way.
enum Rules {
    // MARK: Requests that contradict themselves or are too large

    static func problem(in transition: Transition) -> StoreError? {
        if let problem = problem(in: transition.account) { return problem }
        guard transition.kind != .opening else { return StoreError(.invalid, "only the store opens accounts") }
        guard transition.body.count <= StoreLimits.bodyBytes else { return StoreError(.tooLarge, "journal body") }
        if case .set(let slot) = transition.slot {
            if let problem = problem(inNames: slot.key.site, slot.key.game) { return problem }
            guard slot.blob.count + slot.hidden.count <= StoreLimits.blobBytes else { return StoreError(.tooLarge, "game state") }
            guard slot.round == nil || slot.round?.startedAt == slot.openedAt else {
                return StoreError(.invalid, "the slot says otherwise than its round when that began")
            }
        }
        let most = StoreLimits.itemsPerTransition
        guard transition.ledger.count <= most, transition.jackpots.count <= most, transition.outbox.count <= most
        else { return StoreError(.tooLarge, "items of a transition") }
        return problem(inLedgerOf: transition) ?? problem(inJackpots: transition.jackpots)
            ?? problem(inOutbox: transition.outbox) ?? problem(inKeys: transition.keys) ?? transition.userdata.flatMap { problem(inUserdata: $0.json, $0.site) }
    }

    static func problem(in key: AccountKey) -> StoreError? {
        problem(inNames: key.realm, key.user, key.denom)
    }

    static func problem(in key: StoreKey) -> StoreError? {
        if let problem = problem(inNames: key.realm, key.name) { return problem }
        guard !key.realm.utf8.contains(UInt8(ascii: "}")) else { return StoreError(.invalid, "realm with a brace") }
        return nil
    }

    static func problem(inNames names: String...) -> StoreError? {
        for name in names {
            guard !name.isEmpty else { return StoreError(.invalid, "empty name") }
            guard name.utf8.count <= StoreLimits.nameBytes else { return StoreError(.tooLarge, "name") }
            guard !name.utf8.contains(0) else { return StoreError(.invalid, "name with a zero byte") }
        }
        return nil
    }

    static func problem(inUserdata json: String, _ names: String...) -> StoreError? {
        guard json.utf8.count <= StoreLimits.userdataBytes else { return StoreError(.tooLarge, "user data") }
        for name in names {
            if let problem = problem(inNames: name) { return problem }
        }
        return nil
    }

    private static func problem(inLedgerOf transition: Transition) -> StoreError? {
        var sum: Int64 = 0
        var lowest: Int64 = 0
        for entry in transition.ledger {
            let (next, overflow) = sum.addingReportingOverflow(entry.amount)
            guard !overflow else { return StoreError(.overflow, "ledger") }
            sum = next
            lowest = min(lowest, next)
        }
        guard sum == transition.delta else { return StoreError(.invalid, "ledger does not add up to delta") }
        guard transition.lowest <= lowest else { return StoreError(.invalid, "lowest is above the ledger's") }
        return nil
    }

    private static func problem(inKeys changes: [StoreChange]) -> StoreError? {
        if changes.isEmpty { return nil }
        for case .tell in changes { return StoreError(.invalid, "a transition tells by its outbox") }
        return problem(inChanges: changes)
    }

    private static func problem(inOutbox items: [OutboxItem]) -> StoreError? {
        for item in items {
            if let problem = problem(in: item) { return problem }
        }
        return nil
    }

    private static func problem(in item: OutboxItem) -> StoreError? {
        if let problem = problem(inNames: item.topic, item.key) { return problem }
        return item.body.count <= StoreLimits.outboxBytes ? nil : StoreError(.tooLarge, "outbox body")
    }

    /// Whether `items` items may be added to the `count` that wait, where `most` may. Items that will be dropped because one with
    /// their key waits already are counted too: looking them up first would cost more than it is worth.
    static func problem(inPending count: Int, adding items: Int, most: Int) -> StoreError? {
        count + items <= most ? nil : StoreError(.busy, "outbox full: \(count) items wait to be accepted")
    }

    static func problem(inIDs ids: [Int64]) -> StoreError? {
        ids.count <= StoreLimits.rowsPerRead ? nil : StoreError(.tooLarge, "ids")
    }

    // MARK: Money

    /// Whether the balance covers the transition at every entry.
    static func refusal(of transition: Transition, credits: Int64) -> RefusalReason? {
        // `lowest` is at most 0 and credits are at least 0, so this cannot overflow.
        guard credits + transition.lowest >= 0 else { return .insufficient }
        var running = credits
        for entry in transition.ledger {
            let (next, overflow) = running.addingReportingOverflow(entry.amount)
            guard !overflow else { return .overflow }
            running = next
        }
        return nil
    }

    /// What an account has spent in all. It stays where it can grow no further.
    static func spent(_ before: Int64, _ more: Int64) -> Int64 {
        let (sum, overflow) = before.addingReportingOverflow(more)
        return overflow ? .max : sum
    }

    // MARK: Games

    /// The active and parked games after `transition`.
    static func slots(
        after transition: Transition, active: GameSlot?, parked: [GameKey: GameSlot]
    ) throws(StoreError) -> (active: GameSlot?, parked: [GameKey: GameSlot]) {
        switch transition.slot {
        case .keep: return (active, parked)
        case .clear: return (nil, parked)
        case .set(let slot):
            if let active, active.key == slot.key { return (slot, parked) }
            var parked = parked
            parked[slot.key] = nil
            if let active {
                guard transition.displaces else { throw StoreError(.invalid, "would lose the active game") }
                parked[active.key] = active
                try trim(&parked)
            }
            return (slot, parked)
        }
    }

    /// Makes room among the parked games: the one with the smallest id in byte order that has no open round goes.
    private static func trim(_ parked: inout [GameKey: GameSlot]) throws(StoreError) {
        guard parked.count > StoreLimits.parkedPerAccount else { return }
        let idle = parked.values.filter { $0.openedAt == 0 }
        guard let victim = idle.min(by: { ($0.id.high, $0.id.low) < ($1.id.high, $1.id.low) }) else {
            throw StoreError(.tooLarge, "games with an open round")
        }
        parked[victim.key] = nil
    }

    // MARK: Keys and values

    /// The moment `ttl` milliseconds from `now`, or nil for never.
    static func expiry(_ ttl: Int64?, now: Int64) -> Int64? {
        guard let ttl else { return nil }
        let (moment, overflow) = now.addingReportingOverflow(ttl)
        return overflow ? Int64.max : moment
    }

    static func problem(inTTL ttl: Int64?) -> StoreError? {
        if let ttl, ttl < 1 { return StoreError(.invalid, "expiry below 1 ms") }
        return nil
    }

    /// The value of a counter after adding `amount`.
    static func counter(_ bytes: [UInt8]?, adding amount: Int64) throws(StoreError) -> Int64 {
        var current: Int64 = 0
        if let bytes {
            // 20 characters hold every 64-bit integer with its sign.
            guard bytes.count <= 20, let value = Int64(String(decoding: bytes, as: UTF8.self)) else {
                throw StoreError(.notInteger)
            }
            current = value
        }
        let (sum, overflow) = current.addingReportingOverflow(amount)
        guard !overflow else { throw StoreError(.overflow) }
        return sum
    }

    static func problem(inValue value: [UInt8]) -> StoreError? {
        value.count <= StoreLimits.valueBytes ? nil : StoreError(.tooLarge, "value")
    }

    static func problem(inProfile profile: String) -> StoreError? {
        profile.utf8.count <= StoreLimits.profileBytes ? nil : StoreError(.tooLarge, "profile")
    }

    static func problem(inLimit limit: Int) -> StoreError? {
        limit >= 1 ? nil : StoreError(.invalid, "limit below 1")
    }

    static func problem(inGames limit: Int) -> StoreError? {
        (1...StoreLimits.gamesPerRead).contains(limit) ? nil : StoreError(.invalid, "number of games")
    }

    static func problem(inScores members: [SortedMember]) -> StoreError? {
        guard members.allSatisfy({ !$0.score.isNaN }) else { return StoreError(.invalid, "score") }
        return problem(inMembers: members.map(\.member))
    }

    static func problem(inMembers members: some Collection<String>) -> StoreError? {
        guard members.count <= StoreLimits.membersPerCall else { return StoreError(.tooLarge, "members") }
        for member in members {
            if let problem = problem(inNames: member) { return problem }
        }
        return nil
    }

    static func problem(inChanges changes: [StoreChange]) -> StoreError? {
        guard changes.count <= StoreLimits.writesPerBatch else { return StoreError(.tooLarge, "changes") }
        var bytes = 0
        for change in changes {
            let problem: StoreError?
            switch change {
            case .set(let key, let value, let ttl):
                bytes += value.count
                problem = Self.problem(in: key) ?? Self.problem(inTTL: ttl) ?? Self.problem(inValue: value)
            case .delete(let key): problem = Self.problem(in: key)
            case .add(let key, let member): problem = Self.problem(in: key) ?? Self.problem(inScores: [member])
            case .remove(let key, let member): problem = Self.problem(in: key) ?? Self.problem(inMembers: [member])
            case .tell(let realm, let item):
                bytes += item.body.count
                problem = Self.problem(inNames: realm) ?? Self.problem(in: item)
            }
            if let problem { return problem }
        }
        return bytes <= StoreLimits.batchBytes ? nil : StoreError(.tooLarge, "values of a batch")
    }

    /// The part of `count` ranks that `from` through `through` (negative: from the end) names.
    static func ranks(from: Int, through: Int, count: Int) -> Range<Int> {
        let first = max(0, from < 0 ? from + count : from)
        let last = min(count - 1, through < 0 ? through + count : through)
        return first <= last ? first..<(last + 1) : 0..<0
    }
}

extension Transition {
    /// Rough size, for the bounds of queues.
    var payloadBytes: Int {
        var bytes = 512 + body.count
        if case .set(let slot) = slot { bytes += slot.blob.count + slot.hidden.count }
        for item in outbox { bytes += item.body.count + 64 }
        for change in keys { bytes += change.payloadBytes }
        return bytes
    }
}

extension StoreChange {
    /// Rough size, for the bounds of queues.
    var payloadBytes: Int {
        switch self {
        case .set(_, let value, _): value.count + 128
        case .tell(_, let item): item.body.count + 128
        case .delete, .add, .remove: 128
        }
    }
}
