import NIOCore

/// When a client's connection sends a ping and when it is given up. A value; time comes from its owner.
struct ClientLiveness {
    enum Action: Equatable {
        /// Look again then.
        case wait(NIODeadline)
        /// Send a ping, look again then.
        case ping(NIODeadline)
        /// Nothing was heard for too long after a ping.
        case lost
    }

    private let interval: TimeAmount
    private let timeout: TimeAmount
    private var nextPing: NIODeadline
    /// Since when nothing was heard although a ping went out.
    private var unheardSince: NIODeadline?
    /// The consumer does not read: silence says nothing about the server.
    private var isPaused = false

    /// - Parameters:
    ///   - interval: Between pings; values below a millisecond count as one.
    ///   - timeout: Silence after a ping that ends the connection.
    init(interval: TimeAmount, timeout: TimeAmount, now: NIODeadline) {
        self.interval = max(interval, .milliseconds(1))
        self.timeout = max(timeout, .milliseconds(1))
        nextPing = now + self.interval
    }

    /// When to ask for the first time.
    var firstCheck: NIODeadline { nextPing }

    /// Bytes of any kind came in.
    mutating func heard() { unheardSince = nil }

    mutating func paused() { isPaused = true }

    /// Reading goes on. The server gets the whole time again: what it sent meanwhile has yet to be read.
    mutating func resumed(now: NIODeadline) {
        isPaused = false
        if unheardSince != nil { unheardSince = now }
    }

    mutating func check(now: NIODeadline) -> Action {
        if !isPaused, let since = unheardSince, now >= since + timeout { return .lost }
        let isPingDue = now >= nextPing
        if isPingDue {
            nextPing = now + interval
            if unheardSince == nil { unheardSince = now }
        }
        var next = nextPing
        if !isPaused, let since = unheardSince { next = min(next, since + timeout) }
        return isPingDue ? .ping(next) : .wait(next)
    }
}
