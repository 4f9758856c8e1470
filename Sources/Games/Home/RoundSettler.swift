import Logging
import Host
import Store

/// Ends and pays a user's rounds that nobody has finished for too long. Loop-bound; one call at a time.
final class RoundSettler {
    private unowned let loop: CasinoLoop
    private let heads: AccountHeads
    private let audience: Audience
    private let committer: GameCommitter

    init(on loop: CasinoLoop, heads: AccountHeads, audience: Audience, committer: GameCommitter) {
        self.loop = loop
        self.heads = heads
        self.audience = audience
        self.committer = committer
    }

    /// Those of the accounts that are known, one round after the other.
    func settle(_ denoms: [String], _ done: @escaping () -> Void) {
        let deadline = loop.now() - loop.shared.configuration.roundOpenMax
        var due: [(denom: String, key: GameKey)] = []
        for denom in denoms {
            guard let account = heads[denom] else { continue }
            let slots = (account.active.map { [$0] } ?? []) + account.parked.values
            for slot in slots where slot.openedAt > 0 && slot.openedAt < deadline { due.append((denom, slot.key)) }
        }
        settle(due[...], done)
    }

    private func settle(_ due: ArraySlice<(denom: String, key: GameKey)>, _ done: @escaping () -> Void) {
        guard let (denom, place) = due.first else { return done() }
        let rest = due.dropFirst()
        guard let account = heads[denom], let slot = account.slot(place), let rules = loop.rules(place, nil) else {
            return settle(rest, done)
        }
        guard !rules.isOutdated(slot) else {
            return committer.migrate(slot, of: account, under: rules, for: nil, re: .action) { error in
                self.settle(error == nil ? due : rest, done)
            }
        }
        let call = GameCall(
            game: place.game, operation: .timeout, state: slot.blob, stateVersion: slot.engineVersion, site: place.site,
            settings: rules.settings, credits: account.credits, now: loop.now())
        let outcome = loop.games.act(call)
        if let fault = outcome.fault { audience.report(fault, site: call.site, nil) }
        guard outcome.fault == nil, !outcome.steps.isEmpty else { return settle(rest, done) }
        committer.commit(Transition(call, outcome, on: account, kind: .settlement), under: rules) { failure in
            if failure == nil {
                self.loop.shared.logger.info(
                    "an unfinished round was ended", metadata: ["user": "\(account.key.user)", "game": "\(place.game)"])
                self.audience.sendState { $0.denom == denom }
            }
            self.settle(rest, done)
        }
    }
}
