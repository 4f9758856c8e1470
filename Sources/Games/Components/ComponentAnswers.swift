import Bytes
import Logging
import Host
import Store

/// Carries out what components want done: what is stored in one transaction, then what is told. Loop-bound; one call at a time, as
/// the user's queue has it. The session's account and data are known.
///
/// A bet may have been played since the component was asked, for its wait holds up nobody's play. So what a component says about
/// credits is taken as it is meant now: `amount` is added to the balance there is, `to` replaces it.
final class ComponentAnswers {
    private unowned let loop: CasinoLoop
    private let heads: AccountHeads
    private let userdata: UserdataKeeper
    private let audience: Audience

    init(on loop: CasinoLoop, heads: AccountHeads, userdata: UserdataKeeper, audience: Audience) {
        self.loop = loop
        self.heads = heads
        self.userdata = userdata
        self.audience = audience
    }

    /// `done` is called once, when everything is stored and told, or refused.
    func take(_ answer: ComponentAnswer, of component: String, for session: HomeSession, _ done: @escaping () -> Void) {
        switch answer {
        case .failed(let code, let detail):
            let known: SessionErrorCode = code == "unknown_component" ? .unknownComponent : .componentError
            audience.fail(session, SessionError(known, detail, re: .component))
            done()
        case .mistaken(let text):
            loop.shared.logger.error("\(text)", metadata: ["user": "\(audience.user.user)"])
            audience.fail(session, SessionError(.componentError, loop.shared.configuration.debug ? text : "the component's answer cannot be used", re: .component))
            done()
        case .changes(let changes):
            guard loop.topics.hasRoom(session.connection, changes.subscribe, leaving: changes.unsubscribe) else {
                let most = ComponentLimits.topicsPerSession
                audience.fail(session, SessionError(.componentError, "more than \(most) subscriptions of one session", re: .component))
                return done()
            }
            store(changes, of: component, for: session) { error in
                if let error { self.audience.fail(session, error) } else { self.tell(changes, session) }
                done()
            }
        }
    }

    private func tell(_ changes: ComponentChanges, _ session: HomeSession) {
        if audience.holds(session) {
            switch changes.unsubscribe {
            case .none: break
            case .all: loop.topics.unsubscribeAll(session.connection)
            case .topics(let names): for name in names { loop.topics.unsubscribe(session.connection, name) }
            }
            for name in changes.subscribe { loop.topics.subscribe(session.connection, name) }
            for reply in changes.replies { loop.deliver(session.connection, reply) }
        }
        if !changes.movements.isEmpty || !changes.outbox.isEmpty {
            // The balance is the user's, wherever he plays for it; the data are the site's.
            audience.sendState { $0.denom == session.denom || changes.userdata != nil && $0.site.id == session.site.id }
        } else if changes.userdata != nil {
            audience.sendState { $0.site.id == session.site.id }
        } else if changes.replies.isEmpty {
            audience.sendState(to: session)
        }
    }

    /// - Parameter done: Gets what to tell the session, or nil.
    private func store(
        _ changes: ComponentChanges, of component: String, for session: HomeSession, _ done: @escaping (SessionError?) -> Void
    ) {
        let site = session.site.id
        guard !changes.isQuiet else { return done(nil) }
        // Credits made here would be credits that the operator does not have.
        guard changes.movements.isEmpty || !heads.isFollowing else {
            return done(SessionError(.componentError, "the credits are kept in the operator's wallet, and change there", re: .component))
        }
        guard changes.outbox.isEmpty || heads.tellsOutside else {
            return done(SessionError(.componentError, "the platform plays in memory, and nothing is told outside", re: .component))
        }
        guard !changes.movements.isEmpty || !changes.outbox.isEmpty else {
            guard let data = changes.userdata else { return done(nil) }
            return userdata.store(data, site: site) { isStored in done(isStored ? nil : .storeAway(.component)) }
        }
        let data = changes.userdata.map(Userdata.bare)
        guard let account = heads[session.denom]?.key else { return done(.storeAway(.component)) }
        let adjustment = Adjustment(
            account: account, id: .random(), movements: changes.movements, outbox: changes.outbox,
            userdata: data.map { UserdataPatch(site: site, json: String(decoding: $0, as: UTF8.self)) }, source: component)
        var isOutOfRange = false
        heads.adjust(session.denom, { account in
            let transition = adjustment.transition(account, now: self.loop.now())
            isOutOfRange = transition == nil
            return transition
        }) { result in
            switch result {
            case .success where isOutOfRange:
                done(SessionError(.componentError, "the balance would become too large", re: .component))
            case .success:
                if let data { self.userdata.took(data, site: site) }
                done(nil)
            case .failure(.insufficient): done(SessionError(.insufficientFunds, "the balance does not cover this", re: .component))
            case .failure(.overflow): done(SessionError(.componentError, "the balance would become too large", re: .component))
            case .failure(.taken), .failure(.keptElsewhere), .failure(.keptInMemory), .failure(.unknown):
                if data != nil { self.userdata.distrust(site) }
                done(.storeAway(.component))
            }
        }
    }
}
