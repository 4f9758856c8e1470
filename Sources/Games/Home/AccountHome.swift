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
/// Loop-bound. What is done in a turn is others': `SessionStarts`, `PlayerGames`, `RoundSettler`.
final class AccountHome {
    enum Task {
        case attach(HomeSession, profile: String)
        case command(HomeSession, SessionCommand)
        case detach(HomeSession)
        /// End rounds that stayed open too long.
        case settle
        /// A question that had to wait for another one may be asked.
        case ask(UserdataQuestion)
        /// Lua has answered it.
        case answered(UserdataQuestion, ComponentAnswer)
    }

    let key: UserKey
    private unowned let loop: CasinoLoop
    private let heads: AccountHeads
    private let userdata: UserdataKeeper
    private let audience: Audience
    private let games: PlayerGames
    private let rounds: RoundSettler
    private let starts: SessionStarts
    private var queue = TaskQueue<Task>()
    private var questions = UserdataLine()
    private var isPumping = false
    /// When the last session left, milliseconds since 1970.
    private(set) var idleSince: Int64 = 0

    init(key: UserKey, loop: CasinoLoop) {
        self.key = key
        self.loop = loop
        let shared = loop.shared
        heads = AccountHeads(of: key, in: shared.ledger, on: loop.eventLoop, logger: shared.logger)
        userdata = UserdataKeeper(of: key, in: shared.ledger, on: loop.eventLoop, logger: shared.logger)
        audience = Audience(of: key, on: loop, heads: heads, userdata: userdata)
        let committer = GameCommitter(on: loop, heads: heads, audience: audience)
        games = PlayerGames(on: loop, heads: heads, audience: audience, committer: committer)
        rounds = RoundSettler(on: loop, heads: heads, audience: audience, committer: committer)
        starts = SessionStarts(of: key, on: loop, heads: heads, userdata: userdata, audience: audience, rounds: rounds)
    }

    var sessions: [HomeSession] { audience.sessions }

    /// Nobody plays and nothing is under way.
    var isIdle: Bool { sessions.isEmpty && queue.isIdle }

    func session(_ connection: ConnectionID) -> HomeSession? { sessions.first { $0.connection == connection } }

    // MARK: The queue

    /// Takes up a session; it is answered with `attached` or `notAttached`.
    func attach(_ session: HomeSession, profile: String) {
        audience.add(session)
        submit(.attach(session, profile: profile))
    }

    func submit(_ task: Task) {
        loop.pendingTasks += 1
        queue.submit(task)
        pump()
    }

    private func pump() {
        guard !isPumping else { return }
        isPumping = true
        while let task = queue.next() { run(task) }
        isPumping = false
        if isIdle { loop.becameIdle(self) }
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
        case .attach(let session, let profile):
            starts.identify(session, profile: profile) { isFirst in
                guard let isFirst else { return self.finish() }
                self.ask(UserdataQuestion(session: session, subject: .start(isFirst: isFirst)))
            }
        case .command(let session, let command):
            guard session.isAttached else {
                audience.fail(session, SessionError(.notStarted, "the session has not started", re: command.type))
                return finish(session)
            }
            perform(command, for: session)
        case .detach(let session):
            session.isAttached = false
            audience.remove(session)
            if sessions.isEmpty { idleSince = loop.now() }
            finish()
        case .settle: rounds.settle(heads.denoms) { self.finish() }
        case .ask(let question): put(question)
        case .answered(let question, let answer): read(for: question) { self.take(answer, to: question) }
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

    // MARK: What Lua decides

    /// Asks now, or when the questions before it are answered. Ends the turn.
    private func ask(_ question: UserdataQuestion) {
        if questions.enter(question) { return put(question) }
        queue.setAside()
        pump()
    }

    /// Asks. Ends the turn; the answer gets one of its own.
    private func put(_ question: UserdataQuestion) {
        read(for: question) {
            let session = question.session
            let facts = SessionFacts(
                platform: self.key.realm, site: question.site, user: self.key.user, game: session.game?.game,
                credits: self.heads[session.denom]?.credits ?? 0, userdata: self.userdata[question.site])
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
        let session = question.session
        switch (question.subject, answer) {
        case (.start, _): starts.welcome(session, answer) { self.end(question) }
        case (.message, .failed(let code, let detail)):
            let known: SessionErrorCode = code == "unknown_component" ? .unknownComponent : .componentError
            audience.fail(session, SessionError(known, detail, re: .component))
            end(question)
        case (.message, .changes(nil)):
            audience.sendState(to: session)
            end(question)
        case (.message, .changes(.some(let wanted))):
            userdata.store(wanted, site: question.site) { isStored in
                if isStored {
                    self.audience.sendState { $0.site.id == question.site }
                } else {
                    self.audience.fail(session, .storeAway(.component))
                }
                self.end(question)
            }
        }
    }

    /// The question is answered, stored and told; the next one about the same data may be asked.
    private func end(_ question: UserdataQuestion) {
        if let next = questions.leave(question.site) { queue.takeUp(.ask(next)) }
        if case .message = question.subject { finish(question.session) } else { finish() }
    }
}
