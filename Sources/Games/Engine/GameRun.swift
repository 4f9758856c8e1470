import Store

/// What one call of an engine has done so far: effects, closed steps, the balance. Without Lua, so that the rules of money are
/// tested alone. One object from the call to its outcome: whoever asks it, in the midst of an action, must not pay for a copy.
final class GameRun {
    /// Steps of one call. Bingo needs two.
    static let stepsMax = 16
    /// Effects of one call, well below what one transition of the store may carry.
    static let effectsMax = 256
    /// Marks of one step.
    static let marksMax = 16

    /// How the engine's request was taken.
    enum Verdict: Equatable {
        case taken
        /// The engine is stopped by this error.
        case raise(String)
    }

    /// A rule that an engine broke.
    struct BrokenRule: Equatable {
        /// Stable code.
        let code: String
        let message: String
        /// File and line of the call that broke it, once known.
        var position: String?
    }

    let start: Int64
    private let replayed: [GameCall.ReplayedStep]
    private let entropy: Entropy
    private let caps: WinCaps?
    private let movesMoney: Bool
    private let takesStakes: Bool
    /// What the call does to jackpots; nil: the game has none, or the call is none of a player.
    private(set) var jackpots: JackpotRun?
    private(set) var balance: Int64
    private(set) var effects: [LedgerEntry] = []
    private(set) var steps: [GameStep] = []
    /// The rounds up to the last closed step.
    private(set) var rounds: RoundBook
    /// The same with what the open step has moved.
    private var current: RoundBook
    /// The balance did not cover a debit: nothing that follows counts.
    private(set) var refusal: GameRefusal?
    /// The engine broke a rule: nothing counts.
    private(set) var fault: BrokenRule?
    /// The generator's key of the open step.
    private(set) var key: RandomKey
    /// Its state's id.
    private var id: StateID
    private var effectsCount = 0
    /// What was marked in the open step, and the mode chosen in it.
    private var marks: [Mark] = []
    private var mode: Mark?

    init(_ call: GameCall) {
        start = call.credits
        balance = call.credits
        replayed = call.replayed
        rounds = RoundBook(call)
        current = rounds
        takesStakes = !call.isWithoutStakes
        entropy = call.entropy
        caps = call.settings.caps
        movesMoney = call.operation != .start && call.operation != .void
        if case .action = call.operation { jackpots = call.settings.jackpots.map { JackpotRun($0, call.pots) } }
        let chance = Self.chance(call.replayed, 0, call.entropy)
        (key, id) = chance ?? (FreshRandom.none.key, FreshRandom.none.id)
        if chance == nil { _ = broken(Self.noRandom) }
        if let problem = call.settings.problem { _ = broken("bad_settings", problem) }
        if call.operation == .void, let round = call.round { refund(round) }
    }

    /// Gives back what a round has cost, less what it has paid.
    private func refund(_ round: Round) {
        let (rest, overflow) = round.staked.subtractingReportingOverflow(round.paid)
        guard !overflow, rest > 0 else { return }
        if balance.addingReportingOverflow(rest).overflow {
            _ = broken("overflow", "the balance would become too large")
        } else {
            _ = record(LedgerEntry(.refund, rest))
        }
    }

    /// Takes credits from the player.
    func debit(_ amount: Int64, _ kind: LedgerKind) -> Verdict {
        if let stop = stop(amount) { return stop }
        // What the house pays, and what is no stake in any sum.
        guard kind == .bet || kind.isStake else {
            return broken("bad_kind", "the server takes no stake of the kind \(kind.rawValue): a debit is a bet, an extra, or of a kind of the engine's own")
        }
        guard takesStakes || amount == 0 else {
            refusal = GameRefusal(code: .insufficientFunds, detail: "the wallet does not take the stake")
            return .raise("insufficient_funds")
        }
        guard amount <= balance else {
            refusal = GameRefusal(code: .insufficientFunds, detail: "the balance is \(balance), the stake \(amount)")
            return .raise("insufficient_funds")
        }
        return record(LedgerEntry(kind, -amount))
    }

    /// Pays credits to the player.
    func credit(_ amount: Int64, _ kind: LedgerKind) -> Verdict {
        if let stop = stop(amount) { return stop }
        guard !balance.addingReportingOverflow(amount).overflow else { return broken("overflow", "the balance would become too large") }
        if kind != .win {
            guard kind != .jackpot else { return broken("bad_kind", "jackpots are paid by ctx:contribute and ctx:award") }
            guard kind != .wallet, kind != .opening else {
                return broken("bad_kind", "the server pays nothing of the kind \(kind.rawValue): a credit is a win, a refund, or of a kind of the engine's own")
            }
        }
        if kind == .refund {
            // More than the round has cost would be a win that no cap counts.
            let cost = current.open.map { $0.staked - $0.paid } ?? 0
            guard amount <= max(0, cost) else { return broken("above_stake", "the refund of \(amount) is above what the round has cost, \(max(0, cost))") }
        } else if caps != nil, amount > 0, let left = maxWin {
            guard amount <= left else {
                return broken("above_max_win", "the win of \(amount) is above what the round may still pay, \(left): pay ctx.max_win at most")
            }
            if amount == left, !marks.contains(.maxWin) { marks.append(.maxWin) }
        }
        return record(LedgerEntry(kind, amount))
    }

    /// What the round may still pay; nil without a cap. A cap in multiples of the stakes counts those so far.
    var maxWin: Int64? {
        let round = current.open
        guard let cap = caps?.most(in: mode ?? round?.mode, staked: round?.staked ?? 0) else { return nil }
        return max(0, cap - (round?.won ?? 0))
    }

