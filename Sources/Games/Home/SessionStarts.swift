import Logging
import NIOCore
import Host
import Store

/// Takes up a user's sessions: first who the user is, then, when Lua has said what becomes of the user's data, the account.
/// Loop-bound; one call at a time, as the user's queue has it. Each session is answered once, with `attached` or `notAttached`.
final class SessionStarts {
    private let user: UserKey
    private unowned let loop: CasinoLoop
    private let heads: AccountHeads
    private let userdata: UserdataKeeper
    private let audience: Audience
    private let rounds: RoundSettler
    private var record: UserRecord?

    init(
        of user: UserKey, on loop: CasinoLoop, heads: AccountHeads, userdata: UserdataKeeper, audience: Audience, rounds: RoundSettler
    ) {
        self.user = user
        self.loop = loop
        self.heads = heads
        self.userdata = userdata
        self.audience = audience
        self.rounds = rounds
    }

    /// Makes the user known. `done` hears whether it is the user's first session ever; nil: refused.
    func identify(_ session: HomeSession, profile: String, _ done: @escaping (_ isFirst: Bool?) -> Void) {
        guard audience.sessions.count <= CasinoLimits.sessionsPerUser else {
            refuse(session, SessionError(.internal, "more than \(CasinoLimits.sessionsPerUser) sessions of one user", re: .start))
            loop.close(session.connection, SessionCloseCode.tooMuch, "too many sessions")
            return done(nil)
        }
        guard record == nil else { return done(false) }
        loop.shared.ledger.user(
            realm: user.realm, uid: user.user, profile: profile, on: loop.eventLoop,
            loop.eventLoop.back { result in
                switch result {
                case .success(let record):
                    self.record = record
                    done(record.isNew)
                case .failure(let error):
                    self.loop.shared.logger.error("user not loaded", metadata: ["user": "\(self.user.user)", "error": "\(error)"])
                    self.refuse(session, .storeAway(.start))
                    done(nil)
                }
            })
    }

    /// Lua has said what becomes of the user's data.
    func welcome(_ session: HomeSession, _ answer: ComponentAnswer, _ done: @escaping () -> Void) {
        switch answer {
        case .changes(nil): attach(session, done)
        case .changes(.some(let wanted)):
            let site = session.site.id
            userdata.store(wanted, site: site) { isStored in
                guard isStored else {
                    self.refuse(session, .storeAway(.start))
                    return done()
                }
                self.audience.sendState(exceptTo: session) { $0.site.id == site }
                self.attach(session, done)
            }
        case .failed(let code, let detail):
            // The data as they are do for a session.
            loop.shared.logger.error("no answer for the start of a session", metadata: ["code": "\(code)", "detail": "\(detail)"])
            attach(session, done)
        }
    }

    private func attach(_ session: HomeSession, _ done: @escaping () -> Void) {
        guard audience.holds(session) else { return done() }  // it has left meanwhile
        heads.read(session.denom, initialCredits: loop.site(of: session).initialCredits) { account in
            guard account != nil else {
                self.refuse(session, .storeAway(.start))
                return done()
            }
            self.rounds.settle([session.denom]) {
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
    }

    /// The client may try again.
    func refuse(_ session: HomeSession, _ error: SessionError) {
        guard audience.holds(session) else { return }
        audience.remove(session)
        loop.notAttached(session.connection, error)
    }
}
