import Logging
import NIOCore
import Host
import Store
import Transport

/// One user at home: the user's sessions, and a queue that gives the user's tasks their turns, one at a time.
///
///     sockets' loops                  the user's home: one loop, by hash of realm and user
///       Session ──PeerItem.command──▸ TaskQueue ─▸ PlayerGames ─▸ engine (GameRun) ─▸ Transition ─▸ AccountHeads ─▸ Store
///       Session ◂─PeerItem.deliver─── Audience ◂─ heads in step ◂───────────────────────────────────────┘
///               ◂─PeerItem.completed─ finish ─▸ the next task
///
/// **Why a home.** A user may have several sessions, whose sockets live on different loops. All of them send their commands
/// here (`UserKey.home`), so balance and states have one place where they are read, decided on and changed, without a lock.
///
/// **One at a time.** A task begins only after the one before it is committed and told, across all the user's sessions; other
/// users' tasks go on meanwhile, so that one commit of the store carries many. Every turn ends with exactly one `finish`, or
/// with `setAside` when the task goes on in a later turn.
///
/// **Lua waits outside.** A component may wait for the store or the network, and no bet waits for it: its task is set aside, and
/// what it answers is a turn of its own, in which it is stored and told. `UserdataLine` has questions about the same data asked
/// one after the other, so that none is answered from data that are about to change.
///
/// **Money.** An engine's call changes nothing: its steps, accepted in order until the first refusal, become one `Transition`
/// whose id makes it idempotent. A session hears its new state only after the commit, every session of the user in the same
/// order, each in its own view.
///
/// **A claim is no player.** Until the operator has accepted a session's token, the session has no turn, no place among the user's
/// sessions, and nothing of the user is read or changed for it, not even that there is one: whoever names an id that is not his keeps
/// nobody waiting, and leaves nothing behind.
///
/// Loop-bound. What is done in a turn is others': `SessionStarts`, `PlayerGames`, `RoundSettler`, `ComponentAnswers`.
final class AccountHome {
    enum Task {
        case attach(HomeSession)
        case command(HomeSession, SessionCommand)
        case detach(HomeSession)
        /// See to a stake that a former process has left half done.
        case mend(String)
        /// The operator has paid what nobody here knew of: what does the player have now?
        case refresh(String)
        /// End rounds of an account that stayed open too long; the user may be away.
        case settle(denom: String, WalletKind)
        /// Tell sessions how they stand that could not be told when they asked.
        case tellOwed
        /// Somebody outside changes an account.
        case adjust(Adjustment, (Result<Adjusted, AdjustFailure>) -> Void)
        /// A question that had to wait for another one may be asked.
        case ask(UserdataQuestion)
        /// Lua has answered it.
        case answered(UserdataQuestion, ComponentAnswer)
    }

    /// The component that every session has: it stores what the client says and waits for nobody.
    private static let storing = "userdata"

    let key: UserKey
    /// Where the user's credits are.
    private(set) var kind: WalletKind
    private unowned let loop: CasinoLoop
    private let heads: AccountHeads
    private let userdata: UserdataKeeper
    private let audience: Audience
    private let games: PlayerGames
    private let rounds: RoundSettler
    private let starts: SessionStarts
    private let committer: GameCommitter
    private let answers: ComponentAnswers
    private var queue = TaskQueue<Task>()
    private var questions = UserdataLine()
    /// Sessions that the operator has not vouched for yet.
    private var arrivals: [HomeSession] = []
    private var isPumping = false
    private var isResting = false
    /// Before the next attempt to tell sessions what they are owed; nil: none is planned.
    private var owedPause: TimeAmount?
    /// Versions of the accounts that the back office was told of, by what it calls the denomination.
    private var reported: [String: Int64] = [:]
    /// When the last session left, milliseconds since 1970.
    private(set) var idleSince: Int64 = 0

