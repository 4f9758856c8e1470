import NIOCore
import Logging
import Host
import Store

/// Games: loading, actions, finishing.
extension AccountHome {
    /// Carries out a command; ends with `finish(session)`. The session's account is known.
    func perform(_ command: SessionCommand, for session: HomeSession) {
        switch command {
        case .action(let name, let params, let sid): act(name, params, sid, for: session)
        case .load(let game): load(game, for: session)
        case .finish: leave(for: session)
        case .component(let which, let message): tell(which, message, for: session)
        }
    }

    private func end(_ session: HomeSession, _ code: SessionErrorCode, _ message: String, _ re: SessionMessageType) {
        fail(session, SessionError(code, message, re: re))
        finish(session)
    }

    // MARK: Actions

    private func act(_ name: String, _ params: [UInt8], _ sid: String, for session: HomeSession) {
        guard let place = session.game, let account = accounts[session.site.denomination.name], let slot = account.slot(place) else {
            return end(session, .noGame, "no game is running", .action)
        }
        guard StateID(sid) == slot.id else { return end(session, .staleState, "the state has changed since", .action) }
        guard let rules = home.rules(place, session.site) else {
            return end(session, .internal, "the game is not loaded", .action)
        }
        guard !rules.isOutdated(slot) else {
            return migrate(slot, account, rules, session, re: .action) { error in
                guard let error else { return self.act(name, params, sid, for: session) }
                self.fail(session, error)
                self.finish(session)
            }
        }
        guard StateBlob.offers(name, in: slot.blob) else {
            return end(session, .actionNotAllowed, "the state does not offer this action", .action)
        }
        let call = GameCall(
            game: place.game, operation: .action(name, params: params), state: slot.blob, stateVersion: slot.engineVersion,
            site: place.site, settings: rules.settings, credits: account.credits, now: home.now())
        resolve(call, home.games.act(call), account, rules, for: session, re: .action)
    }

    /// Commits the accepted steps, tells everybody, and the session its error if there is one.
    private func resolve(
        _ call: GameCall, _ outcome: ActionOutcome, _ account: Account, _ rules: GameRules, for session: HomeSession,
        re: SessionMessageType
    ) {
        if let fault = outcome.fault {
            report(fault, site: call.site, session)
            return end(session, .internal, "the game failed; nothing has happened", re)
        }
        watch(call, outcome, session)
        let refusal = outcome.refusal.map { SessionError(SessionErrorCode($0.code), $0.detail, re: re) }
        guard !outcome.steps.isEmpty else {
            if let refusal { fail(session, refusal) }
            return finish(session)
        }
        let transition = Transition(call, outcome, on: account, kind: re == .gameload ? .load : .action)
        commit(transition, under: rules) { failure in
            if let failure {
                self.fail(session, failure.error(re))
            } else {
                if re == .gameload { session.game = GameKey(site: call.site, game: call.game) }
                self.tellSteps(outcome.steps, of: call, to: re == .gameload ? session : nil)
                if let refusal { self.fail(session, refusal) }
            }
            self.finish(session)
        }
    }

    /// One `state` per step, in order, in each session's own view.
    private func tellSteps(_ steps: [GameStep], of call: GameCall, to only: HomeSession?) {
        let place = GameKey(site: call.site, game: call.game)
        var credits = call.credits
        for step in steps {
            credits += step.delta
            for session in sessions where session.isAttached && (only == nil || session === only) {
                let denom = session.site.denomination.name
                guard let account = accounts[denom] else { continue }
                if session.game == place {
                    home.sendState(
                        session.connection, game: (place.game, step.blob), credits: credits, walletTail: session.site.walletTail,
                        userdata: userdata[session.site.id] ?? Userdata.empty)
                } else {
                    let slot = session.game.flatMap { account.slot($0) }
                    home.sendState(
                        session.connection, game: slot.map { ($0.key.game, $0.blob) }, credits: credits,
                        walletTail: session.site.walletTail, userdata: userdata[session.site.id] ?? Userdata.empty)
                }
            }
        }
    }

    /// Has the engine kept something from an earlier call? The answer comes later, to the log and to whoever works on the game.
    private func watch(_ call: GameCall, _ outcome: ActionOutcome, _ session: HomeSession) {
        guard let purity = home.shared.purity else { return }
        let tell = home.onLoop { [weak self, weak session] (fault: GameFault) in self?.report(fault, site: call.site, session) }
        let loop = home.eventLoop
        purity.look(call, outcome) { fault in loop.execute { tell(fault) } }
    }

    func report(_ fault: GameFault, site: String, _ session: HomeSession?) {
        home.shared.logger.error("\(fault.message)", metadata: [
            "game": "\(fault.game)", "site": "\(site)", "user": "\(key.user)", "code": "\(fault.code)",
            "traceback": "\(fault.traceback ?? "")",
        ])
        guard home.shared.configuration.debug, let session else { return }
        home.deliver(session.connection, EngineMessage.error(game: fault.game, .action, text: fault.shownText))
    }

