/// What a jackpot is after a change: the same in both stores.
extension Rules {
    /// A jackpot that nobody has fed yet.
    static func jackpot(_ key: JackpotKey, minimum: Int64, maximum: Int64, threshold: JackpotThreshold? = nil) -> Jackpot {
        var jackpot = Jackpot(key: key, value: min(minimum, maximum), version: 0, threshold: threshold)
        jackpot.meters.seeded = jackpot.value
        return jackpot
    }

    /// The jackpot after `change`; nil if a take conflicts with what happened meanwhile. `current` is nil for a
    /// jackpot that never received anything.
    static func jackpot(after change: JackpotDelta, current: Jackpot?) -> Jackpot? {
        let parts = change.parts
        var jackpot = current ?? Rules.jackpot(parts.key, minimum: parts.minimum, maximum: parts.maximum)
        switch change {
        case .contribute(_, let amount, let hidden, _, let maximum):
            jackpot.meters.contributed &+= amount
            jackpot.meters.hidden &+= hidden
            jackpot.reserve &+= hidden
            add(amount, to: &jackpot, maximum)
        case .take(_, let expectedVersion, let amount, let minimum, let maximum, let next):
            guard jackpot.version == expectedVersion, jackpot.value >= amount else { return nil }
            jackpot.version += 1
            jackpot.value -= amount
            jackpot.meters.awarded &+= amount
            let drawn = min(jackpot.reserve, minimum)
            jackpot.reserve -= drawn
            jackpot.meters.drawn &+= drawn
            jackpot.meters.seeded &+= minimum - drawn
            add(minimum, to: &jackpot, maximum)
            // Not up to the new threshold: what was kept would win it, and nobody's stake.
            let room = min(maximum, (next?.hitAt ?? .max) - 1) - jackpot.value
            let carried = min(jackpot.overflow, max(0, room))
            jackpot.overflow -= carried
            jackpot.value += carried
            jackpot.meters.carried &+= carried
            jackpot.threshold = next
        }
        return jackpot
    }

    /// Its value has reached the threshold at which it must be won.
    static func isDue(_ jackpot: Jackpot) -> Bool { jackpot.threshold.map { jackpot.value >= $0.hitAt } ?? false }

    /// A jackpot as its terms want it to be: opened, or with a threshold if it must have one (another one if its own is not of these
    /// terms), or without. Nil: it is so already.
    static func jackpot(opening: JackpotOpening, current: Jackpot?) -> Jackpot? {
        guard var jackpot = current else {
            return jackpot(opening.key, minimum: opening.minimum, maximum: opening.maximum, threshold: opening.threshold)
        }
        switch (jackpot.threshold, opening.threshold) {
        case (nil, nil): return nil
        case (let stored?, _?) where opening.thresholds?.contains(stored.hitAt) ?? true: return nil
        default:
            jackpot.threshold = opening.threshold
            return jackpot
        }
    }

    static func problem(inOpenings openings: [JackpotOpening], realm: String) -> StoreError? {
        guard openings.count <= StoreLimits.itemsPerTransition else { return StoreError(.tooLarge, "jackpots") }
        for opening in openings {
            if let problem = problem(inNames: realm, opening.key.site, opening.key.id) { return problem }
            guard opening.minimum >= 0, opening.maximum >= opening.minimum else { return StoreError(.invalid, "jackpot amounts") }
            if let threshold = opening.threshold, let range = opening.thresholds, !range.contains(threshold.hitAt) {
                return StoreError(.invalid, "jackpot threshold")
            }
        }
        return nil
    }

    static func problem(inJackpots changes: [JackpotDelta]) -> StoreError? {
        for change in changes {
            let parts = change.parts
            if let problem = problem(inNames: parts.key.site, parts.key.id) { return problem }
            guard parts.amount >= 0, parts.hidden >= 0, parts.minimum >= 0, parts.maximum >= parts.minimum else {
                return StoreError(.invalid, "jackpot amounts")
            }
        }
        return nil
    }

    /// What does not fit under the maximum goes to the overflow.
    private static func add(_ amount: Int64, to jackpot: inout Jackpot, _ maximum: Int64) {
        let room = max(0, maximum - jackpot.value)
        let fits = min(amount, room)
        jackpot.value += fits
        jackpot.overflow &+= amount - fits
        jackpot.meters.overflowed &+= amount - fits
    }
}

extension JackpotDelta {
    var parts: (key: JackpotKey, amount: Int64, hidden: Int64, minimum: Int64, maximum: Int64) {
        switch self {
        case .contribute(let key, let amount, let hidden, let minimum, let maximum): (key, amount, hidden, minimum, maximum)
        case .take(let key, _, let amount, let minimum, let maximum, _): (key, amount, 0, minimum, maximum)
        }
    }
}
