import NIOCore

/// When an outgoing connection is opened, and when again: a value without sockets, clock or chance of its own.
///
///               open               opened
///     closed ─────────▶ connecting ───────▶ open
///                        ▲  │                │
///                    due │  │ failed         │ lost
///                        │  ▼                │
///                       waiting ◀────────────┘
///
/// `close` leads from everywhere to `closed`; without a policy so do `failed` and `lost`.
struct ClientMachine {
    enum State: String, CaseIterable {
        /// Nobody wants it to be open.
        case closed
        /// An attempt is under way.
        case connecting
        case open
        /// For the time of the next attempt.
        case waiting
    }

    private(set) var state = State.closed
    /// Attempts in a row that came to nothing.
    private(set) var failures = 0
    /// While waiting.
    private(set) var due: NIODeadline?
    /// Nil: it does not try again.
    private(set) var policy: ReconnectPolicy?
    private var series = ReconnectPolicy.Series()

    init(policy: ReconnectPolicy?) { self.policy = policy }

    /// It is wanted from now on. True: begin an attempt.
    mutating func open() -> Bool {
        guard state == .closed else { return false }
        series = .init()
        failures = 0
        state = .connecting
        return true
    }

    /// It is not wanted any more.
    mutating func close() {
        state = .closed
        due = nil
    }

    /// The attempt has led to a connection.
    mutating func opened() {
        guard state == .connecting else { return }
        state = .open
        failures = 0
        series = .init()
    }

    /// The attempt came to nothing, or the connection is gone.
    ///
    /// - Parameter random: 0 ..< 1, another one each time.
    /// - Returns: The pause before the next attempt; nil: there is none.
    mutating func ended(now: NIODeadline, random: Double) -> TimeAmount? {
        guard state == .connecting || state == .open else { return nil }
        if state == .connecting { failures += 1 }
        guard let policy else {
            close()
            return nil
        }
        let pause = TimeAmount.nanoseconds(Int64(series.pause(policy, random: random) * 1_000_000_000))
        state = .waiting
        due = now + pause
        return pause
    }

    /// The pause is over. True: begin an attempt.
    mutating func isDue() -> Bool {
        guard state == .waiting else { return false }
        state = .connecting
        due = nil
        return true
    }

    /// Another policy from now on. A pause under way gets no longer by it than a new one would be.
    mutating func use(_ policy: ReconnectPolicy?, now: NIODeadline) {
        self.policy = policy
        guard state == .waiting, let due else { return }
        guard let policy else { return close() }
        self.due = min(due, now + .nanoseconds(Int64(Swift.max(policy.max, policy.first) * 1_000_000_000)))
    }
}