    init(key: UserKey, playingFrom kind: WalletKind, loop: CasinoLoop) {
        self.key = key
        self.kind = kind
        self.loop = loop
        let shared = loop.shared
        let ledger: any Ledger = kind == .memory ? shared.memory : shared.ledger
        heads = AccountHeads(of: key, in: ledger, on: loop.eventLoop, logger: shared.logger)
        heads.tellsOutside = kind != .memory
        userdata = UserdataKeeper(of: key, in: ledger, on: loop.eventLoop, logger: shared.logger)
        audience = Audience(of: key, on: loop, heads: heads, userdata: userdata)
        committer = GameCommitter(on: loop, heads: heads, audience: audience)
        games = PlayerGames(on: loop, heads: heads, audience: audience, committer: committer)
        rounds = RoundSettler(on: loop, heads: heads, audience: audience, committer: committer)
        starts = SessionStarts(
            of: key, on: loop, heads: heads, userdata: userdata, audience: audience, committer: committer, rounds: rounds)
        answers = ComponentAnswers(on: loop, heads: heads, userdata: userdata, audience: audience)
        audience.onOwed = { [unowned self] in
            if owedPause == nil { tellOwed(in: CasinoLimits.owedStatePause.first) }
        }
        if kind == .remote { playFromTheOperator() }
    }

    private func playFromTheOperator() {
        guard committer.wallet == nil else { return }
        kind = .remote
        heads.isFollowing = true
        committer.wallet = RemoteWallet(of: key, on: loop, heads: heads)
    }

    var sessions: [HomeSession] { audience.sessions }

    /// Nobody plays and nothing is under way.
    var isIdle: Bool { sessions.isEmpty && arrivals.isEmpty && queue.isIdle }

    func session(_ connection: ConnectionID) -> HomeSession? { sessions.first { $0.connection == connection } }

    // MARK: The queue

    /// Asks the operator about a session that nobody knows yet; it is answered with `vouched` or `notAttached`.
    func claim(_ session: HomeSession) {
        playFromTheOperator()
        vouch(for: session) { told in
            self.loop.vouched(session.connection, told)
            if self.isIdle { self.loop.becameIdle(self) }
        }
    }

    /// Takes up a session; it is answered with `attached` or `notAttached`.
    func attach(_ session: HomeSession) {
        if session.wallet == .remote { playFromTheOperator() }
        // One that began before its platform played from an operator was not asked about.
        guard committer.wallet != nil, session.told == nil else { return takeUp(session) }
        vouch(for: session) { told in
            session.told = told
            self.takeUp(session)
        }
    }

    /// Asks the operator whether the token is the user's, and turns the session away if it is not.
    private func vouch(for session: HomeSession, _ done: @escaping (RemoteWallet.Told) -> Void) {
        guard let wallet = committer.wallet, loop.arrivals[key.realm, default: 0] < CasinoLimits.arrivalsMax else {
            turnAway(session, .walletAway(.start))
            if isIdle { loop.becameIdle(self) }
            return
        }
        loop.arrivals[key.realm, default: 0] += 1
        arrivals.append(session)
        wallet.authenticate(session) { result in
            self.loop.arrivals[self.key.realm, default: 0] -= 1
            // Or it has left meanwhile.
            if let index = self.arrivals.firstIndex(where: { $0 === session }) {
                self.arrivals.remove(at: index)
                switch result {
                case .success(let told): return done(told)
                case .failure(let error): self.turnAway(session, error)
                }
            }
            if self.isIdle { self.loop.becameIdle(self) }
        }
    }

    private func takeUp(_ session: HomeSession) {
        audience.add(session)
        submit(.attach(session))
    }

    /// The client may try again.
    private func turnAway(_ session: HomeSession, _ error: SessionError) {
        loop.reports.ended(session.registration, of: key)
        loop.notAttached(session.connection, error)
    }

    /// The session's socket is gone.
    func detach(_ connection: ConnectionID) {
        if let session = session(connection) { return submit(.detach(session)) }
        guard let index = arrivals.firstIndex(where: { $0.connection == connection }) else { return }
        loop.reports.ended(arrivals.remove(at: index).registration, of: key)
    }

    func submit(_ task: Task) {
        loop.pendingTasks += 1
        queue.submit(task)
        pump()
    }

    private func pump() {
        guard !isPumping, !isResting else { return }
        isPumping = true
        let began = loop.share.now
        while !loop.share.isSpent, let task = queue.next() {
            run(task)
            loop.share.ran(since: began)
        }
        isPumping = false
        if queue.hasNext {
            isResting = true
            loop.share.rest(self)
        }
        if isIdle { loop.becameIdle(self) }
    }