    /// Notes what happened in the open step.
    func mark(_ mark: Mark) -> Verdict {
        if let stop = stop(0) { return stop }
        guard mark != .maxWin else { return broken("bad_mark", "the server sets the mark max_win itself") }
        if marks.contains(mark) { return .taken }
        guard marks.count < Self.marksMax else { return broken("too_many_marks", "more than \(Self.marksMax) marks in one step") }
        marks.append(mark)
        return .taken
    }

    /// Chooses the mode of the round.
    func play(in mode: Mark) -> Verdict {
        if let stop = stop(0) { return stop }
        guard caps?.modes[mode] != nil else {
            let known = (caps?.modes.keys.map(\.rawValue) ?? []).sorted()
            let names = known.isEmpty ? "the settings have no modes" : "it has \(known.joined(separator: ", "))"
            return broken("bad_mode", "the game has no mode \(mode.rawValue): \(names)")
        }
        self.mode = mode
        return .taken
    }

    /// An engine's request that is against a rule.
    func refuse(_ code: String, _ message: String) -> Verdict { stop(0) ?? broken(code, message) }

    /// Closes a step with the engine's state, JSON without an id.
    func close(_ state: UnsafeRawBufferPointer, draws: UInt64) -> Verdict {
        if let stop = stop(0) { return stop }
        guard steps.count < Self.stepsMax else { return broken("too_many_steps", "more than \(Self.stepsMax) steps in one action") }
        let halves: StateBlob.Halves
        do { halves = try StateBlob.halves(id, state) } catch { return broken("bad_state", error.text) }
        guard current.close(marks, mode: mode) else {
            return broken("too_many_marks", "the round has more than \(Round.marksMax) different marks")
        }
        rounds = current
        steps.append(
            GameStep(
                id: id, blob: halves.blob, hidden: halves.hidden, effects: effects, key: key, draws: draws, round: rounds.open?.id,
                marks: marks, mode: mode))
        (effects, marks, mode) = ([], [], nil)
        if let done = jackpots?.close() { steps[steps.count - 1].jackpots = done }
        return .taken
    }

    /// Feeds the game's jackpots with a stake; those that it wins are paid.
    func contribute(_ stake: Int64) -> (Verdict, [JackpotHit]) {
        if let stop = stop(stake) { return (stop, []) }
        return pay(jackpots?.contribute(stake, key: key) ?? [])
    }

    /// Pays the levels that an event wins.
    func award(_ event: String, stake: Int64) -> (Verdict, [JackpotHit]) {
        if let stop = stop(stake) { return (stop, []) }
        return pay(jackpots?.award(event, stake: stake) ?? [])
    }

    private func pay(_ hits: [JackpotHit]) -> (Verdict, [JackpotHit]) {
        for hit in hits {
            guard !balance.addingReportingOverflow(hit.amount).overflow else {
                return (broken("overflow", "the balance would become too large"), [])
            }
            let verdict = record(LedgerEntry(.jackpot, hit.amount))
            if case .raise = verdict { return (verdict, []) }
        }
        return (.taken, hits)
    }

    /// After the last step: ends the round if the player may leave, and tells the steps which rounds ended with them.
    func finish(isFinishable: Bool) {
        let last = steps.count - 1
        rounds.finish(isFinishable: isFinishable, step: last, id: steps[last].id)
        steps[last].round = steps[last].round ?? rounds.open?.id
        for ended in rounds.ended { steps[ended.step].outcome = ended.outcome }
    }

    /// A fresh key and id for the step that begins.
    func rekey() {
        if let chance = Self.chance(replayed, steps.count, entropy) { (key, id) = chance } else { _ = broken(Self.noRandom) }
    }

    /// Nil if the source of random numbers gives none.
    private static func chance(_ replayed: [GameCall.ReplayedStep], _ index: Int, _ source: Entropy) -> (RandomKey, StateID)? {
        if index < replayed.count { return (replayed[index].key, replayed[index].id) }
        return FreshRandom.take(from: source).map { ($0.key, $0.id) }
    }

    private static let noRandom = BrokenRule(
        code: "no_random", message: "the source of random numbers gives none, and nothing is played without it")

    /// Notes where the engine broke the rule, unless that is known.
    func placeFault(_ caller: (chunk: String, line: Int)?) {
        guard let caller, fault != nil, fault?.position == nil else { return }
        fault?.position = "\(caller.chunk):\(caller.line)"
    }

    private func stop(_ amount: Int64) -> Verdict? {
        if refusal != nil { return .raise("insufficient_funds") }
        if let fault { return .raise(fault.message) }
        guard amount >= 0 else { return broken("bad_amount", "the amount must not be negative, it is \(amount)") }
        guard amount == 0 || movesMoney else { return broken("bad_amount", "credits move in actions only, not in init") }
        return nil
    }

    private func record(_ entry: LedgerEntry) -> Verdict {
        guard entry.amount != 0 else { return .taken }
        guard effectsCount < Self.effectsMax else { return broken("too_many_effects", "more than \(Self.effectsMax) debits and credits in one action") }
        guard current.add(entry, step: steps.count, id: id) else {
            return broken("too_many_kinds", "the round moves credits in more than \(Round.kindsMax) kinds, or more than 64 bits hold")
        }
        effectsCount += 1
        balance += entry.amount
        effects.append(entry)
        return .taken
    }

    private func broken(_ code: String, _ message: String) -> Verdict {
        broken(BrokenRule(code: code, message: message))
    }

    /// The first one counts.
    private func broken(_ rule: BrokenRule) -> Verdict {
        if fault == nil { fault = rule }
        return .raise(rule.message)
    }
}

extension LedgerKind {
    /// May an engine take credits of this kind?
    fileprivate var isStake: Bool {
        switch self {
        case .win, .jackpot, .refund, .wallet, .opening: false
        default: true
        }
    }
}
