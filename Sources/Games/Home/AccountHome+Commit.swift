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
        guard let account = accounts[denom], let slot = account.slot(place), let settings = home.settings(place, nil) else {
            return settle(rest, done)
        }
        let call = GameCall(
            game: place.game, operation: .timeout, state: slot.blob, stateVersion: slot.engineVersion, site: place.site,
            settings: settings, credits: account.credits, now: home.now())
        let outcome = home.games.act(call)
        if let fault = outcome.fault { report(fault, call, nil) }
        guard outcome.fault == nil, !outcome.steps.isEmpty else { return settle(rest, done) }
        commit(Transition(call, outcome, on: account, kind: .settlement)) { failure in
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
