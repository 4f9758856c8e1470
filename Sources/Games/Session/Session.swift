import Logging
import NIOCore
import Store
import Transport

/// A user session on the loop of its socket: runs the protocol machine and carries out what it says. Loop-bound.
final class Session {
    private var machine = SessionMachine()
    private unowned let connection: Connection
    private unowned let loop: CasinoLoop
    private var startTimer: Scheduled<Void>?
    private var user: UserKey?
    private var home = 0
    /// Commands without an answer.
    private var pending = 0
    private var isPaused = false
    /// The client has sent its close frame, which is answered after its commands.
    private var isClosing = false
    /// While a session of an operator's player starts.
    private var claim: Claim?

    /// A user whom the operator vouches for, or has yet to.
    private struct Claim {
        let found: OpenedSession
        let request: StartRequest
        let site: Site
        var told: RemoteWallet.Told?
    }

    init(connection: Connection, loop: CasinoLoop) {
        self.connection = connection
        self.loop = loop
        startTimer = loop.eventLoop.assumeIsolated().scheduleTask(in: loop.shared.configuration.startTimeout) { [weak self] in
            self?.startTimer = nil
            self?.end(SessionCloseCode.notStartedInTime, "no start message in time")
        }
    }

    func received(_ bytes: UnsafeRawBufferPointer, isText: Bool) {
        switch machine.receive(bytes, isText: isText) {
        case nil: break
        case .start(let request): start(request)
        case .perform(let command): perform(command)
        case .reject(let error): reject(error)
        }
    }

    func closing() {
        isClosing = true
        answerClose()
    }

    private func answerClose() {
        if isClosing, pending == 0, !machine.isStarting { connection.answerClose() }
    }

    func closed() {
        machine.end()
        startTimer?.cancel()
        startTimer = nil
        if let user { loop.send(.detach(user, connection.id), to: home) }
        user = nil
    }

    // MARK: Starting

    private func start(_ request: StartRequest) {
        loop.scripts.open(request, remote: connection.remote) { [weak self] in self?.opened($0, request) }
    }

    /// The package `casino` has said who the user is.
    private func opened(_ result: Result<OpenedSession, SessionError>, _ request: StartRequest) {
        guard connection.isOpen else { return }
        switch result {
        case .failure(let error): refused(error, request)
        case .success(let found) where found.wallet == .remote: claim(found, request)
        case .success(let found): identify(found, request)
        }
    }

    /// Has the operator asked whether the user is who it says it is, before anybody hears of the user.
    private func claim(_ found: OpenedSession, _ request: StartRequest) {
        guard let site = loop.shared.sites.site(request.site) else { return refuse(Self.unknownSite) }
        let key = UserKey(realm: request.platform, user: found.uid)
        user = key
        home = key.home(among: loop.shared.loopCount)
        claim = Claim(found: found, request: request, site: site)
        loop.send(
            .claim(AttachRequest(user: key, connection: connection.id, site: site, wallet: found.wallet, token: request.token)), to: home)
    }

    /// The operator knows the user.
    func vouched(_ told: RemoteWallet.Told) {
        guard var claim, connection.isOpen else { return }
        user = nil
        claim.told = told
        self.claim = claim
        identify(claim.found, claim.request)
    }

    /// Makes the user known, who gets a global id with it.
    private func identify(_ found: OpenedSession, _ request: StartRequest) {
        loop.shared.ledger.user(
            realm: request.platform, uid: found.uid, profile: found.profile, on: loop.eventLoop,
            loop.eventLoop.back { [weak self] result in
                guard let self, connection.isOpen else { return }
                switch result {
                case .success(let record):
                    loop.scripts.register(request, record) { [weak self, loop] result in
                        if let self { return registered(result, found, record, request) }
                        // The client has left meanwhile; who keeps the books does not know that.
                        if case .success(let registration) = result { loop.reports.ended(registration, of: record.key) }
                    }
                case .failure(let error):
                    loop.shared.logger.error("user not loaded", metadata: ["user": "\(found.uid)", "error": "\(error)"])
                    refuse(.storeAway(.start))
                }
            })
    }

    /// The package `casino` has registered the session where it must be known.
    private func registered(
        _ result: Result<Registration?, SessionError>, _ found: OpenedSession, _ record: UserRecord, _ request: StartRequest
    ) {
        let key = record.key
        switch result {
        case .failure(let error): refused(error, request)
        case .success(let registration):
            guard connection.isOpen else { return loop.reports.ended(registration, of: key) }
            guard let site = loop.shared.sites.site(request.site) else {
                loop.reports.ended(registration, of: key)
                return refuse(Self.unknownSite)
            }
            // What the operator has said is of another money: the next attempt is asked about.
            if let claim, claim.site.denomination != site.denomination {
                loop.reports.ended(registration, of: key)
                return refuse(.walletAway(.start))
            }
            user = key
            home = key.home(among: loop.shared.loopCount)
            let attached = AttachRequest(
                user: key, isFirst: record.isNew, connection: connection.id, site: site, wallet: found.wallet, components: found.components,
                registration: registration, token: request.token, told: claim?.told)
            claim = nil
            loop.send(.attach(attached), to: home)
        }
    }

    private static let unknownSite = SessionError(.unknownSite, "there is no such site", re: .start)

    private func refused(_ error: SessionError, _ request: StartRequest) {
        guard connection.isOpen else { return }
        loop.shared.logger.info("session refused", metadata: [
            "platform": "\(request.platform)", "site": "\(request.site)", "code": "\(error.code.rawValue)", "reason": "\(error.message)",
        ])
        // What is wrong with the credentials is nobody's business but the operator's.
        refuse(SessionError(error.code, error.code.startText ?? error.message, re: .start))
    }

    /// The home has taken the session.
    func attached() {
        startTimer?.cancel()
        startTimer = nil
        for command in machine.started() { perform(command) }
        answerClose()
    }

    /// The home has not taken the session; the client may try again.
    func notAttached(_ error: SessionError) {
        user = nil
        refuse(error)
    }

    private func refuse(_ error: SessionError) {
        claim = nil
        machine.refused()
        reject(error)
        answerClose()
    }

    // MARK: Commands

    private func perform(_ command: SessionCommand) {
        guard let user else { return }
        pending += 1
        if pending > CasinoLimits.pendingMax { return end(SessionCloseCode.tooMuch, "too many messages at once") }
        loop.send(.command(user, connection.id, command), to: home)
        if pending >= CasinoLimits.pendingPause, !isPaused {
            isPaused = true
            connection.pauseReading()
        }
    }

    /// A command is done.
    func completed() {
        pending -= 1
        if isPaused, pending <= CasinoLimits.pendingResume {
            isPaused = false
            connection.resumeReading()
        }
        answerClose()
    }

    // MARK: Ending

    private func reject(_ error: SessionError) {
        error.encoded().withUnsafeBytes { connection.send($0, .text) }
        if let code = error.code.closeCode { end(code, error.code.rawValue) }
    }

    private func end(_ code: UInt16, _ reason: String) {
        machine.end()
        connection.close(code: code, reason: reason)
    }
}

extension UserRecord {
    fileprivate var key: UserKey { UserKey(realm: realm, user: uid) }
}
