import Bytes
public import Host
public import LuaRuntime
import Synchronization

/// An error that a handler of a script raised.
public struct ScriptFailure: Sendable {
    /// Whose handler it was, and of which load.
    public let unit: UnitID
    public let generation: GenerationNumber
    public let error: ScriptError
}

/// Keeps the first 10,000: a script that fails for ever must not fill the test's memory.
final class ErrorList: Sendable {
    private let errors = Lock<[ScriptFailure]>([])

    func add(_ failure: ScriptFailure) {
        errors.withLock { if $0.count < 10_000 { $0.append(failure) } }
    }

    var all: [ScriptFailure] { errors.withLock { $0 } }
}