    /// Its rest is over.
    func goOn() {
        isResting = false
        pump()
    }

    /// The running task is done and told. `session` waits for an answer to a command.
    private func finish(_ session: HomeSession? = nil) {
        queue.finish()
        if let session { loop.completed(session.connection) }
        loop.taskDone()
        pump()
    }

    private func run(_ task: Task) {
        switch task {
        case .attach(let session):
            guard starts.admits(session) else { return finish() }
            ask(UserdataQuestion(session: session, subject: .start(isFirst: session.isFirst)))
        case .command(let session, let command):
            guard session.isAttached else {
                audience.fail(session, SessionError(.notStarted, "the session has not started", re: command.type))
                return finish(session)
            }
            perform(command, for: session)
        case .detach(let session):
            report()
            session.isAttached = false
            audience.remove(session)
            loop.reports.ended(session.registration, of: key)
            loop.topics.unsubscribeAll(session.connection)
            if sessions.isEmpty { idleSince = loop.now() }
            finish()
        case .mend(let denom):
            playFromTheOperator()  // or did so, when the stake was made
            heads.read(denom, initialCredits: 0) { _ in self.committer.wallet?.clear(denom) { _ in self.finish() } }
        case .refresh(let denom): refresh(denom) { self.finish() }
        case .settle(let denom, let wallet):
            if wallet == .remote { playFromTheOperator() }
            // The store has named the account, so it is there.
            heads.read(denom, initialCredits: 0) { account in
                guard account != nil else { return self.finish() }
                self.committer.clear(denom) { isClear in
                    if isClear { self.rounds.settle([denom]) { self.finish() } } else { self.finish() }
                }
            }
        case .tellOwed: tellOwed { self.finish() }
        case .adjust(let change, let answer): adjust(change, answer)
        case .ask(let question): put(question)
        case .answered(let question, let answer): read(for: question) { self.take(answer, to: question) }
        }
    }

    private func refresh(_ denom: String, _ done: @escaping () -> Void) {
        guard let wallet = committer.wallet, let session = sessions.first(where: { $0.denom == denom && $0.isAttached }) else { return done() }
        wallet.refresh(denom, site: session.site) { refreshed in
            if refreshed == .changed { self.audience.sendState { $0.denom == denom } }
            done()
        }
    }

    // MARK: After the store was away

    private func tellOwed(in pause: TimeAmount) {
        owedPause = pause
        loop.eventLoop.assumeIsolated().scheduleTask(in: pause) { [weak self] in self?.submit(.tellOwed) }
    }

    private func tellOwed(_ done: @escaping () -> Void) {
        guard let session = sessions.first(where: { $0.isOwedState && $0.isAttached }) else {
            owedPause = nil
            return done()
        }
        heads.read(session.denom, initialCredits: loop.site(of: session).initialCredits) { account in
            if account == nil {
                self.tellOwed(in: min(CasinoLimits.owedStatePause.most, (self.owedPause ?? .zero) * 2))
                return done()
            }
            self.audience.sendState { $0.denom == session.denom && $0.isOwedState }
            self.tellOwed(done)
        }
    }

    // MARK: Wallets elsewhere

    /// The operator's wallet has taken what was owed, or will be asked again. Not a turn of its own: a stake may wait for it.
    func walletTold(_ id: String, of denom: String, isPaid: Bool) {
        guard let wallet = committer.wallet, wallet.told(id, of: denom, isPaid: isPaid), !sessions.isEmpty else { return }
        submit(.refresh(denom))
    }

    private func adjust(_ change: Adjustment, _ answer: @escaping (Result<Adjusted, AdjustFailure>) -> Void) {
        // Credits made here would be credits that the operator does not have.
        guard !heads.isFollowing || change.movements.isEmpty && (change.opening ?? 0) == 0 else {
            answer(.failure(.keptElsewhere))
            return finish()
        }
        // Nobody would look for them there.
        guard heads.tellsOutside || change.keys.isEmpty && change.outbox.isEmpty else {
            answer(.failure(.keptInMemory))
            return finish()
        }
        heads.open(change.account.denom, initialCredits: change.opening) { error in
            if let error {
                answer(.failure(.unknown(error)))
                return self.finish()
            }
            var isOutOfRange = false
            self.heads.adjust(change.account.denom, { account in
                let transition = change.transition(account, now: self.loop.now())
                isOutOfRange = transition == nil
                return transition
            }) { result in
                if case .success(let adjusted) = result, !adjusted.isRepeated, !isOutOfRange { self.audience.sendState { $0.denom == change.account.denom } }
                answer(isOutOfRange ? .failure(.overflow) : result)
                self.finish()
            }
        }
    }

