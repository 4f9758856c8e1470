import NIOCore

/// The part of a tick of the event loop that the homes of one casino loop may use for tasks that follow one another at once.
///
/// A task that ends with a commit gives the loop back by itself; one that is refused, or fails after a while in its engine, does not, and
/// a client can send thousands of those in one write. Whoever has used the share rests until the sockets were looked after. Loop-bound.
final class HomeShare {
    /// Time of one home's tasks in a row after which the others and the sockets come first. A task takes some 40 µs.
    private static let time = TimeAmount.milliseconds(2)
    /// The loop runs what is due before it looks after its sockets, so the rest must be longer than what is left to do in this tick.
    private static let pause = TimeAmount.milliseconds(1)

    private let eventLoop: any EventLoop
    private var resting: CircularBuffer<AccountHome> = []
    /// Nothing more begins in this tick.
    private(set) var isSpent = false

    init(on eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    var now: NIODeadline { eventLoop.now }

    /// A task of a home whose turn began then has run.
    func ran(since began: NIODeadline) {
        guard !isSpent, now - began >= Self.time else { return }
        isSpent = true
        renewLater()
    }

    /// The home goes on in a later tick, after those that rest already.
    func rest(_ home: AccountHome) { resting.append(home) }

    private func renewLater() {
        eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { [self] in
            isSpent = false
            while !isSpent, let home = resting.popFirst() { home.goOn() }
        }
    }
}
