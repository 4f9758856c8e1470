import Foundation
import Synchronization

/// How long tests wait.
public enum Waiting {
    /// The limit of every wait that names none. A wait ends as soon as what it is for is there, so this is not a measure of
    /// anything: it is long enough for a machine that is busy with other things, and short enough for somebody who waits.
    public static let usual = Duration.seconds(30)
}

/// What a test waited for did not come.
public struct WaitedInVain: Error, Sendable, CustomStringConvertible {
    /// What it was, in the test's words.
    public let what: String
    /// How long.
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
    _ what: String, within limit: Duration = Waiting.usual, _ condition: () async throws -> Bool
) async throws {
    _ = try await eventually(what, within: limit) { try await condition() ? true : nil }
}

/// Asks until `find` finds something. See ``eventually(_:within:_:)-swift.function``.
public func eventually<Value>(
    _ what: String, within limit: Duration = Waiting.usual, _ find: () async throws -> Value?
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

/// Waits for what a callback is given, but not for ever.
///
///     let account = try await answer("the account") { done in store.account(key, on: loop, done) }
///
/// - Parameter call: Begins the work and hands on the function that is to be called with its outcome, once, from any thread.
/// - Throws: ``WaitedInVain``.
public func answer<Value: Sendable>(
    _ what: String, within limit: Duration = Waiting.usual, _ call: (@escaping @Sendable (Value) -> Void) throws -> Void
) async throws -> Value {
    let box = Letterbox<Value>(what)
    try call { box.put($0) }
    return try await box.next(within: limit)
}

/// Waits for `work`, but not for ever: what is late goes on by itself and nobody hears of it.
///
/// - Throws: ``WaitedInVain``, or what `work` throws.
public func finishes<T: Sendable>(
    _ what: String, within limit: Duration = Waiting.usual, _ work: @escaping @Sendable () async throws -> T
) async throws -> T {
    let outcome = Letterbox<Result<T, any Error>>(what)
    Task {
        do { outcome.put(.success(try await work())) } catch { outcome.put(.failure(error)) }
    }
    return try await outcome.next(what, within: limit).get()
}
