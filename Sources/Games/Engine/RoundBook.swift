import Store

/// Which rounds a call of an engine opens and ends, as its steps move credits. A value without Lua, see ``Store/Round`` for the
/// rules: the first movement opens a round; a bet in a later step of the call ends the one before and opens another; a last
/// state in which the player may leave ends it.
struct RoundBook {
    /// The round that is open.
    private(set) var open: Round?
    /// Those that ended, in order.
    private(set) var ended: [EndedRound] = []
    private let now: Int64
    /// How a round ends that is brought to its end.
    private let outcome: RoundOutcome

    init(_ call: GameCall) {
        open = call.round
        now = call.now
        switch call.operation {
        case .timeout: outcome = .expired
        case .void: outcome = .voided
        case .start, .action: outcome = .settled
        }
    }

    /// Notes a movement. False when the round cannot take it.
    ///
    /// - Parameters:
    ///   - step: Index of the step it belongs to.
    ///   - id: Of the state with which that step will end.
    mutating func add(_ entry: LedgerEntry, step: Int, id: StateID) -> Bool {
        if entry.kind == .bet, step > 0, let round = open, round.id != id { end(round, step: step - 1) }
        if open == nil { open = Round(id: id, startedAt: now) }
        return open?.add(entry) ?? false
    }

    /// Closes a step: what was marked in it, and the mode that was chosen in it, are its round's. False when there are too many
    /// marks.
    mutating func close(_ marks: [Mark], mode: Mark?) -> Bool {
        if let mode { open?.mode = mode }
        return marks.allSatisfy { open?.add($0) ?? true }
    }

    /// After the last step. Where the player may not leave, a round is open, even if nothing was staked.
    mutating func finish(isFinishable: Bool, step: Int, id: StateID) {
        if isFinishable || outcome == .voided, let round = open { end(round, step: step) }
        if !isFinishable, open == nil { open = Round(id: id, startedAt: now) }
    }

    private mutating func end(_ round: Round, step: Int) {
        ended.append(EndedRound(round: round, outcome: outcome, step: step))
        open = nil
    }
}
