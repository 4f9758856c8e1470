/// When to connect, listen, wait and end, as a value: performs nothing and knows no clock.
struct ReconnectMachine {
    enum Event {
        case opened
        /// The connection did not come to be.
        case failed
        /// The connection was there and is gone.
        case ended
        /// The pause is over, or was cut short.
        case waited
    }

    enum Action: Equatable {
        case connect
        case listen
        case wait(Duration)
        case finish
    }

    /// Between the end of a connection, or an attempt, and the next attempt.
    private let pause: Duration
    /// Attempts since the last connection.
    private(set) var failures = 0
    private var isStopping = false

    init(pause: Duration) { self.pause = pause }

    /// What to do first.
    var first: Action { isStopping ? .finish : .connect }

    /// No more connections. One that is there is listened to until it ends: its last entries count.
    mutating func stop() { isStopping = true }

    /// What to do now.
    mutating func next(after event: Event) -> Action {
        switch event {
        case .opened:
            failures = 0
            return .listen
        case .failed:
            failures += 1
            return isStopping ? .finish : .wait(pause)
        case .ended: return isStopping ? .finish : .wait(pause)
        case .waited: return first
        }
    }

    /// Whether to speak of a failure now: of the first one, then about once a minute.
    var isFailureNews: Bool { failures % 30 == 0 }
}
