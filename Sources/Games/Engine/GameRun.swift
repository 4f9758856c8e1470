import Store

/// What one call of an engine has done so far: effects, closed steps, the balance. A value without Lua, so that the rules of
/// money are tested alone.
struct GameRun {
    /// Steps of one call. Bingo needs two.
    static let stepsMax = 16
    /// Effects of one call, well below what one transition of the store may carry.
    static let effectsMax = 256

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
    private let movesMoney: Bool
    private(set) var balance: Int64
    private(set) var effects: [LedgerEntry] = []
    private(set) var steps: [GameStep] = []
    /// The balance did not cover a debit: nothing that follows counts.
    private(set) var refusal: GameRefusal?
    /// The engine broke a rule: nothing counts.
    private(set) var fault: BrokenRule?
    /// The generator's key of the open step.
    private(set) var key: RandomKey
    /// Its state's id.
    private var id: StateID
    private var effectsCount = 0

    init(_ call: GameCall) {
        start = call.credits
        balance = call.credits
        replayed = call.replayed
        movesMoney = call.operation != .start
        (key, id) = Self.chance(call.replayed, 0)
    }

    /// Takes credits from the player.
    mutating func debit(_ amount: Int64, _ kind: LedgerKind) -> Verdict {
        if let stop = stop(amount) { return stop }
        guard amount <= balance else {
            refusal = GameRefusal(code: .insufficientFunds, detail: "the balance is \(balance), the stake \(amount)")
            return .raise("insufficient_funds")
        }
        return record(LedgerEntry(kind, -amount))
    }

    /// Pays credits to the player.
    mutating func credit(_ amount: Int64, _ kind: LedgerKind) -> Verdict {
        if let stop = stop(amount) { return stop }
        guard !balance.addingReportingOverflow(amount).overflow else { return broken("overflow", "the balance would become too large") }
        return record(LedgerEntry(kind, amount))
    }

    /// Closes a step with the engine's state, JSON without an id.
    mutating func close(_ state: UnsafeRawBufferPointer, draws: UInt64) -> Verdict {
        if let stop = stop(0) { return stop }
        guard steps.count < Self.stepsMax else { return broken("too_many_steps", "more than \(Self.stepsMax) steps in one action") }
        if let problem = StateBlob.fault(state) { return broken("bad_state", problem) }
        steps.append(GameStep(id: id, blob: StateBlob.stamped(id, state), effects: effects, key: key, draws: draws))
        effects = []
        return .taken
    }

    /// A fresh key and id for the step that begins.
    mutating func rekey() { (key, id) = Self.chance(replayed, steps.count) }

    /// Notes where the engine broke the rule, unless that is known.
    mutating func placeFault(_ caller: (chunk: String, line: Int)?) {
        guard let caller, fault != nil, fault?.position == nil else { return }
        fault?.position = "\(caller.chunk):\(caller.line)"
    }

    private static func chance(_ replayed: [GameCall.ReplayedStep], _ index: Int) -> (RandomKey, StateID) {
        if index < replayed.count { return (replayed[index].key, replayed[index].id) }
        let fresh = FreshRandom.take()
        return (fresh.key, fresh.id)
    }

    private func stop(_ amount: Int64) -> Verdict? {
        if refusal != nil { return .raise("insufficient_funds") }
        if let fault { return .raise(fault.message) }
        guard amount >= 0 else { return .raise("the amount must not be negative, it is \(amount)") }
        guard amount == 0 || movesMoney else { return .raise("credits move in actions only, not in init") }
        return nil
    }

    private mutating func record(_ entry: LedgerEntry) -> Verdict {
        guard entry.amount != 0 else { return .taken }
        guard effectsCount < Self.effectsMax else { return broken("too_many_effects", "more than \(Self.effectsMax) debits and credits in one action") }
        effectsCount += 1
        balance += entry.amount
        effects.append(entry)
        return .taken
    }

    private mutating func broken(_ code: String, _ message: String) -> Verdict {
        fault = BrokenRule(code: code, message: message)
        return .raise(message)
    }
}
