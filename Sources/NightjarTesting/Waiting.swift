import Foundation
import Synchronization

/// What a test waited for did not come.
public struct WaitedInVain: Error, Sendable, CustomStringConvertible {
    /// What it was, in the test's words.
    public let what: String
    public let limit: Duration
    /// What was there instead, if the wait knows.
    public let instead: String?

    public init(_ what: String, _ limit: Duration, instead: String? = nil) {
        self.what = what
        self.limit = limit
        self.instead = instead
    }

    public var description: String {
        "waited \(limit) in vain for \(what)" + (instead.map { "; there was instead: \($0)" } ?? "")
    }
}

/// Asks until `condition` holds.
///
/// Between two questions it lets others run, for a millisecond at first and up to 20: whoever can be told (by an event, a
/// message, a reload) should wait for that instead.
///
/// - Throws: ``WaitedInVain``, or what `condition` throws.
public func eventually(
    _ what: String, within limit: Duration = .seconds(10), _ condition: () async throws -> Bool
) async throws {
    _ = try await eventually(what, within: limit) { try await condition() ? true : nil }
}

/// Asks until `find` finds something. See ``eventually(_:within:_:)-swift.function``.
public func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(10), _ find: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + limit
    var pause = Duration.milliseconds(1)
    while true {
        if let value = try await find() { return value }
        guard ContinuousClock.now < end else { throw WaitedInVain(what, limit) }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(20))
    }
}

/// Runs blocking work on a thread of its own, so that it holds up no other test.
public func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
}

/// Waits for `work`, but not for ever: what is late goes on by itself and nobody hears of it.
///
/// - Throws: ``WaitedInVain``, or what `work` throws.
public func finishes<T: Sendable>(
    _ what: String, within limit: Duration = .seconds(10), _ work: @escaping @Sendable () async throws -> T
) async throws -> T {
    let outcome = Letterbox<Result<T, any Error>>()
    Task {
        do { outcome.put(.success(try await work())) } catch { outcome.put(.failure(error)) }
    }
    return try await outcome.next(what, within: limit).get()
}