    private func perform(_ command: SessionCommand, for session: HomeSession) {
        heads.read(session.denom, initialCredits: loop.site(of: session).initialCredits) { account in
            guard account != nil else {
                self.audience.fail(session, .storeAway(command.type))
                return self.finish(session)
            }
            let done = { self.finish(session) }
            switch command {
            case .action(let name, let params, let sid): self.games.act(name, params, sid, for: session, done)
            case .load(let game): self.games.load(game, for: session, done)
            case .finish: self.games.leave(for: session, done)
            case .component(let which, let message):
                self.ask(UserdataQuestion(session: session, subject: .message(to: which, message)))
            }
        }
    }

    /// Tells the back office how the user's accounts stand, those that have changed since it heard of them.
    func report() {
        guard loop.reports.isOn else { return }
        for session in sessions where session.isAttached {
            let denom = loop.currency(of: session)
            guard let account = heads[session.denom], reported[denom] != account.version else { continue }
            let news = PlayerNews(
                playerID: session.registration?.player, denom: denom, credits: account.credits,
                userdata: audience.shownUserdata(session), at: loop.now())
            reported[denom] = account.version
            loop.reports.player(news, of: key) { isKept in
                if !isKept { self.reported[denom] = nil }
            }
        }
    }

    // MARK: What Lua decides

    /// Asks now, or when the questions before it are answered. Ends the turn.
    private func ask(_ question: UserdataQuestion) {
        if questions.enter(question) { return put(question) }
        queue.setAside()
        pump()
    }

    /// Asks. Ends the turn; the answer gets one of its own. What waited until its session was gone is not asked any more, but for what
    /// only stores data: the user's next session would wait for all of it.
    private func put(_ question: UserdataQuestion) {
        if case .message(let component, _) = question.subject, component != Self.storing, !audience.holds(question.session) {
            return end(question)
        }
        read(for: question) {
            let session = question.session
            let facts = SessionFacts(
                platform: self.key.realm, site: question.site, user: self.key.user, game: session.game?.game,
                credits: self.heads[session.denom]?.credits ?? 0, userdata: self.audience.shownUserdata(session))
            self.queue.setAside()
            let answered = { (answer: ComponentAnswer) in
                self.queue.takeUp(.answered(question, answer))
                self.pump()
            }
            switch question.subject {
            case .start(let isFirst): self.loop.scripts.attached(facts, isFirst: isFirst, answered)
            case .message(let component, let message): self.loop.scripts.component(component, facts, message, answered)
            }
            self.pump()
        }
    }

    /// Makes known what the question is about. Without success the question ends, and its session hears why.
    private func read(for question: UserdataQuestion, _ done: @escaping () -> Void) {
        let session = question.session
        userdata.read(question.site) { isKnown in
            switch question.subject {
            case .start where isKnown: done()
            case .start:
                self.starts.refuse(session, .storeAway(.start))
                self.end(question)
            case .message:
                self.heads.read(session.denom, initialCredits: self.loop.site(of: session).initialCredits) { account in
                    if isKnown, account != nil { return done() }
                    self.audience.fail(session, .storeAway(.component))
                    self.end(question)
                }
            }
        }
    }

    private func take(_ answer: ComponentAnswer, to question: UserdataQuestion) {
        switch question.subject {
        case .start: starts.welcome(question.session, answer) { self.end(question) }
        case .message(let component, _): answers.take(answer, of: component, for: question.session) { self.end(question) }
        }
    }

    /// The question is answered, stored and told; the next one about the same data may be asked.
    private func end(_ question: UserdataQuestion) {
        if let next = questions.leave(question.site) { queue.takeUp(.ask(next)) }
        if case .message = question.subject { finish(question.session) } else { finish() }
    }
}
