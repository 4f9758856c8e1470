import Synchronization

/// How many outgoing connections are in which state, over all packages and loops. Any thread.
package final class ClientCounts: Sendable {
    private let closed = Atomic<Int>(0)
    private let connecting = Atomic<Int>(0)
    private let open = Atomic<Int>(0)
    private let waiting = Atomic<Int>(0)

    init() {}

    func add(_ count: Int, _ state: ClientMachine.State) {
        switch state {
        case .closed: closed.add(count, ordering: .relaxed)
        case .connecting: connecting.add(count, ordering: .relaxed)
        case .open: open.add(count, ordering: .relaxed)
        case .waiting: waiting.add(count, ordering: .relaxed)
        }
    }

    /// By the name of the state, as `client:status()` has it.
    package var byState: [(state: String, count: Int)] {
        [
            ("closed", closed.load(ordering: .relaxed)), ("connecting", connecting.load(ordering: .relaxed)),
            ("open", open.load(ordering: .relaxed)), ("waiting", waiting.load(ordering: .relaxed)),
        ]
    }
}
