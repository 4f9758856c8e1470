public import Host
public import LuaRuntime

/// One unit as it is now.
public struct UnitStatus: Sendable {
    public let unit: UnitID
    /// The running generation; nil if none runs.
    public let generation: GenerationNumber?
    /// Why the last attempt came to nothing and what it waits for; nil after a good one.
    public let pending: PendingReason?
    /// Workers that run it, by index.
    public let workers: [Int]
    /// Name of the listener that the running generation's routes live on.
    public let listener: String?
    /// Files it was made from or looked for.
    public let files: [String]

    /// Why the last attempt failed; nil after a good one.
    public var error: ScriptError? { pending?.error }
}

/// Nothing of the scripts could be loaded.
public struct StartFailure: Error, Sendable, CustomStringConvertible {
    public let problems: [Problem]

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
