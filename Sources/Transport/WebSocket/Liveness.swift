/// When a connection was last heard of, and what follows from that: pings, and closing the idle and the lost. Works on
/// the ticks of the loop's timer wheel; its owner stores `lastHeard` at every read, which is all that traffic costs.
struct Liveness {
    enum Action: Equatable {
        /// Look again at this tick.
        case wait(UInt32)
        /// Send a ping, look again at this tick.
        case ping(UInt32)
        /// No message for the idle time: close.
        case idle
        /// No answer to a ping: the peer is gone.
        case lost
    }

    /// Ticks; 0: never.
    let idleTicks: UInt32
    let pingTicks: UInt32
    let pongTicks: UInt32
    /// Tick of the last bytes, of any kind.
    var lastHeard: UInt32
    /// Tick of the last message, or of another sign that the client is in use.
    var lastMessage: UInt32
    /// When the first ping since the last answer went out, and the latest one.
    private var unanswered: (first: UInt32, latest: UInt32)?

    init(idleTicks: UInt32, pingTicks: UInt32, pongTicks: UInt32, now: UInt32) {
        self.idleTicks = idleTicks
        self.pingTicks = pingTicks
        self.pongTicks = max(1, pongTicks)
        lastHeard = now
        lastMessage = now
    }

    /// Nil: nothing to look after.
    var firstCheck: UInt32? {
        var due: UInt32?
        if idleTicks > 0 { due = idleDue }
        if pingTicks > 0 { due = min(due ?? .max, lastHeard &+ pingTicks) }
        return due
    }

    /// One tick more: the message may have come at the end of its tick, and no connection is closed before its time.
    private var idleDue: UInt32 { lastMessage &+ idleTicks &+ 1 }

    mutating func check(now: UInt32) -> Action {
        if idleTicks > 0, now >= idleDue { return .idle }
        // A ping goes out only after a silence, so bytes in the ping's own tick came after it.
        if let sent = unanswered?.first, lastHeard >= sent { unanswered = nil }
        if let sent = unanswered?.first, now >= sent &+ pongTicks { return .lost }
        let isPingDue = pingTicks > 0 && now >= pingDue
        if isPingDue { unanswered = (first: unanswered?.first ?? now, latest: now) }

        var next = idleTicks > 0 ? idleDue : UInt32.max
        if let sent = unanswered?.first { next = min(next, sent &+ pongTicks) }
        if pingTicks > 0 { next = min(next, pingDue) }
        return isPingDue ? .ping(next) : .wait(next)
    }

    /// Pings go on while there is no answer: the time for the answer may be several intervals.
    private var pingDue: UInt32 { (unanswered?.latest ?? lastHeard) &+ pingTicks }
}
