import Bytes
import Synchronization

/// Wall-clock time that stands still until a test moves it. Any thread.
///
/// Give it to a ``TestServer``: `nightjar.now()`, the times of games and the ends of stored keys follow it. Timers, `sleep` and
/// time limits do not: they are measured by the loops, which no test can move.
public final class ManualClock: Sendable {
    private let milliseconds: Lock<Int64>

    /// - Parameter now: Milliseconds since 1970; by default some day in November 2023.
    public init(now: Int64 = 1_700_000_000_000) { milliseconds = Lock(now) }

    /// Milliseconds since 1970.
    public var now: Int64 { milliseconds.withLock { $0 } }

    /// Moves the time, in milliseconds; backwards too, as clocks that are set do.
    public func advance(_ by: Int64) { milliseconds.withLock { $0 += by } }

    /// Sets the time, milliseconds since 1970.
    public func set(_ now: Int64) { milliseconds.withLock { $0 = now } }
}
