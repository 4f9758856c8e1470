import Bytes
import Dispatch
import Synchronization

/// Values from other threads for a test that waits for them. Any thread.
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

    public init() {}

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

    /// The oldest value, when there is one. The test's own time limit ends the wait.
    public func next() async -> Value {
        while true {
            if let value = await take(limit: nil) { return value }
        }
    }

    /// The oldest value, when there is one.
    ///
    /// - Throws: ``WaitedInVain``.
    public func next(_ what: String, within limit: Duration = .seconds(10)) async throws -> Value {
        guard let value = await take(limit: limit) else { throw WaitedInVain(what, limit) }
        return value
    }

    private func take(limit: Duration?) async -> Value? {
        await withCheckedContinuation { continuation in
            let (value, number) = state.withLock { state -> (Value?, Int) in
                guard state.values.isEmpty else { return (state.values.removeFirst(), 0) }
                state.number += 1
                state.waiting.append(Waiter(number: state.number, continuation: continuation))
                return (nil, state.number)
            }
            if let value { return continuation.resume(returning: value) }
            guard let limit else { return }
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

    public var isEmpty: Bool { state.withLock { $0.values.isEmpty } }
}
