import NIOCore
import Logging
import Host
import Store

/// The games of one user: loading, actions, finishing. Loop-bound; one call at a time, as the user's queue has it. The account
/// of the session is known; `done` is called once, when everything is committed and told.
final class PlayerGames {
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

    private func fail(_ session: HomeSession, _ error: SessionError, _ done: () -> Void) {
        audience.fail(session, error)
        done()
    }

    // MARK: Actions

    /// A player's action on the state whose id is `sid`.
    func act(_ name: String, _ params: [UInt8], _ sid: String, for session: HomeSession, _ done: @escaping () -> Void) {
        guard committer.wallet != nil else { return play(name, params, sid, for: session, done) }
        committer.clear(session.denom) { isClear in
            guard isClear, self.heads[session.denom] != nil else { return self.fail(session, .storeAway(.action), done) }
            self.play(name, params, sid, for: session, done)
        }
    }

    private func play(_ name: String, _ params: [UInt8], _ sid: String, for session: HomeSession, _ done: @escaping () -> Void) {
        guard let place = session.game, let account = heads[session.denom], let slot = account.slot(place) else {
            return fail(session, SessionError(.noGame, "no game is running", re: .action), done)
        }
        guard StateID(sid) == slot.id else {
            return fail(session, SessionError(.staleState, "the state has changed since", re: .action), done)
        }
        guard let rules = loop.rules(place, session.site) else { return fail(session, .gameNotLoaded(.action), done) }
        guard !rules.isOutdated(slot) else {
            return committer.migrate(slot, of: account, under: rules, for: session, re: .action) { error in
                guard let error else { return self.play(name, params, sid, for: session, done) }
                self.fail(session, error, done)
            }
        }
        guard StateBlob.offers(name, in: slot.blob) else {
            return fail(session, SessionError(.actionNotAllowed, "the state does not offer this action", re: .action), done)
        }
        let call = GameCall(
            .action(name, params: params), on: slot, settings: rules.settings, credits: account.credits, now: loop.now(),
            entropy: loop.shared.configuration.entropy)
        turn(call, from: account, under: rules, for: session, re: .action, done)
    }

    private func turn(
        _ call: GameCall, from account: Account, under rules: GameRules, for session: HomeSession, re: SessionMessageType,
        _ done: @escaping () -> Void
    ) {
        GameTurn(
            call, from: account.version, under: rules, for: session, re: re, on: loop, heads: heads, audience: audience, committer: committer, done
        ).run()
    }

    // MARK: Loading

    /// Starts a game, or takes it up where it was left.
    func load(_ name: String, for session: HomeSession, _ done: @escaping () -> Void) {
        let site = loop.site(of: session)
        guard site.settings(of: name) != nil, let game = loop.games.canonicalID(of: name) else {
            return fail(session, SessionError(.unknownGame, "the site does not offer this game", re: .gameload), done)
        }
        let place = GameKey(site: site.id, game: game)
        guard session.game != nil else { return enter(place, for: session, done) }
        finishGame(of: session) { failure in
            if let failure {
                let code: SessionErrorCode = failure.code == .finishRefused ? .gameRunning : failure.code
                return self.fail(session, SessionError(code, failure.message, re: .gameload), done)
            }
            self.heads.read(session.denom, initialCredits: site.initialCredits) { account in
                guard account != nil else { return self.fail(session, .storeAway(.gameload), done) }
                self.enter(place, for: session, done)
            }
        }
    }

    /// Takes up the stored state with the id it has, or starts the game.
    private func enter(_ place: GameKey, for session: HomeSession, _ done: @escaping () -> Void) {
        guard let account = heads[session.denom], let rules = loop.rules(place, session.site) else {
            return fail(session, .gameNotLoaded(.gameload), done)
        }
        if let slot = account.slot(place) {
            let show = {
                session.game = place
                self.audience.sendState(to: session)
                done()
            }
            guard rules.isOutdated(slot) else { return show() }
            // A state that cannot be taken over is shown as it was; whoever acts on it hears of the error.
            return committer.migrate(slot, of: account, under: rules, for: session, re: .gameload) { _ in show() }
        }
        let call = GameCall(
            game: place.game, operation: .start, state: nil, stateVersion: 0, site: place.site, settings: rules.settings,
            credits: account.credits, now: loop.now(), entropy: loop.shared.configuration.entropy)
        turn(call, from: account, under: rules, for: session, re: .gameload, done)
    }

    // MARK: Finishing

    /// Ends the session's game.
    func leave(for session: HomeSession, _ done: @escaping () -> Void) {
        guard session.game != nil else {
            audience.sendState(to: session)
            return done()
        }
        finishGame(of: session) { failure in
            if let failure { self.audience.fail(session, failure) }
            done()
        }
    }

    /// Ends the session's game if the engine allows; every session that ran it goes on without a game.
    private func finishGame(of session: HomeSession, _ done: @escaping (SessionError?) -> Void) {
        guard let place = session.game, let account = heads[session.denom], let slot = account.slot(place) else {
            session.game = nil
            audience.sendState(to: session)
            return done(nil)
        }
        guard let rules = loop.rules(place, session.site) else { return done(.gameNotLoaded(.gamefinish)) }
        switch loop.games.isFinishable(slot, settings: rules.settings) {
        case .failure(let fault):
            audience.report(fault, site: place.site, session)
            done(.gameFailed(.gamefinish))
        case .success(false): done(SessionError(.finishRefused, "the game cannot be left in this state", re: .gamefinish))
        case .success(true):
            committer.activate(slot, account) { failure in
                if let failure { return done(failure.error(.gamefinish)) }
                self.clear(slot, for: session, done)
            }
        }
    }

    private func clear(_ slot: GameSlot, for session: HomeSession, _ done: @escaping (SessionError?) -> Void) {
        guard let account = heads[session.denom] else { return done(CommitFailure.unknown.error(.gamefinish)) }
        var transition = Transition(
            account: account.key, id: .random(), expectedVersion: account.version, slot: .clear, kind: .load,
            body: JournalBody.leaving(
                slot.key, op: "finish", state: slot.id, ending: slot.openRound?.id, now: loop.now(), credits: account.credits))
        let ended = slot.openRound.map {
            RoundReport(
                round: $0, outcome: .settled, place: slot.key, endedAt: loop.now(), balance: account.credits,
                denom: loop.currency(of: session))
        }
        transition.outbox = loop.reports.items([ended].compactMap(\.self), of: audience.user, session.registration)
        heads.commit(transition) { failure in
            if let failure { return done(failure.error(.gamefinish)) }
            let players = self.audience.sessions.filter { $0.game == slot.key }
            for player in players { player.game = nil }
            self.audience.sendState { session in players.contains { $0 === session } }
            done(nil)
        }
    }
}
