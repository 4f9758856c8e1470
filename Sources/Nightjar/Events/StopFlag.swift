import Bytes
import Synchronization

/// A signal has come. Any thread.
final class StopFlag: Sendable {
    private let state = Lock(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}
