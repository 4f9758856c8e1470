import NIOCore
import Host
import Store

/// One call of an engine for a session, on its way: made, committed, told to everybody, or made anew because somebody was faster.
/// One object holds what the way needs, so that no step of it copies the call or what came of it.
///
///     run ─▸ engine ─▸ take ─▸ commit ─▸ told
///      ▴                 │        ├──▸ a jackpot was won by somebody else: again
///      └── more money ◂──┘        └──▸ the operator has not taken the stake: what came before it stands
///
/// Loop-bound; one at a time, as the user's queue has it. `done` is called once, when everything is committed and told.
final class GameTurn {
    private unowned let loop: CasinoLoop
    private let heads: AccountHeads
    private let audience: Audience
    private let committer: GameCommitter
    private let session: HomeSession
    private let rules: GameRules
    /// What the session has asked for.
    private let re: SessionMessageType
    private let done: () -> Void

    private var call: GameCall
    /// The version of the account that the call was made from: what comes of it stands only on that.
    private var version: Int64
    private var outcome = ActionOutcome()
    /// The operator was asked for the balance already, or need not be.
    private var isAskedFor = false
    /// What the session hears instead of the engine's refusal.
    private var problem: SessionError?

    /// - Parameter version: Of the account that the call was made from.
    init(
        _ call: GameCall, from version: Int64, under rules: GameRules, for session: HomeSession, re: SessionMessageType, on loop: CasinoLoop,
        heads: AccountHeads, audience: Audience, committer: GameCommitter, _ done: @escaping () -> Void
    ) {
        self.call = call
        self.version = version
        self.rules = rules
        self.session = session
        self.re = re
        self.loop = loop
        self.heads = heads
        self.audience = audience
        self.committer = committer
        self.done = done
    }

    private func fail(_ error: SessionError) {
        audience.fail(session, error)
        done()
    }

    // MARK: The engine

    /// Calls the engine, commits the accepted steps, tells everybody, and the session its error if there is one.
    func run() {
        guard rules.settings.jackpots != nil else {
            outcome = loop.games.act(call)
            return take()
        }
        loop.jackpots.act(call, rules, realm: audience.user.realm, in: heads.ledger) { made in
            guard let made else { return self.fail(.storeAway(self.re)) }
            (self.call, self.outcome) = made
            self.take()
        }
    }

    private func take() {
        if let fault = outcome.fault {
            audience.report(fault, site: call.site, session)
            return fail(.gameFailed(re))
        }
        // Taken off the site: the round that is open may be played to its end, and that is all.
        guard rules.isOffered || !outcome.opensRound else {
            return fail(SessionError(.unknownGame, "the site does not offer this game any more", re: re))
        }
        watch()
        guard let wallet = committer.wallet, outcome.refusal?.code == .insufficientFunds, !isAskedFor else { return commit() }
        // Perhaps the player has brought money to the operator since.
        isAskedFor = true
        wallet.refresh(session.denom, site: session.site) { refreshed in
            guard refreshed == .changed, let account = self.heads[self.session.denom] else { return self.commit() }
            self.start(from: account)
            self.run()
        }
    }

    /// Has the engine kept something from an earlier call? The answer comes later, to the log and to whoever works on the game.
    private func watch() {
        guard let purity = loop.shared.purity, purity.isDue(at: call.now) else { return }
        let (eventLoop, site) = (loop.eventLoop, call.site)
        let tell = eventLoop.back { [weak audience = self.audience, weak session = self.session] (fault: GameFault) in
            audience?.report(fault, site: site, session)
        }
        purity.look(call, outcome) { fault in eventLoop.execute { tell(fault) } }
    }

    // MARK: The store

    private func commit() {
        guard !outcome.steps.isEmpty else {
            if let refusal { audience.fail(session, refusal) }
            return done()
        }
        guard let account = heads[session.denom] else { return fail(.storeAway(re)) }
        // Somebody else has changed it meanwhile: the state that the engine saw is not the one that would be replaced.
        guard account.version == version else { return fail(CommitFailure.conflict.error(re)) }
        let denom = rules.currency(of: session)
        let retold = committer.wallet == nil
            ? nil : loop.reports.retold(call, outcome, denom: denom, of: audience.user, session.registration)
        var transition = Transition(call, outcome, on: account, kind: re == .gameload ? .load : .action)
        transition.outbox = loop.reports.items(RoundReport.all(call, outcome, denom: denom), of: audience.user, session.registration)
        let deltas = transition.jackpots
        committer.commit(transition, outcome.steps, under: rules, at: place, retold: retold) { failure in
            if let failure { return self.failed(failure) }
            self.loop.jackpots.committed(self.call, self.outcome, deltas, self.rules, user: self.audience.user)
            self.tell()
        }
    }

    /// The call is made of the account as it is now. Its state is the one that it was: only the balance can have changed, which an
    /// operator's wallet has told, or by the entry that took a stake back.
    private func start(from account: Account) {
        call.credits = account.credits
        version = account.version
    }

    private var place: GameKey { GameKey(site: call.site, game: call.game) }

    private var refusal: SessionError? {
        problem ?? outcome.refusal.map { SessionError(SessionErrorCode($0.code), $0.detail, re: re) }
    }

    private func tell() {
        if re == .gameload { session.game = place }
        var before = call.credits
        if committer.wallet != nil, let after = heads[session.denom]?.credits {
            // Only the last of these differences is a balance; the others may be anything.
            before = outcome.steps.reduce(after) { $0 &- $1.delta }
        }
        audience.tell(outcome.steps, of: place, credits: before, to: re == .gameload ? session : nil)
        if let refusal { audience.fail(session, refusal) }
        done()
    }

    private func failed(_ failure: CommitFailure) {
        switch failure {
        case .jackpot: again()
        case .stakeRefused: keepWhatCameBefore(failure.error(re))
        default: fail(failure.error(re))
        }
    }

    /// The operator has not taken the stake: what the action did before it stands by itself, as with any refused step.
    private func keepWhatCameBefore(_ problem: SessionError) {
        self.problem = problem
        guard problem.code == .insufficientFunds, let wallet = committer.wallet else { return runWithoutStakes() }
        wallet.refresh(session.denom, site: session.site) { _ in self.runWithoutStakes() }
    }

    private func runWithoutStakes() {
        guard let account = heads[session.denom] else { return fail(.storeAway(re)) }
        start(from: account)
        call.isWithoutStakes = true
        call.replayed = outcome.steps.map { GameCall.ReplayedStep(id: $0.id, key: $0.key) }
        outcome = loop.games.act(call)
        if let fault = outcome.fault {
            audience.report(fault, site: call.site, session)
            return fail(.gameFailed(re))
        }
        commit()
    }

    /// Somebody else has won a level in between: the call is made anew, with the same random numbers.
    private func again() {
        // A stake at an operator's was taken back meanwhile, which is an entry, and perhaps another balance.
        guard let account = heads[session.denom] else { return fail(.storeAway(re)) }
        isAskedFor = true
        start(from: account)
        loop.jackpots.again(
            call, outcome, rules, realm: audience.user.realm, in: heads.ledger, credits: account.credits, isVoid: committer.wallet != nil
        ) { made in
            guard let made else { return self.fail(CommitFailure.jackpot.error(self.re)) }
            (self.call, self.outcome) = made
            self.take()
        }
    }
}

extension ActionOutcome {
    /// A round begins with one of the steps.
    var opensRound: Bool { steps.contains { $0.round == $0.id } }
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
