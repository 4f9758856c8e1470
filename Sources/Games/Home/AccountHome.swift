import Logging
import NIOCore
import Host
import Store
import Transport

/// One user at home: the cached heads, the user's sessions, and a queue that runs the user's commands one at a time.
///
///     sockets' loops                  the user's home: one loop, by hash of realm and user
///       Session ──PeerItem.command──▸ tasks ─▸ perform ─▸ engine (GameRun) ─▸ Transition ─▸ commit ─▸ Store
///       Session ◂─PeerItem.deliver─── tellSteps ◂─ heads in step (apply) ◂─────────────────────────────┘
///               ◂─PeerItem.completed─ finish ─▸ the next task
///
/// **Why a home.** A user may have several sessions, whose sockets live on different loops. All of them send their commands
/// here (`UserKey.home`), so balance and states have one place where they are read, decided on and changed, without a lock.
///
/// **One at a time.** A task begins only after the one before it is committed and told, across all the user's sessions; other
/// users' tasks go on meanwhile, so that one commit of the store carries many. Every task ends with exactly one `finish`,
/// whatever happened in between.
///
/// **The cache is not the truth.** `accounts` holds what the store said last. Each transition names the version it starts
/// from, so a change by another machine is a conflict and the store's answer replaces the head. Where it is unknown what the
/// store holds (a failed commit), the head is dropped and read again before the task ends.
///
/// **Money.** An engine's call changes nothing: its steps, accepted in order until the first refusal, become one `Transition`
/// whose id makes it idempotent. A session hears its new state only after the commit, every session of the user in the same
/// order, each in its own view.
///
/// Loop-bound. The rest of its work lies in files beside this one: games, commits, components.
final class AccountHome {
    enum Task {
        case attach(HomeSession, profile: String)
        case command(HomeSession, SessionCommand)
        case detach(HomeSession)
        /// End rounds that stayed open too long.
        case settle
    }

    let key: UserKey
    unowned let home: CasinoLoop
    private(set) var sessions: [HomeSession] = []
    /// By denomination. Dropped when it is unknown what the store holds.
    var accounts: [String: Account] = [:]
    /// By site, JSON text.
    var userdata: [String: [UInt8]] = [:]
    private var record: UserRecord?
    private var tasks = CircularBuffer<Task>()
    private var isBusy = false
    private var isPumping = false
    /// When the last session left, milliseconds since 1970.
    private(set) var idleSince: Int64 = 0

    init(key: UserKey, home: CasinoLoop) {
        self.key = key
        self.home = home
    }

    /// Nobody plays and nothing is under way.
    var isIdle: Bool { sessions.isEmpty && tasks.isEmpty && !isBusy }

    func session(_ connection: ConnectionID) -> HomeSession? { sessions.first { $0.connection == connection } }

    // MARK: The queue

    func submit(_ task: Task) {
        home.pendingTasks += 1
        tasks.append(task)
        pump()
    }

    private func pump() {
        guard !isPumping else { return }
        isPumping = true
        while !isBusy, let task = tasks.popFirst() {
            isBusy = true
            run(task)
        }
        isPumping = false
        if isIdle { home.becameIdle(self) }
    }

    /// The running task is done and told. `session` waits for an answer to a command.
    func finish(_ session: HomeSession? = nil) {
        precondition(isBusy, "a task ended twice")
        isBusy = false
        if let session { home.completed(session.connection) }
        home.taskDone()
        pump()
    }

    private func run(_ task: Task) {
        switch task {
        case .attach(let session, let profile): beginAttaching(session, profile: profile)
        case .command(let session, let command):
            guard session.isAttached else {
                fail(session, SessionError(.notStarted, "the session has not started", re: command.type))
                return finish(session)
            }
            withAccount(session) { account in
                guard account != nil else {
                    self.fail(session, SessionError(.internal, "the store cannot be reached, try again later", re: command.type))
                    return self.finish(session)
                }
                self.perform(command, for: session)
            }
        case .detach(let session):
            session.isAttached = false
            sessions.removeAll { $0 === session }
            if sessions.isEmpty { idleSince = home.now() }
            finish()
        case .settle: settleAll(self.accounts.keys.sorted(), then: { self.finish() })
        }
    }

    // MARK: Attaching a session

    /// Takes up a session; it is answered with `attached` or `notAttached`.
    func attach(_ session: HomeSession, profile: String) {
        sessions.append(session)
        submit(.attach(session, profile: profile))
    }

    private func beginAttaching(_ session: HomeSession, profile: String) {
        guard sessions.count <= CasinoLimits.sessionsPerUser else {
            return refuse(session, SessionError(.internal, "more than \(CasinoLimits.sessionsPerUser) sessions of one user", re: .start), close: true)
        }
        guard record == nil else { return attachUserdata(session, isFirst: false) }
        home.shared.ledger.user(
            realm: key.realm, uid: key.user, profile: profile, on: home.eventLoop,
            home.onLoop { result in
                switch result {
                case .success(let record):
                    self.record = record
                    self.attachUserdata(session, isFirst: record.isNew)
                case .failure(let error): self.refuse(session, error)
                }
            })
    }

