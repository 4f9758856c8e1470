import Logging
import Host
import Store

/// Why a transition does not stand.
enum CommitFailure {
    /// Somebody else changed the account; it has been read again.
    case conflict
    case insufficient
    case overflow
    /// The store failed; whether it stands will show when the account is read again.
    case unknown

    func error(_ re: SessionMessageType) -> SessionError {
        switch self {
        case .conflict: SessionError(.staleState, "the state has changed since", re: re)
        case .insufficient: SessionError(.insufficientFunds, "the balance does not cover the stake", re: re)
        case .overflow: SessionError(.internal, "the balance would become too large", re: re)
        case .unknown: SessionError(.internal, "the store cannot be reached, try again later", re: re)
        }
    }
}

/// Commits and what follows from them; rounds nobody finished.
extension AccountHome {
    /// Commits and keeps the cached head in step. After a failure of the store the head is read again before `done`.
    func commit(_ transition: Transition, _ done: @escaping (CommitFailure?) -> Void) {
        let denom = transition.account.denom
        home.shared.ledger.commit(
            transition, on: home.eventLoop,
            home.onLoop { result in
                switch result {
                case .committed(let credits, let version), .duplicate(let credits, let version):
                    self.accounts[denom]?.apply(transition, credits: credits, version: version)
                    if let parked = self.accounts[denom]?.parked.count, parked > StoreLimits.parkedPerAccount {
                        self.accounts[denom] = nil  // the store has let one go: read the account again when it is needed
                        return self.reload(transition.account) { done(nil) }
                    }
                    done(nil)
                case .conflict(let actual):
                    self.home.shared.logger.warning("another writer changed the account", metadata: ["user": "\(self.key.user)"])
                    self.accounts[denom] = actual
                    done(.conflict)
                case .refused(.insufficient): self.reload(transition.account) { done(.insufficient) }
                case .refused(.overflow): done(.overflow)
                case .unavailable(let error):
                    self.home.shared.logger.error("not committed", metadata: ["user": "\(self.key.user)", "error": "\(error)"])
                    self.reload(transition.account) { done(.unknown) }
                }
            })
    }

    /// Commits what an engine has made, once the store has what its entry names.
    func commit(_ transition: Transition, under rules: GameRules, _ done: @escaping (CommitFailure?) -> Void) {
        guard !rules.isKept else { return commit(transition, done) }
        home.contents.keep(rules.game.engine, rules.settings) { error in
            guard let error else {
                rules.isKept = true
                return self.commit(transition, done)
            }
            self.home.shared.logger.error(
                "the game's files are not kept, nothing was committed",
                metadata: ["game": "\(rules.game.manifest.id)", "user": "\(self.key.user)", "error": "\(error)"])
            done(.unknown)
        }
    }

    /// Brings a stored state into the form of the running engine: an entry of its own, so that what follows can be repeated
    /// from it. `done` gets what to tell the session, or nil.
    func migrate(
        _ slot: GameSlot, _ account: Account, _ rules: GameRules, _ session: HomeSession?, re: SessionMessageType,
        _ done: @escaping (SessionError?) -> Void
    ) {
        switch home.games.migrated(slot, settings: rules.settings) {
        case .failure(let fault):
            report(fault, site: slot.key.site, session)
            done(SessionError(.internal, "the game failed; nothing has happened", re: re))
        case .success(nil): done(SessionError(.internal, "the game is not loaded", re: re))
        case .success(let migrated?):
            let body = JournalBody.migration(slot, migrated, settings: rules.settings, now: home.now(), credits: account.credits)
            let transition = Transition(
                account: account.key, id: .random(), expectedVersion: account.version, slot: .set(migrated.slot),
                displaces: account.active.map { $0.key != slot.key } ?? false, kind: .load, body: body)
            commit(transition, under: rules) { failure in done(failure?.error(re)) }
        }
    }

    /// Reads the head again; without success it is forgotten.
    private func reload(_ key: AccountKey, _ done: @escaping () -> Void) {
        accounts[key.denom] = nil
        home.shared.ledger.account(
            key, initialCredits: 0, on: home.eventLoop,
            home.onLoop { result in
                if case .success(let account) = result { self.accounts[key.denom] = account }
                done()
            })
    }

    // MARK: Rounds nobody finished

    /// Ends and pays rounds that have been open for too long, one after the other.
    func settleAll(_ denoms: [String], then done: @escaping () -> Void) {
        let deadline = home.now() - home.shared.configuration.roundOpenMax
        var due: [(denom: String, key: GameKey)] = []
        for denom in denoms {
            guard let account = accounts[denom] else { continue }
            let slots = (account.active.map { [$0] } ?? []) + account.parked.values
            for slot in slots where slot.openedAt > 0 && slot.openedAt < deadline { due.append((denom, slot.key)) }
        }
        settle(due[...], done)
    }

    private func settle(_ due: ArraySlice<(denom: String, key: GameKey)>, _ done: @escaping () -> Void) {
        guard let (denom, place) = due.first else { return done() }
        let rest = due.dropFirst()
        guard let account = accounts[denom], let slot = account.slot(place), let rules = home.rules(place, nil) else {
            return settle(rest, done)
        }
        guard !rules.isOutdated(slot) else {
            return migrate(slot, account, rules, nil, re: .action) { error in self.settle(error == nil ? due : rest, done) }
        }
        let call = GameCall(
            game: place.game, operation: .timeout, state: slot.blob, stateVersion: slot.engineVersion, site: place.site,
            settings: rules.settings, credits: account.credits, now: home.now())
        let outcome = home.games.act(call)
        if let fault = outcome.fault { report(fault, site: call.site, nil) }
        guard outcome.fault == nil, !outcome.steps.isEmpty else { return settle(rest, done) }
        commit(Transition(call, outcome, on: account, kind: .settlement), under: rules) { failure in
            if failure == nil {
                self.home.shared.logger.info("an unfinished round was ended", metadata: ["user": "\(self.key.user)", "game": "\(place.game)"])
                self.sendState { $0.site.denomination.name == denom }
            }
            self.settle(rest, done)
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
