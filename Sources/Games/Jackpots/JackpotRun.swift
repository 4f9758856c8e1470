import Bytes
import Crypto
import Store

/// A level as a call of an engine sees it: what is known of the store's, and what the call itself has done since.
struct JackpotPot: Sendable, Equatable {
    /// Storage units.
    var value: Int64 = 0
    /// How often it was taken.
    var version: Int64 = 0
    /// The value at which it must be won; 0: it need not, or it is not known.
    var hitAt: Int64 = 0
    /// The text behind the hash that was made public when it was seeded; only in a call whose awards are to be committed.
    var secret = ""
    /// What the next one gets if this one is won; likewise.
    var next: JackpotThreshold?
    /// The hash of that, which is public at once.
    var nextCommitment = ""

    /// Adds what fits under the maximum, as the store does: a value that was above it when that was lowered stays, and is paid.
    mutating func add(_ amount: Int64, upTo maximum: Int64) { value += min(amount, max(0, maximum - value)) }
}

/// What a step does to a jackpot.
enum JackpotEffect: Sendable, Equatable {
    /// Of the value and of the reserve, storage units.
    case contribution(level: Int, amount: Int64, hidden: Int64)
    /// Storage units, a whole number of credits.
    case award(level: Int, amount: Int64)
}

/// A level that was won: its place in the plan, and credits.
struct JackpotHit: Sendable, Equatable {
    var level: Int
    var amount: Int64
}

/// What one call of an engine does to jackpots. A value without Lua and store.
///
/// Whether a level is won depends on the stake, on what the engine says, on random numbers of the step's own key, and on the level's
/// value against a threshold that was drawn and committed to before: never on a player, a balance or what was won before.
struct JackpotRun: Sendable {
    let plan: JackpotPlan
    private(set) var pots: [JackpotPot]
    /// Of the open step.
    private(set) var effects: [JackpotEffect] = []
    /// Random numbers drawn for levels in the open step.
    private var draws: UInt32 = 0

    /// - Parameter pots: One a level; empty when nothing is known of them, so that nothing can be won but by chance.
    init(_ plan: JackpotPlan, _ pots: [JackpotPot]) {
        self.plan = plan
        self.pots = pots.count == plan.levels.count ? pots : Array(repeating: JackpotPot(), count: plan.levels.count)
    }

    /// Feeds all levels with a stake and looks which of them that wins, by chance or because they must be won.
    ///
    /// - Parameter key: The open step's.
    mutating func contribute(_ stake: Int64, key: RandomKey) -> [JackpotHit] {
        var hits: [JackpotHit] = []
        for (index, level) in plan.levels.enumerated() {
            let qualifies = stake >= level.qualifyingBet
            // Who cannot win such a level must not be the one to reach its threshold.
            if case .mustHitBy = level.trigger, !qualifies { continue }
            let amount = level.share(of: stake, level.rate), hidden = level.share(of: stake, level.hiddenRate)
            if amount > 0 || hidden > 0 { effects.append(.contribution(level: index, amount: amount, hidden: hidden)) }
            pots[index].add(amount, upTo: level.maximum)
            guard qualifies else { continue }
            switch level.trigger {
            case .event: break
            case .chance(let oneIn): if isDrawn(stake, oneIn, key) { take(index, &hits) }
            case .mustHitBy: if pots[index].hitAt > 0, pots[index].value >= pots[index].hitAt { take(index, &hits) }
            }
        }
        return hits
    }

    /// The engine has seen what wins levels.
    mutating func award(_ event: String, stake: Int64) -> [JackpotHit] {
        var hits: [JackpotHit] = []
        for (index, level) in plan.levels.enumerated() where stake >= level.qualifyingBet {
            if case .event(let name) = level.trigger, name.isEmpty || name == event { take(index, &hits) }
        }
        return hits
    }

    /// The step is closed; what it has done.
    mutating func close() -> [JackpotEffect] {
        defer { (effects, draws) = ([], 0) }
        return effects
    }

    private mutating func take(_ index: Int, _ hits: inout [JackpotHit]) {
        let level = plan.levels[index]
        let credits = pots[index].value / level.multiplier
        guard credits > 0 else { return }
        effects.append(.award(level: index, amount: credits * level.multiplier))
        hits.append(JackpotHit(level: index, amount: credits))
        pots[index].value -= credits * level.multiplier
        pots[index].add(level.minimum, upTo: level.maximum)
        pots[index].version += 1
        pots[index].hitAt = 0
    }

    /// True for `stake` of `oneIn` equally likely numbers.
    private mutating func isDrawn(_ stake: Int64, _ oneIn: Int64, _ key: RandomKey) -> Bool {
        let range = UInt64(oneIn)
        // The numbers that would make the first ones of the range likelier are drawn again.
        let unbiased = UInt64.max - UInt64.max % range
        while true {
            let number = number(key)
            if number < unbiased { return number % range < UInt64(max(0, stake)) }
        }
    }

    /// The next number for levels: a stream of its own beside the engine's, from the same key, so that the engine's draws are the same
    /// with and without jackpots.
    private mutating func number(_ key: RandomKey) -> UInt64 {
        var hash = SHA256()
        hash.update(data: Array("nightjar jackpot".utf8))
        key.withBytes { hash.update(bufferPointer: $0) }
        withUnsafeBytes(of: draws.littleEndian) { hash.update(bufferPointer: $0) }
        draws += 1
        return hash.finalize().withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    }
}
