import NIOCore
import Host
import Store
import Transport

/// The casino on one event loop: the sessions whose sockets live here and the users whose home this is.
///
/// Loop-bound; other loops reach it through its ``CasinoPeer``, with everything of one socket read in one hop.
final class CasinoLoop {
    let index: Int
    let eventLoop: any EventLoop
    private let sockets: any SessionSockets
    let games: any GameEngines
    let scripts: CasinoScripts
    let shared: CasinoShared
    /// All loops by index, this one included.
    private var peers: [CasinoPeer] = []
    private var users: [UserKey: AccountHome] = [:]
    /// Sessions whose sockets live here.
    var sessions: [ConnectionID: Session] = [:]
    private var idle: CircularBuffer<(user: AccountHome, since: Int64)> = []
    /// What is to be told to other loops, collected until the end of the turn.
    private var outgoing: [[PeerItem]] = []
    private var isFlushScheduled = false
    let share: HomeShare
    /// Tasks of users that are not done.
    var pendingTasks = 0
    /// Sessions of users of this loop that wait for an operator's word on their tokens, by platform.
    var arrivals: [String: Int] = [:]
    private var drainWaiters: [EventLoopPromise<Void>] = []
    /// No more commands are taken.
    private(set) var isStopping = false
    private var rules: [GameKey: GameRules] = [:]
    /// Where rounds wait that cannot be ended, because the game or the site is not there: since when, milliseconds since 1970.
    private var missing: [GameKey: Int64] = [:]
    private var scratch: [UInt8] = []
    let contents: ContentKeeper
    let reports: BackOfficeReports
    /// The wallets of operators.
    private(set) var wallets: LoopWallets! = nil
    private var overdue: OverdueRounds?
    private(set) var jackpots: JackpotDesk! = nil
    /// What sessions of this home's users have subscribed to.
    private(set) var topics: TopicBoard! = nil

    init(index: Int, sockets: any SessionSockets, games: any GameEngines, scripts: CasinoScripts, shared: CasinoShared) {
        self.index = index
        self.eventLoop = sockets.eventLoop
        self.sockets = sockets
        self.games = games
        self.scripts = scripts
        self.shared = shared
        share = HomeShare(on: sockets.eventLoop)
        contents = ContentKeeper(store: shared.keys, loop: sockets.eventLoop)
        reports = BackOfficeReports(
            store: shared.keys, on: sockets.eventLoop, isOn: shared.configuration.reportsToBackOffice, logger: shared.logger)
        wallets = LoopWallets(on: self)
        jackpots = JackpotDesk(on: self)
        topics = TopicBoard(on: eventLoop) { [unowned self] in deliver($0, $1) }
    }

    /// Makes the other loops known and begins the sweeps. Once, before sessions come.
    func begin(_ peers: [CasinoPeer]) {
        self.peers = peers
        outgoing = peers.map { _ in [] }
        let loop = eventLoop.assumeIsolated()
        loop.scheduleTask(in: CasinoLimits.idleSweepInterval) { [weak self] in self?.sweepIdle() }
        if reports.isOn { loop.scheduleTask(in: shared.configuration.playerReportInterval) { [weak self] in self?.reportPlayers() } }
        if index == 0 {
            overdue = OverdueRounds(shared, on: eventLoop) { [unowned self] key, denom, wallet in
                send(.settle(key, denom: denom, wallet), to: key.home(among: peers.count))
            }
            overdue?.begin()
        }
    }

    // MARK: Between the loops

    /// Sends to another loop, or handles at once what is for this one.
    func send(_ item: PeerItem, to index: Int) {
        guard index != self.index else { return receive(item) }
        outgoing[index].append(item)
        guard !isFlushScheduled else { return }
        isFlushScheduled = true
        eventLoop.assumeIsolated().execute { self.flush() }
    }

    func flush() {
        isFlushScheduled = false
        for index in outgoing.indices where !outgoing[index].isEmpty {
            let items = outgoing[index]
            outgoing[index] = []
            peers[index].run { loop in
                for item in items { loop.receive(item) }
            }
        }
    }

