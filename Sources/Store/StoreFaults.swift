import Bytes
import Synchronization

/// Failures to order, for tests: of this target and of those above it. Off unless given to a store. Any thread.
public final class StoreFaults: Sendable {
    /// Where a store can be made to fail.
    public enum Point: Int, Sendable, CaseIterable {
        /// A request arrives; nothing is done.
        case call
        /// One write within a transaction fails; the whole group is undone.
        case statement
        /// The transaction cannot be committed; the whole group is undone.
        case commit
        /// The transaction is durable, but the answer says `unavailable`: what a crash between the two looks like.
        case answer
    }

    private struct State {
        var countdown: [Point: Int] = [:]
        var times: [Point: Int] = [:]
        var counts: [Point: Int] = [:]
        var diskFull = false
    }

    private let state = Lock(State())

    public init() {}

    /// Makes the `n`-th (≥ 1) pass of `point` from now fail, and the `times - 1` after it.
    public func fail(_ point: Point, at n: Int, times: Int = 1) {
        state.withLock {
            $0.countdown[point] = n
            $0.times[point] = times
        }
    }

    /// While true every commit fails as on a full disk.
    public func setDiskFull(_ full: Bool) {
        state.withLock { $0.diskFull = full }
    }

    /// How often `point` was passed, failures included.
    public func count(_ point: Point) -> Int {
        state.withLock { $0.counts[point] ?? 0 }
    }

    /// Forgets all orders.
    public func clear() {
        state.withLock {
            $0.countdown = [:]
            $0.times = [:]
            $0.diskFull = false
        }
    }

    /// The failure ordered for this pass of `point`, if any.
    func failure(at point: Point) -> StoreError? {
        state.withLock { state in
            state.counts[point, default: 0] += 1
            if state.diskFull, point == .commit { return StoreError(.unavailable, "disk full (ordered)") }
            guard let left = state.countdown[point] else { return nil }
            if left > 1 {
                state.countdown[point] = left - 1
                return nil
            }
            let times = state.times[point] ?? 1
            state.times[point] = times - 1
            if times <= 1 { state.countdown[point] = nil }
            return StoreError(.unavailable, "\(point) (ordered)")
        }
    }
}
