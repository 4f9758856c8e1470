import Logging
import NIOCore
import Host
import Store
import Transport

/// A user's sessions, and what they hear: each its own view of what the store has confirmed. Loop-bound to the home.
final class Audience {
    let user: UserKey
    private unowned let loop: CasinoLoop
    private let heads: AccountHeads
    private let userdata: UserdataKeeper
    private(set) var sessions: [HomeSession] = []
    /// Called when a session could not be told its state, because the store does not say it.
    var onOwed: () -> Void = {}

    init(of user: UserKey, on loop: CasinoLoop, heads: AccountHeads, userdata: UserdataKeeper) {
        self.user = user
        self.loop = loop
        self.heads = heads
        self.userdata = userdata
    }

    func add(_ session: HomeSession) { sessions.append(session) }
    func remove(_ session: HomeSession) { sessions.removeAll { $0 === session } }
    func holds(_ session: HomeSession) -> Bool { sessions.contains { $0 === session } }

    // MARK: States

    /// The session's state as it is; where nobody knows, the session is told as soon as the store can be read.
    func sendState(to session: HomeSession) {
        guard let account = heads[session.denom] else {
            session.isOwedState = true
            return onOwed()
        }
        sendState(to: session, session.game.flatMap { account.slot($0) }, credits: account.credits)
    }

    /// The user's data as the session sees them, with the level.
    func shownUserdata(_ session: HomeSession) -> [UInt8] {
        userdata.shown(
            session.site.id, levels: loop.site(of: session).levels(on: user.realm), spent: heads[session.denom]?.spent ?? 0)
    }

    /// To every session that has started, but one.
    func sendState(exceptTo excluded: HomeSession? = nil, where isMeant: (HomeSession) -> Bool) {
        for session in sessions where session !== excluded && session.isAttached && isMeant(session) { sendState(to: session) }
    }

    /// One `state` per step of a call that has been committed, in order.
    ///
    /// - Parameter credits: The balance before the first step.
    func tell(_ steps: [GameStep], of place: GameKey, credits: Int64, to only: HomeSession? = nil) {
        var credits = credits
        for step in steps {
            credits += step.delta
            for session in sessions where session.isAttached && (only == nil || session === only) {
                guard let account = heads[session.denom] else { continue }
                if session.game == place {
                    sendState(to: session, (place.game, step.blob), credits: credits)
                } else {
                    sendState(to: session, session.game.flatMap { account.slot($0) }, credits: credits)
                }
            }
        }
    }

    private func sendState(to session: HomeSession, _ slot: GameSlot?, credits: Int64) {
        sendState(to: session, slot.map { ($0.key.game, $0.blob) }, credits: credits)
    }

    private func sendState(to session: HomeSession, _ game: (id: String, state: [UInt8])?, credits: Int64) {
        session.isOwedState = false
        // A site that plays for other money since: the session goes on with its own.
        let now = loop.site(of: session)
        let site = now.denomination.name == session.denom ? now : session.site
        loop.sendState(session.connection, game: game, credits: credits, walletTail: site.walletTail, userdata: shownUserdata(session))
    }

    // MARK: Failures

    /// An error, and the state where the protocol wants it.
    func fail(_ session: HomeSession, _ error: SessionError) {
        loop.deliver(session.connection, error.encoded())
        if error.code.isFollowedByState, session.isAttached { sendState(to: session) }
    }

    /// An engine has failed: for the log, and in development mode for the page of whoever works on the game.
    func report(_ fault: GameFault, site: String, _ session: HomeSession?) {
        loop.shared.logger.error("\(fault.message)", metadata: [
            "game": "\(fault.game)", "site": "\(site)", "user": "\(user.user)", "code": "\(fault.code)",
            "traceback": "\(fault.traceback ?? "")",
        ])
        guard loop.shared.configuration.debug, let session else { return }
        loop.deliver(session.connection, EngineMessage.error(game: fault.game, .action, text: fault.shownText))
    }
}

extension GameFault {
    /// For the page of whoever works on the game.
    var shownText: String { String(decoding: message.utf8.prefix(CasinoLimits.shownErrorBytes), as: UTF8.self) }
}
