public import Bytes
import Synchronization
import NIOCore

/// The store of `--ephemeral`: everything in memory, gone at the end of the process. Same semantics as
/// `SQLiteStore`, except that only the latest `StoreLimits.memoryJournalEntries` journal entries are kept.
///
/// A change is made before the call returns, its answer comes at a later turn of the loop. The state is guarded by a
/// lock that is never held while anything is waited for or called back.
public final class MemoryStore: Store {
    private let state: Lock<MemoryState>
    let completions = Completions()
    private let clock: WallClock
    private let faults: StoreFaults?

    /// - Parameter bytes: Bound of all keys, values and sorted sets; beyond it writes are refused as `full`.
    public init(clock: @escaping WallClock = systemWallClock, faults: StoreFaults? = nil,
        bytes: Int = StoreLimits.memoryBytes) {
        state = Lock(MemoryState(bytesMax: bytes))
        self.clock = clock
        self.faults = faults
    }

    /// Runs `body` under the lock, then sends the answer on its way. A write passes the fault points of a transaction.
    func perform<Value: Sendable>(
        on loop: any EventLoop,
        _ done: @escaping StoreCallback<Value>,
        problem: StoreError? = nil,
        writes: Bool = true,
        _ body: (inout MemoryState, Int64) throws(StoreError) -> Value
    ) {
        let result = result(problem: problem, writes: writes, body)
        completions.add(loop) { done(result) }
    }

    func result<Value: Sendable>(
        problem: StoreError?, writes: Bool,
        _ body: (inout MemoryState, Int64) throws(StoreError) -> Value
    ) -> Result<Value, StoreError> {
        if let problem = problem ?? faults?.failure(at: .call) { return .failure(problem) }
        let now = clock()
        if writes, let faults {
            if let failure = faults.failure(at: .statement) ?? faults.failure(at: .commit) { return .failure(failure) }
        }
        let result = state.withLock { state -> Result<Value, StoreError> in
            guard !state.closed else { return .failure(StoreError(.closed)) }
            do throws(StoreError) { return .success(try body(&state, now)) } catch { return .failure(error) }
        }
        if writes, let failure = faults?.failure(at: .answer) { return .failure(failure) }
        return result
    }

    public func close() async {
        state.withLock { $0.closed = true }
    }
}
