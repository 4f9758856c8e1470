public import Host
public import LuaRuntime

/// One unit as it is now.
public struct UnitStatus: Sendable {
    public let unit: UnitID
    /// The running generation; nil if none ever started.
    public let generation: GenerationNumber?
    /// Why the last attempt failed; nil after a good one.
    public let error: ScriptError?
    /// Workers that run it, by index.
    public let workers: [Int]
    /// Files it was made from or looked for.
    public let files: [String]
}

/// The server cannot start with these scripts.
public struct StartFailure: Error, Sendable, CustomStringConvertible {
    public let problems: [Problem]

    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
