public import NIOCore

/// What an operator or a test can set.
public struct CasinoConfiguration: Sendable {
    /// Development mode: pages hear of engine errors.
    public var debug = false
    /// Time a client has for its start message.
    public var startTimeout: TimeAmount = .seconds(30)
    /// A session without a message for so long is closed.
    public var sessionIdle: TimeAmount = .seconds(600)
    /// A round that stays open for so long is ended and paid, milliseconds (webingo protocol, section 5).
    public var roundOpenMax: Int64 = 24 * 60 * 60 * 1000
    /// Between two looks for such rounds.
    public var roundSweepInterval: TimeAmount = .hours(1)
    /// Folder with one folder per game, for their web files.
    public var gamesDirectory = "games"
    /// Name of the listener that serves players.
    public var listener = "main"

    public init() {}
}

/// Bounds of what the casino queues and keeps.
enum CasinoLimits {
    /// Sessions of one user at a time. Every change goes to all of them, so that more would let one client cause many
    /// messages with one.
    static let sessionsPerUser = 16
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
    /// Games with effective settings in memory, per worker; refilled when exceeded.
    static let cachedRules = 1_024
    /// Time-outs of components, see `RuntimeLimits.handlerMilliseconds`: their own bound is the host's.
    static let shownErrorBytes = 2_048
}
