import Bytes
import Dispatch
import Synchronization

/// Values from other threads for a test that waits for them. Every wait ends by itself. Any thread.
public final class Letterbox<Value: Sendable>: Sendable {
    private struct Waiter {
        var number: Int
        var continuation: CheckedContinuation<Value?, Never>
    }

    private struct State {
        var values: [Value] = []
        var waiting: [Waiter] = []
        var number = 0
    }
    private let state = Lock(State())
    private let what: String

    /// - Parameter what: What comes in, in words for a wait that was in vain: "an event of the client".
    public init(_ what: String) { self.what = what }

    /// Adds a value, or hands it to who has waited longest.
    public func put(_ value: Value) {
        let waiter = state.withLock { state -> Waiter? in
            if state.waiting.isEmpty {
                state.values.append(value)
                return nil
            }
            return state.waiting.removeFirst()
        }
        waiter?.continuation.resume(returning: value)
    }

    /// The oldest value, when there is one.
    ///
    /// - Parameter what: What is waited for, if there is more to say than the letterbox does.
    /// - Throws: ``WaitedInVain``.
    @discardableResult
    public func next(_ what: String? = nil, within limit: Duration = Waiting.usual) async throws -> Value {
        guard let value = await take(limit: limit) else { throw WaitedInVain(what ?? self.what, limit) }
        return value
    }

    private func take(limit: Duration) async -> Value? {
        await withCheckedContinuation { continuation in
            let (value, number) = state.withLock { state -> (Value?, Int) in
                guard state.values.isEmpty else { return (state.values.removeFirst(), 0) }
                state.number += 1
                state.waiting.append(Waiter(number: state.number, continuation: continuation))
                return (nil, state.number)
            }
            if let value { return continuation.resume(returning: value) }
            DispatchQueue.global().asyncAfter(deadline: .now() + limit / .seconds(1)) { self.giveUp(number) }
        }
    }

    private func giveUp(_ number: Int) {
        let waiter = state.withLock { state in
            state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: nil)
    }

    /// What is there now.
    public func takeAll() -> [Value] {
        state.withLock { state in
            defer { state.values = [] }
            return state.values
        }
    }

    /// No value waits to be taken.
    public var isEmpty: Bool { state.withLock { $0.values.isEmpty } }
}
