import Logging
import Host
import Store

/// Commits what engines have made. Loop-bound; one call at a time, as the user's queue has it.
final class GameCommitter {
    private unowned let loop: CasinoLoop
    private let heads: AccountHeads
    private let audience: Audience
    /// Of a user who plays from an operator's wallet.
    var wallet: RemoteWallet?

    init(on loop: CasinoLoop, heads: AccountHeads, audience: Audience) {
        self.loop = loop
        self.heads = heads
        self.audience = audience
    }

    /// Sees to a stake that is half done, before an engine is called: what makes it void is an entry, and what the engine makes of the
    /// account before it could not stand. False: it cannot be told now.
    func clear(_ denom: String, _ done: @escaping (Bool) -> Void) {
        if let wallet { wallet.clear(denom, done) } else { done(true) }
    }

    /// Commits, once the store has what the entry names.
    ///
    /// - Parameters:
    ///   - steps: What the engine did, if it was called.
    ///   - retold: What the transition says where the balance was another one by so much; nil: it says nothing of it.
    func commit(
        _ transition: Transition, _ steps: [GameStep] = [], under rules: GameRules, at place: GameKey, retold: Retold? = nil,
        _ done: @escaping (CommitFailure?) -> Void
    ) {
        guard !rules.isKept else { return move(transition, steps, at: place, retold, done) }
        loop.contents.keep(rules.game.engine, rules.settings) { error in
            guard let error else {
                rules.isKept = true
                return self.move(transition, steps, at: place, retold, done)
            }
            self.loop.shared.logger.error(
                "the game's files are not kept, nothing was committed",
                metadata: ["game": "\(rules.game.manifest.id)", "user": "\(transition.account.user)", "error": "\(error)"])
            done(.unknown)
        }
    }

    /// Makes a game that was put aside the active one, for only that can be cleared.
    func activate(_ slot: GameSlot, _ account: Account, _ done: @escaping (CommitFailure?) -> Void) {
        guard account.active?.key != slot.key else { return done(nil) }
        heads.commit(
            Transition(
                account: account.key, id: .random(), expectedVersion: account.version, slot: .set(slot), displaces: account.active != nil,
                kind: .load,
                body: JournalBody.leaving(slot.key, op: "resume", state: slot.id, now: loop.now(), credits: account.credits)), done)
    }

    /// Commits what the house does to a game that has no engine now.
    func commitWithoutEngine(_ transition: Transition, of round: StateID, at place: GameKey, _ done: @escaping (CommitFailure?) -> Void) {
        let step = GameStep(id: transition.id, blob: [], effects: transition.ledger, key: RandomKey(words: (0, 0, 0, 0)), draws: 0, round: round)
        move(transition, [step], at: place, nil, done)
    }

    private func move(
        _ transition: Transition, _ steps: [GameStep], at place: GameKey, _ retold: Retold?, _ done: @escaping (CommitFailure?) -> Void
    ) {
        guard let wallet else { return heads.commit(transition, done) }
        wallet.commit(transition, steps, at: place, retold: retold, done)
    }

    /// Brings a stored state into the form of the running engine: an entry of its own, so that what follows can be repeated
    /// from it. `done` gets what to tell the session, or nil.
    func migrate(
        _ slot: GameSlot, of account: Account, under rules: GameRules, for session: HomeSession?, re: SessionMessageType,
        _ done: @escaping (SessionError?) -> Void
    ) {
        switch loop.games.migrated(slot, settings: rules.settings) {
        case .failure(let fault):
            audience.report(fault, site: slot.key.site, session)
            done(.gameFailed(re))
        case .success(nil): done(.gameNotLoaded(re))
        case .success(let migrated?):
            let body = JournalBody.migration(slot, migrated, settings: rules.settings, now: loop.now(), credits: account.credits)
            let transition = Transition(
                account: account.key, id: .random(), expectedVersion: account.version, slot: .set(migrated.slot),
                displaces: account.active.map { $0.key != slot.key } ?? false, kind: .load, body: body)
            commit(transition, under: rules, at: slot.key) { failure in done(failure?.error(re)) }
        }
    }
}

/// The journal's body of a transition and what is told outside, for a balance before it that differs by so much: an operator's wallet
/// says what it holds only when it takes the stake. Nil: a balance on the way would be more than 64 bits hold.
typealias Retold = (_ difference: Int64) -> (body: [UInt8], outbox: [OutboxItem])?

extension Transition {
    /// The accepted steps of a call as one change of the account.
    init(_ call: GameCall, _ outcome: ActionOutcome, on account: Account, kind: TransitionKind) {
        let key = GameKey(site: call.site, game: call.game)
        let ledger = outcome.steps.flatMap(\.effects)
        var delta: Int64 = 0
        var lowest: Int64 = 0
        for entry in ledger {
            delta += entry.amount
            lowest = min(lowest, delta)
        }
        self.init(
            account: account.key, id: outcome.steps[outcome.steps.count - 1].id, expectedVersion: account.version, delta: delta,
            lowest: lowest, slot: .set(GameSlot(call, outcome)), displaces: account.active.map { $0.key != key } ?? false, kind: kind,
            opensRound: outcome.opensRound,
            body: JournalBody.call(call, outcome, creditsAfter: call.credits + delta), ledger: ledger,
            jackpots: outcome.jackpotDeltas(call))
    }
}
