import Bytes
import Dispatch
import Foundation
import Synchronization

/// The time that stopping may take, shared by its parts: one that does not come to its end keeps the next ones from waiting,
/// not the server from ending. Owned by the task that stops the server.
struct StopClock {
    /// Everything together: below the 10 s after which process managers kill.
    static let patience = Duration.seconds(9)
    /// Kept back for closing the store.
    private static let reserve = Duration.seconds(2)

    private let end = ContinuousClock.now + Self.patience
    /// Parts that were given up.
    private(set) var late: [String] = []

    /// Does one part, for so long at most. Once one was late the others are left out: what hangs is a loop, and they need it too.
    mutating func part(_ name: String, within patience: Duration, _ body: @escaping @Sendable () async -> Void) async {
        guard late.isEmpty else { return }
        let left = end - .now - Self.reserve
        if await !Self.within(min(patience, left), body) { late.append(name) }
    }

    /// Does the last part, late or not.
    mutating func last(_ name: String, _ body: @escaping @Sendable () async -> Void) async {
        if await !Self.within(Self.reserve, body) { late.append(name) }
    }

    /// False: `body` has not ended in time and was left to itself.
    static func within(_ patience: Duration, _ body: @escaping @Sendable () async -> Void) async -> Bool {
        await withCheckedContinuation { continuation in
            let race = Race(continuation)
            Task {
                await body()
                race.ends(true)
            }
            // Not a sleep of a task: the tasks' threads may be what hangs.
            let seconds = Double(patience.components.seconds) + Double(patience.components.attoseconds) / 1e18
            DispatchQueue.global().asyncAfter(deadline: .now() + max(0, seconds)) { race.ends(false) }
        }
    }

    /// Answers once.
    private final class Race: Sendable {
        private let waiting: Lock<CheckedContinuation<Bool, Never>?>

        init(_ continuation: CheckedContinuation<Bool, Never>) { waiting = Lock(continuation) }

        func ends(_ inTime: Bool) {
            waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }?.resume(returning: inTime)
        }
    }
}
