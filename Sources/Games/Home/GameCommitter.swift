import Logging
import Host
import Store

/// Commits what engines have made. Loop-bound; one call at a time, as the user's queue has it.
final class GameCommitter {
    private unowned let loop: CasinoLoop
    private let heads: AccountHeads
    private let audience: Audience

    init(on loop: CasinoLoop, heads: AccountHeads, audience: Audience) {
        self.loop = loop
        self.heads = heads
        self.audience = audience
    }

    /// Commits, once the store has what the entry names.
    func commit(_ transition: Transition, under rules: GameRules, _ done: @escaping (CommitFailure?) -> Void) {
        guard !rules.isKept else { return heads.commit(transition, done) }
        loop.contents.keep(rules.game.engine, rules.settings) { error in
            guard let error else {
                rules.isKept = true
                return self.heads.commit(transition, done)
            }
            self.loop.shared.logger.error(
                "the game's files are not kept, nothing was committed",
                metadata: ["game": "\(rules.game.manifest.id)", "user": "\(transition.account.user)", "error": "\(error)"])
            done(.unknown)
        }
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
            commit(transition, under: rules) { failure in done(failure?.error(re)) }
        }
    }
}

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
        let opensRound = ledger.contains { $0.kind == .bet }
        let before = account.slot(key)?.openedAt ?? 0
        let last = outcome.steps[outcome.steps.count - 1]
        let openedAt = outcome.isFinishable ? 0 : opensRound || before == 0 ? call.now : before
        self.init(
            account: account.key, id: last.id, expectedVersion: account.version, delta: delta, lowest: lowest,
            slot: .set(GameSlot(key: key, id: last.id, engineVersion: outcome.engineVersion, openedAt: openedAt, blob: last.blob)),
            displaces: account.active.map { $0.key != key } ?? false, kind: kind, opensRound: opensRound,
            body: JournalBody.call(call, outcome, creditsAfter: account.credits + delta), ledger: ledger)
    }
}
