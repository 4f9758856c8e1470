import Logging
import Host
import Store

/// Ends a user's rounds that nobody has finished in time, as the game's manifest says: the engine ends them and what they have won
/// is paid (`expired`), or they are taken back and their stakes refunded (`voided`). A game that has no way to end its rounds gets
/// them voided, and so does one that is gone, or whose site is: not one that is only missing for a while (``CasinoLoop/isGone(_:)``).
/// What cannot be ended stays as it is, is told in the log, and is tried again at the next look. Loop-bound; one call at a time.
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
        guard let account = heads[denom], let slot = account.slot(place) else { return settle(rest, done) }
        guard let rules = loop.rules(place, nil) else {
            guard let round = slot.round, loop.isGone(place) else {
                tell("an unfinished round cannot be ended: its game or its site is not there", slot, account)
                return settle(rest, done)
            }
            return refund(round, slot, of: account) { self.settle(rest, done) }
        }
        guard !rules.isOutdated(slot) else {
            return committer.migrate(slot, of: account, under: rules, for: nil, re: .action) { error in
                self.settle(error == nil ? due : rest, done)
            }
        }
        end(slot, of: account, under: rules) { made in
            guard let (call, outcome) = made else { return self.settle(rest, done) }
            self.commit(call, outcome, denom, under: rules) { self.settle(rest, done) }
        }
    }

    private func commit(
        _ call: GameCall, _ outcome: ActionOutcome, _ denom: String, under rules: GameRules, _ done: @escaping () -> Void
    ) {
        guard let account = heads[denom] else { return done() }
        let place = GameKey(site: call.site, game: call.game)
        let registration = audience.sessions.lazy.compactMap(\.registration).first
        let retold = loop.reports.retold(call, outcome, denom: rules.site.denomination.rgsID, of: audience.user, registration)
        var transition = Transition(call, outcome, on: account, kind: .settlement)
        transition.outbox = loop.reports.items(
            RoundReport.all(call, outcome, denom: rules.site.denomination.rgsID), of: audience.user, registration)
        committer.commit(transition, outcome.steps, under: rules, at: place, retold: retold) { failure in
            if case .jackpot? = failure {
                return self.loop.jackpots.again(
                    call, outcome, rules, realm: account.key.realm, in: self.heads.ledger, credits: self.heads[denom]?.credits,
                    isVoid: self.committer.wallet != nil
                ) { made in
                    guard let (call, outcome) = made, outcome.fault == nil, !outcome.steps.isEmpty else { return done() }
                    self.commit(call, outcome, denom, under: rules, done)
                }
            }
            if failure == nil {
                self.loop.jackpots.committed(call, outcome, transition.jackpots, rules, user: self.audience.user)
                for ended in outcome.ended {
                    self.loop.shared.logger.info(
                        "an unfinished round was ended",
                        metadata: [
                            "user": "\(account.key.user)", "game": "\(place.game)", "round": "\(ended.round.id)",
                            "outcome": "\(ended.outcome.rawValue)",
                        ])
                }
                self.audience.sendState { $0.denom == denom }
            }
            done()
        }
    }

    /// Takes back a round that there is nothing to be ended by, and its game with it.
    private func refund(_ round: Round, _ slot: GameSlot, of account: Account, _ done: @escaping () -> Void) {
        let denom = account.key.denom
        // An operator is owed nothing in money that he does not know.
        guard let currency = loop.currency(of: denom, at: slot.key.site) ?? (committer.wallet == nil ? denom : nil) else {
            tell("an unfinished round cannot be refunded: no site plays for its money", slot, account)
            return done()
        }
        var round = round
        let cost = max(0, round.staked - round.paid)
        guard !account.credits.addingReportingOverflow(cost).overflow, cost == 0 || round.add(LedgerEntry(.refund, cost)) else {
            tell("an unfinished round cannot be refunded: neither account nor round can take it", slot, account)
            return done()
        }
        committer.activate(slot, account) { failure in
            guard failure == nil, let account = self.heads[denom] else { return done() }
            var transition = Transition(
                account: account.key, id: .random(), expectedVersion: account.version, delta: cost, slot: .clear, kind: .settlement,
                body: JournalBody.leaving(
                    slot.key, op: "finish", state: slot.id, ending: round.id, as: .voided, refund: cost, now: self.loop.now(), credits: account.credits),
                ledger: cost > 0 ? [LedgerEntry(.refund, cost)] : [])
            let report = RoundReport(
                round: round, outcome: .voided, place: slot.key, endedAt: self.loop.now(), balance: account.credits + cost, denom: currency)
            let registration = self.audience.sessions.lazy.compactMap(\.registration).first
            transition.outbox = self.loop.reports.items([report], of: self.audience.user, registration)
            self.committer.commitWithoutEngine(transition, of: round.id, at: slot.key) { failure in
                guard failure == nil else { return done() }
                self.tell("an unfinished round was refunded: its game or its site is gone", slot, account)
                for session in self.audience.sessions where session.game == slot.key { session.game = nil }
                self.audience.sendState { $0.denom == denom }
                done()
            }
        }
    }

    /// What ends the round; nil, and the log has it, when nothing does.
    private func end(
        _ slot: GameSlot, of account: Account, under rules: GameRules, _ done: @escaping ((call: GameCall, outcome: ActionOutcome)?) -> Void
    ) {
        // Of a round from before rounds were kept, nobody knows what to refund.
        let canBeVoided = slot.round != nil
        let wanted: GameCall.Operation = rules.game.manifest.unfinished == .void && canBeVoided ? .void : .timeout
        run(wanted, slot, account, rules) { made in
            guard let made else { return self.take(nil, slot, account, done) }
            let (_, outcome) = made
            guard wanted == .timeout, canBeVoided, outcome.refusal?.code == .actionNotAllowed, outcome.steps.isEmpty else {
                return self.take(made, slot, account, done)
            }
            self.run(.void, slot, account, rules) { self.take($0, slot, account, done) }
        }
    }

    private func take(
        _ made: (call: GameCall, outcome: ActionOutcome)?, _ slot: GameSlot, _ account: Account,
        _ done: ((call: GameCall, outcome: ActionOutcome)?) -> Void
    ) {
        guard let (call, outcome) = made else {
            tell("an unfinished round cannot be ended: its jackpots cannot be read", slot, account)
            return done(nil)
        }
        if let fault = outcome.fault {
            audience.report(fault, site: call.site, nil)
            return done(nil)
        }
        guard !outcome.steps.isEmpty else {
            tell("an unfinished round cannot be ended: \(outcome.refusal?.detail ?? "the engine does not")", slot, account)
            return done(nil)
        }
        done(made)
    }

    private func run(
        _ operation: GameCall.Operation, _ slot: GameSlot, _ account: Account, _ rules: GameRules,
        _ done: @escaping ((call: GameCall, outcome: ActionOutcome)?) -> Void
    ) {
        let call = GameCall(
            operation, on: slot, settings: rules.settings, credits: account.credits, now: loop.now(), entropy: loop.shared.configuration.entropy)
        loop.jackpots.act(call, rules, realm: account.key.realm, in: heads.ledger, done)
    }

    private func tell(_ text: String, _ slot: GameSlot, _ account: Account) {
        loop.shared.logger.warning(
            "\(text)", metadata: ["user": "\(account.key.user)", "game": "\(slot.key.game)", "site": "\(slot.key.site)"])
    }
}