    private func attachUserdata(_ session: HomeSession, isFirst: Bool) {
        let site = session.site.id
        guard userdata[site] != nil else {
            return home.shared.ledger.userdata(
                realm: key.realm, user: key.user, site: site, on: home.eventLoop,
                home.onLoop { result in
                    switch result {
                    case .success(let text):
                        self.userdata[site] = text.map { Array($0.utf8) } ?? Userdata.empty
                        self.attachUserdata(session, isFirst: isFirst)
                    case .failure(let error): self.refuse(session, error)
                    }
                })
        }
        home.scripts.attached(description(of: session), isFirst: isFirst) { answer in
            switch answer {
            case .changes(nil): self.attachAccount(session)
            case .changes(.some(let wanted)):
                self.store(wanted, site: site) { result in
                    switch result {
                    case .success:
                        self.attachAccount(session)
                        self.sendState(exceptTo: session) { $0.site.id == site }
                    case .failure(let error): self.refuse(session, error)
                    }
                }
            case .failed(let code, let detail):
                // The data as they are do for a session.
                self.home.shared.logger.error("no answer for the start of a session", metadata: ["code": "\(code)", "detail": "\(detail)"])
                self.attachAccount(session)
            }
        }
    }

    private func attachAccount(_ session: HomeSession) {
        withAccount(session) { account in
            guard account != nil else {
                return self.refuse(session, SessionError(.internal, "the store cannot be reached, try again later", re: .start), close: false)
            }
            self.settleAll([session.site.denomination.name]) {
                guard self.accounts[session.site.denomination.name] != nil else {
                    return self.refuse(session, SessionError(.internal, "the store cannot be reached, try again later", re: .start), close: false)
                }
                session.isAttached = true
                self.home.attached(session.connection)
                self.sendState(to: session)
                self.finish()
            }
        }
    }

    private func refuse(_ session: HomeSession, _ error: StoreError) {
        home.shared.logger.error("user not loaded", metadata: ["user": "\(key.user)", "error": "\(error)"])
        refuse(session, SessionError(.internal, "the store cannot be reached, try again later", re: .start), close: false)
    }

    private func refuse(_ session: HomeSession, _ error: SessionError, close: Bool) {
        sessions.removeAll { $0 === session }
        home.notAttached(session.connection, error)
        if close { home.close(session.connection, SessionCloseCode.tooMuch, "too many sessions") }
        finish()
    }

    // MARK: The store

    /// Calls `body` with the session's account, read if it is not known; nil when it cannot be read.
    func withAccount(_ session: HomeSession, _ body: @escaping (Account?) -> Void) {
        let denom = session.site.denomination.name
        if let account = accounts[denom] { return body(account) }
        home.shared.ledger.account(
            AccountKey(realm: key.realm, user: key.user, denom: denom), initialCredits: home.site(of: session).initialCredits,
            on: home.eventLoop,
            home.onLoop { result in
                switch result {
                case .success(let account):
                    self.accounts[denom] = account
                    body(account)
                case .failure(let error):
                    self.home.shared.logger.error("account not read", metadata: ["user": "\(self.key.user)", "error": "\(error)"])
                    body(nil)
                }
            })
    }

    /// Keeps new userdata, in the store first.
    func store(_ data: [UInt8], site: String, _ done: @escaping (Result<Void, StoreError>) -> Void) {
        home.shared.ledger.setUserdata(
            realm: key.realm, user: key.user, site: site, json: String(decoding: data, as: UTF8.self), on: home.eventLoop,
            home.onLoop { result in
                if case .success = result { self.userdata[site] = data } else { self.userdata[site] = nil }
                done(result)
            })
    }

    // MARK: Telling the sessions

    /// The session's state as it is.
    func sendState(to session: HomeSession) {
        guard let account = accounts[session.site.denomination.name] else { return }
        let slot = session.game.flatMap { account.slot($0) }
        home.sendState(
            session.connection, game: slot.map { ($0.key.game, $0.blob) }, credits: account.credits, walletTail: session.site.walletTail,
            userdata: userdata[session.site.id] ?? Userdata.empty)
    }

    func sendState(exceptTo excluded: HomeSession? = nil, where isMeant: (HomeSession) -> Bool) {
        for session in sessions where session !== excluded && session.isAttached && isMeant(session) { sendState(to: session) }
    }

    /// An error, and the state where the protocol wants it.
    func fail(_ session: HomeSession, _ error: SessionError) {
        home.deliver(session.connection, error.encoded())
        if error.code.isFollowedByState, session.isAttached { sendState(to: session) }
    }
}
