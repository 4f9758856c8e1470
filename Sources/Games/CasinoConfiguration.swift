public import NIOCore

/// What an operator or a test can set.
public struct CasinoConfiguration: Sendable {
    /// Development mode: pages hear of engine errors.
    public var debug = false
    /// Time a client has for its start message.
    public var startTimeout: TimeAmount = .seconds(30)
    /// A session without a message for so long is closed.
    public var sessionIdle: TimeAmount = .seconds(600)
    /// A round that stays open for so long is ended, paid or voided as its game's manifest says, milliseconds (docs/writing-games.md).
    public var roundOpenMax: Int64 = 24 * 60 * 60 * 1000
    /// Between two looks for such rounds.
    public var roundSweepInterval: TimeAmount = .hours(1)
    /// Rounds, players and ends of sessions are told to the back office, through the outbox.
    public var reportsToBackOffice = false
    /// A player whose balance changes is told of so often (docs/casino-backoffice.md), and at the end of each session.
    public var playerReportInterval: TimeAmount = .seconds(30)
    /// The first look after a start, when the games are loaded.
    public var firstRoundSweep: TimeAmount = .seconds(10)
    /// Where ids and random keys of steps come from; a test may have it fail.
    public var entropy = Entropy.system
    /// Folder with one folder per game, for their web files.
    public var gamesDirectory = "games"
    /// Name of the listener that serves players.
    public var listener = "main"

    /// The wallets of operators, by the platform whose users play from them.
    public var wallets: [String: WalletSettings] = [:]

    public init() {}
}

/// Bounds of what the casino queues and keeps.
enum CasinoLimits {
    /// Sessions of one user at a time. Every change goes to all of them, so that more would let one client cause many
    /// messages with one.
    static let sessionsPerUser = 16
    /// Sessions of one loop's users that wait for an operator's word on their tokens: four for each connection that asks for it. More would
    /// only be told late that there is no answer. Anybody may claim to be anybody, so they count for the loop, not for the user; and for
    /// the platform, since an operator who does not answer shuts out his own players only.
    static let arrivalsMax = 256
    /// Commands of one session that wait for their answers before its socket is read no further.
    static let pendingPause = 32
    /// When reading goes on.
    static let pendingResume = 8
    /// Commands of one session that may wait at all: one socket read can bring this many after reading was stopped.
    /// Beyond, the session is closed.
    static let pendingMax = 4_096
    /// Users without a session that a worker keeps in memory, so that a reconnecting client costs no reading.
    static let idleUsers = 10_000
    /// And for how long, milliseconds.
    static let idleUserAge: Int64 = 10 * 60 * 1000
    /// Between two looks for users to forget.
    static let idleSweepInterval: TimeAmount = .seconds(30)
    /// Before the store is asked again for an account that it could not give, whose sessions wait for their state. Doubled each time
    /// up to the second figure: thousands may be waiting, and each attempt is a line of the log.
    static let owedStatePause: (first: TimeAmount, most: TimeAmount) = (.seconds(1), .seconds(8))
    /// Before the package `casino` is asked again for sites and wallets that it could not tell: it is busy, and a line of the log says so
    /// each time.
    static let askAgainPause: TimeAmount = .seconds(2)
    /// Open rounds that one look asks the store for at once, and the pause before the next ones, so that what a long pause of the
    /// server has left is ended beside the players' own actions: some 2,500 a second.
    static let overduePerRead = 256
    static let overduePause: TimeAmount = .milliseconds(100)
    /// A game or a site that rounds wait for is gone, and they are refunded, when this server has been without it for so long,
    /// milliseconds. Longer than a broken file or a silent back office stays unnoticed for a working day, and shorter than a day, so that
    /// it comes about on servers that are started anew each night.
    static let goneAfter: Int64 = 12 * 60 * 60 * 1000
    /// Of them, how many a worker remembers; refilled when exceeded, which has their rounds wait longer.
    static let missingPlaces = 1_024
    /// Games with effective settings in memory, per worker; refilled when exceeded.
    static let cachedRules = 1_024
    /// Bytes of an engine's error that pages are shown in development mode.
    static let shownErrorBytes = 2_048
}