    // MARK: Loading

    private func load(_ name: String, for session: HomeSession) {
        let site = home.site(of: session)
        guard site.settings(of: name) != nil, let game = home.games.canonicalID(of: name) else {
            return end(session, .unknownGame, "the site does not offer this game", .gameload)
        }
        let place = GameKey(site: site.id, game: game)
        guard session.game != nil else { return enter(place, for: session) }
        finishGame(of: session) { failure in
            if let failure {
                let code: SessionErrorCode = failure.code == .finishRefused ? .gameRunning : failure.code
                return self.end(session, code, failure.message, .gameload)
            }
            self.withAccount(session) { account in
                guard account != nil else { return self.end(session, .internal, "the store cannot be reached, try again later", .gameload) }
                self.enter(place, for: session)
            }
        }
    }

    /// Takes up the stored state with the id it has, or starts the game.
    private func enter(_ place: GameKey, for session: HomeSession) {
        let denom = session.site.denomination.name
        guard let account = accounts[denom], let rules = home.rules(place, session.site) else {
            return end(session, .internal, "the game is not loaded", .gameload)
        }
        if let slot = account.slot(place) {
            let show = {
                session.game = place
                self.sendState(to: session)
                self.finish(session)
            }
            guard rules.isOutdated(slot) else { return show() }
            // A state that cannot be taken over is shown as it was; whoever acts on it hears of the error.
            return migrate(slot, account, rules, session, re: .gameload) { _ in show() }
        }
        let call = GameCall(
            game: place.game, operation: .start, state: nil, stateVersion: 0, site: place.site, settings: rules.settings,
            credits: account.credits, now: home.now())
        resolve(call, home.games.act(call), account, rules, for: session, re: .gameload)
    }

    // MARK: Finishing

    private func leave(for session: HomeSession) {
        guard session.game != nil else {
            sendState(to: session)
            return finish(session)
        }
        finishGame(of: session) { failure in
            if let failure { self.fail(session, SessionError(failure.code, failure.message, re: .gamefinish)) }
            self.finish(session)
        }
    }

    /// Ends the session's game if the engine allows; every session that ran it goes on without a game.
    private func finishGame(of session: HomeSession, _ done: @escaping (SessionError?) -> Void) {
        guard let place = session.game, let account = accounts[session.site.denomination.name], let slot = account.slot(place) else {
            session.game = nil
            sendState(to: session)
            return done(nil)
        }
        guard let rules = home.rules(place, session.site) else {
            return done(SessionError(.internal, "the game is not loaded", re: .gamefinish))
        }
        switch home.games.isFinishable(slot, settings: rules.settings) {
        case .failure(let fault):
            report(fault, site: place.site, session)
            done(SessionError(.internal, "the game failed; nothing has happened", re: .gamefinish))
        case .success(false): done(SessionError(.finishRefused, "the game cannot be left in this state", re: .gamefinish))
        case .success(true):
            activate(slot, account) { failure in
                if let failure { return done(failure.error(.gamefinish)) }
                self.clear(slot, session.site.denomination.name, done)
            }
        }
    }

    /// Makes a game that was put aside the active one, for only that can be cleared.
    private func activate(_ slot: GameSlot, _ account: Account, _ done: @escaping (CommitFailure?) -> Void) {
        guard account.active?.key != slot.key else { return done(nil) }
        commit(
            Transition(
                account: account.key, id: .random(), expectedVersion: account.version, slot: .set(slot), displaces: account.active != nil,
                kind: .load,
                body: JournalBody.leaving(slot.key, op: "resume", state: slot.id, now: home.now(), credits: account.credits)), done)
    }

    private func clear(_ slot: GameSlot, _ denom: String, _ done: @escaping (SessionError?) -> Void) {
        guard let account = accounts[denom] else { return done(CommitFailure.unknown.error(.gamefinish)) }
        let transition = Transition(
            account: account.key, id: .random(), expectedVersion: account.version, slot: .clear, kind: .load,
            body: JournalBody.leaving(slot.key, op: "finish", state: slot.id, now: home.now(), credits: account.credits))
        commit(transition) { failure in
            if let failure { return done(failure.error(.gamefinish)) }
            let players = self.sessions.filter { $0.game == slot.key }
            for player in players { player.game = nil }
            self.sendState { session in players.contains { $0 === session } }
            done(nil)
        }
    }
}

extension SessionErrorCode {
    init(_ code: GameRefusal.Code) {
        switch code {
        case .badParams: self = .badParams
        case .actionNotAllowed: self = .actionNotAllowed
        case .insufficientFunds: self = .insufficientFunds
        }
    }
}

extension GameFault {
    /// For the page of whoever works on the game.
    var shownText: String { String(decoding: message.utf8.prefix(CasinoLimits.shownErrorBytes), as: UTF8.self) }
}
