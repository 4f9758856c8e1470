import Logging
import NIOCore
import Host
import Store

/// Takes up a user's sessions: when Lua has said what becomes of the user's data, the account.
/// Loop-bound; one call at a time, as the user's queue has it. Each session is answered once, with `attached` or `notAttached`.
final class SessionStarts {
    private let user: UserKey
    private unowned let loop: CasinoLoop
    private let heads: AccountHeads
    private let userdata: UserdataKeeper
    private let audience: Audience
    private let rounds: RoundSettler
    private let committer: GameCommitter

    init(
        of user: UserKey, on loop: CasinoLoop, heads: AccountHeads, userdata: UserdataKeeper, audience: Audience,
        committer: GameCommitter, rounds: RoundSettler
    ) {
        self.user = user
        self.committer = committer
        self.loop = loop
        self.heads = heads
        self.userdata = userdata
        self.audience = audience
        self.rounds = rounds
    }

    /// Takes one more session, unless there are too many.
    func admits(_ session: HomeSession) -> Bool {
        guard audience.sessions.count > CasinoLimits.sessionsPerUser else { return true }
        refuse(session, SessionError(.internal, "more than \(CasinoLimits.sessionsPerUser) sessions of one user", re: .start))
        loop.close(session.connection, SessionCloseCode.tooMuch, "too many sessions")
        return false
    }

    /// Lua has said what becomes of the user's data.
    func welcome(_ session: HomeSession, _ answer: ComponentAnswer, _ done: @escaping () -> Void) {
        switch answer {
        case .changes(let changes):
            guard let wanted = changes.userdata else { return attach(session, done) }
            let site = session.site.id
            userdata.store(wanted, site: site) { isStored in
                guard isStored else {
                    self.refuse(session, .storeAway(.start))
                    return done()
                }
                self.audience.sendState(exceptTo: session) { $0.site.id == site }
                self.attach(session, done)
            }
        case .mistaken(let text):
            loop.shared.logger.error("no answer for the start of a session: \(text)")
            attach(session, done)
        case .failed(let code, let detail):
            // The data as they are do for a session.
            loop.shared.logger.error("no answer for the start of a session", metadata: ["code": "\(code)", "detail": "\(detail)"])
            attach(session, done)
        }
    }

    private func attach(_ session: HomeSession, _ done: @escaping () -> Void) {
        let shared = loop.shared
        shared.commitments.make(for: [loop.site(of: session)], on: [user.realm], of: shared, loop: loop.eventLoop) { error in
            guard let error else { return self.open(session, done) }
            shared.logger.error("jackpots not opened", metadata: ["site": "\(session.site.id)", "error": "\(error)"])
            self.refuse(session, .storeAway(.start))
            done()
        }
    }

    private func open(_ session: HomeSession, _ done: @escaping () -> Void) {
        guard audience.holds(session) else { return done() }  // it has left meanwhile
        heads.read(session.denom, initialCredits: loop.site(of: session).initialCredits) { account in
            guard account != nil else {
                self.refuse(session, .storeAway(.start))
                return done()
            }
            guard let wallet = self.committer.wallet else { return self.settle(session, done) }
            // The user plays from the operator since this session was let in: there the next attempt is asked about.
            guard let told = session.told else {
                self.refuse(session, .walletAway(.start))
                return done()
            }
            wallet.open(session, told) { problem in
                guard let problem else { return self.settle(session, done) }
                self.refuse(session, problem)
                done()
            }
        }
    }

    private func settle(_ session: HomeSession, _ done: @escaping () -> Void) {
        rounds.settle([session.denom]) {
            guard self.heads[session.denom] != nil else {
                self.refuse(session, .storeAway(.start))
                return done()
            }
            session.isAttached = true
            self.loop.attached(session.connection)
            self.audience.sendState(to: session)
            done()
        }
    }

    /// The client may try again.
    func refuse(_ session: HomeSession, _ error: SessionError) {
        guard audience.holds(session) else { return }
        audience.remove(session)
        loop.reports.ended(session.registration, of: user)
        loop.notAttached(session.connection, error)
    }
}