    func receive(_ item: PeerItem) {
        switch item {
        case .claim(let request): user(request.user, playingFrom: request.wallet).claim(HomeSession(request))
        case .attach(let request): user(request.user, playingFrom: request.wallet).attach(HomeSession(request))
        case .command(let key, let connection, let command):
            guard !isStopping, let user = users[key], let session = user.session(connection) else { return completed(connection) }
            user.submit(.command(session, command))
        case .detach(let key, let connection):
            users[key]?.detach(connection)
        case .mend(let key, let denom): user(key).submit(.mend(denom))
        case .walletTold(let key, let denom, let id, let isPaid): users[key]?.walletTold(id, of: denom, isPaid: isPaid)
        case .walletOwed(let platform): wallets.wake(platform)
        case .settle(let key, let denom, let wallet):
            if !isStopping { user(key, playingFrom: wallet).submit(.settle(denom: denom, wallet)) }
        case .deliver(let connection, let bytes): bytes.withUnsafeBytes { sockets.send(connection, $0, .text) }
        case .vouched(let connection, let told): sessions[connection]?.vouched(told)
        case .attached(let connection): sessions[connection]?.attached()
        case .notAttached(let connection, let error): sessions[connection]?.notAttached(error)
        case .completed(let connection): sessions[connection]?.completed()
        case .close(let connection, let code, let reason): sockets.close(connection, code: code, reason: reason)
        }
    }

    // MARK: From the home to sessions

    func vouched(_ connection: ConnectionID, _ told: RemoteWallet.Told) { send(.vouched(connection, told), to: connection.loopIndex) }
    func attached(_ connection: ConnectionID) { send(.attached(connection), to: connection.loopIndex) }
    func notAttached(_ connection: ConnectionID, _ error: SessionError) {
        send(.notAttached(connection, error), to: connection.loopIndex)
    }
    func completed(_ connection: ConnectionID) { send(.completed(connection), to: connection.loopIndex) }
    func close(_ connection: ConnectionID, _ code: UInt16, _ reason: String) {
        send(.close(connection, code, reason), to: connection.loopIndex)
    }

    /// Something is owed to the operator's wallet of a platform.
    func wakeCourier(of platform: String) { send(.walletOwed(platform: platform), to: 0) }

    func deliver(_ connection: ConnectionID, _ bytes: [UInt8]) {
        send(.deliver(connection, bytes), to: connection.loopIndex)
    }

    func sendState(
        _ connection: ConnectionID, game: (id: String, state: [UInt8])?, credits: Int64, walletTail: [UInt8], userdata: [UInt8]
    ) {
        StateMessage.write(into: &scratch, game: game, credits: credits, walletTail: walletTail, userdata: userdata)
        if connection.loopIndex == index {
            scratch.withUnsafeBytes { sockets.send(connection, $0, .text) }
        } else {
            deliver(connection, scratch)
        }
    }

    // MARK: Users

    /// - Parameter wallet: Nil: whatever the platform has said last.
    private func user(_ key: UserKey, playingFrom wallet: WalletKind? = nil) -> AccountHome {
        let kind = wallet ?? shared.wallets.kind(of: key.realm)
        // One that is only kept for a while, and whose platform plays from elsewhere now, knows the wrong accounts.
        if let user = users[key], user.kind == kind || !user.isIdle { return user }
        let user = AccountHome(key: key, playingFrom: kind, loop: self)
        users[key] = user
        return user
    }

    /// The user is kept for a while, for clients that reconnect.
    func becameIdle(_ user: AccountHome) {
        idle.append((user, user.idleSince))
        if idle.count > CasinoLimits.idleUsers { forgetFirstIdle() }
    }

    private func forgetFirstIdle() {
        guard let (user, since) = idle.popFirst() else { return }
        // Whoever played since then is in the list again, further back.
        if user.isIdle, user.idleSince == since, users[user.key] === user { users[user.key] = nil }
    }

    private func sweepIdle() {
        let last = now() - CasinoLimits.idleUserAge
        while let first = idle.first, first.since <= last { forgetFirstIdle() }
        eventLoop.assumeIsolated().scheduleTask(in: CasinoLimits.idleSweepInterval) { [weak self] in self?.sweepIdle() }
    }

