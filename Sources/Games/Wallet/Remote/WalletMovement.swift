import Store

/// What a transition means to the operator's wallet: one stake to take before it is committed, one win to pay afterwards. A value
/// without sockets or store.
struct WalletMovement: Sendable, Equatable {
    /// The kind of the journal's entries by which an account follows what the operator says of it.
    static let kind = LedgerKind.wallet

    /// Of the transition.
    let id: StateID
    /// All that is staked, ≥ 0.
    private(set) var stake: Int64 = 0
    /// All that is won, ≥ 0.
    private(set) var win: Int64 = 0
    private let place: GameKey
    private var stakeKinds: [String] = []
    private var winKinds: [String] = []
    /// The round that is staked on.
    private(set) var stakeRound: StateID
    private var winRound: StateID

    /// - Parameter steps: What the engine did; the transition's ledger in parts.
    init(_ transition: Transition, _ steps: [GameStep], at place: GameKey) {
        id = transition.id
        self.place = place
        (stakeRound, winRound) = (transition.id, transition.id)
        for step in steps {
            for effect in step.effects {
                if effect.amount < 0 {
                    stake -= effect.amount
                    stakeKinds.append(effect.kind.rawValue)
                    stakeRound = step.roundID
                } else {
                    win += effect.amount
                    winKinds.append(effect.kind.rawValue)
                    winRound = step.roundID
                }
            }
        }
    }

    func debit(of holder: WalletCall.Holder) -> WalletCall {
        WalletCall.debit(id: "d-\(id)", holder, amount: stake, for: cause(stakeRound, stakeKinds))
    }

    func credit(of holder: WalletCall.Holder) -> WalletCall {
        WalletCall.credit(id: "c-\(id)", holder, amount: win, for: cause(winRound, winKinds))
    }

    private func cause(_ round: StateID, _ kinds: [String]) -> WalletCall.Cause {
        var seen: Set<String> = []
        return WalletCall.Cause(
            site: place.site, game: place.game, round: round.description, kinds: kinds.filter { seen.insert($0).inserted })
    }
}

extension GameStep {
    /// The round that the step belongs to; every step that moves credits belongs to one.
    fileprivate var roundID: StateID { round ?? id }
}

extension Transition {
    /// Has the account follow what the operator has told: an entry before all others.
    ///
    /// A difference that 64 bits cannot hold together with what is moved is none: the account then goes by its own arithmetic.
    ///
    /// - Returns: Whether it does.
    mutating func follow(_ difference: Int64) -> Bool {
        guard difference != 0 else { return false }
        let followed = [LedgerEntry(WalletMovement.kind, difference)] + ledger
        var sum: Int64 = 0
        var least: Int64 = 0
        for entry in followed {
            let (next, overflow) = sum.addingReportingOverflow(entry.amount)
            guard !overflow else { return false }
            sum = next
            least = min(least, next)
        }
        (ledger, delta, lowest) = (followed, sum, least)
        return true
    }
}