    /// Tells the back office of players whose balance has changed.
    private func reportPlayers() {
        for user in users.values where !user.sessions.isEmpty { user.report() }
        eventLoop.assumeIsolated().scheduleTask(in: shared.configuration.playerReportInterval) { [weak self] in self?.reportPlayers() }
    }

    func taskDone() {
        pendingTasks -= 1
        guard pendingTasks == 0, !drainWaiters.isEmpty else { return }
        let waiters = drainWaiters
        drainWaiters = []
        for waiter in waiters { waiter.succeed() }
    }

    /// Takes no more commands; succeeds when those taken are committed and told.
    func drain(_ done: EventLoopPromise<Void>) {
        isStopping = true
        if pendingTasks == 0 { done.succeed() } else { drainWaiters.append(done) }
    }

    /// Tells the sessions of this home's users that are in the game, or all of them.
    func tell(_ message: [UInt8], playersOf game: String?) {
        for user in users.values {
            for session in user.sessions where session.isAttached && (game == nil || session.game?.game == game) {
                deliver(session.connection, message)
            }
        }
    }

    /// Changes an account of a user for somebody outside, when it is its turn.
    func adjust(_ change: Adjustment, _ answer: @escaping (Result<Adjusted, AdjustFailure>) -> Void) {
        guard !isStopping else { return answer(.failure(.unknown(StoreError(.closed, "the server is stopping")))) }
        if let problem = shared.wallets.problem(with: change.account, asking: change.source) { return answer(.failure(.unknown(problem))) }
        user(UserKey(realm: change.account.realm, user: change.account.user)).submit(.adjust(change, answer))
    }

    /// Gives a component's message to sessions of a user, or of those on one site.
    func tell(_ message: [UInt8], user: UserKey, site: String?) {
        for session in users[user]?.sessions ?? [] where session.isAttached && (site == nil || session.site.id == site) {
            deliver(session.connection, message)
        }
    }

    // MARK: What is looked up

    func now() -> Int64 { shared.wallClock() }

    /// The session's site with its newest settings.
    func site(of session: HomeSession) -> Site { shared.sites.site(session.site.id) ?? session.site }

    /// What the money of a session is called at the back office now.
    func currency(of session: HomeSession) -> String {
        let now = site(of: session).denomination
        return now.name == session.denom ? now.rgsID : session.site.denomination.rgsID
    }

    /// How a game is played on a site; nil when there is no such game or, without a fallback, no such site.
    func rules(_ place: GameKey, _ fallback: Site?) -> GameRules? {
        let told = shared.sites.site(place.site)
        guard let site = told ?? fallback, let game = games.loaded(place.game) else { return nil }
        if !missing.isEmpty, told != nil { missing[place] = nil }
        if let known = rules[place], known.site === site, known.game === game { return known }
        if rules.count >= CasinoLimits.cachedRules { rules.removeAll() }
        let made = GameRules(site: site, game: game, place: place)
        rules[place] = made
        return made
    }

    /// Is a place that has no rules gone, or may it yet come back? Ask again now and then.
    func isGone(_ place: GameKey) -> Bool {
        if missing[place] == nil {
            if missing.count >= CasinoLimits.missingPlaces { missing.removeAll() }
            missing[place] = now()
        }
        return now() - (missing[place] ?? now()) >= CasinoLimits.goneAfter
    }

    /// What is called so at the back office and by wallets; of a site that is gone, by any other that plays for the same money. Nil:
    /// there is none.
    func currency(of denom: String, at site: String) -> String? {
        let own = shared.sites.site(site)?.denomination
        if let own, own.name == denom { return own.rgsID }
        return shared.sites.all.lazy.map(\.denomination).first { $0.name == denom }?.rgsID
    }
}

/// The way to a ``CasinoLoop`` from any thread.
struct CasinoPeer: Sendable {
    private let bound: NIOLoopBound<CasinoLoop>

    init(_ loop: CasinoLoop) { bound = NIOLoopBound(loop, eventLoop: loop.eventLoop) }

    var eventLoop: any EventLoop { bound.eventLoop }

    /// Runs `body` on the loop, in a later turn.
    func run(_ body: @escaping @Sendable (CasinoLoop) -> Void) {
        let bound = bound
        bound.eventLoop.execute { body(bound.value) }
    }
}
